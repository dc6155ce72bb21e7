package simulation

import (
	"context"
	"slices"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// within is by when a planted fault must be found, in seeds.
const within = 2000

// Each fault takes one protection away, by an injected part. A simulator that did not find it would prove nothing.
func TestPlantedFaultsAreFound(t *testing.T) {
	for _, f := range []struct {
		name   string
		parts  Parts
		breaks []Promise // whichever the seeds meet first
	}{
		{"a time-out counts as a definite no", Parts{Liar: noAnswerIsNo}, []Promise{noGhost}},
		{"the key is kept after the call", Parts{Wrap: func(l booking.Ledger) booking.Ledger { return keyless{l} }}, []Promise{oneKey, answers}},
		{"a hold is believed without the ledger", Parts{Ledger: LedgerOptions{Unprotected: true}}, []Promise{noOverlap}},
		{"debts are forgotten", Parts{Wrap: func(l booking.Ledger) booking.Ledger { return debtless{l} }}, []Promise{settled}},
		{"the first absence releases", Parts{Wrap: func(l booking.Ledger) booking.Ledger { return hasty{l} }}, []Promise{absent}},
		{"being sent is taken for not sent", Parts{Wrap: func(l booking.Ledger) booking.Ledger { return sanguine{l} }}, []Promise{noGhost, told}},
		{"a cancellation frees before the agenda was told", Parts{Ledger: LedgerOptions{Step: freesAtOnce}}, []Promise{freed}},
		{"what is replaced is not", Parts{Ledger: LedgerOptions{Step: without(booking.Supersede)}}, []Promise{oneChain}},
		{"it is replaced before the new one is sure", Parts{Ledger: LedgerOptions{Step: replacesEarly}}, []Promise{oneChain}},
		{"what was refused is not taken back", Parts{Ledger: LedgerOptions{Step: without(booking.Unbook, booking.Refuse)}}, []Promise{noGhost}},
		{"what was moved away is not taken back", Parts{Ledger: LedgerOptions{Step: without(booking.Unbook, booking.Replace)}}, []Promise{noGhost}},
		{"versions are not compared", Parts{Ledger: LedgerOptions{Unversioned: true}}, []Promise{seen}},
		{"nobody is told", Parts{Ledger: LedgerOptions{Step: without(booking.Tell)}}, []Promise{told}},
		{"how people are told is forgotten", Parts{Wrap: func(l booking.Ledger) booking.Ledger { return mute{l} }}, []Promise{told, reminded}},
		{"nobody is reminded", Parts{Ledger: LedgerOptions{Step: without(booking.Remind)}}, []Promise{reminded}},
		{"persons are not compared", Parts{Wrap: func(l booking.Ledger) booking.Ledger { return faceless{l} }}, []Promise{once}},
		{"what the agenda said is forgotten", Parts{Wrap: func(l booking.Ledger) booking.Ledger { return oblivious{l} }}, []Promise{noGhost}},
		{"one reading is believed", Parts{Wrap: func(l booking.Ledger) booking.Ledger { return credulous{l} }}, []Promise{stays, freed}},
		{"nobody looks into the agendas", Parts{Wrap: func(l booking.Ledger) booking.Ledger { return blind{l} }}, []Promise{noLoss}},
		{"keys are not looked up", Parts{Wrap: func(l booking.Ledger) booking.Ledger { return forgetful{l} }}, []Promise{answers}},
		{"nothing is ever erased", Parts{Wrap: func(l booking.Ledger) booking.Ledger { return hoarder{l} }}, []Promise{erased}},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(within) {
				o, err := Run(seed, f.parts, nil)
				if err != nil {
					t.Fatal(err)
				}
				if v := o.Violation; v != nil {
					if !slices.Contains(f.breaks, v.Promise) {
						t.Errorf("seed %d finds another broken promise than %q: %s", seed, f.breaks, v)
					}
					t.Logf("seed %d: %s", seed, v)
					return
				}
			}
			t.Errorf("not found within %d seeds", within)
		})
	}
}

func noAnswerIsNo(op string, err error) error {
	if op == "book" && err != nil && connectors.KindOf(err) == connectors.OutcomeUnknown {
		return &connectors.Error{Op: op, Kind: connectors.Refused, Err: err}
	}
	return err
}

// without leaves a command out of every step, or of one event's.
func without(do booking.Action, of ...booking.Event) func(booking.Standing, booking.Event) (booking.Standing, []booking.Command, error) {
	return func(s booking.Standing, e booking.Event) (booking.Standing, []booking.Command, error) {
		s, commands, err := booking.Step(s, e)
		if len(of) == 0 || slices.Contains(of, e) {
			commands = slices.DeleteFunc(slices.Clone(commands), func(c booking.Command) bool { return c.Do == do })
		}
		return s, commands, err
	}
}

func freesAtOnce(s booking.Standing, e booking.Event) (booking.Standing, []booking.Command, error) {
	if s.Status == booking.Confirmed && e == booking.Recall {
		s.Status = booking.Cancelled
		return s, []booking.Command{{Do: booking.Unbook}}, nil
	}
	return booking.Step(s, e)
}

func replacesEarly(s booking.Standing, e booking.Event) (booking.Standing, []booking.Command, error) {
	before := s
	s, commands, err := booking.Step(s, e)
	if err == nil && e == booking.Send && before.Replaces {
		s.Replaces = false
		commands = append([]booking.Command{{Do: booking.Supersede}}, commands...)
	}
	return s, commands, err
}

// keyless forgets the key of a call that is about to be sent.
type keyless struct{ booking.Ledger }

func (l keyless) Claim(ctx context.Context, c booking.Claim) (booking.Appointment, error) {
	if c.Change != nil && c.Change.Event == booking.Send {
		c.Key = nil
	}
	return l.Ledger.Claim(ctx, c)
}

// debtless has nothing to do after a crash.
type debtless struct{ booking.Ledger }

func (debtless) TakeDebts(context.Context, time.Duration, int) ([]booking.Debt, error) {
	return nil, nil
}

// hasty counts an absence that nobody saw.
type hasty struct{ booking.Ledger }

func (l hasty) TakeDebts(ctx context.Context, lease time.Duration, limit int) ([]booking.Debt, error) {
	debts, err := l.Ledger.TakeDebts(ctx, lease, limit)
	for i := range debts {
		debts[i].Absences++
	}
	return debts, err
}

// sanguine takes what was being sent for what was not.
type sanguine struct{ booking.Ledger }

func (l sanguine) Advance(ctx context.Context, id string, from int, c booking.Change) (booking.Appointment, error) {
	if a, err := l.AnyAppointment(ctx, id); err == nil && a.Status == booking.Sending && c.Event == booking.Lose {
		c.Event = booking.Refuse
	}
	return l.Ledger.Advance(ctx, id, from, c)
}

// mute loses by which channel somebody is told.
type mute struct{ booking.Ledger }

func (l mute) Advance(ctx context.Context, id string, from int, c booking.Change) (booking.Appointment, error) {
	c.Telling = booking.Telling{}
	return l.Ledger.Advance(ctx, id, from, c)
}

// faceless does not keep who is expected.
type faceless struct{ booking.Ledger }

func (l faceless) Claim(ctx context.Context, c booking.Claim) (booking.Appointment, error) {
	if c.Change != nil {
		change := *c.Change
		change.Person.Digest = nil
		c.Change = &change
	}
	return l.Ledger.Claim(ctx, c)
}

// oblivious does not keep what the agenda made of a booking.
type oblivious struct{ booking.Ledger }

func (l oblivious) Advance(ctx context.Context, id string, from int, c booking.Change) (booking.Appointment, error) {
	c.Upstream = nil
	return l.Ledger.Advance(ctx, id, from, c)
}

// credulous says of whatever is seen that it was seen long ago.
type credulous struct{ booking.Ledger }

func (l credulous) Sight(ctx context.Context, id string, as interval.Interval) (time.Time, error) {
	_, err := l.Ledger.Sight(ctx, id, as)
	return time.Time{}, err
}

// blind gives nothing to look for.
type blind struct{ booking.Ledger }

func (blind) Kept(context.Context, string, time.Time) ([]booking.Appointment, error) { return nil, nil }

// forgetful records keys and does not know them again.
type forgetful struct{ booking.Ledger }

func (forgetful) ByKey(context.Context, booking.Key) (booking.Recorded, bool, error) {
	return booking.Recorded{}, false, nil
}

// hoarder keeps everything.
type hoarder struct{ booking.Ledger }

func (hoarder) Erase(context.Context, string, string) error { return nil }
