package connectorstest

import (
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

func harness(bug string) Harness {
	return Harness{
		Want:      connectors.Capabilities{Book: true, Cancel: true, Move: true, Find: true},
		Guarantee: connectors.Verified,
		Basis:     connectors.Busy,
		New: func(t testing.TB, _ connectors.Env, free ...interval.Interval) connectors.Agenda {
			d := openDiary(t, bug, nil, free)
			if bug == "cannot book any more" {
				return deaf{d}
			}
			return d
		},
		Fault: func(t testing.TB, _ connectors.Env, p *Proxy, free ...interval.Interval) connectors.Agenda {
			return openDiary(t, bug, p, free)
		},
		Take: func(_ testing.TB, a connectors.Agenda, taken interval.Interval) {
			a.(*diary).server.put("taken-"+taken.String(), event{Interval: taken})
		},
		Touch: func(_ testing.TB, a connectors.Agenda, booked connectors.Appointment, to interval.Interval) {
			a.(*diary).server.put(booked.Upstream, event{Interval: to, Ours: booked.Reference})
		},
		Spoil: func(_ testing.TB, a connectors.Agenda, at interval.Interval) {
			a.(*diary).server.put("garbled", event{Interval: at, Garbled: true})
		},
		Secrets: []string{password},
	}
}

// judged is a test that may fail without failing the test of the suite.
type judged struct {
	testing.TB
	mu     sync.Mutex
	failed bool
	said   strings.Builder
}

func (j *judged) fail(text string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.failed = true
	j.said.WriteString(text)
}

func (j *judged) Helper()                   {}
func (j *judged) Error(...any)              { j.fail("Error") }
func (j *judged) Errorf(f string, _ ...any) { j.fail(f) }
func (j *judged) Fatal(...any)              { j.fail("Fatal"); runtime.Goexit() }
func (j *judged) Fatalf(f string, _ ...any) { j.fail(f); runtime.Goexit() }

func (j *judged) run(c check, h Harness) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.run(newWorld(j, h))
	}()
	<-done
}

func named(t *testing.T, name string) check {
	t.Helper()
	for _, c := range checks {
		if c.name == name {
			return c
		}
	}
	t.Fatalf("there is no sub-test %s", name)
	return check{}
}

func TestAGoodAgendaPasses(t *testing.T) { Run(t, harness("")) }

// Each bug is caught by the sub-test that is there for it, and that sub-test has nothing against a good agenda.
func TestBugsAreCaught(t *testing.T) {
	for bug, by := range map[string]string{
		"cannot book any more":                  "Declared/Capabilities",
		"lists what lies inside only":           "Read/OverlapIsNotContainment",
		"is an hour late in summer":             "Read/BothClockChanges",
		"nothing ever changes":                  "Read/Unchanged",
		"one version for all windows":           "Read/Unchanged",
		"does not look at the context":          "Read/AContextThatEnded",
		"overlooks what it does not understand": "Read/WhatIsNotUnderstoodIsNotFree",
		"does not know its own":                 "Book/OursStandsApart",
		"does not look again":                   "Book/TakenMeanwhile",
		"leaves the loser in the diary":         "Book/NeverFree",
		"names each try anew":                   "Book/TheSameTwice",
		"writes over what is there":             "Book/TheSameTwice",
		"does not see that a human came by":     "Cancel/WhatAHumanMovedStays",
		"cannot cancel twice":                   "Cancel/Twice",
		"cancels all that is ours":              "Cancel/OnlyThatOne",
		"moves without looking":                 "Move/ToWhatIsTaken",
		"finds in its memory":                   "Find/WhatWasCancelled",
		"forgets when to come back":             "Faults/ReadStatuses",
		"answers from memory when it is down":   "Faults/ReadAfterGoodOnes",
		"takes a page for an empty diary":       "Faults/ReadIsNoReading",
		"a server's fault is a refusal":         "Faults/WriteStatuses",
		"an unanswered write is a failed read":  "Faults/WriteHangs",
		"finds nothing when it is down":         "Faults/WhatCannotBeAskedIsNotAbsent",
		"cancels what it cannot ask about":      "Faults/WhatCannotBeAskedIsNotCancelled",
		"tells its password":                    "Hygiene/NoSecretIsTold",
		"leaves a goroutine":                    "Hygiene/NoGoroutineIsLeft",
	} {
		t.Run(bug, func(t *testing.T) {
			h := harness(bug)
			h.patience = 3 * time.Second
			j := &judged{TB: t}
			if j.run(named(t, by), h); !j.failed {
				t.Errorf("%s does not catch it", by)
			}
		})
	}
}

func TestAHarnessLeavesNothingOut(t *testing.T) {
	for name, cut := range map[string]func(*Harness){
		"New":     func(h *Harness) { h.New = nil },
		"Fault":   func(h *Harness) { h.Fault = nil },
		"Take":    func(h *Harness) { h.Take = nil },
		"Touch":   func(h *Harness) { h.Touch = nil },
		"Spoil":   func(h *Harness) { h.Spoil = nil },
		"Secrets": func(h *Harness) { h.Secrets = nil },
	} {
		h := harness("")
		cut(&h)
		j := &judged{TB: t}
		done := make(chan struct{})
		go func() { defer close(done); h.check(j) }()
		if <-done; !j.failed {
			t.Errorf("a harness without %s is accepted", name)
		}
	}
}
