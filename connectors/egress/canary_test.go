package egress

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// forbidden are addresses that may not be reached, of every kind.
var forbidden = []string{
	"127.0.0.1", "127.0.0.2", "127.255.255.254", "0.0.0.0", "0.1.2.3",
	"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.1.1", "100.64.0.1", "100.127.255.254",
	"169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192", "169.254.0.1",
	"192.0.2.1", "198.51.100.7", "203.0.113.9", "192.0.0.8", "192.88.99.1", "198.18.0.1", "198.19.255.255",
	"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
	"::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "fd12:3456::1", "ff02::1", "100::1",
	"2001:db8::1", "3fff::1", "5f00::1", "2001:2::1", "2001:20::1", "4000::1", "64:ff9b:1::a00:1",
}

// embedded are the IPv6 addresses that stand for an IPv4 one, by way of a translator or a tunnel.
func embedded(v4 netip.Addr) []netip.Addr {
	b := v4.As4()
	var mapped, compatible, nat64, sixToFour, teredo [16]byte
	copy(mapped[10:], []byte{0xff, 0xff, b[0], b[1], b[2], b[3]})
	copy(compatible[12:], b[:])
	copy(nat64[:], []byte{0, 0x64, 0xff, 0x9b})
	copy(nat64[12:], b[:])
	copy(sixToFour[:], []byte{0x20, 0x02, b[0], b[1], b[2], b[3]})
	copy(teredo[:], []byte{0x20, 0x01, 0, 0, 65, 54, 227, 120})
	copy(teredo[12:], []byte{^b[0], ^b[1], ^b[2], ^b[3]})
	var list []netip.Addr
	for _, a := range [][16]byte{mapped, compatible, nat64, sixToFour, teredo} {
		list = append(list, netip.AddrFrom16(a))
	}
	return list
}

// spellings are the ways to write an IPv4 address in a URL.
func spellings(v4 netip.Addr) []string {
	b := v4.As4()
	n := binary.BigEndian.Uint32(b[:])
	fullWidth := strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r - '0' + '０'
		}
		return r
	}, v4.String())
	return []string{
		v4.String(), v4.String() + ".", fmt.Sprint(n), fmt.Sprintf("0x%x", n), fmt.Sprintf("0%o", n),
		fmt.Sprintf("0x%x.0x%x.0x%x.0x%x", b[0], b[1], b[2], b[3]), fmt.Sprintf("0%o.0%o.0%o.0%o", b[0], b[1], b[2], b[3]),
		fmt.Sprintf("%d.%d", b[0], n&0xffffff), fmt.Sprintf("%d.%d.%d", b[0], b[1], n&0xffff), fmt.Sprintf("%03d.%d.%d.%d", b[0], b[1], b[2], b[3]),
		fullWidth, strings.ReplaceAll(v4.String(), ".", "。"), fmt.Sprintf("[::ffff:%s]", v4), fmt.Sprintf("[::%s]", v4), fmt.Sprintf("[64:ff9b::%s]", v4),
	}
}

// payloads are URLs that must not lead to port, nor anywhere else. hosts are the names in them that resolve.
func payloads(port string) (urls, hosts []string) {
	for _, text := range forbidden {
		a := netip.MustParseAddr(text)
		forms := []netip.Addr{a}
		if a.Is4() {
			forms = append(forms, embedded(a)...)
			for _, s := range spellings(a) {
				urls = append(urls, "http://"+s+":"+port+"/", "https://"+s+"/")
			}
		}
		for _, form := range forms {
			host := named(form)
			hosts = append(hosts, host)
			urls = append(urls, "http://"+host+":"+port+"/", "https://"+host+"/", "https://"+host+".:8443/")
			if form.Is6() {
				urls = append(urls, "https://["+form.String()+"]:"+port+"/", "https://["+form.String()+"%25eth0]/")
			}
		}
		urls = append(urls, "https://public.example@"+bracketed(a)+":"+port+"/", "https://"+bracketed(a)+"#@public.example/", `https://public.example\@`+bracketed(a)+"/")
	}
	for _, scheme := range []string{"ftp", "gopher", "file", "unix", "ws", "dict", "ldap", "data", "javascript", "HTTP+unix", ""} {
		urls = append(urls, scheme+"://127.0.0.2:"+port+"/", scheme+":127.0.0.2:"+port)
	}
	urls = append(urls, "http://localhost:"+port+"/", "https://localhost/", "http://LOCALHOST.:"+port+"/", "https:///x", "https://:"+port+"/",
		"http:127.0.0.2:"+port, "//127.0.0.2:"+port, "https://①②⑦.⓪.⓪.②/", "https://[::1", "https://127.0.0.2%2f@public.example:"+port+"/", "https://127.0.0.2%00.example.org/")
	return urls, append(hosts, "localhost")
}

func bracketed(a netip.Addr) string {
	if a.Is6() {
		return "[" + a.String() + "]"
	}
	return a.String()
}

// canary is a server that nothing may reach, on a port of loopback. It also counts the connections that were
// about to be made elsewhere, and stops them: no test leaves this machine.
type canary struct {
	reached atomic.Int64
	port    string
}

func startCanary(t *testing.T) *canary {
	t.Helper()
	c := &canary{}
	c.port = serveAt(t, perch, func(http.ResponseWriter, *http.Request) { c.reached.Add(1) })
	return c
}

// The canary sits on perch; the honest server, that may be reached, is beside it.
var (
	perch  = netip.MustParseAddr("127.0.0.2")
	beside = netip.MustParseAddr("127.0.0.3")
)

// serveAt starts a server on one address of loopback and returns its port.
func serveAt(t *testing.T, a netip.Addr, h http.HandlerFunc) (port string) {
	t.Helper()
	listener, err := net.Listen("tcp", netip.AddrPortFrom(a, 0).String())
	if err != nil {
		t.Skipf("several loopback addresses are needed: %v", err)
	}
	server := httptest.NewUnstartedServer(h)
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	return port
}

var errStopped = errors.New("about to connect, stopped by the test")

// watch makes the options under which nothing but the judgement of addresses protects the canary: every name may
// be reached in clear at any port. With hook false that judgement is taken out.
func (c *canary) watch(hook bool) func(control) control {
	return func(next control) control {
		return func(ctx context.Context, network, address string, raw syscall.RawConn) error {
			if hook {
				if err := next(ctx, network, address, raw); err != nil {
					return err
				}
			}
			to := netip.MustParseAddrPort(address)
			if to.Addr() == beside || to.Addr() == perch && fmt.Sprint(to.Port()) == c.port {
				return nil // the canary counts for itself
			}
			c.reached.Add(1)
			return errStopped
		}
	}
}

// assault sends every payload directly, and through a redirection by a server that may be reached.
func assault(t *testing.T, hook bool) (sent int, reached int64) {
	c := startCanary(t)
	urls, hosts := payloads(c.port)
	port := serveAt(t, beside, func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Location"] = []string{r.URL.Query().Get("to")}
		w.WriteHeader(http.StatusFound)
	})
	client := mustClient(t, Options{
		AllowHTTP:      append(hosts, named(beside)),
		AllowAddresses: []netip.Prefix{netip.PrefixFrom(beside, 32)},
		control:        c.watch(hook),
		resolver:       startNameServer(t, nil),
	})
	for _, u := range urls {
		for _, address := range []string{u, "http://" + named(beside) + ":" + port + "/?to=" + url.QueryEscape(u)} {
			sent++
			before := c.reached.Load()
			response, err := get(t, client, address)
			if hook && (err == nil || c.reached.Load() != before) {
				t.Errorf("%s: got %v, error %v", address, response, err)
			}
		}
	}
	return sent, c.reached.Load()
}

// get refuses to take a URL that cannot be parsed for a success, and closes what it gets.
func get(t *testing.T, client *http.Client, address string) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(r)
	if err == nil {
		_ = response.Body.Close()
	}
	return response, err
}

func TestNoPayloadReachesTheCanary(t *testing.T) {
	sent, reached := assault(t, true)
	if sent < 400 || reached != 0 {
		t.Errorf("%d of %d reached it", reached, sent)
	}
	t.Logf("%d payloads", sent)
}

// Were this test to fail, the one above would prove nothing.
func TestWithoutTheJudgementOfAddressesManyReachTheCanary(t *testing.T) {
	sent, reached := assault(t, false)
	if reached < 100 {
		t.Errorf("only %d of %d", reached, sent)
	}
	t.Logf("%d of %d payloads", reached, sent)
}

func TestANameThatChangesItsMindDoesNotReachTheCanary(t *testing.T) {
	for _, hook := range []bool{true, false} {
		c := startCanary(t)
		port := serveAt(t, beside, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
		client := mustClient(t, Options{
			AllowHTTP:      []string{"change.example.org"},
			AllowAddresses: []netip.Prefix{netip.PrefixFrom(beside, 32)},
			control:        c.watch(hook),
			resolver:       startNameServer(t, map[string][]netip.Addr{"change.example.org": {beside, perch}}),
		})
		if _, err := get(t, client, "http://change.example.org:"+port+"/"); err != nil {
			t.Fatalf("the first address is allowed: %v", err)
		}
		_, err := get(t, client, "http://change.example.org:"+c.port+"/")
		if _, refused := errors.AsType[*Refused](err); refused != hook || (c.reached.Load() == 0) != hook {
			t.Errorf("hook %v: reached %d times, error %v", hook, c.reached.Load(), err)
		}
	}
}
