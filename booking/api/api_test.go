package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/auth"
	"passerelle/connectors"
)

func TestFromATokenToACancelledAppointment(t *testing.T) {
	d := newDoor(t)
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {d.partner.ID}, "client_secret": {"secret-un"}}
	token := d.do(ask{method: "POST", path: "/oauth/token", token: "-", body: form.Encode(), contentType: "application/x-www-form-urlencoded"}).json(t)
	if token["token_type"] != "Bearer" || token["expires_in"].(float64) > 300 {
		t.Fatalf("token: %v", token)
	}
	d.token = token["access_token"].(string)

	found := d.do(ask{path: "/v1/lieux?lat=44.73&lon=5.02&rayon_km=2"}).json(t)
	place := found["items"].([]any)[0].(map[string]any)
	if found["total"] != 1.0 || place["id"] != "a" || place["code_insee_deduit"] != true || place["distance_km"] == nil {
		t.Fatalf("found: %v", found)
	}
	id := d.slot("a", "09:00")
	booked := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k1", body: demand(id, `reference="R1"`)})
	v := booked.json(t)
	if booked.status != 201 || v["statut"] != "confirme" || v["reference"] != "R1" || booked.header.Get("Location") != "/v1/rendez-vous/"+v["id"].(string) {
		t.Fatalf("booked: %d %s", booked.status, booked.body)
	}
	if tel := v["usager"].(map[string]any)["telephone"]; tel != "+33639980001" {
		t.Errorf("telephone: %v", tel)
	}
	if d.slot("a", "09:00") != "" || d.slot("b", "09:00") != "" {
		t.Error("the slot is still there, here or at the other place of the same diary")
	}
	lost := d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k2", body: demand(id)}), 409, "creneau_pris", "")
	if near := lost["creneaux_proches"].([]any); len(near) == 0 {
		t.Error("a lost slot comes without others")
	}
	list := d.do(ask{path: "/v1/rendez-vous?statut=confirme&reference=R1&lieu_id=a"}).json(t)
	if list["total"] != 1.0 {
		t.Errorf("list: %v", list)
	}
	ics := d.do(ask{path: "/v1/rendez-vous/" + v["id"].(string) + ".ics"})
	if ics.status != 200 || !strings.HasPrefix(ics.header.Get("Content-Type"), "text/calendar") || !strings.Contains(string(ics.body), "DTSTART:20261123T080000Z") || strings.Contains(string(ics.body), "canari") {
		t.Errorf("ics: %d %s", ics.status, ics.body)
	}
	cancelled := d.do(ask{method: "POST", path: "/v1/rendez-vous/" + v["id"].(string) + "/annulation", key: "k3", body: `{"raison":"empêchement","par":"usager"}`})
	if cancelled.status != 200 || cancelled.json(t)["statut"] != "annule" {
		t.Fatalf("cancelled: %d %s", cancelled.status, cancelled.body)
	}
	if d.slot("b", "09:00") == "" {
		t.Error("the slot did not come back")
	}
	if strings.Contains(d.log.String(), "canari") || strings.Contains(d.log.String(), "639980001") {
		t.Error("personal data in the log")
	}
}

func TestSixtyFourClientsBookOneSlot(t *testing.T) {
	d := newDoor(t)
	id := d.slot("a", "09:00")
	var created, conflicts atomic.Int32
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			switch got := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: fmt.Sprint(i), body: demand(id)}); got.status {
			case 201:
				created.Add(1)
			case 409:
				conflicts.Add(1)
			default:
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
	wg.Wait()
	if created.Load() != 1 || conflicts.Load() != 63 {
		t.Errorf("%d created, %d conflicts", created.Load(), conflicts.Load())
	}
}

func TestAHoldOverTheWire(t *testing.T) {
	d := newDoor(t)
	got := d.do(ask{method: "POST", path: "/v1/reservations", key: "k1", body: `{"creneau_id":"` + d.slot("a", "09:00") + `"}`})
	held := got.json(t)
	if got.status != 201 || held["expire_le"] != "2026-11-22T12:10:00+01:00" {
		t.Fatalf("held: %d %s", got.status, got.body)
	}
	path := "/v1/reservations/" + held["id"].(string)
	d.problem(d.do(ask{path: "/v1/rendez-vous/" + held["id"].(string)}), 404, "rendez_vous_inconnu", "")
	if got := d.do(ask{method: "POST", path: path + "/prolongation", key: "k2"}); got.status != 200 {
		t.Errorf("longer: %d %s", got.status, got.body)
	}
	d.problem(d.do(ask{method: "POST", path: path + "/prolongation", key: "k3"}), 409, "prolongation_impossible", "")
	if got := d.do(ask{method: "DELETE", path: path}); got.status != 204 {
		t.Errorf("released: %d %s", got.status, got.body)
	}
	d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k4", body: demand("", "creneau_id=", `reservation_id="`+held["id"].(string)+`"`)}), 409, "reservation_expiree", "")
}

func TestTheSameKeyTwice(t *testing.T) {
	d := newDoor(t)
	id := d.slot("a", "09:00")
	first := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: demand(id)})
	again := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: strings.Replace(demand(id), "{", "{ ", 1)}) // the same, written otherwise
	if again.status != first.status || string(again.body) != string(first.body) || again.header.Get("Idempotency-Replayed") != "true" || again.header.Get("Location") != first.header.Get("Location") {
		t.Errorf("first %d %s\nagain %d %s", first.status, first.body, again.status, again.body)
	}
	d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: demand(id, `nombre=1`, `reference="other"`)}), 422, "cle_reutilisee", "Idempotency-Key")
	d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", body: demand(id)}), 400, "cle_manquante", "Idempotency-Key")
	d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: strings.Repeat("k", 256), body: demand(id)}), 400, "cle_invalide", "Idempotency-Key")
}

func TestAnUnknownOutcomeIsNoError(t *testing.T) {
	d := newDoor(t)
	for hour, fault := range map[string]func() error{
		"09:00": func() error { return context.DeadlineExceeded },
		"10:00": func() error { panic("after it was sent") },
	} {
		d.diary.fault = fault
		got := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: hour, body: demand(d.slot("d", hour))})
		if got.status != 202 || got.json(t)["statut"] != "incertain" || got.header.Get("Retry-After") == "" || got.header.Get("Location") == "" {
			t.Errorf("%d %v %s", got.status, got.header, got.body)
		}
		if d.slot("d", hour) != "" {
			t.Error("the slot of an unknown outcome is shown free")
		}
	}
}

// An agenda that panics while it is read is one that was not read.
func TestAnAgendaThatPanicsIsUnknown(t *testing.T) {
	d := newDoor(t)
	d.diary.read = func(context.Context) (connectors.Reading, error) { panic("canari-de-panique") }
	if got := d.do(ask{path: "/v1/lieux/d/creneaux"}).json(t); got["etat"] != "inconnu" {
		t.Errorf("%v", got)
	}
	d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: demand(d.signedSlot("d"))}), 503, "source_en_echec", "")
}

func TestAnAgendaThatFailsIsUnknownAndCannotBeBooked(t *testing.T) {
	d := newDoor(t)
	id := d.slot("d", "09:00")
	d.diary.read = func(context.Context) (connectors.Reading, error) {
		return connectors.Reading{}, &connectors.Error{Op: "read", Kind: connectors.Unavailable, RetryAfter: 90 * time.Second}
	}
	d.wait(time.Hour)
	d.token = d.tokenOf(d.partner, auth.AllScopes())
	got := d.do(ask{path: "/v1/lieux/d/creneaux"}).json(t)
	if got["etat"] != "inconnu" || got["motif_vide"] != "source_en_echec" || len(got["creneaux"].([]any)) != 0 {
		t.Errorf("%v", got)
	}
	refused := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: demand(id)})
	d.problem(refused, 503, "source_en_echec", "")
	if refused.header.Get("Retry-After") != "90" {
		t.Errorf("Retry-After: %q", refused.header.Get("Retry-After"))
	}
}

func TestAPartnerSeesOnlyItsOwn(t *testing.T) {
	d := newDoor(t)
	id := d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: demand(d.slot("a", "09:00"))}).json(t)["id"].(string)
	other := d.tokenOf(d.newPartner("deux", auth.AllScopes()), auth.AllScopes())
	same := http.Header{"X-Request-Id": {"r"}}
	for _, a := range []ask{
		{path: "/v1/rendez-vous/%s"},
		{path: "/v1/rendez-vous/%s.ics"},
		{method: "POST", path: "/v1/rendez-vous/%s/annulation", key: "k", body: `{"raison":"x","par":"usager"}`},
		{method: "POST", path: "/v1/reservations/%s/prolongation", key: "k2"},
		{method: "DELETE", path: "/v1/reservations/%s"},
	} {
		a.token, a.header = other, same
		theirs, missing := a, a
		theirs.path, missing.path = fmt.Sprintf(a.path, id), fmt.Sprintf(a.path, strings.Repeat("0", len(id)))
		x, y := d.do(theirs), d.do(missing)
		if x.status != 404 || x.status != y.status || string(x.body) != string(y.body) {
			t.Errorf("%s %s: another's is %d %s, a missing one %d %s", a.method, a.path, x.status, x.body, y.status, y.body)
		}
	}
	if n := d.do(ask{path: "/v1/rendez-vous", token: other}).json(t)["total"]; n != 0.0 {
		t.Errorf("another's list has %v", n)
	}
}

func TestAPersonalLinkIsNeverShown(t *testing.T) {
	d := newDoor(t)
	for _, path := range []string{"/v1/lieux/e", "/v1/lieux?lieu_id=e", "/v1/creneaux?lieu_id=e", "/v1/resolution?url=" + url.QueryEscape("https://www.rdv-solidarites.fr/users/rdvs/1?invitation_token=CANARI99")} {
		if got := d.do(ask{path: path}); got.status != 200 || strings.Contains(string(got.body), "CANARI99") {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if strings.Contains(d.log.String(), "CANARI99") {
		t.Error("the secret is in the log")
	}
}

func TestTokensAreAskedForAndChecked(t *testing.T) {
	d := newDoor(t)
	stranger := newDoor(t)
	settings := stranger.settings
	settings.Keyring = must[*auth.Keyring](t)(auth.NewKeyring([]byte(strings.Repeat("une autre clé ", 4))))
	issuer := must[*auth.Issuer](t)(auth.NewIssuer(settings))
	forged, _, err := issuer.Issue(t.Context(), d.partner, auth.AllScopes(), auth.Behalf{})
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{"none": "-", "garbage": "abc", "somebody else's": forged, "tampered": d.token[:len(d.token)-3] + "AAA"} {
		got := d.do(ask{path: "/v1/lieux", token: token})
		d.problem(got, 401, "jeton_invalide", "")
		if !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s: no WWW-Authenticate", name)
		}
	}
	d.wait(11 * time.Minute)
	d.problem(d.do(ask{path: "/v1/lieux"}), 401, "jeton_invalide", "")
	fresh := d.tokenOf(d.partner, auth.AllScopes())
	if err := d.ledger.RevokePartner(t.Context(), d.partner.ID, d.now()); err != nil {
		t.Fatal(err)
	}
	d.problem(d.do(ask{path: "/v1/lieux", token: fresh}), 401, "jeton_invalide", "")
}

// Every operation that the document protects refuses a token that has every scope but the one it needs.
func TestEveryProtectedOperationNeedsItsScope(t *testing.T) {
	d := newDoor(t)
	spec, err := contractDocument()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			for _, needed := range scopesOf(op) {
				var others auth.Scopes
				for _, s := range auth.AllScopes() {
					if string(s) != needed {
						others = append(others, s)
					}
				}
				got := d.do(ask{method: method, path: strings.ReplaceAll(path, "{id}", "x"), token: d.tokenOf(d.partner, others), key: "k"})
				d.problem(got, 403, "portee_manquante", "scope")
				d.problem(d.do(ask{method: method, path: strings.ReplaceAll(path, "{id}", "x"), token: "-", key: "k"}), 401, "jeton_invalide", "")
				checked++
			}
		}
	}
	if checked < 14 {
		t.Errorf("only %d operations are protected", checked)
	}
}

// The six exits at which a framework could answer for us.
func TestEveryExitIsAProblem(t *testing.T) {
	d := newDoor(t)
	d.problem(d.do(ask{path: "/nulle-part"}), 404, "adresse_inconnue", "")
	d.problem(d.do(ask{method: "PUT", path: "/v1/lieux"}), 405, "methode_refusee", "")
	d.problem(d.do(ask{path: "/v1/lieux?page=x"}), 422, "champ_invalide", "page")
	d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: `{`}), 422, "champ_invalide", "(corps)")
	d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: "<a/>", contentType: "text/xml"}), 422, "champ_invalide", "(corps)")
	d.problem(d.do(ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: strings.Repeat(" ", 64<<10+1)}), 413, "corps_trop_grand", "")
	d.problem(d.do(ask{path: "/v1/lieux/inconnu"}), 404, "lieu_inconnu", "lieu_id")
	d.ready = func(context.Context) error { panic("canari-de-panique") }
	got := d.do(ask{path: "/readyz", token: "-"})
	d.problem(got, 500, "erreur_interne", "")
	if strings.Contains(string(got.body), "canari") || !strings.Contains(d.log.String(), "canari-de-panique") {
		t.Error("the cause of a 500 belongs in the log, not in the answer")
	}
}

// signedSlot is a valid slot id of a place, made without reading its agenda.
func (d *door) signedSlot(place string) string {
	id := d.slot("a", "09:00")
	ref, err := d.service.Slots.Ref(id)
	if err != nil {
		d.t.Fatal(err)
	}
	ref.Place, ref.Agenda = place, "envoi"
	return d.service.Slots.ID(ref)
}

func TestEveryKindHasAStatus(t *testing.T) {
	for _, k := range connectors.Kinds() {
		if status, ok := statuses[k]; !ok || http.StatusText(status) == "" || k != connectors.Internal && status == 401 {
			t.Errorf("%s has status %d", k, status)
		}
		if s, ok := sentences[statuses[k]]; !ok || s.Code == "" || s.Detail == "" {
			t.Errorf("%s has no sentence of its own", k)
		}
	}
}

// A client that leaves is seen by the agenda that is being read for it.
func TestACallerThatLeavesIsSeen(t *testing.T) {
	d := newDoor(t)
	id := d.signedSlot("d")
	entered, left := make(chan struct{}), make(chan error, 1)
	d.diary.read = func(ctx context.Context) (connectors.Reading, error) {
		close(entered)
		<-ctx.Done()
		left <- ctx.Err()
		return connectors.Reading{}, ctx.Err()
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequestWithContext(ctx, "POST", "/v1/rendez-vous", strings.NewReader(demand(id)))
	r.Header.Set("Authorization", "Bearer "+d.token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "k")
	done := make(chan struct{})
	go func() { defer close(done); d.handler.ServeHTTP(httptest.NewRecorder(), r) }()
	<-entered
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) { // or else its time was over
		t.Errorf("the agenda sees %v", err)
	}
	<-done
}

func TestTheDocumentIsServed(t *testing.T) {
	d := newDoor(t)
	if got := d.do(ask{path: "/openapi.yaml", token: "-"}); got.status != 200 || string(got.body) != string(document) {
		t.Errorf("openapi.yaml: %d, %d bytes", got.status, len(got.body))
	}
	page := d.do(ask{path: "/docs", token: "-"})
	spec, err := contractDocument()
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range spec.Paths.Map() {
		for _, op := range item.Operations() {
			if !strings.Contains(string(page.body), `id="`+op.OperationID+`"`) {
				t.Errorf("the page does not show %s %s", op.OperationID, path)
			}
		}
	}
	for _, word := range []string{"<script", "src=", "href=\"http"} {
		if strings.Contains(string(page.body), word) {
			t.Errorf("the page holds %q: it must need neither script nor network", word)
		}
	}
	for _, path := range []string{"/livez", "/readyz", "/.well-known/jwks.json", "/v1/connecteurs"} {
		if got := d.do(ask{path: path}); got.status != 200 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

func TestOAuthErrors(t *testing.T) {
	d := newDoor(t)
	for _, c := range []struct {
		name, form, contentType string
		status                  int
		code                    string
	}{
		{"wrong secret", "grant_type=client_credentials&client_id=" + d.partner.ID + "&client_secret=x", "", 401, "invalid_client"},
		{"unknown client", "grant_type=client_credentials&client_id=x&client_secret=x", "", 401, "invalid_client"},
		{"another grant", "grant_type=password&client_id=" + d.partner.ID + "&client_secret=secret-un", "", 400, "unsupported_grant_type"},
		{"no grant", "client_id=" + d.partner.ID + "&client_secret=secret-un", "", 400, "invalid_request"},
		{"an unknown scope", "grant_type=client_credentials&client_id=" + d.partner.ID + "&client_secret=secret-un&scope=tout", "", 400, "invalid_scope"},
		{"a field given twice", "grant_type=client_credentials&grant_type=client_credentials&client_id=x&client_secret=x", "", 400, "invalid_request"},
		{"JSON", `{"grant_type":"client_credentials"}`, "application/json", 400, "invalid_request"},
	} {
		if c.contentType == "" {
			c.contentType = "application/x-www-form-urlencoded"
		}
		got := d.do(ask{method: "POST", path: "/oauth/token", token: "-", body: c.form, contentType: c.contentType})
		if got.status != c.status || got.json(t)["error"] != c.code {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
	}
	// RFC 6749 §3.2: what the server does not know it ignores.
	known := d.tokenRequest(d.partner.ID, "secret-un", nil)
	known.body += "&resource=https%3A%2F%2Fexample.org"
	if got := d.do(known); got.status != 200 {
		t.Errorf("a field of another standard: %d %s", got.status, got.body)
	}
}
