package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// ServeHTTP are the pages of a test.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if d.pages == nil {
		http.NotFound(w, r)
		return
	}
	d.pages(w, r)
}

// A page's link is a secret that opens it, and its form is no JSON.
func TestPagesAreServedWithoutATokenAndTheirLinksAreNotLogged(t *testing.T) {
	d := newDoor(t)
	d.pages = func(w http.ResponseWriter, r *http.Request) {
		form, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "form-action 'self'")
		w.WriteHeader(http.StatusGone)
		_, _ = io.WriteString(w, r.Method+" "+r.URL.Path+" "+string(form))
	}
	for _, a := range []ask{
		{path: "/demandes/canari-de-lien", token: "-"},
		{path: "/demandes/canari-de-lien?x=canari-de-question", token: "canari-de-jeton"},
		{method: "POST", path: "/demandes/canari-de-lien", token: "-", body: "raison=canari-de-corps", contentType: "application/x-www-form-urlencoded"},
		{method: "PUT", path: "/demandes/canari-de-lien", token: "-"},
	} {
		got := d.do(a)
		method := a.method
		if method == "" {
			method = "GET"
		}
		if got.status != http.StatusGone || string(got.body) != method+" /demandes/canari-de-lien "+a.body {
			t.Errorf("%s %s: %d %s", method, a.path, got.status, got.body)
		}
		if got.header.Get("X-Request-Id") == "" || got.header.Get("Content-Security-Policy") != "form-action 'self'" || got.header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", a.path, got.header)
		}
	}
	if got := d.do(ask{method: "HEAD", path: "/demandes/canari-de-lien", token: "-"}); !strings.HasPrefix(string(got.body), "GET ") {
		t.Errorf("HEAD came as %s", got.body)
	}
	d.pages = func(http.ResponseWriter, *http.Request) { panic("a fault of a page") }
	d.problem(d.do(ask{path: "/demandes/canari-de-lien", token: "-"}), 500, "erreur_interne", "")
	log := d.log.String()
	if strings.Contains(log, "canari") {
		t.Errorf("the log has a link, or what was sent:\n%s", log)
	}
	for _, want := range []string{"route=/demandes/*page", "statut=410", "methode=POST", "a fault of a page"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %q:\n%s", want, log)
		}
	}
}

// The pages count by who calls: they are told it as the trusted proxies say it.
func TestPagesAreToldWhoCalls(t *testing.T) {
	d := newDoor(t)
	d.parts.TrustedProxies = []string{"192.0.2.1/32"}
	d.handler = must[http.Handler](t)(New(d.parts))
	told := ""
	d.pages = func(_ http.ResponseWriter, r *http.Request) { told = r.RemoteAddr }
	for from, want := range map[string]string{"198.51.100.7": "198.51.100.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64"} {
		r := httptest.NewRequest(http.MethodGet, "/connexion", nil)
		r.RemoteAddr = "192.0.2.1:1234"
		r.Header.Set("X-Forwarded-For", from)
		d.handler.ServeHTTP(httptest.NewRecorder(), r)
		if told != want {
			t.Errorf("a call from %s is told as %q", from, told)
		}
	}
}

func TestPagesHaveTheirOwnAddressesOnly(t *testing.T) {
	d := newDoor(t)
	d.pages = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }
	for _, path := range []string{"/consentement", "/consentement/x", "/connexion", "/connexion/lien/x", "/compte", "/compte/lien/x", "/deconnexion", "/calendriers/x.ics", "/code"} {
		if got := d.do(ask{path: path, token: "-"}); got.status != http.StatusTeapot {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	for _, path := range []string{"/demandes", "/demande/x", "/v1/demandes/x", "/Demandes/x"} {
		d.problem(d.do(ask{path: path, token: "-"}), 404, "adresse_inconnue", "")
	}
	d.problem(d.do(ask{path: "/v1/lieux", token: "-"}), 401, "jeton_invalide", "")
	d.parts.Pages = nil
	d.handler = must[http.Handler](t)(New(d.parts))
	d.problem(d.do(ask{path: "/demandes/x", token: "-"}), 404, "adresse_inconnue", "")
}
