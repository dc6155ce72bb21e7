package booking

import (
	"fmt"

	"passerelle/connectors"
)

// Status is where an appointment stands. Its value is its wire name, but for the two that Wire translates.
type Status string

// The statuses.
const (
	Held       Status = "reserve" // a hold: no person yet
	Sending    Status = "en_cours"
	Uncertain  Status = "incertain"
	NeedsHuman Status = "a_traiter"
	Requested  Status = "demande"
	HandedOff  Status = "a_finaliser"
	Confirmed  Status = "confirme"
	Cancelling Status = "annulation" // on the wire: en_cours
	Cancelled  Status = "annule"
	Refused    Status = "refuse"
	Expired    Status = "expire"
	Moved      Status = "deplace"
	Honoured   Status = "honore"
	Missed     Status = "absent"
	Excused    Status = "excuse"
)

// Statuses lists them all.
func Statuses() []Status {
	return []Status{
		Held, Sending, Uncertain, NeedsHuman, Requested, HandedOff, Confirmed, Cancelling,
		Cancelled, Refused, Expired, Moved, Honoured, Missed, Excused,
	}
}

// Occupies reports whether an appointment in this status takes its slot. Whatever is not certainly over does.
func (s Status) Occupies() bool {
	switch s {
	case Refused, Expired, Cancelled, Moved, Excused:
		return false
	}
	return true
}

// Wire is the status as partners see it.
func (s Status) Wire() string {
	if s == Cancelling {
		return string(Sending)
	}
	return string(s)
}

// Event is what happens to an appointment.
type Event uint8

// The events.
const (
	Keep    Event = iota + 1 // the ledger alone decides, and it has decided
	Ask                      // the structure is asked
	Send                     // the booking is about to be sent to the agenda
	Accept                   // the agenda, or the structure, says yes
	Refuse                   // … a definite no
	Lose                     // … no answer came
	GiveUp                   // nobody but a human can settle it
	Lapse                    // its time is over, or its holder lets it go
	Cancel                   // ended by somebody; no other diary has to be told
	Recall                   // ended by somebody; the agenda is about to be told
	Replace                  // another appointment of the same chain took its place
	Attend                   // the person came
	Miss                     // the person did not come
	Excuse                   // the person did not come and had said so
	events                   // how many there are
)

// Events lists them all.
func Events() []Event {
	all := make([]Event, 0, events-1)
	for e := Keep; e < events; e++ {
		all = append(all, e)
	}
	return all
}

var eventNames = [events]string{
	"", "keep", "ask", "send", "accept", "refuse", "lose", "give up", "lapse", "cancel", "recall", "replace",
	"attend", "miss", "excuse",
}

func (e Event) String() string {
	if e < events {
		return eventNames[e]
	}
	return fmt.Sprintf("Event(%d)", uint8(e))
}

// Command is what must be done because of a step. It is committed with the new status, before it is done.
type Command struct {
	Do    Action
	To    Actor // of Tell
	About Topic // of Tell
}

// Action is a kind of command.
type Action uint8

// The actions.
const (
	Tell   Action = iota + 1 // somebody is told
	Book                     // the agenda is asked to take the slot
	Unbook                   // the agenda is asked to free it
	Settle                   // what became of a write is found out
)

func (a Action) String() string {
	switch a {
	case Tell:
		return "tell"
	case Book:
		return "book"
	case Unbook:
		return "unbook"
	case Settle:
		return "settle"
	}
	return fmt.Sprintf("Action(%d)", uint8(a))
}

// Topic is what a message is about. Its value is its wire name.
type Topic string

// The topics.
const (
	AboutRequest      Topic = "demande"
	AboutConfirmation Topic = "confirmation"
	AboutRefusal      Topic = "refus"
	AboutExpiry       Topic = "expiration"
	AboutCancellation Topic = "annulation"
	AboutDoubt        Topic = "a_traiter"
)

type transition struct {
	from Status
	on   Event
}

func tell(about Topic, to ...Actor) []Command {
	commands := make([]Command, len(to))
	for i, a := range to {
		commands[i] = Command{Do: Tell, To: a, About: about}
	}
	return commands
}

type outcome struct {
	to       Status
	commands []Command
}

// machine is every step that there is; it is only ever read:
//
//	held ─keep→ confirmed                  the ledger is the only diary
//	held ─send→ sending ─accept→ confirmed
//	            │  └─refuse→ refused
//	            └─lose→ uncertain ─accept→ confirmed | ─refuse→ refused | ─give up→ needs_human
//	held ─ask→ requested ─accept→ confirmed | ─refuse→ refused | ─lapse→ expired | ─cancel→ cancelled
//	held ─lapse→ expired
//	handed_off ─accept→ confirmed | ─lapse→ expired
//	needs_human ─accept→ confirmed | ─refuse→ refused
//	confirmed ─cancel→ cancelled
//	confirmed ─recall→ cancelling ─accept→ cancelled | ─refuse→ confirmed | ─lose→ needs_human
//	confirmed ─replace→ moved   ─attend→ honoured   ─miss→ absent   ─excuse→ excused
var machine = func() map[transition]outcome {
	everybody := []Actor{TheStructure, ThePrescriber, TheBeneficiary}
	confirmed := outcome{Confirmed, tell(AboutConfirmation, everybody...)}
	refused := outcome{Refused, tell(AboutRefusal, ThePrescriber, TheBeneficiary)}
	cancelled := outcome{Cancelled, tell(AboutCancellation, everybody...)}
	needsHuman := outcome{NeedsHuman, tell(AboutDoubt, ThePrescriber)}
	return map[transition]outcome{
		{Held, Keep}:  confirmed,
		{Held, Send}:  {Sending, []Command{{Do: Book}}},
		{Held, Ask}:   {Requested, tell(AboutRequest, TheStructure, ThePrescriber)},
		{Held, Lapse}: {Expired, nil},

		{Sending, Accept}: confirmed,
		{Sending, Refuse}: {Refused, nil}, // the caller is still there to hear it
		{Sending, Lose}:   {Uncertain, []Command{{Do: Settle}}},

		{Uncertain, Accept}:  confirmed,
		{Uncertain, Refuse}:  refused,
		{Uncertain, GiveUp}:  needsHuman,
		{NeedsHuman, Accept}: confirmed,
		{NeedsHuman, Refuse}: refused,

		{Requested, Accept}: confirmed,
		{Requested, Refuse}: refused,
		{Requested, Lapse}:  {Expired, tell(AboutExpiry, everybody...)},
		{Requested, Cancel}: cancelled,

		{HandedOff, Accept}: {Confirmed, nil}, // the other system tells people
		{HandedOff, Lapse}:  {Expired, nil},

		{Confirmed, Cancel}:  cancelled,
		{Confirmed, Recall}:  {Cancelling, []Command{{Do: Unbook}}},
		{Confirmed, Replace}: {Moved, nil},
		{Confirmed, Attend}:  {Honoured, nil},
		{Confirmed, Miss}:    {Missed, nil},
		{Confirmed, Excuse}:  {Excused, nil},

		{Cancelling, Accept}: cancelled,
		{Cancelling, Refuse}: {Confirmed, nil},
		{Cancelling, Lose}:   needsHuman,
	}
}()

// Step is the whole life of an appointment: where an event takes it, and what must be done for that. It is pure;
// everything that changes an appointment goes through it. A step that there is not is Refused.
func Step(s Status, e Event) (Status, []Command, error) {
	o, ok := machine[transition{s, e}]
	if !ok {
		return s, nil, &Error{
			Kind:   connectors.Refused,
			Code:   "etape_impossible",
			Detail: "Ce rendez-vous est au statut « " + s.Wire() + " » : cette action n'est plus possible.",
			Err:    fmt.Errorf("booking: no step from %s on %s", s, e),
		}
	}
	return o.to, o.commands, nil
}
