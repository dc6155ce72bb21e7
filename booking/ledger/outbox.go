package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"passerelle/booking"
)

// putNotice keeps a message in the transaction that makes it due. Who has no channel is kept too: nobody is left
// untold in silence.
func putNotice(ctx context.Context, tx *sql.Tx, appointment string, cmd booking.Command, channel booking.Channel, now time.Time) error {
	state := booking.NoticeDue
	switch channel {
	case "", booking.NoChannel:
		channel, state = booking.NoChannel, booking.NoticeUntold
	case booking.PrescriberChannel:
		state = booking.NoticeEntrusted
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO outbox (appointment, recipient, topic, channel, state, created) VALUES (?, ?, ?, ?, ?, ?)",
		appointment, cmd.To, cmd.About, channel, state, millis(now))
	return err
}

func selectNotices(ctx context.Context, q querier, where string, args ...any) ([]booking.Notice, error) {
	rows, err := q.QueryContext(ctx, "SELECT id, appointment, recipient, topic, channel, state, created FROM outbox "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	defer rows.Close()
	var out []booking.Notice
	for rows.Next() {
		var n booking.Notice
		var created int64
		if err := rows.Scan(&n.ID, &n.Appointment, &n.To, &n.About, &n.Channel, &n.State, &created); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		n.Created = instant(created)
		out = append(out, n)
	}
	return out, rows.Err()
}

// Outbox lists the messages, oldest first; with due, only those that still wait.
func (l *Ledger) Outbox(ctx context.Context, due bool) ([]booking.Notice, error) {
	where := "ORDER BY id"
	if due {
		where = "WHERE state = 'en_attente' ORDER BY id"
	}
	return selectNotices(ctx, l.reader, where)
}
