package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
	"passerelle/booking/ledger"
	"passerelle/booking/volatile"
	"passerelle/internal/testservers"
)

// house is the pages with a real ledger, and a real provider where a test asks for one.
type house struct {
	t        *testing.T
	url      string
	ledger   *ledger.Ledger
	desk     *signin.Desk
	provider *testservers.OIDCServer
	ahead    time.Duration // of the real clock, by which the provider goes
	log      *bytes.Buffer

	mu     sync.Mutex
	sent   []sentLink
	noMail error
	full   bool // no address is sent any more
	asked  []string
	secret []string // tokens and cookies, which are in no log
}

type sentLink struct{ to, link, who, place string }

// newHouse has the places lieu-1, whose address is published, and lieu-2, which publishes another; and lieu-3 none.
func newHouse(t *testing.T, withProvider bool, change func(*Options)) *house {
	t.Helper()
	h := &house{t: t, log: new(bytes.Buffer)}
	clock := func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return time.Now().Add(h.ahead) }
	var err error
	h.ledger, err = ledger.Open(t.Context(), ledger.Options{Path: filepath.Join(t.TempDir(), "registre.db"), Keys: [][]byte{make([]byte, 32)}, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.ledger.Close() })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.url = "http://" + listener.Addr().String()
	o := Options{
		Service: &booking.Service{}, Register: register{}, Connections: register{}, Calendars: h.ledger, Codes: Codes{Called: h.ledger.Called, Allow: func(_ context.Context, account, start string) bool {
			h.asked = append(h.asked, "code "+account+" "+start)
			return !h.full
		}}, Evenings: h.ledger, Requests: &requests{}, Read: func(string, time.Time) (string, error) { return "", booking.Missing() }, Place: place,
		Consents: consents{}, ConsentLink: func(agenda string) string { return "/consentement/" + agenda }, ReadPerson: func(string, time.Time) (string, error) { return "", booking.Missing() }, ReadConsent: func(string, time.Time) (string, error) { return "", booking.Missing() },
		Public: h.url, Now: clock, Logger: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		SignIn: SignIn{
			Operator: "exploitant@exemple.fr", SendLink: h.send, Allow: func(_ context.Context, p signin.Purpose, asker, to string) bool {
				h.asked = append(h.asked, string(p)+" "+asker+" "+to)
				return !h.full
			},
			SendPlaceLink: func(_ context.Context, to, link, who, place string) error {
				return h.keep(sentLink{to, link, who, place})
			},
		},
	}
	desk := signin.Options{
		Store: h.ledger, ByMail: true, Key: make([]byte, 32), Replays: volatile.NewMemory(clock, volatile.Limits{}), Now: clock, Random: rand.Reader,
		Publishes: func(id, address string) bool {
			return slices.ContainsFunc([]string{"lieu-1", "lieu-2"}, func(p string) bool { return (id == "" || id == p) && slices.Contains(place(p).Emails, address) })
		},
	}
	if withProvider {
		h.provider = testservers.StartOIDC(t, h.url+"/connexion/retour", testservers.OIDCLogoutTo(h.url+"/connexion"))
		desk.Provider, err = signin.NewProvider(signin.ProviderOptions{
			Issuer: h.provider.Issuer, ID: h.provider.ClientID, Secret: h.provider.ClientSecret, Name: "ProConnect", Signed: true,
			Back: h.url + "/connexion/retour", Home: h.url + "/connexion", HTTP: &http.Client{Timeout: time.Minute}, Now: clock,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if h.desk, err = signin.New(desk); err != nil {
		t.Fatal(err)
	}
	o.SignIn.Desk = h.desk
	if change != nil {
		change(&o)
	}
	handler, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
	server.Start()
	t.Cleanup(func() {
		server.Close()
		for _, secret := range append(h.secret, "exemple.fr", "Camille", "code=") {
			if strings.Contains(h.log.String(), secret) {
				t.Errorf("the log has %q:\n%s", secret, h.log)
			}
		}
	})
	return h
}

func place(id string) *booking.Place {
	switch id {
	case "lieu-1":
		return &booking.Place{ID: id, Name: "Médiathèque", Commune: "Eurre", Emails: []string{"accueil@lieu-1.exemple.fr"}}
	case "lieu-2":
		return &booking.Place{ID: id, Name: "Mairie", Commune: "Die", Emails: []string{"pas une adresse", "accueil@lieu-2.exemple.fr", "Accueil@lieu-2.exemple.fr", "mairie@lieu-2.exemple.fr"}}
	case "lieu-3":
		return &booking.Place{ID: id, Name: "Café", Commune: "Crest"}
	}
	return nil
}

func (h *house) send(_ context.Context, to, link string) error {
	return h.keep(sentLink{to: to, link: link})
}

func (h *house) keep(l sentLink) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.secret = append(h.secret, l.link[strings.LastIndexByte(l.link, '/')+1:])
	if h.noMail == nil {
		h.sent = append(h.sent, l)
	}
	return h.noMail
}

// last is the last link that was sent, as a path.
func (h *house) last() sentLink {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.sent) == 0 {
		h.t.Fatal("nothing was sent")
	}
	l := h.sent[len(h.sent)-1]
	l.link = strings.TrimPrefix(l.link, h.url)
	return l
}

func (h *house) later(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ahead += d
}

// browser keeps the cookies of one person. It sends Secure ones over http too, as browsers do on their own machine.
type browser struct {
	h       *house
	cookies map[string]string
}

func (h *house) browser() *browser { return &browser{h, make(map[string]string)} }

// seen is a page that was answered.
type seen struct {
	status   int
	location string // of a redirection
	body     string // its text, entities resolved
	raw      string
	policy   string // Content-Security-Policy
}

func (b *browser) get(path string) seen { return b.do(http.MethodGet, path, nil) }

func (b *browser) do(method, path string, form url.Values) seen {
	b.h.t.Helper()
	r, err := http.NewRequestWithContext(b.h.t.Context(), method, b.h.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	for _, c := range answer.Cookies() {
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || !strings.HasPrefix(c.Name, "__Host-") {
			b.h.t.Errorf("%s %s sets %s", method, path, c.Raw)
		}
		b.cookies[c.Name] = c.Value
		if c.Value != "" {
			b.h.secret = append(b.h.secret, c.Value)
		}
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	if answer.Header.Get("Cache-Control") != "no-store" && (answer.StatusCode != http.StatusOK || !strings.HasPrefix(path, "/dsfr/")) {
		b.h.t.Errorf("%s %s may be kept", method, path)
	}
	return seen{answer.StatusCode, answer.Header.Get("Location"), html.UnescapeString(string(text)), string(text), answer.Header.Get("Content-Security-Policy")}
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// fields are the hidden fields of a page's first form.
func (s seen) fields() url.Values {
	form := make(url.Values)
	first, _, _ := strings.Cut(s.raw, "</form>")
	for _, m := range hiddenField.FindAllStringSubmatch(first, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	return form
}

// submit sends the first form of a page, with what was filled in.
func (b *browser) submit(page seen, path string, filled ...string) seen {
	b.h.t.Helper()
	form := page.fields()
	for i := 0; i < len(filled); i += 2 {
		form.Set(filled[i], filled[i+1])
	}
	return b.do(http.MethodPost, path, form)
}

// want checks what was answered.
func (h *house) want(what string, got seen, status int, words string) {
	h.t.Helper()
	if got.status != status || !strings.Contains(got.body, words) {
		h.t.Errorf("%s: %d without %q, want %d:\n%s", what, got.status, words, status, got.body)
	}
}

// signedIn is a browser in which somebody has signed in by mail.
func (h *house) signedIn(address string) *browser {
	h.t.Helper()
	b := h.browser()
	h.want("ask for a link", b.submit(b.get("/connexion"), "/connexion/courriel", "courriel", address), 200, "Regardez votre boîte")
	link := h.last().link
	if got := b.submit(b.get(link), link); got.status != http.StatusSeeOther || got.location != "/compte" {
		h.t.Fatalf("%+v", got)
	}
	return b
}
