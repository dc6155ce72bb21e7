package api

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/connectors"
)

func TestABodyThatIsNoDemand(t *testing.T) {
	d := newDoor(t)
	body := demand(d.slot("a", "09:00"))
	for _, c := range []struct{ name, body, contentType string }{
		{"a form", "creneau_id=x", "application/x-www-form-urlencoded"},
		{"JSON that does not say so", body, "text/plain"},
		{"two values", body + body, ""},
		{"something behind the value", body + " x", ""},
		{"not UTF-8", strings.Replace(body, "Nom-canari", "Nom\xff", 1), ""},
		{"a list", "[" + body + "]", ""},
		{"null", "null", ""},
		{"very deep", strings.Repeat("[", 60<<10), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d.t = t
			d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: c.name, body: c.body, contentType: c.contentType}), 422, "champ_invalide", "(corps)")
		})
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	d := newDoor(t)
	got := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: demand(d.slot("a", "09:00"),
		`usager.telephone="12"`, `usager.nom="a\nb"`, `prescripteur.courriel="aidant@example"`, `consentement.recueilli_le="2026-11-22T12:06:00+01:00"`,
		`besoin.precisions="x\u202ey"`, `reference="\u0007"`)})
	var named []string
	for _, f := range d.problem(got, 422, "champ_invalide", "")["champs"].([]any) {
		named = append(named, f.(map[string]any)["champ"].(string))
	}
	want := []string{"besoin.precisions", "consentement.recueilli_le", "prescripteur.courriel", "reference", "usager.nom", "usager.telephone"}
	if !slices.Equal(named, want) {
		t.Errorf("named %q, want %q", named, want)
	}
	if strings.Contains(string(got.body), "aidant@example") {
		t.Error("the answer repeats what the person gave")
	}
}

// Clients that write null for what they do not have are understood, and are answered with null.
func TestNullIsNothing(t *testing.T) {
	d := newDoor(t)
	got := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: demand(d.slot("a", "09:00"),
		"reservation_id=null", "reference=null", "nombre=null", "accueil_demande=null", "usager.telephone=null", "usager.courriel=null", "usager.adresse=null",
		"usager.langue=null", "usager.reference=null", "prescripteur.telephone=null", "prescripteur.structure=null", "besoin.precisions=null", "consentement.reference_mandat=null")})
	if got.status != 201 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	v := got.json(t)
	person := v["usager"].(map[string]any)
	if value, there := person["courriel"]; !there || value != nil {
		t.Errorf("usager: %v", person)
	}
	if v["reference"] != nil || v["nombre"] != 1.0 {
		t.Errorf("reference %v, nombre %v", v["reference"], v["nombre"])
	}
	d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k2", body: demand("x", "usager.prenom=null")}), 422, "champ_invalide", "usager.prenom")
}

func TestLongTextKeepsItsLines(t *testing.T) {
	d := newDoor(t)
	got := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: demand(d.slot("a", "09:00"),
		`besoin.precisions="une ligne\r\nune autre"`, `prescripteur.structure={"nom":"S","siret":"35600000000048"}`)})
	if got.status != 201 || got.json(t)["besoin"].(map[string]any)["precisions"] != "une ligne\r\nune autre" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestSIRET(t *testing.T) {
	for n, want := range map[string]bool{
		"73282932000074": true, "73282932000075": false, // Luhn
		"35600000000048": true, "35600000049837": true, "35600000049838": false, // La Poste
	} {
		if siret(n) != want {
			t.Errorf("siret(%s) = %v", n, !want)
		}
	}
}

// An answer to a key that was used for a hold shows what became of it.
func TestAHoldThatServedHasNoEnd(t *testing.T) {
	d := newDoor(t)
	hold := ask{method: "POST", path: "/v1/reservations", key: "k1", body: `{"creneau_id":"` + d.slot("a", "09:00") + `"}`}
	id := d.do(hold).json(t)["id"].(string)
	booked := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k2", body: demand("", "creneau_id=", `reservation_id="`+id+`"`)})
	if booked.status != 201 || booked.json(t)["expire_le"] != nil {
		t.Fatalf("booked: %d %s", booked.status, booked.body)
	}
	again := d.do(hold)
	if v := again.json(t); again.status != 201 || v["id"] != id || v["expire_le"] != nil || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("again: %d %s", again.status, again.body)
	}
	d.problem(d.do(ask{method: "DELETE", path: "/v1/reservations/" + id}), 409, "reservation_utilisee", "")
}

func TestAnAgendaThatCannotHandsOn(t *testing.T) {
	d := newDoor(t)
	d.diary.book = &connectors.Error{Op: "book", Kind: connectors.Unsupported}
	for key, body := range map[string]string{
		"by slot": demand(d.slot("d", "09:00")),
		"by hold": demand("", "creneau_id=", `reservation_id="`+d.held("d", "10:00")+`"`),
	} {
		p := d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: key, body: body}), 409, "agenda_refuse", "")
		if p["lien"] != "https://www.rdv-aide-numerique.fr/org/99990002" {
			t.Errorf("%s: lien %v", key, p["lien"])
		}
	}
}

// held is the id of a hold at an hour on Monday.
func (d *door) held(place, hour string) string {
	d.t.Helper()
	got := d.do(ask{method: "POST", path: "/v1/reservations", key: place + hour, body: `{"creneau_id":"` + d.slot(place, hour) + `"}`})
	if got.status != 201 {
		d.t.Fatalf("held: %d %s", got.status, got.body)
	}
	return got.json(d.t)["id"].(string)
}

func TestAListIsFilteredByAlias(t *testing.T) {
	d := newDoor(t)
	d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: demand(d.slot("a", "09:00"))})
	for id, want := range map[string]float64{"a": 1, "mediation-numerique--a": 1, "b": 0, "nulle-part": 0} {
		if got := d.do(ask{path: "/v1/rendez-vous?lieu_id=" + id}).json(t)["total"]; got != want {
			t.Errorf("%s: %v", id, got)
		}
	}
}

// A partner follows its appointments by asking again from the last instant that it was given: that instant is included.
func TestChangesAreFollowedFromTheLastOne(t *testing.T) {
	d := newDoor(t)
	booked := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k1", body: demand(d.slot("a", "09:00"))}).json(t)
	d.wait(1500 * time.Millisecond)
	d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k2", body: demand(d.slot("a", "10:00"))})
	d.wait(time.Second)
	cancelled := d.do(ask{method: "POST", path: "/v1/rendez-vous/" + booked["id"].(string) + "/annulation", key: "k3", body: `{"raison":"empêchement","par":"usager"}`}).json(t)
	since := "/v1/rendez-vous?modifie_apres=" + url.QueryEscape(cancelled["modifie_le"].(string))
	for path, want := range map[string]float64{
		"/v1/rendez-vous": 2, since: 1, since + "&statut=confirme": 0, since + "&statut=annule&statut=confirme": 1,
		"/v1/rendez-vous?statut=annule": 1, "/v1/rendez-vous?statut=confirme": 1, "/v1/rendez-vous?statut=demande": 0,
	} {
		if got := d.do(ask{path: path}).json(t)["total"]; got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	items := d.do(ask{path: "/v1/rendez-vous"}).json(t)["items"].([]any)
	if last := items[1].(map[string]any); last["id"] != booked["id"] || last["annulation"].(map[string]any)["par"] != "usager" {
		t.Errorf("the last change is not the cancellation: %v", last)
	}
}
