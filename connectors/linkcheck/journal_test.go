package linkcheck

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/connectors/egress"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const forever = 1000 * time.Hour

func reopen(t *testing.T, path string) *Journal {
	t.Helper()
	j, err := OpenJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func TestAJournalGivesBackTheLastResults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "liens.jsonl")
	first := Result{Link: "https://exemple.fr/a?b=1&c=<é>", Verdict: Dead, Detail: "x", At: noon}
	second := Result{Link: first.Link, Verdict: Moved, Detail: "y", Better: "https://exemple.fr/b", At: noon.Add(time.Hour)}
	third := Result{Link: "https://exemple.fr/c", Verdict: Good, Detail: "z", At: noon}
	for _, r := range []Result{first, third, second, {Verdict: Personal, Detail: "w", At: noon}} {
		j := reopen(t, path) // each in a run of its own
		if err := j.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	j := reopen(t, path)
	for _, want := range []Result{second, third} {
		if got, ok := j.Fresh(want.Link, noon.Add(2*time.Hour), forever); !ok || got != want {
			t.Errorf("%+v %v, want %+v", got, ok, want)
		}
	}
	if _, ok := j.Fresh("", noon, forever); ok || len(j.results) != 2 {
		t.Errorf("it holds %+v", j.results)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"lien":"https://exemple.fr/a?b=1&c=<é>","verdict":"mort","detail":"x","quand":"2026-11-23T12:00:00Z"}`
	if line, _, _ := strings.Cut(string(text), "\n"); line != want {
		t.Errorf("a line is %s, want %s", line, want)
	}
	for cut := range len(text) { // a write that was cut off anywhere costs its own line, and nothing else
		left := string(text[:cut])
		if err := os.WriteFile(path, text[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		j := reopen(t, path)
		if err := j.Append(third); err != nil {
			t.Fatal(err)
		}
		_ = j.Close()
		after, err := os.ReadFile(path)
		if whole := left[:strings.LastIndex(left, "\n")+1]; err != nil || !strings.HasPrefix(string(after), whole+`{"lien":"https://exemple.fr/c"`) {
			t.Fatalf("cut at %d: %s, %v", cut, after, err)
		}
	}
}

func TestWhatIsNoJournalIsLeftAlone(t *testing.T) {
	const good = `{"lien":"https://exemple.fr/","verdict":"bon","detail":"","quand":"2026-11-23T12:00:00Z"}` + "\n"
	for text, says := range map[string]string{
		"id,nom\n1,Lieu\n":                "ligne 1",
		"id,nom":                          "ligne 1",
		"\n":                              "ligne 1",
		good + "x\n":                      "ligne 2",
		good + "x":                        "ligne 2",
		good + "{}\n":                     "ligne 2",
		good + `{"lien":"https://` + "\n": "ligne 2",
		strings.Replace(good, `"bon"`, `"beau"`, 1):                     "ligne 1",
		strings.Replace(good, `,"quand":"2026-11-23T12:00:00Z"`, "", 1): "ligne 1",
		strings.Replace(good, "https://exemple.fr/", "", 1):             "ligne 1",
	} {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OpenJournal(path)
		after, _ := os.ReadFile(path)
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) || string(after) != text {
			t.Errorf("%q: %v; it is now %q", text, err, after)
		}
	}
	if _, err := OpenJournal(filepath.Join(t.TempDir(), "none", "x")); err == nil {
		t.Error("a folder that is not there was no error")
	}
}

func TestNoJournalKeepsNothing(t *testing.T) {
	var j *Journal
	if err := errors.Join(j.Append(Result{Link: page, Verdict: Good, At: noon}), j.Close()); err != nil {
		t.Error(err)
	}
	if _, ok := j.Fresh(page, noon, forever); ok {
		t.Error("it was kept")
	}
}

func TestACheckGoesOnWhereTheLastOneEnded(t *testing.T) {
	ok := status(http.StatusOK)
	path := filepath.Join(t.TempDir(), "liens.jsonl")
	links := []string{"https://a.example.org/", "https://b.example.org/", "https://c.example.org/", "https://d.example.org/"}
	w := newWorld(t, map[string]http.HandlerFunc{links[0]: ok, links[1]: status(503), links[2]: ok}, egress.Options{})
	run := func(stopAfter int) (told []string, asked []string, err error) {
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		o := w.options()
		o.Journal, o.Age, o.Hosts = reopen(t, path), 24*time.Hour, 1
		w.log = nil
		err = Check(ctx, o, links, func(r Result, _ int) error {
			if told = append(told, r.Link+" "+string(r.Verdict)); len(told) == stopAfter {
				interrupt()
			}
			return nil
		})
		for _, q := range w.requests() {
			if host, ok := strings.CutSuffix(strings.TrimPrefix(q, "GET "), "robots.txt"); ok {
				asked = append(asked, host)
			}
		}
		return told, asked, err
	}
	a, b, c, d := links[0], links[1], links[2], links[3]
	told, asked, err := run(2)
	if !errors.Is(err, context.Canceled) || !slices.Equal(told, []string{a + " bon", b + " inconnu"}) || !slices.Equal(asked, []string{a, b}) {
		t.Fatalf("interrupted: told %q, asked %q, %v", told, asked, err)
	}
	told, asked, err = run(0)
	if err != nil || !slices.Equal(told, []string{a + " bon", b + " inconnu", c + " bon", d + " mort"}) || !slices.Equal(asked, []string{b, c, d}) {
		t.Errorf("again: told %q, asked %q, %v", told, asked, err)
	}
	w.now = w.now.Add(25 * time.Hour)
	if told, asked, err = run(0); err != nil || len(told) != 4 || !slices.Equal(asked, []string{a, b, c, d}) {
		t.Errorf("a day later: told %q, asked %q, %v", told, asked, err)
	}
}

func TestWhatCannotBeWrittenEndsTheCheck(t *testing.T) {
	w := newWorld(t, nil, egress.Options{})
	o := w.options()
	o.Journal = reopen(t, filepath.Join(t.TempDir(), "liens.jsonl"))
	_ = o.Journal.Close()
	err := Check(t.Context(), o, []string{"https://a.example.org/"}, func(r Result, _ int) error {
		t.Errorf("told what is not written: %+v", r)
		return nil
	})
	if !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

func TestWhatProvedNothingIsNeverFresh(t *testing.T) {
	for _, c := range []struct {
		verdict  Verdict
		old, age time.Duration
		fresh    bool
	}{
		{Good, 0, time.Hour, true},
		{Dead, 59 * time.Minute, time.Hour, true},
		{Good, time.Hour, time.Hour, false},
		{Unknown, time.Minute, time.Hour, false},
		{Forbidden, time.Minute, time.Hour, true},
		{Good, -time.Minute, time.Hour, false}, // a clock was wrong
		{Good, 0, 0, false},
	} {
		j := &Journal{results: map[string]Result{page: {Link: page, Verdict: c.verdict, At: noon.Add(-c.old)}}}
		if _, got := j.Fresh(page, noon, c.age); got != c.fresh {
			t.Errorf("%s, %s old, age %s: fresh %v", c.verdict, c.old, c.age, got)
		}
	}
}

func TestEveryVerdictIsListedOnce(t *testing.T) {
	seen := map[Verdict]bool{}
	for _, v := range Verdicts() {
		if seen[v] || v == "" {
			t.Errorf("%q stands twice, or is empty", v)
		}
		seen[v] = true
	}
	for v, mend := range map[Verdict]bool{Good: false, Dead: true, Moved: true, Personal: true, Home: true, Unencrypted: true, Forbidden: false, Unknown: false} {
		if !seen[v] || v.ToMend() != mend {
			t.Errorf("%s: listed %v, to mend %v", v, seen[v], v.ToMend())
		}
	}
}
