package freebusy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

const stamp = "20060102T150405Z"

// year is a window wide enough for what the fuzzer makes of the dates of its seeds.
var year = interval.Of(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))

var (
	// plainPeriod is a line that nothing can be made of but a taken time, wherever it stands.
	plainPeriod = regexp.MustCompile(`\nFREEBUSY(?:;FBTYPE=(BUSY|BUSY-TENTATIVE|BUSY-UNAVAILABLE|X-[A-Z]+))?:(\d{8}T\d{6}Z)/(\d{8}T\d{6}Z)\r?\n[^ \t]`)
	dateOrTime  = regexp.MustCompile(`\d{8}(?:[Tt]\d{6})?`)
	folding     = regexp.MustCompile(`[\r\n]+[ \t]`)
)

// Whatever the text: no stated period is free, wherever it stands, nor any time beyond the first and the last that is
// written anywhere.
func FuzzWhateverTheServerSends(f *testing.F) {
	period := "FREEBUSY:20260303T080000Z/20260303T100000Z"
	for _, text := range []string{
		answer(vfreebusy(span, period)),
		answer(vfreebusy(span, "FREEBUSY;FBTYPE=FREE:20260302T000000Z/20260306T000000Z", period, "FREEBUSY;FBTYPE=X-ABSENT:20260304T080000Z/20260304T100000Z")),
		answer(vfreebusy("DTSTART:20260303T080000Z", "DTEND:20260303T100000Z", "FBTYPE:BUSY"), vfreebusy(span, period)),
		answer(vfreebusy("DTSTART:20260303T080000Z", "DTEND:20260303T100000Z", "SUMMARY:Busy", "RRULE:FREQ=DAILY")),
		answer(vfreebusy("DTSTART;TZID=Europe/Paris:20260302T000000", "DTEND;TZID=UTC:20260306T000000", "FREEBUSY;TZID=UTC:20260303T080000/PT2H", period)),
		answer(vfreebusy(span, "BEGIN:X", period)),
		answer(vfreebusy(span)+"\r\n"+period, "BEGIN:VEVENT", period, "DTSTART:20260303T080000Z", "END:VEVENT"),
		answer(vfreebusy(span, "FREEBUSY:20260303T080000Z/PT2H,", "20260304T080000Z/PT2H", period), vfreebusy(span, period)),
		answer(vfreebusy(span, "END:VCALENDAR", period)),
	} {
		f.Add(text, false)
		f.Add(strings.ReplaceAll(text, "\r\n", "\n"), true)
	}
	f.Fuzz(func(t *testing.T, text string, emptyIsFree bool) {
		r, err := (&agenda{zone: time.UTC, emptyIsFree: emptyIsFree}).translate([]byte(text), year)
		if err != nil {
			return
		}
		free := freeOf(r, year)
		for _, taken := range plainPeriods(text) {
			if cut := interval.Cut(free, taken); len(cut) > 0 {
				t.Fatalf("%v is free, in the taken time %v", cut, taken)
			}
		}
		if len(free) == 0 || strings.Contains(strings.ToUpper(text), "FREE:") || strings.Contains(strings.ToUpper(text), "FBTYPE") {
			return // a time that is stated free may have a length
		}
		if written := writtenTimes(text); free[0].Start < written.Start || free[len(free)-1].End > written.End {
			t.Fatalf("free %v, but only %v is written", free, written)
		}
	})
}

// plainPeriods are the taken times that are written on lines of their own.
func plainPeriods(text string) (list []interval.Interval) {
	for at := 0; ; {
		m := plainPeriod.FindStringSubmatchIndex(text[at:])
		if m == nil {
			return list
		}
		start, err := time.Parse(stamp, text[at+m[4]:at+m[5]])
		end, errEnd := time.Parse(stamp, text[at+m[6]:at+m[7]])
		if err == nil && errEnd == nil {
			list = append(list, interval.Of(start, end))
		}
		at += m[7] // the end of this line may be the beginning of the next match
	}
}

// writtenTimes is from the first to the last time in the text, in any zone.
func writtenTimes(text string) interval.Interval {
	text = folding.ReplaceAllString(text, "")
	written := interval.Interval{Start: year.End, End: year.Start}
	for i := range text {
		m := dateOrTime.FindString(text[i:min(len(text), i+15)])
		for _, form := range []string{"20060102T150405", "20060102"} {
			if at, err := time.Parse(form, strings.ToUpper(m)); err == nil {
				written.Start, written.End = min(written.Start, at.Unix()-86400), max(written.End, at.Unix()+2*86400)
				break
			}
		}
	}
	return written
}

// published is a VFREEBUSY that the fuzzer makes up, in hours since the start of the year.
type published struct {
	start, end int
	periods    []hours
}

type hours struct {
	start, length int
	kind          string
}

// FuzzPublishedTime makes answers up and knows, hour by hour, what they say. What they are read as is exactly that; and
// with a line put in anywhere that does not speak of time, no more.
func FuzzPublishedTime(f *testing.F) {
	f.Add([]byte{10, 20, 2, 12, 3, 0, 15, 1, 1, 60, 90, 1, 62, 4, 2}, "", uint8(0))
	f.Add([]byte{10, 20, 2, 12, 3, 0, 15, 1, 1, 60, 90, 1, 62, 4, 2}, "END:VFREEBUSY", uint8(6))
	f.Add([]byte{0, 255, 3, 200, 1, 3, 201, 9, 4, 5, 5, 5}, "BEGIN:X-NOTE", uint8(5))
	f.Add([]byte{40, 9, 1, 41, 2, 5}, "une ligne", uint8(7))
	f.Fuzz(func(t *testing.T, plan []byte, line string, place uint8) {
		components := madeUp(plan)
		lines := strings.Split(written(components), "\r\n")
		model := modelOf(components)
		spliced := line != "" && len(line) < 200 && !strings.ContainsAny(strings.ToUpper(line), "\r\n,/") && !speaksOfTime.MatchString(line) && line[0] != ' ' && line[0] != '\t'
		if spliced {
			lines = slices.Insert(lines, 1+int(place)%(len(lines)-1), line)
		}
		r, err := (&agenda{zone: time.UTC}).translate([]byte(strings.Join(lines, "\r\n")), year)
		if err != nil {
			if len(components) > 0 && !spliced {
				t.Fatal(err)
			}
			return
		}
		check(t, r, model, spliced, lines)
	})
}

// speaksOfTime are the lines that may change what the answer says.
var speaksOfTime = regexp.MustCompile(`(?i)DTSTART|DTEND|FREEBUSY:|FREEBUSY;|FBTYPE|DURATION|SUMMARY|AVAILAB`)

func check(t *testing.T, r connectors.Reading, model []bool, spliced bool, lines []string) {
	t.Helper()
	free := make([]bool, len(model))
	for _, span := range freeOf(r, year) {
		for hour := (span.Start - year.Start) / 3600; hour < (span.End-year.Start)/3600; hour++ {
			free[hour] = true
		}
	}
	for hour := range model {
		if free[hour] && !model[hour] || !spliced && free[hour] != model[hour] {
			t.Fatalf("hour %d is free: %v, want %v, in\n%s", hour, free[hour], model[hour], strings.Join(lines, "\n"))
		}
	}
}

var kinds = []string{"", ";FBTYPE=BUSY", ";FBTYPE=BUSY-TENTATIVE", ";FBTYPE=BUSY-UNAVAILABLE", ";FBTYPE=X-ABSENT", ";FBTYPE=FREE", ";fbtype=free"}

// madeUp turns bytes into components: start and length in days, how many periods; then start, length and kind of each.
func madeUp(plan []byte) (list []published) {
	next := func() int {
		if len(plan) == 0 {
			return 0
		}
		b := plan[0]
		plan = plan[1:]
		return int(b)
	}
	for len(plan) > 0 && len(list) < 6 {
		start := 24 * next()
		c := published{start: start, end: start + 24*next()}
		for range next()%8 + 1 {
			c.periods = append(c.periods, hours{start: start + next() - 20, length: next()%50 + 1, kind: kinds[next()%len(kinds)]})
		}
		list = append(list, c)
	}
	return list
}

// written is the components as text, each period in one of the forms that the standard allows.
func written(list []published) string {
	at := func(hour int) string {
		return year.StartTime().Add(time.Duration(hour) * time.Hour).Format(stamp)
	}
	var texts []string
	for n, c := range list {
		lines := []string{"DTSTART:" + at(c.start), "DTEND:" + at(c.end)}
		for i, p := range c.periods {
			switch (n + i) % 3 {
			case 0:
				lines = append(lines, fmt.Sprintf("FREEBUSY%s:%s/%s", p.kind, at(p.start), at(p.start+p.length)))
			case 1:
				lines = append(lines, fmt.Sprintf("FREEBUSY%s:%s/PT%dH", p.kind, at(p.start), p.length))
			default:
				lines = append(lines, fmt.Sprintf("FREEBUSY%s:%s\r\n /P%dDT%dH", p.kind, at(p.start), p.length/24, p.length%24))
			}
		}
		texts = append(texts, vfreebusy(lines...))
	}
	return answer(texts...)
}

// modelOf is what the components say: an hour is free that one of them speaks for, as a whole or by a free period, and
// that none says is taken.
func modelOf(list []published) []bool {
	model := make([]bool, (year.End-year.Start)/3600)
	mark := func(from, to int, free bool) {
		for hour := max(0, from); hour < min(to, len(model)); hour++ {
			model[hour] = free
		}
	}
	isFree := func(p hours) bool { return strings.HasSuffix(strings.ToUpper(p.kind), "=FREE") }
	for _, c := range list {
		mark(c.start, c.end, true)
		for _, p := range c.periods {
			if isFree(p) {
				mark(p.start, p.start+p.length, true)
			}
		}
	}
	for _, c := range list {
		for _, p := range c.periods {
			if !isFree(p) {
				mark(p.start, p.start+p.length, false)
			}
		}
	}
	return model
}
