package simulation

import (
	"context"
	"fmt"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// What a call is for.
const (
	toBook    = "book"
	toHold    = "hold"
	toProlong = "prolong"
	toCancel  = "cancel"
	toMove    = "move"
	toAttend  = "attend"
)

// intent is a call that may be made again, with the same key.
type intent struct {
	name, what   string
	partner, key string
	booking      booking.Booking
	slot         string
	target       string
	said         booking.Status
	running      int
	shared       bool   // the same call ran beside it
	done         string // the appointment that it was answered with
}

// call makes an intent, once more.
func (w *world) call(in *intent) {
	if in.running++; in.running > 1 {
		in.shared = true
	}
	w.spawn(in.name, true, func(ctx context.Context) {
		defer func() { in.running-- }()
		c := booking.Call{Partner: in.partner, Key: in.key, Request: []byte(in.what + in.key)}
		r, err := w.ask(ctx, c, in)
		w.pass(ctx, "hear")
		if ctx.Err() != nil {
			return // nobody is there to hear it
		}
		w.judge.answered(in, r, err)
	})
}

func (w *world) ask(ctx context.Context, c booking.Call, in *intent) (booking.Result, error) {
	switch in.what {
	case toHold:
		return w.Hold(ctx, c, in.slot)
	case toProlong:
		return w.Prolong(ctx, c, in.target)
	case toCancel:
		w.judge.recalled[in.target] = true
		return w.Cancel(ctx, c, in.target, booking.Ending{By: booking.ThePrescriber, Reason: "empêchement"})
	case toMove:
		w.judge.moving[in.target] = true
		return w.Move(ctx, c, in.target, in.slot)
	case toAttend:
		w.judge.attended[in.target] = true
		return w.Attend(ctx, c, in.target, in.said)
	}
	return w.Book(ctx, c, in.booking)
}

func (w *world) intend(what, partner string) *intent {
	w.serial++
	in := &intent{what: what, partner: partner, key: fmt.Sprint("clé", w.serial)}
	in.name = fmt.Sprint(what, " ", in.key)
	w.intents = append(w.intents, in)
	return in
}

func (w *world) partner() string { return []string{"p1", "p2"}[w.IntN(2)] }

// times are when something can be booked: today soon, and on two later days, every half hour.
func (w *world) time() time.Time {
	day := 3 * time.Hour
	if !w.chance(w.temper.soon) {
		day = []time.Duration{48 * time.Hour, 96 * time.Hour}[w.IntN(2)]
	}
	return epoch.Add(day + time.Duration(w.IntN(w.temper.starts))*30*time.Minute)
}

// anySlot is one of an agenda's.
func (w *world) anySlot(a *booking.Agenda) string {
	m := a.Motifs[w.IntN(len(a.Motifs))]
	start := w.time()
	return w.signer.ID(booking.SlotRef{Place: a.Places[0], Agenda: a.Agenda, Motif: m.ID, Interval: interval.Of(start, start.Add(m.Duration))})
}

// someone is a person of a partner's: few, so that they meet.
func (w *world) someone() booking.Details {
	d := booking.Details{Beneficiary: booking.Beneficiary{Reference: fmt.Sprint("personne", w.IntN(4))}}
	if w.chance(800) {
		d.Prescriber.Email = "aidant@example.org"
	}
	return d
}

func (w *world) anyAgenda() *booking.Agenda {
	if w.temper.only >= 0 && w.chance(800) {
		return w.agendas[w.temper.only]
	}
	return w.agendas[w.IntN(len(w.agendas))]
}

// some picks one of the appointments that satisfy wanted.
func (w *world) some(wanted func(booking.Appointment) bool) (booking.Appointment, bool) {
	list := w.ledger.all(wanted, func(a, b booking.Appointment) int { return a.Created.Compare(b.Created) })
	if len(list) == 0 {
		return booking.Appointment{}, false
	}
	return list[w.IntN(len(list))], true
}
