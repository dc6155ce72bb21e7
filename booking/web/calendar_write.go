package web

import (
	"bytes"
	"context"
	"net/http"
	"slices"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/icalendar"
	"passerelle/connectors/interval"
)

// event is an appointment as a calendar has it: when, where, and what for; nobody's name.
func event(a booking.Appointment, place *booking.Place, more string) icalendar.Message {
	return icalendar.Message{
		UID: connectors.UIDOf(a.Chain), Sequence: a.Version, Stamp: a.Modified, Interval: a.Interval, Status: a.Status.InCalendars(),
		Summary: a.Motif.Label + " — " + more, Location: a.Whereabouts(place).Line(place),
	}
}

// calendar is the appointment for the taker's own calendar.
func (p *pages) calendar(w http.ResponseWriter, r *http.Request) {
	if _, a, ok := p.own(w, r); ok {
		p.writeCalendar(w, r, a)
	}
}

func (p *pages) calendarOfHers(w http.ResponseWriter, r *http.Request) {
	if a, ok := p.hers(w, r); ok {
		p.writeCalendar(w, r, a)
	}
}

func (p *pages) writeCalendar(w http.ResponseWriter, r *http.Request, a booking.Appointment) {
	place := p.Place(a.Place)
	if place == nil || a.Interval.Empty() {
		p.tell(w, r, unknownPlace)
		return
	}
	var b bytes.Buffer
	if err := icalendar.Write(&b, event(a, place, place.Name)); err != nil {
		p.Logger.Error("a calendar could not be written", "rendez_vous", a.ID, "err", err)
		p.tell(w, r, unavailable)
		return
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="rendez-vous.ics"`)
	_, _ = b.WriteTo(w)
}

// calendarOf is what stands at a place, in one calendar.
func (p *pages) calendarOf(ctx context.Context, place *booking.Place) ([]byte, error) {
	today := booking.Midnight(p.Now(), place.Zone)
	found, err := p.Register.StandingAt(ctx, place.Names(), interval.Of(today.AddDate(0, 0, -calendarBack), today.AddDate(0, 0, calendarAhead+1)))
	if err != nil {
		return nil, err
	}
	f := icalendar.Feed{Name: "Rendez-vous : " + place.Name, Refresh: calendarEvery}
	for _, a := range found {
		moves := a.Replacing && slices.ContainsFunc(found, func(b booking.Appointment) bool { return b.Chain == a.Chain && !b.Replacing })
		if moves { // until it has moved, it is where it was
			continue
		}
		e := event(a, place, p.statusForStructure(a))
		e.URL = p.Public + StructurePath + a.ID
		f.Events = append(f.Events, e)
	}
	var b bytes.Buffer
	err = icalendar.WriteFeed(&b, f)
	return b.Bytes(), err
}
