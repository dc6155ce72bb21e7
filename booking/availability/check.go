package availability

import (
	"context"

	"passerelle/booking"
)

// Check implements booking.Availability. It can wait as a search can: whoever looks whether slots are still free is no probe of
// an agenda whose server fails, as who books is (docs/decisions/0028).
func (r *Reader) Check(ctx context.Context, a *booking.Agenda, questions []booking.AvailabilityQuery) []booking.Availabilities {
	now, d := r.Now(), r.diary(a)
	d.want(now)
	read, state := r.readNow(ctx, d, now)
	type worked struct {
		*free
		err error
	}
	at := make(map[*booking.Place]worked) // the ledger is asked once for each place
	out := make([]booking.Availabilities, len(questions))
	for i, q := range questions {
		q.Agenda = a
		out[i] = r.answer(q, now, read, state, func() (*free, error) {
			w, known := at[q.Place]
			if !known {
				w.free, w.err = r.workOut(ctx, q, read.said, read.said.window)
				at[q.Place] = w
			}
			return w.free, w.err
		})
	}
	return out
}
