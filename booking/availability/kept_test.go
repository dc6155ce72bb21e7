package availability

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

const ourReference = "0123456789abcdef0123456789abcdef"

// keepable is an agenda with another beside it, and all that a reading of them may say.
func keepable() (*booking.Agenda, reading) {
	a := &booking.Agenda{Connection: booking.Connection{
		Agenda: "agenda", Version: 3, Connection: connectors.Connection{Connector: "caldav", Address: "https://a.example/", Zone: paris, Settings: []byte(`{"mot_de_passe":"s3cret"}`)},
		Beside: []connectors.Connection{{Connector: "ics", Address: "https://b.example/"}}, Motifs: []booking.Motif{booking.Motif{Upstream: "m1"}.Complete()},
	}}
	return a, reading{
		at: monday.UTC(), sourceAt: monday.Add(-time.Hour).UTC(), window: window(horizon(a), monday),
		said: &said{
			window: window(horizon(a), monday),
			main: connectors.Reading{
				Basis: connectors.Slots, Version: "v1", SourceAt: monday.Add(-time.Hour).UTC(),
				Busy: []interval.Interval{span(24, "9:00", "10:00"), span(23, "9:00", "10:00")}, Open: []interval.Interval{span(25, "9:00", "12:00")},
				Stops: []connectors.Stop{{Interval: span(25, "9:00", "12:00"), Place: "lieu"}},
				Slots: []connectors.Slot{{Interval: span(25, "9:00", "10:00"), Motif: "m1", Seats: 3}},
				Own:   []connectors.Own{{Interval: span(26, "9:00", "10:00"), Reference: ourReference}},
				Doubt: []connectors.Doubt{{Interval: interval.Interval{Start: -1 << 62, End: 1 << 62}}},
			},
			beside: []connectors.Reading{{Basis: connectors.Busy, Busy: []interval.Interval{span(27, "9:00", "9:01")}}},
		},
	}
}

func kept(t testing.TB, a *booking.Agenda, got reading) []byte {
	t.Helper()
	b, err := encode(nil, labelOf(a, "build"), got)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAKeptReadingIsTheReading(t *testing.T) {
	a, want := keepable()
	got, err := decode(kept(t, a, want), labelOf(a, "build"), len(a.Connection.Beside))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v of %+v, %v\nwant %+v of %+v", got, got.said, err, want, want.said)
	}
	if got, err = decode(kept(t, a, want), labelOf(a, "another build"), len(a.Connection.Beside)); err != nil || got.said.main.Version != "" {
		t.Errorf("what another build has understood has the version %q, %v", got.said.main.Version, err)
	}
}

// Whatever somebody writes into a calendar does not get into what is kept; no time gets free by that.
func TestOtherPeoplesWordsAreNotKept(t *testing.T) {
	a, r := keepable()
	r.said.main.Own = []connectors.Own{{Interval: span(26, "9:00", "10:00"), Reference: "Durand", Version: "Durand"}, {Reference: ourReference, Interval: span(26, "11:00", "12:00"), Version: "Durand"}}
	r.said.main.Slots[0].Upstream, r.said.main.Doubt[0].Reason = "Durand", "Durand"
	before := len(r.said.main.Busy)
	b := kept(t, a, r)
	for _, word := range []string{"Durand", "s3cret", "example"} {
		if strings.Contains(string(b), word) {
			t.Errorf("%q is in it", word)
		}
	}
	got, err := decode(b, labelOf(a, "build"), len(a.Connection.Beside))
	if err != nil {
		t.Fatal(err)
	}
	m := got.said.main
	if len(m.Busy) != before+1 || m.Busy[before] != span(26, "9:00", "10:00") || len(m.Own) != 1 || m.Own[0].Reference != ourReference {
		t.Errorf("busy %v, ours %v", m.Busy, m.Own)
	}
}

func TestWhatIsNoReadingOfTheConnectionIsRefused(t *testing.T) {
	a, r := keepable()
	b := kept(t, a, r)
	for name, change := range map[string]func(*booking.Agenda){
		"version":  func(a *booking.Agenda) { a.Version++ },
		"address":  func(a *booking.Agenda) { a.Address = "https://c.example/" },
		"settings": func(a *booking.Agenda) { a.Settings = nil },
		"zone":     func(a *booking.Agenda) { a.Zone = time.UTC },
		"beside":   func(a *booking.Agenda) { a.Connection.Beside = nil },
		"motifs":   func(a *booking.Agenda) { a.Motifs = nil },
		"agenda":   func(a *booking.Agenda) { a.Agenda = "another" },
	} {
		other := *a
		change(&other)
		if _, err := decode(b, labelOf(&other, "build"), len(a.Connection.Beside)); !errors.Is(err, errOther) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	for n := range b { // cut short anywhere
		if _, err := decode(b[:n], labelOf(a, "build"), len(a.Connection.Beside)); err == nil {
			t.Errorf("%d of %d bytes are a reading", n, len(b))
		}
	}
	next := append([]byte{keptFormat + 1}, b[1:]...)
	for name, bytes := range map[string][]byte{"longer": append(b[:len(b):len(b)], 0), "another format": next, "too long": make([]byte, mostKept+1)} {
		if _, err := decode(bytes, labelOf(a, "build"), len(a.Connection.Beside)); !errors.Is(err, errDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.said.main.Busy = make([]interval.Interval, mostKept)
	if _, err := encode(nil, labelOf(a, "build"), r); !errors.Is(err, errNotKept) {
		t.Errorf("too many events: %v", err)
	}
}

// ordinary is the diary of an adviser for sixty days: three to five appointments a day, of an odd length now and then.
func ordinary(seed uint64) connectors.Reading {
	random := rand.New(rand.NewPCG(seed, 1))
	r := connectors.Reading{Basis: connectors.Busy, Version: strings.Repeat("f", 32), SourceAt: monday}
	for day := range 60 {
		at := time.Date(2026, 11, 23+day, 9, 0, 0, 0, paris)
		if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
			continue
		}
		for range 3 + random.IntN(3) {
			end := at.Add(time.Duration(30+15*random.IntN(4)) * time.Minute)
			r.Busy = append(r.Busy, interval.Of(at, end))
			at = end.Add(time.Duration(5+5*random.IntN(6)) * time.Minute)
		}
	}
	return r
}

// mostOrdinary is what an agenda with sixty days of ordinary appointments may take, in memory and as bytes.
const mostOrdinary = 4 << 10

func TestAnOrdinaryAgendaIsSmall(t *testing.T) {
	const agendas = 500
	a, r := keepable()
	a.Connection.Beside = nil
	var readings [agendas]reading
	var before, after runtime.MemStats
	encoded := make([][]byte, agendas)
	for i := range encoded {
		r.said = &said{window: window(horizon(a), monday), main: ordinary(uint64(i))}
		encoded[i] = kept(t, a, r)
		if len(encoded[i]) > mostOrdinary {
			t.Errorf("%d events are %d bytes", len(r.said.main.Busy), len(encoded[i]))
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i, b := range encoded {
		readings[i], _ = decode(b, labelOf(a, "build"), len(a.Connection.Beside))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := (int(after.HeapAlloc) - int(before.HeapAlloc)) / agendas
	t.Logf("%d events, %d bytes encoded, %d in memory", len(readings[0].said.main.Busy), len(encoded[0]), each)
	if each > mostOrdinary {
		t.Errorf("an agenda takes %d bytes, at most %d", each, mostOrdinary)
	}
	runtime.KeepAlive(&readings)
	runtime.KeepAlive(&encoded)
}

// Bytes that nobody wrote are refused, or are what they would be written as.
func FuzzKeptReading(f *testing.F) {
	a, r := keepable()
	whole := kept(f, a, r)
	head := whole[:1+16+8]
	f.Add(whole[len(head):])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := decode(append(head[:len(head):len(head)], b...), labelOf(a, "build"), len(a.Connection.Beside))
		if err != nil {
			return
		}
		written, err := encode(nil, labelOf(a, "build"), got)
		if err != nil {
			return // a text that is too long
		}
		again, err := decode(written, labelOf(a, "build"), len(a.Connection.Beside))
		if err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%+v became %+v, %v", got.said, again.said, err)
		}
	})
}

func BenchmarkKept(b *testing.B) {
	a, r := keepable()
	a.Connection.Beside, r.said.beside, r.said.main = nil, nil, ordinary(1)
	bytes := kept(b, a, r)
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			bytes, _ = encode(bytes[:0], labelOf(a, "build"), r)
		}
	})
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			if _, err := decode(bytes, labelOf(a, "build"), len(a.Connection.Beside)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
