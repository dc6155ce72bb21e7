package search

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// feedBytes is how long a feed is, about.
const feedBytes = 40_000

// How feeds answer.
const (
	changed   = iota // another text each time
	unchanged        // 304 to whoever has it
	same             // the same text, without validators
)

// feeds is a server of many feeds, at /0.ics and so on.
type feeds struct {
	url  string
	way  atomic.Int32
	each []atomic.Int64 // how often each was asked
	all  atomic.Int64   // how often any was
	sent atomic.Int64   // of those, how often the answer was a text

	head, tail []byte // of the text, around what changes
}

func newFeeds(n int) *feeds {
	f := &feeds{each: make([]atomic.Int64, n)}
	f.head, f.tail = feedText()
	return f
}

// startFeeds serves so many until the test ends.
func startFeeds(t *testing.T, n int) *feeds {
	f := newFeeds(n)
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *feeds) address(i int) string { return fmt.Sprintf("%s/%d.ics", f.url, i) }

func (f *feeds) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const tag = `"1"`
	i, err := strconv.Atoi(strings.TrimSuffix(r.URL.Path[1:], ".ics"))
	if err != nil || i >= len(f.each) {
		http.NotFound(w, r)
		return
	}
	f.each[i].Add(1)
	n := f.all.Add(1)
	switch f.way.Load() {
	case unchanged:
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		n = 0
	case same:
		n = 0
	}
	f.sent.Add(1)
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(f.head)+len(f.tail)+len("20000101T080000Z")))
	_, _ = w.Write(f.head)
	fmt.Fprintf(w, "2%07dT%02d%02d00Z", 270101+n/1440%28, n/60%24, n%60) // a last event is moved
	_, _ = w.Write(f.tail)
}

// feedText is an agenda of some months with weekly series, up to the start of its last event, and from there on.
func feedText() (head, tail []byte) {
	random := rand.New(rand.NewPCG(seed, 2))
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//exemple.fr//banc//FR")
	line("BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nBEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nDTSTART:19810329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT")
	line("BEGIN:STANDARD\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nDTSTART:19961027T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE")
	now := time.Now()
	for i := 0; b.Len() < feedBytes-400; i++ {
		start := time.Date(now.Year(), now.Month(), now.Day()-60+random.IntN(180), 8+random.IntN(10), 15*random.IntN(4), 0, 0, time.UTC)
		line("BEGIN:VEVENT\r\nUID:%d@exemple.fr\r\nDTSTAMP:20260101T080000Z", i)
		line("DTSTART;TZID=Europe/Paris:%s", start.Format("20060102T150405"))
		line("DTEND;TZID=Europe/Paris:%s", start.Add(time.Duration(30+15*random.IntN(4))*time.Minute).Format("20060102T150405"))
		if i%5 == 0 {
			line("RRULE:FREQ=WEEKLY;BYDAY=%s", strings.ToUpper(start.Weekday().String()[:2]))
			line("EXDATE;TZID=Europe/Paris:%s", start.AddDate(0, 0, 7*(1+random.IntN(8))).Format("20060102T150405"))
		}
		line("SUMMARY:Rendez-vous d'accompagnement numérique\r\nDESCRIPTION:%s", strings.Repeat("démarches impôts\r\n  carte grise ", 10))
		line(`LOCATION:Maison des services\, 12 rue de la Mairie\, 35000 Rennes`)
		line("SEQUENCE:%d\r\nSTATUS:CONFIRMED\r\nTRANSP:OPAQUE\r\nCREATED:20251201T080000Z\r\nLAST-MODIFIED:20251202T080000Z\r\nEND:VEVENT", random.IntN(3))
	}
	b.WriteString("BEGIN:VEVENT\r\nUID:dernier@exemple.fr\r\nDTSTAMP:20260101T080000Z\r\nDTSTART:")
	return b.Bytes(), []byte("\r\nDURATION:PT30M\r\nSUMMARY:Déplacé\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
}
