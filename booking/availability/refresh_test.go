package availability

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// town is agendas that answer at once, and count how often they were read.
type town struct {
	mu    sync.Mutex
	now   time.Time
	reads map[string]int
	fails map[string]bool
	list  []*booking.Agenda
}

func newTown(names ...string) (*town, *Reader) {
	tn := &town{now: monday, reads: make(map[string]int), fails: make(map[string]bool)}
	for _, name := range names {
		tn.list = append(tn.list, &booking.Agenda{
			Connection: booking.Connection{Agenda: name, Motifs: []booking.Motif{booking.Motif{}.Complete()}},
			Diary: &script{read: func(connectors.Query) (connectors.Reading, error) {
				tn.mu.Lock()
				defer tn.mu.Unlock()
				tn.reads[name]++
				if tn.fails[name] {
					return connectors.Reading{}, &connectors.Error{Op: "read", Kind: connectors.Unavailable}
				}
				return connectors.Reading{Basis: connectors.Busy}, nil
			}},
		})
	}
	return tn, New(Options{Claims: claims{}, Logger: slog.New(slog.DiscardHandler), Now: tn.clock})
}

func (tn *town) clock() time.Time { tn.mu.Lock(); defer tn.mu.Unlock(); return tn.now }

func (tn *town) later(d time.Duration) { tn.mu.Lock(); tn.now = tn.now.Add(d); tn.mu.Unlock() }

// round reads what is due, one after the other.
func (tn *town) round(ctx context.Context, r *Reader) string {
	var order []string
	for _, d := range r.due(tn.list, tn.clock()) {
		order = append(order, d.agenda.Agenda)
		<-r.refresh(ctx, d, tn.clock())
	}
	return strings.Join(order, " ")
}

func (tn *town) show(ctx context.Context, r *Reader, i int, known bool) {
	q := ask{}.query()
	q.Agenda, q.Known, q.Shown = tn.list[i], known, !known
	r.Of(ctx, q)
}

// What is kept read is what people are shown, even where somebody asked for the agenda as it was before it was opened again.
func TestTheDiaryThatIsKeptReadIsTheOneThatIsShown(t *testing.T) {
	tn, r := newTown("one", "two")
	defer r.Close()
	before := tn.list[0]
	r.due(tn.list, tn.clock())
	again := *before
	tn.list[0] = &again
	for _, asked := range []*booking.Agenda{&again, before, &again} {
		shown := r.diary(asked)
		if due := r.due(tn.list, tn.clock()); len(due) != 2 || !slices.Contains(due, r.diary(&again)) {
			t.Errorf("%d are due, and not the one that is shown (%t)", len(due), shown.agenda == &again)
		}
	}
	r.diary(before)
	now := r.diary(&again)
	if due := r.due(tn.list, tn.clock()); len(due) != 2 || !slices.Contains(due, now) {
		t.Error("what is due is no longer anybody's")
	}
}

func TestWhatPeopleAreShownIsReadFirstAndMostOften(t *testing.T) {
	tn, r := newTown("quiet", "shown", "draft", "ranked")
	defer r.Close()
	tn.list[2].Draft = true
	tn.round(t.Context(), r)
	tn.later(time.Minute)
	tn.show(t.Context(), r, 1, false) // which reads it, as it is not fresh any more
	tn.show(t.Context(), r, 3, true)
	tn.later(time.Minute)
	if got := tn.round(t.Context(), r); got != "shown" {
		t.Errorf("after another minute %q is read", got)
	}
	tn.later(8 * time.Minute)
	if got := tn.round(t.Context(), r); !strings.HasPrefix(got, "shown ") || !strings.Contains(got, "quiet") || !strings.Contains(got, "ranked") {
		t.Errorf("after ten minutes %q is read", got)
	}
	tn.later(10 * time.Minute)
	tn.round(t.Context(), r)
	tn.later(time.Minute)
	if got := tn.round(t.Context(), r); got != "" {
		t.Errorf("nobody has looked for twenty minutes, and %q is read", got)
	}
	if tn.reads["draft"] > 0 {
		t.Error("a draft is read")
	}
}

// What is not shown to anybody is known all the same, at any moment.
func TestNoReadingEndsUnread(t *testing.T) {
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprint("agenda-", i))
	}
	tn, r := newTown(names...)
	defer r.Close()
	tn.round(t.Context(), r)
	largest := 0
	for range 240 {
		tn.later(30 * time.Second)
		largest = max(largest, len(strings.Fields(tn.round(t.Context(), r))))
		for i := range tn.list {
			q := ask{}.query()
			q.Agenda, q.Known = tn.list[i], true
			if got := r.Of(t.Context(), q); got.State == booking.Unknown {
				t.Fatalf("%s is not known", names[i])
			}
		}
	}
	if largest > 30 {
		t.Errorf("%d of 40 are read at the same time, two hours after the start", largest)
	}
}

func TestAnAgendaThatFailsIsAskedMoreRarely(t *testing.T) {
	tn, r := newTown("down")
	defer r.Close()
	tn.fails["down"] = true
	var tried []int // minutes
	for minute := range 60 {
		if tn.round(t.Context(), r) != "" {
			tried = append(tried, minute)
		}
		tn.later(time.Minute)
	}
	if want := []int{0, 1, 3, 7, 15, 25, 35, 45, 55}; !slices.Equal(tried, want) {
		t.Errorf("it was asked in the minutes %v, want %v", tried, want)
	}
	failed := tn.reads["down"]
	tn.fails["down"] = false
	tn.later(10 * time.Minute)
	tn.round(t.Context(), r)
	tn.show(t.Context(), r, 0, false)
	for range 10 {
		tn.later(time.Minute)
		tn.round(t.Context(), r)
	}
	if again := tn.reads["down"] - failed; again < 10 {
		t.Errorf("once it answers, it was asked %d times in ten minutes", again)
	}
}

// However many agendas hang, who asks for another finds room.
func TestRefreshingLeavesRoom(t *testing.T) {
	release := make(chan struct{})
	var begun sync.WaitGroup
	begun.Add(refreshers)
	hangs := &script{read: func(connectors.Query) (connectors.Reading, error) {
		begun.Done() // a ninth would panic
		<-release
		return connectors.Reading{Basis: connectors.Busy}, nil
	}}
	tn, r := newTown("other")
	list := []*booking.Agenda{}
	for i := range 2 * readings {
		list = append(list, &booking.Agenda{Connection: booking.Connection{Agenda: fmt.Sprint("hangs-", i), Motifs: []booking.Motif{booking.Motif{}.Complete()}}, Diary: still{hangs}})
	}
	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Refresh(ctx, time.Millisecond, func() []*booking.Agenda { return list }); close(done) }()
	begun.Wait()
	q := ask{}.query()
	q.Agenda = tn.list[0]
	if got := r.Of(t.Context(), q); got.State != booking.Fresh {
		t.Errorf("another agenda is %s while %d hang", got.State, refreshers)
	}
	end()
	close(release)
	<-done
	r.Close()
}

// still reads through a script that many share.
type still struct{ *script }

func (s still) Read(_ context.Context, q connectors.Query) (connectors.Reading, error) {
	return s.read(q)
}

// What was read yesterday does not know the last day: it is shown as what it is until it is read again.
func TestYesterdaysReadingIsNotFresh(t *testing.T) {
	tn, r := newTown("one")
	defer r.Close()
	tn.now = time.Date(2026, 11, 24, 23, 59, 50, 0, time.UTC)
	tn.show(t.Context(), r, 0, false)
	q := ask{}.query()
	q.Agenda, q.Known = tn.list[0], true
	for _, want := range []booking.State{booking.Fresh, booking.Stale} {
		if got := r.Of(t.Context(), q); got.State != want {
			t.Errorf("at %v it is %s, want %s", tn.now, got.State, want)
		}
		tn.later(20 * time.Second)
	}
}

func TestRefreshingEndsWithItsContext(t *testing.T) {
	tn, r := newTown("one", "two")
	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		r.Refresh(ctx, time.Millisecond, func() []*booking.Agenda { return tn.list })
		close(done)
	}()
	for both := false; !both; {
		tn.mu.Lock()
		both = tn.reads["one"] > 0 && tn.reads["two"] > 0
		tn.mu.Unlock()
	}
	end()
	<-done
	r.Close()
}
