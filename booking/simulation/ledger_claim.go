package simulation

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Claim implements booking.Ledger.
func (l *Ledger) Claim(_ context.Context, c booking.Claim) (a booking.Appointment, err error) {
	err = l.write(func(t *transaction) error {
		a = c.Appointment
		now := l.moment()
		if err := l.putKey(t, c.Key, a.ID, now); err != nil {
			return err
		}
		if err := l.lapseHolds(t, a.Agenda, c.Footprint, now); err != nil {
			return err
		}
		a.Status, a.Version, a.Chain, a.Created, a.Modified = booking.Held, 1, a.ID, now, now
		a.Expires = a.Expires.UTC().Truncate(time.Millisecond)
		change := booking.Change{}
		if c.Change != nil {
			change = *c.Change
			change.Key = c.Key
		}
		if err := l.succeed(&a, &change); err != nil {
			return err
		}
		l.put(t, a)
		if err := l.takeSeats(t, a, c); err != nil {
			return err
		}
		t.taken = append(t.taken, Taken{After: a})
		if c.Change == nil {
			l.logEntry(t, a, false)
			return nil
		}
		a, err = l.step(t, a, change, now)
		return err
	})
	return a, err
}

func (l *Ledger) put(t *transaction, a booking.Appointment) {
	a.Notices = nil
	set(t, l.appointments, a.ID, a)
}

// succeed makes a the one that is to take the place of a.Replaces. What was erased since it was copied does not come
// back; a second appointment that was meant may be moved.
func (l *Ledger) succeed(a *booking.Appointment, c *booking.Change) error {
	if a.Replaces == "" {
		return nil
	}
	before, err := l.current(a.Replaces, 0)
	if err != nil {
		return err
	}
	if before.Status != booking.Confirmed {
		_, _, err := booking.Step(before.Standing(), booking.Replace) // there is none: the error says where it stands
		return err
	}
	if l.moving(before.ID) {
		return errMoving()
	}
	if before.Details == nil && c.Details != nil && c.Details.Prescriber != (booking.Prescriber{}) {
		return &booking.Error{Kind: connectors.Refused, Code: "donnees_effacees", Detail: "Les données de ce rendez-vous ont été effacées."}
	}
	c.Person.Again = c.Person.Again || l.persons[before.ID].again
	a.Chain, a.Version, a.Replacing = before.Chain, before.Version+1, true
	return nil
}

// moving reports whether another is to take an appointment's place.
func (l *Ledger) moving(id string) bool {
	for _, a := range l.appointments {
		if a.Replacing && a.Replaces == id {
			return true
		}
	}
	return false
}

func errMoving() error {
	return &booking.Error{
		Kind: connectors.Refused, Code: "deplacement_en_cours",
		Detail: "Un déplacement de ce rendez-vous est déjà en cours : attendez son issue, ou annulez-le.",
	}
}

func errTaken() error {
	return &booking.Error{Kind: connectors.SlotTaken, Code: "creneau_pris", Detail: "Ce créneau vient d'être pris."}
}

func (l *Ledger) takeSeats(t *transaction, a booking.Appointment, c booking.Claim) error {
	if c.Footprint.Empty() {
		return nil
	}
	used := 0
	for _, o := range l.claims {
		switch {
		case o.session == c.Session:
			used += o.seats
		case !l.Unprotected && o.agenda == a.Agenda && o.chain != a.Chain && o.Overlaps(c.Footprint):
			return errTaken()
		}
	}
	if used+a.Seats > c.Capacity && !l.Unprotected {
		return errTaken()
	}
	set(t, l.claims, a.ID, claim{c.Footprint, a.Agenda, c.Session, a.Chain, a.Seats})
	return nil
}

// addSeats enlarges a hold of a group session.
func (l *Ledger) addSeats(t *transaction, a booking.Appointment, seats int) error {
	have, ok := l.claims[a.ID]
	if !ok {
		return errTaken()
	}
	used := 0
	for _, o := range l.claims {
		if o.session == have.session {
			used += o.seats
		}
	}
	if used+seats-a.Seats > a.Motif.Seats {
		return errTaken()
	}
	have.seats = seats
	set(t, l.claims, a.ID, have)
	return nil
}

// lapseHolds ends the holds that stand in the way although their time is over.
func (l *Ledger) lapseHolds(t *transaction, agenda string, w interval.Interval, now time.Time) error {
	over := l.all(func(a booking.Appointment) bool {
		return a.Status == booking.Held && a.Agenda == agenda && !a.Expires.After(now) && l.claims[a.ID].Overlaps(w)
	}, func(booking.Appointment, booking.Appointment) int { return 0 })
	for _, a := range over {
		if _, err := l.step(t, a, booking.Change{Event: booking.Lapse, By: string(booking.TheGateway)}, now); err != nil {
			return err
		}
	}
	return nil
}

// Claimed implements booking.Claims.
func (l *Ledger) Claimed(_ context.Context, agenda string, w interval.Interval, except string) (out []booking.Claimed, _ error) {
	l.read(func() {
		now := l.Now()
		ids := make([]string, 0, len(l.claims))
		for id, c := range l.claims {
			a := l.appointments[id]
			if c.agenda == agenda && id != except && c.Overlaps(w) && (a.Status != booking.Held || a.Expires.After(now)) {
				ids = append(ids, id)
			}
		}
		slices.SortFunc(ids, func(a, b string) int {
			x, y := l.claims[a], l.claims[b]
			return cmp.Or(cmp.Compare(x.Start, y.Start), cmp.Compare(x.session, y.session), cmp.Compare(a, b))
		})
		at := make(map[string]int)
		for _, id := range ids {
			c := l.claims[id]
			i, known := at[c.session]
			if !known {
				i = len(out)
				at[c.session] = i
				out = append(out, booking.Claimed{Session: c.session, Interval: c.Interval})
			}
			out[i].Start, out[i].End = min(out[i].Start, c.Start), max(out[i].End, c.End)
			out[i].Seats += c.seats
			out[i].Appointments = append(out[i].Appointments, id)
			if a := l.appointments[id]; a.Status == booking.Held && (out[i].Until.IsZero() || a.Expires.Before(out[i].Until)) {
				out[i].Until = a.Expires
			}
		}
	})
	return out, nil
}

// Known implements booking.Claims.
func (l *Ledger) Known(_ context.Context, agenda string, own []connectors.Own) (out []connectors.Own, _ error) {
	l.read(func() {
		for _, o := range own {
			named, ok := l.appointments[o.Reference]
			if !ok {
				continue
			}
			for id, c := range l.claims {
				if a := l.appointments[id]; c.agenda == agenda && a.Chain == named.Chain && a.Interval == o.Interval {
					out = append(out, o)
					break
				}
			}
		}
	})
	return out, nil
}

// putKey records an idempotency key with the work that it stands for.
func (l *Ledger) putKey(t *transaction, k *booking.Key, appointment string, at time.Time) error {
	if k == nil {
		return nil
	}
	id := keyID{k.Partner, k.Digest}
	if _, had := l.keys[id]; had {
		return booking.ErrKeyUsed
	}
	set(t, l.keys, id, keyRow{booking.Recorded{Request: k.Request, Status: k.Status, Appointment: appointment}, at})
	return nil
}

// Note implements booking.Ledger.
func (l *Ledger) Note(_ context.Context, id string, key *booking.Key) error {
	return l.write(func(t *transaction) error { return l.putKey(t, key, id, l.moment()) })
}

// ByKey implements booking.Ledger.
func (l *Ledger) ByKey(_ context.Context, k booking.Key) (r booking.Recorded, found bool, _ error) {
	l.read(func() {
		var row keyRow
		row, found = l.keys[keyID{k.Partner, k.Digest}]
		r = row.Recorded
		d, owed := l.debts[r.Appointment]
		r.Held, r.Owns = owed && d.Lease != "" && d.due.After(l.Now()), owed && d.called && d.key == k.Digest
	})
	return r, found, nil
}

// expect keeps that a person is expected.
func (l *Ledger) expect(t *transaction, a booking.Appointment, c booking.Change) error {
	if len(c.Person.Digest) == 0 || a.Interval.Empty() || !a.Status.Occupies() {
		return nil
	}
	name := a.Partner + "/" + hex.EncodeToString(c.Person.Digest)
	if !c.Person.Again {
		for id, p := range l.persons {
			if p.name == name && !p.again && p.chain != a.Chain && p.Overlaps(a.Interval) {
				return &booking.Error{
					Kind: connectors.Refused, Code: "rendez_vous_double", Appointment: id,
					Detail: "Cette personne a déjà un rendez-vous à la même heure.", Err: errors.New("simulation: the same person"),
				}
			}
		}
	}
	set(t, l.persons, a.ID, person{a.Interval, name, a.Chain, c.Person.Again})
	return nil
}
