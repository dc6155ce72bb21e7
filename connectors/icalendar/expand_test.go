package icalendar

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// choice is a rule in plain lists, as the slow reader of this test needs it.
type choice struct {
	freq, wkst                      string
	interval, count                 int
	months, monthDays, yearDays, at []int
	days                            []nthDay
}

type nthDay struct {
	n  int // 0: every one
	wd time.Weekday
}

var dayNames = [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

func (c choice) String() string {
	parts := []string{"FREQ=" + c.freq, fmt.Sprintf("INTERVAL=%d", c.interval), "WKST=" + c.wkst}
	add := func(name string, list []int) {
		if len(list) > 0 {
			parts = append(parts, name+"="+strings.Trim(strings.Join(strings.Fields(fmt.Sprint(list)), ","), "[]"))
		}
	}
	if c.count > 0 {
		parts = append(parts, fmt.Sprintf("COUNT=%d", c.count))
	}
	add("BYMONTH", c.months)
	add("BYMONTHDAY", c.monthDays)
	add("BYYEARDAY", c.yearDays)
	add("BYSETPOS", c.at)
	var days []string
	for _, d := range c.days {
		if d.n == 0 {
			days = append(days, dayNames[d.wd])
		} else {
			days = append(days, fmt.Sprintf("%+d%s", d.n, dayNames[d.wd]))
		}
	}
	if len(days) > 0 {
		parts = append(parts, "BYDAY="+strings.Join(days, ","))
	}
	return strings.Join(parts, ";")
}

func someChoice(r *rand.Rand) choice {
	c := choice{
		freq:     []string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}[r.IntN(4)],
		wkst:     dayNames[r.IntN(7)],
		interval: []int{1, 1, 1, 2, 3, 5, 13}[r.IntN(7)],
	}
	some := func(odds float64, n, low, high int) (list []int) {
		if r.Float64() < odds {
			for range 1 + r.IntN(n) {
				if x := low + r.IntN(high-low+1); x != 0 && !slices.Contains(list, x) {
					list = append(list, x)
				}
			}
		}
		return list
	}
	c.months = some(.3, 4, 1, 12)
	if c.freq != "WEEKLY" {
		c.monthDays = some(.3, 5, -31, 31)
	}
	if c.freq == "YEARLY" {
		c.yearDays = some(.2, 6, -366, 366)
	}
	if r.Float64() < .5 {
		for range 1 + r.IntN(4) {
			d := nthDay{wd: time.Weekday(r.IntN(7))}
			switch {
			case c.freq == "MONTHLY" || c.freq == "YEARLY" && len(c.months) > 0:
				d.n = r.IntN(11) - 5
			case c.freq == "YEARLY":
				d.n = r.IntN(107) - 53
			}
			if !slices.Contains(c.days, d) {
				c.days = append(c.days, d)
			}
		}
	}
	if len(c.days)+len(c.monthDays) > 0 {
		c.at = some(.3, 3, -4, 4)
	}
	if r.Float64() < .4 {
		c.count = 1 + r.IntN(40)
	}
	return c
}

// slowly lists the days of a rule by looking at each day from the start on, period by period, as RFC 5545 §3.3.10
// tells it.
func (c choice) slowly(start, end time.Time) (out []time.Time) {
	if len(c.days) == 0 && len(c.monthDays) == 0 && len(c.yearDays) == 0 {
		switch c.freq {
		case "WEEKLY":
			c.days = []nthDay{{wd: start.Weekday()}}
		case "YEARLY":
			if len(c.months) == 0 {
				c.months = []int{int(start.Month())}
			}
			c.monthDays = []int{start.Day()}
		case "MONTHLY":
			c.monthDays = []int{start.Day()}
		}
	}
	wkst := time.Weekday(slices.Index(dayNames[:], c.wkst))
	weekOf := func(t time.Time) int { return int(t.AddDate(0, 0, -int(t.Weekday()-wkst+7)%7).Unix() / 86400 / 7) }
	period := func(t time.Time) int {
		switch c.freq {
		case "DAILY":
			return int(t.Unix() / 86400)
		case "WEEKLY":
			return weekOf(t)
		case "MONTHLY":
			return t.Year()*12 + int(t.Month())
		}
		return t.Year()
	}
	var set []time.Time
	emitted := 0
	flush := func() {
		for i, t := range set {
			chosen := len(c.at) == 0 || slices.Contains(c.at, i+1) || slices.Contains(c.at, i-len(set))
			if chosen && !t.Before(start) && (c.count == 0 || emitted < c.count) {
				emitted++
				out = append(out, t)
			}
		}
		set = set[:0]
	}
	last := -1
	for t := time.Date(start.Year(), 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -7); t.Before(end.AddDate(1, 0, 7)); t = t.AddDate(0, 0, 1) {
		p := period(t)
		if p != last {
			flush()
			last = p
		}
		if gap := p - period(start); gap >= 0 && gap%c.interval == 0 && c.means(t) {
			set = append(set, t)
		}
	}
	flush()
	return slices.DeleteFunc(out, func(t time.Time) bool { return !t.Before(end) })
}

func (c choice) means(t time.Time) bool {
	first := t.AddDate(0, 0, 1-t.Day())
	length := first.AddDate(0, 1, -1).Day()
	yearLength := time.Date(t.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
	either := func(list []int, n, total int) bool {
		return len(list) == 0 || slices.Contains(list, n) || slices.Contains(list, n-total-1)
	}
	if len(c.months) > 0 && !slices.Contains(c.months, int(t.Month())) {
		return false
	}
	if !either(c.monthDays, t.Day(), length) || !either(c.yearDays, t.YearDay(), yearLength) {
		return false
	}
	n, total := t.Day(), length
	if c.freq == "YEARLY" && len(c.months) == 0 {
		n, total = t.YearDay(), yearLength
	}
	return len(c.days) == 0 || slices.ContainsFunc(c.days, func(d nthDay) bool {
		return d.wd == t.Weekday() && (d.n == 0 || d.n == (n-1)/7+1 || -d.n == (total-n)/7+1)
	})
}

func TestRulesMeanWhatASlowReaderReads(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 1_000 {
		c := someChoice(r)
		start := time.Date(2010+r.IntN(10), 1, 1+r.IntN(365), 0, 0, 0, 0, time.UTC)
		from := start.AddDate(0, 0, r.IntN(1500)-20)
		to := from.AddDate(0, 0, 1+r.IntN(500))
		var want []string
		for _, d := range c.slowly(start, to) {
			if !d.Before(from) {
				want = append(want, d.Format(time.DateOnly))
			}
		}
		rule, ok := parseRule([]byte(c.String()))
		if !ok {
			t.Fatalf("%s is refused", c)
		}
		b := budget{left: 1 << 30, perSeries: 1 << 30}
		b.begin()
		e := expansion{rule: &rule, start: start.Unix(), from: from.Unix(), to: to.Unix(), until: noUntil, budget: &b}
		var got []string
		e.run()
		for _, wall := range e.walls {
			got = append(got, time.Unix(wall, 0).UTC().Format(time.DateOnly))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s from %s, in %s to %s:\n got %v\nwant %v", c,
				start.Format(time.DateOnly), from.Format(time.DateOnly), to.Format(time.DateOnly), got, want)
		}
	}
}

// The cost of a series depends on the window, not on its age.
func TestOldSeriesCostNoMoreThanYoungOnes(t *testing.T) {
	for _, text := range []string{
		"FREQ=DAILY", "FREQ=DAILY;COUNT=1000000", "FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=1000000",
		"FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY", "FREQ=YEARLY;BYWEEKNO=20", "FREQ=WEEKLY;INTERVAL=3;BYSETPOS=1;BYDAY=TU,TH",
	} {
		rule, ok := parseRule([]byte(text))
		if !ok {
			t.Fatal(text)
		}
		steps := func(year int64) int {
			b := budget{left: 1 << 30, perSeries: 1 << 30}
			b.begin()
			from := dayOf(2026, 6, 1) * day
			e := expansion{rule: &rule, start: dayOf(year, 6, 1) * day, from: from, to: from + 30*day, until: noUntil, budget: &b}
			e.run()
			return 1<<30 - b.left
		}
		if young, old := steps(2026), steps(1700); old > young+20 {
			t.Errorf("%s: %d steps for a series of 1700, %d for one of 2026", text, old, young)
		}
	}
}

func TestRulesThatAreRefused(t *testing.T) {
	for _, text := range []string{
		"", "FREQ=", "COUNT=3", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=x",
		"FREQ=DAILY;UNTIL=demain", "FREQ=WEEKLY;BYDAY=XX", "FREQ=MONTHLY;BYDAY=99MO", "FREQ=MONTHLY;BYMONTHDAY=0",
		"FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=YEARLY;BYMONTH=13", "FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "FREQ=DAILY;BYHOUR=24",
		"FREQ=DAILY;BYSETPOS=367", "FREQ=YEARLY;BYEASTER=0", "RSCALE=HEBREW;FREQ=YEARLY", "FREQ=MONTHLY;SKIP=FORWARD", "FREQ=WEEKLY;WKST=9",
	} {
		if _, ok := parseRule([]byte(text)); ok {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestRulesThatAreForgiven(t *testing.T) {
	for _, text := range []string{
		"FREQ=DAILY;", ";FREQ=DAILY", "freq=weekly;byday=mo", "FREQ=DAILY;BYSECOND=60", "FREQ=DAILY;X-A=B", "FREQ=WEEKLY;UNTL=20260101",
		"RSCALE=GREGORIAN;FREQ=DAILY;SKIP=OMIT", "FREQ=MONTHLY;BYDAY=+1MO, -1TU", "FREQ=DAILY;INTERVAL=9223372036854775807",
	} {
		if _, ok := parseRule([]byte(text)); !ok {
			t.Errorf("%q is refused", text)
		}
	}
}
