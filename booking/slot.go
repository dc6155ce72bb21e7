package booking

import (
	"context"
	"errors"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Slot (creneau) is a time that can be booked at a place. It is small: an answer has many.
type Slot struct {
	interval.Interval
	*PlacedMotif
	Seats int // left
}

// PlacedMotif is a motif as one agenda has it at one place: what its slots share.
type PlacedMotif struct {
	Place  string
	Agenda string
	Motif  *Motif       // of the agenda; others look at it too
	Books  bool         // its slots can be booked through us, not only looked at
	Signer *MotifSigner // of the ids of its slots; nil: they have none
}

// Ref is what the slot's id carries.
func (x *Slot) Ref() SlotRef {
	return SlotRef{Place: x.Place, Agenda: x.Agenda, Motif: x.Motif.ID, Interval: x.Interval}
}

// ID names the slot: opaque and signed, see SlotSigner. Empty where nobody signs.
func (x *Slot) ID() string { return string(x.AppendID(nil)) }

// AppendID writes the slot's id after b.
func (x *Slot) AppendID(b []byte) []byte {
	if x.Signer == nil {
		return b
	}
	return x.Signer.append(b, x.Interval)
}

// State (etat) is how well availability is known. Its value is its wire name.
type State string

// The states of availability.
const (
	Fresh    State = "a_jour"      // an empty list of slots means that there is none
	Stale    State = "perime"      // the last known, not older than StaleAfter
	Unknown  State = "inconnu"     // nothing may be said, so no slot is shown
	NoAgenda State = "sans_agenda" // there is nothing to read
)

// EmptyReason (motif_vide) is why there is no slot. Its value is its wire name.
type EmptyReason string

// The reasons.
const (
	Full         EmptyReason = "complet"
	Closed       EmptyReason = "ferme"
	TooSoon      EmptyReason = "delai_minimum"
	TooFar       EmptyReason = "horizon"
	SourceFailed EmptyReason = "source_en_echec"
	NothingToAsk EmptyReason = "sans_agenda"
)

// Stretch is a time of an agenda, and why it is as it is.
type Stretch struct {
	interval.Interval
	Why Why
}

// Why is why a time can be booked or cannot.
type Why uint8

// The reasons.
const (
	Free     Why = iota + 1
	Reserved     // an appointment, a hold or a request of the gateway
	Busy         // the agenda has something else then
	Doubtful     // what the agenda has then cannot be read
)

// ErrNoHours says that an agenda which lists only what is taken has nothing to be free in: neither it nor its place says when
// somebody may come.
var ErrNoHours = errors.New("booking: neither the connection nor the place has readable opening hours")

// AvailabilityQuery asks for the slots of one agenda at one place.
type AvailabilityQuery struct {
	Agenda *Agenda
	Place  *Place
	Motifs []Motif           // those wanted of the agenda's
	Window interval.Interval // slots that start in it
	Live   bool              // read the agenda now; never trust what was read before
	Known  bool              // answer from what was read before, and read nothing
	Shown  bool              // it is for somebody to see: others may ask for the agenda soon
	Hasty  bool              // an agenda that does not answer is not waited for: other places are on the same page
	Except string            // an appointment whose own claim is not in the way (a hold that books, a move)
	Held   bool              // what starts with the window was promised: notice, horizon and grid no longer matter
	Limit  int               // slots wanted of each motif; zero means all
}

// Availabilities is the answer: slots, and how well they are known.
type Availabilities struct {
	Slots      []Slot // with their ids; of each motif by start. Others may be looking at them
	State      State
	Empty      EmptyReason // set when Slots is empty and State is not NoAgenda
	ObservedAt time.Time   // when the agenda was read; zero if it never was
	SourceAt   time.Time   // what the source says of its own age; zero when it says nothing
	Err        error       // why the reading failed, for the log and for a booking's answer
}

// Claimed is a time that the ledger holds in an agenda.
type Claimed struct {
	interval.Interval        // with the motif's buffer
	Session           string // seats of one session do not exclude each other
	Seats             int    // taken of it
	Appointments      []string
	Until             time.Time // a hold among them ends then; zero where there is none
}

// Claims is where the ledger says what it holds; Availability consumes it.
type Claims interface {
	// Claimed lists what overlaps the window, by start, without what the appointment named by except holds.
	Claimed(ctx context.Context, agenda string, w interval.Interval, except string) ([]Claimed, error)
	// Known tells which of the agenda's events that bear our reference are really appointments of ours, and when:
	// those are left out of busy time.
	Known(ctx context.Context, agenda string, own []connectors.Own) ([]connectors.Own, error)
}
