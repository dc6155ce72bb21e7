package ledger

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/booking"
)

func TestAnEveningIsTakenByOneAndEndsOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, l *Ledger) {
		old, place := &booking.Place{ID: "ancien"}, &booking.Place{ID: "lieu", Aliases: []string{"ancien"}}
		keep := func(p *booking.Place, address string) {
			t.Helper()
			if err := l.KeepEvening(t.Context(), p, address, "compte"); err != nil {
				t.Fatal(err)
			}
		}
		take := func(day string) bool {
			t.Helper()
			mine, err := l.TakeEvening(t.Context(), "lieu", day, l.now().Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			return mine
		}
		if take("2026-11-24") {
			t.Error("an evening that nobody wants is taken")
		}
		keep(old, "ancienne@exemple.fr")
		if err := l.EndEvening(t.Context(), "ancien", "2026-11-24", true); err != nil {
			t.Fatal(err)
		}
		keep(place, "accueil@exemple.fr")
		if all, err := l.Evenings(t.Context()); err != nil || len(all) != 1 || all[0] != (booking.Evening{Place: "lieu", Address: "accueil@exemple.fr", Told: "2026-11-24"}) {
			t.Errorf("%+v, %v", all, err)
		}
		if take("2026-11-24") {
			t.Error("what was told under the id that it had is told again")
		}
		var all sync.WaitGroup
		var taken atomic.Int64
		for range 8 {
			all.Go(func() {
				if mine, err := l.TakeEvening(t.Context(), "lieu", "2026-11-25", l.now().Add(time.Minute)); err != nil {
					t.Error(err)
				} else if mine {
					taken.Add(1)
				}
			})
		}
		all.Wait()
		if taken.Load() != 1 {
			t.Errorf("%d have taken one evening", taken.Load())
		}
		if err := l.EndEvening(t.Context(), "lieu", "2026-11-25", true); err != nil {
			t.Fatal(err)
		}
		keep(place, "")
		if e, err := l.Evening(t.Context(), place); err != nil || e.Untold || e.Address != "" || e.Told != "2026-11-25" {
			t.Errorf("%+v, %v", e, err)
		}
		if all, err := l.Evenings(t.Context()); err != nil || len(all) != 0 {
			t.Errorf("wanted no more: %+v, %v", all, err)
		}
		keep(place, "accueil@exemple.fr")
		if take("2026-11-25") || !take("2026-11-26") {
			t.Error("what was told is told again, or what was not is not")
		}
		if e, err := l.Evening(t.Context(), place); err != nil || !e.Untold {
			t.Errorf("what is being tried has gone: %+v, %v", e, err)
		}
		if err := l.EndEvening(t.Context(), "lieu", "2026-11-26", false); err != nil {
			t.Fatal(err)
		}
		if e, err := l.Evening(t.Context(), place); err != nil || !e.Untold || e.Told != "2026-11-26" {
			t.Errorf("what was given up has gone, or is not over: %+v, %v", e, err)
		}
		var clear int
		if _, err := l.read.first(t.Context(), []any{&clear}, "SELECT count(*) FROM evenings WHERE CAST(sealed AS TEXT) LIKE '%exemple%'"); err != nil || clear != 0 {
			t.Errorf("%d addresses can be read off the disk, %v", clear, err)
		}
	})
}
