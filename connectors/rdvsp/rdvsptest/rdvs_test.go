package rdvsptest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// booked is a person who followed her link.
func (w *world) booked(token string, start time.Time) Rdv {
	w.t.Helper()
	_, invitation := w.person(token, "denise@exemple.fr")
	r, err := w.Follow(w.link(invitation), start)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func TestAPersonFollowsHerLink(t *testing.T) {
	w := newWorld(t, nil)
	token := w.signIn(w.agent)
	id, invitation := w.person(token, "denise@exemple.fr")
	made, err := w.Follow(w.link(invitation), at(8, 10, 0))
	if err != nil {
		t.Fatal(err)
	}
	r := w.ask(token, "GET", fmt.Sprintf("/api/v1/rdvs?id=%d", made.ID), nil)
	for path, value := range map[string]any{
		"created_by_type": "User", "created_by": "user", "status": "unknown", "cancelled_at": nil, "duration_in_min": 60.0,
		"ends_at": "2026-12-08 11:00:00 +0100", "users_count": 1.0, "created_by_id": float64(id),
	} {
		if got := r.dig(t, "rdvs", 0, path); got != value {
			t.Errorf("%s: %v, want %v", path, got, value)
		}
	}
	if r.id(t, "rdvs", 0, "participations", 0, "user", "id") != id {
		t.Errorf("participation: %s", r.body)
	}
	if _, err := w.Follow(w.link(invitation), at(8, 10, 0)); !errors.Is(err, errTaken) {
		t.Errorf("the same slot again: %v", err)
	}
	if _, err := w.Follow(w.link(invitation), at(8, 11, 0)); err != nil {
		t.Errorf("another slot by the same link: %v", err)
	}
}

func TestALinkThatLeadsNowhereIsToldSo(t *testing.T) {
	w := newWorld(t, nil)
	token := w.signIn(w.agent)
	_, invitation := w.person(token, "denise@exemple.fr")
	inside := w.AddMotif(Motif{Organisation: w.mine.ID, Name: "Entre nous", BookableBy: "agents_and_prescripteurs"})
	w.AddOpening(Opening{Agent: w.agent.ID, Lieu: w.lieu.ID, Motifs: []int{inside.ID}, Start: at(8, 9, 0), End: at(8, 10, 0)})
	good := w.link(invitation)
	swap := func(old, with string) string {
		t.Helper()
		if !strings.Contains(good, old) {
			t.Fatalf("no %s in %s", old, good)
		}
		return strings.ReplaceAll(good, old, with)
	}
	for name, link := range map[string]string{
		"another host":                strings.Replace(good, w.URL, "https://rdv.anct.gouv.fr", 1),
		"another page":                swap("/prendre_rdv?", "/prdv?"),
		"a token in small letters":    swap(invitation, strings.ToLower(invitation)),
		"no token":                    swap("invitation_token="+invitation, "invitation_token="),
		"a parameter that is wrong":   swap("lieu_id", "lieux_id"),
		"no public organisation":      swap("public_link_organisation_id="+fmt.Sprint(w.mine.ID), "date=2026-12-08"),
		"another category":            swap("accompagnement_numerique", "insertion"),
		"a service that has no motif": swap("motif_category_short_name", "service_id"),
		"a motif of the inside":       swap("motif_category_short_name=accompagnement_numerique", fmt.Sprintf("motif_id=%d", inside.ID)),
		"another place":               swap("lieu_id="+fmt.Sprint(w.lieu.ID), "lieu_id=1"),
		"nothing":                     "::",
	} {
		if _, err := w.Follow(link, at(8, 9, 0)); err == nil {
			t.Errorf("%s: %s was followed", name, link)
		}
	}
	if _, err := w.Follow(good, at(8, 9, 30)); !errors.Is(err, errTaken) {
		t.Errorf("a time that is no slot: %v", err)
	}
	if len(w.Rdvs()) != 0 {
		t.Errorf("rdvs: %v", w.Rdvs())
	}
	if _, err := w.Follow(swap("motif_category_short_name=accompagnement_numerique", fmt.Sprintf("motif_id=%d", w.motif.ID)), at(8, 9, 0)); err != nil {
		t.Errorf("by its motif: %v", err)
	}
	if _, err := w.Follow(swap("motif_category_short_name=accompagnement_numerique", "date=2026-12-08"), at(8, 10, 0)); err != nil {
		t.Errorf("any motif: %v", err)
	}
}

func TestAParticipationIsCancelledAndPeopleAreTold(t *testing.T) {
	w := newWorld(t, nil)
	token := w.signIn(w.agent)
	made := w.booked(token, at(8, 9, 0))
	path := fmt.Sprintf("/api/v1/participations/%d", made.Participations[0].ID)
	status := func(s string) map[string]any { return map[string]any{"participation": map[string]any{"status": s}} }
	r := w.ask(token, "PATCH", path, status("excused"))
	if r.status != http.StatusOK || r.dig(t, "rdv", "status") != "excused" || r.dig(t, "rdv", "participations", 0, "status") != "excused" ||
		r.dig(t, "rdv", "cancelled_at") != "2026-12-07 08:00:00 +0100" || r.dig(t, "rdv", "users_count") != 0.0 {
		t.Errorf("%d %s", r.status, r.body)
	}
	told := []Notification{{User: made.Participations[0].User, Rdv: made.ID, Status: "excused"}}
	if got := w.Notified(); fmt.Sprint(got) != fmt.Sprint(told) {
		t.Errorf("told %v, want %v", got, told)
	}
	want(t, "no status", w.ask(token, "PATCH", path, status("gone")), http.StatusUnprocessableEntity, "")
	want(t, "unknown", w.ask(token, "PATCH", "/api/v1/participations/1", status("excused")), http.StatusNotFound, `{"errors":["Couldn't find Participation"]}`)
	outsider := w.signIn(w.AddAgent(Agent{Email: "dehors@exemple.fr", Organisations: []int{w.foreign.ID}}))
	want(t, "foreign", w.ask(outsider, "PATCH", path, status("seen")), http.StatusNotFound, "")
}

func TestUpdateStatusIsSilent(t *testing.T) {
	w := newWorld(t, nil)
	admin := w.signIn(w.admin)
	made := w.booked(admin, at(8, 9, 0))
	w.endpoint(admin, "http://127.0.0.1:1/", "rdv")
	before := w.Undelivered()
	path := fmt.Sprintf("/api/v1/rdvs/%d/update_status", made.ID)
	want(t, "excused", w.ask(admin, "PATCH", path, map[string]any{"status": "excused"}), http.StatusOK, `{"status":"excused"}`)
	after, _ := w.Rdv(made.ID)
	if after.Status != Excused || after.Participations[0].Status != Unknown || !after.CancelledAt.IsZero() {
		t.Errorf("after: %+v", after)
	}
	if got := w.Notified(); len(got) != 0 || w.Undelivered() != before {
		t.Errorf("told %v, %d webhooks", got, w.Undelivered()-before)
	}
	want(t, "foreign", w.ask(w.signIn(w.AddAgent(Agent{Email: "dehors@exemple.fr"})), "PATCH", path, map[string]any{"status": "seen"}), http.StatusForbidden, "")
	want(t, "unknown", w.ask(admin, "PATCH", "/api/v1/rdvs/1/update_status", map[string]any{"status": "seen"}), http.StatusNotFound, "")
	want(t, "no status", w.ask(admin, "PATCH", path, map[string]any{"status": "gone"}), http.StatusUnprocessableEntity, "")
}

func TestAgentsDoWhatTheyDo(t *testing.T) {
	w := newWorld(t, nil)
	made := w.booked(w.signIn(w.agent), at(8, 9, 0))
	now := func() Rdv {
		r, _ := w.Rdv(made.ID)
		return r
	}
	for name, c := range map[string]struct {
		act       func(int) error
		status    string
		cancelled bool
	}{
		"seen":     {w.MarkSeen, Seen, false},
		"absent":   {w.MarkNoShow, NoShow, true}, // which cancels, and keeps the slot
		"revoked":  {w.CancelAsAgent, Revoked, true},
		"reset":    {w.Reset, Unknown, false},
		"by user":  {w.CancelAsUser, Excused, true},
		"reset to": {w.Reset, Unknown, false},
	} {
		if err := c.act(made.ID); err != nil {
			t.Fatal(err)
		}
		if r := now(); r.Status != c.status || r.Participations[0].Status != c.status || r.CancelledAt.IsZero() == c.cancelled {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if err := w.Move(made.ID, at(8, 9, 15)); err != nil || !now().Start.Equal(at(8, 9, 15)) {
		t.Errorf("moved: %v, %+v", err, now())
	}
	w.clock.Add(22 * time.Hour) // 6:00, three hours and a quarter before
	if err := w.CancelAsUser(made.ID); err == nil {
		t.Error("cancelled too late")
	}
	if err := w.Delete(made.ID); err != nil || len(w.Rdvs()) != 0 {
		t.Errorf("deleted: %v, %v", err, w.Rdvs())
	}
	if err := w.MarkSeen(made.ID); err == nil {
		t.Error("what is not there was seen")
	}
}

func TestOnePartOfACollectiveRdvIsNotTheWhole(t *testing.T) {
	w := newWorld(t, nil)
	token := w.signIn(w.agent)
	workshop := w.AddMotif(Motif{Organisation: w.mine.ID, Name: "Atelier", Collective: true, Minutes: 120})
	one, _ := w.person(token, "a@exemple.fr")
	two, _ := w.person(token, "b@exemple.fr")
	made := w.AddRdv(Rdv{Motif: workshop.ID, Lieu: w.lieu.ID, Agent: w.agent.ID, Start: at(8, 14, 0), Participations: []Participation{{User: one}, {User: two}}})
	r := w.ask(token, "PATCH", fmt.Sprintf("/api/v1/participations/%d", made.Participations[0].ID), map[string]any{"participation": map[string]any{"status": "excused"}})
	if r.dig(t, "rdv", "status") != "unknown" || r.dig(t, "rdv", "users_count") != 1.0 || r.dig(t, "rdv", "collectif") != true {
		t.Errorf("%s", r.body)
	}
}
