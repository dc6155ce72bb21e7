package booking

import (
	"fmt"
	"time"

	"passerelle/connectors"
)

// Standing is what Step has to know of an appointment.
type Standing struct {
	Status   Status
	Replaces bool // once confirmed, it takes the place of another of its chain
	Upstream bool // another diary keeps it, and must be told when it ends
	Asked    bool // the structure was asked first: its prescriber waits for news
}

// Event is what happens to an appointment.
type Event uint8

// The events.
const (
	Keep    Event = iota + 1 // the ledger alone decides, and it has decided
	Ask                      // the structure is asked
	Send                     // the booking is about to be sent to the agenda
	HandOn                   // a human finishes it on the agenda's own page
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
	Clash                    // somebody else's event has come to lie over it in the agenda
	Learn                    // more is known of it than was: where it is finished, when it is, what the agenda calls it
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
	"", "keep", "ask", "send", "hand on", "accept", "refuse", "lose", "give up", "lapse", "cancel", "recall", "replace",
	"attend", "miss", "excuse", "clash", "learn",
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
	To    Actor         // of Tell
	About Topic         // of Tell
	After time.Duration // of Tell: unless the appointment changes again before
}

// Action is a kind of command.
type Action uint8

// The actions.
const (
	Tell      Action = iota + 1 // somebody is told
	Book                        // the agenda is asked to take the slot
	Unbook                      // the agenda is asked to free it, until it is seen that it has
	Settle                      // what became of a write is found out
	Supersede                   // the appointment that this one replaces is replaced, in the same transaction
	Remind                      // whoever is to remember it is told again before it begins, if it is then as it is now
)

var actionNames = [...]string{"", "tell", "book", "unbook", "settle", "supersede", "remind"}

func (a Action) String() string {
	if int(a) < len(actionNames) {
		return actionNames[a]
	}
	return fmt.Sprintf("Action(%d)", uint8(a))
}

// Topic is what a message is about. Its value is its wire name.
type Topic string

// The topics.
const (
	AboutRequest      Topic = "demande"
	AboutConfirmation Topic = "confirmation"
	AboutMove         Topic = "deplacement"
	AboutRefusal      Topic = "refus"
	AboutExpiry       Topic = "expiration"
	AboutCancellation Topic = "annulation"
	AboutDoubt        Topic = "a_traiter"
	AboutClash        Topic = "conflit"
	AboutReminder     Topic = "rappel"
)

// When those who are not told at once hear that nobody but a human can settle an appointment: the prescriber, who
// sits beside the person, is told first.
const (
	structureHearsAfter = 15 * time.Minute
	operatorHearsAfter  = 24 * time.Hour
)

type transition struct {
	from Status
	on   Event
}

type outcome struct {
	to       Status
	commands []Command
}

func tell(about Topic, to ...Actor) []Command {
	commands := make([]Command, len(to))
	for i, a := range to {
		commands[i] = Command{Do: Tell, To: a, About: about}
	}
	return commands
}

// machine is every step that there is; it is only ever read:
//
//	held ─keep→ confirmed                  the ledger is the only diary
//	held ─send→ sending ─accept→ confirmed
//	            │  └─refuse→ refused
//	            └─lose→ uncertain ─accept→ confirmed | ─refuse→ refused | ─give up→ needs_human
//	held ─ask→ requested ─accept→ confirmed | ─send→ sending | ─refuse→ refused | ─lapse→ expired | ─cancel→ cancelled
//	held ─lapse→ expired
//	held ─hand on→ handed_off ─accept→ confirmed | ─lapse→ expired
//	confirmed ─cancel→ cancelled
//	confirmed ─recall→ cancelling ─accept→ cancelled | ─refuse→ confirmed | ─lose→ cancelling | ─give up→ needs_human
//	confirmed ─replace→ moved   ─attend→ honoured   ─miss→ absent   ─excuse→ excused   ─give up→ needs_human
//	confirmed ─clash→ confirmed            it stands; those who can mend it are told
//	handed_off, confirmed, honoured, absent ─learn→ as it was
//	… → confirmed                          people are reminded, as long as it stays so
//	honoured, absent: each may be corrected into the other, or into excused
//	needs_human ─accept→ confirmed | ─refuse→ refused | ─cancel→ cancelled
//
// What was refused or given up after a doubt may still be applied by the agenda, late: Unbook stays owed for it.
var machine = func() map[transition]outcome {
	everybody := []Actor{TheStructure, ThePrescriber, TheBeneficiary}
	stands := func(told ...Actor) outcome {
		return outcome{Confirmed, append(tell(AboutConfirmation, told...), Command{Do: Remind})}
	}
	confirmed := stands(everybody...)
	cancelled := outcome{Cancelled, tell(AboutCancellation, everybody...)}
	refused := outcome{Refused, tell(AboutRefusal, ThePrescriber, TheBeneficiary)}
	undone := func(o outcome) outcome { return outcome{o.to, append([]Command{{Do: Unbook}}, o.commands...)} }
	needsHuman := func(still ...Command) outcome {
		return outcome{NeedsHuman, append(still, []Command{
			{Do: Tell, To: ThePrescriber, About: AboutDoubt},
			{Do: Tell, To: TheStructure, About: AboutDoubt, After: structureHearsAfter},
			{Do: Tell, To: TheOperator, About: AboutDoubt, After: operatorHearsAfter},
		}...)}
	}
	return map[transition]outcome{
		{Held, Keep}:   confirmed,
		{Held, Send}:   {Sending, []Command{{Do: Book}}},
		{Held, Ask}:    {Requested, tell(AboutRequest, TheStructure, ThePrescriber)},
		{Held, HandOn}: {HandedOff, nil},
		{Held, Lapse}:  {Expired, nil},

		{Sending, Accept}: confirmed,
		{Sending, Refuse}: {Refused, nil}, // the caller is still there to hear it
		{Sending, Lose}:   {Uncertain, []Command{{Do: Settle}}},

		{Uncertain, Accept}:  confirmed,
		{Uncertain, Refuse}:  undone(refused),
		{Uncertain, GiveUp}:  needsHuman(Command{Do: Settle}),
		{NeedsHuman, Accept}: confirmed,
		{NeedsHuman, Refuse}: undone(refused),
		{NeedsHuman, Cancel}: undone(cancelled),

		{Requested, Accept}: confirmed,
		{Requested, Send}:   {Sending, []Command{{Do: Book}}},
		{Requested, Refuse}: refused,
		{Requested, Lapse}:  {Expired, tell(AboutExpiry, everybody...)},
		{Requested, Cancel}: cancelled,

		{HandedOff, Accept}: stands(ThePrescriber), // the other system tells the others
		{HandedOff, Lapse}:  {Expired, nil},
		{HandedOff, Learn}:  {HandedOff, nil},

		{Confirmed, Cancel}:  cancelled,
		{Confirmed, Recall}:  {Cancelling, []Command{{Do: Unbook}}},
		{Confirmed, Replace}: {Moved, nil},
		{Confirmed, Attend}:  {Honoured, nil},
		{Confirmed, Miss}:    {Missed, nil},
		{Confirmed, Excuse}:  {Excused, nil},
		{Confirmed, GiveUp}:  needsHuman(),                         // the structure moved it onto another
		{Confirmed, Learn}:   {Confirmed, []Command{{Do: Remind}}}, // it may be when that is
		{Confirmed, Clash}:   {Confirmed, tell(AboutClash, TheStructure, ThePrescriber)},

		{Cancelling, Accept}: cancelled,
		{Cancelling, Refuse}: stands(ThePrescriber),                 // after all
		{Cancelling, Lose}:   {Cancelling, []Command{{Do: Unbook}}}, // cancelling twice is no error
		{Cancelling, GiveUp}: needsHuman(Command{Do: Unbook}),

		{Honoured, Learn}:  {Honoured, nil},
		{Missed, Learn}:    {Missed, nil},
		{Honoured, Miss}:   {Missed, nil},
		{Missed, Attend}:   {Honoured, nil},
		{Honoured, Excuse}: {Excused, nil},
		{Missed, Excuse}:   {Excused, nil},
	}
}()

// Step is the whole life of an appointment: where an event takes it, and what must be done for that. It is pure;
// everything that changes an appointment goes through it. A step that there is not is Refused.
func Step(s Standing, e Event) (Standing, []Command, error) {
	o, ok := machine[transition{s.Status, e}]
	if !ok {
		return s, nil, &Error{
			Kind:   connectors.Refused,
			Code:   "etape_impossible",
			Detail: "Ce rendez-vous est au statut « " + s.Status.Wire() + " » : cette action n'est plus possible.",
			Err:    fmt.Errorf("booking: no step from %s on %s", s.Status, e),
		}
	}
	commands := o.commands
	switch {
	case o.to == Confirmed && s.Status != Confirmed && e != Refuse && s.Replaces:
		commands = append([]Command{{Do: Supersede}}, moved(commands)...)
		s.Replaces = false
	case s.Status == Sending && e == Refuse && s.Asked:
		commands = tell(AboutRefusal, ThePrescriber, TheBeneficiary)
	case o.to == Moved && s.Upstream:
		commands = []Command{{Do: Unbook}}
	}
	s.Status = o.to
	return s, commands, nil
}

// moved turns the confirmation of what takes another's place into the news that it moved.
func moved(commands []Command) []Command {
	out := make([]Command, len(commands))
	for i, c := range commands {
		if c.About == AboutConfirmation {
			c.About = AboutMove
		}
		out[i] = c
	}
	return out
}
