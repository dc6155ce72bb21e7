package booking_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// near is a search around Allex, where place d is, of all that the file has.
func near(w *world, t *testing.T) booking.SlotResults {
	t.Helper()
	got, err := w.SearchSlots(t.Context(), booking.SlotSearch{
		PlaceFilter: booking.PlaceFilter{Near: &booking.Point{Latitude: 44.7600, Longitude: 4.9500}, RadiusKM: 60}, PerPlace: 20, Page: 1, Size: 10,
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// ids are those of a search around Allex, in its order.
func (w *world) ids(t *testing.T, order booking.Order, before *booking.Bound) (ids string, r booking.SlotResults) {
	t.Helper()
	r, err := w.SearchSlots(t.Context(), booking.SlotSearch{
		PlaceFilter: booking.PlaceFilter{Near: &booking.Point{Latitude: 44.7600, Longitude: 4.9500}, RadiusKM: 60},
		Order:       order, Before: before, PerPlace: 3, Page: 1, Size: 10,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range r.Items {
		ids += x.Place.ID
	}
	return ids, r
}

// d and e lie within 5 km, d nearer; a within 15, c within 30, b beyond. Only d, a and b have slots, all on Monday at nine.
func TestWhatComesFirstIsAsAsked(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*booking.Connection) // of the agenda of a and b
		want   map[booking.Order]string
	}{
		"all begin together": {func(*booking.Connection) {}, map[booking.Order]string{
			booking.ByRings: "deacb", booking.ByDate: "dabce", booking.ByDistance: "deacb", "": "deacb",
		}},
		"the farthest has the next slot": {func(c *booking.Connection) { c.Places, c.Hours = []string{"b"}, "Su 15:00-16:00" }, map[booking.Order]string{
			booking.ByRings: "deacb", booking.ByDate: "bdcae", booking.ByDistance: "deacb",
		}},
		"both can be called": {func(c *booking.Connection) { c.Motifs[0].Modality = booking.ByPhone }, map[booking.Order]string{
			booking.ByRings: "dabec", booking.ByDate: "dabce", booking.ByDistance: "abdec",
		}},
		"a is called later": {func(c *booking.Connection) {
			c.Places, c.Motifs[0].Modality, c.Motifs[0].Notice = []string{"a"}, booking.ByPhone, 48*time.Hour
		}, map[booking.Order]string{
			booking.ByRings: "daecb", booking.ByDate: "dacbe", booking.ByDistance: "adecb",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(t, "shared", c.change)
			for order, want := range c.want {
				if got, _ := w.ids(t, order, nil); got != want {
					t.Errorf("%q: %q, want %q", order, got, want)
				}
			}
		})
	}
}

func TestOnlyPlacesThatAreFreeSoonEnough(t *testing.T) {
	w := newWorld(t)
	w.put(t, "shared", func(c *booking.Connection) { c.Motifs[0].Notice = 48 * time.Hour }) // a and b: from Wednesday on
	wednesday := time.Date(2026, 11, 25, 9, 0, 0, 0, paris)
	for name, c := range map[string]struct {
		before booking.Bound
		want   string
	}{
		"a day of the place":             {booking.Bound{At: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), Day: true}, "d"},
		"the first slots, not included":  {booking.Bound{At: wednesday}, "d"},
		"a second later":                 {booking.Bound{At: wednesday.Add(time.Second)}, "dab"},
		"all that the search looks at":   {booking.Bound{At: sunday.Add(booking.DefaultWindow)}, "dab"},
		"before anybody opens":           {booking.Bound{At: sunday.Add(time.Hour)}, ""},
		"midnight of the day that opens": {booking.Bound{At: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Day: true}, ""},
	} {
		got, r := w.ids(t, booking.ByRings, &c.before)
		if got != c.want || r.Total != len(c.want) || r.States[booking.Fresh] != len(c.want) || r.States[booking.NoAgenda] > 0 {
			t.Errorf("%s: %q, %d in all, %v; want %q", name, got, r.Total, r.States, c.want)
		}
	}
	w.feed.Store("") // d's agenda, and the one beside a's and b's, do not answer any more
	w.now.Add(3600)
	if got, r := w.ids(t, booking.ByRings, &booking.Bound{At: wednesday.AddDate(0, 0, 2)}); got != "d" || r.Total != 1 {
		t.Errorf("with an agenda that is not known: %q, %d in all", got, r.Total) // d has others
	}
}

// Two agendas of a place may have a motif of one name for different services: who comes for one is not given the other's slots.
func TestASlotIsForTheServiceThatWasAskedFor(t *testing.T) {
	w := newWorld(t)
	of := map[string]string{"asked": "Loisirs et créations numériques", "sent": "Insertion professionnelle via le numérique"}
	for agenda, label := range of {
		w.put(t, agenda, func(c *booking.Connection) { c.Motifs[0].ID, c.Motifs[0].Services = "aide", []string{label} })
	}
	for agenda, label := range of {
		r, err := w.SearchSlots(t.Context(), booking.SlotSearch{PlaceFilter: booking.PlaceFilter{IDs: []string{"d"}, Services: []string{label}}, PerPlace: 20, Page: 1, Size: 1})
		if err != nil {
			t.Fatal(err)
		}
		shown := make(map[string]int)
		for _, x := range r.Items[0].Slots {
			if x.Motif.ID == "aide" {
				shown[x.Agenda]++
			}
		}
		if len(shown) != 1 || shown[agenda] == 0 {
			t.Errorf("slots for %s are of %v", label, shown)
		}
	}
}

// Nor is a slot that is taken booked in the other agenda, or said to be free for it.
func TestAnotherAgendasMotifOfTheNameIsNotBookedInstead(t *testing.T) {
	for _, same := range []bool{false, true} {
		w := newWorld(t)
		for agenda, label := range map[string]string{"asked": "Loisirs et créations numériques", "sent": "Insertion professionnelle via le numérique"} {
			w.put(t, agenda, func(c *booking.Connection) {
				c.Motifs = []booking.Motif{c.Motifs[0]}
				c.Motifs[0].ID = "aide"
				if !same {
					c.Motifs[0].Services = []string{label}
				}
			})
		}
		var id string
		for _, x := range w.offer(t, "d").Slots {
			if x.Motif.ID == "aide" && x.Seats == 2 {
				id = x.ID()
				break
			}
		}
		if _, err := w.Hold(t.Context(), call("k1"), id); err != nil {
			t.Fatal(err)
		}
		_, err := w.Hold(t.Context(), call("k2"), id)
		if taken := connectors.KindOf(err) == connectors.SlotTaken; taken == same || err != nil && !taken {
			t.Errorf("for the same services %t: %v", same, err)
		}
	}
}

func motifsOf(r booking.SlotResults, place string) string {
	var ids []string
	for _, x := range r.Items {
		if x.Place.ID != place {
			continue
		}
		for _, s := range x.Slots {
			if n := len(ids); n == 0 || ids[n-1] != s.Motif.ID {
				ids = append(ids, s.Motif.ID)
			}
		}
	}
	return strings.Join(ids, " ")
}

// A place is shown with all of its agendas, whichever of them somebody else was shown a moment ago.
func TestAPlaceIsShownWithAllOfItsAgendas(t *testing.T) {
	w := newWorld(t)
	cold := motifsOf(near(w, t), "d")
	alone, err := newWorld(t).Place(t.Context(), "d")
	if err != nil {
		t.Fatal(err)
	}
	for _, agenda := range []string{"asked", "sent", "diary"} {
		warm := newWorld(t)
		a, _ := warm.set.ByID(agenda)
		read := func() {
			warm.reader.Of(t.Context(), booking.AvailabilityQuery{
				Agenda: a, Place: warm.Directory.Places("d")[0], Motifs: a.Motifs, Window: interval.Of(sunday, sunday.AddDate(0, 0, 14)),
			})
		}
		read()
		if got, err := warm.Place(t.Context(), "d"); err != nil || got.Slots[0].Motif.ID != alone.Slots[0].Motif.ID {
			t.Errorf("once %s is known the first slot is of %q, %v; want %q", agenda, got.Slots[0].Motif.ID, err, alone.Slots[0].Motif.ID)
		}
		warm = newWorld(t)
		a, _ = warm.set.ByID(agenda)
		read()
		if got := motifsOf(near(warm, t), "d"); got != cold || strings.Count(got, " ") < 3 {
			t.Errorf("once %s is known the place has %q, and %q where nothing was", agenda, got, cold)
		}
	}
}

// An agenda that does not answer takes nothing from the others: what is shown of them is as fresh as it can be had.
func TestAnAgendaThatHangsLeavesTheOthersFresh(t *testing.T) {
	w := newWorld(t)
	hanging := make(chan struct{})
	t.Cleanup(func() { close(hanging) })
	near(w, t)
	w.now.Add(int64((2 * time.Minute).Seconds()))
	w.feed.Store(calendar("09:00", "12:00"))
	w.extra.mu.Lock()
	w.extra.hangs = hanging
	w.extra.mu.Unlock()
	w.put(t, "sent", func(c *booking.Connection) { c.Places = []string{"e"} }) // opened again: nothing is known of it
	got := near(w, t)
	for _, x := range got.Items {
		if x.Place.ID == "a" && (x.State != booking.Fresh || len(x.Slots) > 0 && x.Slots[0].StartTime().Day() == 23) {
			t.Errorf("a is %s, and free on %v", x.State, x.Slots[0].StartTime())
		}
		if x.Place.ID == "e" && x.State != booking.Unknown {
			t.Errorf("e, whose agenda hangs, is %s", x.State)
		}
	}
}

// Whoever can be helped by telephone is near, also where somebody may come sooner.
func TestAPlaceThatHelpsByTelephoneIsNear(t *testing.T) {
	w := newWorld(t)
	far := func(modality booking.Modality) (rank int) {
		w.put(t, "shared", func(c *booking.Connection) {
			c.Motifs = []booking.Motif{
				{ID: "venir", Label: "Venir"}, {ID: "appel", Label: "Appel", Modality: modality, Notice: 48 * time.Hour},
			}
		})
		for i, x := range near(w, t).Items {
			if x.Place.ID == "b" { // beyond 30 km
				rank = i
			}
		}
		return rank
	}
	if called, came := far(booking.ByPhone), far(booking.OnSite); called >= came {
		t.Errorf("it is number %d with a telephone, and %d without", called, came)
	}
}

// What a search has ranked is not kept fresh for that; what it has shown is.
func TestWhatIsShownIsKeptFresh(t *testing.T) {
	w := newWorld(t)
	seen := shown{w.Service.Availability, new(sync.Map)}
	w.Availability = seen
	got, err := w.SearchSlots(t.Context(), booking.SlotSearch{PlaceFilter: booking.PlaceFilter{IDs: []string{"a", "d"}}, PerPlace: 1, Page: 1, Size: 1})
	if err != nil || len(got.Items) != 1 {
		t.Fatal(got, err)
	}
	for agenda, want := range map[string]bool{"shared": true, "sent": false, "asked": false, "diary": false} {
		if _, got := seen.agendas.Load(agenda); got != want {
			t.Errorf("%s was shown: %t, want %t", agenda, got, want)
		}
	}
}

// shown notes the agendas that are asked for to be shown.
type shown struct {
	booking.Availability
	agendas *sync.Map
}

func (s shown) Of(ctx context.Context, q booking.AvailabilityQuery) booking.Availabilities {
	if q.Shown {
		s.agendas.Store(q.Agenda.Agenda, true)
	}
	return s.Availability.Of(ctx, q)
}
