package contention

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"passerelle/connectors/interval"
)

// kind is what a call asks for.
type kind uint8

const (
	take  kind = iota // a slot, for a person or as a hold
	seat              // a hold becomes an appointment, with as many seats as the person wants
	free              // an appointment or a hold ends
	shift             // an appointment moves
)

// call is a call of a history: what was asked, and of what.
type call struct {
	kind kind
	id   string // the appointment or the hold that it is about; of one that was taken, the id that it was given
	next string // the appointment that it became by moving
	want want
}

// answer is how the gateway answered it.
type answer bool

const (
	refused answer = false
	done    answer = true
)

// claim is a time that is held in the model, seats of it.
type claim struct {
	id      string
	span    interval.Interval
	session string
	seats   int
}

// held is the state of one diary in one island: claims by id.
type held []claim

// fits reports whether w is free but for one claim: no overlap with anything but its own session, and seats enough.
func (h held) fits(w want, but string) bool {
	left := w.motif.Seats
	for _, c := range h {
		switch {
		case c.id == but || !c.span.Overlaps(w.footprint):
		case w.session == "" || c.session != w.session:
			return false
		default:
			left -= c.seats
		}
	}
	return w.session == "" || w.seats <= left
}

func (h held) find(id string) (claim, bool) {
	i := slices.IndexFunc(h, func(c claim) bool { return c.id == id })
	if i < 0 {
		return claim{}, false
	}
	return h[i], true
}

// with is h without one claim and with another; it is a new list.
func (h held) with(but string, more ...claim) held {
	out := make(held, 0, len(h)+1)
	for _, c := range h {
		if c.id != but {
			out = append(out, c)
		}
	}
	out = append(out, more...)
	slices.SortFunc(out, func(a, b claim) int { return strings.Compare(a.id, b.id) })
	return out
}

// step says whether a diary may answer so, and what it holds then. What is taken must be free, and what is refused must
// not be. What ends or moves must be there.
func (h held) step(c call, a answer) (bool, held) {
	own, there := h.find(c.id)
	switch c.kind {
	case take:
		if a == refused {
			return !h.fits(c.want, ""), h
		}
		return h.fits(c.want, "") && !there, h.with("", claim{c.id, c.want.footprint, c.want.session, c.want.seats})
	case seat, shift:
		fits := there && h.fits(c.want, c.id)
		if a == refused {
			return !fits, h
		}
		id := c.id
		if c.kind == shift {
			id = c.next
		}
		return fits, h.with(own.id, claim{id, c.want.footprint, c.want.session, c.want.seats})
	}
	return there && a == done, h.with(c.id)
}

func diaryModel() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return held(nil) },
		Step: func(state, input, output any) (bool, any) { return state.(held).step(input.(call), output.(answer)) },
		Equal: func(a, b any) bool {
			return slices.Equal(a.(held), b.(held))
		},
	}
}

// verdict is what a history is found to be.
type verdict struct {
	double   bool // what was acknowledged cannot have happened one after the other on one diary
	unknown  bool // it could not be decided in time
	refusals int
	unjust   int // refusals of what was free at every moment at which they may have been decided
}

// judgeIn is a guard: an island's history takes milliseconds.
const judgeIn = 20 * time.Second

// judge decides, in two parts. What was acknowledged must be linearisable by itself: that is the guarantee. Then each
// refusal is tried alone beside all of that: there must be a moment within it at which the slot was not free. A refusal
// that has none hurts nobody's journey, and should be rare.
func judge(history []porcupine.Operation) (v verdict) {
	model := diaryModel()
	told, no := split(history)
	switch porcupine.CheckOperationsTimeout(model, told, judgeIn) {
	case porcupine.Illegal:
		v.double = true
		return v
	case porcupine.Unknown:
		v.unknown = true
		return v
	}
	for _, r := range no {
		v.refusals++
		switch porcupine.CheckOperationsTimeout(model, append(slices.Clip(told), r), judgeIn) {
		case porcupine.Illegal:
			v.unjust++
		case porcupine.Unknown:
			v.unknown = true
		}
	}
	return v
}

func split(history []porcupine.Operation) (told, no []porcupine.Operation) {
	for _, op := range history {
		if op.Output.(answer) == done {
			told = append(told, op)
		} else {
			no = append(no, op)
		}
	}
	return told, no
}

// end is what must be there once everybody has an answer: seats by id.
func end(history []porcupine.Operation) map[string]int {
	out := make(map[string]int)
	byTime := slices.Clone(history)
	slices.SortFunc(byTime, func(a, b porcupine.Operation) int { return int(a.Return - b.Return) })
	for _, op := range byTime {
		c := op.Input.(call)
		if op.Output.(answer) == refused {
			continue
		}
		switch c.kind {
		case take, seat:
			out[c.id] = c.want.seats
		case free:
			delete(out, c.id)
		case shift:
			delete(out, c.id)
			out[c.next] = c.want.seats
		}
	}
	return out
}

func (v verdict) String() string {
	return fmt.Sprintf("double %t, undecided %t, %d refusals of which %d were of something free", v.double, v.unknown, v.refusals, v.unjust)
}
