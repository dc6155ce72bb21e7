package ledgertest

import (
	"crypto/sha256"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// at is a claim of an agenda, minutes from the Epoch.
func at(id, agenda string, from, to int) booking.Claim {
	span := interval.Of(Epoch.Add(time.Duration(from)*time.Minute), Epoch.Add(time.Duration(to)*time.Minute))
	return booking.Claim{
		Appointment: booking.Appointment{
			ID: id, Partner: "p1", Place: "lieu", Agenda: agenda, Motif: booking.Motif{ID: "m"}.Complete(),
			Interval: span, Seats: 1, Expires: Epoch.Add(10 * time.Minute),
		},
		Footprint: span, Session: id, Capacity: 1,
	}
}

func taking(event booking.Event) *booking.Change {
	return &booking.Change{
		Event: event, Seats: 1,
		Details: &booking.Details{Beneficiary: booking.Beneficiary{FirstName: "Prénom-canari", LastName: "Nom-canari"}},
		Telling: booking.Telling{Channels: map[booking.Actor]booking.Channel{
			booking.TheStructure: booking.MailChannel, booking.ThePrescriber: booking.MailChannel, booking.TheBeneficiary: booking.PrescriberChannel,
		}},
	}
}

func key(value, request string) *booking.Key {
	return &booking.Key{Partner: "p1", Digest: sha256.Sum256([]byte(value)), Request: sha256.Sum256([]byte(request)), Status: 201}
}

func claim(t *testing.T, l Ledger, c booking.Claim) booking.Appointment {
	t.Helper()
	a, err := l.Claim(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func wantKind(t *testing.T, err error, want connectors.Kind) {
	t.Helper()
	if err == nil || connectors.KindOf(err) != want {
		t.Errorf("got %v, want kind %q", err, want)
	}
}
