package events

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/booking"
)

func TestASlowMessageDoesNotDelayTheOthers(t *testing.T) {
	release, slow := make(chan struct{}), make(chan struct{})
	server := startMailServer(t, func(s *mailServer, _ *smtpServer) {
		s.rcpt = func(to string) error {
			if strings.HasPrefix(to, "usager") {
				close(slow)
				<-release
			}
			return nil
		}
	})
	o := newOutbox(mailNow)
	late := o.owe(mailSubject(hexID(0), booking.Confirmed), booking.TheBeneficiary, booking.AboutConfirmation, 2, 0)
	for i := range 40 {
		o.owe(mailSubject(hexID(i), booking.Confirmed), booking.ThePrescriber, booking.AboutConfirmation, 2, 0)
	}
	m, _, _ := newTestMailer(t, o, server, nil)
	stop := runMailer(t, m)
	defer stop()
	<-slow
	o.until(t, "all but one", func() bool {
		for _, r := range o.rows {
			if r.ID != late && r.State != booking.NoticeSent {
				return false
			}
		}
		return true
	})
	if o.state(late) != booking.NoticeDue {
		t.Error("the slow one was not slow")
	}
	close(release)
	o.until(t, "the slow one", func() bool { return o.rows[late-1].State == booking.NoticeSent })
}

// No more is sent at once than there are workers.
func TestNoMoreIsSentAtOnceThanThereAreWorkers(t *testing.T) {
	var now, most atomic.Int64
	server := startMailServer(t, func(s *mailServer, _ *smtpServer) {
		s.data = func(_ string, taken func()) error {
			n := now.Add(1)
			defer now.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			<-time.After(time.Millisecond)
			taken()
			return nil
		}
	})
	o := newOutbox(mailNow)
	for i := range 60 {
		o.owe(mailSubject(hexID(i), booking.Confirmed), booking.ThePrescriber, booking.AboutConfirmation, 2, 0)
	}
	m, _, wake := newTestMailer(t, o, server, func(mo *MailOptions) { mo.Workers = 3 })
	o.drain(t, m, wake)
	if most.Load() > 3 || len(server.all()) != 60 {
		t.Errorf("%d at once, %d in all", most.Load(), len(server.all()))
	}
}

// A server that says nothing any more costs one attempt, no more than the timeout, and no other message.
func TestASilentServerEndsAnAttempt(t *testing.T) {
	release := make(chan struct{})
	server := startMailServer(t, func(s *mailServer, _ *smtpServer) {
		s.data = func(string, func()) error { <-release; return dropped }
	})
	t.Cleanup(func() { close(release) }) // before the server's own end
	o := newOutbox(mailNow)
	id := o.owe(mailSubject(hexID(1), booking.Confirmed), booking.ThePrescriber, booking.AboutConfirmation, 2, 0)
	m, _, _ := newTestMailer(t, o, server, func(mo *MailOptions) { mo.SMTP.Timeout = 200 * time.Millisecond })
	stop := runMailer(t, m)
	defer stop()
	o.until(t, "the end of the attempt", func() bool { return o.rows[id-1].Attempts == 1 })
	if o.state(id) != booking.NoticeDue {
		t.Errorf("it is %s", o.state(id))
	}
}

// Run ends when it is told to, though a server keeps it waiting; what was under way is neither sent nor failed.
func TestRunEndsInTheMiddleOfAMail(t *testing.T) {
	for name, where := range map[string]func(*mailServer, func() error){
		"greeting": func(s *mailServer, wait func() error) { s.greet = wait },
		"content":  func(s *mailServer, wait func() error) { s.data = func(string, func()) error { return wait() } },
	} {
		t.Run(name, func(t *testing.T) {
			release, there := make(chan struct{}), make(chan struct{})
			server := startMailServer(t, func(s *mailServer, _ *smtpServer) {
				where(s, func() error { close(there); <-release; return dropped })
			})
			t.Cleanup(func() { close(release) })
			o := newOutbox(mailNow)
			id := o.owe(mailSubject(hexID(1), booking.Confirmed), booking.ThePrescriber, booking.AboutConfirmation, 2, 0)
			m, _, _ := newTestMailer(t, o, server, nil)
			stop := runMailer(t, m)
			<-there
			start := time.Now()
			stop()
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("it took %v to stop", took)
			}
			if o.state(id) != booking.NoticeDue || o.rows[id-1].Attempts != 0 {
				t.Errorf("it is %s after %d attempts", o.state(id), o.rows[id-1].Attempts)
			}
		})
	}
}

// A wake is enough: nothing is polled for in this test.
func TestAWakeIsHeard(t *testing.T) {
	server, o := startMailServer(t, nil), newOutbox(mailNow)
	m, _, wake := newTestMailer(t, o, server, nil)
	stop := runMailer(t, m)
	defer stop()
	wake <- struct{}{} // received once the first look found nothing
	id := o.owe(mailSubject(hexID(1), booking.Confirmed), booking.ThePrescriber, booking.AboutConfirmation, 2, 0)
	wake <- struct{}{}
	o.until(t, "the message", func() bool { return o.rows[id-1].State == booking.NoticeSent })
}
