// Command feeds writes the two feeds of the comparison into a folder: gen1000.ics (1,000 events, 200 of them weekly
// series, about 730 KB) and gen10mb.ics (14,500 events, 2,900 weekly series, about 10.6 MB). They are always the same.
package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: feeds FOLDER")
		os.Exit(1)
	}
	for name, text := range map[string][]byte{"gen1000.ics": feed(1, 1000, 200), "gen10mb.ics": feed(2, 14_500, 2_900)} {
		if err := os.WriteFile(filepath.Join(os.Args[1], name), text, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// zone is what agendas of Paris carry along.
const zone = `BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE`

const form = "20060102T150405"

// writer writes lines, folded.
type writer struct {
	bytes.Buffer
	*rand.Rand
}

func (w *writer) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for len(text) > 73 {
		w.WriteString(text[:73] + "\r\n ")
		text = text[73:]
	}
	w.WriteString(text + "\r\n")
}

func (w *writer) words(n int) string {
	list := strings.Fields("accueil démarches impôts atelier téléphone courriel déclaration dossier carte grise médiation numérique " +
		"accompagnement permanence rendez-vous retraite ordinateur")
	var picked []string
	for range n {
		picked = append(picked, list[w.IntN(len(list))])
	}
	return strings.Join(picked, " ")
}

func feed(seed uint64, events, series int) []byte {
	w := &writer{Rand: rand.New(rand.NewPCG(seed, 0))}
	for line := range strings.SplitSeq("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//exemple.fr//banc//FR\n"+zone, "\n") {
		w.line("%s", line)
	}
	for i := range events {
		w.event(fmt.Sprintf("%d-%d@exemple.fr", seed, i), i < series)
	}
	w.line("END:VCALENDAR")
	return w.Bytes()
}

func (w *writer) event(uid string, isSeries bool) {
	start := time.Date(2025, 9, 1+w.IntN(600), 8+w.IntN(10), 15*w.IntN(4), 0, 0, time.UTC)
	if isSeries {
		start = time.Date(2023, 1, 2+w.IntN(900), 8+w.IntN(10), 15*w.IntN(4), 0, 0, time.UTC)
	}
	w.line("BEGIN:VEVENT")
	w.line("UID:%s", uid)
	w.line("DTSTAMP:20260101T080000Z")
	w.line("DTSTART;TZID=Europe/Paris:%s", start.Format(form))
	w.line("DTEND;TZID=Europe/Paris:%s", start.Add(time.Duration(30+15*w.IntN(4))*time.Minute).Format(form))
	if isSeries {
		until := ""
		if w.IntN(2) == 0 {
			until = ";UNTIL=20270630T220000Z"
		}
		w.line("RRULE:FREQ=WEEKLY;BYDAY=%s%s", strings.ToUpper(start.Weekday().String()[:2]), until)
		for range w.IntN(4) {
			w.line("EXDATE;TZID=Europe/Paris:%s", start.AddDate(0, 0, 7*(60+w.IntN(130))).Format(form))
		}
	}
	w.line("SUMMARY:%s", w.words(5))
	w.line("DESCRIPTION:%s", w.words(25))
	w.line(`LOCATION:Maison des services\, 12 rue de la Mairie\, 35000 Rennes`)
	w.line("SEQUENCE:%d", w.IntN(3))
	w.line("STATUS:CONFIRMED")
	w.line("TRANSP:OPAQUE")
	w.line("CREATED:20251201T080000Z")
	w.line("LAST-MODIFIED:20251202T080000Z")
	w.line(`ATTENDEE;CN="Accueil, mairie";ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:accueil@exemple.fr`)
	w.line("END:VEVENT")
}
