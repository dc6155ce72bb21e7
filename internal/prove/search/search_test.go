package search

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/internal/prove"
)

// ask makes up a question that has an answer.
func ask(r *rand.Rand, all town) booking.SlotSearch {
	q := booking.SlotSearch{PerPlace: 1 + r.IntN(5), Page: 1 + r.IntN(3), Size: 1 + r.IntN(30)}
	one := func() *plainPlace { return all[r.IntN(len(all))] }
	switch r.IntN(5) {
	case 0, 1, 2:
		near := *one().Point
		if r.IntN(3) > 0 {
			near.Latitude += r.Float64() - 0.5
		}
		q.Near, q.RadiusKM = &near, []float64{0.5, 5, 15, 30, 60, 200}[r.IntN(6)]
		q.Order = []booking.Order{"", booking.ByRings, booking.ByDate, booking.ByDistance}[r.IntN(4)]
		if r.IntN(4) == 0 { // others are as near
			q.PostalCode = []string{one().PostalCode}
		}
	case 3:
		q.PostalCode = []string{one().PostalCode, "26150"}[:1+r.IntN(2)]
	case 4:
		q.Department = []string{one().Department()}
	}
	if r.IntN(2) == 0 {
		q.Services = []string{services[r.IntN(len(services))]}
	}
	if r.IntN(4) == 0 {
		q.Fees = []string{"Gratuit"}
	}
	day := func(from, to int) int { return from + r.IntN(to-from) }
	on := func(n int) *booking.Bound {
		at := time.Date(2026, 11, 22+n, 0, 0, 0, 0, time.UTC)
		if r.IntN(2) == 0 {
			return &booking.Bound{At: at, Day: true}
		}
		return &booking.Bound{At: at.Add(time.Duration(r.IntN(12)) * time.Hour)} // by the day that follows it is over everywhere
	}
	first, last := 0, 13
	if r.IntN(2) == 0 {
		first = day(1, 40)
		q.From, last = on(first), first+13
	}
	if r.IntN(2) == 0 {
		last = day(first+3, first+20)
		q.To = on(last)
		last--
	}
	if r.IntN(2) == 0 {
		q.Before = on(day(first+1, last))
	}
	return q
}

// written is a question as it can be read.
func written(q booking.SlotSearch) string {
	s := fmt.Sprintf("%s %v %v %v %v page %d of %d, %d each", q.Order, q.PostalCode, q.Department, q.Services, q.Fees, q.Page, q.Size, q.PerPlace)
	if q.Near != nil {
		s += fmt.Sprintf(", %g km around %v", q.RadiusKM, *q.Near)
	}
	for i, b := range []*booking.Bound{q.From, q.To, q.Before} {
		if b != nil {
			s += fmt.Sprintf(", %s %s (day: %t)", []string{"from", "to", "before"}[i], b.At.Format(time.RFC3339), b.Day)
		}
	}
	return s
}

// answered is an answer of the Service, a line a place.
func answered(got booking.SlotResults) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d in all, %v\n", got.Total, got.States)
	for _, x := range got.Items {
		fmt.Fprintf(&b, "%s %s", x.Place.ID, x.State)
		if x.DistanceKM != nil {
			fmt.Fprintf(&b, " %.6f", *x.DistanceKM)
		}
		for _, s := range x.Slots {
			fmt.Fprintf(&b, " %s+%s×%d", s.StartTime().Format("0102T1504"), s.Motif.ID, s.Seats)
		}
		b.WriteByte('\n')
	}
	if n := got.Nearest; n != nil {
		fmt.Fprintf(&b, "nearest %s %.6f %s\n", n.Place.ID, n.DistanceKM, n.First.StartTime().Format("0102T1504"))
	}
	return b.String()
}

// answer is the loop's, written likewise.
func (all town) answer(q booking.SlotSearch) string {
	var b strings.Builder
	ranked, nearest := all.search(q)
	states := make(map[booking.State]int)
	for _, r := range ranked {
		states[r.state]++
	}
	fmt.Fprintf(&b, "%d in all, %v\n", len(ranked), states)
	from := min((q.Page-1)*q.Size, len(ranked))
	for _, r := range ranked[from:min(from+q.Size, len(ranked))] {
		fmt.Fprintf(&b, "%s %s", r.ID, r.state)
		if q.Near != nil {
			fmt.Fprintf(&b, " %.6f", r.km)
		}
		for _, s := range r.slots[:min(q.PerPlace, len(r.slots))] {
			fmt.Fprintf(&b, " %s+%s×%d", time.Unix(s.start, 0).UTC().Format("0102T1504"), s.motif, s.seats)
		}
		b.WriteByte('\n')
	}
	if nearest != nil {
		fmt.Fprintf(&b, "nearest %s %.6f %s\n", nearest.ID, nearest.km, time.Unix(nearest.first(), 0).UTC().Format("0102T1504"))
	}
	return b.String()
}

// Ids, order, totals, states and slots are those of a loop over all places.
func TestASearchIsWhatLookingAtEveryPlaceWouldSay(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("PASSERELLE_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("PASSERELLE_SEED=%d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	s, all := newTown(t, r)
	some, none, elsewhere, stale, unknown := 0, 0, 0, 0, 0
	for i := range prove.Size(500, 10_000) {
		q := ask(r, all)
		got, err := s.SearchSlots(t.Context(), q)
		if err != nil {
			t.Fatalf("question %d, %s: %v", i, written(q), err)
		}
		if got, want := answered(got), all.answer(q); got != want {
			t.Fatalf("question %d, %s:\n%swant\n%s", i, written(q), got, want)
		}
		if got.Total > 0 {
			some++
		} else {
			none++
		}
		if got.Nearest != nil {
			elsewhere++
		}
		stale, unknown = stale+got.States[booking.Stale], unknown+got.States[booking.Unknown]
	}
	t.Logf("%d questions found places, %d none, %d one elsewhere; %d times a place was known by an old reading, %d times not at all", some, none, elsewhere, stale, unknown)
	if some < 100 || none < 10 || elsewhere < 10 || stale < 100 || unknown < 100 {
		t.Error("too little was asked")
	}
}
