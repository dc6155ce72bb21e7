package icalendar

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"passerelle/connectors/interval"
)

func message() Message {
	start := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	return Message{
		Method:      "REQUEST",
		UID:         "rdv-42@exemple.fr",
		Sequence:    2,
		Stamp:       time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC),
		Interval:    interval.Of(start, start.Add(45*time.Minute)),
		Summary:     "Accompagnement; démarches, en ligne \\ impôts",
		Location:    "Médiathèque, 12 rue de la Mairie",
		Description: "À apporter :\n- pièce d'identité\n- " + strings.Repeat("justificatif très récent, ", 12),
		URL:         "https://exemple.fr/rendez-vous/42?a=1;b=2",
		Status:      "CONFIRMED",
		Organizer:   Party{Name: `Mairie "centrale", accueil`, Mail: "accueil@exemple.fr"},
		Attendees:   []Party{{Mail: "structure@exemple.fr"}},
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	m := message()
	var out bytes.Buffer
	if err := Write(&out, m); err != nil {
		t.Fatal(err)
	}
	c, err := Read(out.Bytes(), interval.Interval{Start: m.Start - day, End: m.End + day}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Occurrences) != 1 || !c.Complete() || c.Skipped.Lines > 0 {
		t.Fatalf("read back as %+v\n%s", c, out.String())
	}
	if o := c.Occurrences[0]; o.Interval != m.Interval || o.UID != m.UID || o.Summary != m.Summary || o.Location != m.Location || o.Meaning != Busy {
		t.Errorf("read back as %v %+v", o.Interval, *o.Event)
	}
}

func TestWrittenLinesAreFoldedAndEndedByCRLF(t *testing.T) {
	var out bytes.Buffer
	if err := Write(&out, message()); err != nil {
		t.Fatal(err)
	}
	if strings.Count(out.String(), "\n") != strings.Count(out.String(), "\r\n") {
		t.Error("a line does not end in CRLF")
	}
	for line := range strings.SplitSeq(out.String(), "\r\n") {
		if len(line) > 75 {
			t.Errorf("%d bytes in a line: %q", len(line), line)
		}
		if strings.ToValidUTF8(line, "") != line {
			t.Errorf("a character is cut: %q", line)
		}
	}
	unfolded := strings.ReplaceAll(out.String(), "\r\n ", "")
	for _, want := range []string{
		"METHOD:REQUEST", "SEQUENCE:2", "DTSTAMP:20261120T080000Z", "DTSTART:20261201T090000Z", "DTEND:20261201T094500Z",
		`SUMMARY:Accompagnement\; démarches\, en ligne \\ impôts`, `DESCRIPTION:À apporter :\n- pièce`,
		"URL:https://exemple.fr/rendez-vous/42?a=1;b=2", `ORGANIZER;CN="Mairie 'centrale', accueil":mailto:accueil@exemple.fr`,
	} {
		if !strings.Contains(unfolded, want) {
			t.Errorf("%q is not in\n%s", want, unfolded)
		}
	}
}

func TestWhoHasAcceptedIsNotAskedAgain(t *testing.T) {
	m := message()
	m.Attendees = append(m.Attendees, Party{Mail: "prescripteur@exemple.fr", Accepted: true})
	var out bytes.Buffer
	if err := Write(&out, m); err != nil {
		t.Fatal(err)
	}
	unfolded := strings.ReplaceAll(out.String(), "\r\n ", "")
	for _, want := range []string{
		"\r\nATTENDEE:mailto:structure@exemple.fr\r\n", "\r\nATTENDEE;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:prescripteur@exemple.fr\r\n",
	} {
		if !strings.Contains(unfolded, want) {
			t.Errorf("%q is not in\n%s", want, unfolded)
		}
	}
}

func TestWriteRefusesWhatItCannotWrite(t *testing.T) {
	for _, c := range []struct {
		field string
		spoil func(*Message)
	}{
		{"UID", func(m *Message) { m.UID = " \x00" }},
		{"Stamp", func(m *Message) { m.Stamp = time.Time{} }},
		{"Interval", func(m *Message) { m.End = m.Start }},
		{"Sequence", func(m *Message) { m.Sequence = -1 }},
		{"Method", func(m *Message) { m.Method = "REFRESH\r\nX:Y" }},
		{"Status", func(m *Message) { m.Status = "MAYBE" }},
		{"URL", func(m *Message) { m.URL = "https://exemple.fr/\r\nX:Y" }},
		{"Mail", func(m *Message) { m.Attendees[0].Mail = "a@exemple.fr\r\nX:Y" }},
		{"Organizer", func(m *Message) { m.Organizer = Party{} }},
	} {
		m := message()
		c.spoil(&m)
		var out bytes.Buffer
		if err := Write(&out, m); err == nil || !strings.Contains(err.Error(), c.field) || out.Len() > 0 {
			t.Errorf("%s: error %v, %d bytes written", c.field, err, out.Len())
		}
	}
}

func TestTextsCannotBringLinesOfTheirOwn(t *testing.T) {
	m := message()
	m.Summary = "a\r\nATTENDEE:mailto:x@exemple.fr\rb\x07"
	m.Organizer.Name = "a\r\nATTENDEE:mailto:x@exemple.fr"
	var out bytes.Buffer
	if err := Write(&out, m); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "\nATTENDEE"); n != 1 {
		t.Errorf("%d attendees instead of one:\n%s", n, out.String())
	}
}
