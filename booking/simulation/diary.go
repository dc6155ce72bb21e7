package simulation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// diary is an agenda of another system: it keeps events, loses requests and answers, and has a human in it.
type diary struct {
	*Scheduler
	id          string
	identity    bool                             // it recognises our reference: a second write of it changes nothing, and it can be looked for
	refuses     bool                             // it refuses an overlap itself
	weights     *[fates]int                      // of what becomes of a write
	lag         *time.Duration                   // between a write and who reads it
	out, wasOut bool                             // its connection cannot be opened for a while
	honest      bool                             // nothing is lost any more
	liar        func(op string, err error) error // what the Service hears of an answer
	events      []event
	late        []*delayed
	serial      int
	absences    map[string][]time.Time       // when it answered that it has no such reference
	gone        map[string]bool              // references that it let go long after it was asked to
	found       map[string]interval.Interval // where it has shown a reference
	crowded     map[string]bool              // references over which it has shown another event, after that
	touched     map[string]bool              // references that a human deleted, moved or edited
	kept        map[string]bool              // references that it refused to let go
}

// event is what stands in the diary; without a reference it is somebody else's.
type event struct {
	connectors.Appointment
	edited bool      // by a human
	shown  time.Time // from when who reads or looks sees it: some agendas answer from a copy
}

// delayed is a request that is applied later than its answer.
type delayed struct {
	step  int
	until time.Time
	apply func()
}

func newDiary(s *Scheduler, id string, weights *[fates]int, lag *time.Duration) *diary {
	return &diary{
		Scheduler: s, id: id, weights: weights, lag: lag, liar: func(_ string, err error) error { return err },
		absences: make(map[string][]time.Time), gone: make(map[string]bool), found: make(map[string]interval.Interval), crowded: make(map[string]bool),
		touched: make(map[string]bool), kept: make(map[string]bool),
	}
}

// answerIn is what the Service waits for an agenda.
const answerIn = 8 * time.Second

func unanswered(op string) error {
	return &connectors.Error{Op: op, Kind: connectors.OutcomeUnknown, Err: context.DeadlineExceeded}
}

func (d *diary) failed(op string, kind connectors.Kind) error {
	d.note("  %s: %s answers %q", d.id, op, kind)
	return &connectors.Error{Op: op, Kind: kind, Err: errors.New("simulation: as planned")}
}

// ask is a question on its way, and its answer on the way back. plan says what becomes of it between the two.
func (d *diary) ask(ctx context.Context, op, reference string, plan func() error) error {
	what := op + " " + d.id + " " + reference
	asked := d.now
	if d.pass(ctx, what+" →") >= answerIn || ctx.Err() == context.Canceled {
		return d.liar(op, unanswered(op)) // nobody waits any more: it was not sent
	}
	err := plan()
	d.pass(ctx, what+" ←")
	if d.now.Sub(asked) >= answerIn || ctx.Err() == context.Canceled {
		d.note("  %s: the answer to %s %s comes too late", d.id, op, reference)
		err = unanswered(op)
	}
	return d.liar(op, err)
}

// fate is what becomes of a write.
type fate uint8

const (
	answered fate = iota
	requestLost
	replyLost
	appliedLate
	appliedTwice
	failedAfter
	definiteNo
	fates int = iota
)

func (d *diary) fate() fate {
	if d.honest {
		return answered
	}
	return fate(d.pick(d.weights[:]))
}

// write does to a request what its fate is.
func (d *diary) write(op, reference string, apply func() error, no connectors.Kind) error {
	switch f := d.fate(); f {
	case requestLost:
		d.note("  %s: the request %s %s is lost", d.id, op, reference)
		return unanswered(op)
	case replyLost, failedAfter:
		d.note("  %s: %s %s is applied, its answer is lost", d.id, op, reference)
		_ = apply() // what it would have said is lost
		return unanswered(op)
	case appliedLate:
		d.note("  %s: %s %s will be applied late", d.id, op, reference)
		d.late = append(d.late, &delayed{d.steps + 5 + d.IntN(120), d.now.Add(d.between(time.Minute, 5*time.Hour)), func() {
			d.note("  %s: %s %s is applied LATE", d.id, op, reference)
			_ = apply()
			d.gone[reference] = op == "cancel"
		}})
		return unanswered(op)
	case appliedTwice:
		if d.identity {
			break
		}
		d.note("  %s: %s %s is applied twice", d.id, op, reference)
		return errors.Join(apply(), apply())
	case definiteNo:
		return d.failed(op, no)
	}
	err := apply()
	d.note("  %s: %s %s answers %v", d.id, op, reference, err)
	return err
}

// ripen applies what was delayed until now, or everything.
func (d *diary) ripen(all bool) {
	kept := d.late[:0]
	for _, l := range d.late {
		if all || d.steps >= l.step || !d.now.Before(l.until) {
			l.apply()
		} else {
			kept = append(kept, l)
		}
	}
	d.late = kept
}

// at finds the first event of a reference.
func (d *diary) at(reference string) int {
	for i, e := range d.events {
		if e.Reference == reference {
			return i
		}
	}
	return -1
}

func (d *diary) has(a connectors.Appointment) bool {
	return slices.ContainsFunc(d.events, func(e event) bool { return e.Upstream == a.Upstream })
}

func (d *diary) clash(span interval.Interval) bool {
	for _, e := range d.events {
		if e.Overlaps(span) {
			return true
		}
	}
	return false
}

func (d *diary) version() string {
	d.serial++
	return fmt.Sprint(d.serial)
}

// put is what a booking does when it arrives.
func (d *diary) put(r connectors.Request, out *connectors.Appointment) error {
	if i := d.at(r.Reference); d.identity && i >= 0 {
		*out = d.events[i].Appointment
		return nil
	}
	if d.refuses && d.clash(r.Slot.Interval) {
		return &connectors.Error{Op: "book", Kind: connectors.SlotTaken}
	}
	*out = connectors.Appointment{Reference: r.Reference, Version: d.version(), Interval: r.Slot.Interval}
	out.Upstream = d.id + "/" + out.Version
	d.events = append(d.events, event{Appointment: *out, shown: d.now.Add(*d.lag)})
	return nil
}

// remove is what a cancellation does when it arrives: what a human has changed since stays.
func (d *diary) remove(a connectors.Appointment) error {
	for i, e := range d.events {
		if e.Upstream != a.Upstream {
			continue
		}
		if e.Version != a.Version {
			return &connectors.Error{Op: "cancel", Kind: connectors.Changed}
		}
		d.events = append(d.events[:i:i], d.events[i+1:]...)
		return nil
	}
	return nil // cancelling twice is no error
}

func (d *diary) unreachable() bool { return !d.honest && d.chance(90) }
