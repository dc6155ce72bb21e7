package events

import (
	"crypto/tls"
	"crypto/x509"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"passerelle/booking"
)

type smtpServer = smtp.Server

// certificate is one for 127.0.0.1, and who signed it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates, MinVersion: tls.VersionTLS12}, pool
}

const (
	relayUser     = "passerelle"
	relayPassword = "un mot de passe de 32 lettres..."
)

// guarded sessions want a password first.
type guarded struct {
	*mailSession
	known bool
}

func (s *guarded) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *guarded) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != relayUser || password != relayPassword {
			return smtp.ErrAuthFailed
		}
		s.known = true
		return nil
	}), nil
}

func (s *guarded) Mail(from string, o *smtp.MailOptions) error {
	if _, secure := s.conn.TLSConnectionState(); !s.known || !secure {
		return smtp.ErrAuthRequired
	}
	return s.mailSession.Mail(from, o)
}

func TestMailIsSentAsTheSettingsSay(t *testing.T) {
	config, pool := certificate(t)
	for name, c := range map[string]struct {
		offers   Encryption // of the server
		set      SMTP
		want     booking.NoticeState
		log      string
		guarded  bool
		implicit bool
	}{
		"STARTTLS with a password":             {offers: StartTLS, set: SMTP{TLS: StartTLS, User: relayUser, Password: relayPassword, Roots: pool}, guarded: true, want: booking.NoticeSent},
		"TLS with a password":                  {offers: TLS, set: SMTP{TLS: TLS, User: relayUser, Password: relayPassword, Roots: pool}, guarded: true, want: booking.NoticeSent},
		"nothing":                              {offers: Plain, set: SMTP{TLS: Plain}, want: booking.NoticeSent},
		"a wrong password":                     {offers: TLS, set: SMTP{TLS: TLS, User: relayUser, Password: "faux", Roots: pool}, guarded: true, want: booking.NoticeDue, log: "connect: 535"},
		"a server that does not offer to":      {offers: Plain, set: SMTP{TLS: StartTLS, Roots: pool}, want: booking.NoticeDue, log: "does not support STARTTLS"},
		"a certificate that nobody signed":     {offers: StartTLS, set: SMTP{TLS: StartTLS}, want: booking.NoticeDue, log: "certificate"},
		"a certificate that nobody signed too": {offers: TLS, set: SMTP{TLS: TLS}, want: booking.NoticeDue, log: "certificate"},
		"TLS to who does not speak it":         {offers: Plain, set: SMTP{TLS: TLS, Roots: pool}, want: booking.NoticeDue, log: "connect"},
	} {
		t.Run(name, func(t *testing.T) {
			server := startMailServer(t, func(s *mailServer, real *smtp.Server) {
				if c.offers != Plain {
					real.TLSConfig = config
				}
				s.implicit = c.offers == TLS
				if c.guarded {
					s.session = func(m *mailSession) smtp.Session { return &guarded{mailSession: m} }
				}
			})
			o := newOutbox(mailNow)
			id := o.owe(mailSubject(hexID(1), booking.Confirmed), booking.ThePrescriber, booking.AboutConfirmation, 2, 0)
			m, written, _ := newTestMailer(t, o, server, func(mo *MailOptions) {
				host, port := mo.SMTP.Host, mo.SMTP.Port
				mo.SMTP = c.set
				mo.SMTP.Host, mo.SMTP.Port = host, port
			})
			stop := runMailer(t, m)
			defer stop()
			o.until(t, "an attempt", func() bool { return o.rows[id-1].Attempts == 1 })
			if got := o.state(id); got != c.want {
				t.Errorf("it is %s, want %s: %s", got, c.want, written)
			}
			if !strings.Contains(written.String(), c.log) {
				t.Errorf("the log does not say %q: %s", c.log, written)
			}
			for _, word := range []string{relayUser + " ", relayPassword, "faux"} {
				if strings.Contains(written.String(), word) {
					t.Errorf("the log has %q: %s", word, written)
				}
			}
		})
	}
}

func TestAMailerWithoutItsPartsIsRefused(t *testing.T) {
	o := newOutbox(mailNow)
	for name, spoil := range map[string]func(*MailOptions){
		"no outbox":                   func(m *MailOptions) { m.Outbox = nil },
		"no way out":                  func(m *MailOptions) { m.Dial = nil },
		"no links":                    func(m *MailOptions) { m.Answers = nil },
		"no logger":                   func(m *MailOptions) { m.Logger = nil },
		"no sender":                   func(m *MailOptions) { m.Sender = mail.Address{Name: "x"} },
		"a sender of two lines":       func(m *MailOptions) { m.Sender.Address = "a@exemple.org\r\nX: y" },
		"an operator without address": func(m *MailOptions) { m.Operator = "personne" },
		"no server":                   func(m *MailOptions) { m.SMTP.Host = "" },
		"no port":                     func(m *MailOptions) { m.SMTP.Port = 0 },
		"no such encryption":          func(m *MailOptions) { m.SMTP.TLS = "ssl" },
		"nothing said of encryption":  func(m *MailOptions) { m.SMTP.TLS = "" },
		"a password in clear":         func(m *MailOptions) { m.SMTP.User, m.SMTP.Password = "u", "p" },
		"a timeout beyond the lease":  func(m *MailOptions) { m.SMTP.Timeout = 3 * time.Minute },
		"a timeout of less than none": func(m *MailOptions) { m.SMTP.Timeout = -1 },
	} {
		server := &mailServer{host: "127.0.0.1", port: 2525}
		good := MailOptions{}
		newTestMailer(t, o, server, func(m *MailOptions) { good = *m })
		spoil(&good)
		if _, err := NewMailer(good); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
