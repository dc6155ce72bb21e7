package availability

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// script is an agenda that says what the test wrote.
type script struct {
	read  func(connectors.Query) (connectors.Reading, error)
	calls int
}

func (s *script) Read(_ context.Context, q connectors.Query) (connectors.Reading, error) {
	s.calls++
	return s.read(q)
}

func says(r connectors.Reading) *script {
	return &script{read: func(connectors.Query) (connectors.Reading, error) { return r, nil }}
}

func fails(kind connectors.Kind) *script {
	return &script{read: func(connectors.Query) (connectors.Reading, error) {
		return connectors.Reading{}, &connectors.Error{Op: "read", Kind: kind}
	}}
}

// claims is a ledger that holds what the test wrote.
type claims []booking.Claimed

func (c claims) Claimed(_ context.Context, _ string, _ interval.Interval, except string) ([]booking.Claimed, error) {
	return slices.DeleteFunc(slices.Clone([]booking.Claimed(c)), func(x booking.Claimed) bool { return slices.Contains(x.Appointments, except) }), nil
}

func (claims) OnClaims(func(string)) {} // they never change

func (c claims) Known(_ context.Context, _ string, own []connectors.Own) ([]connectors.Own, error) {
	var out []connectors.Own
	for _, o := range own {
		for _, x := range c {
			if slices.Contains(x.Appointments, o.Reference) && x.Interval == o.Interval {
				out = append(out, o)
			}
		}
	}
	return out, nil
}

var paris, _ = time.LoadLocation("Europe/Paris")

// monday is 23 November 2026, 08:00 in Paris.
var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, paris)

func span(day int, from, to string) interval.Interval {
	at := func(hm string) time.Time {
		var h, m int
		if _, err := fmt.Sscanf(hm, "%d:%d", &h, &m); err != nil {
			panic(err)
		}
		return time.Date(2026, 11, day, h, m, 0, 0, paris)
	}
	return interval.Of(at(from), at(to))
}

// ask is one question with its defaults: a place open on weekday mornings, one-hour appointments, the week ahead.
type ask struct {
	diary  connectors.Agenda
	beside []connectors.Agenda
	claims claims
	motif  booking.Motif
	hours  string
	window interval.Interval
	live   bool
	except string
}

func (a ask) reader(now *time.Time) *Reader {
	return New(Options{Claims: a.claims, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return *now }})
}

func (a ask) query() booking.AvailabilityQuery {
	if a.hours == "" {
		a.hours = "Mo-Fr 09:00-12:00"
	}
	if a.window == (interval.Interval{}) {
		a.window = interval.Of(monday, monday.AddDate(0, 0, 1))
	}
	m := a.motif.Complete()
	return booking.AvailabilityQuery{
		Agenda: &booking.Agenda{Connection: booking.Connection{Agenda: "agenda", Motifs: []booking.Motif{m}}, Diary: a.diary, Beside: a.beside},
		Place:  &booking.Place{ID: "lieu", Zone: paris, Hours: a.hours, INSEE: "35238"},
		Motifs: []booking.Motif{m}, Window: a.window, Live: a.live, Except: a.except,
	}
}

func (a ask) answer(t *testing.T) booking.Availabilities {
	t.Helper()
	now := monday
	r := a.reader(&now)
	defer r.Close()
	return r.Of(t.Context(), a.query())
}

// show writes starts as "9:00" or, with seats other than one, "9:00×3".
func show(a booking.Availabilities) string {
	var out []string
	for _, s := range a.Slots {
		text := s.StartTime().In(paris).Format("15:04")
		if s.Seats != 1 {
			text += fmt.Sprintf("×%d", s.Seats)
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func busy(spans ...interval.Interval) *script {
	return says(connectors.Reading{Basis: connectors.Busy, Busy: spans})
}

func TestSlots(t *testing.T) {
	half := booking.Motif{Duration: 30 * time.Minute}
	group := booking.Motif{Group: true, Seats: 8}
	whole := group.Complete()
	session := booking.SessionOf(booking.Slot{PlacedMotif: &booking.PlacedMotif{Place: "lieu", Agenda: "agenda", Motif: &whole}, Interval: span(23, "9:00", "10:00")})
	for _, c := range []struct {
		name  string
		ask   ask
		want  string
		state booking.State
		empty booking.EmptyReason
	}{
		{name: "an empty diary is free when the place is open", ask: ask{diary: busy()}, want: "09:00 10:00 11:00"},
		{name: "a busy time blocks what it overlaps", ask: ask{diary: busy(span(23, "9:30", "9:45"))}, want: "10:00 11:00"},
		{name: "what touches does not overlap", ask: ask{diary: busy(span(23, "10:00", "11:00"))}, want: "09:00 11:00"},
		{name: "a busy time around everything", ask: ask{diary: busy(span(22, "0:00", "23:00"), span(23, "8:00", "13:00"))}, state: booking.Fresh, empty: booking.Full},
		{name: "the grid does not move with what is booked", ask: ask{diary: busy(span(23, "9:00", "9:10")), motif: half}, want: "09:30 10:00 10:30 11:00 11:30"},
		{name: "a buffer is kept after each", ask: ask{diary: busy(span(23, "11:00", "11:15")), motif: booking.Motif{Duration: 45 * time.Minute, Buffer: 15 * time.Minute}}, want: "09:00 10:00"},
		{name: "a buffer may run past closing time", ask: ask{diary: busy(), motif: booking.Motif{Duration: time.Hour, Step: time.Hour, Buffer: 30 * time.Minute}}, want: "09:00 10:00 11:00"},
		{name: "steps shorter than the appointment", ask: ask{diary: busy(span(23, "9:00", "10:30")), motif: booking.Motif{Step: 30 * time.Minute}}, want: "10:30 11:00"},
		{name: "a minimum notice", ask: ask{diary: busy(), motif: booking.Motif{Notice: 2 * time.Hour}}, want: "11:00"},
		{name: "all within the notice", ask: ask{diary: busy(), motif: booking.Motif{Notice: 24 * time.Hour}}, state: booking.Fresh, empty: booking.TooSoon},
		{name: "beyond the horizon", ask: ask{diary: busy(), motif: booking.Motif{HorizonDays: 2}, window: interval.Of(monday.AddDate(0, 0, 3), monday.AddDate(0, 0, 4))}, state: booking.Fresh, empty: booking.TooFar},
		{name: "closed all day", ask: ask{diary: busy(), hours: "Tu-Fr 09:00-12:00"}, state: booking.Fresh, empty: booking.Closed},
		{name: "what nobody understood is not free", ask: ask{diary: says(connectors.Reading{Basis: connectors.Busy, Doubt: []connectors.Doubt{{Interval: span(23, "8:00", "10:30")}}})}, want: "11:00"},
		{name: "doubt over everything", ask: ask{diary: says(connectors.Reading{Basis: connectors.Busy, Doubt: []connectors.Doubt{{Interval: span(23, "0:00", "23:00")}}})}, state: booking.Unknown, empty: booking.SourceFailed},
		{name: "openings instead of hours", ask: ask{diary: says(connectors.Reading{Basis: connectors.Open, Open: []interval.Interval{span(23, "14:00", "16:00")}})}, want: "14:00 15:00"},
		{name: "openings less what is busy", ask: ask{diary: says(connectors.Reading{Basis: connectors.Open, Open: []interval.Interval{span(23, "14:00", "16:00")}, Busy: []interval.Interval{span(23, "15:15", "15:30")}})}, want: "14:00"},
		{name: "an itinerant agenda where it is", ask: ask{diary: says(connectors.Reading{
			Basis: connectors.Open, Open: []interval.Interval{span(23, "9:00", "12:00"), span(23, "14:00", "16:00")},
			Stops: []connectors.Stop{{Interval: span(23, "9:00", "12:00"), Place: "ailleurs"}, {Interval: span(23, "14:00", "15:00"), Place: "lieu"}, {Interval: span(23, "15:00", "16:00"), Place: "lieu"}},
		})}, want: "14:00 15:00"},
		{name: "an itinerant agenda that is elsewhere", ask: ask{diary: says(connectors.Reading{
			Basis: connectors.Open, Open: []interval.Interval{span(23, "9:00", "12:00")}, Stops: []connectors.Stop{{Interval: span(23, "9:00", "12:00"), Place: "ailleurs"}},
		})}, state: booking.Fresh, empty: booking.Closed},
		{name: "the diary beside it blocks too", ask: ask{diary: says(connectors.Reading{Basis: connectors.Open, Open: []interval.Interval{span(23, "9:00", "12:00")}}), beside: []connectors.Agenda{busy(span(23, "10:10", "10:20"))}}, want: "09:00 11:00"},
		{name: "a diary beside it that fails", ask: ask{diary: busy(), beside: []connectors.Agenda{fails(connectors.Unavailable)}}, state: booking.Unknown, empty: booking.SourceFailed},
		{name: "slots that the agenda cut itself", ask: ask{motif: booking.Motif{Upstream: "m1"}, diary: says(connectors.Reading{Basis: connectors.Slots, Slots: []connectors.Slot{
			{Interval: span(23, "10:15", "11:15"), Motif: "m1", Seats: 1},
			{Interval: span(23, "9:15", "10:15"), Motif: "m1", Seats: 1},
			{Interval: span(23, "14:00", "15:00"), Motif: "other", Seats: 1},
			{Interval: span(23, "16:00", "17:00"), Motif: "m1", Seats: 0},
		}})}, want: "09:15 10:15"},
		{name: "a reading without a basis is no reading", ask: ask{diary: says(connectors.Reading{})}, state: booking.Unknown, empty: booking.SourceFailed},
		{name: "unchanged since nothing is no reading", ask: ask{diary: says(connectors.Reading{Unchanged: true})}, state: booking.Unknown, empty: booking.SourceFailed},
		{name: "no readable hours and only busy time", ask: ask{diary: busy(), hours: "sur rendez-vous"}, state: booking.Unknown, empty: booking.SourceFailed},
		{name: "the ledger's claims block", ask: ask{diary: busy(), claims: claims{{Interval: span(23, "9:30", "10:00"), Session: "x", Seats: 1}}}, want: "10:00 11:00"},
		{name: "a claim blocks to its end, with another of its chain inside", ask: ask{diary: busy(), motif: half, claims: claims{{Interval: span(23, "9:00", "11:30"), Session: "x", Seats: 1}, {Interval: span(23, "9:30", "10:00"), Session: "y", Seats: 1}}}, want: "11:30"},
		{name: "one's own claim does not", ask: ask{diary: busy(), except: "mine", claims: claims{{Interval: span(23, "9:00", "10:00"), Session: "x", Seats: 1, Appointments: []string{"mine"}}}}, want: "09:00 10:00 11:00"},
		{name: "our event that the ledger knows is not counted twice", ask: ask{motif: group, claims: claims{{Interval: span(23, "9:00", "10:00"), Session: session, Seats: 3, Appointments: []string{"ours"}}}, diary: says(connectors.Reading{Basis: connectors.Busy, Own: []connectors.Own{{Reference: "ours", Interval: span(23, "9:00", "10:00")}}})}, want: "09:00×5 10:00×8 11:00×8"},
		{name: "our event that the ledger does not know is busy", ask: ask{diary: says(connectors.Reading{Basis: connectors.Busy, Own: []connectors.Own{{Reference: "forged", Interval: span(23, "9:00", "10:00")}}})}, want: "10:00 11:00"},
		{name: "seats of a group session", ask: ask{diary: busy(), motif: group, claims: claims{{Interval: span(23, "9:00", "10:00"), Session: session, Seats: 8}, {Interval: span(23, "10:30", "11:00"), Session: "alone", Seats: 1}}}, want: "11:00×8"},
		{name: "a window beyond what is read", ask: ask{diary: busy(), window: interval.Of(monday.AddDate(1, 0, 0), monday.AddDate(1, 0, 1))}, state: booking.Fresh, empty: booking.TooFar},
		{name: "doubt that begins after the window but blocks its last slot", ask: ask{diary: says(connectors.Reading{Basis: connectors.Busy, Busy: []interval.Interval{span(23, "9:00", "11:00")}, Doubt: []connectors.Doubt{{Interval: span(23, "11:30", "12:00")}}}), window: span(23, "8:00", "11:15")}, state: booking.Unknown, empty: booking.SourceFailed},
		{name: "doubt beside the only slots, which are taken", ask: ask{diary: says(connectors.Reading{Basis: connectors.Busy, Busy: []interval.Interval{span(23, "9:00", "12:00")}, Doubt: []connectors.Doubt{{Interval: span(23, "14:00", "15:00")}}})}, state: booking.Unknown, empty: booking.SourceFailed},
		{name: "our own event in the diary beside", ask: ask{motif: group, claims: claims{{Interval: span(23, "9:00", "10:00"), Session: session, Seats: 1, Appointments: []string{"ours"}}}, diary: busy(), beside: []connectors.Agenda{says(connectors.Reading{Basis: connectors.Busy, Own: []connectors.Own{{Reference: "ours", Interval: span(23, "9:00", "10:00")}}})}}, want: "09:00×7 10:00×8 11:00×8"},
		{name: "a diary that panics", ask: ask{diary: &script{read: func(connectors.Query) (connectors.Reading, error) { panic("?") }}}, state: booking.Unknown, empty: booking.SourceFailed},
		{name: "a window in the past", ask: ask{diary: busy(), window: interval.Of(monday.AddDate(0, 0, -7), monday)}, state: booking.Fresh, empty: booking.Closed},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.ask.answer(t)
			if c.state == "" {
				c.state = booking.Fresh
			}
			if show(got) != c.want || got.State != c.state || got.Empty != c.empty {
				t.Errorf("got %q %s %s (%v), want %q %s %s", show(got), got.State, got.Empty, got.Err, c.want, c.state, c.empty)
			}
		})
	}
}

func TestSlotsKeepTheClockOfThePlaceOverDST(t *testing.T) {
	// Sunday 25 October 2026: Paris goes from UTC+2 to UTC+1.
	before := time.Date(2026, 10, 24, 8, 0, 0, 0, paris)
	a := ask{diary: busy(), hours: "Mo-Su 09:00-10:00", window: interval.Of(before, before.AddDate(0, 0, 2))}
	now := before
	r := a.reader(&now)
	got := r.Of(t.Context(), a.query())
	if show(got) != "09:00 09:00" || got.Slots[1].Start-got.Slots[0].Start != 25*3600 {
		t.Errorf("got %q, %d seconds apart", show(got), got.Slots[1].Start-got.Slots[0].Start)
	}
}

func TestAReadingIsKeptForAWhileAndThenStale(t *testing.T) {
	source := busy()
	a := ask{diary: source}
	now := monday
	r := a.reader(&now)
	q := a.query()
	down := errors.New("down")
	for _, c := range []struct {
		name  string
		after time.Duration
		up    bool
		state booking.State
		calls int
	}{
		{"first", 0, true, booking.Fresh, 1},
		{"still fresh", 59 * time.Second, true, booking.Fresh, 1},
		{"read again", 61 * time.Second, true, booking.Fresh, 2},
		{"the source fails", 3 * time.Minute, false, booking.Stale, 3},
		{"it is not asked at once again", 3*time.Minute + 5*time.Second, false, booking.Stale, 3},
		{"almost too old", 15 * time.Minute, false, booking.Stale, 4},
		{"too old", 16*time.Minute + 2*time.Second, false, booking.Unknown, 5},
		{"it is back", 20 * time.Minute, true, booking.Fresh, 6},
	} {
		source.read = func(connectors.Query) (connectors.Reading, error) {
			if !c.up {
				return connectors.Reading{}, down
			}
			return connectors.Reading{Basis: connectors.Busy}, nil
		}
		now = monday.Add(c.after)
		got := r.Of(t.Context(), q)
		if got.State != c.state || source.calls != c.calls {
			t.Errorf("%s: %s after %d calls, want %s after %d", c.name, got.State, source.calls, c.state, c.calls)
		}
		if got.State == booking.Unknown && len(got.Slots) > 0 {
			t.Errorf("%s: unknown with slots", c.name)
		}
	}
}

func TestABookingReadsLive(t *testing.T) {
	source := busy()
	a := ask{diary: source}
	now := monday
	r := a.reader(&now)
	q := a.query()
	r.Of(t.Context(), q)
	source.read = func(connectors.Query) (connectors.Reading, error) {
		return connectors.Reading{Basis: connectors.Busy, Busy: []interval.Interval{span(23, "9:00", "12:00")}}, nil
	}
	q.Live = true
	if got := r.Of(t.Context(), q); len(got.Slots) != 0 {
		t.Errorf("live: %q; what was read before was believed", show(got))
	}
	source.read = fails(connectors.Unavailable).read
	if got := r.Of(t.Context(), q); got.State != booking.Unknown || len(got.Slots) != 0 {
		t.Errorf("live and failing: %s %q; the last reading must not be believed", got.State, show(got))
	}
}

func TestUnchangedKeepsWhatWasSaid(t *testing.T) {
	var known []string
	source := &script{read: func(q connectors.Query) (connectors.Reading, error) {
		known = append(known, q.Known)
		if q.Known == "v1" {
			return connectors.Reading{Unchanged: true}, nil
		}
		return connectors.Reading{Basis: connectors.Busy, Busy: []interval.Interval{span(23, "9:00", "11:00")}, Version: "v1"}, nil
	}}
	a := ask{diary: source}
	now := monday
	r := a.reader(&now)
	q := a.query()
	r.Of(t.Context(), q)
	now = monday.Add(2 * time.Minute)
	if got := r.Of(t.Context(), q); show(got) != "11:00" || got.State != booking.Fresh || !got.ObservedAt.Equal(now) {
		t.Errorf("got %q %s at %s", show(got), got.State, got.ObservedAt)
	}
	now = monday.AddDate(0, 0, 1) // another day is another window: what is known does not cover it
	r.Of(t.Context(), q)
	if want := []string{"", "v1", ""}; !slices.Equal(known, want) {
		t.Errorf("known = %q, want %q", known, want)
	}
}

// A source that hangs delays nobody beyond their own deadline, and its answer still serves the next.
func TestASourceThatHangs(t *testing.T) {
	release := make(chan struct{})
	source := &script{read: func(connectors.Query) (connectors.Reading, error) {
		<-release
		return connectors.Reading{Basis: connectors.Busy}, nil
	}}
	a := ask{diary: source}
	now := monday
	r := a.reader(&now)
	q := a.query()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := r.Of(ctx, q); got.State != booking.Unknown {
		t.Errorf("while it hangs: %s", got.State)
	}
	close(release)
	r.Close()
	if got := r.Of(t.Context(), q); got.State != booking.Fresh || source.calls != 1 {
		t.Errorf("afterwards: %s after %d calls", got.State, source.calls)
	}
}

// A caller who leaves says nothing of the agenda.
func TestACallerWhoLeavesDegradesNobody(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	source := &script{read: func(connectors.Query) (connectors.Reading, error) {
		leave()
		return connectors.Reading{}, context.Canceled
	}}
	a := ask{diary: source, live: true}
	now := monday
	r := a.reader(&now)
	q := a.query()
	if got := r.Of(ctx, q); got.State != booking.Unknown {
		t.Errorf("for the caller: %s", got.State)
	}
	source.read = busy().read
	q.Live = false
	if got := r.Of(t.Context(), q); got.State != booking.Fresh {
		t.Errorf("for the next: %s", got.State)
	}
}

// However many ask, few agendas are read at once; and nobody is read for those who have left.
func TestFewAgendasAreReadAtOnce(t *testing.T) {
	var mu sync.Mutex
	now, most := 0, 0
	release := make(chan struct{})
	read := func(connectors.Query) (connectors.Reading, error) {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		<-release
		mu.Lock()
		now--
		mu.Unlock()
		return connectors.Reading{Basis: connectors.Busy}, nil
	}
	at := monday
	r := ask{}.reader(&at)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	var wg sync.WaitGroup
	for i := range 200 {
		q := ask{diary: &script{read: read}}.query()
		q.Agenda.Agenda = fmt.Sprint(i)
		if i%2 == 0 {
			r.Of(gone, q)
			continue
		}
		wg.Go(func() { r.Of(t.Context(), q) })
	}
	for {
		mu.Lock()
		full := now == readings
		mu.Unlock()
		if full {
			break
		}
		time.Sleep(time.Millisecond)
	}
	close(release)
	wg.Wait()
	r.Close()
	if most > readings {
		t.Errorf("%d agendas were read at once, want %d at most", most, readings)
	}
}

// hanging is an agenda that answers when it is released, and says that it was asked.
type hanging struct{ asked, release chan struct{} }

func (h hanging) Read(ctx context.Context, _ connectors.Query) (connectors.Reading, error) {
	h.asked <- struct{}{}
	select {
	case <-h.release:
		return connectors.Reading{Basis: connectors.Busy}, nil
	case <-ctx.Done():
		return connectors.Reading{}, ctx.Err()
	}
}

// However many wish to book in an agenda that hangs, the others are read.
func TestAnAgendaThatHangsLeavesRoomForOthers(t *testing.T) {
	at := monday
	r := ask{}.reader(&at)
	defer r.Close()
	h := hanging{make(chan struct{}, 2*readings), make(chan struct{})}
	q := ask{diary: h, live: true}.query()
	ctx, leave := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 2 * readings {
		wg.Go(func() { r.Of(ctx, q) })
	}
	for range readingsOfOne {
		<-h.asked
	}
	other := ask{diary: busy(), live: true}.query()
	other.Agenda.Agenda = "autre"
	if got := r.Of(t.Context(), other); got.State != booking.Fresh {
		t.Errorf("another agenda: %s, %v", got.State, got.Err)
	}
	if n := len(h.asked); n != 0 {
		t.Errorf("it is read %d times more at once", n)
	}
	leave()
	wg.Wait()
}

// What a booking reads goes out although the agenda was lately in trouble; what a search reads can wait.
func TestOnlyABookingIsUrgent(t *testing.T) {
	for _, live := range []bool{true, false} {
		var since time.Time
		ask{diary: told(func(ctx context.Context) { since = connectors.Urgent(ctx) }), live: live}.answer(t)
		if since.Equal(monday) != live || since.IsZero() == live {
			t.Errorf("live %t: somebody waits since %v", live, since)
		}
	}
}

type told func(context.Context)

func (f told) Read(ctx context.Context, _ connectors.Query) (connectors.Reading, error) {
	f(ctx)
	return connectors.Reading{Basis: connectors.Busy}, nil
}

func TestADayWithoutMidnight(t *testing.T) {
	havana, err := time.LoadLocation("America/Havana")
	if err != nil {
		t.Fatal(err)
	}
	span := interval.Of(time.Date(2026, 3, 7, 22, 0, 0, 0, havana), time.Date(2026, 3, 8, 3, 0, 0, 0, havana))
	var total int64
	for _, d := range days([]interval.Interval{span}, havana) {
		total += d.End - d.Start
	}
	if total != span.End-span.Start {
		t.Errorf("the days last %d seconds, the span %d", total, span.End-span.Start)
	}
}

// A reading of sixty days is held once for each of thousands of agendas, not twice.
func TestOpenTimeThatNoMidnightCutsIsHeldOnce(t *testing.T) {
	nine := time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)
	day := interval.Of(nine, nine.Add(time.Hour))
	whole := []interval.Interval{day, {Start: day.Start + 7200, End: day.End + 7200}}
	if got := days(whole, time.UTC); &got[0] != &whole[0] {
		t.Error("it was copied")
	}
	over := []interval.Interval{{}, {Start: day.Start, End: day.Start + 36*3600}} // as many, but not the same
	if got := days(over, time.UTC); len(got) != 2 || got[0].Empty() || got[0] == over[1] {
		t.Errorf("%v", got)
	}
}
