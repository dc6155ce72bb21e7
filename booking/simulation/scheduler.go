package simulation

import (
	"context"
	"math/rand/v2"
	"runtime"
	"time"
)

// Scheduler lets one goroutine run at a time. Each actor has one thread of control: where the Service starts a
// goroutine for it, the actor waits for that one (Reconcile is given one debt at a time, Watch one agenda), so that
// from one gate to the next exactly one message comes back.
type Scheduler struct {
	*rand.Rand
	now     time.Time
	news    chan *ticket // from the actor that runs: it waits at a gate, or (without op) has ended
	waiting []*ticket    // in the order of their coming
	running *actor       // who goes on since the last gate; nil when nobody is an actor
	steps   int
	trace   func(format string, args ...any) // nil unless somebody reads it
}

// actor is a caller, a worker or a person of the structure.
type actor struct {
	name  string
	calls bool   // a partner's call: it hears what becomes of it
	dead  bool   // it crashed: nothing of it goes on
	leave func() // its caller hangs up
}

type ticket struct {
	*actor
	op    string
	since time.Time
	on    chan bool // true goes on, false crashes
}

func newScheduler(seed uint64, from time.Time) *Scheduler {
	return &Scheduler{Rand: rand.New(rand.NewPCG(seed, 0x70617373)), now: from, news: make(chan *ticket)}
}

// Now is the virtual clock.
func (s *Scheduler) Now() time.Time { return s.now }

// chance is true so many times in a thousand.
func (s *Scheduler) chance(perMille int) bool { return s.IntN(1000) < perMille }

// between is a duration from a up to b.
func (s *Scheduler) between(a, b time.Duration) time.Duration {
	return a + time.Duration(s.Int64N(int64(b-a)))
}

func (s *Scheduler) note(format string, args ...any) {
	if s.trace != nil {
		s.trace(format, args...)
	}
}

type actorKey struct{}

// spawn starts an actor; it waits at its first gate when spawn returns.
func (s *Scheduler) spawn(name string, calls bool, do func(context.Context)) {
	base, leave := context.WithCancel(context.Background())
	a := &actor{name: name, calls: calls, leave: leave}
	ctx := context.WithValue(base, actorKey{}, a)
	go func() {
		defer func() { leave(); s.news <- &ticket{actor: a} }()
		s.pass(ctx, "begin")
		do(ctx)
	}()
	s.hear()
}

// hear takes the one message that the running actor sends.
func (s *Scheduler) hear() {
	if t := <-s.news; t.op != "" {
		s.waiting = append(s.waiting, t)
	} else {
		s.note("%s: ends", t.name)
	}
}

// pass waits at a gate and says how long. Whoever crashed does not come back; whoever is no actor is not kept.
func (s *Scheduler) pass(ctx context.Context, op string) time.Duration {
	a, ok := ctx.Value(actorKey{}).(*actor)
	if !ok {
		return 0
	}
	if a.dead {
		runtime.Goexit()
	}
	t := &ticket{actor: a, op: op, since: s.now, on: make(chan bool)}
	s.news <- t
	if !<-t.on {
		runtime.Goexit()
	}
	return s.now.Sub(t.since)
}

// goOn lets one of those who wait go to its next gate, or crash.
func (s *Scheduler) goOn(i int, crash bool) {
	t := s.waiting[i]
	s.waiting = append(s.waiting[:i], s.waiting[i+1:]...)
	s.steps++
	if crash {
		s.note("%s: CRASHES at %s", t.name, t.op)
	} else {
		s.note("%s: %s", t.name, t.op)
	}
	t.dead, s.running = crash, t.actor
	t.on <- !crash
	s.hear()
	s.running = nil
}
