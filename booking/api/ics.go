package api

import (
	"bytes"
	"net/http"
	"strings"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/icalendar"
)

// calendar is an appointment as text/calendar: when and where, nobody's name.
type calendar icalendar.Message

func (s *server) calendar(a booking.Appointment) calendar {
	p := s.lookUp(a.Place)
	m := icalendar.Message{
		UID: connectors.UIDOf(a.Chain), Sequence: a.Version, // as in the letters
		Stamp: a.Modified, Interval: a.Interval,
		Summary:  a.Motif.Label + " — " + p.Name,
		Location: s.whereabouts(a, p),
		Status:   "TENTATIVE",
	}
	switch {
	case a.Status == booking.Confirmed || a.Status == booking.Honoured:
		m.Status = "CONFIRMED"
	case !a.Status.Occupies():
		m.Status = "CANCELLED"
	}
	return calendar(m)
}

// whereabouts is where an appointment is: as its agenda says, or at the place.
func (s *server) whereabouts(a booking.Appointment, p *booking.Place) string {
	switch {
	case a.Upstream.Location != "":
		return a.Upstream.Location
	case a.Guarantee == connectors.Handoff:
		return "Là où la page de réservation l'a dit"
	}
	return strings.Trim(strings.Join([]string{p.Name, p.Address, p.PostalCode + " " + p.Commune}, ", "), ", ")
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
