package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"passerelle/auth"
	"passerelle/booking"
)

// belongings is one object of each kind that a partner can have, by the kind's name.
func (d *door) belongings() map[string]string {
	d.t.Helper()
	made := func(a ask, field string) string {
		d.t.Helper()
		got := d.do(a)
		if got.status != 201 {
			d.t.Fatalf("%s %s: %d %s", a.method, a.path, got.status, got.body)
		}
		return got.json(d.t)[field].(string)
	}
	return map[string]string{
		"rendez-vous":  d.booked("a", "09:00"),
		"demande":      made(ask{method: "POST", path: "/v1/rendez-vous", key: "d", body: demand(d.slot("g", "09:00"), `usager.reference="elle"`)}, "id"),
		"réservation":  made(ask{method: "POST", path: "/v1/reservations", key: "r", body: `{"creneau_id":"` + d.slot("a", "11:00") + `"}`}, "id"),
		"orientation":  d.oriented("c", false)["id"].(string),
		"invitation":   d.oriented("h", true)["id"].(string),
		"webhook":      made(ask{method: "POST", path: "/v1/webhooks", key: "w", body: `{"url":"https://recepteur.example.org/"}`}, "id"),
		"usager":       "elle",
		"nom d'usager": "dossier-1",
	}
}

// missing is an id like one that is there.
const missing = "0123456789abcdef0123456789abcdef"

// aboutOne lists the operations that are about one object of a partner's.
func aboutOne(t *testing.T) (all []ask) {
	spec, err := contractDocument()
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			if strings.Contains(path, "{") && path != "/v1/lieux/{id}" && path != "/v1/lieux/{id}/creneaux" {
				all = append(all, ask{method: method, path: path, body: bodyOf(op)})
			}
		}
	}
	return all
}

// bodyOf is the example of a body, which fits.
func bodyOf(op *openapi3.Operation) string {
	if op.RequestBody == nil {
		return ""
	}
	text, err := json.Marshal(op.RequestBody.Value.Content["application/json"].Example)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// leaks compares, for every route, method and kind of object, what is answered about another partner's with what is
// answered about one that is missing: byte for byte, but for what the caller sent and the number of the request.
func (d *door) leaks(theirs map[string]string) (found []string, tried int) {
	d.t.Helper()
	mine := d.tokenOf(d.newPartner("deux", auth.AllScopes()), auth.AllScopes())
	slot := d.slot("a", "10:00")
	for _, op := range aboutOne(d.t) {
		for kind, id := range theirs {
			answers := [2]answer{}
			for i, about := range []string{id, missing} {
				a := op
				a.token, a.key = mine, fmt.Sprint(op.method, op.path, kind, i)
				a.path = strings.NewReplacer("{id}", url.PathEscape(about), "{reference}", url.PathEscape(about)).Replace(op.path)
				if strings.Contains(a.body, "creneau_id") {
					a.body = `{"creneau_id":"` + slot + `"}`
				}
				answers[i] = d.do(a)
			}
			foreign, none := answers[0], answers[1]
			if foreign.status != none.status || plain(foreign, id) != plain(none, missing) || foreign.status < 300 && foreign.status != http.StatusNoContent {
				found = append(found, fmt.Sprintf("%s %s about a foreign %s: %d %s\nabout none: %d %s", op.method, op.path, kind, foreign.status, foreign.body, none.status, none.body))
			}
			tried++
		}
	}
	return found, tried
}

// heedless is a ledger that does not look whose an appointment is.
type heedless struct{ booking.Ledger }

func (h heedless) Appointment(ctx context.Context, _, id string) (booking.Appointment, error) {
	return h.AnyAppointment(ctx, id)
}

// Planted fault: the check must be able to fail.
func TestALedgerThatForgetsThePartnerLeaks(t *testing.T) {
	d := newDoor(t)
	theirs := d.belongings()
	d.service.Ledger = heedless{d.ledger}
	if found, _ := d.leaks(theirs); len(found) < 5 {
		t.Errorf("only %d leaks were seen", len(found))
	}
}

func TestForeignIDsAnswerAsMissingOnes(t *testing.T) {
	d := newDoor(t)
	theirs := d.belongings()
	found, tried := d.leaks(theirs)
	for _, leak := range found {
		t.Error(leak)
	}
	if tried < 90 {
		t.Errorf("only %d were tried", tried)
	}
	t.Logf("%d questions about what is another's, %d leaks", tried, len(found))
	for kind, id := range theirs {
		if kind == "usager" || kind == "nom d'usager" {
			continue
		}
		path := "/v1/rendez-vous/" + id
		switch kind {
		case "webhook":
			path = "/v1/webhooks/" + id
		case "réservation":
			continue // it is read by nobody
		}
		if got := d.do(ask{path: path}); got.status != 200 {
			t.Errorf("the %s of its owner is answered %d after all that: %s", kind, got.status, got.body)
		}
	}
	if d.slot("a", "11:00") != "" {
		t.Error("a foreign hold was let go")
	}
}

// plain is an answer without what must differ.
func plain(a answer, id string) string {
	text := strings.ReplaceAll(string(a.body), id, "<id>")
	before, after, found := strings.Cut(text, `"request_id":"`)
	if found {
		_, rest, _ := strings.Cut(after, `"`)
		text = before + rest
	}
	return text + fmt.Sprint(a.header.Get("Retry-After"), a.header.Get("Location"), a.header.Get("Content-Type"))
}

// No list, feed or search of a partner has anything of another's.
func TestListsHaveNothingOfOthers(t *testing.T) {
	d := newDoor(t)
	theirs := d.belongings()
	mine := d.tokenOf(d.newPartner("deux", auth.AllScopes()), auth.AllScopes())
	words := []string{"dossier-1", "Nom-canari"}
	for kind, id := range theirs {
		if kind != "usager" && kind != "nom d'usager" {
			words = append(words, id)
		}
	}
	in := func(body []byte) (found []string) {
		for _, w := range words {
			if strings.Contains(string(body), w) {
				found = append(found, w)
			}
		}
		return found
	}
	for path, owners := range map[string]bool{ // whether its owner finds something of its own there
		"/v1/rendez-vous?size=1000": true, "/v1/rendez-vous?reference=dossier-1": true, "/v1/rendez-vous?lieu_id=a": true, "/v1/rendez-vous?statut=a_finaliser": true,
		"/v1/evenements?limite=1000": true, "/v1/webhooks": true, "/v1/lieux?size=1000": false, "/v1/creneaux?lieu_id=a&lieu_id=g": false, "/v1/connecteurs": false,
	} {
		if own := d.do(ask{path: path}); own.status != 200 || (len(in(own.body)) > 0) != owners {
			t.Errorf("%s has of its owner's, who is answered %d: %v", path, own.status, in(own.body))
		}
		got := d.do(ask{path: path, token: mine})
		if found := in(got.body); got.status != 200 || len(found) > 0 {
			t.Errorf("%s is answered %d, with another's %v", path, got.status, found)
		}
	}
	if own := d.do(ask{path: "/v1/usagers/elle"}); own.status != 200 {
		t.Errorf("what is kept of a person is answered %d to who keeps it", own.status)
	}
	if got := d.do(ask{path: "/v1/usagers/elle", token: mine}); got.status != 404 || len(in(got.body)) > 0 {
		t.Errorf("another's person is answered %d %s", got.status, got.body)
	}
}
