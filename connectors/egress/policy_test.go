package egress

import (
	"context"
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

func TestPublicAddressesMayBeReached(t *testing.T) {
	for _, text := range []string{
		"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
		"172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
		"168.63.129.15", "168.63.129.17", "2001:200::1", "2600::1", "2a01:e0a::1", "2c0f::1", "::ffff:1.1.1.1",
	} {
		if what := objection(netip.MustParseAddr(text)); what != "" {
			t.Errorf("%s: %s", text, what)
		}
	}
}

func TestSpecialAddressesMayNotBeReached(t *testing.T) {
	var all []netip.Addr
	for _, text := range forbidden {
		a := netip.MustParseAddr(text)
		all = append(all, a, a.WithZone("eth0"))
		if a.Is4() {
			all = append(all, embedded(a)...)
		}
	}
	// The ends of every block.
	for _, s := range specials {
		first := s.block.Masked().Addr()
		last := first.AsSlice()
		for bit := s.block.Bits(); bit < first.BitLen(); bit++ {
			last[bit/8] |= 0x80 >> (bit % 8)
		}
		end, _ := netip.AddrFromSlice(last)
		all = append(all, first, end)
	}
	for _, a := range append(all, netip.Addr{}) {
		if objection(a) == "" {
			t.Errorf("%s may be reached", a)
		}
	}
}

func TestRefusalsTellTheOperatorWhatToDo(t *testing.T) {
	p, err := newPolicy(Options{AllowHTTP: []string{"Interne.Example.", "127.0.0.1", "[::1]"}, AllowAddresses: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ url, reason string }{
		{"https://agenda.example/x?jeton=1", ""},
		{"https://agenda.example:8443/", ""},
		{"http://interne.example:8080/", ""},
		{"http://INTERNE.example./", ""},
		{"http://127.0.0.1:5232/", ""},
		{"https://127.9.9.9/", ""},
		{"https://[::ffff:127.0.0.1]/", ""},
		{"http://agenda.example/", "http sans chiffrement refusé ; autorisez l'hôte par egress.hotes_http"},
		{"http://sous.interne.example/", "http sans chiffrement refusé ; autorisez l'hôte par egress.hotes_http"},
		{"https://10.0.0.1/", "adresse privée refusée : 10.0.0.1 ; autorisez-la par egress.adresses_autorisees"},
		{"https://[fd00::1]/", "adresse privée refusée : fd00::1 ; autorisez-la par egress.adresses_autorisees"},
		{"https://1.1.1.1/", "adresse IP au lieu d'un nom refusée : 1.1.1.1 ; autorisez-la par egress.adresses_autorisees"},
		{"https://moi:secret@agenda.example/", "identifiants dans l'adresse refusés"},
		{"https://moi@agenda.example/", "identifiants dans l'adresse refusés"},
		{"ftp://agenda.example/", "seul https est permis"},
		{"webcal://agenda.example/", "seul https est permis"},
		{"https:///chemin", "adresse sans hôte refusée"},
		{"mailto:a@agenda.example", "adresse sans hôte refusée"},
		{"https://127.1/", "nom d'hôte illisible"},
		{"https://0x7f000001/", "nom d'hôte illisible"},
		{"https://2130706433/", "nom d'hôte illisible"},
		{"https://a..example/", "nom d'hôte illisible"},
		{"https://./", "nom d'hôte illisible"},
		{"https://[fe80::1%25eth0]/", "adresse de lien local refusée"},
	} {
		u, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.target(u)
		refused, _ := errors.AsType[*Refused](err)
		switch {
		case c.reason == "" && err != nil:
			t.Errorf("%s: %v", c.url, err)
		case c.reason != "" && (refused == nil || refused.Reason != c.reason):
			t.Errorf("%s: got %v, want %s", c.url, err, c.reason)
		}
	}
}

func TestPortsAreFreeOnlyWhereConfigured(t *testing.T) {
	p, err := newPolicy(Options{AllowHTTP: []string{"interne.example"}, AllowAddresses: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		host, network, address string
		ok                     bool
	}{
		{"a.example", "tcp4", "1.1.1.1:443", true},
		{"a.example", "tcp6", "[2600::1]:8443", true},
		{"a.example", "tcp4", "1.1.1.1:80", false},
		{"a.example", "tcp4", "1.1.1.1:22", false},
		{"interne.example", "tcp4", "1.1.1.1:8080", true},
		{"interne.example", "tcp4", "10.2.0.1:8080", false},
		{"a.example", "tcp4", "10.1.2.3:5232", true},
		{"a.example", "tcp6", "[::ffff:10.1.2.3]:5232", true},
		{"a.example", "tcp4", "10.2.2.3:443", false},
		{"a.example", "udp4", "1.1.1.1:443", false},
		{"a.example", "unix", "/run/x", false},
		{"a.example", "tcp4", "", false},
	} {
		err := p.connection(c.host, c.network, c.address)
		if _, refused := errors.AsType[*Refused](err); refused == c.ok {
			t.Errorf("%s at %s %s: %v", c.host, c.network, c.address, err)
		}
	}
}

func TestOptionsThatCannotBeUnderstoodAreErrors(t *testing.T) {
	for _, o := range []Options{
		{AllowHTTP: []string{""}},
		{AllowHTTP: []string{"agenda.example:80"}},
		{AllowHTTP: []string{"http://agenda.example"}},
		{AllowHTTP: []string{"127.1"}},
		{AllowAddresses: []netip.Prefix{{}}},
	} {
		if client, err := New(o); err == nil || client != nil || !strings.HasPrefix(err.Error(), "egress: ") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func FuzzTarget(f *testing.F) {
	urls, _ := payloads("8000")
	for _, u := range append(urls, "https://agenda.example/x?y#z", "https://éàü.example:8443/", "https://a.example:99999/") {
		f.Add(u)
	}
	p, err := newPolicy(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := url.Parse(text)
		if err != nil {
			return
		}
		target, err := p.target(u)
		if err != nil {
			if _, refused := errors.AsType[*Refused](err); !refused {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		host := target.Hostname()
		if _, err := netip.ParseAddr(host); err == nil || target.Scheme != "https" || target.User != nil || host != strings.ToLower(host) {
			t.Errorf("%q leads to %s", text, target)
		}
		again, err := p.target(target)
		if err != nil || again.String() != target.String() {
			t.Errorf("%q is %s, then %v: %v", text, target, again, err)
		}
	})
}

func TestThisMachineIsNotReachedByItsPublicAddress(t *testing.T) {
	at := func(a string) net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(a)) }
	for _, c := range []struct {
		from, to string
		allowed  []netip.Prefix
		refused  bool
	}{
		{"9.9.9.9:40000", "9.9.9.9:443", nil, true},
		{"[2606:4700::1]:40000", "[2606:4700::1]:443", nil, true},
		{"[::ffff:9.9.9.9]:40000", "9.9.9.9:443", nil, true},
		{"9.9.9.9:40000", "9.9.9.10:443", nil, false},
		{"9.9.9.9:40000", "9.9.9.9:443", []netip.Prefix{netip.MustParsePrefix("9.9.9.9/32")}, false},
	} {
		err := (&policy{addresses: c.allowed}).connected("agenda.example.org", at(c.from), at(c.to))
		if _, refused := errors.AsType[*Refused](err); refused != c.refused {
			t.Errorf("from %s to %s: %v", c.from, c.to, err)
		}
	}
}

// Where the list of addresses would let it through, the connection itself shows that it goes nowhere else.
func TestNothingIsSentToThisMachine(t *testing.T) {
	var arrived atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived.Add(1) }))
	defer server.Close()
	client := mustClient(t, Options{
		AllowHTTP: []string{"ici.example.org"}, resolver: startNameServer(t, map[string][]netip.Addr{"ici.example.org": {here.Addr()}}),
		control: func(control) control {
			return func(context.Context, string, string, syscall.RawConn) error { return nil }
		},
	})
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	_, err := get(t, client, "http://ici.example.org:"+port+"/")
	if refused, ok := errors.AsType[*Refused](err); !ok || !strings.Contains(refused.Reason, "cette machine") || arrived.Load() != 0 {
		t.Errorf("%v, %d requests arrived", err, arrived.Load())
	}
}

// What is remembered of a spelling is that it was let through, and where it leads: nothing else of a URL, and not for ever.
func TestWhatWasLetThroughIsJudgedOnce(t *testing.T) {
	p, err := newPolicy(Options{AllowHTTP: []string{"agenda.example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	target := func(raw string) string {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if u, err = p.target(u); err != nil {
			return "refused"
		}
		return u.String()
	}
	for range 2 {
		for raw, want := range map[string]string{
			"https://Agenda.Example.org./a":      "https://agenda.example.org/a",
			"https://agenda.example.org/b":       "https://agenda.example.org/b",
			"http://agenda.example.org:81/b":     "http://agenda.example.org:81/b",
			"https://moi:mot@agenda.example.org": "refused",
			"http://ailleurs.example.org/":       "refused",
			"https://ailleurs.example.org/":      "https://ailleurs.example.org/",
			"ftp://agenda.example.org/":          "refused",
			"https://127.0.0.1/":                 "refused",
		} {
			if got := target(raw); got != want {
				t.Errorf("%s: %s", raw, got)
			}
		}
	}
	for i := range 3 * mostLet {
		target(fmt.Sprintf("https://h%d.example.org/", i))
	}
	if len(p.let) > mostLet {
		t.Errorf("%d are remembered", len(p.let))
	}
}
