package simulation

import (
	"context"

	"passerelle/booking"
)

// hold takes a slot for nobody yet, or goes on with what is held.
func (w *world) hold() {
	a, ok := w.some(func(a booking.Appointment) bool { return a.Status == booking.Held })
	n := w.IntN(100)
	switch {
	case !ok || n < 45:
		in := w.intend(toHold, w.partner())
		in.slot = w.anySlot(w.anyAgenda())
		w.call(in)
	case n < 85:
		in := w.intend(toBook, a.Partner)
		in.booking = booking.Booking{HoldID: a.ID, Reference: in.key, Details: w.someone(), Again: w.chance(100)}
		if a.Motif.Group {
			in.booking.Seats = 1 + w.IntN(2)
		}
		w.call(in)
	case n < 93:
		in := w.intend(toProlong, a.Partner)
		in.target = a.ID
		w.call(in)
	default:
		w.work("release "+a.ID, func(ctx context.Context) error { return w.Release(ctx, booking.Call{Partner: a.Partner}, a.ID) })
	}
}

// cancel ends an appointment.
func (w *world) cancel() {
	a, ok := w.some(func(a booking.Appointment) bool { return !a.Taken.IsZero() && a.Status.Occupies() })
	if !ok {
		return
	}
	in := w.intend(toCancel, a.Partner)
	in.target = a.ID
	w.call(in)
}

func (w *world) move() {
	a, ok := w.some(func(a booking.Appointment) bool { return a.Status == booking.Confirmed })
	if !ok {
		return
	}
	in := w.intend(toMove, a.Partner)
	in.target = a.ID
	to := w.anyAgenda()
	if agenda, ok := (connected{w}).ByID(a.Agenda); ok && w.chance(700) {
		to = agenda
	}
	in.slot = w.anySlot(to)
	w.call(in)
}

// attend says whether somebody came, sometimes before it was time.
func (w *world) attend() {
	a, ok := w.some(func(a booking.Appointment) bool {
		return a.Status == booking.Confirmed && a.Start <= w.now.Unix()+600 || a.Status == booking.Honoured || a.Status == booking.Missed
	})
	if !ok {
		return
	}
	in := w.intend(toAttend, a.Partner)
	in.target, in.said = a.ID, []booking.Status{booking.Honoured, booking.Missed, booking.Excused}[w.IntN(3)]
	w.call(in)
}

// decide is the structure's answer to a request.
func (w *world) decide() {
	a, ok := w.some(func(a booking.Appointment) bool { return a.Status == booking.Requested })
	if !ok {
		return
	}
	yes := w.chance(700)
	w.work("decide "+a.ID, func(ctx context.Context) error { _, err := w.Decide(ctx, a.ID, yes, "complet"); return err })
}
