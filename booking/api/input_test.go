package api

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// Every query parameter of every operation refuses a value of the wrong type, or too many, and names itself.
func TestEveryParameterOfTheWrongTypeIsNamed(t *testing.T) {
	d := newDoor(t)
	spec, err := contractDocument()
	if err != nil {
		t.Fatal(err)
	}
	free := map[string]bool{"lien": true, "q": true, "reference": true, "motif": true, "url": true, "lieu_id": true} // any text will do
	checked := 0
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			for _, p := range op.Parameters {
				if p.Value.In != openapi3.ParameterInQuery {
					continue
				}
				value := "pas-ceci"
				if free[p.Value.Name] {
					value = "" // but none at all will not
				}
				query := url.Values{p.Value.Name: {value}}
				d.problem(d.do(ask{method: method, path: strings.ReplaceAll(path, "{id}", "a") + "?" + query.Encode(), key: "k"}), 422, "champ_invalide", p.Value.Name)
				checked++
			}
		}
	}
	if checked < 45 {
		t.Errorf("only %d parameters were checked", checked)
	}
}

// Every operation refuses a parameter that it does not know, and names it. Those who watch the process may add what they
// like, and the errors of a token are OAuth's.
func TestEveryUnknownParameterIsNamed(t *testing.T) {
	d := newDoor(t)
	spec, err := contractDocument()
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			got := d.do(ask{method: method, path: strings.ReplaceAll(path, "{id}", "a") + "?inconnu=1", key: "k"})
			switch op.OperationID {
			case "getLivez", "getReadyz":
				if got.status != 200 {
					t.Errorf("%s: %d", path, got.status)
				}
			case "postToken":
				if got.status != 400 || got.json(t)["error"] != "invalid_request" {
					t.Errorf("%s: %d %s", path, got.status, got.body)
				}
			default:
				d.problem(got, 422, "champ_invalide", "inconnu")
			}
		}
	}
}

// Every field of every body is named when it is of the wrong type, when it is missing, and when nobody knows it.
func TestEveryWrongFieldOfABodyIsNamed(t *testing.T) {
	d := newDoor(t)
	spec, err := contractDocument()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody == nil || op.OperationID == "postToken" {
				continue
			}
			refused := func(body, field string) {
				t.Helper()
				d.problem(d.do(ask{method: method, path: strings.ReplaceAll(path, "{id}", "a"), key: "k", body: body}), 422, "champ_invalide", field)
				checked++
			}
			schema := op.RequestBody.Value.Content["application/json"].Schema.Value
			refused(`{"urgence":1}`, "urgence")
			for _, name := range schema.Required {
				refused(`{}`, name)
			}
			for name, field := range schema.Properties {
				wrong := `{"x":1}`
				if field.Value.Type.Includes(openapi3.TypeObject) {
					wrong = "5"
				}
				refused(`{"`+name+`":`+wrong+`}`, name)
			}
		}
	}
	if checked < 30 {
		t.Errorf("only %d were checked", checked)
	}
}

func TestBadQuestions(t *testing.T) {
	d := newDoor(t)
	for _, c := range []struct{ name, path, field string }{
		{"a window too long", "/v1/lieux/a/creneaux?debut=2026-12-01&fin=2027-02-02", "fin"},
		{"a window that ends before it begins", "/v1/lieux/a/creneaux?debut=2026-12-02&fin=2026-12-01", "fin"},
		{"an instant without an offset", "/v1/lieux/a/creneaux?debut=2026-12-01T09:00:00", "debut"},
		{"a day that does not exist", "/v1/lieux/a/creneaux?debut=2026-02-30", "debut"},
		{"an unknown motif", "/v1/lieux/a/creneaux?motif=rien", "motif"},
		{"an unknown label", "/v1/lieux?services=Plomberie", "services"},
		{"half a point", "/v1/lieux?lat=44", "lon"},
		{"a group of communes that is none", "/v1/creneaux?code_epci=26", "code_epci"},
		{"a radius around nothing", "/v1/lieux?rayon_km=3", "rayon_km"},
		{"a misspelt parameter", "/v1/lieux?code_comune=26108", "code_comune"},
		{"a text without a word", "/v1/lieux?q=%F0%9F%98%80", "q"},
		{"a blank link", "/v1/lieux?lien=%20", "lien"},
		{"a page of 1,001", "/v1/lieux?size=1001", "size"},
		{"a hundred and one ids", "/v1/lieux?" + strings.Repeat("lieu_id=a&", 101), "lieu_id"},
		{"an unknown sort", "/v1/creneaux?tri=prix", "tri"},
		{"the nearest of nowhere", "/v1/creneaux?tri=proximite&code_departement=26", "tri"},
		{"free before the window begins", "/v1/creneaux?debut=2026-12-02&disponible_avant=2026-12-02", "disponible_avant"},
		{"free before a time that is over", "/v1/creneaux?disponible_avant=2026-11-22", "disponible_avant"},
		{"free before a day after the window", "/v1/creneaux?fin=2026-12-02&disponible_avant=2026-12-03", "disponible_avant"},
		{"free before a day after two weeks", "/v1/creneaux?disponible_avant=2026-12-07", "disponible_avant"},
		{"free before what is no date", "/v1/creneaux?disponible_avant=2026-02-30", "disponible_avant"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d.t = t
			d.problem(d.do(ask{path: c.path}), 422, "champ_invalide", c.field)
		})
	}
}

func TestBadBookings(t *testing.T) {
	d := newDoor(t)
	id := d.slot("a", "09:00")
	for _, c := range []struct{ name, body, code, field string }{
		{"a forged slot", demand(id[:len(id)-4] + "AAAA"), "creneau_invalide", "creneau_id"},
		{"neither slot nor hold", demand("", "creneau_id="), "champ_invalide", "creneau_id"},
		{"both slot and hold", demand(id, `reservation_id="x"`), "champ_invalide", "creneau_id"},
		{"an unknown field", demand(id, `urgence=true`), "champ_invalide", "urgence"},
		{"no person", demand(id, "usager="), "champ_invalide", "usager"},
		{"no first name", demand(id, "usager.prenom="), "champ_invalide", "usager.prenom"},
		{"a blank name", demand(id, `usager.nom="  "`), "champ_invalide", "usager.nom"},
		{"a number that is none", demand(id, `usager.telephone="12"`), "champ_invalide", "usager.telephone"},
		{"an address that is none", demand(id, `prescripteur.courriel="aidant"`), "champ_invalide", "prescripteur.courriel"},
		{"a control character", demand(id, `usager.nom="a\u0000b"`), "champ_invalide", "usager.nom"},
		{"an unknown way to be told", demand(id, `usager.contact="pigeon"`), "champ_invalide", "usager.contact"},
		{"to be called without a number", demand(id, `usager.contact="appel"`, "usager.telephone="), "champ_invalide", "usager.telephone"},
		{"to be written to without an address", demand(id, `usager.contact="courriel"`), "champ_invalide", "usager.courriel"},
		{"two at an individual motif", demand(id, `nombre=2`), "champ_invalide", "nombre"},
		{"nobody", demand(id, `nombre=0`), "champ_invalide", "nombre"},
		{"a reception that is not offered", demand(id, `accueil_demande=["piscine"]`), "champ_invalide", "accueil_demande"},
		{"too many words", demand(id, `besoin.precisions="`+strings.Repeat("x", 601)+`"`), "champ_invalide", "besoin.precisions"},
		{"a date that is none", demand(id, `consentement.recueilli_le="hier"`), "champ_invalide", "consentement.recueilli_le"},
		{"no consent", demand(id, "consentement="), "champ_invalide", "consentement"},
		{"a wrong SIRET", demand(id, `prescripteur.structure={"nom":"S","siret":"12345678901234"}`), "champ_invalide", "prescripteur.structure.siret"},
		{"an unknown service", demand(id, `besoin.services=["Plomberie"]`), "champ_invalide", "besoin.services"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d.t = t
			d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: c.name, body: c.body}), 422, c.code, c.field)
		})
	}
	d.t = t
	if d.slot("a", "09:00") == "" {
		t.Error("a refused booking took the slot")
	}
	d.wait(24 * time.Hour)
	token := d.tokenOf(d.partner, d.partner.Scopes)
	d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "past", body: demand(id), token: token}), 422, "creneau_passe", "creneau_id")
}
