package icalendar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	ical "github.com/emersion/go-ical"

	"passerelle/connectors/interval"
)

// Message is one appointment as an .ics file, or as an iTIP message (RFC 5546) when it has a Method.
type Message struct {
	Method   string    // "", "PUBLISH", "REQUEST", "CANCEL"
	UID      string    // required; the same in all messages about the appointment
	Sequence int       // grows with each change of time, place or state
	Stamp    time.Time // when the message is written; required

	interval.Interval // required; written in UTC

	Summary, Location, Description, URL string

	Status    string // "", "CONFIRMED", "TENTATIVE", "CANCELLED"
	Organizer Party  // none when it has no Mail
	Attendees []Party
}

// Party is a person or an office. Name may be empty.
type Party struct {
	Name, Mail string
	Accepted   bool // of an attendee: has said yes already, so that no answer is asked for
}

// productID names the program that wrote the text (RFC 5545 §3.7.3).
const productID = "-//Passerelle RDV//FR"

// Write writes a Message. An error that says "icalendar: message" names the field that cannot be written; nothing is
// written then. Texts are escaped, control characters dropped, lines folded at 75 bytes and ended by CRLF.
func Write(w io.Writer, m Message) error {
	event, err := m.event()
	if err != nil {
		return err
	}
	calendar := newCalendar(event)
	if m.Method != "" {
		calendar.Props.SetText(ical.PropMethod, m.Method)
	}
	return encode(w, calendar)
}

func newCalendar(children ...*ical.Component) *ical.Calendar {
	calendar := ical.NewCalendar()
	calendar.Props.SetText(ical.PropVersion, "2.0")
	calendar.Props.SetText(ical.PropProductID, productID)
	calendar.Children = children
	return calendar
}

func encode(w io.Writer, calendar *ical.Calendar) error {
	var out bytes.Buffer
	if err := ical.NewEncoder(&out).Encode(calendar); err != nil {
		return fmt.Errorf("icalendar: %w", err)
	}
	_, err := w.Write(fold(out.Bytes()))
	return err
}

func (m *Message) event() (*ical.Component, error) {
	if err := m.validate(); err != nil {
		return nil, fmt.Errorf("icalendar: message: %w", err)
	}
	event := ical.NewEvent()
	set := func(name, value string) { event.Props.Set(&ical.Prop{Name: name, Params: ical.Params{}, Value: value}) }
	text := func(name, value string) {
		if value = printable(value); value != "" {
			event.Props.SetText(name, value)
		}
	}
	text(ical.PropUID, m.UID)
	set(ical.PropSequence, strconv.Itoa(m.Sequence))
	event.Props.SetDateTime(ical.PropDateTimeStamp, m.Stamp.UTC())
	event.Props.SetDateTime(ical.PropDateTimeStart, m.StartTime())
	event.Props.SetDateTime(ical.PropDateTimeEnd, m.EndTime())
	text(ical.PropSummary, m.Summary)
	text(ical.PropLocation, m.Location)
	text(ical.PropDescription, m.Description)
	if m.URL != "" {
		set(ical.PropURL, m.URL)
	}
	if m.Status != "" {
		set(ical.PropStatus, m.Status)
	}
	if m.Organizer.Mail != "" {
		event.Props.Add(m.Organizer.property(ical.PropOrganizer))
	}
	for _, a := range m.Attendees {
		event.Props.Add(a.property(ical.PropAttendee))
	}
	return event.Component, nil
}

func (m *Message) validate() error {
	switch {
	case printable(m.UID) == "":
		return errors.New("UID is missing")
	case m.Stamp.IsZero():
		return errors.New("Stamp is missing")
	case m.Empty():
		return errors.New("Interval is empty")
	case m.Sequence < 0:
		return errors.New("Sequence is negative")
	case !slices.Contains([]string{"", "PUBLISH", "REQUEST", "CANCEL"}, m.Method):
		return errors.New("Method is unknown")
	case !slices.Contains([]string{"", "CONFIRMED", "TENTATIVE", "CANCELLED"}, m.Status):
		return errors.New("Status is unknown")
	case strings.ContainsFunc(m.URL, func(c rune) bool { return c <= ' ' || c == unicode.ReplacementChar }):
		return errors.New("URL has blanks")
	case m.Organizer.Mail == "" && (m.Method == "REQUEST" || m.Method == "CANCEL"):
		return errors.New("Organizer is missing: the method needs one")
	}
	for _, p := range append([]Party{m.Organizer}, m.Attendees...) {
		if address, err := mail.ParseAddress(p.Mail); p != (Party{}) && (err != nil || address.Address != p.Mail) {
			return errors.New("Mail is no address")
		}
	}
	return nil
}

// property is an ORGANIZER or ATTENDEE. A parameter value cannot hold a quotation mark (RFC 5545 §3.2).
func (p Party) property(name string) *ical.Prop {
	prop := &ical.Prop{Name: name, Params: ical.Params{}, Value: "mailto:" + p.Mail}
	oneLine := strings.Join(strings.Fields(printable(strings.ReplaceAll(p.Name, `"`, "'"))), " ")
	if oneLine != "" {
		prop.Params.Set("CN", oneLine)
	}
	if p.Accepted {
		prop.Params.Set("PARTSTAT", "ACCEPTED")
		prop.Params.Set("RSVP", "FALSE")
	}
	return prop
}

// printable drops what must not stand in a text (RFC 5545 §3.3.11): control characters but for tabs and line ends,
// which become LF.
func printable(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		switch {
		case c == '\r':
			return '\n'
		case c != '\n' && c != '\t' && unicode.IsControl(c):
			return -1
		}
		return c
	}, s))
}

// fold breaks lines that are longer than 75 bytes (RFC 5545 §3.1), never inside a character.
func fold(text []byte) []byte {
	const most = 75
	out := make([]byte, 0, len(text)+len(text)/most*3)
	for line := range bytes.SplitAfterSeq(text, []byte("\r\n")) {
		for room := most; len(line) > room+2; room = most - 1 {
			cut := room
			for cut > 1 && !utf8.RuneStart(line[cut]) {
				cut--
			}
			out = append(append(out, line[:cut]...), "\r\n "...)
			line = line[cut:]
		}
		out = append(out, line...)
	}
	return out
}
