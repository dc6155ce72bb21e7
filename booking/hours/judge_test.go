package hours

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

	"passerelle/connectors/interval"
	"passerelle/internal/prove"
)

// realValues reads the file of real values beside the repository; the test is skipped where it is absent.
func realValues(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "horaires.txt"))
	if err != nil {
		t.Skip("no real values here: ", err)
	}
	return strings.Split(strings.TrimRight(string(text), "\n"), "\n")
}

// judgement is what the npm package opening_hours says of a value over 2026.
type judgement struct {
	Open     [][2]int64
	Error    string
	Warnings int
}

// judge asks the npm package opening_hours, installed in the folder that PASSERELLE_OPENING_HOURS names.
func judge(t *testing.T, values []string) []judgement {
	t.Helper()
	folder := os.Getenv("PASSERELLE_OPENING_HOURS")
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "opening_hours")); folder == "" || err != nil {
		t.Skip("PASSERELLE_OPENING_HOURS does not name a folder with the npm package opening_hours")
	}
	var in bytes.Buffer
	for _, v := range values {
		line, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	node := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "judge.mjs"), folder)
	node.Env = append(os.Environ(), "TZ=Europe/Paris")
	node.Stdin, node.Stderr = &in, os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []judgement
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var j judgement
		if err := json.Unmarshal(lines.Bytes(), &j); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, j)
	}
	if len(answers) != len(values) {
		t.Fatalf("%d answers to %d values", len(answers), len(values))
	}
	return answers
}

// tally compares our reading of each value with the judge's. Where we are open and the judge is not, the test fails,
// but for values that the judge refuses; what we leave unknown is listed.
func tally(t *testing.T, values []string) (same, prudent, refused int) {
	t.Helper()
	z := paris(t)
	year := window(z, "2026-01-01", "2027-01-01")
	for i, j := range judge(t, values) {
		s := Parse(values[i])
		open, unknown := s.Open(year, z, Calendar{Territory: "13", HolidaysAsUsual: true})
		if j.Error != "" {
			refused++
			if s.Understood() == All {
				t.Logf("read here, refused by the judge: %q", values[i])
			}
			continue
		}
		var theirs []interval.Interval
		for _, o := range j.Open {
			theirs = append(theirs, interval.Interval{Start: o[0], End: o[1]})
		}
		theirs = interval.Union(theirs)
		if s.spills {
			// The judge counts 24 hours from one night to the next, also where the clock changes.
			changes := []interval.Interval{window(z, "2026-03-28", "2026-03-31"), window(z, "2026-10-24", "2026-10-27")}
			open, theirs = interval.Minus(open, changes), interval.Minus(theirs, changes)
		}
		switch missing := interval.Minus(theirs, open); {
		case slices.Equal(open, theirs):
			same++
		case len(interval.Minus(open, theirs)) > 0:
			t.Errorf("%q (%s): open here, not so for the judge: %v", values[i], s.Understood(), interval.Minus(open, theirs)[0])
		case len(interval.Minus(missing, unknown)) > 0:
			t.Errorf("%q (%s): closed here, open for the judge: %v", values[i], s.Understood(), interval.Minus(missing, unknown)[0])
		default:
			prudent++
			t.Logf("unknown here, open for the judge: %q (%s)", values[i], s.Reason())
		}
	}
	return same, prudent, refused
}

func TestRealValuesAgainstTheJudge(t *testing.T) {
	same, prudent, refused := tally(t, realValues(t))
	t.Logf("same %d, unknown here %d, refused by the judge %d", same, prudent, refused)
}

func TestGeneratedValuesAgainstTheJudge(t *testing.T) {
	seed := uint64(1) // an ordinary run asks the same each time: the judge's own slips are for the long ones to find
	if prove.Long() {
		seed = rand.Uint64()
	}
	t.Logf("seed %d", seed)
	g := generator{rand.New(rand.NewPCG(seed, 0))}
	for left := prove.Size(500, 4000); left > 0; left -= 2000 {
		var values []string
		for range min(left, 2000) {
			values = append(values, g.value())
		}
		same, prudent, refused := tally(t, values)
		t.Logf("same %d, unknown here %d, refused by the judge %d", same, prudent, refused)
	}
}

// generator makes values of OSM's grammar.
type generator struct{ *rand.Rand }

func (g generator) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g generator) some(most int, sep string, one func() string) string {
	var parts []string
	for range 1 + g.IntN(most) {
		parts = append(parts, one())
	}
	return strings.Join(parts, sep)
}

func (g generator) value() string {
	var b strings.Builder
	for i := range 1 + g.IntN(4) {
		if i > 0 {
			b.WriteString(g.pick("; ", "; ", "; ", "; ", ", ", " || "))
		}
		b.WriteString(g.rule())
	}
	return b.String()
}

func (g generator) rule() string {
	days := g.days()
	switch g.IntN(6) {
	case 0:
		days = g.pick("Jan-Mar", "Jul,Aug", "Jul 14", "Dec 24-Jan 02", "2026 Dec 24-2027 Jan 02", "Nov-Feb", "Dec 25,26",
			"easter", "easter +1 day", "2026", "2026-2028", "May 8-Sep 15") + g.pick("", " "+days)
	case 1:
		days = g.pick("week 1-53/2", "week 2-52/2", "week 10-20", "week 1,3,7") + g.pick("", " "+days)
	case 2:
		days = g.pick("PH", "Mo-Fr,PH", "PH,Sa")
	}
	if g.IntN(6) == 0 {
		return days + " " + g.pick("off", "closed", "unknown", "open", `"sur rendez-vous"`)
	}
	rule := days + " " + g.some(2, ",", g.times)
	if g.IntN(10) == 0 {
		rule += " " + g.pick("off", "unknown", "open", `"sur rendez-vous"`, `open "accueil"`)
	}
	return rule
}

func (g generator) days() string {
	day := func() string { return g.pick("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su") }
	return g.some(2, ",", func() string {
		switch g.IntN(5) {
		case 0, 1:
			return day() + "-" + day()
		case 2:
			return day() + g.pick("[1]", "[-1]", "[2,4]", "[1-2]")
		}
		return day()
	})
}

func (g generator) times() string {
	if g.IntN(10) == 0 {
		return g.pick("22:00-02:00", "20:00-26:00", "18:00-00:00", "09:00+", "sunrise-sunset", "00:00-24:00")
	}
	from := 6 + g.IntN(10)
	return fmt.Sprintf("%02d:%02d-%02d:%02d", from, 15*g.IntN(4), from+1+g.IntN(7), 15*g.IntN(4))
}

func paris(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// window is the span from one local date to another.
func window(z *time.Location, from, to string) interval.Interval {
	start, err := time.ParseInLocation(time.DateOnly, from, z)
	if err != nil {
		panic(err)
	}
	end, err := time.ParseInLocation(time.DateOnly, to, z)
	if err != nil {
		panic(err)
	}
	return interval.Of(start, end)
}
