package availability

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// Whatever was asked before, and however much later, the first slots are those that are cut anew.
func TestTheFirstSlotsAreThoseThatAreCut(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	kept := 0
	for range 300 {
		start := time.Date(2026, 10, 24, random.IntN(24), random.IntN(60), 0, 0, time.UTC) // clocks go back that night
		f := &free{}
		for day := range 70 {
			for _, hour := range []int{8, 13} {
				if random.IntN(3) > 0 {
					at := start.Truncate(24*time.Hour).AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour)
					f.open = append(f.open, interval.Of(at, at.Add(time.Duration(1+random.IntN(4))*time.Hour)))
				}
				if random.IntN(4) == 0 {
					at := start.AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour)
					f.taken = append(f.taken, interval.Of(at, at.Add(90*time.Minute)))
				}
			}
		}
		f.taken = interval.Union(f.taken)
		var motifs []booking.Motif
		for _, id := range []string{"a", "b"} {
			motifs = append(motifs, booking.Motif{
				ID: id, Duration: time.Duration(20+random.IntN(60)) * time.Minute, HorizonDays: 1 + random.IntN(60),
				Notice: time.Duration(random.IntN(3)) * 90 * time.Minute,
			}.Complete())
		}
		for now := start; now.Before(start.AddDate(0, 0, 5)); now = now.Add(time.Duration(random.IntN(7200)) * time.Second) {
			q := booking.AvailabilityQuery{
				Agenda: &booking.Agenda{}, Place: &booking.Place{}, Limit: random.IntN(6),
				Window: interval.Of(now.Add(-time.Duration(random.IntN(2))*time.Hour), now.Add(time.Duration(1+random.IntN(400))*time.Hour)),
			}
			if random.IntN(8) == 0 {
				q.Window.Start += int64(random.IntN(48)) * 3600
			}
			m := &motifs[random.IntN(2)]
			before := f.heads.Load()
			got, why := f.first(q, m, now)
			if f.heads.Load() == before && len(got) > 0 && q.Limit > 0 {
				kept++
			}
			want, reason := f.cut(q, m, now)
			if !slices.EqualFunc(got, want, func(a, b booking.Slot) bool { return reflect.DeepEqual(a, b) }) || len(want) == 0 && why != reason {
				t.Fatalf("at %s of %s until %s, %d of %+v: %v %s, want %v %s", now, q.Window.StartTime(), q.Window.EndTime(), q.Limit, *m, got, why, want, reason)
			}
		}
	}
	if kept < 1000 {
		t.Errorf("%d answers were from what was kept", kept)
	}
}

// Several motifs of an agenda are kept beside each other, and nobody's list is another's to write on.
func TestFirstSlotsAreNotWrittenOn(t *testing.T) {
	f := &free{open: []interval.Interval{interval.Of(monday.Add(9*time.Hour), monday.Add(12*time.Hour))}}
	now := monday
	q := booking.AvailabilityQuery{Agenda: &booking.Agenda{}, Place: &booking.Place{}, Limit: 3, Window: interval.Of(now, now.AddDate(0, 0, 7))}
	a, b := booking.Motif{ID: "a"}.Complete(), booking.Motif{ID: "b"}.Complete()
	all, _ := f.first(q, &a, now)
	q.Limit = 2
	first, _ := f.first(q, &a, now)
	_ = append(first, booking.Slot{Seats: 99})
	other, _ := f.first(q, &b, now)
	again, _ := f.first(q, &a, now)
	if len(other) != 2 || len(again) != 2 || again[0].Motif.ID != "a" || &again[0] != &all[0] || f.heads.Load().next == nil || f.heads.Load().next.next != nil {
		t.Errorf("%v %v", again, other)
	}
	if len(all) != 3 || all[2].Seats != 1 {
		t.Errorf("%v", all)
	}
}

// The signer of a motif is kept, and each motif has its own.
func TestSlotsOfSeveralMotifsAreSignedEachAsItsOwn(t *testing.T) {
	signer, err := booking.NewSlotSigner(bytes.Repeat([]byte("clé "), 8))
	if err != nil {
		t.Fatal(err)
	}
	f := &free{signer: signer, open: []interval.Interval{interval.Of(monday.Add(9*time.Hour), monday.Add(12*time.Hour))}}
	q := booking.AvailabilityQuery{Agenda: &booking.Agenda{}, Place: &booking.Place{ID: "lieu"}, Window: interval.Of(monday, monday.AddDate(0, 0, 7))}
	for _, id := range []string{"a", "b", "a", "c", "b"} {
		m := booking.Motif{ID: id}.Complete()
		slots, _ := f.cut(q, &m, monday)
		if len(slots) != 3 {
			t.Fatalf("%d slots of %s", len(slots), id)
		}
		for _, x := range slots {
			if ref, err := signer.Ref(x.ID()); err != nil || ref != x.Ref() || ref.Motif != id {
				t.Errorf("of %s: %+v, %v", id, ref, err)
			}
		}
	}
	kept := 0
	for s := f.motifs.Load(); s != nil; s = s.next {
		kept++
	}
	if kept != 3 {
		t.Errorf("%d signers are kept of three motifs", kept)
	}
}
