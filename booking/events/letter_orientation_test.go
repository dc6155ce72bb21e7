package events

import (
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// What was made on another page may be elsewhere than at the place, and at an hour that nobody has said: no letter makes
// one up.
func TestALetterSaysOfAnOrientationWhatIsKnown(t *testing.T) {
	words, err := readLetters()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name          string
		change        func(*booking.Appointment)
		has, hasNot   []string
		method        string
		about         booking.Topic
		beforeWasTold bool
	}{
		{
			"without a time or a name", func(a *booking.Appointment) {
				a.Interval, a.Details.Beneficiary = interval.Interval{}, booking.Beneficiary{}
			},
			[]string{"à une heure que la passerelle ne connaît pas", "là où la page de réservation l'a dit", "pour la personne est annulé"},
			[]string{"1970", "Durée", "rue"},
			"", booking.AboutCancellation, true,
		},
		{
			"elsewhere", func(a *booking.Appointment) { a.Upstream.Location = "Annexe, 9 chemin Vert, Die" },
			[]string{"Où : Annexe, 9 chemin Vert, Die", "il se déplace là-bas"},
			[]string{"12 rue"},
			methodRequest, booking.AboutConfirmation, false,
		},
	} {
		a := mailSubject(hexID(1), booking.Confirmed)
		a.Guarantee = connectors.Handoff
		c.change(a)
		if c.beforeWasTold {
			a.Notices = []booking.Notice{{To: booking.ThePrescriber, About: booking.AboutConfirmation}}
		}
		told := booking.Told{Notice: booking.Notice{To: booking.ThePrescriber, About: c.about, Version: a.Version}, Subject: *a}
		l, err := words.write(told, newSheet(told, mailPlace(t), ""))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.has {
			if !strings.Contains(l.subject+l.text, want) {
				t.Errorf("%s: %q is not in\n%s", c.name, want, l.text)
			}
		}
		for _, word := range c.hasNot {
			if strings.Contains(l.subject+l.text, word) {
				t.Errorf("%s: %q is in\n%s\n%s", c.name, word, l.subject, l.text)
			}
		}
		if got := method(told); got != c.method {
			t.Errorf("%s: its calendar part is %q, want %q", c.name, got, c.method)
		}
		if c.method != "" {
			if text, err := invitation(told, mailPlace(t), "a@example.org", "b@example.org", time.Now()); err != nil || !strings.Contains(string(text), "Annexe") {
				t.Errorf("%s: %s %v", c.name, text, err)
			}
		}
	}
}
