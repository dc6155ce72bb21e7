package events

import (
	"bytes"
	"strings"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/icalendar"
)

// The two methods of an invitation (RFC 5546).
const (
	methodRequest = "REQUEST"
	methodCancel  = "CANCEL"
)

// method is what a message does to the calendar of who reads it; empty when it does nothing: nobody knows when, nothing stands, or
// nothing did. The structure whose own agenda keeps the appointment is invited to nothing, or it would see it twice.
func method(t booking.Told) string {
	if t.Subject.Interval.Empty() || t.To == booking.TheStructure && elsewhere(t.Subject) {
		return ""
	}
	switch t.About {
	case booking.AboutConfirmation, booking.AboutMove:
		return methodRequest
	case booking.AboutCancellation, booking.AboutRefusal, booking.AboutExpiry:
		if promised(t.Subject, t.To) {
			return methodCancel
		}
	}
	return ""
}

// invitation writes the calendar part. It names nobody but its reader, who has nothing to answer: an attendee that has
// accepted already is not asked again. The identity is the chain's, so that a move moves what is in the calendar, and
// versions grow along a chain, so that the last word wins in whatever order the mails are read.
func invitation(t booking.Told, p *booking.Place, organizer, to string, now time.Time) ([]byte, error) {
	a := t.Subject
	m := icalendar.Message{
		Method: method(t), UID: connectors.UIDOf(a.Chain), Sequence: t.Version, Stamp: now, Interval: a.Interval,
		Summary: "Rendez-vous : " + booking.OneLine(a.Motif.Label), Location: a.Whereabouts(p).Line(p), Description: description(a, p),
		Status: "CONFIRMED", Organizer: icalendar.Party{Mail: organizer}, Attendees: []icalendar.Party{{Mail: to, Accepted: true}},
	}
	if m.Method == methodCancel {
		m.Status = "CANCELLED"
	}
	var b bytes.Buffer
	err := icalendar.Write(&b, m)
	return b.Bytes(), err
}

// description says what to prepare; nothing of persons.
func description(a booking.Appointment, p *booking.Place) string {
	var lines []string
	if bring := booking.Lines(a.Motif.Bring...); len(bring) > 0 {
		lines = append(lines, "À apporter : "+strings.Join(bring, ", "))
	}
	lines = append(lines, booking.Printable(a.Motif.Instructions), booking.OneLine(a.Motif.Conditions))
	if p.Phone != "" {
		lines = append(lines, "Téléphone du lieu : "+booking.PhoneInDigits(booking.OneLine(p.Phone)))
	}
	return strings.Join(booking.Lines(lines...), "\n")
}
