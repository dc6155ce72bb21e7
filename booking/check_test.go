package booking_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// found is how slots stand, in a word each: "libre×2" where two seats are left.
func (w *world) found(t *testing.T, ids ...string) string {
	t.Helper()
	var out []string
	for _, c := range w.Check(t.Context(), ids) {
		text := string(c.Finding)
		if c.Seats > 1 {
			text += "×" + string(rune('0'+c.Seats))
		}
		free, known := c.Finding == booking.StillFree, !c.ObservedAt.IsZero()
		if free != (c.Seats > 0) || free && !known || known && !free && c.Finding != booking.NotFree {
			t.Errorf("%+v", c)
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

// What has happened since slots were shown is in the answer, though nothing of what was known has grown old.
func TestASlotIsCheckedPastWhatWasKnown(t *testing.T) {
	for name, c := range map[string]struct {
		since func(*testing.T, *world, string) // the id is that of the slot at nine
		want  string                           // of the slots at nine and ten
	}{
		"nothing": {func(*testing.T, *world, string) {}, "libre libre"},
		"somebody writes it into the agenda": {func(_ *testing.T, w *world, _ string) {
			w.diary.set(func(d *diary) { d.others = []interval.Interval{monday("09:00")} })
		}, "pris libre"},
		"it is booked here": {func(t *testing.T, w *world, id string) {
			if _, err := w.book(t, "k", id); err != nil {
				t.Fatal(err)
			}
		}, "pris libre"},
		"it is held": {func(t *testing.T, w *world, id string) {
			if _, err := w.Hold(t.Context(), call("k"), id); err != nil {
				t.Fatal(err)
			}
		}, "pris libre"},
		"the agenda does not answer": {func(_ *testing.T, w *world, _ string) { w.diary.set(func(d *diary) { d.silent = true }) }, "inconnu inconnu"},
		"nobody understands what is there": {func(_ *testing.T, w *world, _ string) {
			w.diary.set(func(d *diary) { d.doubt = []interval.Interval{monday("10:00")} })
		}, "libre inconnu"},
		"it begins": {func(_ *testing.T, w *world, _ string) { w.now.Store(monday("09:00").Start) }, "passe libre"},
		"the agenda serves it no more": {func(t *testing.T, w *world, _ string) {
			w.put(t, "diary", func(c *booking.Connection) { c.Places = []string{"b"} })
		}, "invalide invalide"},
		"it is too soon now": {func(t *testing.T, w *world, _ string) {
			w.motif(t, func(m *booking.Motif) { m.Notice = 21*time.Hour + time.Minute })
		}, "pris libre"},
		"it is longer now": {func(t *testing.T, w *world, _ string) {
			w.motif(t, func(m *booking.Motif) { m.Duration = 90 * time.Minute })
		}, "pris pris"},
		"it is called otherwise": {func(t *testing.T, w *world, _ string) { w.motif(t, func(m *booking.Motif) { m.ID = "autre" }) }, "pris pris"},
		"more may come": {func(t *testing.T, w *world, _ string) {
			w.motif(t, func(m *booking.Motif) { m.Group, m.Seats = true, 4 })
		}, "libre×4 libre×4"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			nine, ten := w.slot(t, "d", "journal", "09:00"), w.slot(t, "d", "journal", "10:00")
			c.since(t, w, nine)
			if got := w.found(t, nine, ten); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// motif changes what is booked in the diary.
func (w *world) motif(t *testing.T, change func(*booking.Motif)) {
	t.Helper()
	w.put(t, "diary", func(c *booking.Connection) {
		c.Motifs = slices.Clone(c.Motifs)
		change(&c.Motifs[0])
	})
}

// monday is the hour of a slot.
func monday(hm string) interval.Interval {
	at, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-23 "+hm, paris)
	if err != nil {
		panic(err)
	}
	return interval.Of(at, at.Add(time.Hour))
}

// An agenda that says nothing costs the slots of the others nothing; and what is no slot is said to be none.
func TestEachSlotHasItsOwnAnswer(t *testing.T) {
	w := newWorld(t)
	elsewhere, err := booking.NewSlotSigner([]byte(strings.Repeat("autre clé ", 4)))
	if err != nil {
		t.Fatal(err)
	}
	journal, sent, shared := w.slot(t, "d", "journal", "09:00"), w.slot(t, "d", "envoi", "09:00"), w.slot(t, "a", "", "09:00")
	ref, err := w.Slots.Ref(shared)
	if err != nil {
		t.Fatal(err)
	}
	foreign := elsewhere.ID(ref)
	w.diary.set(func(d *diary) { d.silent = true })
	got := w.found(t, shared, journal, "x", sent, shared[:len(shared)-2]+"AA", foreign, "", journal, shared)
	if want := "libre inconnu invalide libre invalide invalide invalide inconnu libre"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := w.Check(t.Context(), nil); len(got) != 0 {
		t.Errorf("of none: %v", got)
	}
	if got := w.Within(booking.Territory{Places: []string{"a"}}).Check(t.Context(), []string{shared, sent}); got[0].Finding != booking.StillFree || got[1].Finding != booking.NotASlot {
		t.Errorf("beyond a territory: %v", got)
	}
}

// However many slots are asked for, at however many places, an agenda is read once.
func TestAnAgendaIsReadOnceForAllItsSlots(t *testing.T) {
	w := newWorld(t)
	w.put(t, "diary", func(c *booking.Connection) { c.Places, c.Hours = []string{"d", "b"}, "Mo-Fr 08:00-18:00" })
	var ids []string
	for _, place := range []string{"d", "b"} {
		offer, err := w.SlotsOf(t.Context(), place, nil, nil, "journal")
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range offer.Slots[:50] {
			ids = append(ids, x.ID())
		}
	}
	w.diary.set(func(d *diary) { d.calls = nil })
	if got, want := w.found(t, ids...), strings.TrimSuffix(strings.Repeat("libre ", 100), " "); got != want {
		t.Errorf("%s", got)
	}
	w.diary.set(func(d *diary) {
		if len(d.calls) != 1 {
			t.Errorf("it was asked %q", d.calls)
		}
	})
}

// A start that two agendas offer is free while one of them has it; it is known to be taken once both were read.
func TestASlotBehindTwoAgendas(t *testing.T) {
	for name, c := range map[string]struct {
		calendar string // of the agenda that can be read
		want     string
	}{
		"the other has it":         {calendar("15:00", "16:00"), "libre"},
		"the other has it no more": {calendar("09:00", "10:00"), "inconnu"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.motif(t, func(m *booking.Motif) { *m = booking.Motif{} }) // the one that the agenda "asked" has too
			id := w.slot(t, "d", "accompagnement", "09:00")
			if got := w.found(t, id); got != "libre×2" {
				t.Fatalf("both: %s", got)
			}
			w.feed.Store(c.calendar)
			w.diary.set(func(d *diary) { d.silent = true })
			if got := w.found(t, id); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// One reading serves several places, each at its own hours: one that has none is not known, though the other is free.
func TestEachPlaceOfAnAgendaHasItsHours(t *testing.T) {
	w := newWorld(t)
	w.put(t, "diary", func(c *booking.Connection) { c.Places = []string{"d", "c"} })
	there := w.slot(t, "d", "journal", "09:00")
	ref, err := w.Slots.Ref(there)
	if err != nil {
		t.Fatal(err)
	}
	ref.Place = "c"
	elsewhere := w.Slots.ID(ref)
	for want, ids := range map[string][]string{"libre inconnu libre": {there, elsewhere, there}, "inconnu libre": {elsewhere, there}} {
		if got := w.found(t, ids...); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
