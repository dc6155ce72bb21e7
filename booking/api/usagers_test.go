package api

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"passerelle/auth"
)

func person(reference string) string { return "/v1/usagers/" + url.PathEscape(reference) }

func TestAPersonIsGivenAllThatIsKeptAndIsErased(t *testing.T) {
	d := newDoor(t)
	const name = "dossier/12 é"
	book := func(place, hour, reference string) string {
		t.Helper()
		got := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: place + hour, body: demand(d.slot(place, hour), `usager.reference="`+reference+`"`, "doublon_accepte=true")})
		if got.status != 201 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		return got.json(t)["id"].(string)
	}
	first, second := book("a", "09:00", name), book("g", "10:00", name)
	book("a", "11:00", "quelqu'un d'autre")

	got := d.do(ask{path: person(name)})
	kept := got.json(t)["rendez_vous"].([]any)
	if got.status != 200 || len(kept) != 2 || !strings.Contains(string(got.body), "Nom-canari") {
		t.Fatalf("%d %s", got.status, got.body)
	}
	other := d.tokenOf(d.newPartner("deux", auth.AllScopes()), auth.AllScopes())
	d.problem(d.do(ask{path: person(name), token: other}), 404, "usager_inconnu", "")
	if got := d.do(ask{method: "DELETE", path: person(name), token: other}); got.status != 204 {
		t.Errorf("another partner's: %d %s", got.status, got.body)
	}

	p := d.problem(d.do(ask{method: "DELETE", path: person(name)}), 409, "rendez_vous_a_venir", "")
	if id := p["rendez_vous_id"]; id != first && id != second {
		t.Errorf("it does not say which: %v", p)
	}
	if d.read(first)["usager"] == nil || d.read(second)["usager"] == nil {
		t.Error("part of her was erased all the same")
	}
	cancelled := d.do(ask{method: "POST", path: "/v1/rendez-vous/" + second + "/annulation", key: "c", body: `{"par":"usager","raison":"empêchement"}`})
	if cancelled.status != 200 {
		t.Fatalf("%d %s", cancelled.status, cancelled.body)
	}
	d.until(sunday.Add(25 * time.Hour)) // the first one is over
	for range 2 {
		if got := d.do(ask{method: "DELETE", path: person(name)}); got.status != 204 {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	for _, id := range []string{first, second} {
		if v := d.read(id); v["usager"] != nil || v["prescripteur"] != nil || v["statut"] == nil {
			t.Errorf("%v", v)
		}
	}
	d.problem(d.do(ask{path: person(name)}), 404, "usager_inconnu", "")
	if got := d.do(ask{path: person("quelqu'un d'autre")}); got.status != 200 {
		t.Errorf("somebody else is gone too: %d", got.status)
	}
	if strings.Contains(d.log.String(), "dossier") {
		t.Error("the log knows the partner's name of her")
	}
}

func TestAPartnerMayKeepTheIdentityToItself(t *testing.T) {
	d := newDoor(t)
	minimal := []string{
		"usager.prenom=", "usager.nom=", "usager.telephone=", `usager.reference="dossier-7"`, `usager.contact="par_prescripteur"`, `mode_prive="minimal"`, "besoin.precisions=",
	}
	got := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: demand(d.slot("a", "09:00"), minimal...)})
	if got.status != 201 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if u := got.json(t)["usager"].(map[string]any); u["nom"] != nil || u["prenom"] != nil || u["reference"] != "dossier-7" {
		t.Errorf("%v", u)
	}
	slot := d.slot("a", "10:00")
	for _, c := range []struct{ over, field string }{
		{`usager.nom="Nom"`, "usager.nom"},
		{`usager.prenom="P"`, "usager.prenom"},
		{`usager.telephone="0639980001"`, "usager.telephone"},
		{`usager.courriel="a@example.org"`, "usager.courriel"},
		{`usager.adresse="1 rue"`, "usager.adresse"},
		{`usager.langue="fr"`, "usager.langue"},
		{`usager.reference=`, "usager.reference"},
		{`usager.contact="sms"`, "usager.contact"},
		{`besoin.precisions="Nom de la personne"`, "besoin.precisions"},
		{`mode_prive="complet"`, "usager.nom"},
		{`mode_prive=`, "usager.prenom"},
		{`mode_prive="secret"`, "mode_prive"},
	} {
		got := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: c.over, body: demand(slot, append(minimal, c.over)...)})
		if got.status != 422 || !strings.Contains(string(got.body), `"champ":"`+c.field+`"`) {
			t.Errorf("%s: %d %s", c.over, got.status, got.body)
		}
	}
}

func TestAFreeTextWithSecretsIsRefused(t *testing.T) {
	d := newDoor(t)
	slot := d.slot("a", "09:00")
	for _, text := range []string{"sécu 1 85 05 78 006 084 91", "IBAN FR76 3000 6000 0112 3456 7890 189", "mdp : soleil"} {
		d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: text, body: demand(slot, `besoin.precisions="`+text+`"`)}), 422, "champ_invalide", "besoin.precisions")
	}
	id := d.booked("a", "09:00")
	d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous/" + id + "/annulation", key: "c", body: `{"par":"usager","raison":"mot de passe : soleil"}`}), 422, "champ_invalide", "raison")
}
