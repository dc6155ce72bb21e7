package events

import (
	"context"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/internal/held"
)

func TestAMessageIsTriedForADayAndThenGivenUpAloud(t *testing.T) {
	server := startMailServer(t, func(s *mailServer, _ *smtpServer) { s.rcpt = func(string) error { return smtpNo(451) } })
	o := newOutbox(mailNow)
	id := o.owe(mailSubject(hexID(1), booking.Confirmed), booking.TheBeneficiary, booking.AboutConfirmation, 2, 0)
	var at []time.Duration
	m, written, wake := newTestMailer(t, o, server, func(mo *MailOptions) {
		mo.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			at = append(at, o.clock().Sub(mailNow))
			return dialLoopback(ctx, network, address)
		}
	})
	o.drain(t, m, wake)
	want := []string{"0s", "1m0s", "6m0s", "21m0s", "1h21m0s", "3h21m0s", "7h21m0s", "11h21m0s", "15h21m0s", "19h21m0s", "23h21m0s"}
	var got []string
	for _, d := range at {
		got = append(got, d.String())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("tried after %v, want %v", got, want)
	}
	if o.state(id) != booking.NoticeFailed {
		t.Errorf("it is %s", o.state(id))
	}
	line := lastLine(written)
	for _, part := range []string{"level=ERROR", "somebody was not told", "rendez_vous=" + hexID(1), "a=usager", "objet=confirmation", "recipient: 451"} {
		if !strings.Contains(line, part) {
			t.Errorf("%q is not in the last line of the log: %s", part, line)
		}
	}
}

func lastLine(l *held.Text) string {
	lines := strings.Split(strings.TrimSpace(l.String()), "\n")
	return lines[len(lines)-1]
}

// What one answer, or none, makes of a message.
func TestWhatAnAnswerMeans(t *testing.T) {
	for name, c := range map[string]struct {
		server func(*mailServer)
		mailer func(*MailOptions)
		want   booking.NoticeState
		log    string
	}{
		"yes":                      {nil, nil, booking.NoticeSent, ""},
		"yes, then it hangs up":    {func(s *mailServer) { s.leaves = true }, nil, booking.NoticeSent, ""},
		"no such recipient":        {func(s *mailServer) { s.rcpt = func(string) error { return smtpNo(550) } }, nil, booking.NoticeFailed, "recipient: 550 5.0.0"},
		"no to the content":        {func(s *mailServer) { s.data = func(string, func()) error { return smtpNo(554) } }, nil, booking.NoticeFailed, "content: 554 5.0.0"},
		"no to us, the sender":     {func(s *mailServer) { s.from = func() error { return smtpNo(550) } }, nil, booking.NoticeDue, "sender: 550 5.0.0"},
		"no to anybody":            {func(s *mailServer) { s.greet = func() error { return smtpNo(554) } }, nil, booking.NoticeDue, "connect: 5"},
		"not now, the recipient":   {func(s *mailServer) { s.rcpt = func(string) error { return smtpNo(450) } }, nil, booking.NoticeDue, "recipient: 450 4.0.0"},
		"not now, the content":     {func(s *mailServer) { s.data = func(string, func()) error { return smtpNo(452) } }, nil, booking.NoticeDue, "content: 452 4.0.0"},
		"closing":                  {func(s *mailServer) { s.rcpt = func(string) error { return smtpNo(421) } }, nil, booking.NoticeDue, "recipient: 421 4.0.0"},
		"hangs up at the greeting": {func(s *mailServer) { s.greet = func() error { return dropped } }, nil, booking.NoticeDue, "connect"},
		"hangs up in the middle":   {func(s *mailServer) { s.rcpt = func(string) error { return dropped } }, nil, booking.NoticeDue, "recipient"},
		"hangs up at the end":      {func(s *mailServer) { s.data = func(string, func()) error { return dropped } }, nil, booking.NoticeDue, "content"},
		"nobody listens": {nil, func(o *MailOptions) {
			o.Dial = func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			}
		}, booking.NoticeDue, "connection refused"},
		"an unknown place": {nil, func(o *MailOptions) { o.Place = func(string) *booking.Place { return nil } }, booking.NoticeDue, "the place is unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			server := startMailServer(t, func(s *mailServer, _ *smtpServer) {
				if c.server != nil {
					c.server(s)
				}
			})
			o := newOutbox(mailNow)
			id := o.owe(mailSubject(hexID(1), booking.Confirmed), booking.ThePrescriber, booking.AboutConfirmation, 2, 0)
			m, written, _ := newTestMailer(t, o, server, c.mailer)
			stop := runMailer(t, m)
			o.until(t, "an attempt", func() bool { return o.rows[id-1].Attempts == 1 })
			stop()
			if got := o.state(id); got != c.want {
				t.Errorf("it is %s, want %s", got, c.want)
			}
			if !strings.Contains(written.String(), c.log) {
				t.Errorf("the log does not say %q: %s", c.log, written)
			}
			if c.want == booking.NoticeDue && !o.rows[id-1].Due.Equal(mailNow.Add(time.Minute)) {
				t.Errorf("it is tried again at %v", o.rows[id-1].Due)
			}
			if taken := len(server.all()); (taken == 1) != (c.want == booking.NoticeSent) {
				t.Errorf("%d mails were taken", taken)
			}
		})
	}
}

// Who has no address, or an impossible one, is not tried: the message has failed, and no server is asked.
func TestAnAddressThatCannotBe(t *testing.T) {
	server, o := startMailServer(t, nil), newOutbox(mailNow)
	bad := map[int64]string{}
	for i, address := range []string{
		"", "pas une adresse", "a@exemple.org\r\nBcc: b@exemple.org", "a@exemple.org, b@exemple.org", "Nom <a@exemple.org>", "a@exemple.org\x00", "a b@exemple.org",
	} {
		a := mailSubject(hexID(i), booking.Confirmed)
		a.Details.Beneficiary.Email = booking.Email(address)
		bad[o.owe(a, booking.TheBeneficiary, booking.AboutConfirmation, 2, 0)] = address
	}
	a := mailSubject(hexID(99), booking.NeedsHuman)
	bad[o.owe(a, booking.TheOperator, booking.AboutDoubt, 2, 0)] = "(no operator)"
	m, _, wake := newTestMailer(t, o, server, func(mo *MailOptions) { mo.Operator = "" })
	o.drain(t, m, wake)
	for id, address := range bad {
		if got := o.state(id); got != booking.NoticeFailed || o.rows[id-1].Attempts != 1 {
			t.Errorf("%q: %s after %d attempts", address, got, o.rows[id-1].Attempts)
		}
	}
	if server.sessions > 0 {
		t.Errorf("the server was asked %d times", server.sessions)
	}
}

// The structure's address is its agenda's; an agenda that is not there may come back, one without an address will not.
func TestTheStructuresAddressIsItsAgendas(t *testing.T) {
	server, o := startMailServer(t, nil), newOutbox(mailNow)
	gone := o.owe(mailSubject(hexID(1), booking.Confirmed), booking.TheStructure, booking.AboutConfirmation, 2, 0)
	mute := o.owe(mailSubject(hexID(2), booking.Confirmed), booking.TheStructure, booking.AboutConfirmation, 2, 0)
	m, _, _ := newTestMailer(t, o, server, func(mo *MailOptions) {
		mo.Agenda = func(id string) (*booking.Agenda, bool) { return &booking.Agenda{}, id != hexID(1) }
	})
	stop := runMailer(t, m)
	defer stop()
	o.until(t, "two attempts", func() bool { return o.rows[gone-1].Attempts == 1 && o.rows[mute-1].Attempts == 1 })
	if o.state(gone) != booking.NoticeDue || o.state(mute) != booking.NoticeFailed {
		t.Errorf("without an agenda %s, without an address %s", o.state(gone), o.state(mute))
	}
}

// A message whose news is old is dropped; nobody is asked to answer, or told to come, for nothing.
func TestAMessageWithoutObjectIsDropped(t *testing.T) {
	for _, about := range []booking.Topic{
		booking.AboutRequest, booking.AboutConfirmation, booking.AboutMove, booking.AboutDoubt, booking.AboutCancellation, booking.AboutRefusal, booking.AboutExpiry, booking.AboutClash, booking.AboutReminder,
	} {
		for _, status := range booking.Statuses() {
			want := false
			switch about {
			case booking.AboutRequest:
				want = status != booking.Requested
			case booking.AboutDoubt:
				want = status != booking.NeedsHuman
			case booking.AboutClash, booking.AboutReminder:
				want = status != booking.Confirmed
			case booking.AboutConfirmation, booking.AboutMove:
				want = !status.Occupies()
			}
			a := mailSubject(hexID(1), status)
			if got := pointless(toldOf(a, booking.ThePrescriber, about), mailNow); got != want {
				t.Errorf("%s of an appointment that is %s: dropped is %v", about, status, got)
			}
			a.Details = nil
			if !pointless(toldOf(a, booking.ThePrescriber, about), mailNow) {
				t.Errorf("%s of an erased appointment that is %s is not dropped", about, status)
			}
		}
	}
	erased := mailSubject(hexID(1), booking.NeedsHuman)
	erased.Details = nil
	if pointless(toldOf(erased, booking.TheOperator, booking.AboutDoubt), mailNow) {
		t.Error("the operator is not told of what is still to be settled")
	}

	server, o := startMailServer(t, nil), newOutbox(mailNow)
	id := o.owe(mailSubject(hexID(1), booking.Cancelled), booking.ThePrescriber, booking.AboutConfirmation, 2, 0)
	m, _, wake := newTestMailer(t, o, server, nil)
	o.drain(t, m, wake)
	if o.state(id) != booking.NoticeDropped || server.sessions > 0 {
		t.Errorf("an old confirmation is %s, after %d sessions", o.state(id), server.sessions)
	}
}
