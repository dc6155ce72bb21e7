package booking

import (
	"maps"
	"slices"
	"testing"
	"time"

	"passerelle/connectors"
)

// standings are all that there are.
func standings() []Standing {
	var all []Standing
	for _, s := range Statuses() {
		for _, replaces := range []bool{false, true} {
			for _, upstream := range []bool{false, true} {
				for _, asked := range []bool{false, true} {
					all = append(all, Standing{s, replaces, upstream, asked})
				}
			}
		}
	}
	return all
}

// The machine is total: every standing and event either has a step or is refused by kind.
func TestStepKnowsEveryStandingAndEvent(t *testing.T) {
	for _, s := range standings() {
		for _, e := range Events() {
			to, commands, err := Step(s, e)
			if err != nil {
				if connectors.KindOf(err) != connectors.Refused || to != s || commands != nil {
					t.Errorf("%v on %s: %v; want a refusal that changes nothing", s, e, err)
				}
				continue
			}
			if !slices.Contains(Statuses(), to.Status) {
				t.Errorf("%v on %s goes to %q, which is no status", s, e, to.Status)
			}
			owed := 0
			for _, c := range commands {
				switch {
				case c.Do == Tell && (c.To == "" || c.About == ""):
					t.Errorf("%v on %s tells %q about %q", s, e, c.To, c.About)
				case c.Do == Book || c.Do == Unbook || c.Do == Settle:
					owed++
				}
			}
			if owed > 1 {
				t.Errorf("%v on %s owes the agenda %d things: the ledger keeps one", s, e, owed)
			}
		}
	}
}

// Nothing that is over comes back, but for what was said of somebody's coming.
func TestNothingLeavesAnEnd(t *testing.T) {
	for _, s := range []Status{Cancelled, Refused, Expired, Moved, Excused} {
		for _, e := range Events() {
			if to, _, err := Step(Standing{Status: s}, e); err == nil {
				t.Errorf("%s goes to %s on %s", s, to.Status, e)
			}
		}
	}
	for _, s := range standings() {
		for _, e := range Events() {
			if to, _, err := Step(s, e); err == nil && !s.Status.Occupies() && to.Status.Occupies() {
				t.Errorf("%s on %s takes a slot again that was free for others", s.Status, e)
			}
		}
	}
}

// walk takes events one after the other, from a hold.
func walk(t *testing.T, from Standing, events ...Event) (Standing, []Command) {
	t.Helper()
	var commands []Command
	for _, e := range events {
		var err error
		if from, commands, err = Step(from, e); err != nil {
			t.Fatal(err)
		}
	}
	return from, commands
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
		{"a cancellation that nobody could settle", []Event{Send, Accept, Recall, Lose, GiveUp}, false},
		{"a cancellation that was refused", []Event{Send, Accept, Recall, Refuse}, false},
		{"a cancellation", []Event{Send, Accept, Recall, Accept}, true},
	} {
		if s, _ := walk(t, Standing{Status: Held}, path.events...); s.Status.Occupies() == path.free {
			t.Errorf("%s ends %s: occupies is %v", path.name, s.Status, s.Status.Occupies())
		}
	}
}

// What may still be in an agenda, or come there late, is owed to it.
func TestWhatMayBeThereIsTakenBack(t *testing.T) {
	for _, c := range []struct {
		name     string
		from     Standing
		events   []Event
		owed     Action
		replaces bool
	}{
		{"refused after a doubt: it may be applied late", Standing{Status: Held}, []Event{Send, Lose, Refuse}, Unbook, false},
		{"refused by a human after a doubt", Standing{Status: Held}, []Event{Send, Lose, GiveUp, Refuse}, Unbook, false},
		{"cancelled by a human after a doubt", Standing{Status: Held}, []Event{Send, Lose, GiveUp, Cancel}, Unbook, false},
		{"given up, and still looked for", Standing{Status: Held}, []Event{Send, Lose, GiveUp}, Settle, false},
		{"a cancellation that is still tried", Standing{Status: Confirmed, Upstream: true}, []Event{Recall, Lose}, Unbook, false},
		{"moved away from another diary", Standing{Status: Confirmed, Upstream: true}, []Event{Replace}, Unbook, false},
		{"moved within the ledger", Standing{Status: Confirmed}, []Event{Replace}, 0, false},
		{"the one that takes its place", Standing{Status: Held, Replaces: true}, []Event{Keep}, Supersede, true},
		{"the one that takes its place, elsewhere", Standing{Status: Held, Replaces: true}, []Event{Send, Lose, Accept}, Supersede, true},
		{"the one that took its place, once its cancellation is refused", Standing{Status: Held, Replaces: true}, []Event{Send, Accept, Recall, Refuse}, 0, false},
	} {
		_, commands := walk(t, c.from, c.events...)
		var owed Action
		for _, cmd := range commands {
			if cmd.Do != Tell && cmd.Do != Remind {
				owed = cmd.Do
			}
			if cmd.Do == Tell && cmd.About != AboutConfirmation && (cmd.About == AboutMove) != c.replaces && cmd.About != AboutDoubt && cmd.About != AboutRefusal && cmd.About != AboutCancellation {
				t.Errorf("%s: %s is told of %q", c.name, cmd.To, cmd.About)
			}
		}
		if owed != c.owed {
			t.Errorf("%s: owed is %q, want %q", c.name, owed, c.owed)
		}
	}
}

func TestOfADoubtThePrescriberHearsFirst(t *testing.T) {
	_, commands := walk(t, Standing{Status: Held}, Send, Lose, GiveUp)
	after := make(map[Actor]time.Duration)
	for _, c := range commands {
		if c.Do == Tell {
			after[c.To] = c.After
		}
	}
	want := map[Actor]time.Duration{ThePrescriber: 0, TheStructure: 15 * time.Minute, TheOperator: 24 * time.Hour}
	if !maps.Equal(after, want) {
		t.Errorf("got %v, want %v", after, want)
	}
}

func TestNobodyIsLeftUntold(t *testing.T) {
	told := func(s Status, e Event) map[Actor]bool {
		_, commands, err := Step(Standing{Status: s}, e)
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
		{"the prescriber hears of a cancellation that the agenda refused", Cancelling, Refuse, []Actor{ThePrescriber}},
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
