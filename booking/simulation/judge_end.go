package simulation

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// absencesApart is the least time between two looks that release a doubt: what is promised, not what is configured.
const absencesApart = time.Minute

// answered judges what a call says.
func (j *judge) answered(in *intent, r booking.Result, err error) {
	e, _ := errors.AsType[*booking.Error](err)
	switch {
	case err == nil:
		j.note("%s: is answered %d, %s %s", in.name, r.Status, r.Appointment.ID, r.Appointment.Status)
		j.accepted(in, r)
		return
	case errors.Is(err, context.Canceled), errors.Is(err, errLedger):
		return // nothing is said of what was done: the same key tells
	}
	j.note("%s: is answered %v", in.name, err)
	if connectors.KindOf(err) == connectors.Internal {
		j.breaks(answers, "%s %s fails with %v", in.what, in.key, err)
	}
	if e != nil && e.Code == "demande_en_cours" || in.shared {
		return
	}
	for _, a := range j.made(in) {
		if a.Status.Occupies() && a.Status != booking.Held {
			j.breaks(answers, "%s %s is answered %v, and %s is %s", in.what, in.key, err, a.ID, a.Status)
		}
	}
}

// made lists what a call made, and no other.
func (j *judge) made(in *intent) []booking.Appointment {
	if in.what != toBook {
		return nil
	}
	return j.ledger.all(func(a booking.Appointment) bool {
		return a.Partner == in.partner && a.Reference == in.key && a.ID == a.Chain
	},
		func(booking.Appointment, booking.Appointment) int { return 0 })
}

func (j *judge) accepted(in *intent, r booking.Result) {
	a := r.Appointment
	if a.Status.Doubtful() != (r.Status == http.StatusAccepted) {
		j.breaks(answers, "%s %s is answered %d, and %s is %s", in.what, in.key, r.Status, a.ID, a.Status)
	}
	if in.done != "" && in.done != a.ID {
		j.breaks(oneKey, "%s %s is answered %s, and was answered %s", in.what, in.key, a.ID, in.done)
	}
	in.done = a.ID
	if now, ok := j.ledger.appointments[a.ID]; !ok || now.Version < a.Version {
		j.breaks(answers, "%s %s is answered version %d of %s, which is not there", in.what, in.key, a.Version, a.ID)
	}
}

// end judges what is left once all is quiet.
func (j *judge) end() {
	list := j.ledger.all(func(booking.Appointment) bool { return true }, func(a, b booking.Appointment) int { return cmp.Compare(a.Start, b.Start) })
	for _, a := range list {
		switch a.Status {
		case booking.Sending, booking.Uncertain, booking.Cancelling:
			j.breaks(settled, "%s in %s is %s for ever", a.ID, a.Agenda, a.Status)
		case booking.Held, booking.Requested:
			j.breaks(settled, "%s in %s is over and still %s", a.ID, a.Agenda, a.Status)
		case booking.Confirmed:
			j.there(a)
		case booking.NeedsHuman:
			if d := j.diaryOf(a.Agenda); d.identity && !j.touched(a) {
				j.breaks(settled, "%s is left to people, although %s can be looked into", a.ID, d.id)
			}
		}
	}
	for _, d := range j.diaries {
		if !d.identity {
			continue // what it holds under our reference, nobody can know
		}
		for _, e := range d.events {
			if e.Reference != "" && !e.edited && !d.kept[e.Reference] && !slices.ContainsFunc(list, func(a booking.Appointment) bool {
				return (a.Status.Occupies() || a.Status == booking.Excused) && a.Interval == e.Interval && cmp.Or(a.Upstream.Reference, a.ID) == e.Reference
			}) {
				j.breaks(noGhost, "%s has %s at %s", d.id, e.Reference, e.Interval)
			}
		}
	}
	for id, d := range j.ledger.debts {
		if a := j.ledger.appointments[id]; a.Status != booking.NeedsHuman {
			j.breaks(settled, "%s of %s, which is %s, is owed for ever", d.Do, id, a.Status)
		}
	}
}

// there: what is confirmed is in its agenda, at its time, unless a human's hand came between too late to be seen.
func (j *judge) there(a booking.Appointment) {
	if a.Upstream == (connectors.Appointment{}) {
		return
	}
	d := j.diaryOf(a.Agenda)
	unseen := a.Start <= j.now.Unix() || !d.identity || j.ledger.moving(a.ID)
	if (j.touched(a) || d.gone[a.Upstream.Reference]) && unseen {
		return
	}
	if !slices.ContainsFunc(d.events, func(e event) bool { return e.Upstream == a.Upstream.Upstream && e.Interval == a.Interval }) {
		j.breaks(noLoss, "%s is confirmed at %s, and %s has it not", a.ID, a.Interval, d.id)
	}
}

// forgotten judges that personal data ended.
func (j *judge) forgotten() {
	for _, a := range j.ledger.appointments {
		if a.Details != nil {
			j.breaks(erased, "%s (%s) still says who came", a.ID, a.Status)
		}
	}
}
