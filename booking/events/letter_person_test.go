package events

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
)

const personPages = "https://passerelle.example/rv/"

func persons(t testing.TB) *LinkSigner {
	t.Helper()
	s, err := NewLinkSigner("https://passerelle.example", "/rv/", bytes.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The person, and she alone, has a link to what stands for her, as long as it is of use.
func TestAPersonsLettersLeadToHerAppointment(t *testing.T) {
	m := letterMailer(t)
	stands := []booking.Topic{booking.AboutConfirmation, booking.AboutMove, booking.AboutReminder}
	for _, c := range letterCases() {
		told := c.told()
		l, err := m.letterOf(told, mailPlace(t), "lectrice@exemple.org")
		if err != nil {
			t.Fatal(err)
		}
		_, rest, has := strings.Cut(l.text, personPages)
		if want := c.to == booking.TheBeneficiary && slices.Contains(stands, c.about); has != want {
			t.Errorf("%s to %s has a person's link: %v", c.about, c.to, has)
		}
		if !has {
			continue
		}
		token, _, _ := strings.Cut(rest, "\n")
		over := told.Subject.EndTime().Add(400 * 24 * time.Hour) // it leads to where it was moved, too
		for at, want := range map[time.Time]string{mailNow: someAppointment, over.Add(-time.Second): someAppointment, over: ""} {
			if got, _ := m.Persons.Read(token, at); got != want {
				t.Errorf("%s: at %v the link reads as %q, want %q", c.about, at, got, want)
			}
		}
		if got, err := m.Answers.Read(token, mailNow); err == nil {
			t.Errorf("the link of a person answers a request of %s", got)
		}
		if !strings.Contains(l.html, `<a href="`+personPages+token+`"`) {
			t.Errorf("%s: no button leads there:\n%s", c.about, l.html)
		}
		if strings.Contains(string(l.invitation), "/rv/") { // calendars are shared
			t.Errorf("the link is in the invitation:\n%s", l.invitation)
		}
	}

	m.Persons = nil
	l, err := m.letterOf(toldOf(mailSubject(someAppointment, booking.Confirmed), booking.TheBeneficiary, booking.AboutReminder), mailPlace(t), "a@exemple.org")
	if err != nil || strings.Contains(l.text+l.html, "/rv/") || strings.Contains(l.text, "vous-même") {
		t.Errorf("without pages: %v\n%s", err, l.text)
	}
}
