package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"passerelle/internal/testservers"
)

func TestSomebodySignsInByMail(t *testing.T) {
	h := newHouse(t, false, nil)
	b := h.browser()
	offer := b.get("/connexion?retour=" + url.QueryEscape("/lieux/lieu-1?creneau=x&y=z"))
	h.want("the ways", offer, 200, "Recevoir un lien")
	if strings.Contains(offer.body, "ProConnect") {
		t.Error("a provider is offered that there is not")
	}
	h.want("half an address", b.submit(offer, "/connexion/courriel", "courriel", "camille"), 422, "ne peut pas servir")
	h.want("an address", b.submit(offer, "/connexion/courriel", "courriel", " Camille@Mairie.exemple.fr "), 200, "Regardez votre boîte")
	sent := h.last()
	if sent.to != "camille@mairie.exemple.fr" || !strings.HasPrefix(sent.link, "/connexion/lien/") {
		t.Fatalf("%+v", sent)
	}
	phone := h.browser() // the mail is read elsewhere
	for range 2 {        // and programs open it first
		h.want("the link", phone.get(sent.link), 200, "camille@mairie.exemple.fr")
	}
	if got := phone.get("/compte"); got.status != http.StatusSeeOther || got.location != "/connexion?retour=%2Fcompte" {
		t.Errorf("that a link was opened signs somebody in: %+v", got)
	}
	if got := phone.submit(phone.get(sent.link), sent.link); got.status != http.StatusSeeOther || got.location != "/lieux/lieu-1?creneau=x&y=z" {
		t.Fatalf("she does not go back to where she was: %+v", got)
	}
	account := phone.get("/compte")
	h.want("her account", account, 200, "Pas encore")
	h.want("who asked elsewhere", b.get("/compte"), http.StatusSeeOther, "")
	h.later(12 * time.Hour)
	h.want("twelve hours later", phone.get("/compte"), http.StatusSeeOther, "")
}

func TestWhoMayBook(t *testing.T) {
	h := newHouse(t, false, nil)
	for _, what := range []string{"@mairie.exemple.fr", "une@autre.exemple.fr"} {
		if err := h.ledger.Approve(t.Context(), h.desk.Approval(what), what); err != nil {
			t.Fatal(err)
		}
	}
	for address, want := range map[string]string{
		"camille@mairie.exemple.fr":             "Oui",
		"une@autre.exemple.fr":                  "Oui",
		"accueil@lieu-1.exemple.fr":             "Oui", // published
		"deux@autre.exemple.fr":                 "Pas encore",
		"camille@sous.mairie.exemple.fr":        "Pas encore",
		"camille@mairie.exemple.fr.example.org": "Pas encore",
	} {
		h.want(address, h.signedIn(address).get("/compte"), 200, "Réserver pour quelqu'un</dt><dd>"+want)
	}
}

func TestSomebodySignsInThroughTheProvider(t *testing.T) {
	h := newHouse(t, true, nil)
	b := h.browser()
	h.want("the ways", b.get("/connexion?retour=/lieux/lieu-1"), 200, "Se connecter avec ProConnect")
	out := b.get("/connexion/fournisseur?retour=/lieux/lieu-1")
	if out.status != http.StatusSeeOther || !strings.HasPrefix(out.location, h.provider.Issuer) {
		t.Fatalf("%+v", out)
	}
	there := h.provider.NewBrowser(t)
	agent := testservers.OIDCAccount{ID: "agent-1", Email: "camille@mairie.exemple.fr", GivenName: "Camille", UsualName: "Martin", AMR: []string{"pwd"}}
	back := strings.TrimPrefix(there.SignIn(t, out.location, agent), h.url)
	if got := b.get(back); got.status != http.StatusSeeOther || got.location != "/lieux/lieu-1" {
		t.Fatalf("%+v", got)
	}
	page := b.get("/compte")
	h.want("her account", page, 200, "Camille Martin")
	h.want("her account", page, 200, "Réserver pour quelqu'un</dt><dd>Oui")
	list, err := h.ledger.Accounts(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if err := h.ledger.SetOperator(t.Context(), list[0].ID, true); err != nil {
		t.Fatal(err)
	}
	h.want("an operator with a password alone", b.get("/compte"), 200, "Pas avec cette connexion")
	old := b.cookies[sessionCookie]
	agent.AMR = []string{"pwd", "mfa"}
	again := b.get("/connexion/fournisseur")
	if got := b.get(strings.TrimPrefix(h.provider.SignIn(t, again.location, agent), h.url)); got.status != http.StatusSeeOther || got.location != "/compte" {
		t.Fatalf("%+v", got)
	}
	h.want("an operator with more", b.get("/compte"), 200, "Exploiter la passerelle</dt><dd>Oui")
	stolen := h.browser()
	stolen.cookies[sessionCookie] = old
	h.want("the session of before", stolen.get("/compte"), http.StatusSeeOther, "")

	left := b.do(http.MethodPost, "/deconnexion", b.get("/compte").fields())
	h.want("leaving", left, 200, "Se déconnecter de ProConnect")
	h.want("after leaving", b.get("/compte"), http.StatusSeeOther, "")
	_, farewell, _ := strings.Cut(left.body, `class="bouton" href="`)
	farewell, _, _ = strings.Cut(farewell, `"`)
	if to := there.SignOut(t, farewell); !strings.HasPrefix(to, h.url+"/connexion") {
		t.Errorf("from the provider one comes back to %s", to)
	}
}

// The sign-in holds: what is tried here gets nobody in.
func TestNobodyIsSignedInByAttack(t *testing.T) {
	h := newHouse(t, true, nil)
	agent := testservers.OIDCAccount{ID: "agent-1", Email: "camille@mairie.exemple.fr"}
	victim, attacker := h.browser(), h.browser()
	callback := func(b *browser) string {
		t.Helper()
		return strings.TrimPrefix(h.provider.SignIn(t, b.get("/connexion/fournisseur").location, agent), h.url)
	}
	outside := func(what string, b *browser, got seen) {
		t.Helper()
		if got.status == http.StatusSeeOther && !strings.HasPrefix(got.location, "/connexion") || b.cookies[sessionCookie] != "" && b.get("/compte").status == 200 {
			t.Errorf("%s: %d to %q signs somebody in", what, got.status, got.location)
		}
	}
	// A code of the attacker's in the victim's browser, and the other way round.
	theirs := callback(attacker)
	victim.get("/connexion")
	outside("the attacker's answer in the victim's browser", victim, victim.get(theirs))
	mine := callback(victim)
	outside("the victim's answer in the attacker's browser", attacker, attacker.get(mine))
	outside("an answer without any cookie", h.browser(), h.browser().get(mine))
	// State and code of two ways of one browser: the nonce, and the verifier, are another's.
	first, _ := url.Parse(callback(victim))
	second, _ := url.Parse(callback(victim))
	mixed := second.Query()
	mixed.Set("code", first.Query().Get("code"))
	outside("the code of one way with the state of another", victim, victim.get("/connexion/retour?"+mixed.Encode()))
	other := mine[:strings.Index(mine, "iss=")] + "iss=https%3A%2F%2Fautre.example"
	outside("an answer of another provider", victim, victim.get(other))
	outside("no", victim, victim.get(strings.TrimPrefix(h.provider.Refuse(t, victim.get("/connexion/fournisseur").location), h.url)))
	// The same answer twice.
	replayed := callback(victim)
	if got := victim.get(replayed); got.status != http.StatusSeeOther {
		t.Fatalf("%+v", got)
	}
	visit := h.browser()
	for name, value := range victim.cookies {
		if name == visitCookie {
			visit.cookies[name] = value
		}
	}
	outside("an answer that was used", visit, visit.get(replayed))
	// A session that the attacker has put there is none afterwards.
	fixed := h.browser()
	fixed.cookies[sessionCookie] = strings.Repeat("A", 43)
	if got := fixed.get(callback(fixed)); got.status != http.StatusSeeOther || fixed.cookies[sessionCookie] == strings.Repeat("A", 43) {
		t.Error("a session that was put there becomes one")
	}
	old := victim.cookies[sessionCookie]
	if got := victim.get(callback(victim)); got.status != http.StatusSeeOther || victim.cookies[sessionCookie] == old {
		t.Error("signing in again keeps the session")
	}
}

// No form does anything without the token of a page that this browser was given.
func TestNoFormOfAnotherSite(t *testing.T) {
	h := newHouse(t, false, nil)
	b := h.signedIn("camille@mairie.exemple.fr")
	stranger := h.signedIn("autre@exemple.fr")
	b.get("/connexion") // has a visit too
	sent := len(h.sent)
	askFor := func(address string) string {
		x := h.browser()
		x.submit(x.get("/connexion"), "/connexion/courriel", "courriel", address)
		sent++
		return h.last().link
	}
	link := askFor("attaquant@exemple.fr")
	asked := b.submit(b.get("/compte"), "/compte/lieux", "lieu", "lieu-1")
	h.want("asking for a place", asked, 200, "a…@lieu-1.exemple.fr")
	sent++
	place := h.last().link
	for _, path := range []string{"/connexion/courriel", link, "/compte/lieux", place, "/deconnexion"} {
		for name, token := range map[string]string{
			"no token": "", "a token that is none": "x", "another's token": stranger.get("/compte").fields().Get("formulaire"),
			"the cookie itself": b.cookies[sessionCookie],
		} {
			got := b.do(http.MethodPost, path, url.Values{"formulaire": {token}, "courriel": {"x@exemple.fr"}, "lieu": {"lieu-1"}})
			h.want(path+" with "+name, got, http.StatusForbidden, "n'est plus valable")
		}
	}
	// The token of the visit is not that of the session, nor the other way round.
	visit, session := b.get("/connexion").fields().Get("formulaire"), b.get("/compte").fields().Get("formulaire")
	h.want("a visit's token", b.do(http.MethodPost, "/deconnexion", url.Values{"formulaire": {visit}}), http.StatusForbidden, "")
	h.want("a session's token", b.do(http.MethodPost, link, url.Values{"formulaire": {session}}), http.StatusForbidden, "")
	if len(h.sent) != sent {
		t.Errorf("%d mails were sent, want %d", len(h.sent), sent)
	}
	h.want("after all that", b.get("/compte"), 200, "camille@mairie.exemple.fr")
	if list, err := h.ledger.Accounts(t.Context()); err != nil || len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	for _, a := range must(h.ledger.Accounts(t.Context())) {
		if len(a.Places) > 0 {
			t.Errorf("%+v answers for a place", a)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestNobodyIsSentElsewhere(t *testing.T) {
	h := newHouse(t, false, nil)
	for _, to := range []string{
		"https://autre.example/", "//autre.example/", "/\\autre.example", "\\\\autre.example", "javascript:alert(1)", "/%0d%0aSet-Cookie:x", "/\tx", "/é", "lieux", "",
		"/" + strings.Repeat("a", 600),
	} {
		b := h.browser()
		page := b.get("/connexion?retour=" + url.QueryEscape(to))
		if back := page.fields().Get("retour"); back != "/compte" && back != to || strings.Contains(back, "autre.example") || strings.ContainsAny(back, "\t\\é") {
			t.Errorf("%q: the page says %q", to, back)
		}
		b.submit(page, "/connexion/courriel", "courriel", "x@exemple.fr", "retour", to)
		link := h.last().link
		got := b.submit(b.get(link), link)
		if !strings.HasPrefix(got.location, "/") || strings.HasPrefix(got.location, "//") || strings.ContainsAny(got.location, "\\\r\n\t") || len(got.location) > 512 {
			t.Errorf("%q: she is sent to %q", to, got.location)
		}
	}
}

func TestWithoutAnyWayThePageSaysSo(t *testing.T) {
	h := newHouse(t, false, func(o *Options) { o.SignIn.Desk.ByMail = false })
	h.want("no way", h.browser().get("/connexion"), http.StatusNotFound, "Connexion impossible")
	h.want("no provider", h.browser().get("/connexion/fournisseur"), http.StatusNotFound, "Connexion impossible")
	h.want("no provider", h.browser().get("/connexion/retour?state=x&code=y"), http.StatusNotFound, "Connexion impossible")
}

func TestAProviderThatIsDownIsSaid(t *testing.T) {
	h := newHouse(t, true, nil)
	h.provider.Stop(t)
	h.want("a provider that is down", h.browser().get("/connexion/fournisseur"), http.StatusBadGateway, "ne répond pas")
	h.provider.Start(t)
	if got := h.browser().get("/connexion/fournisseur"); got.status != http.StatusSeeOther {
		t.Errorf("%+v", got)
	}
}

// Mails are counted by who asks, too: nobody uses up what somebody else may have sent.
// Whoever does not get in is led back to where she was going, and may take another way.
func TestAWayThatFailsLeadsBack(t *testing.T) {
	h := newHouse(t, true, nil)
	b := h.browser()
	const back = "/connexion?retour=%2Flieux%2Flieu-1"
	out := b.get("/connexion/fournisseur?retour=/lieux/lieu-1")
	h.want("no", b.get(strings.TrimPrefix(h.provider.Refuse(t, out.location), h.url)), http.StatusForbidden, `href="`+back+`"`)
	agent := testservers.OIDCAccount{ID: "agent-1", Email: "camille@mairie.exemple.fr"}
	if got := b.get(strings.TrimPrefix(h.provider.SignIn(t, out.location, agent), h.url)); got.location != "/lieux/lieu-1" {
		t.Errorf("after a no, a yes leads to %+v", got)
	}
	h.want("a form of before", b.do(http.MethodPost, "/connexion/courriel", nil), http.StatusForbidden, `href="/connexion?retour=%2Fcompte"`)
	for path, to := range map[string]string{"/connexion/courriel": "/connexion", "/compte/lieux": "/compte", "/deconnexion": "/compte"} {
		if got := b.get(path); got.status != http.StatusSeeOther || got.location != to {
			t.Errorf("%s, opened from the address bar: %d to %s", path, got.status, got.location)
		}
	}
}

func TestWhoCannotBeKnownAsksForNoPlace(t *testing.T) {
	h := newHouse(t, true, func(o *Options) { o.SignIn.Desk.ByMail = true })
	enter := func(as testservers.OIDCAccount) *browser {
		b := h.browser()
		b.get(strings.TrimPrefix(h.provider.SignIn(t, b.get("/connexion/fournisseur").location, as), h.url))
		return b
	}
	nobody := enter(testservers.OIDCAccount{ID: "agent-1", Email: "maire@mairie.exemple.fr", Unverified: true})
	h.want("neither name nor address", nobody.submit(nobody.get("/compte"), "/compte/lieux", "lieu", "lieu-1"), 422, "ni nom ni adresse")
	camille := enter(testservers.OIDCAccount{ID: "agent-2", GivenName: "Camille", UsualName: "Martin", Email: "camille@mairie.exemple.fr"})
	h.want("a name", camille.submit(camille.get("/compte"), "/compte/lieux", "lieu", "lieu-1"), 200, "Un lien a été envoyé")
	if h.last().who != "Camille Martin <camille@mairie.exemple.fr>, d'après ProConnect" {
		t.Errorf("asked by %q", h.last().who)
	}
	h.desk.ByMail = false
	page := camille.get("/compte")
	h.want("without mail", page, 200, "Demandez à l'exploitant de la passerelle (exploitant@exemple.fr)")
	if strings.Contains(page.body, "Envoyer le lien") {
		t.Error("a link is offered that cannot be sent")
	}
}

// A provider that cannot end its session is not passed over in silence: the next person at this computer would be her.
func TestLeavingWhileTheProviderIsDown(t *testing.T) {
	h := newHouse(t, true, nil)
	b := h.browser()
	agent := testservers.OIDCAccount{ID: "agent-1", GivenName: "Camille", UsualName: "Martin"}
	b.get(strings.TrimPrefix(h.provider.SignIn(t, b.get("/connexion/fournisseur").location, agent), h.url))
	h.desk.Provider = nil
	h.want("leaving", b.do(http.MethodPost, "/deconnexion", b.get("/compte").fields()), 200, "Sur un ordinateur partagé")
}

// Of two cookies with one name, one was put there by somebody.
func TestTwoCookiesOfOneName(t *testing.T) {
	h := newHouse(t, false, nil)
	b := h.signedIn("camille@mairie.exemple.fr")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/compte", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", sessionCookie+"="+b.cookies[sessionCookie]+"; "+sessionCookie+"="+strings.Repeat("A", 43))
	answer, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther {
		t.Errorf("the first of two is believed: %d", answer.StatusCode)
	}
}
