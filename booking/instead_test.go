package booking_test

import (
	"strings"
	"testing"
	"time"

	"passerelle/booking"
)

// instead is what there is instead of the slots of a place on a day; the agendas are as they were read before.
func (w *world) instead(t *testing.T, place, day, motif string) (later, nearest string) {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	from, to := &booking.Bound{At: at, Day: true}, &booking.Bound{At: at.AddDate(0, 0, 1), Day: true}
	o, err := w.SlotsOf(t.Context(), place, from, to, motif)
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.Instead(t.Context(), o, from, to, motif)
	if err != nil {
		t.Fatal(err)
	}
	return starts(got.Later), said(got.Nearest)
}

func starts(slots []booking.Slot) string {
	var out []string
	for _, x := range slots {
		out = append(out, x.StartTime().In(paris).Format("02 15h"))
	}
	return strings.Join(out, ", ")
}

func said(n *booking.Nearest) string {
	if n == nil {
		return ""
	}
	return n.Place.ID + " " + n.First.StartTime().In(paris).Format("02 15h")
}

// b, on a Sunday when only others are open: its own next slot is on Monday. a lies 28 km away, d 36.
func TestInsteadOfNothingThereIsLaterAndElsewhere(t *testing.T) {
	sundays := func(c *booking.Connection) { c.Hours = "Su 15:00-17:00" }
	sundayAtA := func(t *testing.T, w *world) {
		w.put(t, "asked", func(c *booking.Connection) { sundays(c); c.Places = []string{"a"} })
		w.put(t, "shared", func(c *booking.Connection) {
			other := c.Motifs[0]
			other.ID, other.Services = "loisirs", []string{"Loisirs et créations numériques"}
			c.Places, c.Motifs[0].Services, c.Motifs = []string{"b"}, []string{"Aide aux démarches administratives"}, append(c.Motifs, other)
		})
	}
	for name, c := range map[string]struct {
		change         func(*testing.T, *world)
		day, motif     string
		later, nearest string
	}{
		"nobody is open":  {func(*testing.T, *world) {}, "2026-11-22", "", "23 09h", ""},
		"another is open": {func(t *testing.T, w *world) { w.put(t, "asked", sundays) }, "2026-11-22", "", "23 09h", "d 22 15h"},
		"the nearer of two": {func(t *testing.T, w *world) {
			w.put(t, "asked", sundays)
			w.put(t, "desk", func(c *booking.Connection) {
				c.Places, c.Connector, c.Address, c.Hours = []string{"c"}, "native", "", "Su 16:00-17:00"
			})
		}, "2026-11-22", "", "23 09h", "c 22 16h"},
		"another is shown, and takes no booking": {func(t *testing.T, w *world) {
			w.put(t, "asked", func(c *booking.Connection) { sundays(c); c.Paused = true })
		}, "2026-11-22", "", "23 09h", ""},
		"another is open, for something else": {func(t *testing.T, w *world) {
			w.put(t, "asked", func(c *booking.Connection) {
				sundays(c)
				c.Motifs[0].Services = []string{"Loisirs et créations numériques"}
			})
			w.put(t, "shared", func(c *booking.Connection) {
				c.Motifs[0].Services = []string{"Aide aux démarches administratives"}
			})
		}, "2026-11-22", "", "23 09h", ""},
		"another is open for this":          {sundayAtA, "2026-11-22", "accompagnement", "23 09h", "a 22 15h"},
		"another is open, and not for this": {sundayAtA, "2026-11-22", "loisirs", "23 09h", ""},
		"the horizon is near": {func(t *testing.T, w *world) {
			w.put(t, "shared", func(c *booking.Connection) { c.Motifs[0].HorizonDays = 6 })
		}, "2026-11-28", "", "", ""},
		"the horizon is a day on": {func(t *testing.T, w *world) {
			w.put(t, "shared", func(c *booking.Connection) { c.Motifs[0].HorizonDays = 8 })
		}, "2026-11-28", "", "30 09h", ""},
		"one motif goes farther": {func(t *testing.T, w *world) {
			w.put(t, "shared", func(c *booking.Connection) {
				long := c.Motifs[0]
				c.Motifs[0].HorizonDays, long.ID, long.Duration = 6, "long", 2*time.Hour
				c.Motifs = append(c.Motifs, long)
			})
		}, "2026-11-28", "", "01 09h", ""},
		"and is not the one that is wanted": {func(t *testing.T, w *world) {
			w.put(t, "shared", func(c *booking.Connection) {
				long := c.Motifs[0]
				c.Motifs[0].HorizonDays, long.ID, long.Duration = 6, "long", 2*time.Hour
				c.Motifs = append(c.Motifs, long)
			})
		}, "2026-11-28", "accompagnement", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.change(t, w)
			near(w, t)
			later, nearest := w.instead(t, "b", c.day, c.motif)
			if later != c.later || nearest != c.nearest {
				t.Errorf("later %q, nearest %q; want %q, %q", later, nearest, c.later, c.nearest)
			}
		})
	}
}

// What is not known is neither later nor elsewhere, and nothing is read to find out.
func TestWhatIsNotKnownIsNotNext(t *testing.T) {
	w := newWorld(t)
	w.put(t, "asked", func(c *booking.Connection) { c.Hours = "Su 15:00-17:00" })
	if later, nearest := w.instead(t, "b", "2026-11-22", ""); later != "23 09h" || nearest != "" {
		t.Errorf("d was never read: later %q, nearest %q", later, nearest)
	}
	near(w, t)
	if _, nearest := w.instead(t, "b", "2026-11-22", ""); nearest != "d 22 15h" {
		t.Fatalf("nearest: %q", nearest)
	}
	w.feed.Store("")
	w.now.Add(10 * 60)
	if later, nearest := w.instead(t, "b", "2026-11-22", ""); later != "23 09h" || nearest != "d 22 15h" {
		t.Errorf("ten minutes after it was read: later %q, nearest %q", later, nearest)
	}
	w.now.Add(10 * 60)
	if later, nearest := w.instead(t, "b", "2026-11-22", ""); later != "" || nearest != "" {
		t.Errorf("an agenda that fails: later %q, nearest %q", later, nearest)
	}
	if later, _ := w.instead(t, "d", "2026-11-28", ""); later != "" {
		t.Errorf("one of its agendas fails, and the first slot that it has later is %q", later)
	}
}

// Where a search finds nobody who is free, it says who is, if anybody is known to be near.
func TestASearchThatFindsNobodyFreeLooksAround(t *testing.T) {
	w := newWorld(t)
	near(w, t)
	saillans := &booking.Point{Latitude: 44.6947, Longitude: 5.1942} // c: a is 14 km away, b 15
	tuesday := &booking.Bound{At: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), Day: true}
	bounded := w.Within(booking.Territory{Places: []string{"b", "c"}})
	for name, c := range map[string]struct {
		*booking.Service
		booking.PlaceFilter
		from, before *booking.Bound
		want         string
	}{
		"around a point":             {w.Service, booking.PlaceFilter{Near: saillans, RadiusKM: 5}, nil, nil, "a 23 09h"},
		"beyond what was asked":      {w.Service, booking.PlaceFilter{Near: saillans, RadiusKM: 14, Text: "saillans"}, tuesday, nil, "a 24 09h"},
		"in a commune":               {w.Service, booking.PlaceFilter{PostalCode: []string{"26340"}}, nil, nil, "a 23 09h"},
		"by id":                      {w.Service, booking.PlaceFilter{IDs: []string{"c", "nobody"}}, nil, nil, "a 23 09h"},
		"where nobody is":            {w.Service, booking.PlaceFilter{Near: &booking.Point{Latitude: 44.5, Longitude: 5.2}, RadiusKM: 1}, nil, nil, "a 23 09h"},
		"too far from anybody":       {w.Service, booking.PlaceFilter{Near: &booking.Point{Latitude: 48, Longitude: 2}, RadiusKM: 1}, nil, nil, ""},
		"in no place that is known":  {w.Service, booking.PlaceFilter{PostalCode: []string{"01000"}}, nil, nil, ""},
		"of a place without a point": {w.Service, booking.PlaceFilter{Text: "lieu f"}, nil, nil, ""},
		"by an id that nobody bears": {w.Service, booking.PlaceFilter{IDs: []string{"nobody"}}, nil, nil, ""},
		"what the caller may see":    {bounded, booking.PlaceFilter{Near: saillans, RadiusKM: 5}, nil, nil, "b 23 09h"},
		"in time":                    {w.Service, booking.PlaceFilter{Near: saillans, RadiusKM: 5}, nil, tuesday, "a 23 09h"},
		"in time for nobody":         {w.Service, booking.PlaceFilter{Near: saillans, RadiusKM: 5}, nil, &booking.Bound{At: sunday.Add(time.Hour)}, ""},
		"for what others do too":     {w.Service, booking.PlaceFilter{Near: saillans, RadiusKM: 5, Services: []string{"aide aux demarches administratives"}}, nil, nil, "a 23 09h"},
		"for what nobody does":       {w.Service, booking.PlaceFilter{Near: saillans, RadiusKM: 5, Services: []string{"Loisirs et créations numériques"}}, nil, nil, ""},
		"where somebody is free":     {w.Service, booking.PlaceFilter{Near: saillans}, nil, nil, ""},
	} {
		got, err := c.SearchSlots(t.Context(), booking.SlotSearch{PlaceFilter: c.PlaceFilter, From: c.from, Before: c.before, PerPlace: 1, Page: 1, Size: 10})
		if err != nil {
			t.Fatal(name, err)
		}
		if got := said(got.Nearest); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	q := booking.SlotSearch{PlaceFilter: booking.PlaceFilter{Near: saillans, RadiusKM: 14.5}, PerPlace: 1, Page: 1, Size: 1}
	if got, err := w.SearchSlots(t.Context(), q); err != nil || got.Total != 2 || len(got.Items[0].Slots) > 0 || got.Nearest != nil {
		t.Errorf("a is on the second page: %s, %v", said(got.Nearest), err)
	}
}
