package events

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// SMTP is the server that takes our mail.
type SMTP struct {
	Host     string
	Port     int
	TLS      Encryption
	User     string         // none: the server knows us by our address
	Password string         // sent over TLS only
	Timeout  time.Duration  // of a whole mail, from the connection on; default 30 seconds, at most 90
	Roots    *x509.CertPool // who signs its certificate; nil means the system's
}

// Encryption is how a server is spoken to. Its value is its name in the configuration.
type Encryption string

// The ways.
const (
	StartTLS Encryption = "starttls" // and not at all where the server does not offer it
	TLS      Encryption = "tls"
	Plain    Encryption = "aucun" // a relay on the same machine or network; without a password
)

const (
	defaultMailTimeout = 30 * time.Second
	maxMailTimeout     = 90 * time.Second // less than the lease
)

// postError is why a message was not taken. It holds a stage and a code: servers repeat addresses in their texts.
type postError struct {
	stage     string
	code      int // of SMTP, or of HTTP; zero when the server did not answer
	enhanced  string
	cause     string // never a text of the server's
	permanent bool   // trying again is in vain
}

func (e *postError) Error() string {
	parts := []string{"events: message: " + e.stage}
	if e.code != 0 {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d %s", e.code, e.enhanced)))
	}
	if e.cause != "" {
		parts = append(parts, e.cause)
	}
	return strings.Join(parts, ": ")
}

type dial = func(ctx context.Context, network, address string) (net.Conn, error)

// newPost checks the settings and returns what sends a mail, each over a connection of its own: a server that is slow
// with one is slow with that one only. host is how we name ourselves.
func newPost(s SMTP, d dial, host string) (func(context.Context, *gomail.Msg) error, error) {
	if s.Timeout == 0 {
		s.Timeout = defaultMailTimeout
	}
	if s.Timeout < 0 || s.Timeout > maxMailTimeout {
		return nil, fmt.Errorf("events: the timeout of a mail is not between 0 and %v", maxMailTimeout)
	}
	if s.Host == "" {
		return nil, errors.New("events: the mail server has no name")
	}
	if s.TLS == Plain && s.User != "" {
		return nil, errors.New("events: a password is sent over TLS only")
	}
	if _, err := s.client(d, host); err != nil {
		return nil, fmt.Errorf("events: mail server: %w", err)
	}
	return func(ctx context.Context, m *gomail.Msg) error { return s.post(ctx, d, host, m) }, nil
}

func (s SMTP) config() *tls.Config {
	return &tls.Config{ServerName: s.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
}

func (s SMTP) client(d dial, host string) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.Port), gomail.WithTimeout(s.Timeout), gomail.WithHELO(host), gomail.WithTLSConfig(s.config()),
		gomail.WithDialContextFunc(d), gomail.WithoutNoop(),
	}
	switch s.TLS {
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLS, Plain: // the former by dial
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		return nil, errors.New("TLS is neither starttls, tls nor aucun")
	}
	if s.User != "" {
		options = append(options, gomail.WithUsername(s.User), gomail.WithPassword(s.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	return gomail.NewClient(s.Host, options...)
}

// post sends one mail. Its connection ends with it, whatever the library leaves of it, and with ctx.
func (s SMTP) post(ctx context.Context, d dial, host string, m *gomail.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	l := &line{dial: d, until: ctx, end: func() {}}
	defer func() { l.end() }()
	if s.TLS == TLS {
		l.secure = s.config()
	}
	client, err := s.client(l.open, host)
	if err != nil {
		return &postError{stage: "settings", cause: err.Error()}
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return greeting(err)
	}
	err = client.SendWithSMTPClient(session, m)
	if m.IsDelivered() { // what fails afterwards changes nothing of that
		_ = client.CloseWithSMTPClient(session)
		return nil
	}
	return refused(err)
}

// line is the connection of one mail.
type line struct {
	dial   dial
	until  context.Context // of the whole mail; the library's own ends once it is connected
	secure *tls.Config     // nil: as it is dialled
	end    func()
}

func (l *line) open(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := l.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(l.until, func() { _ = conn.Close() })
	l.end = func() {
		stop()
		_ = conn.Close()
	}
	if l.secure == nil {
		return conn, nil
	}
	secure := tls.Client(conn, l.secure)
	return secure, secure.HandshakeContext(ctx)
}

// greeting is an error before the mail was spoken of: the server's, or ours with it, and nobody's fault who is written
// to. So it passes, however definite it sounds.
func greeting(err error) error {
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return &postError{stage: "connect", code: answer.Code}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		return &postError{stage: "connect", cause: op.Err.Error()}
	}
	return &postError{stage: "connect", cause: err.Error()}
}

// refused tells a server's no from its not now. No to the sender is about us, and is mended; no to the recipient or to
// the content stays no.
func refused(err error) error {
	p := &postError{stage: "send"}
	e, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return p
	}
	p.code, p.enhanced = e.ErrorCode(), e.EnhancedStatusCode()
	switch e.Reason {
	case gomail.ErrSMTPMailFrom:
		p.stage = "sender"
	case gomail.ErrSMTPRcptTo:
		p.stage, p.permanent = "recipient", p.code >= 500
	case gomail.ErrSMTPData, gomail.ErrSMTPDataClose, gomail.ErrWriteContent:
		p.stage, p.permanent = "content", p.code >= 500
	}
	return p
}
