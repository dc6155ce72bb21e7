package simulation

import (
	"cmp"
	"context"
	"slices"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// putDebt keeps what is owed to an agenda. Whoever took the step carries it out itself for as long as its lease.
func (l *Ledger) putDebt(t *transaction, appointment string, do booking.Action, c booking.Change, now time.Time) {
	d := debt{Debt: booking.Debt{Do: do, Since: now}, due: now.Add(c.Lease)}
	if c.Lease > 0 {
		d.Lease = "caller"
	}
	if c.Key != nil {
		d.key, d.called = c.Key.Digest, true
	}
	set(t, l.debts, appointment, d)
}

// TakeDebts implements booking.Debts.
func (l *Ledger) TakeDebts(_ context.Context, lease time.Duration, limit int) (out []booking.Debt, err error) {
	err = l.write(func(t *transaction) error {
		now := l.Now().UTC().Truncate(time.Millisecond)
		var due []string
		for id, d := range l.debts {
			if !d.due.After(now) {
				due = append(due, id)
			}
		}
		slices.SortFunc(due, func(a, b string) int {
			return cmp.Or(l.debts[a].due.Compare(l.debts[b].due), cmp.Compare(a, b))
		})
		token := l.token()
		for _, id := range due[:min(limit, len(due))] {
			d := l.debts[id]
			d.Lease, d.due = token, now.Add(lease)
			set(t, l.debts, id, d)
			d.Appointment = l.whole(l.appointments[id])
			out = append(out, d.Debt)
		}
		return nil
	})
	return out, err
}

// Postpone implements booking.Debts.
func (l *Ledger) Postpone(_ context.Context, d booking.Debt, due time.Time, absent bool) error {
	return l.write(func(t *transaction) error {
		have, ok := l.debts[d.Appointment.ID]
		if !ok || have.Lease != d.Lease {
			return nil
		}
		have.Lease, have.due, have.Attempts, have.Absences, have.AbsentSince = "", due.UTC().Truncate(time.Millisecond), have.Attempts+1, 0, time.Time{}
		if absent {
			have.Absences, have.AbsentSince = d.Absences+1, d.AbsentSince
			if have.AbsentSince.IsZero() {
				have.AbsentSince = l.Now().UTC().Truncate(time.Millisecond)
			}
		}
		set(t, l.debts, d.Appointment.ID, have)
		return nil
	})
}

// Forgive implements booking.Debts.
func (l *Ledger) Forgive(_ context.Context, d booking.Debt) error {
	return l.write(func(t *transaction) error {
		if have, ok := l.debts[d.Appointment.ID]; ok && have.Lease == d.Lease {
			drop(t, l.debts, d.Appointment.ID)
		}
		return nil
	})
}

// Kept implements booking.Sightings.
func (l *Ledger) Kept(_ context.Context, agenda string, from time.Time) (out []booking.Appointment, _ error) {
	l.read(func() {
		out = l.all(func(a booking.Appointment) bool {
			return a.Agenda == agenda && a.Status == booking.Confirmed && a.Start >= from.Unix() && a.Standing().Upstream
		}, func(a, b booking.Appointment) int { return cmp.Compare(a.Start, b.Start) })
		for i := range out {
			out[i] = l.whole(out[i])
		}
	})
	return out, nil
}

// Sight implements booking.Sightings.
func (l *Ledger) Sight(_ context.Context, id string, as interval.Interval) (since time.Time, _ error) {
	err := l.write(func(t *transaction) error {
		have, ok := l.sightings[id]
		if !ok || have.as != as {
			have = sighting{as, l.Now().UTC().Truncate(time.Millisecond)}
			set(t, l.sightings, id, have)
		}
		since = have.since
		return nil
	})
	return since, err
}

// Unsight implements booking.Sightings.
func (l *Ledger) Unsight(_ context.Context, id string) error {
	return l.write(func(t *transaction) error { drop(t, l.sightings, id); return nil })
}

// HandedOn implements booking.Handoffs.
func (l *Ledger) HandedOn(_ context.Context, agenda string, since time.Time) (out []booking.Appointment, _ error) {
	l.read(func() {
		out = l.all(func(a booking.Appointment) bool {
			stands := slices.Contains([]booking.Status{booking.HandedOff, booking.Confirmed, booking.NeedsHuman, booking.Honoured, booking.Missed}, a.Status)
			return stands && a.Guarantee == connectors.Handoff && a.Agenda == agenda && !a.Created.Before(since) && a.Standing().Upstream
		}, func(a, b booking.Appointment) int {
			return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
		})
		for i := range out {
			out[i] = l.whole(out[i])
		}
	})
	return out, nil
}

// Erasable implements booking.Retention.
func (l *Ledger) Erasable(_ context.Context, over, never time.Time, limit int) (ids []string, _ error) {
	l.read(func() {
		kept := make(map[string]bool) // chains of which something is not over
		for _, a := range l.appointments {
			past := !a.Interval.Empty() && a.End < over.Unix() || a.Interval.Empty() && a.Modified.Before(over) || neverCame(a.Status) && a.Modified.Before(never)
			kept[a.Chain] = kept[a.Chain] || !past && a.Status != booking.Moved
		}
		for _, a := range l.all(func(a booking.Appointment) bool { return a.Details != nil && !kept[a.Chain] },
			func(a, b booking.Appointment) int { return cmp.Compare(a.End, b.End) }) {
			if len(ids) < limit {
				ids = append(ids, a.ID)
			}
		}
	})
	return ids, nil
}

func neverCame(s booking.Status) bool {
	return s == booking.Refused || s == booking.Expired
}

// OfSubject implements booking.Retention.
func (l *Ledger) OfSubject(_ context.Context, partner string, subject []byte) (out []booking.Appointment, _ error) {
	l.read(func() {
		out = l.all(func(a booking.Appointment) bool {
			return len(subject) > 0 && a.Partner == partner && a.Details != nil && l.subjects[a.ID] == string(subject)
		}, func(a, b booking.Appointment) int {
			return cmp.Or(a.Modified.Compare(b.Modified), cmp.Compare(a.ID, b.ID))
		})
		for i := range out {
			out[i] = l.whole(out[i])
		}
	})
	return out, nil
}

// Erase implements booking.Retention: of the whole chain, for the person is the same in all of it.
func (l *Ledger) Erase(_ context.Context, id, _ string) error {
	return l.write(func(t *transaction) error {
		chain := l.appointments[id].Chain
		for _, a := range l.all(func(a booking.Appointment) bool { return a.Chain == chain && a.Details != nil },
			func(a, b booking.Appointment) int { return cmp.Compare(a.ID, b.ID) }) {
			drop(t, l.persons, a.ID)
			drop(t, l.subjects, a.ID)
			for k, row := range l.keys {
				if row.Appointment == a.ID {
					row.Request = [32]byte{}
					set(t, l.keys, k, row)
				}
			}
			if a.Guarantee == connectors.Handoff {
				a.Upstream = connectors.Appointment{}
			}
			a.Details, a.Version, a.Modified, a.Reference, a.Ended.Reason = nil, a.Version+1, later(a.Modified, l.moment()), "", ""
			l.put(t, a)
			l.logEntry(t, a, true)
			l.audited = append(l.audited, l.moment())
		}
		return nil
	})
}

// Purge implements booking.Retention.
func (l *Ledger) Purge(_ context.Context, before time.Time) error {
	return l.write(func(t *transaction) error {
		for id, k := range l.keys {
			if a, ok := l.appointments[k.Appointment]; k.created.Before(before) && (!ok || a.End <= before.Unix()) {
				drop(t, l.keys, id)
			}
		}
		erased := make(map[string]bool)
		for _, e := range l.log {
			if e.Erased && e.At.Before(before) {
				erased[e.Appointment] = true
			}
		}
		kept := make([]entry, 0, len(l.log))
		for _, e := range l.log {
			if !e.At.Before(before) || e.shown && !erased[e.Appointment] {
				kept = append(kept, e)
			}
		}
		l.log = kept
		yearAgo := l.moment().AddDate(-1, 0, 0)
		l.audited = slices.DeleteFunc(slices.Clone(l.audited), func(at time.Time) bool { return at.Before(yearAgo) })
		return nil
	})
}
