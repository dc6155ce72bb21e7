package booking_test

import (
	"cmp"
	"testing"
	"time"

	"passerelle/booking"
)

func remindersOf(a booking.Appointment) (out []booking.Notice) {
	for _, n := range a.Notices {
		if n.About == booking.AboutReminder {
			out = append(out, n)
		}
	}
	return out
}

// Whoever tells a person of her appointment reminds her: the gateway, her prescriber, or the agenda's own software.
func TestAnAppointmentIsCalledToMind(t *testing.T) {
	for name, c := range map[string]struct {
		place, motif string
		person       booking.Beneficiary
		prescriber   booking.Email
		source       bool          // the agenda's own software tells
		to           booking.Actor // nobody: the other software does
		by           booking.Channel
	}{
		"by short message":                   {"a", "", booking.Beneficiary{Contact: booking.BySMS}, "a@example.org", false, booking.TheBeneficiary, booking.SMSChannel},
		"she has no mobile":                  {"a", "", booking.Beneficiary{Contact: booking.BySMS, Phone: "+33465710001"}, "a@example.org", false, booking.ThePrescriber, booking.MailChannel},
		"by the agenda's own software":       {"d", "journal", booking.Beneficiary{Contact: booking.BySMS}, "a@example.org", true, "", ""},
		"by mail, the ledger is the diary":   {"a", "", booking.Beneficiary{Email: "p@example.org", Contact: booking.ByEmail}, "a@example.org", false, booking.TheBeneficiary, booking.MailChannel},
		"by mail, another diary keeps it":    {"d", "journal", booking.Beneficiary{Email: "p@example.org", Contact: booking.ByEmail}, "a@example.org", false, booking.TheBeneficiary, booking.MailChannel},
		"by her prescriber":                  {"a", "", booking.Beneficiary{Contact: booking.ByPrescriber}, "a@example.org", false, booking.ThePrescriber, booking.MailChannel},
		"by a prescriber who has no address": {"a", "", booking.Beneficiary{Contact: booking.ByPrescriber}, "", false, booking.ThePrescriber, booking.NoChannel},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.SMS = true
			if c.source {
				w.put(t, "diary", func(c *booking.Connection) { c.Tells = booking.SourceTells })
			}
			c.person.FirstName, c.person.LastName, c.person.Phone = "Prénom", "Nom", cmp.Or(c.person.Phone, "+33639980001")
			w.now.Store(sunday.Add(-7 * 24 * time.Hour).Unix())
			r, err := w.Book(t.Context(), call("k"), booking.Booking{SlotID: w.slot(t, c.place, c.motif, "09:00"), Details: booking.Details{
				Beneficiary: c.person, Prescriber: booking.Prescriber{Email: c.prescriber},
			}})
			if err != nil || r.Appointment.Status != booking.Confirmed {
				t.Fatalf("Book = %s, %v", r.Appointment.Status, err)
			}
			got := remindersOf(r.Appointment)
			want := r.Appointment.StartTime().Add(-48 * time.Hour)
			if c.to == "" && len(got) == 0 {
				return
			}
			if len(got) != 1 || got[0].To != c.to || got[0].Channel != c.by || !got[0].Due.Equal(want) {
				t.Errorf("reminders %+v, want one to %s by %s at %s", got, c.to, c.by, want)
			}
		})
	}
}
