package events

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// mailServer is a real SMTP server that keeps what it takes, and misbehaves as it is told.
type mailServer struct {
	host string
	port int

	// greet, from, rcpt and data say what it answers at each command; nil is yes. A drop closes the connection.
	greet func() error
	from  func() error
	rcpt  func(to string) error
	data  func(to string, taken func()) error

	session  func(*mailSession) smtp.Session
	implicit bool // TLS from the first byte
	leaves   bool // hangs up once it has said that it takes a mail

	mu       sync.Mutex
	taken    []mailTaken // in order
	sessions int
}

type mailTaken struct{ to, raw string }

// dropped is the answer of a server that hangs up.
var dropped = &smtp.SMTPError{Code: 1, Message: "dropped"}

func smtpNo(code int) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: "no, <" + secretWord + "@exemple.org>"}
}

func startMailServer(t *testing.T, change func(*mailServer, *smtp.Server)) *mailServer {
	t.Helper()
	s := &mailServer{
		greet: func() error { return nil }, from: func() error { return nil }, rcpt: func(string) error { return nil },
		data:    func(_ string, taken func()) error { taken(); return nil },
		session: func(m *mailSession) smtp.Session { return m },
	}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		s.sessions++
		s.mu.Unlock()
		if err := s.greet(); err != nil {
			return nil, hangUp(c, err)
		}
		return s.session(&mailSession{server: s, conn: c}), nil
	}))
	server.Domain, server.ErrorLog = "mx.exemple.org", log.New(io.Discard, "", 0)
	server.EnableSMTPUTF8 = true
	if change != nil {
		change(s, server)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	s.host, s.port = address.IP.String(), address.Port
	if s.implicit {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = listener.Close() // Serve may not have taken it yet
		<-ended
	})
	return s
}

func hangUp(c *smtp.Conn, err error) error {
	if err == dropped { //nolint:errorlint // our own value
		_ = c.Conn().Close()
	}
	return err
}

type mailSession struct {
	server *mailServer
	conn   *smtp.Conn
	to     string
	over   bool // a mail has come
}

func (s *mailSession) Logout() error { return nil }

func (s *mailSession) Reset() {
	if s.to = ""; s.over && s.server.leaves {
		_ = s.conn.Conn().Close()
	}
}

func (s *mailSession) Mail(string, *smtp.MailOptions) error { return hangUp(s.conn, s.server.from()) }

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return hangUp(s.conn, s.server.rcpt(to))
}

func (s *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.over = true
	return hangUp(s.conn, s.server.data(s.to, func() {
		s.server.mu.Lock()
		defer s.server.mu.Unlock()
		s.server.taken = append(s.server.taken, mailTaken{s.to, string(raw)})
	}))
}

// all is what it has taken so far.
func (s *mailServer) all() []mailTaken {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]mailTaken(nil), s.taken...)
}

// rough makes it refuse, delay and drop, from a seed. No recipient is let down more than five times at its own commands,
// so that all are reached within a day; who is called refuse is refused for good.
func rough(seed uint64) func(*mailServer, *smtp.Server) {
	var mu sync.Mutex
	r := rand.New(rand.NewPCG(seed, 0))
	down := make(map[string]int)
	seldom := func() bool { mu.Lock(); defer mu.Unlock(); return r.IntN(20) == 0 }
	draw := func(to string, moods int) int {
		mu.Lock()
		defer mu.Unlock()
		mood := r.IntN(moods)
		if mood >= 6 || down[to] >= 5 {
			return -1
		}
		down[to]++
		return mood
	}
	return func(s *mailServer, _ *smtp.Server) {
		s.greet = func() error {
			if !seldom() {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			return []error{dropped, smtpNo(421), smtpNo(554)}[r.IntN(3)]
		}
		s.from = func() error {
			if !seldom() {
				return nil
			}
			return smtpNo(550)
		}
		s.rcpt = func(to string) error {
			if strings.HasPrefix(to, "refuse") {
				return smtpNo(550)
			}
			switch draw(to, 24) {
			case 0:
				return smtpNo(451)
			case 1:
				return smtpNo(421)
			case 2:
				return dropped
			}
			return nil
		}
		s.data = func(to string, taken func()) error {
			switch draw(to, 12) {
			case 0:
				return smtpNo(451)
			case 1: // before it has taken it
				return dropped
			case 2, 3: // after that: the answer is lost
				taken()
				return dropped
			case 4: // later
				<-time.After(5 * time.Millisecond)
			}
			taken()
			return nil
		}
	}
}

// dialLoopback is the way out that tests hand in.
func dialLoopback(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}
