package simulation

import (
	"fmt"
	"slices"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// Promise is one of those that no interleaving may break.
type Promise string

// The promises.
const (
	noOverlap Promise = "nothing is taken twice"
	oneKey    Promise = "one key is one appointment"
	stays     Promise = "what was confirmed stays, until somebody ends or changes it"
	noGhost   Promise = "an agenda keeps no event of ours that is no appointment"
	noLoss    Promise = "what is confirmed is in its agenda"
	settled   Promise = "what was sent is settled, or given to people"
	oneChain  Promise = "through its moves an appointment is there, and once"
	told      Promise = "nobody is left untold"
	reminded  Promise = "what is confirmed is called to mind once, and nothing else is"
	answers   Promise = "a call is answered with what was done"
	once      Promise = "a person is expected once at a time"
	seen      Promise = "nobody changes what he has not seen"
	absent    Promise = "what is in doubt is released after two absences, apart, or where somebody else is seen"
	freed     Promise = "what is cancelled was freed in its agenda first"
	erased    Promise = "personal data ends"
)

// Violation is a broken promise.
type Violation struct {
	Promise
	What string
}

func (v *Violation) String() string { return string(v.Promise) + ": " + v.What }

// judge sees every commit and every answer.
type judge struct {
	*world
	violation *Violation
	reached   map[reached]int
	again     map[string]bool // appointments whose partner means them to be a second one
	confirmed map[string]bool // chains that had a confirmed member
	recalled  map[string]bool // appointments that somebody asked to cancel
	attended  map[string]bool // … whose presence somebody said
	moving    map[string]bool // … that somebody asked to move
}

// reached is a step that a run took.
type reached struct {
	from booking.Status
	on   booking.Event
}

func newJudge(w *world) *judge {
	return &judge{
		world: w, reached: make(map[reached]int), again: make(map[string]bool), confirmed: make(map[string]bool),
		recalled: make(map[string]bool), attended: make(map[string]bool), moving: make(map[string]bool),
	}
}

// breaks keeps the first broken promise.
func (j *judge) breaks(p Promise, format string, args ...any) {
	if j.violation == nil {
		j.violation = &Violation{p, fmt.Sprintf(format, args...)}
		j.note("BROKEN: %s", j.violation)
	}
}

// committed judges a transaction.
func (j *judge) committed(steps []Taken) {
	for _, s := range steps {
		if s.Before.ID == "" {
			j.note("  ledger: %s claims %s at %s for %s", s.After.ID, s.After.Agenda, s.After.Interval, s.After.Partner)
			j.alone(s.After)
			continue
		}
		j.note("  ledger: %s in %s goes from %s by %q to %s v%d", s.After.ID, s.After.Agenda, s.Before.Status, s.Change.Event, s.After.Status, s.After.Version)
		j.reached[reached{s.Before.Status, s.Change.Event}]++
		if s.Change.Details != nil {
			j.again[s.After.ID] = s.Change.Person.Again
			j.expected(s.After)
		}
		if s.After.Seats > s.Before.Seats {
			j.alone(s.After)
		}
		j.left(s)
		j.saw(s)
		j.hears(s)
		j.reminds(s)
	}
	for _, s := range steps {
		j.chain(s.After.Chain)
	}
}

// alone: nobody else has the time, and a session has no more than its seats.
func (j *judge) alone(a booking.Appointment) {
	seats := 0
	for _, o := range j.ledger.appointments {
		if o.Agenda != a.Agenda || !o.Status.Occupies() {
			continue
		}
		if a.Motif.Group && o.Motif.ID == a.Motif.ID && o.Interval == a.Interval {
			seats += o.Seats
			continue
		}
		if o.Chain != a.Chain && footprint(o).Overlaps(footprint(a)) {
			j.breaks(noOverlap, "%s (%s) and %s (%s) in %s at %s", a.ID, a.Status, o.ID, o.Status, a.Agenda, a.Interval)
		}
	}
	if a.Motif.Group && seats > a.Motif.Seats {
		j.breaks(noOverlap, "%d persons in %d seats at %s", seats, a.Motif.Seats, a.Interval)
	}
}

func footprint(a booking.Appointment) interval.Interval {
	return interval.Interval{Start: a.Start, End: a.End + int64(a.Motif.Buffer.Seconds())}
}

// expected: the same call made no second one, and the person is not expected elsewhere.
func (j *judge) expected(a booking.Appointment) {
	for _, o := range j.ledger.appointments {
		if o.ID == a.ID || o.Partner != a.Partner || o.Chain == a.Chain || !o.Status.Occupies() || o.Details == nil {
			continue
		}
		if o.Reference == a.Reference {
			j.breaks(oneKey, "%s and %s (%s) were both made by %s", a.ID, o.ID, o.Status, a.Reference)
		}
		same := o.Details.Beneficiary.Reference == a.Details.Beneficiary.Reference
		if same && o.Overlaps(a.Interval) && !j.again[a.ID] && !j.again[o.ID] {
			j.breaks(once, "%s is expected at %s and %s", a.Details.Beneficiary.Reference, a.ID, o.ID)
		}
	}
}

// left: nothing confirmed ends by itself.
func (j *judge) left(s Taken) {
	a, id := s.After, s.Before.ID
	if a.Status == booking.Cancelled && (s.Before.Status == booking.Confirmed || s.Before.Status == booking.Cancelling) && a.Upstream.Reference != "" {
		d := j.diaryOf(a.Agenda)
		if i := d.at(a.Upstream.Reference); d.identity && i >= 0 && !d.touched[a.Upstream.Reference] {
			j.breaks(freed, "%s is cancelled and still in %s", id, d.id)
		}
	}
	if s.Before.Status == booking.Held && s.Change.Event == booking.Lapse && s.Change.By == string(booking.TheGateway) && j.now.Before(s.Before.Expires) {
		j.breaks(stays, "the hold %s ends before its time", id)
	}
	if s.Before.Status != booking.Confirmed {
		return
	}
	byHuman := j.touched(a)
	why := false
	switch s.Change.Event {
	case booking.Cancel, booking.Recall:
		why = j.recalled[id] || byHuman
	case booking.Replace:
		why = j.moving[id] || byHuman
	case booking.GiveUp:
		why = byHuman
	case booking.Attend, booking.Miss, booking.Excuse:
		why = j.attended[id]
	case booking.Clash:
		why = j.diaryOf(a.Agenda).others(a.Upstream.Reference, a.Interval)
	}
	if !why {
		j.breaks(stays, "%s was confirmed, and %q makes it %s although nobody asked for it", id, s.Change.Event, a.Status)
	}
}

// touched reports whether a human had her hand on an event of an appointment, through its moves.
func (j *judge) touched(a booking.Appointment) bool {
	d := j.diaryOf(a.Agenda)
	for _, o := range j.ledger.appointments {
		if o.Chain == a.Chain && d.touched[o.ID] {
			return true
		}
	}
	return false
}

// saw: a doubt is released after two looks apart that found nothing, or once it was found where somebody else is.
func (j *judge) saw(s Taken) {
	if s.Change.Event != booking.Refuse || s.Before.Status != booking.Uncertain && s.Before.Status != booking.NeedsHuman {
		return
	}
	d := j.diaryOf(s.After.Agenda)
	in := d.absences[s.After.ID]
	if n := len(in); (n < 2 || in[n-1].Sub(in[0]) < absencesApart) && !d.crowded[s.After.ID] {
		j.breaks(absent, "%s is refused after %d absences", s.After.ID, n)
	}
}

// hears: whom the step tells has a message, with a channel if there is one. What ends, or does not end after all, outside
// of the partner's own call is told to the prescriber.
func (j *judge) hears(s Taken) {
	a := s.After
	over := !a.Status.Occupies() && a.Status != booking.Moved || s.Before.Status == booking.Cancelling && a.Status == booking.Confirmed
	if caller := j.running != nil && j.running.calls; over && !caller && !a.Taken.IsZero() {
		if !slices.ContainsFunc(a.Notices, func(n booking.Notice) bool { return n.Version == a.Version && n.To == booking.ThePrescriber }) {
			j.breaks(told, "%s goes from %s to %s by %q while nobody listens, and the prescriber is not told", a.ID, s.Before.Status, a.Status, s.Change.Event)
		}
	}
	_, commands, err := booking.Step(s.Before.Standing(), s.Change.Event)
	if err != nil {
		return
	}
	for _, c := range commands {
		if c.Do != booking.Tell {
			continue
		}
		i := slices.IndexFunc(s.After.Notices, func(n booking.Notice) bool {
			return n.Version == s.After.Version && n.To == c.To && n.About == c.About
		})
		if i < 0 {
			j.breaks(told, "%s becomes %s, and %s is not told", s.After.ID, s.After.Status, c.To)
		} else if s.After.Notices[i].Channel == booking.NoChannel && j.reachable(s.After, c.To) {
			j.breaks(told, "%s becomes %s by %q, and %s, who could be told, has no channel", s.After.ID, s.After.Status, s.Change.Event, c.To)
		}
	}
}

// reminds: from the step that confirms it on, and as long as it stands, one reminder is kept of what is not close by.
func (j *judge) reminds(s Taken) {
	waiting, made := 0, 0
	for _, n := range j.ledger.notices[s.After.ID] {
		if n.About != booking.AboutReminder {
			continue
		}
		if n.State == booking.NoticeDue {
			waiting++
		}
		if n.Version == s.After.Version {
			made++
		}
	}
	_, due := booking.RemindAt(s.After.StartTime(), j.now, time.UTC)
	stands := s.After.Status == booking.Confirmed
	if due && stands && s.Before.Status != booking.Confirmed && made == 0 && s.After.Agenda != "strict" { // whose own software tells people
		j.breaks(reminded, "%s goes from %s to %s by %q, and nobody is reminded", s.After.ID, s.Before.Status, s.After.Status, s.Change.Event)
	}
	if waiting > 1 || waiting > 0 && !stands {
		j.breaks(reminded, "%s is %s, and %d reminders wait", s.After.ID, s.After.Status, waiting)
	}
}

// reachable reports whether somebody has a channel. Structures have an address in this world, unless their connection
// could not be opened at some time, and so has the operator.
func (j *judge) reachable(a booking.Appointment, who booking.Actor) bool {
	if who == booking.TheStructure {
		return !j.diaryOf(a.Agenda).wasOut
	}
	return who != booking.ThePrescriber || a.Details != nil && a.Details.Prescriber.Email != ""
}

// chain: once confirmed, an appointment is there through its moves until somebody ends it, and never twice.
func (j *judge) chain(id string) {
	there, sure, ended := 0, 0, false
	for _, a := range j.ledger.appointments {
		if a.Chain != id {
			continue
		}
		if a.Status.Occupies() {
			there++
		}
		switch a.Status {
		case booking.Confirmed:
			sure++
		case booking.Cancelled, booking.Excused:
			ended = true
		}
	}
	j.confirmed[id] = j.confirmed[id] || sure > 0
	if sure > 1 {
		j.breaks(oneChain, "%s is confirmed %d times", id, sure)
	}
	if j.confirmed[id] && there == 0 && !ended {
		j.breaks(oneChain, "%s was confirmed, and nothing of it is left", id)
	}
}
