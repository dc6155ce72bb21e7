package api

import (
	"bytes"
	"net/http"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/icalendar"
)

// calendar is an appointment as text/calendar: when and where, nobody's name.
type calendar icalendar.Message

func (s *server) calendar(a booking.Appointment) calendar {
	p := s.lookUp(a.Place)
	return calendar(icalendar.Message{
		UID: connectors.UIDOf(a.Chain), Sequence: a.Version, // as in the letters
		Stamp: a.Modified, Interval: a.Interval,
		Summary:  a.Motif.Label + " — " + p.Name,
		Location: a.Whereabouts(p).Line(p),
		Status:   a.Status.InCalendars(),
	})
}

// VisitGetRendezVousResponse writes the calendar.
func (m calendar) VisitGetRendezVousResponse(w http.ResponseWriter) error {
	var b bytes.Buffer
	if err := icalendar.Write(&b, icalendar.Message(m)); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="rendez-vous.ics"`)
	w.WriteHeader(http.StatusOK)
	_, err := b.WriteTo(w)
	return err
}
