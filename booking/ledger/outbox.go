package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"passerelle/booking"
)

// putNotices keeps messages in the transaction that makes them due, all in one statement.
func putNotices(ctx context.Context, s *session, list []booking.Notice) error {
	if len(list) == 0 {
		return nil
	}
	const row = "(?, ?, ?, ?, ?, ?, ?, ?, '', 0)"
	args := make([]any, 0, 8*len(list))
	for _, n := range list {
		args = append(args, n.Appointment, n.To, n.About, n.Channel, n.State, millis(n.Created), n.Version, millis(n.Due))
	}
	return s.put(ctx, nil, "INSERT INTO outbox (appointment, recipient, topic, channel, state, created, version, due, lease, attempts) VALUES "+
		row+strings.Repeat(", "+row, len(list)-1), args...)
}

// dropOld drops what waits to be told of an appointment and is no news any more: a doubt that is settled, a reminder of
// what is over or elsewhere, and what the same people are about to be told better. What is being sent is sent.
func dropOld(ctx context.Context, s *session, appointment string, t taken) error {
	people := []booking.Actor{""}
	for _, c := range t.commands {
		if c.Do == booking.Tell {
			people = append(people, c.To)
		}
	}
	old := []booking.Topic{booking.AboutDoubt}
	if !t.still {
		old = append(old, booking.AboutReminder)
	}
	those, topics := in(old)
	these, actors := in(people)
	return s.put(ctx, nil, "UPDATE outbox SET state = ? WHERE appointment = ? AND state = ? AND lease = '' AND (topic IN "+those+" OR topic <> ? AND recipient IN "+these+")",
		slices.Concat([]any{booking.NoticeDropped, appointment, booking.NoticeDue}, topics, []any{booking.AboutReminder}, actors)...)
}

const noticeColumns = "SELECT id, appointment, version, recipient, topic, channel, state, created, due, attempts FROM outbox "

func selectNotices(ctx context.Context, s *session, where string, args ...any) ([]booking.Notice, error) {
	var out []booking.Notice
	err := s.rows(ctx, func(r rowScanner) error {
		var n booking.Notice
		var created, due int64
		if err := r.Scan(&n.ID, &n.Appointment, &n.Version, &n.To, &n.About, &n.Channel, &n.State, &created, &due, &n.Attempts); err != nil {
			return err
		}
		n.Created, n.Due = instant(created), instant(due)
		out = append(out, n)
		return nil
	}, noticeColumns+where, args...)
	return out, err
}

// Notices lists the messages, oldest first; with due, only those that still wait.
func (l *Ledger) Notices(ctx context.Context, due bool) ([]booking.Notice, error) {
	if due {
		return selectNotices(ctx, l.read, "WHERE state = ? ORDER BY id", booking.NoticeDue)
	}
	return selectNotices(ctx, l.read, "ORDER BY id")
}

// TakeNotices implements booking.Outbox.
func (l *Ledger) TakeNotices(ctx context.Context, lease time.Duration, limit int) ([]booking.Told, error) {
	var taken []booking.Notice
	token, err := l.token()
	if err != nil {
		return nil, err
	}
	err = l.write(ctx, func(s *session) error {
		now := l.now()
		var err error
		taken, err = selectNotices(ctx, s, `WHERE state = ? AND due <= ? AND NOT EXISTS (SELECT 1 FROM outbox e
			WHERE e.appointment = outbox.appointment AND e.recipient = outbox.recipient AND e.state = outbox.state AND e.id < outbox.id
			AND (e.topic <> ? OR e.lease <> ''))
			ORDER BY due, id LIMIT ?`+s.skipLocked, booking.NoticeDue, millis(now), booking.AboutReminder, limit)
		if err != nil || len(taken) == 0 {
			return err
		}
		ids := make([]int64, len(taken))
		for i, n := range taken {
			ids[i] = n.ID
		}
		these, args := in(ids)
		if _, err := s.exec(ctx, "UPDATE outbox SET lease = ?, due = ? WHERE id IN "+these, append([]any{token, millis(now.Add(lease))}, args...)...); err != nil {
			return fmt.Errorf("ledger: lease: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]booking.Told, 0, len(taken))
	for _, n := range taken { // one that cannot be read stops none of the others
		a, e := l.AnyAppointment(ctx, n.Appointment)
		if e != nil {
			err = errors.Join(err, e)
			continue
		}
		out = append(out, booking.Told{Notice: n, Subject: a, Lease: token})
	}
	return out, err
}

// Tell implements booking.Outbox. What would be tried again is dropped where there is news for the same people; a
// reminder is none, and is made old by none.
func (l *Ledger) Tell(ctx context.Context, t booking.Told, state booking.NoticeState, again time.Time) error {
	return l.write(ctx, func(s *session) error {
		due, state := t.Due, state
		if state == booking.NoticeDue {
			var one int
			news, err := s.first(ctx, []any{&one}, "SELECT 1 FROM outbox WHERE appointment = ? AND recipient = ? AND id > ? AND topic <> ? LIMIT 1",
				t.Appointment, t.To, t.ID, booking.AboutReminder)
			if err != nil {
				return err
			}
			due = again
			if news && t.About != booking.AboutReminder {
				state = booking.NoticeDropped
			}
		}
		_, err := s.exec(ctx, "UPDATE outbox SET state = ?, due = ?, lease = '', attempts = attempts + 1 WHERE id = ? AND lease = ?",
			state, millis(due), t.ID, t.Lease)
		if err != nil {
			return fmt.Errorf("ledger: keep what became of a message: %w", err)
		}
		return nil
	})
}
