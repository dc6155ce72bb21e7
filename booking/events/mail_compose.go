package events

import (
	"errors"
	"io"
	"time"

	gomail "github.com/wneessen/go-mail"

	"passerelle/booking"
)

// compose makes the mail of a message: its text, and the same words as HTML, without an image or anything else to fetch.
// An invitation is the last of the alternatives and nowhere else: that is where Gmail, Outlook and Thunderbird look for
// one (Outlook in the first part of a mail only), with the method in the Content-Type as well (RFC 6047 §2.4); a second
// copy as an attachment shows the event twice in some of them. Who reads neither has the text, which says everything.
func (m *Mailer) compose(t booking.Told, p *booking.Place, to string) (*gomail.Msg, error) {
	l, err := m.letterOf(t, p, to)
	if err != nil {
		return nil, err
	}
	return m.message(to, m.name(t.Notice), l)
}

// message is a letter to an address, under a Message-ID.
func (m *Mailer) message(to, id string, l letter) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP))
	msg.FromMailAddress(&m.Sender)
	if err := msg.To(to); err != nil { // the address alone: a name would only show to whoever reads along
		return nil, errors.New("events: the recipient's address is refused") // the library's error repeats it
	}
	msg.Subject(l.subject)
	msg.SetMessageIDWithValue(id)
	msg.SetDateWithValue(m.Now())
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday message answers
	msg.SetBodyString(gomail.TypeTextPlain, l.text)
	msg.AddAlternativeString(gomail.TypeTextHTML, l.html)
	if l.invitation != nil {
		msg.AddAlternativeWriter(gomail.ContentType("text/calendar; method="+l.method), func(w io.Writer) (int64, error) {
			n, err := w.Write(l.invitation)
			return int64(n), err
		}, gomail.WithPartEncoding(gomail.EncodingB64)) // its lines end in CRLF, whatever carries them
	}
	return msg, nil
}

func (m *Mailer) letterOf(t booking.Told, p *booking.Place, to string) (letter, error) {
	s := newSheet(t, p, m.linkOf(t))
	s.Invitation = method(t) != ""
	l, err := m.letters.write(t, s)
	if err != nil || !s.Invitation {
		return l, err
	}
	l.method = method(t)
	l.invitation, err = invitation(t, p, m.Sender.Address, to, m.Now())
	return l, err
}

// linkOf is where the reader of a letter acts: the structure answers a request, the person sees what stands for her, changes
// or cancels it. Empty: nowhere.
func (m *Mailer) linkOf(t booking.Told) string {
	a := t.Subject
	switch t.About {
	case booking.AboutRequest:
		if t.To == booking.TheStructure {
			return m.Answers.Link(a.ID, a.EndTime()) // its page says until when it is answered, and later what the answer was
		}
	case booking.AboutConfirmation, booking.AboutMove, booking.AboutReminder:
		if t.To == booking.TheBeneficiary && m.Persons != nil && !a.Interval.Empty() {
			return m.Persons.Link(a.ID, a.EndTime().Add(personLinkFor))
		}
	}
	return ""
}

// personLinkFor is how long the link of a person is good once her appointment is over as it was: it may have been moved since,
// by as much as anybody may book ahead. Its page says itself when it is past.
const personLinkFor = 400 * 24 * time.Hour
