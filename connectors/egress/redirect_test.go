package egress

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestRedirectionsAreFollowedThreeTimes(t *testing.T) {
	client, agenda, _ := local(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		left := len(r.URL.Path)
		if left > 1 {
			http.Redirect(w, r, r.URL.Path[:left-1], http.StatusFound)
		}
	})
	if r, err := get(t, client, agenda+"/333"); err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("three: %v", err)
	}
	_, err := get(t, client, agenda+"/4444")
	if refused, ok := errors.AsType[*Refused](err); !ok || refused.Reason != "plus de 3 redirections" {
		t.Errorf("four: %v", err)
	}
}

func TestWritesAreNotRedirected(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		hits := 0
		client, agenda, _ := local(t, Options{}, func(w http.ResponseWriter, _ *http.Request) {
			hits++
			w.Header().Set("Location", "/ailleurs")
			w.WriteHeader(status)
		})
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, "PROPFIND"} {
			hits = 0
			r, _ := http.NewRequestWithContext(t.Context(), method, agenda, strings.NewReader("nom=Dupont"))
			response, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != status || hits != 1 {
				t.Errorf("%s %d: status %d after %d requests", method, status, response.StatusCode, hits)
			}
		}
	}
}

// What may cross to another host is nothing that says who we are or what we know.
func TestCredentialsStayWithTheirHost(t *testing.T) {
	var got http.Header
	var other string
	client, agenda, elsewhere := local(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/meme":
			http.Redirect(w, r, "/fin", http.StatusFound)
		case "/autre":
			http.Redirect(w, r, other+"/fin", http.StatusFound)
		case "/deux": // to another host, which goes on by itself
			http.Redirect(w, r, other+"/meme", http.StatusFound)
		case "/retour": // to another host and back
			http.Redirect(w, r, other+"/retour2", http.StatusFound)
		case "/retour2":
			http.Redirect(w, r, strings.Replace(other, "ailleurs", "agenda", 1)+"/fin", http.StatusFound)
		default:
			got = r.Header
		}
	})
	other = elsewhere
	secrets := []string{"Authorization", "Cookie", "X-Api-Key", "Private-Token", "Referer"}
	for _, c := range []struct {
		path string
		kept bool
	}{{"/meme", true}, {"/autre", false}, {"/deux", false}, {"/retour", false}} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, agenda+c.path, nil)
		for _, name := range secrets {
			r.Header.Set(name, "secret")
		}
		r.Header.Set("If-None-Match", `"v1"`)
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		for _, name := range secrets {
			if kept := got.Get(name) != ""; kept != (c.kept && name != "Referer") {
				t.Errorf("%s: %s kept: %v", c.path, name, kept)
			}
		}
		if got.Get("If-None-Match") == "" || !strings.HasPrefix(got.Get("User-Agent"), "Passerelle-RDV/") {
			t.Errorf("%s: got %v", c.path, got)
		}
	}
}

func TestASubdomainIsAnotherHost(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"https://a.example/", "https://A.example.:443/x", true},
		{"https://a.example/", "https://sous.a.example/", false},
		{"https://a.example/", "https://a.example:8443/", false},
		{"http://a.example/", "https://a.example/", false},
	} {
		a, _ := http.NewRequest(http.MethodGet, c.a, nil)
		b, _ := http.NewRequest(http.MethodGet, c.b, nil)
		if same := origin(a.URL) == origin(b.URL); same != c.same {
			t.Errorf("%s and %s: %v", c.a, c.b, same)
		}
	}
}

func TestHTTPSIsNotLeft(t *testing.T) {
	clear := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("reached in clear") }))
	defer clear.Close()
	_, clearPort, _ := net.SplitHostPort(clear.Listener.Addr().String())
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ok" {
			_, _ = fmt.Fprint(w, "ok")
			return
		}
		http.Redirect(w, r, "http://agenda.example.org:"+clearPort+"/", http.StatusFound)
	}))
	defer secure.Close()
	_, port, _ := net.SplitHostPort(secure.Listener.Addr().String())
	client := mustClient(t, Options{
		AllowHTTP:      []string{"agenda.example.org"},
		AllowAddresses: []netip.Prefix{here},
		resolver:       startNameServer(t, map[string][]netip.Addr{"example.com": {here.Addr()}, "agenda.example.org": {here.Addr()}}),
	})
	if _, err := get(t, client, "https://example.com:"+port+"/ok"); err == nil {
		t.Error("a certificate that nobody signed is accepted")
	}
	trust(client, secure)
	if r, err := get(t, client, "https://example.com:"+port+"/ok"); err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("https: %v", err)
	}
	_, err := get(t, client, "https://example.com:"+port+"/")
	if refused, ok := errors.AsType[*Refused](err); !ok || refused.Reason != "redirection de https vers http refusée" {
		t.Errorf("got %v", err)
	}
}
