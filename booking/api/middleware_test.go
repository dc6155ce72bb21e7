package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"passerelle/auth"
)

func TestACallersRequestIDIsTakenIfItIsHarmless(t *testing.T) {
	d := newDoor(t)
	for given, kept := range map[string]bool{
		"abc-123_X.9": true, strings.Repeat("a", 64): true,
		"": false, "a b": false, "a\"b": false, "é": false, strings.Repeat("a", 65): false, "<script>": false,
	} {
		got := d.do(ask{path: "/nulle-part", header: http.Header{"X-Request-Id": {given}}})
		id := got.header.Get("X-Request-Id")
		if (id == given) != kept || id == "" {
			t.Errorf("%q became %q", given, id)
		}
		if d.problem(got, 404, "adresse_inconnue", "")["request_id"] != id {
			t.Errorf("the problem names another request than %q", id)
		}
	}
}

func TestTheLogSaysWhichCallNotWhatWasAsked(t *testing.T) {
	d := newDoor(t)
	d.do(ask{path: "/v1/lieux/canari-de-chemin?x=canari-de-question"})
	d.do(ask{path: "/v1/lieux?q=canari-de-question", header: http.Header{"X-Request-Id": {"appel-1"}}})
	d.do(ask{method: "POST", path: "/v1/reservations", key: "canari-de-cle", body: `{"creneau_id":"canari-de-corps"}`})
	log := d.log.String()
	for _, want := range []string{"route=/v1/lieux/:id", "route=/v1/lieux ", "methode=POST", "statut=422", "partenaire=" + d.partner.ID, "request_id=appel-1"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %q:\n%s", want, log)
		}
	}
	if strings.Contains(log, "canari") || strings.Contains(log, d.token) {
		t.Errorf("the log has what was asked:\n%s", log)
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	d := newDoor(t)
	for _, a := range []ask{{path: "/docs"}, {path: "/v1/lieux"}, {path: "/nulle-part"}, {path: "/v1/lieux", token: "-"}, {method: "PUT", path: "/v1/lieux"}} {
		got := d.do(a)
		guards := map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
		if a.path == "/docs" { // which a browser shows
			guards["Referrer-Policy"] = "no-referrer"
		}
		for name, want := range guards {
			if got.header.Get(name) != want {
				t.Errorf("%s %s: %s is %q", a.method, a.path, name, got.header.Get(name))
			}
		}
		if !strings.HasPrefix(got.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: no policy", a.path)
		}
	}
}

// A small map holds eight headers.
func TestASearchHasFewHeaders(t *testing.T) {
	d := newDoor(t)
	d.limited(func(*Limits) {})
	for _, path := range []string{"/v1/creneaux?code_postal=26400", "/v1/lieux/a/creneaux"} {
		if got := d.do(ask{path: path}); got.status != 200 || len(got.header) > 8 || got.header.Get("Ratelimit") == "" {
			t.Errorf("%s: %d, %d headers: %v", path, got.status, len(got.header), got.header)
		}
	}
}

func TestAMissingScopeIsNamedToTheClientToo(t *testing.T) {
	d := newDoor(t)
	got := d.do(ask{path: "/v1/lieux/a/creneaux", token: d.tokenOf(d.partner, auth.Scopes{auth.ReadPlaces})})
	p := d.problem(got, 403, "portee_manquante", "scope")
	if h := got.header.Get("WWW-Authenticate"); !strings.Contains(h, `error="insufficient_scope"`) || !strings.Contains(h, `scope="creneaux:lire"`) {
		t.Errorf("WWW-Authenticate: %s", h)
	}
	if p["type"] != "https://rdv.example.org/docs#portee_manquante" {
		t.Errorf("type: %v", p["type"])
	}
}

func TestAKeyIsGivenOnce(t *testing.T) {
	d := newDoor(t)
	body := `{"creneau_id":"` + d.slot("a", "09:00") + `"}`
	twice := http.Header{"Idempotency-Key": {"a", "b"}}
	d.problem(d.do(ask{method: "POST", path: "/v1/reservations", body: body, header: twice}), 422, "champ_invalide", "Idempotency-Key")
	d.problem(d.do(ask{method: "POST", path: "/v1/reservations", body: `{`}), 400, "cle_manquante", "Idempotency-Key")
}

func TestNotReadyIsUnavailable(t *testing.T) {
	s := &server{Options: Options{Ready: func(context.Context) error { return errors.New("a fault") }}}
	_, err := s.GetReadyz(t.Context(), GetReadyzRequestObject{})
	if status, p := s.problem(err); status != 503 || p.Code != "pas_pret" || strings.Contains(p.Detail, "fault") {
		t.Errorf("%d %+v", status, p)
	}
}
