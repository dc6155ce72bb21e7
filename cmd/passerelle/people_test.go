package main

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"passerelle/internal/testservers"
)

// visitor is a browser that sends Secure cookies over http, as browsers do on their own machine.
type visitor struct {
	t       *testing.T
	base    string
	cookies map[string]string
}

func (v *visitor) ask(method, address string, form url.Values) (*http.Response, string) {
	v.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = v.base + address
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range answer.Cookies() {
		v.cookies[c.Name] = c.Value
	}
	return answer, html.UnescapeString(string(text))
}

var formToken = regexp.MustCompile(`name="formulaire" value="([^"]+)"`)

// fill opens a page and sends its form.
func (v *visitor) fill(page, action string, fields url.Values) (*http.Response, string) {
	v.t.Helper()
	_, text := v.ask(http.MethodGet, page, nil)
	found := formToken.FindStringSubmatch(text)
	if found == nil {
		v.t.Fatalf("%s has no form: %s", page, text)
	}
	if fields == nil {
		fields = url.Values{}
	}
	fields.Set("formulaire", found[1])
	return v.ask(http.MethodPost, action, fields)
}

// Who tries the demo signs in by the link that it writes, and may book.
func TestThePagesOfTheDemoCanBeTried(t *testing.T) {
	x := newTerminal(t)
	out, stop := x.start("consentement", "demo", "--addr", "127.0.0.1:0", "--json")
	defer stop()
	v := &visitor{t, lineOf[demoLine](t, out.String()).URL, make(map[string]string)}
	if _, text := v.ask(http.MethodGet, "/?ou=crest", nil); !strings.Contains(text, "/lieux/"+demoPlace) {
		t.Errorf("a search: %s", text)
	}
	if answer, text := v.fill("/connexion", "/connexion/courriel", url.Values{"courriel": {"aidant@" + demoDomain}}); answer.StatusCode != 200 {
		t.Fatalf("%d %s", answer.StatusCode, text)
	}
	link := regexp.MustCompile(`http\S+/connexion/lien/\S+`).FindString(out.String())
	if answer, _ := v.fill(link, link, nil); answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d", answer.StatusCode)
	}
	if _, text := v.ask(http.MethodGet, "/compte", nil); !strings.Contains(text, "Réserver pour quelqu'un</dt><dd>Oui") {
		t.Errorf("her account: %s", text)
	}
}

// People sign in to the program as it is shipped: by a link in a real mail, and through a real provider; the operator
// says what they may do, in another process.
func TestPeopleSignIn(t *testing.T) {
	x := newTerminal(t)
	x.now = time.Time{} // the provider goes by the real clock
	office, address := x.mailing("id,nom,commune,code_postal,adresse,courriels\nl1,Médiathèque,Eurre,26400,1 rue,accueil@lieu.example.org\n")
	base := "http://" + address
	provider := testservers.StartOIDC(t, base+"/connexion/retour")
	x.set(map[string]string{"FOURNISSEUR_EMETTEUR": provider.Issuer, "FOURNISSEUR_CLIENT_ID": provider.ClientID, "FOURNISSEUR_CLIENT_SECRET": provider.ClientSecret})
	_, stop := x.start("the gateway serves", "serve")
	defer stop()

	v := &visitor{t, base, make(map[string]string)}
	if answer, text := v.fill("/connexion", "/connexion/courriel", url.Values{"courriel": {"camille@mairie.example.org"}}); answer.StatusCode != 200 {
		t.Fatalf("%d %s", answer.StatusCode, text)
	}
	link := linkIn(t, office, "camille@mairie.example.org", base+"/connexion/lien/")
	if answer, _ := v.fill(link, link, nil); answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "/compte" {
		t.Fatalf("%d to %s", answer.StatusCode, answer.Header.Get("Location"))
	}
	says := func(words string) {
		t.Helper()
		if _, text := v.ask(http.MethodGet, "/compte", nil); !strings.Contains(text, words) {
			t.Errorf("her account does not say %q: %s", words, text)
		}
	}
	says("Pas encore")
	waiting := lineOf[accountLine](t, x.ok("account", "list", "--waiting", "--json"))
	if waiting.Address != "camille@mairie.example.org" || waiting.MayBook {
		t.Errorf("%+v", waiting)
	}
	x.ok("account", "approve", "@mairie.example.org")
	says("Réserver pour quelqu'un</dt><dd>Oui")
	if out := x.ok("account", "list", "--waiting"); out != "" {
		t.Errorf("still waiting: %s", out)
	}
	if answer, text := v.fill("/compte", "/compte/lieux", url.Values{"lieu": {"l1"}}); answer.StatusCode != 200 {
		t.Fatalf("%d %s", answer.StatusCode, text)
	}
	place := linkIn(t, office, "accueil@lieu.example.org", base+"/compte/lien/")
	clerk := &visitor{t, base, make(map[string]string)}
	if answer, text := clerk.fill(place, place, nil); answer.StatusCode != 200 || !strings.Contains(text, "répond maintenant") {
		t.Fatalf("%d %s", answer.StatusCode, text)
	}
	says("Médiathèque, Eurre")

	agent := &visitor{t, base, make(map[string]string)}
	out, _ := agent.ask(http.MethodGet, "/connexion/fournisseur", nil)
	back := provider.SignIn(t, out.Header.Get("Location"), testservers.OIDCAccount{ID: "agent-1", Email: "operatrice@etat.example.org", GivenName: "Odile", UsualName: "Opératrice", AMR: []string{"pwd", "mfa"}})
	if answer, text := agent.ask(http.MethodGet, back, nil); answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d %s", answer.StatusCode, text)
	}
	if _, text := agent.ask(http.MethodGet, "/compte", nil); !strings.Contains(text, "Odile Opératrice") {
		t.Errorf("her account: %s", text)
	}
	theOperatorsWord(t, x, agent)
}

func theOperatorsWord(t *testing.T, x *terminal, agent *visitor) {
	t.Helper()
	id := ""
	for line := range strings.Lines(x.ok("account", "list", "--json")) {
		if a := lineOf[accountLine](t, line); a.Provider != "" {
			id = a.ID
		}
	}
	says := func(words string, want bool) {
		t.Helper()
		if _, text := agent.ask(http.MethodGet, "/compte", nil); strings.Contains(text, words) != want {
			t.Errorf("that her account says %q is %t: %s", words, !want, text)
		}
	}
	x.ok("account", "operator", id)
	x.ok("account", "place", id, "l1")
	says("Exploiter la passerelle</dt><dd>Oui", true)
	says("Médiathèque, Eurre", true)
	x.ok("account", "operator", "--remove", id)
	x.ok("account", "place", "--remove", id, "l1")
	says("Exploiter la passerelle", false)
	says("Médiathèque, Eurre", false)
	if out := x.ok("account", "approve"); out != "@mairie.example.org\n" {
		t.Errorf("approved: %q", out)
	}
	x.ok("account", "approve", "--remove", "@mairie.example.org")
	for _, wrong := range [][]string{
		{"account", "approve", "mairie"},
		{"account", "approve", "--remove", "@mairie.example.org"},
		{"account", "operator", "nobody"},
		{"account", "place", id, "l9"},
		{"account", "place", "--remove", id, "l1"},
		{"account", "erase", "nobody"},
	} {
		if code, _, err := x.run(wrong...); code != 1 || err == "" {
			t.Errorf("%v: exit %d, %q", wrong, code, err)
		}
	}
	x.ok("account", "erase", id)
	if answer, _ := agent.ask(http.MethodGet, "/compte", nil); answer.StatusCode != http.StatusSeeOther {
		t.Errorf("who was erased is still signed in: %d", answer.StatusCode)
	}
}

// linkIn is the link in the next mail, which is to be for one address.
func linkIn(t *testing.T, office *testservers.PostOffice, to, start string) string {
	t.Helper()
	mails := office.Take(t, 1)
	link := regexp.MustCompile(regexp.QuoteMeta(start) + `[A-Za-z0-9_-]+`).FindString(mails[to])
	if link == "" {
		t.Fatalf("no link for %s in %v", to, mails)
	}
	return link
}
