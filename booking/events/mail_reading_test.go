package events

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// mailRead is a mail as its reader's program sees it.
type mailRead struct {
	header   mail.Header
	id       string
	subject  string
	text     string
	html     string // the same words
	calendar string // empty when there is none
	method   string // of the Content-Type
}

func readMail(t *testing.T, raw string) mailRead {
	t.Helper()
	if strings.Count(raw, "\n") != strings.Count(raw, "\r\n") {
		t.Errorf("a line does not end in CRLF:\n%s", raw)
	}
	for line := range strings.SplitSeq(raw, "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Error(err)
	}
	out := mailRead{header: m.Header, id: m.Header.Get("Message-Id"), subject: subject}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind != "multipart/alternative" {
		out.part(t, kind, params, m.Header.Get("Content-Transfer-Encoding"), m.Body)
		return out
	}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		out.part(t, kind, params, p.Header.Get("Content-Transfer-Encoding"), p)
	}
}

func (m *mailRead) part(t *testing.T, kind string, params map[string]string, encoding string, body io.Reader) {
	t.Helper()
	if !strings.EqualFold(params["charset"], "utf-8") {
		t.Errorf("%s is in %q", kind, params["charset"])
	}
	switch strings.ToLower(encoding) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	default:
		t.Errorf("%s is encoded as %q", kind, encoding)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case kind == "text/plain" && m.text == "" && m.calendar == "":
		m.text = strings.ReplaceAll(string(content), "\r\n", "\n")
	case kind == "text/html" && m.html == "" && m.text != "" && m.calendar == "":
		m.html = strings.ReplaceAll(string(content), "\r\n", "\n")
	case kind == "text/calendar" && m.calendar == "" && m.html != "":
		m.calendar, m.method = string(content), params["method"]
	default:
		t.Errorf("an unexpected part %s", kind)
	}
}

// calendarRead is a calendar part as ical.js sees it.
type calendarRead struct {
	Error, Method, UID, Status, Organizer string
	Sequence, Start, End                  int64
	Attendees, Partstat, RSVP             []string
}

// readCalendars gives calendars to the npm package ical.js, installed in the folder that PASSERELLE_ICALJS names.
func readCalendars(t *testing.T, texts []string) []calendarRead {
	t.Helper()
	folder := os.Getenv("PASSERELLE_ICALJS")
	if folder == "" {
		t.Skip("PASSERELLE_ICALJS does not name a folder with the npm package ical.js")
	}
	var in bytes.Buffer
	for _, text := range texts {
		line, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	node := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "mail_judge.mjs"), folder)
	node.Stdin, node.Stderr = &in, os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	var read []calendarRead
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var c calendarRead
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		read = append(read, c)
	}
	if len(read) != len(texts) {
		t.Fatalf("%d answers to %d calendars", len(read), len(texts))
	}
	return read
}

// checkInvitation compares what ical.js sees with the message that the mail is to bring.
func checkInvitation(t *testing.T, c calendarRead, n booking.Notice, a *booking.Appointment, method string) {
	t.Helper()
	status := map[string]string{methodRequest: "CONFIRMED", methodCancel: "CANCELLED"}[method]
	if c.Error != "" || c.Method != method || c.Status != status {
		t.Errorf("message %d: %s %s %s, want %s %s", n.ID, c.Error, c.Method, c.Status, method, status)
	}
	if c.UID != connectors.UIDOf(a.Chain) || c.Sequence != int64(n.Version) {
		t.Errorf("message %d: identity %s, version %d", n.ID, c.UID, c.Sequence)
	}
	if c.Start != a.Start || c.End != a.End {
		t.Errorf("message %d: from %v to %v, want %v", n.ID, time.Unix(c.Start, 0).UTC(), time.Unix(c.End, 0).UTC(), a.Interval)
	}
	if len(c.Attendees) != 1 || c.Attendees[0] != "mailto:"+addressOf(a, n.To) || c.Organizer != "mailto:rdv@passerelle.example" {
		t.Errorf("message %d: %s invites %v", n.ID, c.Organizer, c.Attendees)
	}
	if len(c.Partstat) != 1 || c.Partstat[0] != "ACCEPTED" || c.RSVP[0] != "FALSE" {
		t.Errorf("message %d: an answer is asked for: %v %v", n.ID, c.Partstat, c.RSVP)
	}
}
