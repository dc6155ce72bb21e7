package events

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// smsTopics are what a person is told.
var smsTopics = []booking.Topic{
	booking.AboutConfirmation, booking.AboutMove, booking.AboutReminder, booking.AboutCancellation, booking.AboutRefusal, booking.AboutExpiry,
}

func smsOf(t testing.TB, p *booking.Place, about booking.Topic, change func(*booking.Appointment)) string {
	t.Helper()
	a := mailSubject(someAppointment, booking.Confirmed)
	if change != nil {
		change(a)
	}
	text, err := smsText(toldOf(a, booking.TheBeneficiary, about), p)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestShortMessages(t *testing.T) {
	at := func(m booking.Modality) func(*booking.Appointment) {
		return func(a *booking.Appointment) { a.Motif.Modality = m }
	}
	for _, c := range []struct {
		about  booking.Topic
		change func(*booking.Appointment)
		want   string
	}{
		{booking.AboutConfirmation, nil, "RDV confirmé : mardi 1er décembre à 10h00, Médiathèque d'Eurre, 12 rue de la Mairie, 26400 Eurre. Annuler : 04 75 41 23 45, code G2TQS4G1"},
		{booking.AboutMove, nil, "RDV déplacé, nouvelle date : mardi 1er décembre à 10h00, Médiathèque d'Eurre, 12 rue de la Mairie, 26400 Eurre. Annuler : 04 75 41 23 45, code G2TQS4G1"},
		{booking.AboutReminder, nil, "Rappel de votre RDV : mardi 1er décembre à 10h00, Médiathèque d'Eurre, 12 rue de la Mairie, 26400 Eurre. Annuler : 04 75 41 23 45, code G2TQS4G1"},
		{booking.AboutCancellation, nil, "RDV annulé : mardi 1er décembre à 10h00, Médiathèque d'Eurre, 12 rue de la Mairie, 26400 Eurre. Il n'aura pas lieu. Tél. 04 75 41 23 45"},
		{booking.AboutRefusal, nil, "RDV refusé par le lieu : mardi 1er décembre à 10h00, Médiathèque d'Eurre, 12 rue de la Mairie, 26400 Eurre. Il n'aura pas lieu. Tél. 04 75 41 23 45"},
		{booking.AboutExpiry, nil, "RDV sans réponse du lieu : mardi 1er décembre à 10h00, Médiathèque d'Eurre, 12 rue de la Mairie, 26400 Eurre. Il n'aura pas lieu. Tél. 04 75 41 23 45"},
		{booking.AboutConfirmation, at(booking.ByPhone), "RDV confirmé : mardi 1er décembre à 10h00, Médiathèque d'Eurre, par téléphone. Annuler : 04 75 41 23 45, code G2TQS4G1"},
		{booking.AboutConfirmation, at(booking.AtHome), "RDV confirmé : mardi 1er décembre à 10h00, Médiathèque d'Eurre, chez vous. Annuler : 04 75 41 23 45, code G2TQS4G1"},
		{booking.AboutReminder, func(a *booking.Appointment) { a.Upstream.Location = "Annexe, 9 chemin Vert" }, "Rappel de votre RDV : mardi 1er décembre à 10h00, Médiathèque d'Eurre, Annexe, 9 chemin Vert. Annuler : 04 75 41 23 45, code G2TQS4G1"},
	} {
		if got := smsOf(t, mailPlace(t), c.about, c.change); got != c.want {
			t.Errorf("%s (%d):\n%s\nwant\n%s", c.about, septets(got), got, c.want)
		}
	}
}

// What does not fit goes in one order, the least needed first: when it is, and how to say that one cannot come, stay.
func TestAShortMessageIsShortenedInOneOrder(t *testing.T) {
	name, street := "Maison des services publics du Val de Drôme", "impasse de l'ancienne école communale"
	for _, c := range []struct {
		name, street, commune, phone string
		want                         string
	}{
		{name, "12 rue Haute", "Livron-sur-Drôme", "+33475412345", "RDV confirmé : mardi 1er décembre à 10h00, Maison des services publics du Val de Drome, 12 rue Haute. Annuler : 04 75 41 23 45, code G2TQS4G1"},
		{name, "12 " + street, "Eurre", "+33475412345", "RDV confirmé : mardi 1er décembre à 10h00, Maison des services publics du, 12 impasse de l'ancienne école communale. Annuler : 04 75 41 23 45, code G2TQS4G1"},
		{name, "12 bis " + street + ", 2e", "Eurre", "+33475412345", "RDV confirmé : mardi 1er décembre à 10h00, Maison des services publics du, 12 bis impasse de l'ancienne école communale, 2e. Annuler : 04 75 41 23 45"},
		{name, "12 bis " + street + ", deuxième porte à gauche", "Eurre", "+33475412345", "RDV confirmé : mardi 1er décembre à 10h00, Maison des services publics du. Annuler : 04 75 41 23 45"},
		{name, "", "Eurre", "", "RDV confirmé : mardi 1er décembre à 10h00, Maison des services publics du Val de Drome, 26400 Eurre."},
		{name, "12 rue Haute", "Eurre", "+" + strings.Repeat("3", 120), "RDV confirmé : mardi 1er décembre à 10h00, Maison des services publics du."},
	} {
		p := mailPlace(t)
		p.Name, p.Address, p.Commune, p.Phone = c.name, c.street, c.commune, c.phone
		if got := smsOf(t, p, booking.AboutConfirmation, nil); got != c.want {
			t.Errorf("%d, %s\nwant %d, %s", septets(got), got, septets(c.want), c.want)
		}
	}
}

// Whatever the person may be told has its words; none says who she is, or what she comes for.
func TestAShortMessageSaysNothingOfThePerson(t *testing.T) {
	for _, from := range booking.Statuses() {
		for _, e := range booking.Events() {
			_, commands, _ := booking.Step(booking.Standing{Status: from, Replaces: true}, e)
			for _, c := range commands {
				if c.Do == booking.Tell && c.To == booking.TheBeneficiary && smsHeads[c.About] == "" {
					t.Errorf("%s on %s: no words about %s", from, e, c.About)
				}
			}
		}
	}
	for _, about := range smsTopics {
		text := smsOf(t, mailPlace(t), about, func(a *booking.Appointment) { a.Details.EndReason = "Raison" })
		for _, word := range []string{secretWord, "Durand", "Camille", "Crest", "CCAS", "Accompagnement", "démarches", "Dossier", "individuel", "Raison", "61234", "interphone", "identité"} {
			if strings.Contains(text, word) {
				t.Errorf("%s has %q: %s", about, word, text)
			}
		}
	}
}

// Overseas it says whose clock is meant.
func TestAShortMessageTellsTheTimeOfThePlace(t *testing.T) {
	p := mailPlace(t)
	zone, err := time.LoadLocation("Pacific/Noumea")
	if err != nil {
		t.Fatal(err)
	}
	p.Zone = zone
	if got := smsOf(t, p, booking.AboutReminder, nil); !strings.Contains(got, "mardi 1er décembre à 20h00 (heure du lieu)") {
		t.Error(got)
	}
}

// One message, of the alphabet, whatever stands in the file of places.
func FuzzShortMessage(f *testing.F) {
	for i, text := range hostileTexts {
		f.Add(text, text, text, text, int64(i)*86400*97, uint8(i))
	}
	f.Add("Médiathèque", "12 rue", "Eurre", "+33475412345", int64(0), uint8(0))
	f.Add(strings.Repeat("€", 200), strings.Repeat("[", 200), "", strings.Repeat("~", 200), int64(1), uint8(3))
	zones := make([]*time.Location, 2)
	for i, name := range []string{"Europe/Paris", "Pacific/Noumea"} {
		var err error
		if zones[i], err = time.LoadLocation(name); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, name, street, commune, phone string, after int64, how uint8) {
		p := &booking.Place{Name: name, Address: street, Commune: commune, PostalCode: "26400", Phone: phone, Zone: zones[how%2]}
		start := time.Unix(after%(1<<33), 0)
		about := smsTopics[int(how)%len(smsTopics)]
		text := smsOf(t, p, about, func(a *booking.Appointment) {
			a.Interval = interval.Of(start, start.Add(time.Hour))
			if how&16 != 0 {
				a.Upstream.Location = street
			}
		})
		if n := septets(text); n > 160 || !onlyGSM(text) {
			t.Fatalf("%d: %q", n, text)
		}
		local := start.In(p.Zone)
		if when := fmt.Sprintf(" à %dh%02d", local.Hour(), local.Minute()); !a0(start) && !strings.Contains(text, when) {
			t.Fatalf("%q does not say when (%s)", text, when)
		}
	})
}

// a0 is an hour that the ledger takes for none.
func a0(start time.Time) bool { return interval.Of(start, start.Add(time.Hour)).Empty() }
