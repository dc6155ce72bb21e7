package booking

import (
	"fmt"
	"sync"
	"testing"
)

// What is kept of a place is its own, asked for once, and forgotten when another reading of the directory comes.
func TestWhatIsKeptOfAPlace(t *testing.T) {
	var table ByPlace[string]
	worked := 0
	of := func(p *Place) string {
		return *table.Of(p, func() *string { worked++; return &p.ID })
	}
	reading := func(name string, n int) (all []*Place) {
		for i := 1; i <= n; i++ {
			all = append(all, &Place{ID: fmt.Sprint(name, i), Number: i})
		}
		return all
	}
	first, second := reading("a", 50), reading("b", 80)
	for _, c := range []struct {
		places []*Place
		worked int
	}{{first, 50}, {first, 0}, {second, 80}, {second, 0}, {[]*Place{{ID: "x"}, {ID: "y"}}, 2}, {[]*Place{{ID: "x"}}, 1}, {first[:1], 1}} {
		worked = 0
		for _, p := range c.places {
			if got := of(p); got != p.ID {
				t.Errorf("%s is said to be %s", p.ID, got)
			}
		}
		if worked != c.worked {
			t.Errorf("%d were worked out, want %d", worked, c.worked)
		}
	}
	if kept := len(*table.rows.Load()); kept > 80 {
		t.Errorf("%d rows for another reading", kept)
	}
}

// While the directory is read again, some still look at the places of before: each is told of its own.
func TestTwoReadingsAtOnce(t *testing.T) {
	var table ByPlace[string]
	var all sync.WaitGroup
	for _, name := range []string{"a", "b", "c"} {
		places := make([]Place, 300)
		for i := range places {
			places[i] = Place{ID: fmt.Sprint(name, i), Number: i + 1}
		}
		all.Go(func() {
			for range 100 {
				for i := range places {
					p := &places[i]
					if got := *table.Of(p, func() *string { return &p.ID }); got != p.ID {
						t.Errorf("%s is said to be %s", p.ID, got)
						return
					}
				}
			}
		})
	}
	all.Wait()
}
