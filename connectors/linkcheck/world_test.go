//go:debug x509usefallbackroots=1

package linkcheck

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"passerelle/connectors/all"
	"passerelle/connectors/egress"
)

// The tests go through the real client of package egress, a DNS server and web servers on loopback, and certificates
// of an authority that the process trusts alone. Names say how they behave; see answerName and certificateFor.

var (
	authority = newAuthority()
	stranger  = newAuthority()
)

func TestMain(m *testing.M) {
	pool := x509.NewCertPool()
	pool.AddCert(authority.certificate)
	x509.SetFallbackRoots(pool)

	names, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { serveNames(names) })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", names.LocalAddr().String())
	}}
	code := m.Run()
	_ = names.Close()
	serving.Wait()
	os.Exit(code)
}

func serveNames(conn net.PacketConn) {
	buffer := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		var question dnsmessage.Message
		if question.Unpack(buffer[:n]) != nil || len(question.Questions) != 1 {
			continue
		}
		out := answerName(question)
		if packed, err := out.Pack(); err == nil {
			_, _ = conn.WriteTo(packed, from)
		}
	}
}

// answerName gives every name the address of this machine, but for those that say something else.
func answerName(m dnsmessage.Message) dnsmessage.Message {
	q := m.Questions[0]
	out := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true},
		Questions: m.Questions,
	}
	address := [4]byte{127, 0, 0, 1}
	switch name := q.Name.String(); {
	case strings.Contains(name, "inexistant"):
		out.RCode = dnsmessage.RCodeNameError
		return out
	case strings.Contains(name, "dns-en-panne"):
		out.RCode = dnsmessage.RCodeServerFailure
		return out
	case strings.Contains(name, "prive"):
		address = [4]byte{10, 0, 0, 1}
	}
	if q.Type == dnsmessage.TypeA {
		out.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
			Body:   &dnsmessage.AResource{A: address},
		}}
	}
	return out
}

// issuer signs certificates.
type issuer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority() issuer {
	key := newKey()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "Autorité d'essai"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		panic(err)
	}
	return issuer{certificate, key}
}

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

// certificateFor makes a certificate that is good, or wrong as the name says.
func certificateFor(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name, key := hello.ServerName, newKey()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	by := authority
	switch {
	case strings.HasPrefix(name, "expire."):
		template.NotAfter = time.Now().Add(-time.Hour)
	case strings.HasPrefix(name, "autre-nom."):
		template.DNSNames = []string{"ailleurs.example.org"}
	case strings.HasPrefix(name, "auto-signe."):
		by = issuer{template, key}
	case strings.HasPrefix(name, "autorite-inconnue."):
		by = stranger
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, by.certificate, &key.PublicKey, by.key)
	return &tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, err
}

// asked is a request as the servers saw it, at the instant of the world's clock.
type asked struct {
	method, address string
	at              time.Time
}

// world is the web: pages by address, and a clock that only moves when somebody sleeps.
type world struct {
	t      *testing.T
	pages  map[string]http.HandlerFunc // by address; "/robots.txt" and what is not here answer 404
	client *http.Client

	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
	log   []asked
}

func newWorld(t *testing.T, pages map[string]http.HandlerFunc, o egress.Options) *world {
	t.Helper()
	w := &world{t: t, pages: pages, now: time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)}
	plain := httptest.NewServer(w.serve("http"))
	t.Cleanup(plain.Close)
	secure := httptest.NewUnstartedServer(w.serve("https"))
	secure.TLS = &tls.Config{GetCertificate: certificateFor}
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)

	o.AllowAddresses = append(o.AllowAddresses, netip.MustParsePrefix("127.0.0.0/8"))
	client, err := egress.New(o)
	if err != nil {
		t.Fatal(err)
	}
	client.Transport = ports{client.Transport, map[string]string{"http": portOf(t, plain.URL), "https": portOf(t, secure.URL)}}
	t.Cleanup(client.CloseIdleConnections)
	w.client = client
	return w
}

func portOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

// ports puts the ports of the world's servers in place of 80 and 443.
type ports struct {
	http.RoundTripper
	of map[string]string
}

func (p ports) RoundTrip(q *http.Request) (*http.Response, error) {
	out := q.Clone(q.Context())
	out.URL.Host = net.JoinHostPort(q.URL.Hostname(), p.of[q.URL.Scheme])
	answer, err := p.RoundTripper.RoundTrip(out)
	if answer != nil {
		answer.Request = q
	}
	return answer, err
}

func (w *world) serve(scheme string) http.HandlerFunc {
	return func(rw http.ResponseWriter, q *http.Request) {
		host, _, _ := net.SplitHostPort(q.Host)
		address := scheme + "://" + host + q.URL.RequestURI()
		w.mu.Lock()
		w.log = append(w.log, asked{q.Method, address, w.now})
		w.mu.Unlock()
		if !strings.HasPrefix(q.UserAgent(), Agent+"/") {
			w.t.Errorf("%s was asked for by %q: robots.txt is read for somebody else", address, q.UserAgent())
		}
		if page := w.pages[address]; page != nil {
			page(rw, q)
			return
		}
		http.NotFound(rw, q)
	}
}

func (w *world) options() Options {
	return Options{Client: w.client, Registry: all.Registry(), Now: w.clock, Sleep: w.sleep}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) sleep(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.slept = append(w.slept, d)
	w.now = w.now.Add(d)
	return ctx.Err()
}

// requests are those that were made, "METHOD address" each.
func (w *world) requests() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := make([]string, len(w.log))
	for i, a := range w.log {
		list[i] = a.method + " " + a.address
	}
	return list
}

// check gives the results by link.
func (w *world) check(links ...string) map[string]Result {
	w.t.Helper()
	results := map[string]Result{}
	err := Check(w.t.Context(), w.options(), links, func(r Result, _ int) error {
		results[r.Link] = r
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return results
}

// Pages.

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

func redirect(code int, to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(code)
	}
}

// byMethod answers HEAD in one way and GET in another.
func byMethod(head, get http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		if q.Method == http.MethodHead {
			head(w, q)
			return
		}
		get(w, q)
	}
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// silence answers nothing until the client gives up.
func silence(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() }

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
