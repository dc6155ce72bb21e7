package events

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
)

// mailGuard only ends a test that hangs.
const mailGuard = 2 * time.Minute

// outbox keeps messages in memory, as booking.Outbox says, with a clock that stands still until it is moved.
type outbox struct {
	mu      sync.Mutex
	now     time.Time
	rows    []*outboxRow // by id
	lease   int
	changed chan struct{} // closed and replaced at every change
	last    map[string]*outboxRow
	unkept  map[int64]int // how often what became of a message is lost
}

type outboxRow struct {
	booking.Told
	subject *booking.Appointment // as it is now
	earlier *outboxRow           // of the same appointment to the same recipient
	until   time.Time            // of the lease
	busy    bool                 // somebody works on it, as far as the test knows
	told    []booking.NoticeState
}

var _ booking.Outbox = (*outbox)(nil)

func newOutbox(now time.Time) *outbox {
	return &outbox{now: now, changed: make(chan struct{}), last: make(map[string]*outboxRow), unkept: make(map[int64]int)}
}

func (o *outbox) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

// owe adds a message, and shows it among those of its appointment.
func (o *outbox) owe(a *booking.Appointment, to booking.Actor, about booking.Topic, version int, after time.Duration) int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := booking.Notice{
		ID: int64(len(o.rows) + 1), Appointment: a.ID, Version: version, To: to, About: about,
		Channel: booking.MailChannel, State: booking.NoticeDue, Created: o.now, Due: o.now.Add(after),
	}
	who := a.ID + " " + string(to)
	r := &outboxRow{Told: booking.Told{Notice: n}, subject: a, earlier: o.last[who]}
	o.rows, o.last[who] = append(o.rows, r), r
	a.Notices = append(a.Notices, n)
	o.signal()
	return n.ID
}

func (o *outbox) signal() {
	close(o.changed)
	o.changed = make(chan struct{})
}

func (o *outbox) takeable(r *outboxRow) bool {
	if r.State != booking.NoticeDue || r.Due.After(o.now) || r.until.After(o.now) {
		return false
	}
	for e := r.earlier; e != nil; e = e.earlier {
		if e.State == booking.NoticeDue {
			return false
		}
	}
	return true
}

func (o *outbox) TakeNotices(_ context.Context, lease time.Duration, limit int) ([]booking.Told, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []booking.Told
	for _, r := range o.rows {
		if len(out) == limit {
			break
		}
		if o.takeable(r) {
			o.lease++
			r.Lease, r.until, r.busy = fmt.Sprint(o.lease), o.now.Add(lease), true
			t := r.Told
			t.Subject = *r.subject
			out = append(out, t)
		}
	}
	return out, nil
}

func (o *outbox) Tell(_ context.Context, t booking.Told, state booking.NoticeState, again time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.signal()
	r := o.rows[t.ID-1]
	r.busy = false
	if o.unkept[t.ID] > 0 {
		o.unkept[t.ID]--
		return errors.New("the disk is full")
	}
	if r.Lease != t.Lease {
		return nil
	}
	r.State, r.Lease, r.until = state, "", time.Time{}
	r.Attempts++
	r.told = append(r.told, state)
	if state == booking.NoticeDue {
		r.Due = again
	}
	return nil
}

// next is when something will be due that is not now; false when something is due, under way, or nothing is left.
func (o *outbox) next() (at time.Time, idle bool) {
	for i := range o.rows {
		r := o.rows[len(o.rows)-1-i] // what is under way is most often among the last
		if r.busy || o.takeable(r) {
			return time.Time{}, false
		}
		due := r.Due
		if r.until.After(due) {
			due = r.until
		}
		if r.State == booking.NoticeDue && due.After(o.now) && (at.IsZero() || due.Before(at)) {
			at = due
		}
	}
	return at, true
}

// state is that of a message now.
func (o *outbox) state(id int64) booking.NoticeState {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.rows[id-1].State
}

// until waits for a condition, looked at after every change; in vain once nothing changes any more.
func (o *outbox) until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	guard := time.NewTimer(mailGuard)
	defer guard.Stop()
	for {
		o.mu.Lock()
		ok, changed := cond(), o.changed
		o.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
			guard.Reset(mailGuard)
		case <-guard.C:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// runMailer starts Run; what it returns stops it and waits.
func runMailer(t *testing.T, m *Mailer) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		m.Run(ctx)
	}()
	return func() {
		t.Helper()
		cancel()
		select {
		case <-ended:
		case <-time.After(mailGuard):
			t.Fatal("Run does not end")
		}
	}
}

// drain runs a mailer, and moves the clock whenever nothing is due, until nothing is owed any more.
func (o *outbox) drain(t *testing.T, m *Mailer, wake chan<- struct{}) {
	t.Helper()
	stop := runMailer(t, m)
	defer stop()
	for {
		var at time.Time
		o.until(t, "nothing being due", func() (idle bool) {
			at, idle = o.next()
			return idle
		})
		if at.IsZero() {
			return
		}
		o.mu.Lock()
		o.now = at
		o.mu.Unlock()
		select {
		case wake <- struct{}{}:
		case <-time.After(mailGuard):
			t.Fatal("nobody is woken")
		}
	}
}
