package hours

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/connectors/interval"
)

func TestTheHourThatTheClockRepeatsOrSkips(t *testing.T) {
	z := paris(t)
	for _, c := range []struct{ name, value, day, want string }{
		{"skipped: it lasts an hour less", "01:00-04:00", "2026-03-29", "[2026-03-29T00:00:00Z, 2026-03-29T02:00:00Z)"},
		{"repeated: it lasts an hour more", "01:00-04:00", "2026-10-25", "[2026-10-24T23:00:00Z, 2026-10-25T03:00:00Z)"},
		{"begins in the gap: the offset before", "02:30-06:00", "2026-03-29", "[2026-03-29T01:30:00Z, 2026-03-29T04:00:00Z)"},
		{"begins in the overlap: the first", "02:30-06:00", "2026-10-25", "[2026-10-25T00:30:00Z, 2026-10-25T05:00:00Z)"},
		{"ends in the overlap: the first", "00:00-02:30", "2026-10-25", "[2026-10-24T22:00:00Z, 2026-10-25T00:30:00Z)"},
		{"the whole day of 23 hours", "00:00-24:00", "2026-03-29", "[2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z)"},
		{"an hour after the change", "09:00-10:00", "2026-03-29", "[2026-03-29T07:00:00Z, 2026-03-29T08:00:00Z)"},
	} {
		d, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		next := d.AddDate(0, 0, 1).Format(time.DateOnly)
		open, unknown := Parse(c.value).Open(window(z, c.day, next), z, Calendar{})
		if len(open) != 1 || open[0].String() != c.want || len(unknown) > 0 {
			t.Errorf("%s: %s on %s = %v, %v, want %s", c.name, c.value, c.day, open, unknown, c.want)
		}
	}
}

// 02:30 does not occur: what is open until then and what is unknown from 03:00 on meet in the same half hour.
func TestTheSkippedHourIsNotOpenAndUnknownAtOnce(t *testing.T) {
	z := paris(t)
	day := window(z, "2026-03-29", "2026-03-30")
	open, unknown := Parse("Su 01:00-02:30, Su 03:00-05:00 unknown").Open(day, z, Calendar{})
	wellFormed(t, "the skipped hour", day, open, unknown)
	if got := show(open, z) + " | " + show(unknown, z); got != "Su 01:00-03:00 | Su 03:00-05:00" {
		t.Error(got)
	}
}

func TestTimesAreThoseOfTheZone(t *testing.T) {
	for name, want := range map[string]string{
		"America/Guadeloupe": "2026-01-05T13:00:00Z",
		"Indian/Reunion":     "2026-01-05T05:00:00Z",
		"Pacific/Noumea":     "2026-01-04T22:00:00Z",
		"Pacific/Tahiti":     "2026-01-05T19:00:00Z",
	} {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		open, _ := Parse("Mo 09:00-12:00").Open(window(z, "2026-01-05", "2026-01-06"), z, Calendar{})
		if len(open) != 1 || open[0].StartTime().Format(time.RFC3339) != want {
			t.Errorf("%s: %v, want a start at %s", name, open, want)
		}
	}
}

func TestWhatLiesOutsideOfKnowledgeIsUnknown(t *testing.T) {
	z := paris(t)
	s := Parse("Mo 09:00-12:00")
	week := window(z, "2026-01-05", "2026-01-12")
	if open, unknown := s.Open(week, nil, Calendar{}); len(open) != 0 || !slices.Equal(unknown, []interval.Interval{week}) {
		t.Errorf("without a zone: %v, %v", open, unknown)
	}
	if open, unknown := s.Open(interval.Interval{Start: week.End, End: week.Start}, z, Calendar{}); open != nil || unknown != nil {
		t.Errorf("a window that is turned round: %v, %v", open, unknown)
	}
	var zero Schedule
	if open, unknown := zero.Open(week, z, Calendar{}); len(open) != 0 || !slices.Equal(unknown, []interval.Interval{week}) {
		t.Errorf("the zero schedule: %v, %v", open, unknown)
	}
	long := window(z, "2026-01-05", "2046-01-05")
	open, unknown := s.Open(long, z, Calendar{HolidaysAsUsual: true})
	if n := len(open); n < 250 || n > 262 || unknown[len(unknown)-1].End != long.End {
		t.Errorf("20 years: %d times open, unknown %v", n, unknown[len(unknown)-1])
	}
	for _, w := range []interval.Interval{
		{Start: math.MinInt64, End: math.MaxInt64},
		{Start: math.MaxInt64 - 5, End: math.MaxInt64},
		{Start: math.MinInt64, End: math.MinInt64 + 5},
	} {
		_, unknown := s.Open(w, z, Calendar{})
		if len(unknown) == 0 || unknown[0].Start != w.Start || unknown[len(unknown)-1].End != w.End {
			t.Errorf("%d to %d: unknown %v", w.Start, w.End, unknown)
		}
	}
}

// A window that is cut in two gives what the whole gives, and what comes out is well formed.
func TestAnyWindowOfAnyValue(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	g := generator{rand.New(rand.NewPCG(seed, 0))}
	z := paris(t)
	for range 3000 {
		value := g.value()
		if g.IntN(4) == 0 {
			value += g.pick("; SH off", "; Mo 08:30", "; 10:00-11:00", ", Tu-We-Th 8h-12h", "; We 14:00-14:00")
		}
		s := Parse(value)
		start := window(z, "2025-12-20", "2025-12-21").Start + int64(g.IntN(300*secondsPerDay))
		w := interval.Interval{Start: start, End: start + int64(1+g.IntN(20*secondsPerDay))}
		c := Calendar{Territory: g.pick("", "13", "67", "974"), HolidaysAsUsual: g.IntN(2) == 0}
		open, unknown := s.Open(w, z, c)
		wellFormed(t, value, w, open, unknown)

		cut := w.Start + g.Int64N(w.End-w.Start)
		o1, u1 := s.Open(interval.Interval{Start: w.Start, End: cut}, z, c)
		o2, u2 := s.Open(interval.Interval{Start: cut, End: w.End}, z, c)
		if got := interval.Union(append(o1, o2...)); !slices.Equal(got, open) {
			t.Fatalf("%q, %v cut at %d: open %v, want %v", value, w, cut, got, open)
		}
		if got := interval.Union(append(u1, u2...)); !slices.Equal(got, unknown) {
			t.Fatalf("%q, %v cut at %d: unknown %v, want %v", value, w, cut, got, unknown)
		}
	}
}

func wellFormed(t *testing.T, value string, w interval.Interval, open, unknown []interval.Interval) {
	t.Helper()
	for _, list := range [][]interval.Interval{open, unknown} {
		for i, x := range list {
			if x.Empty() || !w.Covers(x) || i > 0 && x.Start <= list[i-1].End {
				t.Fatalf("%q in %v: badly formed %v", value, w, list)
			}
		}
	}
	if both := interval.Minus(open, unknown); !slices.Equal(both, open) {
		t.Fatalf("%q in %v: open and unknown overlap: %v, %v", value, w, open, unknown)
	}
}

func TestRealValues(t *testing.T) {
	z := paris(t)
	year := window(z, "2026-01-01", "2027-01-01")
	count := map[Understanding]int{}
	values := realValues(t)
	for _, v := range values {
		s := Parse(v)
		count[s.Understood()]++
		if s.Understood() != All {
			t.Logf("%-6s %q: %s", s.Understood(), v, s.Reason())
		}
		open, unknown := s.Open(year, z, Calendar{Territory: "13055"})
		wellFormed(t, v, year, open, unknown)
		if s.Understood() == Nothing && len(open) > 0 {
			t.Errorf("%q: nothing is understood, and yet open", v)
		}
	}
	t.Logf("%d values: tout %d, partie %d, rien %d", len(values), count[All], count[Part], count[Nothing])
	if got, floor := count[All], len(values)*95/100; got < floor {
		t.Errorf("%d values are read whole, the floor is %d", got, floor)
	}
}

// usualValue is what most real values look like.
const usualValue = "Mo-Th 09:00-12:00,14:00-18:30; Fr 09:00-12:00; Sa 08:30-12:00; PH off"

func TestTwoWeeksCostLittleMemory(t *testing.T) {
	z := paris(t)
	s := Parse(usualValue)
	w := window(z, "2026-01-05", "2026-01-19")
	if n := testing.AllocsPerRun(100, func() { s.Open(w, z, Calendar{Territory: "13"}) }); n > 10 {
		t.Errorf("%v allocations for two weeks, want at most 10", n)
	}
}

// The worst that fits into the bounds: it must not take time that grows faster than its length. The clock only guards
// against a hang; the seconds that this may take are those of the test's own limit.
func TestHostileValuesEnd(t *testing.T) {
	z := paris(t)
	five := window(z, "2026-01-01", "2031-01-01")
	for name, value := range map[string]string{
		"many rules":       strings.Repeat("Mo-Su 22:00-10:00;", 170),
		"many dates":       strings.Repeat("Jan 1,", 500) + " 09:00-10:00",
		"many times":       "Mo-Su " + strings.Repeat("09:00-10:00,10:30-11:00,", 100),
		"many daily rules": "Mo 9-10;" + strings.Repeat("9-10;", 200),
		"many perhaps":     strings.Repeat("SH 9-10,", 170),
		"brackets":         strings.Repeat("(", 8000),
		"nested events":    "Mo " + strings.Repeat("(sunset+", 900),
		"quotes":           strings.Repeat(`"`, 8001),
		"commas":           strings.Repeat(",", 8000),
		"days":             strings.Repeat("Mo-", 2600),
		"nths":             "Mo[" + strings.Repeat("1-5,", 2000),
		"digits":           strings.Repeat("9", 8000),
		"not UTF-8":        strings.Repeat("\xff\xc3", 4000),
	} {
		s := Parse(value)
		open, unknown := s.Open(five, z, Calendar{})
		wellFormed(t, name, five, open, unknown)
	}
}

func FuzzParse(f *testing.F) {
	for _, v := range []string{
		usualValue, "24/7", `Lu-Ve 9h-12h "sur rdv"`, "week 1-53/2 Mo[1,-1] 22:00-26:00+ || off", "easter +1 day,Dec 24-Jan 02: off",
		"Du lundi au vendredi : 9h - 12h et 13h30-17h 30Samedi", "(sunset-01:00)-(sunrise+01:00)", "2026-2030/2 PH -1 day open", "Mo-We-Fr 9-10; 9-10",
	} {
		f.Add(v, int64(1767567600), int64(14*secondsPerDay))
	}
	z := paris(f)
	f.Fuzz(func(t *testing.T, value string, start, length int64) {
		w := interval.Interval{Start: start % (1 << 36), End: start%(1<<36) + length%(60*secondsPerDay)}
		s := Parse(value)
		if (s.Reason() == "") != (s.Understood() == All) {
			t.Fatalf("%q: %s, but the reason is %q", value, s.Understood(), s.Reason())
		}
		open, unknown := s.Open(w, z, Calendar{Territory: "67"})
		wellFormed(t, value, w, open, unknown)
		if s.Understood() == Nothing && len(open) > 0 {
			t.Fatalf("%q: nothing is understood, and yet open: %v", value, open)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Parse(usualValue)
	}
}

func BenchmarkOpenTwoWeeks(b *testing.B) {
	z := paris(b)
	s := Parse(usualValue)
	w := window(z, "2026-01-05", "2026-01-19")
	b.ReportAllocs()
	for b.Loop() {
		s.Open(w, z, Calendar{Territory: "13"})
	}
}
