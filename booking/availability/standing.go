package availability

import (
	"slices"
	"time"

	"passerelle/booking"
)

// Readings implements booking.Availability.
func (r *Reader) Readings(agendas []*booking.Agenda) map[string]booking.Reading {
	out, now := make(map[string]booking.Reading), r.Now()
	for _, a := range agendas {
		of := out[a.Connector]
		if of.States == nil {
			of.States = make(map[booking.State]int)
		}
		of.Agendas++
		if keptRead(a) {
			r.count(a, now, &of)
		}
		out[a.Connector] = of
		for _, b := range a.Connection.Beside { // its readings count for a connector that may have no agenda
			if _, there := out[b.Connector]; !there {
				out[b.Connector] = booking.Reading{}
			}
		}
	}
	r.record.forget(booking.Hosts(agendas, ""))
	for name, of := range out {
		slices.Sort(of.Ages)
		r.record.of(name, &of)
		out[name] = of
	}
	return out
}

// count adds an agenda to the others of its connector.
func (r *Reader) count(a *booking.Agenda, now time.Time, of *booking.Reading) {
	r.mu.Lock()
	d := r.diaries[a.Agenda]
	r.mu.Unlock()
	if d == nil || d.agenda != a { // never looked at, or not since it was opened again
		of.States[booking.NoAgenda]++
		of.Due++
		return
	}
	last, state := d.state(now, r.Options)
	of.States[state]++
	if !last.at.IsZero() {
		of.Ages = append(of.Ages, now.Sub(last.at))
		if last.at.After(of.Succeeded) {
			of.Succeeded = last.at
		}
	}
	d.mu.Lock()
	switch {
	case d.reading:
		of.Reading++
	case !d.next(now, r.Options).After(now):
		of.Due++
	}
	d.mu.Unlock()
	d.shelf.mu.Lock()
	of.FreeTimes += len(d.shelf.free)
	d.shelf.mu.Unlock()
}
