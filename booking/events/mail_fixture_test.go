package events

import (
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
	"passerelle/internal/held"
)

// secretWord stands in every personal datum of the fixtures: a log that has it tells of persons.
const secretWord = "Zephyrine"

var mailNow = time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)

// mailPlace is in Paris; its letters have all that letters may have.
func mailPlace(t testing.TB) *booking.Place {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return &booking.Place{
		ID: "lieu-1", Name: "Médiathèque d'Eurre", Address: "12 rue de la Mairie", AddressMore: "1er étage", PostalCode: "26400", Commune: "Eurre",
		Phone: "+33475412345", Zone: zone,
	}
}

// mailSubject is an appointment with every field that a letter may show.
func mailSubject(id string, status booking.Status) *booking.Appointment {
	start := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	return &booking.Appointment{
		ID: id, Chain: id, Partner: "tour", Place: "lieu-1", Agenda: id, Status: status, Version: 2, Seats: 1,
		Interval: interval.Of(start, start.Add(45*time.Minute)),
		Motif: booking.Motif{
			ID: "m", Label: "Accompagnement individuel", Modality: booking.OnSite, Bring: []string{"pièce d'identité", "dernier avis d'impôt"},
			Instructions: "Sonnez à l'interphone.", Conditions: "Réservé aux habitants de la vallée", Reception: []string{"LSF"},
		},
		Expires: time.Date(2026, 11, 27, 8, 30, 0, 0, time.UTC),
		Details: &booking.Details{
			Beneficiary: booking.Beneficiary{
				FirstName: "Anne-" + secretWord, LastName: "Durand", Phone: "+33612345678", Email: booking.Email("usager." + secretWord + "." + id + "@exemple.org"),
				Language: "portugais", Contact: booking.ByEmail, Address: "3 impasse " + secretWord,
			},
			Prescriber: booking.Prescriber{
				FirstName: "Camille", LastName: secretWord, Email: booking.Email("prescripteur." + secretWord + "." + id + "@exemple.org"), Phone: "+33475000000",
				StructureName: "CCAS de Crest", Quality: "professionnel",
			},
			Need:      booking.Need{Services: []string{"Aide aux démarches administratives"}, Details: "Dossier de " + secretWord + ".\nDeuxième ligne."},
			Reception: []string{"LSF"},
		},
	}
}

// mailAgenda is the agenda of an appointment: in the fixtures each has one of its own, whose address tells it apart.
func mailAgenda(id string) (*booking.Agenda, bool) {
	return &booking.Agenda{Connection: booking.Connection{Agenda: id, Notice: "structure." + secretWord + "." + id + "@exemple.org"}}, true
}

// addressOf is where the fixtures' recipients read mail.
func addressOf(a *booking.Appointment, to booking.Actor) string {
	switch to {
	case booking.TheStructure:
		agenda, _ := mailAgenda(a.Agenda)
		return agenda.Notice
	case booking.ThePrescriber:
		return string(a.Details.Prescriber.Email)
	case booking.TheOperator:
		return "operateur@exemple.org"
	}
	return string(a.Details.Beneficiary.Email)
}

// newTestMailer is a mailer of an outbox and a server; change may spoil it. Its log is checked for personal data at the end.
func newTestMailer(t *testing.T, o *outbox, s *mailServer, change func(*MailOptions)) (*Mailer, *held.Text, chan struct{}) {
	t.Helper()
	written, wake := new(held.Text), make(chan struct{})
	place := mailPlace(t)
	options := MailOptions{
		Outbox: o, Place: func(string) *booking.Place { return place }, Agenda: mailAgenda, Answers: answers(t, 1), Persons: persons(t),
		Sender: mail.Address{Name: "Passerelle RDV", Address: "rdv@passerelle.example"}, Operator: "operateur@exemple.org",
		SMTP: SMTP{Host: s.host, Port: s.port, TLS: Plain}, Dial: dialLoopback,
		Logger: slog.New(slog.NewTextHandler(written, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: o.clock, Wake: wake, Poll: time.Hour,
	}
	if change != nil {
		change(&options)
	}
	m, err := NewMailer(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, word := range []string{secretWord, "Durand", "@exemple.org", "Crest", "6123456"} {
			if strings.Contains(written.String(), word) {
				t.Errorf("the log has %q:\n%s", word, written)
			}
		}
	})
	return m, written, wake
}

// toldOf is a message as the outbox would give it.
func toldOf(a *booking.Appointment, to booking.Actor, about booking.Topic) booking.Told {
	return booking.Told{
		Notice:  booking.Notice{ID: 7, Appointment: a.ID, Version: a.Version, To: to, About: about, Channel: booking.MailChannel, State: booking.NoticeDue},
		Subject: *a,
	}
}

// hexID is an appointment's id, from a number.
func hexID(n int) string { return fmt.Sprintf("%032x", n) }

// inAgenda makes another diary keep it.
func inAgenda(a *booking.Appointment) { a.Upstream = connectors.Appointment{Reference: "r"} }
