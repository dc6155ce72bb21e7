package booking

import (
	"testing"

	"passerelle/connectors"
)

// The machine is total: every status and event either has a step or is refused by kind.
func TestStepKnowsEveryStatusAndEvent(t *testing.T) {
	known := make(map[Status]bool)
	for _, s := range Statuses() {
		known[s] = true
	}
	for _, s := range Statuses() {
		for _, e := range Events() {
			to, commands, err := Step(s, e)
			if err != nil {
				if connectors.KindOf(err) != connectors.Refused || to != s || commands != nil {
					t.Errorf("%s on %s: %v; want a refusal that changes nothing", s, e, err)
				}
				continue
			}
			if !known[to] {
				t.Errorf("%s on %s goes to %q, which is no status", s, e, to)
			}
			for _, c := range commands {
				if c.Do == Tell && (c.To == "" || c.About == "") {
					t.Errorf("%s on %s tells %q about %q", s, e, c.To, c.About)
				}
			}
		}
	}
}

func TestNothingLeavesAnEnd(t *testing.T) {
	for _, s := range []Status{Cancelled, Refused, Expired, Moved, Honoured, Missed, Excused} {
		for _, e := range Events() {
			if to, _, err := Step(s, e); err == nil {
				t.Errorf("%s goes to %s on %s", s, to, e)
			}
		}
	}
}

// Whatever may have reached an agenda keeps its slot until a definite answer.
func TestUnknownOutcomesKeepTheSlot(t *testing.T) {
	for _, path := range []struct {
		name   string
		events []Event
		free   bool
	}{
		{"no answer", []Event{Send, Lose}, false},
		{"given up", []Event{Send, Lose, GiveUp}, false},
		{"a clear no", []Event{Send, Refuse}, true},
		{"a clear no, found out later", []Event{Send, Lose, Refuse}, true},
		{"a cancellation without an answer", []Event{Send, Accept, Recall, Lose}, false},
		{"a cancellation that was refused", []Event{Send, Accept, Recall, Refuse}, false},
		{"a cancellation", []Event{Send, Accept, Recall, Accept}, true},
	} {
		s := Held
		for _, e := range path.events {
			next, _, err := Step(s, e)
			if err != nil {
				t.Fatalf("%s: %v", path.name, err)
			}
			s = next
		}
		if s.Occupies() == path.free {
			t.Errorf("%s ends %s: occupies is %v", path.name, s, s.Occupies())
		}
	}
}

func TestNobodyIsLeftUntold(t *testing.T) {
	told := func(s Status, e Event) map[Actor]bool {
		_, commands, err := Step(s, e)
		if err != nil {
			t.Fatal(err)
		}
		out := make(map[Actor]bool)
		for _, c := range commands {
			if c.Do == Tell {
				out[c.To] = true
			}
		}
		return out
	}
	for _, c := range []struct {
		name string
		from Status
		on   Event
		to   []Actor
	}{
		{"the structure hears of a booking", Held, Keep, []Actor{TheStructure, ThePrescriber, TheBeneficiary}},
		{"the structure hears of a request", Held, Ask, []Actor{TheStructure}},
		{"the person hears of a refusal", Requested, Refuse, []Actor{ThePrescriber, TheBeneficiary}},
		{"everybody hears of a cancellation", Confirmed, Cancel, []Actor{TheStructure, ThePrescriber, TheBeneficiary}},
		{"the prescriber hears first of what nobody could settle", Uncertain, GiveUp, []Actor{ThePrescriber}},
	} {
		for _, who := range c.to {
			if !told(c.from, c.on)[who] {
				t.Errorf("%s: %s is not told", c.name, who)
			}
		}
	}
}
