package metrics

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"passerelle/booking"
)

var (
	ledgerUp        = describe("ledger_up", "1 if the ledger answered this scrape; what it holds is missing otherwise.")
	noticesWaiting  = describe("outbox_waiting", "Messages that are due to people and were not sent, by channel.", "channel")
	noticesOldest   = describe("outbox_oldest_seconds", "How long the oldest of them has waited, reminders apart.", "channel")
	webhookEvents   = describe("webhook_events_waiting", "Changes that a webhook has still to be told of; each counts for each webhook.")
	webhooksFailing = describe("webhooks_failing", "Webhooks that do not get through, or are given up.")
	writesOwed      = describe("agenda_writes_owed", "Writes that are owed to agendas.")
	writesOverdue   = describe("agenda_writes_overdue", "Of those, due for more than five minutes.")
	inDoubt         = describe("appointments_in_doubt", "Appointments whose outcome is looked for: en_cours, annulation, incertain by the gateway, a_traiter by people.", "status")
)

// waiting collects what the ledger holds that somebody has still to do.
type waiting struct{ Sources }

func (waiting) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{ledgerUp, noticesWaiting, noticesOldest, webhookEvents, webhooksFailing, writesOwed, writesOverdue, inDoubt} {
		to <- d
	}
}

func (w waiting) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askIn)
	defer cancel()
	now, err := w.Waiting(ctx)
	if err != nil { // the other figures are what tells how bad it is
		w.Logger.Error("what waits in the ledger is not known", "err", err)
		gauge(to, ledgerUp, 0)
		return
	}
	gauge(to, ledgerUp, 1)
	for _, c := range []booking.Channel{booking.MailChannel, booking.SMSChannel} {
		gauge(to, noticesWaiting, now.Notices[c], string(c))
		gauge(to, noticesOldest, now.Oldest[c].Seconds(), string(c))
	}
	gauge(to, webhookEvents, now.Events)
	gauge(to, webhooksFailing, now.Failing)
	gauge(to, writesOwed, now.Debts)
	gauge(to, writesOverdue, now.Overdue)
	for _, s := range booking.Statuses() {
		if s.Doubtful() {
			gauge(to, inDoubt, now.Doubtful[s], string(s))
		}
	}
}
