package icalendar

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"passerelle/connectors/interval"
)

func calendar(lines ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCALENDAR\r\n")
}

func eventOf(lines ...string) string {
	return "BEGIN:VEVENT\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT"
}

// Whatever is thrown at the reader, it ends within its budget, takes memory in proportion to the text, and what it
// could not understand is not free.
func TestHostileTexts(t *testing.T) {
	long := strings.Repeat("A", 1_000_000)
	start := "DTSTART:20260103T090000Z"
	var crowd strings.Builder
	for i := range 15_000 {
		fmt.Fprintf(&crowd, "%s\r\n", eventOf(fmt.Sprintf("UID:%d", i), "DTSTART:20000101T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"))
	}
	var moved strings.Builder
	for i := range 5_000 {
		fmt.Fprintf(&moved, "%s\r\n", eventOf("UID:a", fmt.Sprintf("RECURRENCE-ID:%d0110T090000Z", 2026+i), "DTSTART:20260110T100000Z", "DURATION:PT1H"))
	}
	times := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, ",%d", i)
		}
		return b.String()[1:]
	}
	for _, c := range []struct {
		name string
		text []byte
		want string // "doubt": something in the window is; "busy": the event stands; "error": refused; "calm": nothing there
	}{
		{"start without value", calendar(eventOf("DTSTART;TZID=Europe/Paris")), "doubt"},
		{"parameter without value", calendar(eventOf(`X;A="b"`, start, "DURATION:PT1H")), "busy"},
		{"quotation marks in quotation marks", calendar(eventOf(`ATTENDEE;CN="A"B":mailto:a@exemple.fr`, start, "DURATION:PT1H")), "busy"},
		{"parameter of 100 kB", calendar(eventOf("SUMMARY;X="+long[:100_000]+":a", start, "DURATION:PT1H")), "busy"},
		{"parameter of a megabyte", calendar(eventOf("SUMMARY;X="+long+":a", start, "DURATION:PT1H")), "busy"},
		{"start with a parameter of a megabyte", calendar(eventOf("DTSTART;X=" + long + ":20260103T090000Z")), "doubt"},
		{"a million parameters", calendar(eventOf("DTSTART"+strings.Repeat(";A=B", 15_000)+":20260103T090000Z", "DURATION:PT1H")), "doubt"},
		{"a million folds", calendar(eventOf("DESCRIPTION:"+strings.Repeat("\r\n a", 1_000_000), start, "DURATION:PT1H")), "busy"},
		{"a million folds in a rule", calendar(eventOf(start, "DURATION:PT1H", "RRULE:FREQ=DAILY"+strings.Repeat("\r\n ;", 1_000_000))), "doubt"},
		{"a million components in components", []byte("BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:A\n", 1_000_000)), "error"},
		{"four million components in components", []byte("BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:A\n", 4_000_000)), "error"},
		{"a million components, and no end", []byte("BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:A\nEND:A\n", 1_000_000)), "doubt"},
		{"a million ends", calendar(eventOf(start, "DURATION:PT1H"), strings.Repeat("END:VEVENT\n", 1_000_000)), "busy"},
		{"each second of the year", calendar(eventOf(start, "DURATION:PT1S", "RRULE:FREQ=SECONDLY")), "doubt"},
		{"each minute since 1970", calendar(eventOf("DTSTART:19700101T000000Z", "DURATION:PT1M", "RRULE:FREQ=MINUTELY")), "doubt"},
		{"a billion days", calendar(eventOf("DTSTART:20000101T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=1000000000")), "busy"},
		{"a billion seconds", calendar(eventOf("DTSTART:20000101T090000Z", "DURATION:PT1H", "RRULE:FREQ=SECONDLY;COUNT=1000000000;BYDAY=MO")), "doubt"},
		{"an hour that never comes", calendar(eventOf(start, "DURATION:PT1H", "RRULE:FREQ=HOURLY;INTERVAL=24;BYHOUR=5")), "doubt"},
		{"a minute that never comes", calendar(eventOf(start, "DURATION:PT1H", "RRULE:FREQ=MINUTELY;INTERVAL=60;BYMINUTE=7")), "doubt"},
		{"a day that never comes", calendar(eventOf(start, "DURATION:PT1H", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")), "doubt"},
		{"the longest interval", calendar(eventOf(start, "DURATION:PT1H", "RRULE:FREQ=DAILY;INTERVAL=9223372036854775807")), "busy"},
		{"the longest interval of years", calendar(eventOf(start, "DURATION:PT1H", "RRULE:FREQ=YEARLY;INTERVAL=9223372036854775807")), "busy"},
		{"each second of each day by lists", calendar(eventOf(start, "DURATION:PT1S", "RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR="+times(24)+";BYMINUTE="+times(60)+";BYSECOND="+times(60))), "doubt"},
		{"the longest duration", calendar(eventOf("DTSTART:20200103T090000Z", "DURATION:P99999999999999999999W")), "calm"},
		{"the year zero", calendar(eventOf("DTSTART:00000101T000000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY")), "busy"},
		{"fifteen thousand series since 2000", calendar(crowd.String()), "doubt"},
		{"a hundred thousand series since 2000", []byte("BEGIN:VCALENDAR\r\n" + strings.Repeat(eventOf("UID:a", "DTSTART:20000101T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY")+"\r\n", 100_000)), "error"},
		{"more events than allowed", calendar(strings.Repeat(eventOf(start)+"\r\n", 20_001)), "error"},
		{"one UID for all", calendar(strings.Repeat(eventOf("UID:a", start, "DURATION:PT1H", "RRULE:FREQ=WEEKLY")+"\r\n"+eventOf("UID:a", "RECURRENCE-ID:20260110T090000Z", "DTSTART:20260110T100000Z")+"\r\n", 9_000)), "busy"},
		{"a hundred thousand exceptions", calendar(eventOf(start, "DURATION:PT1H", "RRULE:FREQ=DAILY", strings.Repeat("EXDATE:"+strings.Repeat("20300101T090000Z,", 1_000)+"\r\n", 100))), "busy"},
		{"exceptions and overrides by the thousand", calendar(eventOf("UID:a", start, "DURATION:PT1H", "RRULE:FREQ=DAILY", strings.Repeat("EXDATE:"+strings.Repeat("20300101T090000Z,", 1_000)+"\r\n", 60)), moved.String()), "busy"},
		{"a zone that turns each day", calendar("BEGIN:VTIMEZONE\nTZID:A\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=DAILY\nEND:STANDARD\nEND:VTIMEZONE", eventOf("DTSTART;TZID=A:20260103T090000", "DURATION:PT1H")), "doubt"},
		{"an empty text", nil, "error"},
		{"a page", []byte("<!DOCTYPE html><html><body>BEGIN:VCALENDAR</body></html>"), "error"},
		{"bytes", []byte("\x00\x01\x02BEGIN\xff\xfe"), "error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, spent, err := readCounted(c.text, year2026(mustLoad(t, "Europe/Paris")), Options{})
			spent.within(t, len(c.text))
			if c.want == "error" {
				if !errors.Is(err, ErrNoCalendar) && !errors.Is(err, ErrTooLarge) {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if is := map[string]bool{"doubt": len(got.Doubt) > 0, "busy": len(got.Busy()) > 0 && got.Complete(), "calm": true}; !is[c.want] {
				t.Errorf("not %s: %d occurrences, doubt %v", c.want, len(got.Occurrences), got.Doubt)
			}
		})
	}
}

// A rule of seconds in a window of its own month, which begins long after it.
func TestEachSecondIsRefusedInAnyWindow(t *testing.T) {
	text := calendar(eventOf("DTSTART:20260101T000000Z", "DURATION:PT1S", "RRULE:FREQ=SECONDLY"))
	november := interval.Interval{Start: dayOf(2026, 11, 1) * day, End: dayOf(2026, 12, 1) * day}
	c, spent, err := readCounted(text, november, Options{})
	if err != nil {
		t.Fatal(err)
	}
	spent.within(t, len(text))
	if len(c.Doubt) != 1 || c.Doubt[0].Interval != november {
		t.Errorf("doubt %v", c.Doubt)
	}
}

// Depth is bounded by itself, not by the size of the text.
func TestTooDeepWhateverTheSize(t *testing.T) {
	text := []byte("BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:A\n", 4_000_000))
	_, spent, err := readCounted(text, interval.Interval{End: 1}, Options{Limits: Limits{Bytes: 64 << 20}})
	spent.within(t, len(text)/100)
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v", err)
	}
}

func TestTooManyBytes(t *testing.T) {
	if _, err := Read(calendar(), interval.Interval{End: 1}, Options{Limits: Limits{Bytes: 10}}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v", err)
	}
}

func TestTooManyOccurrencesAreDoubt(t *testing.T) {
	text := calendar(eventOf("DTSTART:20260103T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"))
	c, err := Read(text, year2026(mustLoad(t, "Europe/Paris")), Options{Limits: Limits{Occurrences: 10}})
	if err != nil || len(c.Occurrences) != 10 || c.Complete() {
		t.Errorf("%d occurrences, doubt %v, error %v", len(c.Occurrences), c.Doubt, err)
	}
}
