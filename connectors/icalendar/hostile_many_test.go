package icalendar

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"passerelle/connectors/interval"
)

// watched is the time of the event that each hostile text of this file holds. It must never be read as free.
var watched = interval.Interval{Start: 1_767_430_800, End: 1_767_434_400} // 2026-01-03, 9:00 to 10:00 UTC

const watchedStart, watchedLength = "DTSTART:20260103T090000Z", "DURATION:PT1H"

// cost is what one reading spends.
type cost struct{ steps, allocations, bytes int }

func readCounted(text []byte, window interval.Interval, o Options) (*Calendar, cost, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c, err := Read(text, window, o)
	runtime.ReadMemStats(&after)
	spent := cost{allocations: int(after.Mallocs - before.Mallocs), bytes: int(after.TotalAlloc - before.TotalAlloc)}
	if c != nil {
		spent.steps = c.steps
	}
	return c, spent, err
}

// within reports what passes the budget of a text: the steps of Limits, 64 MB, and few allocations for its size.
func (c cost) within(t *testing.T, size int) {
	t.Helper()
	if most := (Limits{}).withDefaults().Steps; c.steps > most {
		t.Errorf("%d steps, more than %d", c.steps, most)
	}
	if most := 5_000 + size/20; c.allocations > most {
		t.Errorf("%d allocations, more than %d", c.allocations, most)
	}
	if most := 64 << 20; c.bytes > most {
		t.Errorf("%d bytes of memory, more than %d", c.bytes, most)
	}
}

// notFree checks a reading of a text with the watched event.
func notFree(t *testing.T, text []byte) {
	t.Helper()
	c, spent, err := readCounted(text, year2026(mustLoad(t, "Europe/Paris")), Options{Zone: mustLoad(t, "Europe/Paris")})
	spent.within(t, len(text))
	if err != nil {
		if !errors.Is(err, ErrNoCalendar) && !errors.Is(err, ErrTooLarge) {
			t.Errorf("error %v", err)
		}
		return
	}
	shown := c.Busy()
	for _, d := range c.Doubt {
		shown = append(shown, d.Interval)
	}
	if free := interval.Minus([]interval.Interval{watched}, interval.Union(shown)); len(free) > 0 {
		t.Errorf("%v is free: %d occurrences, doubt %v, skipped %+v", free, len(c.Occurrences), c.Doubt, c.Skipped)
	}
}

// Every property that the reader looks at, in every way of being wrong, behind the lines that say when.
func TestHostileLinesAreNotFree(t *testing.T) {
	names := []string{
		"BEGIN", "END", "ATTENDEE", "X-MICROSOFT-CDO-BUSYSTATUS", "CATEGORIES", "DTEND", "DTSTAMP", "DTSTART", "DURATION", "EXDATE",
		"EXRULE", "LAST-MODIFIED", "LOCATION", "RDATE", "RECURRENCE-ID", "RRULE", "SEQUENCE", "STATUS", "SUMMARY", "TRANSP", "TZID", "UID",
		"X-WR-TIMEZONE", "X-INCONNU",
	}
	forms := map[string]func(name string) string{
		"without colon":           func(name string) string { return name },
		"parameter without value": func(name string) string { return name + `;A="b"` },
		"empty":                   func(name string) string { return name + ":" },
		"quotes in quotes":        func(name string) string { return name + `;CN="A"B":x` },
		"quote without end":       func(name string) string { return name + `;CN="A:x` },
		"bytes":                   func(name string) string { return name + ":\x00\xff\xfe\x7f\\" },
		"value of 60 kB":          func(name string) string { return name + ":" + strings.Repeat("9", 60_000) },
		"value of 100 kB":         func(name string) string { return name + ":" + strings.Repeat("9,", 50_000) },
		"parameter of 100 kB":     func(name string) string { return name + ";X=" + strings.Repeat("a", 100_000) + ":1" },
		"5,000 parameters":        func(name string) string { return name + strings.Repeat(";A=B", 5_000) + ":1" },
		"20,000 folds":            func(name string) string { return name + ":" + strings.Repeat("\r\n 1", 20_000) },
		"5,000 times":             func(name string) string { return strings.TrimSuffix(strings.Repeat(name+":1\r\n", 5_000), "\r\n") },
	}
	for _, name := range names {
		for form, line := range forms {
			t.Run(name+" "+form, func(t *testing.T) {
				notFree(t, calendar(eventOf("UID:a", watchedStart, watchedLength, line(name))))
			})
		}
	}
}

// Rules that are too fine, too long, contradictory or nonsense. The event itself stands at its start.
func TestHostileRulesAreNotFree(t *testing.T) {
	var rules []string
	for _, freq := range []string{"SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"} {
		for _, rest := range []string{
			"", ";COUNT=1000000000", ";INTERVAL=9223372036854775807", ";INTERVAL=0", ";COUNT=-1", ";UNTIL=99991231T235959Z", ";UNTIL=00000000",
			";BYMONTH=2;BYMONTHDAY=30", ";INTERVAL=24;BYHOUR=5", ";INTERVAL=60;BYMINUTE=7", ";BYSETPOS=366;BYDAY=MO", ";BYYEARDAY=-366;BYMONTH=7",
			";BYWEEKNO=53;BYMONTH=6", ";BYEASTER=1", ";BYDAY=" + strings.Repeat("MO,", 5_000) + "TU", ";BYSECOND=0,1,2,3,4,5,6,7,8,9;BYMINUTE=0,10,20,30,40,50",
		} {
			rules = append(rules, "RRULE:FREQ="+freq+rest)
		}
	}
	rules = append(rules,
		"RRULE:", "RRULE:FREQ", "RRULE:FREQ=", "RRULE:=", "RRULE:;;;;", "RRULE:FREQ=DAILY=WEEKLY", "RRULE:FREQ=DAILY;FREQ=SECONDLY", "RRULE:\x00",
		"RRULE:FREQ=DAILY;COUNT=1;UNTIL=20250101", "RRULE:FREQ=FORTNIGHTLY", strings.Repeat("RRULE:FREQ=DAILY\r\n", 1_000)+"RRULE:FREQ=DAILY",
		"RRULE:FREQ=DAILY\r\n"+strings.Repeat("EXRULE:FREQ=YEARLY;BYMONTH=2;COUNT=1\r\n", 1_000)+"X:1",
	)
	for _, rule := range rules {
		t.Run(rule[:min(len(rule), 60)], func(t *testing.T) {
			notFree(t, calendar(eventOf("UID:a", watchedStart, watchedLength, rule)))
		})
	}
}

// A text may be cut anywhere.
func TestTruncatedTextsAreNotFree(t *testing.T) {
	whole := calendar(eventOf("UID:a", "SUMMARY:Réunion", "DTSTART;TZID=\"Europe/Paris\":20260103T100000", "RRULE:FREQ=DAILY;COUNT=3", watchedLength), "X:1")
	for n := range len(whole) - len("\r\n") {
		t.Run(fmt.Sprint(n), func(t *testing.T) { notFree(t, whole[:n]) })
	}
}

// Zones that nobody knows, that lead elsewhere, or whose definition is nonsense.
func TestHostileZonesAreNotFree(t *testing.T) {
	define := func(name string, lines ...string) string {
		return "BEGIN:VTIMEZONE\r\nTZID:" + name + "\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VTIMEZONE"
	}
	standard := func(lines ...string) string {
		return "BEGIN:STANDARD\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:STANDARD"
	}
	for name, lines := range map[string][]string{
		"nobody's":                {"A", ""},
		"the machine's":           {"Local", ""},
		"a path":                  {"../../../etc/localtime", ""},
		"an absolute path":        {"/etc/localtime", ""},
		"bytes":                   {"\x00\xff", ""},
		"60 kB":                   {strings.Repeat("Europe/", 8_000), ""},
		"slashes":                 {strings.Repeat("/", 5_000), ""},
		"commas":                  {strings.Repeat("Paris,", 5_000), ""},
		"defined by nothing":      {"A", define("A")},
		"defined by half":         {"A", define("A", standard("DTSTART:16010101T000000"))},
		"an offset of 99 hours":   {"A", define("A", standard("DTSTART:16010101T000000", "TZOFFSETFROM:+9900", "TZOFFSETTO:+9900"))},
		"turning each second":     {"A", define("A", standard("DTSTART:16010101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "RRULE:FREQ=SECONDLY"))},
		"turning each day":        {"A", define("A", standard("DTSTART:16010101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "RRULE:FREQ=DAILY"))},
		"defined 5,000 times":     {"A", strings.Repeat(define("A", standard("DTSTART:bad"))+"\r\n", 5_000) + "X:1"},
		"of 5,000 observances":    {"A", define("A", strings.Repeat(standard("DTSTART:16010101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "RRULE:FREQ=MONTHLY")+"\r\n", 5_000)+"X:1")},
		"an observance in itself": {"A", define("A", "BEGIN:STANDARD\r\nBEGIN:STANDARD\r\nDTSTART:bad")},
	} {
		t.Run(name, func(t *testing.T) {
			notFree(t, calendar(lines[1], eventOf("UID:a", "DTSTART;TZID="+lines[0]+":20260103T100000", watchedLength)))
		})
	}
	t.Run("a zone for each event", func(t *testing.T) {
		var all strings.Builder
		for i := range 5_000 {
			all.WriteString(eventOf(fmt.Sprintf("UID:%d", i), fmt.Sprintf("DTSTART;TZID=Z%d:20260103T100000", i), watchedLength) + "\r\n")
		}
		notFree(t, calendar(all.String()))
	})
}
