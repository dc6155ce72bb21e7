package icalendar

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestNamesOfZones(t *testing.T) {
	for name, want := range map[string]string{
		"Europe/Paris": "Europe/Paris", "europe/paris": "Europe/Paris", `"Europe/Paris"`: "Europe/Paris", "EUROPE/PARIS": "Europe/Paris",
		"america/port-au-prince": "America/Port-au-Prince", "europe/isle_of_man": "Europe/Isle_of_Man", "us/eastern": "US/Eastern",
		"UTC": "UTC", "Z": "UTC", "GMT": "UTC", "Etc/UTC": "Etc/UTC",
		"Romance Standard Time": "Europe/Paris", "romance standard time": "Europe/Paris", "Mauritius Standard Time": "Indian/Mauritius",
		"/example.org/20260101_1/Europe/Paris": "Europe/Paris", "/example.org/Tzfile/America/Argentina/Buenos_Aires": "America/Argentina/Buenos_Aires",
		"Local": "", "localtime": "", "LOCAL": "", "posixrules": "", "": "", "Europe": "", "..": "", "../Europe/Paris": "", "Europe/../Europe/Paris": "",
		"/etc/passwd": "", "Mars/Olympus": "", "Heure de Paris": "", "custom_America/New_York": "",
	} {
		got := ""
		if loc := locate(name); loc != nil {
			got = loc.String()
		}
		if got != want {
			t.Errorf("%q is read as %q, want %q", name, got, want)
		}
	}
}

func TestFixedOffsets(t *testing.T) {
	for name, want := range map[string]int64{"UTC+2": 7200, "GMT-0330": -12600, "+01:00": 3600, "UTC+04:00": 14400} {
		if got, ok := fixedOffset(name); !ok || got != want {
			t.Errorf("%q is %d, %v; want %d", name, got, ok, want)
		}
	}
	for _, name := range []string{"UTC", "+", "UTC+x", "+19:00", "GMT+123456"} {
		if got, ok := fixedOffset(name); ok {
			t.Errorf("%q is %d", name, got)
		}
	}
}

func TestEveryWindowsZoneIsKnown(t *testing.T) {
	for _, w := range windowsZones {
		if load(w[1]) == nil {
			t.Errorf("%s: no zone %s", w[0], w[1])
		}
	}
}

// Inside and outside of its table, a zone agrees with Go's, but for the hours that the clock shows twice or not at
// all, for which RFC 5545 has its own rule.
func TestTheTableOfAZoneAgreesWithGo(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for _, name := range []string{"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "Africa/Casablanca"} {
		loc := mustLoad(t, name)
		z := zoneOf(loc, 1_700_000_000, 1_800_000_000)
		for range 5_000 {
			at := r.Int64N(2_500_000_000)
			_, offset := time.Unix(at, 0).In(loc).Zone()
			wall := at + int64(offset)
			if got := z.wall(at); got != wall {
				t.Fatalf("%s: the wall shows %d at %d, want %d", name, got, at, wall)
			}
			got := z.instant(wall)
			_, back := time.Unix(got, 0).In(loc).Zone()
			if got+int64(back) != wall || got > at {
				t.Fatalf("%s: the wall shows %d at %d, and not later than at %d", name, wall, got, at)
			}
		}
	}
}

func TestGapAndOverlap(t *testing.T) {
	paris := mustLoad(t, "Europe/Paris")
	wall := func(month, dom, h, m int64) int64 { return dayOf(2026, month, dom)*day + h*hour + m*minute }
	for _, since := range []int64{1_700_000_000, 1_900_000_000} { // with the table, and beyond it
		z := zoneOf(paris, since, since+100_000_000)
		for _, c := range []struct {
			name       string
			wall, want int64
		}{
			{"just before the gap", wall(3, 29, 1, 59), wall(3, 29, 0, 59)},
			{"in the gap: the offset before", wall(3, 29, 2, 30), wall(3, 29, 1, 30)},
			{"after the gap", wall(3, 29, 3, 0), wall(3, 29, 1, 0)},
			{"in the overlap: the first", wall(10, 25, 2, 30), wall(10, 25, 0, 30)},
			{"after the overlap", wall(10, 25, 3, 0), wall(10, 25, 2, 0)},
		} {
			if got := z.instant(c.wall); got != c.want {
				t.Errorf("%s: %d seconds off", c.name, got-c.want)
			}
		}
	}
}

func TestCalendarZoneIsAChoice(t *testing.T) {
	text := calendar("X-WR-TIMEZONE:Indian/Reunion", eventOf("DTSTART:20260103T090000", "DURATION:PT1H"))
	paris := mustLoad(t, "Europe/Paris")
	for _, c := range []struct {
		chosen bool
		hour   int
	}{{false, 8}, {true, 5}} {
		got, err := Read(text, year2026(paris), Options{Zone: paris, CalendarZone: c.chosen})
		if err != nil || len(got.Occurrences) != 1 || got.Occurrences[0].StartTime().Hour() != c.hour {
			t.Errorf("CalendarZone %v: %v, %v", c.chosen, got, err)
		}
	}
}

// A zone of the calendar that nobody knows is said, and what depends on it is not free.
func TestCalendarZoneThatNobodyKnows(t *testing.T) {
	text := calendar("X-WR-TIMEZONE:Heure de la mairie", eventOf("DTSTART:20260103T090000", "DURATION:PT1H"),
		eventOf("DTSTART;TZID=Europe/Paris:20260203T090000", "DURATION:PT1H"))
	paris := mustLoad(t, "Europe/Paris")
	got, err := Read(text, year2026(paris), Options{Zone: paris, CalendarZone: true})
	if err != nil {
		t.Fatal(err)
	}
	if r := got.Skipped.Remarks; len(r) == 0 || r[0].Text != calendarZoneReason {
		t.Errorf("remarks %v", r)
	}
	if len(got.Doubt) != 1 || got.Doubt[0].Reason != unknownZoneReason || !got.Doubt[0].Covers(got.Occurrences[0].Interval) {
		t.Errorf("doubt %v", got.Doubt)
	}
	if got, _ = Read(text, year2026(paris), Options{Zone: paris}); !got.Complete() {
		t.Errorf("doubt %v where the zone of the calendar does not count", got.Doubt)
	}
}
