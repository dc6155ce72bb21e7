package availability

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// at gives an agenda of a town an address.
func (tn *town) at(i int, address string) { tn.list[i].Connector, tn.list[i].Address = "ics", address }

func TestReadingsAreCountedAsTheyAreKnown(t *testing.T) {
	tn, r := newTown("a", "b", "c", "draft")
	defer r.Close()
	for i := range tn.list {
		tn.at(i, fmt.Sprintf("https://%c.example.org/secret.ics?cle=canari", 'a'+i))
	}
	tn.list[3].Draft = true
	standing := func() booking.Reading { return r.Readings(tn.list)["ics"] }
	if got := standing(); got.Agendas != 4 || got.Due != 3 || !reflect.DeepEqual(got.States, map[booking.State]int{booking.NoAgenda: 3}) || len(got.Ages) > 0 || !got.Succeeded.IsZero() {
		t.Errorf("before anything is read: %+v", got)
	}
	tn.fails["b"] = true
	tn.round(t.Context(), r)
	tn.later(40 * time.Second)
	want := map[booking.State]int{booking.Fresh: 2, booking.Unknown: 1}
	if got := standing(); !reflect.DeepEqual(got.States, want) || !slices.Equal(got.Ages, []time.Duration{40 * time.Second, 40 * time.Second}) ||
		!got.Succeeded.Equal(monday) || got.Due != 0 || got.Readings != 2 {
		t.Errorf("after a round in which one fails: %+v", got)
	}
	tn.later(20 * time.Second)
	tn.fails["a"], tn.fails["b"] = true, false
	if read := tn.round(t.Context(), r); read != "b" { // which failed, and is tried after a minute
		t.Fatalf("%q is read", read)
	}
	want = map[booking.State]int{booking.Fresh: 1, booking.Stale: 2}
	if got := standing(); !reflect.DeepEqual(got.States, want) || !slices.Equal(got.Ages, []time.Duration{0, time.Minute, time.Minute}) || !got.Succeeded.Equal(tn.clock()) {
		t.Errorf("after a minute: %+v", got)
	}
	tn.later(15 * time.Minute)
	if got := standing(); got.States[booking.Unknown] != 3 || got.Due != 3 {
		t.Errorf("after a quarter of an hour: %+v", got)
	}
	tn.round(t.Context(), r)
	got := standing()
	failed := []booking.Failure{{Host: "a.example.org", Kind: connectors.Unavailable, Count: 1}, {Host: "b.example.org", Kind: connectors.Unavailable, Count: 1}}
	if !reflect.DeepEqual(got.Failures, failed) || got.Readings != 5 || !slices.Equal(got.Ages, []time.Duration{0, 0, 16 * time.Minute}) {
		t.Errorf("what failed is as old as it was: %+v", got)
	}
	tn.list = tn.list[1:]
	if got := standing().Failures; !reflect.DeepEqual(got, failed[1:]) {
		t.Errorf("an agenda is gone: %+v", got)
	}
}

func TestAReadingUnderWayIsSaid(t *testing.T) {
	tn, r := newTown("a")
	tn.at(0, "https://a.example.org/")
	began, goOn := make(chan struct{}), make(chan struct{})
	tn.list[0].Diary = says(connectors.Reading{Basis: connectors.Busy})
	tn.list[0].Diary.(*script).read = func(connectors.Query) (connectors.Reading, error) {
		close(began)
		<-goOn
		tn.later(300 * time.Millisecond)
		return connectors.Reading{Basis: connectors.Busy}, nil
	}
	done := r.refresh(t.Context(), r.diary(tn.list[0]), tn.clock())
	<-began
	if got := r.Readings(tn.list)["ics"]; got.Reading != 1 || got.Due != 0 {
		t.Errorf("while it is read: %+v", got)
	}
	close(goOn)
	<-done
	if got := r.Readings(tn.list)["ics"]; got.Reading != 0 || !slices.Equal(got.Took, []time.Duration{300 * time.Millisecond}) {
		t.Errorf("when it was read: %+v", got)
	}
}

func TestHowLongReadingsTakeIsKeptOfTheLast(t *testing.T) {
	var r record
	of := connectors.Connection{Connector: "ics"}
	for i := range 3 * lastReadings {
		r.note(t.Context(), of, time.Duration(3*lastReadings-i), nil)
	}
	r.note(t.Context(), connectors.Connection{Connector: "caldav"}, time.Hour, nil)
	var got booking.Reading
	r.of("ics", &got)
	if got.Readings != 3*lastReadings || len(got.Took) != lastReadings || got.Took[0] != 1 || got.Took[lastReadings-1] != lastReadings {
		t.Errorf("%d kept of %d, from %d to %d", len(got.Took), got.Readings, got.Took[0], got.Took[len(got.Took)-1])
	}
}

func TestThatACallerLeftIsNoFailureOfAHost(t *testing.T) {
	var r record
	of := connectors.Connection{Connector: "ics", Address: "https://a.example.org/"}
	left, leave := context.WithCancel(t.Context())
	leave()
	r.note(left, of, time.Second, context.Canceled)
	late, end := context.WithTimeout(t.Context(), 0)
	defer end()
	<-late.Done()
	r.note(late, of, time.Second, late.Err())
	var got booking.Reading
	r.of("ics", &got)
	if want := []booking.Failure{{Host: "a.example.org", Kind: connectors.Unavailable, Count: 1}}; !reflect.DeepEqual(got.Failures, want) {
		t.Errorf("%+v", got.Failures)
	}
}

// What is read beside an agenda fails, and succeeds, for itself.
func TestADiaryBesideCountsForItsOwnHost(t *testing.T) {
	tn, r := newTown("a")
	defer r.Close()
	tn.at(0, "https://a.example.org/")
	tn.list[0].Connection.Beside = []connectors.Connection{{Connector: "caldav", Address: "https://B.example.org./x"}}
	tn.list[0].Beside = []connectors.Agenda{fails(connectors.RateLimited)}
	tn.round(t.Context(), r)
	got := r.Readings(tn.list)
	if got["ics"].Readings != 1 || len(got["ics"].Failures) > 0 {
		t.Errorf("the agenda itself: %+v", got["ics"])
	}
	if want := []booking.Failure{{Host: "b.example.org", Kind: connectors.RateLimited, Count: 1}}; !reflect.DeepEqual(got["caldav"].Failures, want) || got["caldav"].Agendas != 0 {
		t.Errorf("the one beside: %+v", got["caldav"])
	}
}

func TestFreeTimesThatAreKeptAreCounted(t *testing.T) {
	tn, r := newTown("a")
	defer r.Close()
	tn.at(0, "https://a.example.org/")
	tn.show(t.Context(), r, 0, false)
	if got := r.Readings(tn.list)["ics"].FreeTimes; got != 1 {
		t.Errorf("%d free times are kept", got)
	}
	r.forget("a")
	if got := r.Readings(tn.list)["ics"].FreeTimes; got != 0 {
		t.Errorf("%d free times are kept of what the ledger has changed", got)
	}
}

// What a scrape asks of the agendas of a country.
func BenchmarkReadings(b *testing.B) {
	var names []string
	for i := range 4000 {
		names = append(names, fmt.Sprint("agenda-", i))
	}
	tn, r := newTown(names...)
	defer r.Close()
	for i := range tn.list {
		tn.at(i, fmt.Sprintf("https://agenda-%d.example.org/a.ics", i))
	}
	tn.round(b.Context(), r)
	for b.Loop() {
		r.Readings(tn.list)
	}
}
