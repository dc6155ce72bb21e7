package connectorstest

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Harness is what a connector gives the suite. Where a part is nil, its doc says what that declares; what is declared
// is checked, so that nothing is left out in silence.
type Harness struct {
	Want      connectors.Capabilities // exactly these
	Guarantee connectors.Guarantee
	Basis     connectors.Basis // of every reading; zero for an agenda that lists nothing, and answers Unsupported

	// New opens an agenda in whose diary exactly these times of Frame are free and all others are taken. They are half
	// an hour long, or several such in a row.
	New func(t testing.TB, env connectors.Env, free ...interval.Interval) connectors.Agenda
	// Fault is New with the proxy between the agenda and its server. Nil for an agenda that asks no network.
	Fault func(t testing.TB, env connectors.Env, p *Proxy, free ...interval.Interval) connectors.Agenda
	// Take has somebody else take a time in the agenda's diary, behind our back. Nil where nobody else can.
	Take func(t testing.TB, a connectors.Agenda, taken interval.Interval)
	// Touch has a human move an event of ours to another time, in place. Nil where no event of ours can be moved.
	Touch func(t testing.TB, a connectors.Agenda, booked connectors.Appointment, to interval.Interval)
	// Spoil puts something into the diary at that time which cannot be understood. Nil where that is not possible.
	Spoil func(t testing.TB, a connectors.Agenda, at interval.Interval)
	// Finish has the person of a link book that time on its page, and then what the fate says happen: nothing (Booked), that
	// she cancels (Withdrawn), that the structure does (Revoked), that she came or did not. Nil for an agenda that invites
	// nobody.
	Finish func(t testing.TB, a connectors.Agenda, link connectors.Link, at interval.Interval, fate connectors.Fate)

	Secrets []string // what may stand in no error and in no log: passwords, tokens, secret parts of addresses

	patience time.Duration // with a call that hangs; zero: guard
}

// Now is the clock of every agenda of the suite.
var Now = time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)

// Frame is the time that the suite looks at: the days on which Europe/Paris changes its clocks are in it.
var Frame = interval.Of(Now.AddDate(0, 0, -1), time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC))

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	t.Helper()
	h.check(t)
	for _, c := range checks {
		if c.needs == nil || c.needs(h) {
			t.Run(c.name, func(t *testing.T) { c.run(newWorld(t, h)) })
		}
	}
}

// check refuses a harness that leaves out what its agenda could be tried with.
func (h Harness) check(t testing.TB) {
	t.Helper()
	switch kept := h.Guarantee == connectors.Atomic && !h.Want.Book; {
	case h.New == nil:
		t.Fatal("connectorstest: New is missing")
	case h.Basis != 0 && !kept && (h.Fault == nil || h.Take == nil):
		t.Fatal("connectorstest: an agenda that others keep needs Fault and Take")
	case h.Basis != 0 && h.Basis != connectors.Slots && !kept && h.Spoil == nil:
		t.Fatal("connectorstest: an agenda of events needs Spoil")
	case h.Want.Cancel && h.Guarantee == connectors.Verified && h.Touch == nil:
		t.Fatal("connectorstest: an agenda that knows events of ours needs Touch")
	case (h.Want.Invite || h.Want.Follow) && (h.Finish == nil || h.Fault == nil):
		t.Fatal("connectorstest: an agenda that invites or follows people needs Finish and Fault")
	case h.Fault != nil && len(h.Secrets) == 0:
		t.Fatal("connectorstest: an agenda on the network has a secret, be it part of its address")
	}
}

// check is one promise of the contract.
type check struct {
	name  string
	needs func(Harness) bool // of the harness; nil: every agenda makes the promise
	run   func(*world)
}

var checks = func() (all []check) {
	for _, group := range [][]check{declared, reading, booking, cancelling, moving, finding, handing, inviting, faults, invitingFaults, hygiene} {
		all = append(all, group...)
	}
	return all
}()

// world is what one check works with.
type world struct {
	testing.TB
	Harness
	env connectors.Env
	log *journal
}

// journal is a log that may be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func newWorld(t testing.TB, h Harness) *world {
	log := &journal{}
	if h.patience == 0 {
		h.patience = guard
	}
	return &world{TB: t, Harness: h, log: log, env: connectors.Env{
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now:    func() time.Time { return Now },

		Desks: new(connectors.Desks),
	}}
}

func (w *world) open(free ...interval.Interval) connectors.Agenda {
	w.Helper()
	return w.New(w, w.env, free...)
}

// slot is half an hour of the third day of the frame, written as 930 for 09:30 UTC.
func slot(hhmm int) interval.Interval {
	start := time.Date(2026, 3, 4, hhmm/100, hhmm%100, 0, 0, time.UTC)
	return interval.Of(start, start.Add(30*time.Minute))
}

// day is that day.
var day = interval.Of(slot(0).StartTime(), slot(0).StartTime().AddDate(0, 0, 1))

// guard is when a call is taken to hang: no promise is about time, but that none lasts for ever.
const guard = 20 * time.Second

func (w *world) context() context.Context {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.Context()), w.patience)
	w.Cleanup(cancel)
	return ctx
}

func (w *world) read(a connectors.Agenda, window interval.Interval) connectors.Reading {
	w.Helper()
	r, err := a.Read(w.context(), connectors.Query{Window: window})
	if err != nil {
		w.Fatalf("Read: %v", err)
	}
	if r.Basis != w.Basis {
		w.Fatalf("the reading has basis %d, want %d", r.Basis, w.Basis)
	}
	return r
}

// free is the time of a window that a reading leaves free, as one who books would see it.
func free(r connectors.Reading, window interval.Interval) []interval.Interval {
	var open []interval.Interval
	switch r.Basis {
	case connectors.Busy:
		open = []interval.Interval{window}
	case connectors.Open:
		open = r.Open
	case connectors.Slots:
		for _, s := range r.Slots {
			if s.Seats > 0 && s.Overlaps(window) {
				open = append(open, s.Interval)
			}
		}
	}
	open = interval.Union(open)
	for _, taken := range r.Own {
		open = interval.Minus(open, []interval.Interval{taken.Interval})
	}
	for _, d := range r.Doubt {
		open = interval.Minus(open, []interval.Interval{d.Interval})
	}
	return interval.Cut(interval.Minus(open, r.Busy), window)
}

// isFree fails unless exactly these times of the window are free.
func (w *world) isFree(a connectors.Agenda, window interval.Interval, want ...interval.Interval) {
	w.Helper()
	got, want := free(w.read(a, window), window), interval.Cut(interval.Union(want), window)
	if len(got) != len(want) {
		w.Fatalf("free in %v: %v, want %v", window, got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			w.Fatalf("free in %v: %v, want %v", window, got, want)
		}
	}
}

// own finds what a reading shows of a reference of ours.
func (w *world) own(a connectors.Agenda, reference string) (found []connectors.Own) {
	w.Helper()
	for _, o := range w.read(a, Frame).Own {
		if o.Reference == reference {
			found = append(found, o)
		}
	}
	return found
}

// kind fails unless the error is of that kind.
func (w *world) kind(what string, err error, want connectors.Kind) {
	w.Helper()
	if err == nil || connectors.KindOf(err) != want {
		w.Fatalf("%s: %v, want the kind %q", what, err, want)
	}
}

// A name, and where to reach its people, that stand nowhere by chance.
const given, family, phone, mailbox = "Prénomsecret", "Nomsecret", "+336399800", "courrielsecret"

func (w *world) book(a connectors.Agenda, reference string, at interval.Interval) connectors.Appointment {
	w.Helper()
	made, err := a.(connectors.Booker).Book(w.context(), w.request(a, reference, at))
	if err != nil {
		w.Fatalf("Book %s: %v", reference, err)
	}
	if made.Reference != reference || made.Interval != at {
		w.Fatalf("Book %s at %v made %+v", reference, at, made)
	}
	return made
}

// request is a booking with nothing odd in it, of the slot as the agenda lists it where it lists slots.
func (w *world) request(a connectors.Agenda, reference string, at interval.Interval) connectors.Request {
	w.Helper()
	wanted := connectors.Slot{Interval: at, Seats: 1}
	if w.Basis == connectors.Slots {
		for _, s := range w.read(a, at).Slots {
			if s.Interval == at {
				wanted = s
			}
		}
	}
	return connectors.Request{
		Reference: reference, Slot: wanted, Title: "Rendez-vous numérique", Location: "Médiathèque",
		Link: "https://passerelle.exemple.fr/rdv", Person: connectors.Person{FirstName: given, LastName: family},
	}
}

// tells reports whether a text tells one of the secrets, or the person.
func (h Harness) tells(text string) (string, bool) {
	for _, secret := range append([]string{given, family, phone, mailbox}, h.Secrets...) {
		if strings.Contains(text, secret) {
			return secret, true
		}
	}
	return "", false
}
