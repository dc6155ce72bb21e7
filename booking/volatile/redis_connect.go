package volatile

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// What is lost is latency only, so waiting for it longer than that gains nothing.
const (
	dialTimeout = 500 * time.Millisecond
	callTimeout = 500 * time.Millisecond
	poolTimeout = time.Second
	longestWait = 20 * time.Millisecond // between two tries of what may be sent again: Get, Set, the greeting
)

// Connect makes a client from an address; it does not connect yet.
//
//	redis://user:password@host:6379/0                    one server
//	redis+sentinel://user:password@host1,host2/master?db=0   a server that Sentinels watch, by its name
//	redis+cluster://user:password@host1,host2            a Cluster, by some of its nodes
//
// With rediss in place of redis it speaks TLS. User, password, ports (6379, 26379 for a Sentinel) and db may be left
// out; Sentinels that want a password of their own get ?sentinel_user= and ?sentinel_password=.
func Connect(address string) (redis.UniversalClient, error) {
	o, err := options(address)
	if err != nil {
		return nil, err
	}
	return redis.NewUniversalClient(o), nil
}

// LogTo sends what go-redis has to say to the logger, at level Debug. It has one log for the whole process, so the
// program says this once, before it connects.
func LogTo(l *slog.Logger) { redis.SetLogger(printer{l}) }

type printer struct{ log *slog.Logger }

func (p printer) Printf(ctx context.Context, format string, v ...any) {
	p.log.DebugContext(ctx, "redis", "text", fmt.Sprintf(format, v...))
}

// options reads an address. Its errors never hold the address: there is a password in it.
func options(address string) (*redis.UniversalOptions, error) {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return nil, errors.New("volatile: the address of Redis has no scheme")
	}
	o := &redis.UniversalOptions{
		ContextTimeoutEnabled: true, // otherwise a deadline of the caller is not looked at
		DialTimeout:           dialTimeout,
		DialerRetries:         1,
		ReadTimeout:           callTimeout,
		WriteTimeout:          callTimeout,
		PoolTimeout:           poolTimeout,
		MaxRetryBackoff:       longestWait,
		PipelinePoolSize:      -1, // we send no pipelines
		DisableIdentity:       true,
		// The older protocol has no messages that nobody asked for, and every server speaks it.
		Protocol:                 2,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	family, kind, _ := strings.Cut(scheme, "+")
	switch family {
	case "redis":
	case "rediss":
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	default:
		return nil, errors.New("volatile: the address of Redis begins neither with redis nor with rediss")
	}
	// Several hosts are no URL; with one in their place the rest is.
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	login, hosts := "", authority
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		login, hosts = authority[:i+1], authority[i+1:]
	}
	u, err := url.Parse(family + "://" + login + "host" + tail)
	if err != nil || u.Fragment != "" {
		return nil, errors.New("volatile: the address of Redis is not a URL")
	}
	o.Username = u.User.Username()
	o.Password, _ = u.User.Password()
	path := strings.Trim(u.Path, "/")
	switch kind {
	case "":
		err = one(o, hosts, path, u.Query())
	case "sentinel":
		err = watched(o, hosts, path, u.Query())
	case "cluster":
		err = cluster(o, hosts, path, u.Query())
	default:
		err = errors.New("want redis, redis+sentinel or redis+cluster")
	}
	if err != nil {
		return nil, fmt.Errorf("volatile: the address of Redis: %w", err)
	}
	return o, nil
}

func one(o *redis.UniversalOptions, hosts, path string, q url.Values) error {
	if err := onlyParameters(q); err != nil {
		return err
	}
	if err := withHosts(o, hosts, "6379"); err != nil {
		return err
	}
	if len(o.Addrs) != 1 {
		return errors.New("several hosts: redis+sentinel or redis+cluster")
	}
	return withDB(o, path)
}

func watched(o *redis.UniversalOptions, hosts, path string, q url.Values) error {
	if err := onlyParameters(q, "db", "sentinel_user", "sentinel_password"); err != nil {
		return err
	}
	if path == "" {
		return errors.New("the name that the Sentinels watch is missing")
	}
	o.MasterName = path
	o.SentinelUsername, o.SentinelPassword = q.Get("sentinel_user"), q.Get("sentinel_password")
	if err := withHosts(o, hosts, "26379"); err != nil {
		return err
	}
	return withDB(o, q.Get("db"))
}

func cluster(o *redis.UniversalOptions, hosts, path string, q url.Values) error {
	if err := onlyParameters(q); err != nil {
		return err
	}
	if path != "" {
		return errors.New("a Cluster has one database only")
	}
	o.IsClusterMode = true
	return withHosts(o, hosts, "6379")
}

func onlyParameters(q url.Values, known ...string) error {
	left := len(q)
	for _, k := range known {
		if q.Has(k) {
			left--
		}
	}
	if left > 0 {
		return fmt.Errorf("unknown parameters; known are %q", known)
	}
	return nil
}

func withHosts(o *redis.UniversalOptions, hosts, defaultPort string) error {
	for h := range strings.SplitSeq(hosts, ",") {
		u, err := url.Parse("redis://" + h)
		if err != nil || u.Hostname() == "" || u.Host != h {
			return errors.New("a host is missing or cannot be understood")
		}
		port := u.Port()
		if port == "" {
			port = defaultPort
		}
		o.Addrs = append(o.Addrs, net.JoinHostPort(u.Hostname(), port))
	}
	return nil
}

func withDB(o *redis.UniversalOptions, text string) error {
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return errors.New("the number of the database cannot be understood")
	}
	o.DB = n
	return nil
}
