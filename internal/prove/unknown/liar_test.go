package unknown

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// liar is an agenda of another system behind a network that loses, delays and doubles what it carries. What becomes of
// a call depends on the seed, the call, and how often it was made: the same seed lies the same way.
type liar struct {
	name string
	seed uint64
	now  func() time.Time

	mu       sync.Mutex
	events   []connectors.Appointment // ours; one reference may be there twice
	late     []delayed
	asked    map[string]int
	booked   map[string]bool        // references that a write was sent for
	refused  map[string]bool        // … and that a definite no came for
	crowded  map[string]time.Time   // … and when it has first shown another event over theirs
	absences map[string][]time.Time // when it answered that it has no such reference
	fates    map[fate]int
}

// delayed is a write that is applied long after nobody waits any more.
type delayed struct {
	at    time.Time
	apply func()
}

// fate is what becomes of a write.
type fate string

const (
	answered    fate = "answered"
	requestLost fate = "request lost"
	replyLost   fate = "reply lost"
	appliedLate fate = "applied late"
	doubled     fate = "applied twice"
	failedAfter fate = "5xx after it was applied"
	definiteNo  fate = "definite no"
	panicked    fate = "panic"
)

type chance struct {
	fate
	percent int
}

var (
	fatesOfBookings = []chance{
		{answered, 40}, {requestLost, 12}, {replyLost, 12}, {appliedLate, 12}, {doubled, 8}, {failedAfter, 6}, {definiteNo, 6}, {panicked, 4},
	}
	fatesOfCancellations = []chance{{answered, 62}, {requestLost, 14}, {replyLost, 12}, {appliedLate, 6}, {failedAfter, 4}, {panicked, 2}}
	delays               = []time.Duration{
		20 * time.Second, time.Minute, 3 * time.Minute, 8 * time.Minute, 14 * time.Minute, 25 * time.Minute, 50 * time.Minute, 3 * time.Hour, 20 * time.Hour,
	}
)

var _ interface {
	connectors.Agenda
	connectors.Booker
	connectors.Canceler
	connectors.Finder
	connectors.Guarantor
} = (*liar)(nil)

func newLiar(name string, seed uint64, now func() time.Time) *liar {
	return &liar{
		name: name, seed: seed, now: now, asked: make(map[string]int), booked: make(map[string]bool), refused: make(map[string]bool),
		crowded: make(map[string]time.Time), absences: make(map[string][]time.Time), fates: make(map[fate]int),
	}
}

func (*liar) Guarantee() connectors.Guarantee { return connectors.Verified }

// roll gives the chances of one call, and applies what is due until now.
func (l *liar) roll(op, reference string) *rand.Rand {
	l.late = slices.DeleteFunc(l.late, func(d delayed) bool {
		due := !l.now().Before(d.at)
		if due {
			d.apply()
		}
		return due
	})
	what := op + " " + reference
	l.asked[what]++
	return rand.New(rand.NewPCG(l.seed, number(fmt.Sprint(l.name, what, l.asked[what]))))
}

func number(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
}

// silent says that it is down: for forty minutes, now and then.
func (l *liar) silent() bool {
	return number(fmt.Sprint(l.seed, l.name, l.now().Truncate(40*time.Minute).Unix()))%6 == 0
}

func unanswered(op string, kind connectors.Kind) error {
	return &connectors.Error{Op: op, Kind: kind, Err: context.DeadlineExceeded}
}

// write does to a call what its fate is. What it applies is applied under the lock.
func (l *liar) write(op string, r *rand.Rand, fates []chance, apply func()) error {
	n, f := r.IntN(100), requestLost
	for _, c := range fates {
		if n -= c.percent; n < 0 {
			f = c.fate
			break
		}
	}
	if l.silent() {
		f = requestLost
	}
	l.fates[f]++
	switch f {
	case answered:
		apply()
		return nil
	case requestLost:
	case appliedLate:
		l.late = append(l.late, delayed{l.now().Add(delays[r.IntN(len(delays))]), apply})
	case doubled:
		apply()
		apply()
		if r.IntN(2) == 0 {
			return nil
		}
	case definiteNo:
		no := []connectors.Kind{connectors.SlotTaken, connectors.Refused, connectors.Invalid, connectors.Misconfigured, connectors.RateLimited}
		return &connectors.Error{Op: op, Kind: no[r.IntN(len(no))], Err: errors.New("as planned")}
	case panicked:
		if r.IntN(2) == 0 {
			apply()
		}
		panic("as planned")
	default: // the reply is lost, or says 5xx
		apply()
	}
	return unanswered(op, connectors.OutcomeUnknown)
}

func (l *liar) Book(_ context.Context, q connectors.Request) (connectors.Appointment, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// The same write has the same ETag, however often it is applied.
	a := connectors.Appointment{Reference: q.Reference, Upstream: "/" + q.Reference, Version: "1", Interval: q.Slot.Interval}
	r := l.roll("book", q.Reference)
	l.booked[q.Reference] = true
	err := l.write("book", r, fatesOfBookings, func() { l.events = append(l.events, a) })
	if err != nil && connectors.KindOf(err) != connectors.OutcomeUnknown {
		l.refused[q.Reference] = true
	}
	return a, err
}

func (l *liar) Cancel(_ context.Context, a connectors.Appointment) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.roll("cancel", a.Reference)
	return l.write("cancel", r, fatesOfCancellations, func() {
		if i := l.at(a.Reference); i >= 0 {
			l.events = slices.Delete(l.events, i, i+1)
		}
	})
}

func (l *liar) Find(_ context.Context, reference string) (connectors.Appointment, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.roll("find", reference); l.silent() || r.IntN(100) < 15 {
		return connectors.Appointment{}, unanswered("find", connectors.Unavailable)
	}
	if i := l.at(reference); i >= 0 {
		return l.events[i], nil
	}
	l.absences[reference] = append(l.absences[reference], l.now())
	return connectors.Appointment{}, &connectors.Error{Op: "find", Kind: connectors.NotFound}
}

func (l *liar) Read(_ context.Context, q connectors.Query) (connectors.Reading, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.roll("read", fmt.Sprint(q.Window.Start)); l.silent() || r.IntN(100) < 5 {
		return connectors.Reading{}, unanswered("read", connectors.Unavailable)
	}
	reading := connectors.Reading{Basis: connectors.Busy}
	for _, e := range l.events {
		if e.Overlaps(q.Window) {
			reading.Own = append(reading.Own, connectors.Own{Reference: e.Reference, Interval: e.Interval, Version: e.Version})
			other := func(o connectors.Appointment) bool { return o.Reference != e.Reference && o.Overlaps(e.Interval) }
			if l.crowded[e.Reference].IsZero() && slices.ContainsFunc(l.events, other) {
				l.crowded[e.Reference] = l.now()
			}
		}
	}
	return reading, nil
}

// at finds the first event of a reference.
func (l *liar) at(reference string) int {
	return slices.IndexFunc(l.events, func(e connectors.Appointment) bool { return e.Reference == reference })
}

// has says whether it keeps an event of a reference at a time.
func (l *liar) has(reference string, at interval.Interval) bool {
	return slices.ContainsFunc(l.events, func(e connectors.Appointment) bool { return e.Reference == reference && e.Interval == at })
}

// saidNo says whether there was a reason by then to take a booking for one that is not there: a definite no, two answers
// a minute apart that there is no such reference, or another event over it.
func (l *liar) saidNo(reference string, by time.Time) bool {
	crowded, times := l.crowded[reference], l.absences[reference]
	times = slices.DeleteFunc(slices.Clone(times), func(t time.Time) bool { return t.After(by) })
	return l.refused[reference] || !crowded.IsZero() && !crowded.After(by) ||
		len(times) > 1 && times[len(times)-1].Sub(times[0]) >= time.Minute
}
