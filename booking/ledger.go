package booking

import (
	"context"
	"errors"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Ledger is the durable truth. Each verb is one transaction: what it returns is on disk, what it refuses left no
// trace. The times that it keeps are its own clock's, taken in the transaction. It is more than three methods because all of them share that transaction's rules; reading the agendas'
// claims is apart (Claims).
type Ledger interface {
	Claims
	// Claim takes a slot: one agenda, one span, so many seats of one session. SlotTaken when it overlaps another
	// session of the agenda or the seats are gone; ErrKeyUsed when the key came first with another call.
	Claim(ctx context.Context, c Claim) (Appointment, error)
	// Advance changes an appointment by Step, if its version is still from; else Changed.
	Advance(ctx context.Context, id string, from int, c Change) (Appointment, error)
	// Prolong gives a hold a new end, once; Refused the second time.
	Prolong(ctx context.Context, id string, until time.Time, key *Key) (Appointment, error)
	// Appointment finds one of a partner's. Another's is NotFound, exactly as a missing one.
	Appointment(ctx context.Context, partner, id string) (Appointment, error)
	// AnyAppointment finds one whoever's it is: for the operator and the structure, never for a partner.
	AnyAppointment(ctx context.Context, id string) (Appointment, error)
	// Appointments lists a partner's, by modification then id, and how many there are on all pages.
	Appointments(ctx context.Context, partner string, f AppointmentFilter) ([]Appointment, int, error)
	// ByKey finds what a key did before.
	ByKey(ctx context.Context, k Key) (Recorded, bool, error)
	// Lapsed lists the holds and requests whose time is over at now, without their details.
	Lapsed(ctx context.Context, now time.Time, limit int) ([]Appointment, error)
}

// ErrKeyUsed says that an idempotency key was recorded meanwhile, by a call that ran at the same time.
var ErrKeyUsed = errors.New("booking: idempotency key already recorded")

// Claim is a slot to be taken.
type Claim struct {
	Appointment Appointment       // its Status, Version and Notices are the ledger's to fill
	Footprint   interval.Interval // the slot and its buffer
	Session     string            // seats of one session share the time
	Capacity    int               // seats of the session
	Change      *Change           // applied at once, in the same transaction; nil leaves a hold
	Key         *Key
}

// Change is an event and what comes with it.
type Change struct {
	Event     Event
	Details   *Details // set with the event that takes a hold for a person
	Reference string
	Seats     int
	Expires   time.Time // of a request
	Upstream  *connectors.Appointment
	Ended     *Ending
	Refusal   *Error            // what the call that sent the command is answered, when the event is a refusal
	Channels  map[Actor]Channel // how each is told, if the step tells them
	Key       *Key
}

// Key is an Idempotency-Key as the ledger keeps it: digests only, per partner.
type Key struct {
	Partner string
	Digest  [32]byte // of the header's value
	Request [32]byte // of route and body
	Status  int      // HTTP status of the first answer
}

// Recorded is what a key did.
type Recorded struct {
	Request     [32]byte
	Status      int
	Appointment string
	Refusal     *Error // the call was refused in the end, and with what; nil if it was not
}

// AppointmentFilter selects appointments.
type AppointmentFilter struct {
	ModifiedSince time.Time // inclusive
	Statuses      []Status
	Reference     string
	Place         string
	Limit, Offset int
}
