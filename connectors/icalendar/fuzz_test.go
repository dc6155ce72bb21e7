package icalendar

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"passerelle/connectors/interval"
)

// Whatever the bytes: no panic, bounded work, a sorted answer that bears on the window.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.ics")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	paris := mustLoad(f, "Europe/Paris")
	window := year2026(paris)
	limits := Limits{Steps: 20_000, SeriesSteps: 5_000, Occurrences: 1_000}
	var before Reader
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Read(data, window, Options{Zone: paris, Limits: limits})
		again, errAgain := before.Read(data, window, Options{Zone: paris, Limits: limits})
		if (err == nil) != (errAgain == nil) {
			t.Errorf("%v, but %v after another text", err, errAgain)
		}
		if err != nil {
			return
		}
		if got, want := describeCalendar(again, paris), describeCalendar(c, paris); got != want || again.steps != c.steps {
			t.Errorf("after another text\n%s (%d steps), by itself\n%s (%d steps)", got, again.steps, want, c.steps)
		}
		if c.steps > limits.Steps+len(data) {
			t.Errorf("%d steps", c.steps)
		}
		if len(c.Occurrences) > limits.Occurrences || !slices.IsSortedFunc(c.Occurrences, func(a, b Occurrence) int { return compareIntervals(a.Interval, b.Interval) }) {
			t.Errorf("%d occurrences, or not in order", len(c.Occurrences))
		}
		for _, o := range c.Occurrences {
			if o.Start >= window.End || o.Event == nil {
				t.Errorf("%v does not bear on the window", o.Interval)
			}
		}
		for _, d := range c.Doubt {
			if d.Empty() || !window.Covers(d.Interval) {
				t.Errorf("doubt %v is not cut to the window", d.Interval)
			}
		}
	})
}

// A rule in a window gives the same as in a larger one, cut: jumping over the past misses nothing.
func FuzzRule(f *testing.F) {
	for _, rule := range []string{
		"FREQ=DAILY;COUNT=30;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=2TU,-1FR;BYHOUR=9,14",
		"FREQ=YEARLY;BYWEEKNO=1,53;WKST=SU", "FREQ=YEARLY;BYYEARDAY=-1,60;BYMONTH=2,12", "FREQ=WEEKLY;COUNT=7;BYDAY=TU,SU;INTERVAL=2",
	} {
		f.Add(rule, int64(1_700_000_000), uint16(400))
	}
	f.Fuzz(func(t *testing.T, text string, start int64, after uint16) {
		rule, ok := parseRule([]byte(text))
		if !ok || rule.freq < daily || start < 0 || start > 4_000_000_000 {
			return
		}
		from := start + int64(after)*day
		list := func(from int64) (walls []int64, complete bool) {
			b := budget{left: 300_000, perSeries: 300_000}
			b.begin()
			e := expansion{rule: &rule, start: start, from: from, to: start + 70_000*day/16, until: noUntil, budget: &b}
			complete = e.run()
			return e.walls, complete
		}
		all, complete := list(start)
		if !slices.IsSorted(all) {
			t.Fatalf("%q from %d: not in order", text, start)
		}
		late, completeToo := list(from)
		if !complete || !completeToo {
			return
		}
		all = slices.DeleteFunc(all, func(wall int64) bool { return wall < from })
		if !slices.Equal(all, late) {
			t.Errorf("%q from %d: %d after %d, but %d by jumping there", text, start, len(all), from, len(late))
		}
	})
}

// A name of a zone never reaches a file outside of the table of zones, and never means the machine's own zone.
func FuzzZone(f *testing.F) {
	for _, name := range []string{"Europe/Paris", "/a/b/Europe/Paris", "../../etc/passwd", "Local", "localtime", "UTC+2", "Romance Standard Time"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		loc := locate(name)
		if loc == nil {
			loc = locateCity(name)
		}
		if loc != nil && loc.String() == "Local" {
			t.Errorf("%q is the machine's own zone", name)
		}
		text := calendar(eventOf("DTSTART;TZID="+name+":20260103T090000", "DURATION:PT1H"))
		c, err := Read(text, interval.Interval{Start: 1_767_225_600, End: 1_798_761_600}, Options{})
		if err == nil && len(c.Occurrences) == 0 && len(c.Doubt) == 0 && len(c.Skipped.Remarks) == 0 {
			t.Errorf("%q makes the event vanish", name)
		}
	})
}
