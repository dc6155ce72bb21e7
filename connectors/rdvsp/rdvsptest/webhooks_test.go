package rdvsptest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAnEventIsSignedAndSent(t *testing.T) {
	w, r := newWorld(t, nil), newReceiver(t)
	token := w.signIn(w.admin)
	want(t, "installed", w.endpoint(token, r.URL+"/hook", "rdv"), http.StatusOK, "")
	made := w.booked(token, at(8, 9, 0))
	if got := r.take(); len(got) != 0 {
		t.Errorf("sent before it was due: %s", told(got))
	}
	w.Deliver()
	got := r.take()
	if told(got) != "Rdv created unknown" {
		t.Fatalf("told %s", told(got))
	}
	n := got[0]
	if sign := n.header.Get("X-Lapin-Signature"); sign != Sign(secret, n.body) || len(sign) != 64 || sign == Sign("other", n.body) {
		t.Errorf("signature %q", sign)
	}
	if n.header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("type %q", n.header.Get("Content-Type"))
	}
	const meta = `"meta":{"model":"Rdv","event":"created","webhook_reason":null,"timestamp":"2026-12-07 08:00:00 +0100",` +
		`"event_occurred_at":"2026-12-07T08:00:00+01:00","payload_computed_at":"2026-12-07T08:00:00+01:00"}}`
	if !strings.HasSuffix(string(n.body), meta) || !strings.HasPrefix(string(n.body), `{"data":{"id":`) {
		t.Errorf("body %s", n.body)
	}
	if n.data["created_by_type"] != "User" || n.data["id"] != float64(made.ID) {
		t.Errorf("data %v", n.data)
	}
	w.ask(token, "PATCH", fmt.Sprintf("/api/v1/participations/%d", made.Participations[0].ID), map[string]any{"participation": map[string]any{"status": "excused"}})
	w.Deliver()
	if got := told(r.take()); got != "Rdv updated excused" {
		t.Errorf("cancelled: %s", got)
	}
}

func TestTheEndOfItsTimeIsNoCancellation(t *testing.T) {
	w, r := newWorld(t, nil), newReceiver(t)
	token := w.signIn(w.admin)
	w.endpoint(token, r.URL, "rdv")
	for _, c := range []struct {
		remove func(int) error
		reason any
	}{{w.Purge, "rgpd"}, {w.Delete, nil}} {
		made := w.AddRdv(Rdv{Motif: w.motif.ID, Agent: w.agent.ID, Start: at(8, 9, 0)})
		if err := c.remove(made.ID); err != nil {
			t.Fatal(err)
		}
		w.Deliver()
		got := r.take()
		if told(got) != "Rdv created unknown, Rdv destroyed unknown" || got[1].meta["webhook_reason"] != c.reason {
			t.Errorf("%s, %v", told(got), got[1].meta)
		}
	}
}

func TestWebhooksArriveAsTheyDo(t *testing.T) {
	for name, c := range map[string]struct {
		how  Webhooks
		want string
	}{
		"each once, in order": {Webhooks{}, "Rdv created unknown, Rdv updated seen"},
		"twice":               {Webhooks{Twice: true}, "Rdv created unknown, Rdv created unknown, Rdv updated seen, Rdv updated seen"},
		"backwards":           {Webhooks{Backwards: true}, "Rdv updated seen, Rdv created unknown"},
		"late":                {Webhooks{Delay: time.Minute}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, r := newWorld(t, nil), newReceiver(t)
			w.endpoint(w.signIn(w.admin), r.URL, "rdv")
			w.SetWebhooks(c.how)
			made := w.AddRdv(Rdv{Motif: w.motif.ID, Agent: w.agent.ID, Start: at(8, 9, 0)})
			if err := w.MarkSeen(made.ID); err != nil {
				t.Fatal(err)
			}
			w.Deliver()
			if got := told(r.take()); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			w.clock.Add(time.Minute)
			w.Deliver()
			if got := told(r.take()); c.want == "" && got != "Rdv created unknown, Rdv updated seen" {
				t.Errorf("a minute later: %s", got)
			}
		})
	}
}

func TestShapesOfOtherDays(t *testing.T) {
	w, r := newWorld(t, nil), newReceiver(t)
	w.endpoint(w.signIn(w.admin), r.URL, "rdv", "plage_ouverture")
	w.SetWebhooks(Webhooks{Without2026: true, CategoryAsText: true})
	w.AddRdv(Rdv{Motif: w.motif.ID, Agent: w.agent.ID, Start: at(8, 9, 0)})
	w.Emit(w.mine.ID, "plage_ouverture", "PlageOuverture", "updated", map[string]any{"id": 1})
	w.Emit(w.mine.ID, "absence", "Absence", "updated", map[string]any{"id": 2}) // nobody asked for these
	w.Deliver()
	got := r.take()
	if len(got) != 2 || got[1].meta["model"] != "PlageOuverture" {
		t.Fatalf("%s", told(got))
	}
	if _, there := got[0].meta["event_occurred_at"]; there || len(got[0].meta) != 4 {
		t.Errorf("meta %v", got[0].meta)
	}
	if motif := got[0].data["motif"].(map[string]any); motif["motif_category"] != "accompagnement_numerique" {
		t.Errorf("category %v", motif["motif_category"])
	}
}

// TestAWebhookMayOvertakeItsAnswer sees the rdv cancelled before the request that cancels it is answered.
func TestAWebhookMayOvertakeItsAnswer(t *testing.T) {
	w, r := newWorld(t, nil), newReceiver(t)
	token := w.signIn(w.admin)
	made := w.booked(token, at(8, 9, 0))
	w.endpoint(token, r.URL, "rdv")
	w.Deliver()
	r.take()
	answered := false
	r.onPost = func() {
		if got := w.ask(token, "GET", fmt.Sprintf("/api/v1/rdvs?id=%d", made.ID), nil).dig(t, "rdvs", 0, "status"); answered || got != "excused" {
			t.Errorf("the webhook came when the answer had (%v), the status was %v", answered, got)
		}
	}
	w.SetWebhooks(Webhooks{BeforeTheAnswer: true})
	w.ask(token, "PATCH", fmt.Sprintf("/api/v1/participations/%d", made.Participations[0].ID), map[string]any{"participation": map[string]any{"status": "excused"}})
	answered = true
	if got := told(r.take()); got != "Rdv updated excused" {
		t.Errorf("%s", got)
	}
}

func TestAWebhookIsTriedTwentyTimes(t *testing.T) {
	w, r := newWorld(t, nil), newReceiver(t)
	w.endpoint(w.signIn(w.admin), r.URL, "rdv")
	w.AddRdv(Rdv{Motif: w.motif.ID, Agent: w.agent.ID, Start: at(8, 9, 0)})
	r.answers(http.StatusUnauthorized) // a 4xx is tried again too
	begun := w.clock.Now()
	for n := 1; n <= 20; n++ {
		tries := w.Deliver()
		if len(tries) != 1 || tries[0].Try != n || tries[0].Status != http.StatusUnauthorized {
			t.Fatalf("try %d: %+v", n, tries)
		}
		wait := time.Duration(n*n*n*n) * time.Second
		w.clock.Add(wait - time.Second)
		if early := w.Deliver(); len(early) != 0 {
			t.Fatalf("try %d is early", n+1)
		}
		w.clock.Add(time.Second)
	}
	if w.Undelivered() != 0 || len(w.Deliver()) != 0 {
		t.Error("it is still tried")
	}
	if days := w.clock.Now().Sub(begun).Hours() / 24; days < 8 || days > 9 {
		t.Errorf("given up after %.1f days", days)
	}
}

func TestAFailedWebhookIsSentAgain(t *testing.T) {
	w, r := newWorld(t, nil), newReceiver(t)
	w.endpoint(w.signIn(w.admin), r.URL, "rdv")
	w.AddRdv(Rdv{Motif: w.motif.ID, Agent: w.agent.ID, Start: at(8, 9, 0)})
	r.answers(http.StatusInternalServerError)
	w.Deliver()
	first := r.take()
	r.answers(http.StatusNoContent)
	w.clock.Add(time.Second)
	if tries := w.Deliver(); len(tries) != 1 || tries[0].Status != http.StatusNoContent {
		t.Errorf("again: %+v", tries)
	}
	if again := r.take(); len(again) != 1 || string(again[0].body) != string(first[0].body) {
		t.Error("not the same body")
	}
	w.AddRdv(Rdv{Motif: w.motif.ID, Agent: w.agent.ID, Start: at(8, 9, 0)})
	r.Close()
	if tries := w.Deliver(); len(tries) != 1 || tries[0].Err == nil || tries[0].Status != 0 || w.Undelivered() != 1 {
		t.Errorf("nobody there: %+v", tries)
	}
}

func TestNothingLeavesTheMachine(t *testing.T) {
	w := newWorld(t, nil)
	w.endpoint(w.signIn(w.admin), "http://192.0.2.1/hook", "rdv")
	w.AddRdv(Rdv{Motif: w.motif.ID, Agent: w.agent.ID, Start: at(8, 9, 0)})
	if tries := w.Deliver(); len(tries) != 1 || tries[0].Err == nil || !strings.Contains(tries[0].Err.Error(), "only loopback") {
		t.Errorf("%+v", tries)
	}
}
