package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Claim implements booking.Ledger.
func (l *Ledger) Claim(ctx context.Context, c booking.Claim) (booking.Appointment, error) {
	change := booking.Change{}
	if c.Change != nil {
		change = *c.Change
		change.Key = c.Key
	}
	key, err := l.keyFor(ctx, change)
	if err != nil {
		return booking.Appointment{}, err
	}
	a, err := l.claim(ctx, c, change, key, false)
	if connectors.KindOf(err) == connectors.SlotTaken && err != nil {
		over, readErr := l.overHolds(ctx, l.read, c.Appointment.Agenda, c.Footprint)
		switch {
		case readErr != nil:
			return booking.Appointment{}, readErr
		case len(over) > 0: // holds whose time is over stand in the way: nobody has to wait for the sweeper
			a, err = l.claim(ctx, c, change, key, true)
		}
	}
	if err != nil {
		l.vault.giveBack(key, err)
		return booking.Appointment{}, l.explain(ctx, c.Appointment.Partner, cmp.Or(c.Appointment.Replaces, c.Appointment.ID), change, c.Appointment.Interval, err)
	}
	if c.Change != nil {
		l.heard()
	}
	return a, nil
}

// claim is one transaction; lapse ends the holds that stand in the way although their time is over.
func (l *Ledger) claim(ctx context.Context, c booking.Claim, change booking.Change, key dataKey, lapse bool) (booking.Appointment, error) {
	var a booking.Appointment
	err := l.write(ctx, func(s *session) error {
		a = c.Appointment
		now := l.moment()
		if !c.Footprint.Empty() {
			if err := s.queue(ctx, s, a.Agenda); err != nil {
				return err
			}
		}
		if err := putKey(ctx, s, c.Key, a.ID, now); err != nil {
			return err
		}
		if lapse {
			if err := l.lapseHolds(ctx, s, a.Agenda, c.Footprint, now); err != nil {
				return err
			}
		}
		a.Status, a.Version, a.Chain, a.Created, a.Modified = booking.Held, 1, a.ID, now, now
		a.Expires = a.Expires.Truncate(time.Millisecond)
		if err := l.succeed(ctx, s, &a, &change); err != nil {
			return err
		}
		var t taken
		var err error
		if c.Change != nil {
			if a, t, err = take(a, change, now); err != nil {
				return err
			}
		}
		if err := insertAppointment(ctx, s, a); err != nil {
			return err
		}
		if err := takeSeats(ctx, s, a, c); err != nil {
			return err
		}
		if c.Change == nil {
			return putEntry(ctx, s, a)
		}
		a, err = l.keep(ctx, s, a, t, key)
		return err
	})
	return a, err
}

// succeed makes a the one that is to take the place of a.Replaces: of the same chain, with a version that goes on. The
// older one is locked, so that nothing happens to it behind this.
func (l *Ledger) succeed(ctx context.Context, s *session, a *booking.Appointment, c *booking.Change) error {
	if a.Replaces == "" {
		return nil
	}
	before, err := l.current(ctx, s, a.Replaces, 0)
	if err != nil {
		return err
	}
	if err := movable(before); err != nil {
		return err
	}
	if err := notMoving(ctx, s, before); err != nil {
		return err
	}
	if before.Details == nil && c.Details != nil && c.Details.Prescriber != (booking.Prescriber{}) { // erased since they were copied: they are not to come back
		return &booking.Error{
			Kind: connectors.Refused, Code: "donnees_effacees",
			Detail: "Les données de ce rendez-vous ont été effacées : il ne peut plus être déplacé.",
		}
	}
	a.Chain, a.Version, a.Replacing = before.Chain, before.Version+1, true
	var meant int // a second appointment that was meant may be moved
	if _, err := s.first(ctx, []any{&meant}, "SELECT again FROM persons WHERE appointment = ?", before.ID); err != nil {
		return err
	}
	c.Person.Again = c.Person.Again || meant == 1
	return nil
}

func movable(a booking.Appointment) error {
	if a.Status != booking.Confirmed {
		_, _, err := booking.Step(a.Standing(), booking.Replace) // there is none: the error says where it stands
		return err
	}
	return nil
}

// takeSeats gives the appointment the lowest free seats of its session. The rules of the database decide; the count
// only says how many are left.
func takeSeats(ctx context.Context, s *session, a booking.Appointment, c booking.Claim) error {
	if c.Footprint.Empty() {
		return nil
	}
	used := map[int]bool{}
	if c.Session != a.ID { // else it is alone in it
		var err error
		if used, err = seatsTaken(ctx, s, c.Session); err != nil {
			return err
		}
	}
	if len(used)+a.Seats > c.Capacity {
		return lost(errors.New("ledger: not enough seats left"))
	}
	left := a.Seats
	for seat := 0; left > 0; seat++ {
		if used[seat] {
			continue
		}
		err := s.put(ctx, noSeat, "INSERT INTO claims (session, seat, appointment, agenda, starts, ends, chain) VALUES (?, ?, ?, ?, ?, ?, ?)",
			c.Session, seat, a.ID, a.Agenda, c.Footprint.Start, c.Footprint.End, a.Chain)
		if err != nil {
			return err
		}
		left--
	}
	return nil
}

// noSeat is what a refused claim means.
func noSeat(v violation) error {
	if v == twice { // another took that seat since they were counted: there may be others
		return fmt.Errorf("%w: %w", errAgain, lost(errors.New("ledger: the seat is taken")))
	}
	return lost(errors.New("ledger: the agenda is taken then"))
}

func lost(cause error) error {
	return &booking.Error{Kind: connectors.SlotTaken, Code: "creneau_pris", Detail: "Ce créneau vient d'être pris.", Err: cause}
}

func seatsTaken(ctx context.Context, s *session, session string) (map[int]bool, error) {
	out := make(map[int]bool)
	err := s.rows(ctx, func(r rowScanner) error {
		var n int
		err := r.Scan(&n)
		out[n] = true
		return err
	}, "SELECT seat FROM claims WHERE session = ?", session)
	return out, err
}

// lapseHolds ends the holds that stand in the way although their time is over.
func (l *Ledger) lapseHolds(ctx context.Context, s *session, agenda string, w interval.Interval, now time.Time) error {
	over, err := l.overHolds(ctx, s, agenda, w)
	if err != nil {
		return err
	}
	for _, a := range over {
		if _, err := l.step(ctx, s, a, booking.Change{Event: booking.Lapse, By: string(booking.TheGateway)}, dataKey{}, now); err != nil {
			return err
		}
	}
	return nil
}

// overHolds lists the holds of an agenda that overlap a span although their time is over; in a transaction they are
// locked.
func (l *Ledger) overHolds(ctx context.Context, s *session, agenda string, w interval.Interval) ([]booking.Appointment, error) {
	where := `WHERE a.status = ? AND a.expires <= ? AND a.id IN
		(SELECT appointment FROM claims WHERE agenda = ? AND ends > ? AND starts < ?) ORDER BY a.id`
	if s != l.read {
		where += s.forUpdate
	}
	return selectAppointments(ctx, s, where, booking.Held, millis(l.moment()), agenda, w.Start, w.End)
}

// Claimed implements booking.Claims.
func (l *Ledger) Claimed(ctx context.Context, agenda string, w interval.Interval, except string) ([]booking.Claimed, error) {
	var out []booking.Claimed
	at := make(map[string]int)
	err := l.read.rows(ctx, func(r rowScanner) error {
		var c booking.Claimed
		var appointment string
		var until int64
		if err := r.Scan(&c.Session, &c.Start, &c.End, &c.Seats, &appointment, &until); err != nil {
			return err
		}
		i, known := at[c.Session]
		if !known {
			i = len(out)
			at[c.Session] = i
			out = append(out, booking.Claimed{Session: c.Session, Interval: c.Interval})
		}
		out[i].Start, out[i].End = min(out[i].Start, c.Start), max(out[i].End, c.End)
		out[i].Seats += c.Seats
		out[i].Appointments = append(out[i].Appointments, appointment)
		if ends := instant(until); !ends.IsZero() && (out[i].Until.IsZero() || ends.Before(out[i].Until)) {
			out[i].Until = ends
		}
		return nil
	}, `SELECT c.session, min(c.starts), max(c.ends), count(*), c.appointment, max(CASE WHEN a.status = ? THEN a.expires ELSE 0 END)
		FROM claims c JOIN appointments a ON a.id = c.appointment
		WHERE c.agenda = ? AND c.ends > ? AND c.starts < ? AND c.appointment <> ?
		AND NOT (a.status = ? AND a.expires <= ?)
		GROUP BY c.session, c.appointment ORDER BY min(c.starts), c.session, c.appointment`,
		booking.Held, agenda, w.Start, w.End, except, booking.Held, millis(l.now()))
	return out, err
}

// Known implements booking.Claims.
func (l *Ledger) Known(ctx context.Context, agenda string, own []connectors.Own) ([]connectors.Own, error) {
	var out []connectors.Own
	for _, o := range own {
		var one int
		found, err := l.read.first(ctx, []any{&one}, `SELECT 1 FROM claims c JOIN appointments a ON a.id = c.appointment
			WHERE a.chain = (SELECT chain FROM appointments WHERE id = ?) AND c.agenda = ? AND a.starts = ? AND a.ends = ? LIMIT 1`, o.Reference, agenda, o.Start, o.End)
		if err != nil {
			return nil, err
		}
		if found {
			out = append(out, o)
		}
	}
	return out, nil
}

func insertAppointment(ctx context.Context, s *session, a booking.Appointment) error {
	motif, err := json.Marshal(a.Motif)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	upstream, err := json.Marshal(a.Upstream)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return s.put(ctx, func(v violation) error {
		if v == twice && a.Replacing {
			return moving(errors.New("ledger: another is to take its place"))
		}
		return nil
	}, `INSERT INTO appointments (id, partner, reference, place, agenda, motif, starts, ends, seats,
		status, version, guarantee, created, taken, modified, expires, extended, upstream, ended_by, chain, replaces, replacing, replaced_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, '')`,
		a.ID, a.Partner, a.Reference, a.Place, a.Agenda, string(motif), a.Start, a.End, a.Seats,
		a.Status, a.Version, a.Guarantee, millis(a.Created), millis(a.Taken), millis(a.Modified), millis(a.Expires), string(upstream),
		a.Ended.By, a.Chain, a.Replaces, flag(a.Replacing))
}

func moving(cause error) error {
	return &booking.Error{
		Kind: connectors.Refused, Code: "deplacement_en_cours",
		Detail: "Un déplacement de ce rendez-vous est déjà en cours : attendez son issue, ou annulez-le.", Err: cause,
	}
}
