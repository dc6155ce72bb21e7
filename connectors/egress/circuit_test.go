package egress

import (
	"strings"
	"testing"
	"time"
)

// TestACircuit reads a story: a (answered), f (failed), t (time-out), n (says nothing) are requests that can wait, in
// capitals such that somebody waits for; digits let that many times 10 s pass. A request that is held back is written "-"
// in what became of it, a probe "p", others "o".
func TestACircuit(t *testing.T) {
	twenty := strings.Repeat("af", 9) // and two more
	cases := map[string]struct{ story, want string }{
		"works":                             {strings.Repeat("a", 40), strings.Repeat("o", 40)},
		"half of too few calls":             {"fffffffffaaaaaaaaaf", strings.Repeat("o", 19)},
		"half of twenty calls":              {twenty + "af" + "aa", strings.Repeat("o", 20) + "--"},
		"fewer than half of the last":       {strings.Repeat("aaf", 30), strings.Repeat("o", 90)},
		"what is long ago does not count":   {"fffffffff" + strings.Repeat("a", 20) + "fffffffff", strings.Repeat("o", 38)},
		"five time-outs in a row":           {"ttttta", "ooooo-"},
		"an answer between":                 {"ttttattttaa", "ooooooooooo"},
		"what says nothing is not between":  {"ttnttta", "oooooo-"},
		"held until its time":               {"ttttt2aa1aa", "ooooo--po"},
		"the probe fails":                   {"ttttt3fa2a1aa", "ooooop--po"},
		"somebody waits: it is tried":       {"tttttAaa", "ooooopoo"},
		"and fails: the others are held":    {"tttttFaTaa", "ooooop-p--"},
		"a failing try begins the 30 s":     {"ttttt2F2a1a", "ooooop-p"},
		"a probe that says nothing":         {"ttttt3na", "ooooopp"},
		"begins anew after it closed":       {"ttttt3atttta", "ooooopooooo"},
		"failures while it is open are one": {"ttttt3t3a", "ooooopp"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var circuit circuit
			now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
			var got strings.Builder
			for _, r := range c.story {
				if '0' <= r && r <= '9' {
					now = now.Add(time.Duration(r-'0') * 10 * time.Second)
					continue
				}
				since := patient
				if r < 'a' {
					now = now.Add(time.Second)
					since = now
				}
				p, _ := circuit.enter(now, since)
				got.WriteByte("-op"[p])
				if p != held {
					o := map[string]outcome{"a": answered, "f": failed, "t": late, "n": nothing}[strings.ToLower(string(r))]
					circuit.leave(p, o, now, openFor)
				}
			}
			if got.String() != c.want {
				t.Errorf("%s: got %s, want %s", c.story, got.String(), c.want)
			}
		})
	}
}

// While a probe is under way, whoever can wait is held back, and whoever is waited for shares what the probe finds.
func TestOneProbeAtATime(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		found outcome
		then  pass
	}{
		"answered":      {answered, through},
		"failed":        {failed, held},
		"says nothing":  {nothing, probing},
		"not answering": {late, held},
	} {
		t.Run(name, func(t *testing.T) {
			var x circuit
			for range mostLate {
				p, _ := x.enter(now, patient)
				x.leave(p, late, now, openFor)
			}
			now := now.Add(time.Second)
			since := now
			first, _ := x.enter(now, since)
			second, wait := x.enter(now, since)
			if first != probing || second != held || wait == nil {
				t.Fatalf("first %d, second %d, waits: %t", first, second, wait != nil)
			}
			if p, wait := x.enter(now.Add(time.Hour), patient); p != held || wait != nil {
				t.Errorf("one that can wait: %d, waits: %t", p, wait != nil)
			}
			x.leave(first, c.found, now, openFor)
			select {
			case <-wait:
			default:
				t.Fatal("it is not told")
			}
			if p, wait := x.enter(now, since); p != c.then || wait != nil {
				t.Errorf("after it: %d, waits: %t", p, wait != nil)
			}
		})
	}
}

func TestWhatWasSentBeforeItOpenedSaysNothing(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var x circuit
	old, _ := x.enter(now, patient)
	older, _ := x.enter(now, patient)
	for range mostLate {
		p, _ := x.enter(now, patient)
		x.leave(p, late, now, openFor)
	}
	x.leave(older, late, now.Add(openFor-1), openFor)
	x.leave(old, answered, now.Add(openFor-1), openFor)
	if p, _ := x.enter(now.Add(openFor-1), patient); p != held {
		t.Error("an old answer closed it")
	}
	if p, _ := x.enter(now.Add(openFor), patient); p != probing {
		t.Error("an old failure keeps it open")
	}
}
