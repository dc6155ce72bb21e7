package availability

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// wall is a Board and Turns for readers of one process, which may be told to fail, or to say that it is always somebody else's turn.
type wall struct {
	mu       sync.Mutex
	readings map[string][]byte
	holders  map[string]string
	follows  []chan string
	asked    int
	down     bool
	busy     bool
}

var errDown = errors.New("the wall is down")

func newWall() *wall {
	return &wall{readings: make(map[string][]byte), holders: make(map[string]string)}
}

func (w *wall) ask() error {
	w.asked++
	if w.down {
		return errDown
	}
	return nil
}

func (w *wall) Put(_ context.Context, agenda string, reading []byte, _ time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ask(); err != nil {
		return err
	}
	w.readings[agenda] = reading
	for _, c := range w.follows {
		c <- agenda
	}
	return nil
}

func (w *wall) Get(_ context.Context, agenda string) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.readings[agenda], w.ask()
}

func (w *wall) Follow(ctx context.Context) (<-chan string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := make(chan string, 100)
	c <- ""
	w.follows = append(w.follows, c)
	context.AfterFunc(ctx, func() { close(c) })
	return c, nil
}

// turnsOf are those of one instance.
type turnsOf struct {
	*wall
	instance string
}

func (w turnsOf) Take(_ context.Context, agenda string, _ time.Duration) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ask(); err != nil || w.busy {
		return false, err
	}
	if of := w.holders[agenda]; of != "" && of != w.instance {
		return false, nil
	}
	w.holders[agenda] = w.instance
	return true, nil
}

func (w turnsOf) Give(_ context.Context, agenda string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.holders[agenda] == w.instance {
		delete(w.holders, agenda)
	}
	return w.ask()
}

// instance is one reader of several that share a wall.
func (tn *town) instance(t *testing.T, w *wall, name string) *Reader {
	t.Helper()
	seal, err := NewSeal(sealing)
	if err != nil {
		t.Fatal(err)
	}
	r := New(Options{Claims: claims{}, Logger: slog.New(slog.DiscardHandler), Now: tn.clock, Seal: seal, Board: w, Turns: turnsOf{w, name}})
	t.Cleanup(r.Close)
	return r
}

// inTurn has a reader look for what is due once.
func (tn *town) inTurn(ctx context.Context, r *Reader) {
	for _, d := range r.due(tn.list, tn.clock()) {
		r.readInTurn(ctx, d, &term{lasts: r.ReadIn})
	}
}

func TestSeveralInstancesReadAnAgendaOnce(t *testing.T) {
	tn, _ := newTown("one")
	w := newWall()
	all := []*Reader{tn.instance(t, w, "a"), tn.instance(t, w, "b"), tn.instance(t, w, "c")}
	const minutes = 30
	for minute := range minutes {
		for n := range all {
			r := all[(minute+n)%len(all)] // none is always the first
			tn.inTurn(t.Context(), r)
			tn.show(t.Context(), r, 0, false)
		}
		tn.later(time.Minute)
	}
	if got := tn.reads["one"]; got < minutes || got > minutes+1 {
		t.Errorf("in %d minutes it was read %d times", minutes, got)
	}
	w.down = true // each is on its own
	before := tn.reads["one"]
	for range minutes {
		for _, r := range all {
			tn.inTurn(t.Context(), r)
			tn.show(t.Context(), r, 0, false)
		}
		tn.later(time.Minute)
	}
	if got := tn.reads["one"] - before; got < len(all)*minutes {
		t.Errorf("without anything shared, it was read %d times by %d in %d minutes", got, len(all), minutes)
	}
}

// Who asks an instance that has not read an agenda is answered with what another has just read.
func TestWhoAsksDoesNotWaitForWhatAnotherHasRead(t *testing.T) {
	tn, _ := newTown("one")
	w := newWall()
	a, b := tn.instance(t, w, "a"), tn.instance(t, w, "b")
	tn.show(t.Context(), a, 0, false)
	if tn.show(t.Context(), b, 0, false); tn.reads["one"] != 1 {
		t.Errorf("it was read %d times", tn.reads["one"])
	}
	tn.later(time.Minute) // then it is not fresh any more
	if tn.show(t.Context(), b, 0, false); tn.reads["one"] != 2 {
		t.Errorf("a minute later it was read %d times", tn.reads["one"])
	}
}

// What one has read the others hear of, and what was worked out from it stands where it says the same.
func TestWhatOneReadsAllKnow(t *testing.T) {
	tn, _ := newTown("one", "two")
	w := newWall()
	a, b := tn.instance(t, w, "a"), tn.instance(t, w, "b")
	ctx, end := context.WithCancel(t.Context())
	heard := make(chan error, 1)
	tn.inTurn(t.Context(), a)
	go func() { heard <- b.follow(ctx, func() []*booking.Agenda { return tn.list }) }()
	known := func(i int) reading {
		d := b.diary(tn.list[i])
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.last
	}
	until := func(i int, at time.Time) reading {
		for !known(i).at.Equal(at) {
			time.Sleep(time.Millisecond)
		}
		return known(i)
	}
	first := until(0, tn.clock())
	until(1, tn.clock())
	tn.later(10 * time.Minute)
	tn.inTurn(t.Context(), a)
	if second := until(0, tn.clock()); second.said != first.said {
		t.Error("it says the same, and what was worked out from it is thrown away")
	}
	end()
	if err := <-heard; err != nil || tn.reads["one"] != 2 {
		t.Errorf("%v; it was read %d times", err, tn.reads["one"])
	}
}

// What is shared never makes what is known older, nor is anything believed that no instance of ours has said of this very agenda.
func TestWhatIsSharedIsNotTrusted(t *testing.T) {
	tn, _ := newTown("one", "two")
	w := newWall()
	r := tn.instance(t, w, "a")
	tn.inTurn(t.Context(), r)
	d := r.diary(tn.list[0])
	old := w.readings["one"]
	tn.later(time.Minute)
	<-r.refresh(t.Context(), d, tn.clock())
	last := d.last
	sealed := func(key byte, about string, at time.Time) []byte {
		seal, _ := NewSeal(bytes.Repeat([]byte{key}, 32))
		return seal.close(nil, about, kept(t, d.agenda, reading{at: at, said: last.said}))
	}
	now := tn.clock()
	flipped := sealed(1, boardOf+"one", now.Add(time.Second))
	flipped[len(flipped)/2] ^= 1
	for name, bytes := range map[string][]byte{
		"older":             old,
		"of another key":    sealed(2, boardOf+"one", now.Add(time.Second)),
		"of another agenda": sealed(1, boardOf+"two", now.Add(time.Second)),
		"from a snapshot":   sealed(1, snapshotOf, now.Add(time.Second)),
		"from the future":   sealed(1, boardOf+"one", now.Add(ahead+time.Second)),
		"garbled":           flipped,
		"empty":             {},
	} {
		w.readings["one"] = bytes
		if r.look(t.Context(), d, now) || d.last.at != last.at {
			t.Errorf("%s: it is believed", name)
		}
	}
	w.readings["one"] = sealed(1, boardOf+"one", now.Add(time.Second))
	if !r.look(t.Context(), d, now) {
		t.Error("a newer reading is not believed")
	}
	q := ask{live: true}.query()
	q.Agenda = tn.list[0]
	before := tn.reads["one"]
	w.asked = 0
	if r.Of(t.Context(), q); tn.reads["one"] != before+1 || w.asked > 0 {
		t.Errorf("who books is answered after %d readings, and what is shared was asked %d times", tn.reads["one"]-before, w.asked)
	}
}

// Whoever waits too long for somebody else's reading reads by itself.
func TestATurnThatDoesNotEndIsNotWaitedFor(t *testing.T) {
	tn, _ := newTown("one")
	w := newWall()
	w.busy = true
	r := tn.instance(t, w, "a")
	for second := range 60 {
		tn.inTurn(t.Context(), r)
		if read := tn.reads["one"] > 0; read != (second > 20) {
			t.Fatalf("after %d seconds: read %v", second, read)
		}
		tn.later(time.Second)
	}
}

// A wall that does not answer is left alone for a moment, and nobody waits for it meanwhile.
func TestWhatIsSharedAndDownIsLeftAlone(t *testing.T) {
	tn, _ := newTown("one", "two", "three")
	w := newWall()
	w.down = true
	r := tn.instance(t, w, "a")
	tn.inTurn(t.Context(), r)
	if w.asked != 1 || tn.reads["three"] != 1 {
		t.Errorf("it was asked %d times, and an agenda read %d times", w.asked, tn.reads["three"])
	}
	w.down = false
	tn.later(10 * time.Minute)
	tn.inTurn(t.Context(), r)
	if len(w.readings) != 3 {
		t.Errorf("once it answers it has %d readings", len(w.readings))
	}
}

// An agenda that fails is nobody's to be silent about: the others try too, and show what they know.
func TestAFailureIsNotShared(t *testing.T) {
	tn, _ := newTown("one")
	w := newWall()
	a, b := tn.instance(t, w, "a"), tn.instance(t, w, "b")
	tn.inTurn(t.Context(), a)
	tn.inTurn(t.Context(), b)
	tn.fails["one"] = true
	tn.later(10 * time.Minute)
	tn.inTurn(t.Context(), a)
	if _, state := b.diary(tn.list[0]).state(tn.clock(), b.Options); state != booking.Stale || connectors.KindOf(a.diary(tn.list[0]).failed) != connectors.Unavailable {
		t.Errorf("it is %s at the other", state)
	}
}
