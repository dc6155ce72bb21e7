package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/booking/ledger"
	"passerelle/connectors"
	"passerelle/connectors/all"
	"passerelle/connectors/interval"
	"passerelle/internal/prove/parts"
)

// counter is a house with a real gateway behind it: the place lieu-1 in Crest, whose diary is kept here.
type counter struct {
	*house
	service  *booking.Service
	upstream *upstream // the agenda of lieu-4
}

func newCounter(t *testing.T, motifs ...booking.Motif) *counter {
	t.Helper()
	c := &counter{upstream: &upstream{}}
	if len(motifs) == 0 {
		motifs = []booking.Motif{{ID: "m", Label: "Accompagnement", Duration: time.Hour, Bring: []string{"une pièce d'identité"}}}
	}
	var known []connectors.Connector
	for _, name := range []string{"native", "ics", "freebusy", "caldav", "link", "rdvsp"} {
		k, _ := all.Registry().Lookup(name)
		known = append(known, k)
	}
	known = append(known, connectors.Connector{Name: "amont", Open: func(connectors.Connection, connectors.Env) (connectors.Agenda, error) { return c.upstream, nil }})
	c.house = newHouse(t, false, func(o *Options) {
		kept := o.Calendars.(*ledger.Ledger)
		c.service, _ = parts.Open(t, parts.Options{
			Opened: kept, Now: o.Now, Places: []string{"lieu-1", "lieu-2", "lieu-3", "lieu-4"}, Connectors: known, HTTP: &http.Client{Timeout: time.Minute},
			Connections: []booking.Connection{{
				Connection: connectors.Connection{Connector: "native"}, Agenda: "guichet", Places: []string{"lieu-1"}, Motifs: motifs, Notice: "accueil@lieu-1.exemple.fr",
			}, {
				Connection: connectors.Connection{Connector: "link", Address: "https://rendez-vous.exemple.fr/prendre"}, Agenda: "page", Places: []string{"lieu-2"},
			}, {
				Connection: connectors.Connection{
					Connector: "rdvsp", Address: "https://www.rdv-aide-numerique.fr/org/99990001", Settings: []byte(`{"client_id":"c","client_secret":"s","organisation":1}`),
				}, Agenda: "logiciel", Places: []string{"lieu-3"},
			}, {
				Connection: connectors.Connection{
					Connector: "rdvsp", Address: "https://www.rdv-aide-numerique.fr/org/99990002", Settings: []byte(`{"client_id":"c","client_secret":"s","organisation":2}`),
				}, Agenda: "commun", Places: []string{"lieu-3", "lieu-4"},
			}, {
				Connection: connectors.Connection{Connector: "amont", Address: "https://amont.exemple.fr/1"}, Agenda: "amont", Places: []string{"lieu-4"}, Motifs: motifs, Notice: "accueil@lieu-1.exemple.fr",
			}},
		})
		o.Service, o.Register, o.Connections = c.service, kept, c.set()
		o.ReadPerson = func(token string, _ time.Time) (string, error) {
			id, ok := strings.CutPrefix(token, "lien-")
			switch {
			case token == "vieux":
				return "", &booking.Error{Kind: connectors.Refused, Code: "lien_expire"}
			case !ok:
				return "", booking.Missing()
			}
			return id, nil
		}
		o.Place = func(id string) *booking.Place {
			found := c.service.Directory.Places(id)[0]
			if found == nil {
				return nil
			}
			out := *found
			if published := place(out.ID); published != nil {
				out.Emails = published.Emails
			}
			return &out
		}
	})
	return c
}

// upstream is an agenda of another system, which takes what it is sent but for what it loses.
type upstream struct{ lose []interval.Interval }

func (*upstream) Read(context.Context, connectors.Query) (connectors.Reading, error) {
	return connectors.Reading{Basis: connectors.Busy}, nil
}

func (u *upstream) Book(_ context.Context, r connectors.Request) (connectors.Appointment, error) {
	if slices.Contains(u.lose, r.Slot.Interval) {
		return connectors.Appointment{}, &connectors.Error{Op: "book", Kind: connectors.SlotTaken}
	}
	return connectors.Appointment{Reference: r.Reference, Upstream: r.Reference, Version: "1", Interval: r.Slot.Interval}, nil
}

// aidant is somebody who may book: her address is published by a place.
func (c *counter) aidant() *browser {
	c.t.Helper()
	return c.signedIn("accueil@lieu-1.exemple.fr")
}

var (
	slotForm   = regexp.MustCompile(`<input type="hidden" name="formulaire" value="([^"]*)"><input type="hidden" name="cle" value="([^"]+)">`)
	slotButton = regexp.MustCompile(`<button class="second" name="creneau" value="([^"]+)"`)
	slotLink   = regexp.MustCompile(`href="(/reserver\?creneau=[^"]+)"`)
)

// slots are the forms of the slots of a page, which are one form with a button for each.
func (s seen) slots() (all []url.Values) {
	form := slotForm.FindStringSubmatch(s.raw)
	for _, button := range slotButton.FindAllStringSubmatch(s.raw, -1) {
		all = append(all, url.Values{"formulaire": {form[1]}, "cle": {form[2]}, "creneau": {button[1]}})
	}
	return all
}

// slot is the form of the n-th slot of a place's next week.
func (b *browser) slot(n int) url.Values {
	b.h.t.Helper()
	page := b.get("/lieux/lieu-1?semaine=" + time.Now().AddDate(0, 0, 7).Format(time.DateOnly))
	all := page.slots()
	if len(all) <= n {
		b.h.t.Fatalf("%d slots:\n%s", len(all), page.body)
	}
	return all[n]
}

// filled is a form as an aidant fills it in.
func filled(page seen, more ...string) url.Values {
	form := page.fields()
	for name, value := range map[string]string{
		"usager.prenom": "Zoé", "usager.nom": "Nomdefamille", "usager.telephone": "06 39 98 00 01", "usager.contact": "par_prescripteur",
		"prescripteur.prenom": "Camille", "prescripteur.nom": "Aidante", "prescripteur.courriel": "accueil@lieu-1.exemple.fr", "prescripteur.qualite": "professionnel",
		"besoin.precisions": "Un dossier de retraite.", "consentement.mode": "oral",
	} {
		form.Set(name, value)
	}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// held keeps the n-th slot, and is its form.
func (b *browser) held(n int) (path string, page seen) {
	b.h.t.Helper()
	got := b.do(http.MethodPost, "/reservations", b.slot(n))
	if got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "/reservations/") {
		b.h.t.Fatalf("%+v", got)
	}
	return got.location, b.get(got.location)
}

// taken books the n-th slot, and is the path of its sheet.
func (b *browser) taken(n int, more ...string) string {
	b.h.t.Helper()
	path, page := b.held(n)
	got := b.do(http.MethodPost, path, filled(page, more...))
	if got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "/mes-rendez-vous/") {
		b.h.t.Fatalf("%+v", got)
	}
	return strings.TrimSuffix(got.location, "?fait=pris")
}

func TestAnAidantBooksFromASearch(t *testing.T) {
	c := newCounter(t)
	x := c.browser()
	c.want("the first page", x.get("/"), 200, "Où ?")
	c.want("a search", x.get("/?ou=crest"), 200, "4 lieux, dont 2 avec un agenda en ligne.")
	c.want("a commune without places", x.get("/?ou=Valence+(26)"), 200, "4 lieux")
	c.want("a commune without places", x.get("/?ou=Valence+(26)"), 200, "va à tout le département (26)")
	if page := x.get("/?ou=26").body + x.get("/?ou=crest").body; strings.Contains(page, "va à tout le département") {
		t.Error("a search says that it goes further than it was asked to, and does not")
	}
	c.want("a place that is nowhere", x.get("/?ou=Zzz"), 422, "Aucune commune ne s'appelle « Zzz »")
	c.want("nowhere", x.get("/?pour=x"), 422, "Dites où chercher")
	c.want("around a point", x.get("/?lat=44.73&lon=5.02"), 200, "Autour de vous")
	c.want("a service that there is not", x.get("/?ou=crest&pour=x"), 422, "choisissez de nouveau")
	place := x.get("/lieux/lieu-1?semaine=" + time.Now().AddDate(0, 0, 7).Format(time.DateOnly))
	c.want("the place", place, 200, "Accompagnement, 1 heure, sur place")
	c.want("the place", place, 200, "8 h–20 h")
	if len(x.cookies) > 0 {
		t.Error("a cookie before signing in")
	}
	link := slotLink.FindStringSubmatch(place.raw)
	if link == nil {
		t.Fatalf("no slot:\n%s", place.body)
	}
	path := strings.ReplaceAll(link[1], "&amp;", "&")
	got := x.get(path)
	if got.status != http.StatusSeeOther || got.location != "/connexion?retour="+url.QueryEscape(path) {
		t.Fatalf("%+v", got)
	}

	b := c.aidant()
	c.want("the slot", b.get(path), 200, "Garder ce créneau")
	got = b.submit(b.get(path), "/reservations", "creneau", mustQuery(path).Get("creneau"))
	form := b.get(got.location)
	c.want("the form", form, 200, "encore 10 minutes")
	got = b.do(http.MethodPost, got.location, filled(form))
	if got.status != http.StatusSeeOther {
		t.Fatalf("%+v", got)
	}
	sheet := b.get(got.location)
	for _, words := range []string{"C'est fait.", "Confirmé", "Zoé Nomdefamille", "1 rue A", "04 65 71 00 01", `href="tel:+33465710001"`, "une pièce d'identité", "Elle ne recevra aucun message", "Qui est prévenu"} {
		c.want("the sheet", sheet, 200, words)
	}
	for _, words := range []string{"retraite", "0639980001", "06 39 98"} {
		if strings.Contains(sheet.body, words) {
			t.Errorf("the sheet says %q, which is nobody's business at home", words)
		}
	}
	c.want("my appointments", b.get("/mes-rendez-vous"), 200, "Zoé Nomdefamille")
	c.want("somebody else's appointments", c.signedIn("mairie@lieu-2.exemple.fr").get("/mes-rendez-vous"), 200, "Aucun.")
	c.want("somebody else's sheet", c.signedIn("mairie@lieu-2.exemple.fr").get(strings.TrimSuffix(got.location, "?fait=pris")), 404, "Rendez-vous inconnu")
	if calendar := b.get(strings.TrimSuffix(got.location, "?fait=pris") + ".ics"); !strings.Contains(calendar.raw, "STATUS:CONFIRMED") || strings.Contains(calendar.raw, "Zo") {
		t.Errorf("the calendar: %s", calendar.raw)
	}
}

func mustQuery(path string) url.Values {
	u, err := url.Parse(path)
	if err != nil {
		panic(err)
	}
	return u.Query()
}

func TestAFormThatIsSentTwiceBooksOnce(t *testing.T) {
	c := newCounter(t)
	b := c.aidant()
	slot := b.slot(0)
	first, again := b.do(http.MethodPost, "/reservations", slot), b.do(http.MethodPost, "/reservations", slot)
	if first.location != again.location {
		t.Errorf("a slot is kept twice: %s, %s", first.location, again.location)
	}
	form := filled(b.get(first.location))
	one, two := b.do(http.MethodPost, first.location, form), b.do(http.MethodPost, first.location, form)
	if one.status != http.StatusSeeOther || strings.TrimSuffix(one.location, "?fait=pris") != two.location {
		t.Errorf("%s, then %s", one.location, two.location)
	}
	if back := b.get(first.location); back.location != two.location { // the back button
		t.Errorf("the form of an appointment leads to %q", back.location)
	}
}

func TestWhatWasTypedComesBack(t *testing.T) {
	c := newCounter(t)
	b := c.aidant()
	path, page := b.held(0)
	wrong := b.do(http.MethodPost, path, filled(page, "usager.nom", "", "usager.telephone", "12", "besoin.precisions", "Son numéro : 1 85 05 78 006 084 91", "consentement.mode", "mandat"))
	for _, words := range []string{"Remplissez ce champ.", "Ce numéro n'est pas compris", "numéro de sécurité sociale", "Donnez la référence du mandat.", `value="Zoé"`} {
		c.want("a form with faults", wrong, 422, words)
	}
	c.want("the same, mended", b.do(http.MethodPost, path, filled(wrong)), http.StatusSeeOther, "")

	path, page = b.held(1)
	c.later(11 * time.Minute)
	c.want("a hold that is over", b.get(path), 200, "n'est plus gardé")
	got := b.do(http.MethodPost, path, filled(page))
	c.want("a hold that is over, and the slot is free", got, http.StatusSeeOther, "")

	path, page = b.held(2)
	other := c.signedIn("mairie@lieu-2.exemple.fr")
	c.later(11 * time.Minute)
	other.taken(2, "usager.telephone", "06 39 98 00 02")
	lost := b.do(http.MethodPost, path, filled(page, "usager.telephone", "06 39 98 00 03"))
	c.want("a slot that is lost", lost, http.StatusConflict, "Choisissez-en un autre ci-dessous")
	c.want("a slot that is lost", lost, http.StatusConflict, `value="Nomdefamille"`)
	near := regexp.MustCompile(`name="creneau" value="([^"]+)"`).FindStringSubmatch(lost.raw)
	if near == nil {
		t.Fatalf("no slot near:\n%s", lost.body)
	}
	got = b.do(http.MethodPost, path, filled(lost, "creneau", near[1], "usager.telephone", "06 39 98 00 03"))
	c.want("another slot", got, http.StatusSeeOther, "")

	path, page = b.held(3)
	delete(b.cookies, sessionCookie)
	ended := b.do(http.MethodPost, path, filled(page, "usager.telephone", "06 39 98 00 04"))
	c.want("a session that has ended", ended, http.StatusUnauthorized, `value="Nomdefamille"`)
	again := c.aidant()
	unsure := again.do(http.MethodPost, path, filled(ended, "usager.telephone", "06 39 98 00 04"))
	c.want("the form, in a session that has not given it", unsure, 422, "relisez, puis envoyez")
	c.want("the form, in a session that has not given it", unsure, 422, `value="Nomdefamille"`)
	c.want("the form, read again", again.do(http.MethodPost, path, filled(unsure, "usager.telephone", "06 39 98 00 04")), http.StatusSeeOther, "")
}

func TestTheSamePersonTwiceAtATimeIsAsked(t *testing.T) {
	c := newCounter(t, booking.Motif{ID: "m", Label: "Atelier", Duration: time.Hour, Group: true, Seats: 5})
	b := c.aidant()
	b.taken(0, "nombre", "1")
	path, page := b.held(0)
	twice := b.do(http.MethodPost, path, filled(page, "nombre", "1"))
	c.want("a second appointment", twice, http.StatusConflict, "déjà un rendez-vous à cette heure-là")
	c.want("a second appointment that is meant", b.do(http.MethodPost, path, filled(twice, "nombre", "1", "doublon_accepte", "oui")), http.StatusSeeOther, "")
}

func TestAnAppointmentIsMovedCancelledAndAttended(t *testing.T) {
	c := newCounter(t)
	b := c.aidant()
	path := b.taken(0)
	move := b.get(path)
	c.want("the sheet", move, 200, "Déplacer")
	place := b.get("/lieux/lieu-1?deplacer=" + strings.TrimPrefix(path, "/mes-rendez-vous/") + "&semaine=" + time.Now().AddDate(0, 0, 7).Format(time.DateOnly))
	c.want("the place, to move", place, 200, "Vous déplacez un rendez-vous")
	got := b.do(http.MethodPost, path+"/deplacement", place.slots()[3])
	if got.status != http.StatusSeeOther {
		t.Fatalf("%+v", got)
	}
	c.want("what was moved", b.get(path), 200, "Voir le rendez-vous qui le remplace")
	moved := strings.TrimSuffix(got.location, "?fait=deplace")
	c.want("what it is now", b.get(got.location), 200, "C'est déplacé.")

	sheet := b.get(moved)
	c.want("too soon to say that she came", b.submit(sheet, moved+"/presence", "statut", "honore"), 409, "n'a pas encore commencé")
	got = b.submit(sheet, moved+"/annulation", "par", "usager")
	c.want("cancelled", b.get(got.location), 200, "C'est annulé.")
	c.want("cancelled twice", b.submit(sheet, moved+"/annulation", "par", "usager"), http.StatusSeeOther, "")

	path = b.taken(5)
	c.later(9 * 24 * time.Hour)
	b = c.aidant()
	c.want("my appointments", b.get("/mes-rendez-vous"), 200, "dites si la personne est venue")
	got = b.submit(b.get(path), path+"/presence", "statut", "absent")
	c.want("she did not come", b.get(got.location), 200, "n'est pas venue")
	if calendar := b.get(path + ".ics"); !strings.Contains(calendar.raw, "STATUS:CONFIRMED") {
		t.Errorf("what was agreed, and missed, is as uncertain in a calendar as a request: %s", calendar.raw)
	}
	c.want("a presence that there is not", b.submit(b.get(path), path+"/presence", "statut", "x"), 422, "")
}

func TestWhoMayNotBookIsTold(t *testing.T) {
	c := newCounter(t)
	b := c.signedIn("camille@mairie.exemple.fr")
	place := b.get("/lieux/lieu-1?semaine=" + time.Now().AddDate(0, 0, 7).Format(time.DateOnly))
	link := slotLink.FindStringSubmatch(place.raw)
	if link == nil {
		t.Fatal("no link to a slot")
	}
	c.want("choosing", b.get(link[1]), http.StatusForbidden, "approuver votre adresse")
	good := c.aidant().slot(0)
	c.want("keeping", b.do(http.MethodPost, "/reservations", good), http.StatusForbidden, "approuver votre adresse")
	c.want("a form of another session", c.aidant().do(http.MethodPost, "/reservations", good), http.StatusForbidden, "n'est plus valable")
	x := c.aidant()
	c.want("a slot that there is not", x.do(http.MethodPost, "/reservations", url.Values{"formulaire": {x.slot(0).Get("formulaire")}, "cle": {"k"}, "creneau": {"x"}}), 404, "Créneau inconnu")
	c.want("a slot that there is not", x.get("/reserver?creneau=x"), 404, "Créneau inconnu")
	c.want("a hold that there is not", x.get("/reservations/x"), 404, "")
	c.want("a place that there is not", x.get("/lieux/x"), 404, "Lieu inconnu")
}

// Who goes back, or has two tabs, meets her own hold: nobody else has taken the slot.
func TestWhatIsKeptIsTakenUpAgain(t *testing.T) {
	c := newCounter(t)
	b := c.aidant()
	slot := b.slot(0)
	first := b.do(http.MethodPost, "/reservations", slot)
	c.want("the place", b.get("/lieux/lieu-1"), 200, "Vous gardez déjà un créneau ici")
	slot.Set("cle", "another tab's")
	if again := b.do(http.MethodPost, "/reservations", slot); again.location != first.location {
		t.Errorf("her own slot, chosen again: %+v", again)
	}
	other := c.signedIn("mairie@lieu-2.exemple.fr")
	if page := other.get("/lieux/lieu-1"); strings.Contains(page.body, "Vous gardez") {
		t.Error("somebody is shown what another keeps")
	}
	slot.Set("formulaire", other.get("/compte").fields().Get("formulaire"))
	c.want("somebody else's slot", other.do(http.MethodPost, "/reservations", slot), http.StatusConflict, "vient d'être pris")
	c.later(11 * time.Minute)
	c.want("the place, later", b.get("/lieux/lieu-1"), 200, "Créneaux libres")
	if page := b.get("/lieux/lieu-1"); strings.Contains(page.body, "Vous gardez") {
		t.Error("a hold that is over is shown")
	}
}

func TestAnOrientationIsFollowedByItsTaker(t *testing.T) {
	c := newCounter(t)
	b := c.aidant()
	c.want("the place, for everybody", c.browser().get("/lieux/lieu-2"), 200, "Orienter une personne")
	c.want("a place without such a page", b.get("/orienter?lieu=lieu-1"), 409, "Réservez un de ses créneaux")
	c.want("a place that there is not", b.get("/orienter?lieu=x"), 404, "")
	page := b.get("/orienter?lieu=lieu-2")
	c.want("before", page, 200, "ne le donnez pas ici")
	c.want("a form with faults", b.submit(page, "/orientations", "prescripteur.prenom", ""), 422, "Remplissez ce champ.")
	filled := []string{"prescripteur.prenom", "Camille", "prescripteur.nom", "Aidante", "prescripteur.courriel", "accueil@lieu-1.exemple.fr", "prescripteur.qualite", "professionnel"}
	got := b.submit(page, "/orientations", filled...)
	sheet := b.get(got.location)
	c.want("the sheet", sheet, 200, "rendez-vous.exemple.fr/prendre")
	c.want("the sheet", sheet, 200, "se choisissent sur la page du lieu")
	if again := b.submit(page, "/orientations", filled...); again.location != got.location {
		t.Errorf("sent twice: %s, then %s", got.location, again.location)
	}
	path := strings.TrimSuffix(got.location, "?fait=oriente")
	c.want("my appointments", b.get("/mes-rendez-vous"), 200, "Jour et heure à choisir")
	c.want("an hour that is none", b.submit(sheet, path+"/issue", "statut", "confirme", "debut", "demain"), 422, "n'est pas comprise")
	when := time.Now().AddDate(0, 0, 5).Format(time.DateOnly) + "T10:00"
	done := b.submit(sheet, path+"/issue", "statut", "confirme", "debut", when)
	c.want("taken", b.get(done.location), 200, "10 h 00")
	c.want("taken", b.get(done.location), 200, "Confirmé")
	again := func(answer ...string) (path string, page seen) {
		got := b.submit(b.get("/orienter?lieu=lieu-2"), "/orientations", filled...)
		path = strings.TrimSuffix(got.location, "?fait=oriente")
		b.submit(b.get(path), path+"/issue", answer...)
		return path, b.get(path)
	}
	taken, page := again("statut", "confirme")
	c.want("taken, who knows when", page, 200, "Confirmé : dites quand il a lieu")
	coming, _, _ := strings.Cut(b.get("/mes-rendez-vous").body, "Passés, annulés")
	if !strings.Contains(coming, taken) || strings.Contains(page.body, "Est-elle venue") {
		t.Errorf("what has no hour yet is past:\n%s", page.body)
	}
	c.want("its hour", b.get(b.submit(page, taken+"/issue", "statut", "confirme", "debut", when).location), 200, "10 h 00")
	_, page = again("statut", "expire")
	c.want("nothing came of it", page, 200, "Sans suite")
	c.want("an outcome that there is not", b.submit(sheet, path+"/issue", "statut", "x"), 422, "")
}

func TestAMapOnlyWhereTheOperatorHasChosenItsGround(t *testing.T) {
	c := newCounter(t)
	without := c.browser().get("/?ou=crest")
	if strings.Contains(without.raw, "leaflet") || strings.Contains(without.policy, "http") {
		t.Errorf("a map that nobody asked for: %s\n%s", without.policy, without.raw)
	}
	c = newCounter(t)
	with := newHouse(t, false, func(o *Options) {
		o.Service, o.Register, o.Connections, o.Place = c.service, register{}, register{}, func(id string) *booking.Place { return c.service.Directory.Places(id)[0] }
		o.Map = Map{Tiles: "https://tuiles.example.org/{z}/{x}/{y}.png?a=1", Credit: "Exemple"}
	})
	found := with.browser().get("/?ou=crest")
	for _, words := range []string{`data-lat="44.7286"`, "leaflet.js", "https://tuiles.example.org/{z}/{x}/{y}.png?a=1", `data-mention="Exemple"`} {
		if !strings.Contains(found.body, words) {
			t.Errorf("the map lacks %q:\n%s", words, found.raw)
		}
	}
	if !strings.Contains(found.policy, "img-src 'self' https://tuiles.example.org;") || !strings.Contains(found.policy, "script-src 'self';") {
		t.Errorf("the policy: %s", found.policy)
	}
	if other := with.browser().get("/lieux/lieu-1"); strings.Contains(other.policy, "tuiles") {
		t.Errorf("the policy of another page: %s", other.policy)
	}
}
