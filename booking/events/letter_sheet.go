package events

import (
	"cmp"
	"slices"
	"strings"

	"passerelle/booking"
	"passerelle/connectors"
)

// sheet is what letters are made of: every text is one line, but for those that letters quote.
type sheet struct {
	ID, Agenda, Code string

	Place, PlacePhone        string
	When, Length             string
	Where                    []string
	Label                    string
	Seats                    int
	Bring                    []string
	Instructions, Conditions string

	HandedOn bool   // it was made on the place's own page
	Until    string // when a request ends
	Link     string // where its reader answers, or acts

	Person, PersonPhone, PersonMail, PersonAddress, Language, Contact string
	Services, Reception                                               []string
	Need                                                              string // several lines

	Prescriber, PrescriberPhone, PrescriberMail, PrescriberStructure string

	EndedBy                   string
	Reason                    string // several lines
	Promised                  bool   // it was confirmed, or people were told so
	Invitation                bool   // the letter has one
	PersonTold, StructureTold string // by which channel, at the same step; empty when they were to be told nothing
}

func newSheet(t booking.Told, p *booking.Place, link string) sheet {
	a := t.Subject
	s := sheet{
		ID: a.ID, Agenda: a.Agenda, Code: booking.CodeInWords(a.Code()), Link: link,
		Place: booking.OneLine(p.Name), PlacePhone: booking.PhoneInDigits(booking.OneLine(p.Phone)),
		When:  inWords(a, p),
		Where: where(a, p), Label: booking.OneLine(a.Motif.Label), Seats: a.Seats,
		Bring: booking.Lines(a.Motif.Bring...), Instructions: booking.OneLine(a.Motif.Instructions), Conditions: booking.OneLine(a.Motif.Conditions),
		HandedOn: a.Guarantee == connectors.Handoff, EndedBy: actorsInWords[a.Ended.By], Promised: promised(a, t.To),
		PersonTold: string(told(a, t.Version, booking.TheBeneficiary)), StructureTold: string(told(a, t.Version, booking.TheStructure)),
	}
	if !a.Interval.Empty() {
		s.Length = booking.LengthInWords(a.Duration())
	}
	if !a.Expires.IsZero() {
		s.Until = booking.InWords(a.Expires, p.Zone)
	}
	if a.Details != nil && t.To != booking.TheOperator { // whom no letter tells of persons, by accident either
		s.persons(*a.Details)
	}
	if a.Motif.Modality != booking.AtHome && !slices.Contains(a.Motif.Required, "adresse") {
		s.PersonAddress = "" // nobody goes there, and the place did not ask
	}
	return s
}

func (s *sheet) persons(d booking.Details) {
	b, p := d.Beneficiary, d.Prescriber
	s.Person, s.PersonPhone, s.PersonMail = cmp.Or(b.Called(), "la personne"), booking.PhoneInDigits(booking.OneLine(string(b.Phone))), booking.OneLine(string(b.Email))
	s.PersonAddress, s.Language, s.Contact = booking.OneLine(string(b.Address)), booking.OneLine(b.Language), contactsInWords[b.Contact]
	s.Services, s.Need, s.Reception = booking.Lines(d.Need.Services...), booking.Printable(string(d.Need.Details)), booking.Lines(d.Reception...)
	s.Prescriber, s.PrescriberPhone, s.PrescriberMail = booking.FullName(p.FirstName, p.LastName), booking.PhoneInDigits(booking.OneLine(string(p.Phone))), booking.OneLine(string(p.Email))
	s.PrescriberStructure, s.Reason = booking.OneLine(p.StructureName), booking.Printable(string(d.EndReason))
}

// inWords is when an appointment is, as far as anybody has said.
func inWords(a booking.Appointment, p *booking.Place) string {
	if a.Interval.Empty() {
		return "à une heure que la passerelle ne connaît pas"
	}
	return booking.InWords(a.StartTime(), p.Zone)
}

// where is the lines that say how to get there.
func where(a booking.Appointment, p *booking.Place) []string {
	name := "Lieu : " + booking.OneLine(p.Name)
	switch w := a.Whereabouts(p); {
	case w.Elsewhere != "":
		return []string{name, "Où : " + w.Elsewhere}
	case w.How != "":
		return []string{"Comment : " + w.How, name}
	case len(w.Postal) > 0:
		return []string{name, "Adresse : " + strings.Join(w.Postal, ", ")}
	}
	return []string{name}
}

// promised reports whether somebody was ever to be told that the appointment stands: a later end of it is then the end
// of an appointment, and before that it is the end of a request only.
func promised(a booking.Appointment, to booking.Actor) bool {
	for _, n := range a.Notices {
		if n.To == to && (n.About == booking.AboutConfirmation || n.About == booking.AboutMove) {
			return true
		}
	}
	return false
}

// told is how somebody hears of a step, at once. Who could not be reached hears nothing.
func told(a booking.Appointment, version int, who booking.Actor) booking.Channel {
	for _, n := range a.Notices {
		if n.To != who || n.Version != version || n.About == booking.AboutReminder {
			continue
		}
		if n.State == booking.NoticeFailed {
			return booking.NoChannel
		}
		return n.Channel
	}
	return ""
}

var actorsInWords = map[booking.Actor]string{
	booking.TheStructure: "le lieu", booking.ThePrescriber: "la personne qui a réservé", booking.TheBeneficiary: "la personne attendue",
	booking.TheOperator: "l'opérateur de la passerelle", booking.TheGateway: "la passerelle",
}

var contactsInWords = map[booking.Contact]string{
	booking.BySMS: "par SMS", booking.ByCall: "par téléphone", booking.ByEmail: "par courriel", booking.ByPrescriber: "par la personne qui a réservé",
}

// elsewhere reports whether another diary keeps the appointment.
func elsewhere(a booking.Appointment) bool { return a.Upstream != (connectors.Appointment{}) }
