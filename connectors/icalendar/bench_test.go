package icalendar

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"time"
	"weak"

	"passerelle/connectors/interval"
)

// BenchmarkFeed reads the year 2026 of the file named by PASSERELLE_BENCH_ICS, or of an invented feed of 1,000 events
// of which 200 are weekly series.
func BenchmarkFeed(b *testing.B) {
	data := feed(1000, 200)
	if name := os.Getenv("PASSERELLE_BENCH_ICS"); name != "" {
		var err error
		if data, err = os.ReadFile(name); err != nil {
			b.Fatal(err)
		}
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		b.Fatal(err)
	}
	window := interval.Of(time.Date(2026, 1, 1, 0, 0, 0, 0, paris), time.Date(2027, 1, 1, 0, 0, 0, 0, paris))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	occurrences := 0
	for b.Loop() {
		c, err := Read(data, window, Options{Zone: paris})
		if err != nil {
			b.Fatal(err)
		}
		occurrences = len(c.Occurrences)
	}
	b.ReportMetric(float64(occurrences), "occurrences")
}

// A feed costs few allocations for all its events together, and memory in proportion to what it says.
func TestAFeedCostsFewAllocations(t *testing.T) {
	paris := mustLoad(t, "Europe/Paris")
	for _, events := range []int{1_000, 14_500} {
		text := feed(events, events/5)
		c, spent, err := readCounted(text, year2026(paris), Options{Zone: paris})
		if err != nil || !c.Complete() {
			t.Fatal(c, err)
		}
		if most := events / 5; spent.allocations > most {
			t.Errorf("%d allocations for %d events, more than %d", spent.allocations, events, most)
		}
		if most := 2 * len(text); spent.bytes > most {
			t.Errorf("%d bytes of memory for a text of %d, more than %d", spent.bytes, len(text), most)
		}
	}
}

// One that is read after another costs a fraction of its length, whatever it says.
func TestTheNextFeedIsReadInTheMemoryOfTheOneBefore(t *testing.T) {
	const times = 20
	paris := mustLoad(t, "Europe/Paris")
	text := feed(100, 20)
	var reader Reader
	if _, err := reader.Read(text, year2026(paris), Options{Zone: paris}); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		if c, err := reader.Read(text, year2026(paris), Options{Zone: paris}); err != nil || len(c.Occurrences) == 0 {
			t.Fatal(c, err)
		}
	}
	runtime.ReadMemStats(&after)
	if each, most := (after.TotalAlloc-before.TotalAlloc)/times, uint64(len(text)/10); each > most {
		t.Errorf("%d bytes of memory for a text of %d, more than %d", each, len(text), most)
	}
}

// What is kept of a feed is the Calendar, not the text.
func TestACalendarDoesNotKeepItsText(t *testing.T) {
	text := feed(100, 20)
	kept := weak.Make(&text[0])
	c, err := Read(text, year2026(mustLoad(t, "Europe/Paris")), Options{})
	if err != nil {
		t.Fatal(err)
	}
	text = nil
	runtime.GC()
	if kept.Value() != nil {
		t.Error("the text is still in memory")
	}
	if len(c.Occurrences) == 0 || c.Occurrences[0].UID == "" {
		t.Error("nothing was read")
	}
}

// feed invents events of the years 2023 to 2027, always the same; the first ones are series.
func feed(events, series int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var out bytes.Buffer
	line := func(format string, args ...any) {
		text := fmt.Appendf(nil, format, args...)
		for len(text) > 73 {
			out.Write(text[:73])
			out.WriteString("\r\n ")
			text = text[73:]
		}
		out.Write(text)
		out.WriteString("\r\n")
	}
	const form = "20060102T150405"
	line("BEGIN:VCALENDAR")
	line("VERSION:2.0")
	line("PRODID:-//exemple.fr//banc//FR")
	for i := range events {
		day := time.Date(2025, 9, 1, 8+r.IntN(10), 15*r.IntN(4), 0, 0, time.UTC).AddDate(0, 0, r.IntN(600))
		if i < series {
			day = day.AddDate(-2, 0, 0)
		}
		line("BEGIN:VEVENT")
		line("UID:%d@exemple.fr", i)
		line("DTSTAMP:20260101T080000Z")
		line("DTSTART;TZID=Europe/Paris:%s", day.Format(form))
		line("DTEND;TZID=Europe/Paris:%s", day.Add(45*time.Minute).Format(form))
		if i < series {
			line("RRULE:FREQ=WEEKLY;BYDAY=%s", [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}[day.Weekday()])
			line("EXDATE;TZID=Europe/Paris:%s", day.AddDate(0, 0, 7*(60+r.IntN(100))).Format(form))
		}
		line("SUMMARY:Atelier numérique %d", i)
		line("DESCRIPTION:%s", bytes.Repeat([]byte("démarches en ligne "), 12))
		line("LOCATION:Médiathèque\\, 12 rue de la Mairie")
		line("SEQUENCE:%d", r.IntN(3))
		line("STATUS:CONFIRMED")
		line("TRANSP:OPAQUE")
		line("ATTENDEE;CN=\"Accueil, mairie\";PARTSTAT=ACCEPTED:mailto:accueil@exemple.fr")
		line("END:VEVENT")
	}
	line("END:VCALENDAR")
	return out.Bytes()
}
