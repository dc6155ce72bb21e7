package simulation

import (
	"context"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// Advance implements booking.Ledger.
func (l *Ledger) Advance(_ context.Context, id string, from int, c booking.Change) (a booking.Appointment, err error) {
	err = l.write(func(t *transaction) error {
		if a, err = l.current(id, from); err != nil {
			return err
		}
		now := l.moment()
		if err := l.putKey(t, c.Key, id, now); err != nil {
			return err
		}
		if err := inTime(a, c.Event, now); err != nil {
			return err
		}
		if a.Status == booking.Confirmed && l.moving(a.ID) {
			return errMoving()
		}
		if c.Seats > a.Seats {
			if err := l.addSeats(t, a, c.Seats); err != nil {
				return err
			}
		}
		a, err = l.step(t, a, c, now)
		return err
	})
	if err != nil {
		return booking.Appointment{}, err
	}
	return a, nil
}

// inTime refuses to take a hold, or to accept a request, whose time is over.
func inTime(a booking.Appointment, e booking.Event, now time.Time) error {
	over := !a.Expires.IsZero() && !now.Before(a.Expires)
	switch {
	case over && a.Status == booking.Held && e != booking.Lapse:
		return &booking.Error{Kind: connectors.Refused, Code: "reservation_expiree", Detail: "Cette réservation a expiré."}
	case over && a.Status == booking.Requested && (e == booking.Accept || e == booking.Send):
		return &booking.Error{Kind: connectors.Refused, Code: "demande_expiree", Detail: "Cette demande a expiré."}
	}
	return nil
}

// Prolong implements booking.Ledger.
func (l *Ledger) Prolong(_ context.Context, id string, until time.Time, key *booking.Key) (a booking.Appointment, err error) {
	err = l.write(func(t *transaction) error {
		if a, err = l.current(id, 0); err != nil {
			return err
		}
		now := l.moment()
		if err := l.putKey(t, key, id, now); err != nil {
			return err
		}
		if a.Status != booking.Held || a.Extended || !now.Before(a.Expires) {
			return &booking.Error{Kind: connectors.Refused, Code: "prolongation_impossible", Detail: "Une réservation ne se prolonge qu'une fois, avant son terme."}
		}
		a.Expires, a.Extended, a.Modified, a.Version = until.UTC().Truncate(time.Millisecond), true, later(a.Modified, now), a.Version+1
		l.put(t, a)
		return nil
	})
	return a, err
}

// step applies an event: the new status, what comes with it, and what must be done because of it, all or nothing.
func (l *Ledger) step(t *transaction, a booking.Appointment, c booking.Change, now time.Time) (booking.Appointment, error) {
	before := a
	state, commands, err := l.Step(a.Standing(), c.Event)
	if err != nil {
		return a, err
	}
	l.recordRefusal(t, a.ID, c.Refusal)
	a.Status, a.Replacing, a.Modified = state.Status, state.Replaces && state.Status.Occupies(), later(a.Modified, now)
	a.Version++
	if c.Event != booking.Lapse && c.Event != booking.Learn { // when a hold or a request ended stays known
		a.Expires = c.Expires.UTC().Truncate(time.Millisecond)
	}
	if !c.During.Empty() {
		a.Interval = c.During
	}
	if c.Upstream != nil {
		a.Upstream = *c.Upstream
	}
	withDetails(&a, c, now)
	if c.Details != nil && len(c.Person.Subject) > 0 {
		set(t, l.subjects, a.ID, string(c.Person.Subject))
	}
	l.put(t, a)
	if c.Forget {
		for id, row := range l.keys {
			if row.Appointment == a.ID {
				drop(t, l.keys, id)
			}
		}
	}
	if err := l.expect(t, a, c); err != nil {
		return a, err
	}
	if !a.Status.Occupies() {
		drop(t, l.claims, a.ID)
		drop(t, l.persons, a.ID)
		drop(t, l.sightings, a.ID)
	}
	l.logEntry(t, a, false)
	l.audited = append(l.audited, now)
	if err := l.putCommands(t, before, a, commands, c, now); err != nil {
		return a, err
	}
	a = l.whole(a)
	t.taken = append(t.taken, Taken{Before: before, After: a, Change: c})
	return a, nil
}

// withDetails keeps what a step says of persons. Details are never changed in place: others may hold them.
func withDetails(a *booking.Appointment, c booking.Change, now time.Time) {
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
		a.Ended = booking.Ending{}
	default:
		reason = a.Ended.Reason
	}
	if a.Details == nil || c.Details == nil && a.Details.EndReason == reason {
		return
	}
	details := *a.Details
	details.EndReason = reason
	a.Details = &details
}

// putCommands keeps what the step owes. What was owed to the agenda before is settled, and what somebody was to be told
// only if nothing changed is not told.
func (l *Ledger) putCommands(t *transaction, before, a booking.Appointment, commands []booking.Command, c booking.Change, now time.Time) error {
	drop(t, l.debts, a.ID)
	still := a.Still(before)
	l.dropOld(t, a.ID, commands, still)
	for _, cmd := range commands {
		switch cmd.Do {
		case booking.Tell:
			l.putNotice(t, booking.NewNotice(a, cmd, c.Channels[cmd.To], now))
		case booking.Remind:
			if n, due := c.Reminder.Notice(a, now); due && !still {
				l.putNotice(t, n)
			}
		case booking.Supersede:
			if err := l.supersede(t, a, now); err != nil {
				return err
			}
		default:
			l.putDebt(t, a.ID, cmd.Do, c, now)
		}
	}
	return nil
}

// supersede replaces the appointment whose place a takes, in the same transaction.
func (l *Ledger) supersede(t *transaction, a booking.Appointment, now time.Time) error {
	before, err := l.current(a.Replaces, 0)
	if err != nil {
		return err
	}
	before.ReplacedBy = a.ID
	if before.Upstream.Reference != "" && before.Upstream.Reference == a.Upstream.Reference {
		before.Upstream = connectors.Appointment{} // a human moved the event itself: it is the new one's now
	}
	_, err = l.step(t, before, booking.Change{Event: booking.Replace, By: string(booking.TheGateway)}, now)
	if connectors.KindOf(err) == connectors.Refused { // it ended by itself while its successor was in doubt
		return nil
	}
	return err
}

// recordRefusal keeps what the call that asked for the command under way is answered, should it be repeated.
func (l *Ledger) recordRefusal(t *transaction, appointment string, e *booking.Error) {
	d, owed := l.debts[appointment]
	if e == nil || !owed || !d.called {
		return
	}
	id := keyID{l.appointments[appointment].Partner, d.key}
	if row, ok := l.keys[id]; ok {
		row.Refusal = &booking.Error{Kind: e.Kind, Code: e.Code, Detail: e.Detail, Link: e.Link}
		set(t, l.keys, id, row)
	}
}
