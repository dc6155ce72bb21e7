package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// taken is a step as it was taken, before it is kept.
type taken struct {
	from     booking.Status
	change   booking.Change
	commands []booking.Command
	still    bool // what is to remind of it still does
	seals    bool // it says something new of persons
	at       time.Time
}

// take applies an event to an appointment, in memory: the new status, and what comes with it.
func take(a booking.Appointment, c booking.Change, now time.Time) (booking.Appointment, taken, error) {
	standing, commands, err := booking.Step(a.Standing(), c.Event)
	if err != nil {
		return a, taken{}, err
	}
	before, t := a, taken{from: a.Status, change: c, commands: commands, at: now}
	a.Status, a.Replacing, a.Modified = standing.Status, standing.Replaces, later(a.Modified, now)
	a.Version++
	if !a.Status.Occupies() {
		a.Replacing = false // it will not take that place any more
	}
	if c.Event != booking.Lapse && c.Event != booking.Learn { // when a hold or a request ended stays known
		a.Expires = c.Expires.Truncate(time.Millisecond)
	}
	if !c.During.Empty() {
		a.Interval = c.During
	}
	t.still = a.Still(before)
	if c.Upstream != nil {
		a.Upstream = *c.Upstream
	}
	switch {
	case c.Details != nil && c.Event == booking.Learn:
		a.Details = c.Details
	case c.Details != nil:
		a.Details, a.Taken, a.Reference, a.Seats = c.Details, now, c.Reference, max(1, c.Seats)
	}
	var reason booking.Words
	switch {
	case c.Ended != nil:
		a.Ended, reason = *c.Ended, c.Ended.Reason
	case a.Status == booking.Confirmed:
		a.Ended = booking.Ending{} // a cancellation that was refused did not end it
	default:
		reason = a.Ended.Reason
	}
	if a.Details != nil && (c.Details != nil || a.Details.EndReason != reason) {
		details := *a.Details
		details.EndReason = reason
		a.Details, t.seals = &details, true
	}
	return a, t, nil
}

// later is the later of two instants: an appointment does not go back in time, whatever a clock does.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// step takes a step of an appointment that is kept, and keeps it, all or nothing. key seals what the change says of
// persons, if it does.
func (l *Ledger) step(ctx context.Context, s *session, a booking.Appointment, c booking.Change, key dataKey, now time.Time) (booking.Appointment, error) {
	a, t, err := take(a, c, now)
	if err != nil {
		return a, err
	}
	if err := recordRefusal(ctx, s, a.ID, c.Refusal); err != nil {
		return a, err
	}
	if err := updateAppointment(ctx, s, a); err != nil {
		return a, err
	}
	if c.Forget {
		if err := s.put(ctx, nil, "DELETE FROM keys WHERE appointment = ?", a.ID); err != nil {
			return a, err
		}
	}
	return l.keep(ctx, s, a, t, key)
}

// keep keeps what goes with every step: what it says of persons, who is expected, the time that is free again, the
// log, the audit, and what is owed to people and to the agenda.
func (l *Ledger) keep(ctx context.Context, s *session, a booking.Appointment, t taken, key dataKey) (booking.Appointment, error) {
	if t.seals {
		if err := l.putDetails(ctx, s, a, t.change.Person, key); err != nil {
			return a, err
		}
	}
	if err := expect(ctx, s, a, t.change); err != nil {
		return a, err
	}
	if !a.Status.Occupies() {
		for _, table := range []string{"claims", "persons", "sightings"} {
			if err := s.put(ctx, nil, "DELETE FROM "+table+" WHERE appointment = ?", a.ID); err != nil {
				return a, err
			}
		}
	}
	if err := putEntry(ctx, s, a); err != nil {
		return a, err
	}
	if err := putAudit(ctx, s, a, t.change, t.at); err != nil {
		return a, err
	}
	return l.putCommands(ctx, s, a, t)
}

func updateAppointment(ctx context.Context, s *session, a booking.Appointment) error {
	upstream, err := json.Marshal(a.Upstream)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return s.put(ctx, nil, `UPDATE appointments SET reference = ?, starts = ?, ends = ?, seats = ?, status = ?, version = ?, taken = ?, modified = ?,
		expires = ?, upstream = ?, ended_by = ?, replacing = ?, replaced_by = ? WHERE id = ?`,
		a.Reference, a.Start, a.End, a.Seats, a.Status, a.Version, millis(a.Taken), millis(a.Modified),
		millis(a.Expires), string(upstream), a.Ended.By, flag(a.Replacing), a.ReplacedBy, a.ID)
}

// putCommands keeps what the step owes to people and to the agenda. What was owed to the agenda before is settled, and
// what waits to be told and is no news any more is not told.
func (l *Ledger) putCommands(ctx context.Context, s *session, a booking.Appointment, t taken) (booking.Appointment, error) {
	if t.from != booking.Held { // a hold owes nothing to anybody
		if err := s.put(ctx, nil, "DELETE FROM debts WHERE appointment = ?", a.ID); err != nil {
			return a, err
		}
		if err := dropOld(ctx, s, a.ID, t); err != nil {
			return a, err
		}
	}
	var notices []booking.Notice
	for _, cmd := range t.commands {
		var err error
		switch cmd.Do {
		case booking.Tell:
			notices = append(notices, booking.NewNotice(a, cmd, t.change.Channels[cmd.To], t.at))
		case booking.Remind:
			if n, due := t.change.Reminder.Notice(a, t.at); due && !t.still {
				notices = append(notices, n)
			}
		case booking.Supersede:
			err = l.supersede(ctx, s, a, t.at)
		default:
			err = putDebt(ctx, s, a.ID, cmd.Do, t.change, t.at)
		}
		if err != nil {
			return a, err
		}
	}
	if err := putNotices(ctx, s, notices); err != nil {
		return a, err
	}
	if t.from == booking.Held { // these are all that there are
		a.Notices = notices
		return a, nil
	}
	var err error
	a.Notices, err = selectNotices(ctx, s, "WHERE appointment = ? ORDER BY id", a.ID)
	return a, err
}

// supersede replaces the appointment whose place a takes, in the transaction that confirms a: at no moment is there
// none, and at no moment both.
func (l *Ledger) supersede(ctx context.Context, s *session, a booking.Appointment, now time.Time) error {
	before, err := l.current(ctx, s, a.Replaces, 0)
	if err != nil {
		return err
	}
	before.ReplacedBy = a.ID
	if before.Upstream.Reference != "" && before.Upstream.Reference == a.Upstream.Reference {
		before.Upstream = connectors.Appointment{} // a human moved the event itself: it is the new one's now
	}
	_, err = l.step(ctx, s, before, booking.Change{Event: booking.Replace, By: string(booking.TheGateway)}, dataKey{}, now)
	if connectors.KindOf(err) == connectors.Refused { // it ended by itself while its successor was in doubt
		return nil
	}
	return err
}
