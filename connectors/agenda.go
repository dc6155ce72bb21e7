package connectors

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"passerelle/connectors/interval"
)

// Agenda is one opened diary. Read says what the diary knows about a window; it never guesses: what it could not
// understand is Doubt. It is safe for concurrent use. Errors are *Error: Unavailable, Misconfigured, RateLimited…
//
// An Agenda is never wrapped: a wrapper would hide the capabilities below, which are found by type assertion.
type Agenda interface {
	Read(ctx context.Context, q Query) (Reading, error)
}

// Query is what is asked of an agenda.
type Query struct {
	Window interval.Interval // what is looked at; events that overlap it count, not only those inside it
	Motifs []string          // upstream motifs wanted, for agendas that list slots by motif; empty means all
	Known  string            // Version of the reading that the caller holds; the answer may then be Unchanged
}

// Basis says which part of a Reading speaks.
type Basis uint8

// The zero value is none of them, so that a lost field is an error and never "free".
const (
	Busy  Basis = iota + 1 // the diary lists what is taken: free time is the opening hours less Busy
	Open                   // the diary lists what is offered: free time is Open less Busy
	Slots                  // the diary cuts its own slots
)

// Reading is what an agenda says of a window.
type Reading struct {
	Basis     Basis
	Busy      []interval.Interval // taken by others; sorted and disjoint
	Open      []interval.Interval // explicitly offered; sorted and disjoint
	Stops     []Stop              // of an agenda that goes from place to place: where each opening is; empty: all are everywhere
	Slots     []Slot              // ready-cut
	Own       []Own               // events that bear our identity; they are not in Busy
	Doubt     []Doubt             // nothing inside may be shown as free
	Version   string              // identifies this reading for Query.Known; empty when the source has none
	Unchanged bool                // the source says that the reading named by Query.Known still holds; of the rest, only SourceAt may be given
	SourceAt  time.Time           // what the source says of its own age; zero when it says nothing
}

// Slot is a bookable time as an agenda knows it.
type Slot struct {
	interval.Interval
	Motif    string // the agenda's name of the motif
	Seats    int    // left
	Upstream string // the agenda's own identifier of the slot, opaque
}

// Stop is open time that is at one of the agenda's places only. Place is an id of it.
type Stop struct {
	interval.Interval
	Place string
}

// Own is an event that bears a reference of ours. The domain decides whether to believe it.
type Own struct {
	Reference string
	interval.Interval
	Version string // ETag or the like
}

// Doubt is a time about which nothing can be said. Reason is a sentence in French for the structure; it holds no
// text of the calendar.
type Doubt struct {
	interval.Interval
	Reason string
}

// SpansOf is when nothing can be said.
func SpansOf(doubts []Doubt) []interval.Interval {
	out := make([]interval.Interval, len(doubts))
	for i, d := range doubts {
		out[i] = d.Interval
	}
	return out
}

// Person is who comes, for the agendas that must know. Printed, formatted or logged in whatever way, it is "[redacted]".
type Person struct {
	FirstName, LastName string
	Phone               string // E.164
	Email               string
}

const redacted = "[redacted]"

func (Person) String() string { return redacted }

// Format is for every verb of fmt.
func (Person) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(redacted)) }

// LogValue is for log/slog.
func (Person) LogValue() slog.Value { return slog.StringValue(redacted) }

// Request is a booking asked of an agenda. Reference is chosen by us, once per appointment, and is the same on
// every retry: an agenda that recognises it makes no second appointment.
type Request struct {
	Reference string
	Slot      Slot
	Title     string // never personal data
	Location  string
	Link      string // where the structure finds the rest
	Person    Person // empty unless the structure chose that the agenda shows it
}

// Appointment is a booking as an agenda keeps it.
type Appointment struct {
	Reference string // ours
	Upstream  string // theirs
	Version   string // theirs: what must not have changed when we cancel or move (an ETag)
	interval.Interval
	Location string // where it is, in words, where the agenda may have put it elsewhere than at the place; empty: not said
}

// Booker is an agenda that takes a slot. A definite refusal is SlotTaken, Invalid or Refused; whatever may have
// been applied is OutcomeUnknown.
type Booker interface {
	Book(ctx context.Context, r Request) (Appointment, error)
}

// Canceler is an agenda that frees a slot. Cancelling twice is no error. Changed: a human touched the event since.
type Canceler interface {
	Cancel(ctx context.Context, a Appointment) error
}

// Mover is an agenda that moves an appointment in one step.
type Mover interface {
	Move(ctx context.Context, a Appointment, to Slot) (Appointment, error)
}

// Finder settles a write whose answer was lost. NotFound: no appointment bears the reference now.
type Finder interface {
	Find(ctx context.Context, reference string) (Appointment, error)
}

// Guarantee is what may be promised of a booking. Its value is its wire name.
type Guarantee string

// The guarantees, from the strongest.
const (
	Atomic     Guarantee = "atomique"    // never double-booked: the agenda refuses an overlap itself
	Verified   Guarantee = "verifiee"    // never by two of our callers; a clash with others is found and undone
	BestEffort Guarantee = "au_mieux"    // never by two of our callers; a clash elsewhere is flagged
	OnRequest  Guarantee = "sur_demande" // the structure answers; until then nothing is confirmed
	Handoff    Guarantee = "orientation" // a link; no booking is claimed by us
)

// Guarantor is an agenda that states its guarantee, which is the same for as long as it is open. Others are judged by what they can
// do (GuaranteeOf).
type Guarantor interface {
	Guarantee() Guarantee
}

// Capabilities is what an opened agenda can do.
type Capabilities struct {
	Book, Cancel, Move, Find, Handoff, Invite, Follow bool
}

// CapabilitiesOf is the one place that finds them.
func CapabilitiesOf(a Agenda) Capabilities {
	var c Capabilities
	_, c.Book = a.(Booker)
	_, c.Cancel = a.(Canceler)
	_, c.Move = a.(Mover)
	_, c.Find = a.(Finder)
	_, c.Handoff = a.(Handoffer)
	_, c.Invite = a.(Inviter)
	_, c.Follow = a.(Follower)
	return c
}

// GuaranteeOf is what an agenda states, or else the least that its capabilities allow.
func GuaranteeOf(a Agenda) Guarantee {
	if g, ok := a.(Guarantor); ok {
		return g.Guarantee()
	}
	switch c := CapabilitiesOf(a); {
	case c.Book:
		return BestEffort
	case c.Handoff:
		return Handoff
	}
	return OnRequest
}
