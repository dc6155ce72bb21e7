package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"passerelle/config"
	"passerelle/internal/held"
	"passerelle/internal/testservers"
)

// canary is what may not be reached: a door on several addresses of loopback. It counts who knocks, whatever is said then.
type canary struct {
	port    string
	knocked atomic.Int64
}

// perches are where the canary sits; honest is beside it, and may be reached.
var (
	perches = []string{"127.0.0.1", "127.0.0.2", "127.0.0.53", "127.1.2.3", "127.127.127.127", "127.255.255.254", "::1"}
	honest  = netip.MustParseAddr("127.0.0.3")
)

// impostor is where the DNS of a known software leads to.
const impostor = "127.0.0.77"

func startCanary(t *testing.T) *canary {
	t.Helper()
	c := &canary{port: "0"}
	for _, perch := range perches {
		c.listen(t, net.JoinHostPort(perch, c.port))
	}
	return c
}

func (c *canary) listen(t *testing.T, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Skipf("several addresses of loopback are needed, and a port of the web: %v", err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	if c.port == "0" {
		_, c.port, _ = net.SplitHostPort(listener.Addr().String())
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			c.knocked.Add(1)
			_ = conn.Close()
		}
	}()
}

// payloads are addresses that lead to the canary, or would where a program is careless, and the names in them.
func payloads(port string) (addresses, names []string) {
	for i, perch := range append(perches, "0.0.0.0", "::") {
		a := netip.MustParseAddr(perch)
		fickle := fmt.Sprintf("change-%d.example.org", i)
		hosts := []string{testservers.Named(a), strings.ToUpper(testservers.Named(a)), testservers.Named(a) + ".", fickle}
		names = append(names, testservers.Named(a), fickle)
		if a.Is4() {
			mapped := testservers.Named(netip.AddrFrom16(a.As16()))
			names = append(names, mapped)
			hosts = append(append(hosts, mapped), spellings(a)...)
		} else {
			hosts = append(hosts, "["+perch+"]", "[::ffff:127.0.0.2]", "[::1%25lo]")
		}
		for _, host := range hosts {
			addresses = append(addresses, "http://"+host+":"+port+"/a", "https://"+host+":"+port+"/a")
		}
		for _, scheme := range []string{"webcal", "ftp", "gopher", "file", "unix", "//", "HTTPS"} {
			addresses = append(addresses, scheme+"://"+testservers.Named(a)+":"+port+"/a")
		}
		addresses = append(addresses, "https://public.example.org@"+testservers.Named(a)+":"+port+"/a", "https://"+testservers.Named(a)+":"+port+"#@public.example.org/")
	}
	return append(addresses, "http://localhost:"+port+"/a"), append(names, "localhost")
}

// spellings are the ways to write an IPv4 address.
func spellings(a netip.Addr) []string {
	b := a.As4()
	n := binary.BigEndian.Uint32(b[:])
	return []string{
		a.String(), a.String() + ".", fmt.Sprint(n), fmt.Sprintf("0x%x", n), fmt.Sprintf("0%o", n), fmt.Sprintf("0x%x.0x%x.0x%x.0x%x", b[0], b[1], b[2], b[3]),
		fmt.Sprintf("0%o.0%o.0%o.0%o", b[0], b[1], b[2], b[3]), fmt.Sprintf("%d.%d", b[0], n&0xffffff), fmt.Sprintf("%d.%d.%d", b[0], b[1], n&0xffff),
		strings.ReplaceAll(a.String(), ".", "。"), "[::ffff:" + a.String() + "]", "[::" + a.String() + "]",
	}
}

// world is a machine whose names lie, a server that leads on, and the canary.
type world struct {
	canary *canary
	leader string // URL of the server that leads on
	config config.Config
	x      *terminal
}

// openWorld judges addresses or, with judged false, allows all those of the canary: that is the dialer's check taken out.
func openWorld(t *testing.T, judged bool) *world {
	t.Helper()
	w := &world{canary: startCanary(t), x: newTerminal(t)}
	answers := map[string][]netip.Addr{
		"localhost": {netip.MustParseAddr("127.0.0.2")}, "www.rdv-solidarites.fr": {netip.MustParseAddr(impostor)},
	}
	for i := range len(perches) + 2 {
		answers[fmt.Sprintf("change-%d.example.org", i)] = []netip.Addr{honest, netip.MustParseAddr("127.0.0.2")}
	}
	was := net.DefaultResolver
	net.DefaultResolver = testservers.StartNameServer(t, answers)
	t.Cleanup(func() { net.DefaultResolver = was })

	listener, err := net.Listen("tcp", netip.AddrPortFrom(honest, 0).String())
	if err != nil {
		t.Skipf("several addresses of loopback are needed: %v", err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(leadOn))
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	w.leader = "http://" + testservers.Named(honest) + ":" + port

	if w.config, err = w.x.program(&held.Text{}, &held.Text{}).configuration(""); err != nil {
		t.Fatal(err)
	}
	w.config.Sources = []string{w.x.file("lieux.csv", somePlaces)}
	_, names := payloads(w.canary.port)
	w.config.Egress.HTTPHosts = append(names, testservers.Named(honest))
	w.config.Egress.AllowedAddresses = []netip.Prefix{netip.PrefixFrom(honest, 32)}
	if !judged {
		for _, block := range []string{"127.0.0.0/8", "0.0.0.0/32", "::/127"} {
			w.config.Egress.AllowedAddresses = append(w.config.Egress.AllowedAddresses, netip.MustParsePrefix(block))
		}
	}
	return w
}

// leadOn leads where the path says: by a redirection, or as a calendar server by an href.
func leadOn(w http.ResponseWriter, r *http.Request) {
	_, rest, _ := strings.Cut(r.URL.Path, "/")
	how, where, _ := strings.Cut(rest, "/")
	where, _, _ = strings.Cut(where, "/")
	to, _ := hex.DecodeString(where)
	property := map[string]string{
		"compte":  "<d:current-user-principal><d:href>%s</d:href></d:current-user-principal>",
		"dossier": "<c:calendar-home-set><d:href>%s</d:href></c:calendar-home-set>",
	}[how]
	switch {
	case how == "redirige":
		w.Header()["Location"] = []string{string(to)}
		w.WriteHeader(http.StatusFound)
	case property != "" && r.Method == "PROPFIND":
		w.WriteHeader(http.StatusMultiStatus)
		fmt.Fprintf(w, `<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:response><d:href>/</d:href><d:propstat><d:prop>`+property+
			`</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>`, strings.ReplaceAll(string(to), "&", "&amp;"))
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// led is an address of the server that leads on to another.
func (w *world) led(how, to string) string {
	return w.leader + "/" + how + "/" + hex.EncodeToString([]byte(to)) + "/"
}
