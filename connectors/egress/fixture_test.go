package egress

import (
	"crypto/x509"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"testing"

	"passerelle/internal/testservers"
)

func startNameServer(t *testing.T, answers map[string][]netip.Addr) *net.Resolver {
	t.Helper()
	return testservers.StartNameServer(t, answers)
}

func named(a netip.Addr) string { return testservers.Named(a) }

var here = netip.MustParsePrefix("127.0.0.1/32")

// local is the client that most tests use, and a server on loopback that it may reach, over http, as
// "agenda.example.org" and "ailleurs.example.org".
func local(t *testing.T, o Options, h http.HandlerFunc) (client *http.Client, agenda, elsewhere string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	loopback := []netip.Addr{here.Addr()}
	o.resolver = startNameServer(t, map[string][]netip.Addr{"agenda.example.org": loopback, "ailleurs.example.org": loopback, "example.com": loopback})
	o.AllowHTTP = append(o.AllowHTTP, "agenda.example.org", "ailleurs.example.org")
	o.AllowAddresses = append(o.AllowAddresses, here)
	client = mustClient(t, o)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	return client, "http://agenda.example.org:" + port, "http://ailleurs.example.org:" + port
}

// asked is the only server that a client has asked.
func asked(t *testing.T, client *http.Client) *server {
	t.Helper()
	list := slices.Collect(maps.Values(client.Transport.(*transport).servers.byName))
	if len(list) != 1 {
		t.Fatalf("%d servers were asked", len(list))
	}
	return list[0]
}

func mustClient(t *testing.T, o Options) *http.Client {
	t.Helper()
	client, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// trust makes client accept the certificate of a test server, which is for example.com.
func trust(client *http.Client, server *httptest.Server) {
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	base := client.Transport.(*transport).wire.base
	base.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	base.TLSClientConfig.RootCAs = pool
}
