package api

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"passerelle/auth"
	"passerelle/connectors"
)

// verify asks for slots.
func verify(ids ...string) ask {
	body, err := json.Marshal(map[string]any{"creneaux": ids})
	if err != nil {
		panic(err)
	}
	return ask{method: "POST", path: checkPath, body: string(body)}
}

func TestSlotsAreVerified(t *testing.T) {
	d := newDoor(t)
	d.service.AnswerIn = 50 * time.Millisecond
	nine, ten, slow := d.slot("a", "09:00"), d.slot("a", "10:00"), d.slot("d", "09:00")
	d.booked("a", "10:00")
	d.diary.read = func(ctx context.Context) (connectors.Reading, error) { // it would answer, an hour later
		<-ctx.Done()
		return connectors.Reading{}, ctx.Err()
	}
	got := d.do(verify(slow, nine, ten, "forgé"))
	want := fmt.Sprintf(`{"creneaux":[{"etat":"inconnu","id":%q,"observe_le":null,"places":null},`+
		`{"etat":"libre","id":%q,"observe_le":"2026-11-22T12:00:00+01:00","places":1},`+
		`{"etat":"pris","id":%q,"observe_le":"2026-11-22T12:00:00+01:00","places":null},`+
		`{"etat":"invalide","id":"forgé","observe_le":null,"places":null}]}`, slow, nine, ten)
	if got.status != 200 || strings.TrimSpace(string(got.body)) != want {
		t.Errorf("%d\n%s\nwant\n%s", got.status, got.body, want)
	}
	if got := d.do(verify(slices100(nine)...)); got.status != 200 || strings.Count(string(got.body), "libre") != 100 {
		t.Errorf("a hundred: %d %.300s", got.status, got.body)
	}
}

func slices100(id string) []string { return strings.Fields(strings.Repeat(id+" ", 100)) }

func TestWhatIsNoVerification(t *testing.T) {
	d := newDoor(t)
	for name, c := range map[string]struct{ body, field string }{
		"none":            {`{"creneaux":[]}`, "creneaux"},
		"101":             {verify(append(slices100("x"), "x")...).body, "creneaux"},
		"no list":         {`{"creneaux":"x"}`, "creneaux"},
		"null":            {`{"creneaux":null}`, "creneaux"},
		"an empty id":     {`{"creneaux":["x",""]}`, "creneaux.1"},
		"a number":        {`{"creneaux":[1]}`, "creneaux.0"},
		"an id too long":  {verify(strings.Repeat("x", 1025)).body, "creneaux.0"},
		"something else":  {`{"creneau_id":"x"}`, "creneau_id"},
		"nothing at all":  {``, "(corps)"},
		"no JSON at all":  {`creneaux=x`, "(corps)"},
		"an unknown one":  {`{"creneaux":["x"],"urgent":true}`, "urgent"},
		"another's field": {`{}`, "creneaux"},
	} {
		t.Run(name, func(t *testing.T) {
			d.t = t
			d.problem(d.do(ask{method: "POST", path: checkPath, body: c.body}), 422, "champ_invalide", c.field)
		})
	}
	d.t = t
	for _, token := range []string{"-", "abc"} {
		d.problem(d.do(ask{method: "POST", path: checkPath, body: verify("x").body, token: token}), 401, "jeton_invalide", "")
	}
	blind := verify("x")
	blind.token = d.tokenOf(d.partner, auth.Scopes{auth.WriteAppointments, auth.ReadPlaces})
	d.problem(d.do(blind), 403, "portee_manquante", "scope")
}
