package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// What a lenient reader would pass over in silence would answer another question than the one that was asked.
func TestNothingOfAQueryIsPassedOver(t *testing.T) {
	d := newDoor(t)
	for _, c := range []struct{ name, path, field string }{
		{"a broken escape", "/v1/lieux?q=%zz", "(adresse)"},
		{"a semicolon between parameters", "/v1/lieux?page=1;size=2", "(adresse)"},
		{"a single value given twice", "/v1/lieux?page=1&page=2", "page"},
		{"text that is not UTF-8", "/v1/lieux?q=%FF", "q"},
		{"a control character", "/v1/lieux?q=%00", "q"},
		{"a name that nobody knows, very long", "/v1/lieux?" + strings.Repeat("x", 300) + "=1", strings.Repeat("x", 64) + "…"},
		{"a latitude that is no number", "/v1/lieux?lat=NaN&lon=5", "lat"},
		{"an endless longitude", "/v1/lieux?lat=44&lon=Inf", "lon"},
		{"a criterion beside ids", "/v1/creneaux?lieu_id=a&code_postal=26400", "code_postal"},
		{"another criterion beside ids", "/v1/creneaux?lieu_id=a&code_epci=200040509", "code_epci"},
		{"free soon enough beside ids", "/v1/creneaux?lieu_id=a&disponible_avant=2026-11-24", "disponible_avant"},
		{"a point beside ids", "/v1/creneaux?lieu_id=a&lat=44&lon=5", "lat"},
		{"a day of another age", "/v1/lieux/a/creneaux?debut=9999-12-31", "debut"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d.t = t
			d.problem(d.do(ask{path: c.path}), 422, "champ_invalide", c.field)
		})
	}
}

// A hundred wrong values of one parameter are one fault.
func TestAFaultIsNamedOnce(t *testing.T) {
	d := newDoor(t)
	p := d.problem(d.do(ask{path: "/v1/lieux?" + strings.Repeat("code_postal=x&", 90)}), 422, "champ_invalide", "code_postal")
	if n := len(p["champs"].([]any)); n != 1 {
		t.Errorf("named %d times", n)
	}
}

// A plus sign that was not escaped is the commonest fault of a date in an address: the answer says so.
func TestAPlusSignIsExplained(t *testing.T) {
	d := newDoor(t)
	for _, path := range []string{
		"/v1/lieux/a/creneaux?debut=2026-12-01T09:00:00+01:00",
		"/v1/rendez-vous?modifie_apres=2026-12-01T09:00:00+01:00",
	} {
		if got := d.do(ask{path: path}); got.status != 422 || !strings.Contains(string(got.body), "%2B") {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
		escaped := strings.Replace(path, "+", "%2B", 1)
		if got := d.do(ask{path: escaped}); got.status != 200 {
			t.Errorf("%s: %d %s", escaped, got.status, got.body)
		}
	}
}

func TestEveryIDThatIsAskedForIsAnswered(t *testing.T) {
	d := newDoor(t)
	query := url.Values{}
	for range 33 {
		query["lieu_id"] = append(query["lieu_id"], "a", "nulle-part", "mediation-numerique--b")
	}
	got := d.do(ask{path: "/v1/creneaux?" + query.Encode()}).json(t)
	items := got["items"].([]any)
	if len(items) != 99 || got["total"] != 99.0 {
		t.Fatalf("%d answers of %v to 99 ids", len(items), got["total"])
	}
	for i, want := range query["lieu_id"] {
		item := items[i].(map[string]any)
		if item["lieu_id"] != want || (item["etat"] == "lieu_inconnu") != (want == "nulle-part") || (item["lieu"] == nil) != (want == "nulle-part") {
			t.Fatalf("answer %d to %q: %v", i, want, item)
		}
	}
	if states := got["etats"].(map[string]any); states["lieu_inconnu"] != 33.0 {
		t.Errorf("states: %v", states)
	}
	query.Set("limite", "10")
	if got := d.do(ask{path: "/v1/creneaux?" + query.Encode()}).json(t); len(got["items"].([]any)) != 10 || got["pages"] != 10.0 {
		t.Errorf("a page of ten has %d, of %v pages", len(got["items"].([]any)), got["pages"])
	}
}

// Ids come from files that others write: any text may be one.
func TestAnIDMayHoldAnything(t *testing.T) {
	d := newDoor(t)
	for _, id := range []string{"f/é 1", "f/é 1/creneaux"} {
		path := "/v1/lieux/" + url.PathEscape(id)
		got := d.do(ask{path: path})
		if id == "f/é 1" {
			if got.status != 200 || got.json(t)["id"] != id {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
			continue
		}
		d.problem(got, 404, "lieu_inconnu", "lieu_id")
	}
	if got := d.do(ask{path: "/v1/lieux/" + url.PathEscape("f/é 1") + "/creneaux"}); got.status != 200 {
		t.Errorf("its slots: %d %s", got.status, got.body)
	}
}

// gin's own redirections would be an exit that is no problem.
func TestAnAddressIsNeverGuessed(t *testing.T) {
	d := newDoor(t)
	for _, path := range []string{"/v1/lieux/", "/docs/", "/V1/lieux", "//v1/lieux"} {
		d.problem(d.do(ask{path: path}), 404, "adresse_inconnue", "")
	}
	refused := d.do(ask{method: http.MethodPatch, path: "/v1/rendez-vous"})
	d.problem(refused, 405, "methode_refusee", "")
	if allow := refused.header.Get("Allow"); !strings.Contains(allow, "GET") || !strings.Contains(allow, "POST") {
		t.Errorf("Allow: %q", allow)
	}
}

// A group of communes has the places of its communes: Crest is in this one, Die and Eurre are not.
func TestPlacesAreFoundByTheirGroupOfCommunes(t *testing.T) {
	d := newDoor(t)
	for _, path := range []string{"/v1/lieux", "/v1/creneaux"} {
		all := d.do(ask{path: path + "?code_departement=26"}).json(t)
		found := d.do(ask{path: path + "?code_epci=200040509"}).json(t)
		if found["total"] == all["total"] || found["total"] == 0.0 {
			t.Errorf("%s: %v of %v", path, found["total"], all["total"])
		}
	}
}
