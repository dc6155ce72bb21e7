package ledgertest

import (
	"fmt"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/internal/held"
)

// WebhooksLedger is what serving partners' webhooks asks of a ledger, and what its log is of.
type WebhooksLedger interface {
	Ledger
	booking.Webhooks
}

// WebhooksFixture is a fresh ledger without a webhook.
type WebhooksFixture struct {
	WebhooksLedger
	Clock *held.Clock // stands at Epoch
}

// RunWebhooks runs the suite of what webhooks ask.
func RunWebhooks(t *testing.T, open func(testing.TB) *WebhooksFixture) {
	t.Run("a webhook follows the log", func(t *testing.T) { aWebhookFollowsTheLog(t, open) })
	t.Run("a webhook goes back", func(t *testing.T) { aWebhookGoesBack(t, open) })
}

func hookOf(partner, id string) booking.Webhook {
	return booking.Webhook{ID: id, Partner: partner, URL: "https://exemple.fr/x?secret-canari", Secret: []byte("s"), Created: Epoch}
}

func aWebhookFollowsTheLog(t *testing.T, open func(testing.TB) *WebhooksFixture) {
	f := open(t)
	l, clock := f.WebhooksLedger, f.Clock
	confirmed(t, l, "before", "agenda", 0, 30)
	for _, w := range []booking.Webhook{hookOf("p1", "w"), hookOf("p2", "other")} {
		if err := l.AddWebhook(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	take := func() []booking.Webhook {
		t.Helper()
		got, err := l.TakeWebhooks(t.Context(), time.Minute, 10)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := take(); len(got) != 0 {
		t.Errorf("nothing happened since, and %d are to be served", len(got))
	}
	confirmed(t, l, "after", "agenda", 60, 120)
	got := take()
	if len(got) != 1 || got[0].ID != "w" || got[0].URL != "https://exemple.fr/x?secret-canari" || len(take()) != 0 {
		t.Fatalf("took %d", len(got))
	}
	w := got[0]
	entries, err := l.Entries(t.Context(), "p1", w.Position, 10)
	if err != nil || len(entries) != 1 || entries[0].Appointment != "after" {
		t.Fatalf("what it is told: %+v, %v", entries, err)
	}
	w.Position = entries[0].Position
	d := booking.Delivery{Position: w.Position, At: clock.Now(), Status: 204, Outcome: "remis", Took: time.Second}
	if err := l.Served(t.Context(), w, d, clock.Now()); err != nil {
		t.Fatal(err)
	}
	if len(take()) != 0 {
		t.Error("served, and taken again")
	}
	if list, err := l.Deliveries(t.Context(), "p1", "w", 10); err != nil || len(list) != 1 || list[0] != d {
		t.Errorf("Deliveries = %+v, %v", list, err)
	}
	if _, err := l.Deliveries(t.Context(), "p2", "w", 10); connectors.KindOf(err) != connectors.NotFound {
		t.Errorf("another partner's: %v", err)
	}
	wantKind(t, l.DeleteWebhook(t.Context(), "p2", "w"), connectors.NotFound)
	if err := l.DeleteWebhook(t.Context(), "p1", "w"); err != nil {
		t.Fatal(err)
	}
	wantKind(t, l.Served(t.Context(), w, d, clock.Now()), connectors.Changed)
	if list, err := l.WebhooksOf(t.Context(), "p2"); err != nil || len(list) != 1 {
		t.Errorf("the other's: %d, %v", len(list), err)
	}
}

func aWebhookGoesBack(t *testing.T, open func(testing.TB) *WebhooksFixture) {
	f := open(t)
	l, clock := f.WebhooksLedger, f.Clock
	if err := l.AddWebhook(t.Context(), hookOf("p1", "w")); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		confirmed(t, l, fmt.Sprint(i), "agenda", 60*i, 60*i+60)
		clock.Add(time.Hour)
	}
	got, err := l.TakeWebhooks(t.Context(), time.Hour, 1)
	if err != nil || len(got) != 1 {
		t.Fatal(len(got), err)
	}
	w := got[0]
	w.Position, w.Disabled = 3, clock.Now()
	if err := l.Served(t.Context(), w, booking.Delivery{Position: 3, At: clock.Now(), Status: 410, Outcome: "echec"}, clock.Now()); err != nil {
		t.Fatal(err)
	}
	back, err := l.Rewind(t.Context(), "p1", "w", Epoch.Add(time.Hour))
	if err != nil || !back.Disabled.IsZero() {
		t.Fatalf("Rewind = %+v, %v", back, err)
	}
	entries, err := l.Entries(t.Context(), "p1", back.Position, 10)
	if err != nil || len(entries) != 2 || entries[0].Appointment != "1" {
		t.Errorf("it is told again of %+v, %v", entries, err)
	}
	wantKind(t, l.Served(t.Context(), w, booking.Delivery{Position: 3}, clock.Now()), connectors.Changed)
	_, err = l.Rewind(t.Context(), "p2", "w", Epoch)
	wantKind(t, err, connectors.NotFound)
}
