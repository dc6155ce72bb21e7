package icalendar

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/connectors/interval"
)

var update = flag.Bool("update", false, "write the answers of testdata anew")

// Options of the calendars that need some; all others are read with the safe ones.
var goldenOptions = map[string]Options{
	"owner-declined":                     {Owner: "moi@exemple.fr"},
	"openings":                           {Openings: &Openings{Categories: []string{"permanence"}, Summary: regexp.MustCompile(`^Permanence`)}},
	"openings-with-unreadable-exception": {Openings: &Openings{}},
}

// Each calendar of testdata is named after what it shows; its answer for the year 2026 in Paris stands beside it.
func TestCalendarsOfTestdata(t *testing.T) {
	files, err := filepath.Glob("testdata/*.ics")
	if err != nil || len(files) == 0 {
		t.Fatal("no calendars in testdata", err)
	}
	paris := mustLoad(t, "Europe/Paris")
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".ics")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			o := goldenOptions[name]
			o.Zone = paris
			c, err := Read(data, year2026(paris), o)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".golden")
			got := describeCalendar(c, paris)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

// Nothing but the words is missing where none are asked for.
func TestWithoutWordsTheTimesAreTheSame(t *testing.T) {
	files, err := filepath.Glob("testdata/*.ics")
	if err != nil || len(files) == 0 {
		t.Fatal("no calendars in testdata", err)
	}
	paris := mustLoad(t, "Europe/Paris")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		o := goldenOptions[strings.TrimSuffix(filepath.Base(file), ".ics")]
		o.Zone = paris
		want, err := Read(data, year2026(paris), o)
		if err != nil {
			t.Fatal(err)
		}
		for _, occurrence := range want.Occurrences {
			occurrence.Summary, occurrence.Location, occurrence.Categories = "", "", nil
		}
		o.Wordless = true
		if got, err := Read(data, year2026(paris), o); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got\n%v, %v\nwant\n%v", file, got, err, want)
		}
	}
}

// A Reader that has read other texts before answers what a new one does: all calendars one after the other, there and back.
func TestAReaderForgetsTheTextBefore(t *testing.T) {
	files, err := filepath.Glob("testdata/*.ics")
	if err != nil || len(files) == 0 {
		t.Fatal("no calendars in testdata", err)
	}
	backward := slices.Clone(files)
	slices.Reverse(backward)
	var reader Reader
	for i, file := range append(files, backward...) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		o := goldenOptions[strings.TrimSuffix(filepath.Base(file), ".ics")]
		o.Zone = mustLoad(t, [...]string{"Europe/Paris", "Indian/Reunion", "America/Cayenne"}[i%3])
		window := year2026(o.Zone)
		want, errWant := Read(data, window, o)
		got, errGot := reader.Read(data, window, o)
		if (errGot == nil) != (errWant == nil) || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got\n%v, %v\nwant\n%v, %v", file, got, errGot, want, errWant)
		}
		_, _ = reader.Read(data[:len(data)*2/3], window, Options{}) // and what is broken off
	}
}

func mustLoad(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func year2026(loc *time.Location) interval.Interval {
	return interval.Of(time.Date(2026, 1, 1, 0, 0, 0, 0, loc), time.Date(2027, 1, 1, 0, 0, 0, 0, loc))
}

// describeCalendar writes a calendar one fact a line, in the wall time of a zone.
func describeCalendar(c *Calendar, loc *time.Location) string {
	var b strings.Builder
	wall := func(i interval.Interval) string {
		const form = "Mon 2006-01-02 15:04 -07"
		return i.StartTime().In(loc).Format(form) + " | " + i.EndTime().In(loc).Format(form)
	}
	meanings := [...]string{Busy: "busy", Free: "free", Open: "open"}
	for _, o := range c.Occurrences {
		fmt.Fprintf(&b, "%s | %s uid=%q", wall(o.Interval), meanings[o.Meaning], o.UID)
		if o.Summary != "" || o.Location != "" {
			fmt.Fprintf(&b, " %q %q", o.Summary, o.Location)
		}
		if o.AllDay {
			b.WriteString(" all-day")
		}
		b.WriteString("\n")
	}
	for _, p := range c.Periods {
		fmt.Fprintf(&b, "period %s | %s\n", wall(p.Interval), meanings[p.Meaning])
	}
	for _, f := range c.FreeBusy {
		said := "no span"
		if !f.Empty() {
			said = wall(f.Interval)
		}
		fmt.Fprintf(&b, "speaks %s", said)
		if f.Silent {
			b.WriteString(" | silent")
		}
		b.WriteString("\n")
	}
	for _, d := range c.Doubt {
		fmt.Fprintf(&b, "doubt  %s | %s\n", wall(d.Interval), d.Reason)
	}
	if c.Skipped.Lines+c.Skipped.Events > 0 {
		fmt.Fprintf(&b, "skipped %d lines, %d events\n", c.Skipped.Lines, c.Skipped.Events)
	}
	for _, r := range c.Skipped.Remarks {
		fmt.Fprintf(&b, "remark %d: %s\n", r.Line, r.Text)
	}
	return b.String()
}
