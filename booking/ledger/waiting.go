package ledger

import (
	"context"
	"time"

	"passerelle/booking"
)

// dueToPeople selects the messages that wait: a reminder does from its hour on.
const dueToPeople = "state = 'en_attente' AND (topic <> 'rappel' OR due <= ?)"

// inDoubt selects the appointments whose outcome is looked for, as the index appointments_in_doubt has them.
const inDoubt = "status IN ('en_cours', 'incertain', 'a_traiter', 'annulation')"

// Waiting counts what the ledger holds that somebody has still to do. It looks at no more rows than those.
func (l *Ledger) Waiting(ctx context.Context) (booking.Waiting, error) {
	w := booking.Waiting{Notices: make(map[booking.Channel]int), Oldest: make(map[booking.Channel]time.Duration), Doubtful: make(map[booking.Status]int)}
	now := l.now()
	err := l.read.rows(ctx, func(r rowScanner) error {
		var channel booking.Channel
		var n int
		var created int64
		err := r.Scan(&channel, &n, &created)
		w.Notices[channel] = n
		if created > 0 {
			w.Oldest[channel] = max(0, now.Sub(instant(created)))
		}
		return err
	}, "SELECT channel, count(*), coalesce(min(CASE WHEN topic <> 'rappel' THEN created END), 0) FROM outbox WHERE "+dueToPeople+" GROUP BY channel", millis(now))
	if err != nil {
		return w, err
	}
	err = l.read.rows(ctx, func(r rowScanner) error {
		var status booking.Status
		var n int
		err := r.Scan(&status, &n)
		w.Doubtful[status] = n
		return err
	}, "SELECT status, count(*) FROM appointments WHERE "+inDoubt+" GROUP BY status")
	if err != nil {
		return w, err
	}
	for _, q := range []struct {
		into  *int
		query string
		args  []any
	}{
		{&w.Debts, "SELECT count(*) FROM debts", nil},
		{&w.Overdue, "SELECT count(*) FROM debts WHERE due < ?", []any{millis(now.Add(-overdueAfter))}},
		{&w.Failing, "SELECT count(*) FROM webhooks WHERE failing > 0 OR disabled > 0", nil},
		{&w.Events, `SELECT CAST(coalesce(sum(n), 0) AS BIGINT) FROM (SELECT s.last - w.position AS n FROM webhooks w JOIN sequence s ON s.partner = w.partner WHERE w.disabled = 0) AS behind`, nil},
	} {
		if _, err := l.read.first(ctx, []any{q.into}, q.query, q.args...); err != nil {
			return w, err
		}
	}
	return w, nil
}
