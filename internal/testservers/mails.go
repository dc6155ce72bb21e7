package testservers

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// mailGuard is a guard: until a mail comes.
const mailGuard = time.Minute

// PostOffice is a mail server that takes every mail, and hands it to the test.
type PostOffice struct {
	Port string // on 127.0.0.1, where SMTP is spoken without TLS

	mails chan letter
	kept  []letter // that came before the one that was waited for
}

// letter is a mail as the server took it: the text of all of its parts.
type letter struct{ to, text string }

// StartPostOffice starts a mail server that ends with the test.
func StartPostOffice(t testing.TB) *PostOffice {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		t.Fatal(err)
	}
	p := &PostOffice{mails: make(chan letter, 100)}
	if _, p.Port, err = net.SplitHostPort(listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(p)
	server.Domain = "localhost"
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		_ = listener.Close() // Serve may not have taken it yet
		<-ended
	})
	return p
}

// Environment is what has the gateway send its mails here.
func (p *PostOffice) Environment() map[string]string {
	return map[string]string{
		"PASSERELLE_COURRIEL_SERVEUR": loopback, "PASSERELLE_COURRIEL_PORT": p.Port,
		"PASSERELLE_COURRIEL_SECURITE": "aucun", "PASSERELLE_COURRIEL_EXPEDITEUR": "rdv@example.org",
	}
}

// Next waits for a mail to somebody and gives its text. Mails to others are kept for when they are asked for.
func (p *PostOffice) Next(t testing.TB, to string) string {
	t.Helper()
	for i, l := range p.kept {
		if l.to == to {
			p.kept = append(p.kept[:i:i], p.kept[i+1:]...)
			return l.text
		}
	}
	guard := time.After(mailGuard)
	for {
		select {
		case l := <-p.mails:
			if l.to == to {
				return l.text
			}
			p.kept = append(p.kept, l)
		case <-guard:
			t.Fatalf("testservers: no mail came to %s, but %v", to, p.kept)
		}
	}
}

// Take waits for so many mails, and gives the text of the last to each person.
func (p *PostOffice) Take(t testing.TB, n int) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for _, l := range p.kept {
		out[l.to] = l.text
	}
	n, p.kept = n-len(p.kept), nil
	guard := time.After(mailGuard)
	for range n {
		select {
		case l := <-p.mails:
			out[l.to] = l.text
		case <-guard:
			t.Fatalf("testservers: not all of %d mails came: %v", n, out)
		}
	}
	return out
}

// NewSession is what go-smtp asks for.
func (p *PostOffice) NewSession(*smtp.Conn) (smtp.Session, error) { return &counter{office: p}, nil }

type counter struct {
	office *PostOffice
	to     string
}

func (c *counter) Mail(string, *smtp.MailOptions) error      { return nil }
func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error { c.to = to; return nil }
func (c *counter) Reset()                                    {}
func (c *counter) Logout() error                             { return nil }
func (c *counter) Data(r io.Reader) error {
	text, err := parts(r)
	c.office.mails <- letter{c.to, text}
	return err
}

// parts is the text of every part of a mail.
func parts(r io.Reader) (string, error) {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return "", err
	}
	media, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(media, "multipart/") {
		text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		return string(text), err
	}
	var all strings.Builder
	for each := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := each.NextPart() // which undoes quoted-printable
		if errors.Is(err, io.EOF) {
			return all.String(), nil
		}
		if err != nil {
			return "", err
		}
		var body io.Reader = part
		if part.Header.Get("Content-Transfer-Encoding") == "base64" {
			body = base64.NewDecoder(base64.StdEncoding, part)
		}
		if _, err := io.Copy(&all, body); err != nil {
			return "", err
		}
	}
}
