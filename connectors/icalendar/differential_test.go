package icalendar

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	rulego "github.com/teambition/rrule-go"

	"passerelle/internal/prove"
)

// question is a rule, its start and a window, all on the wall.
type question struct {
	choice
	text            string
	start, from, to time.Time
}

// questions are 2,000 generated ones, or 100,000 in a long run.
func questions(t *testing.T, wanted func(*question) bool) []question {
	t.Helper()
	seed, n := rand.Uint64(), prove.Size(2_000, 100_000)
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	list := make([]question, 0, n)
	for len(list) < n {
		if q := someQuestion(r); wanted(&q) && q.recurs() {
			list = append(list, q)
		}
	}
	return list
}

func someQuestion(r *rand.Rand) question {
	q := question{choice: someChoice(r)}
	q.start = time.Date(2010+r.IntN(10), 1, 1+r.IntN(365), r.IntN(24), r.IntN(60), 0, 0, time.UTC)
	q.from = q.start.AddDate(0, 0, r.IntN(1500)-20)
	q.to = q.from.AddDate(0, 0, 1+r.IntN(500))
	q.text = q.String()
	if r.IntN(5) == 0 {
		q.text += fmt.Sprintf(";BYHOUR=%d,%d;BYMINUTE=%d", r.IntN(12), 12+r.IntN(12), r.IntN(60))
	}
	if q.count == 0 && r.IntN(4) == 0 {
		q.text += ";UNTIL=" + q.start.AddDate(0, 0, r.IntN(2000)).Format("20060102T150405Z")
	}
	return q
}

// mixesDays reports whether BYDAY has numbered days beside days without number.
func (q *question) mixesDays() bool {
	numbered := func(d nthDay) bool { return d.n != 0 }
	plain := func(d nthDay) bool { return d.n == 0 }
	return slices.ContainsFunc(q.days, numbered) && slices.ContainsFunc(q.days, plain)
}

// ours lists the wall times of the window.
func (q *question) ours(t *testing.T) []int64 {
	t.Helper()
	rule, ok := parseRule([]byte(q.text))
	if !ok {
		t.Fatalf("%s is refused", q.text)
	}
	b := budget{left: 1 << 30, perSeries: 1 << 30}
	b.begin()
	e := expansion{rule: &rule, start: q.start.Unix(), from: q.from.Unix(), to: q.to.Unix(), until: noUntil, budget: &b}
	if rule.until.known() {
		e.until = rule.until.wall
	}
	e.run()
	return e.walls
}

// recurs reports whether the rule goes on for longer than the window, COUNT and UNTIL aside. The judges look for the
// next occurrence of one that does not until the year 9999.
func (q *question) recurs() bool {
	rule, _ := parseRule([]byte(q.text))
	rule.count, rule.until = 0, moment{}
	b := budget{left: 1 << 30, perSeries: 1 << 30}
	b.begin()
	e := expansion{rule: &rule, start: q.start.Unix(), from: q.to.Unix(), to: q.to.AddDate(9, 0, 0).Unix(), until: noUntil, budget: &b}
	e.run()
	return len(e.walls) > 0
}

func (q *question) compare(t *testing.T, judge string, theirs []int64) (same bool) {
	t.Helper()
	ours := q.ours(t)
	if slices.Equal(ours, theirs) {
		return true
	}
	show := func(walls []int64) (list []string) {
		for _, w := range walls[:min(len(walls), 8)] {
			list = append(list, time.Unix(w, 0).UTC().Format("2006-01-02T15:04"))
		}
		return list
	}
	t.Errorf("%s from %s, in %s to %s:\n%8s %d %v\n%8s %d %v", q.text, q.start.Format("2006-01-02T15:04 Mon"), q.from.Format(time.DateOnly),
		q.to.Format(time.DateOnly), "ours", len(ours), show(ours), judge, len(theirs), show(theirs))
	return false
}

// rrule-go is asked only what it gets right. Left out: BYWEEKNO (all seven days where BYDAY is not there, and wrong
// over the turn of the year: the generator makes none), WEEKLY with BYSETPOS (it counts from DTSTART in the first week),
// a value named twice (it repeats the occurrence: the generator makes none), rules shorter than a day (it may never
// return), and a BYDAY that mixes numbered days with others (it wants both at once).
func TestRulesAgainstRRuleGo(t *testing.T) {
	for _, q := range questions(t, func(q *question) bool { return (q.freq != "WEEKLY" || len(q.at) == 0) && !q.mixesDays() }) {
		option, err := rulego.StrToROption(q.text)
		if err != nil {
			t.Fatalf("%s: %v", q.text, err)
		}
		option.Dtstart = q.start
		if option.Until.IsZero() || option.Until.After(q.to) {
			option.Until = q.to // a rule that never matches would be looked at for 292 years
		}
		set, err := rulego.NewRRule(*option)
		if err != nil {
			t.Fatalf("%s: %v", q.text, err)
		}
		var theirs []int64
		for _, at := range set.Between(q.from, q.to, true) {
			if at.Before(q.to) {
				theirs = append(theirs, at.Unix())
			}
		}
		q.compare(t, "rrule-go", theirs)
		if t.Failed() {
			return
		}
	}
}

// ordinary reports whether ical.js gets such a rule right, once it starts at an occurrence of its own. Left out: DAILY
// with BYMONTHDAY (it may never return) or with an interval and BYDAY, BYSETPOS, BYYEARDAY, BYMONTH but for YEARLY,
// BYDAY together with BYMONTHDAY, YEARLY with either (it stays in the month of the start), more times of the day, an interval
// with several days of which one is a fifth (it passes over a month that lacks that one, with all that it has).
func (q *question) ordinary() bool {
	if len(q.at) > 0 || len(q.yearDays) > 0 || strings.Contains(q.text, "BYHOUR") || len(q.days) > 0 && len(q.monthDays) > 0 {
		return false
	}
	if fifth := func(d nthDay) bool { return d.n == 5 || d.n == -5 }; q.interval > 1 && len(q.days) > 1 && slices.ContainsFunc(q.days, fifth) {
		return false
	}
	switch q.freq {
	case "DAILY":
		return len(q.monthDays)+len(q.months) == 0 && (len(q.days) == 0 || q.interval == 1)
	case "YEARLY":
		return len(q.days)+len(q.monthDays) == 0
	}
	return len(q.months) == 0
}

// startAtAnOccurrence moves the start to the first occurrence from it on; false where there is none, as with an UNTIL
// that comes first: what such a rule means is not defined (RFC 5545 §3.8.5.3).
func (q *question) startAtAnOccurrence(t *testing.T) bool {
	whole := *q
	whole.from, whole.to = q.start, q.start.AddDate(30, 0, 0)
	walls := whole.ours(t)
	if len(walls) > 0 {
		q.start = time.Unix(walls[0], 0).UTC()
	}
	return len(walls) > 0
}

// The npm package ical.js, installed in the folder that PASSERELLE_ICALJS names, is asked too.
func TestRulesAgainstICALJS(t *testing.T) {
	folder := os.Getenv("PASSERELLE_ICALJS")
	if folder == "" {
		t.Skip("PASSERELLE_ICALJS does not name a folder with the npm package ical.js")
	}
	list := questions(t, func(q *question) bool {
		if !q.ordinary() || !q.startAtAnOccurrence(t) {
			return false
		}
		return q.freq != "YEARLY" || q.start.Day() <= 28 // it makes 1 March of a 29 February that is not there
	})
	var in bytes.Buffer
	for i := range list {
		q := &list[i]
		line, err := json.Marshal(map[string]any{
			"rule": q.text, "start": q.start.Format("2006-01-02T15:04:05"), "from": q.from.Unix(), "to": q.to.Unix(),
		})
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	node := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "judge.mjs"), folder)
	node.Stdin, node.Stderr = &in, os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewScanner(bytes.NewReader(out))
	answers.Buffer(nil, 1<<22)
	same, refused := 0, 0
	for i := range list {
		if !answers.Scan() {
			t.Fatalf("%d answers to %d rules", i, len(list))
		}
		var answer struct {
			Walls []int64
			Error string
		}
		if err := json.Unmarshal(answers.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		switch {
		case answer.Error != "":
			refused++
		case list[i].compare(t, "ical.js", answer.Walls):
			same++
		}
	}
	t.Logf("same %d, refused by ical.js %d", same, refused)
}
