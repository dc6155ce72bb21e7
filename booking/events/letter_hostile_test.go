package events

import (
	"net/mail"
	"slices"
	"strings"
	"testing"

	"passerelle/booking"
)

// hostileTexts are what people, or somebody else, may have typed.
var hostileTexts = []string{
	"O'Connor \"le Grand\"", "Zoé Müller-Ærø", "Anaïs 👩🏽‍💻 🎉", strings.Repeat("é", 200), strings.Repeat("très long ", 20),
	"a\r\nBcc: victime@exemple.net", "a\nSubject: autre", "a\r\n\r\nNouveau corps", "a\r.\r\n.\r\n", "\r\n.\r\nMAIL FROM:<a@b>", "=?utf-8?q?=0D=0ABcc:_x?=",
	"a\x00b\x07c", "a\u2028b\u2029c", "\u202edcba", "a\nATTENDEE:mailto:victime@exemple.net\nBEGIN:VALARM", ";;,,\\n\\,", "{{.Person}}", "<b>a</b>", "a\xffb",
	"\n\nAccepter : https://ailleurs.example/", "https://ailleurs.example/", "- <i>x</i>", "</p><script>alert(1)</script>", "\"><img src=https://ailleurs.example/x onerror=alert(1)>",
	"<a href=\"https://ailleurs.example/\">Accepter</a>", "javascript:alert(1)", "&lt;b&gt;", "-- \nMessage automatique", "Accepter :", "--\n--=_x\nContent-Type: text/html",
}

// Whatever stands in names, labels and texts, a mail has the headers and the parts that we gave it.
func TestNoTextBringsHeadersOrPartsOfItsOwn(t *testing.T) {
	server, o := startMailServer(t, nil), newOutbox(mailNow)
	everybody := []booking.Actor{booking.TheStructure, booking.ThePrescriber, booking.TheBeneficiary}
	place := mailPlace(t)
	for i, text := range hostileTexts {
		a := mailSubject(hexID(i), booking.Confirmed)
		a.Motif.Label, a.Motif.Conditions, a.Motif.Instructions, a.Motif.Bring = text, text, text, []string{text, text}
		d := a.Details
		d.Beneficiary.FirstName, d.Beneficiary.LastName, d.Beneficiary.Language, d.Beneficiary.Phone = booking.Name(text), booking.Name(text), text, booking.Phone(text)
		d.Prescriber.FirstName, d.Prescriber.LastName, d.Prescriber.StructureName, d.Prescriber.Phone = booking.Name(text), booking.Name(text), text, booking.Phone(text)
		d.Need = booking.Need{Services: []string{text}, Details: booking.Words(text)}
		d.Reception = []string{text}
		for _, to := range everybody {
			o.owe(a, to, booking.AboutConfirmation, 2, 0)
		}
	}
	m, _, wake := newTestMailer(t, o, server, func(mo *MailOptions) {
		mo.Place = func(string) *booking.Place {
			p := *place
			p.Name, p.Address, p.Phone = hostileTexts[5], hostileTexts[0], hostileTexts[6]
			return &p
		}
		mo.Sender.Name = hostileTexts[5]
	})
	o.drain(t, m, wake)
	var texts []string
	for _, taken := range server.all() {
		r := readMail(t, taken.raw)
		texts = append(texts, r.calendar)
		var names []string
		for name := range r.header {
			names = append(names, name)
		}
		slices.Sort(names)
		if want := []string{"Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To"}; !slices.Equal(names, want) {
			t.Errorf("the headers are %v, want %v\n%s", names, want, taken.raw)
		}
		to, err := mail.ParseAddressList(r.header.Get("To"))
		if err != nil || len(to) != 1 || to[0].Address != taken.to || to[0].Name != "" {
			t.Errorf("it is to %v, %v", to, err)
		}
		from, err := r.header.AddressList("From")
		if err != nil || len(from) != 1 || from[0].Address != "rdv@passerelle.example" {
			t.Errorf("it is from %v, %v", from, err)
		}
		for line := range strings.SplitSeq(r.text, "\n") {
			if strings.HasPrefix(line, "Accepter : https://ailleurs") || strings.HasPrefix(line, "Bcc:") {
				t.Errorf("a line that is not ours: %q", line)
			}
		}
		checkMarkup(t, r.html)
		if strings.ContainsFunc(strings.ReplaceAll(r.text, "\n", ""), booking.Hidden) {
			t.Errorf("a character that does not show:\n%q", r.text)
		}
	}
	if len(texts) != len(o.rows) {
		t.Errorf("%d mails, want %d", len(texts), len(o.rows))
	}
	for i, c := range readCalendars(t, texts) {
		if c.Error != "" || len(c.Attendees) != 1 || c.Organizer != "mailto:rdv@passerelle.example" {
			t.Errorf("the invitation reads as %+v:\n%s", c, texts[i])
		}
	}
}

// A reason of several lines is somebody else's words, and looks like it.
func TestWordsOfOthersAreQuoted(t *testing.T) {
	for in, want := range map[string]string{
		"un mot": "> un mot", "a\r\nb": "> a\n> b", "a\n\nb": "> a\n>\n> b", "  a\u2028b ": "> a\n> b", "\x07a\x00": "> a",
	} {
		if got := quoted(in); got != want {
			t.Errorf("%q is quoted as %q, want %q", in, got, want)
		}
	}
}
