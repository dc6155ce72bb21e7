package booking

import (
	"context"
	"errors"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Ledger is the durable truth. Each verb is one transaction: what it returns is on disk, what it refuses left no
// trace. The times that it keeps are its own clock's, taken in the transaction. It is more than three methods because
// all of them share that transaction's rules; what is consumed apart stands apart (Claims, Debts, Sightings, Retention).
type Ledger interface {
	Claims
	Debts
	Sightings
	Handoffs
	Retention
	// Claim takes a slot: one agenda, one span, so many seats of one session. SlotTaken when it overlaps another
	// session of the agenda or the seats are gone; ErrKeyUsed when the key came first with another call; Refused
	// (rendez_vous_double) when the same person has an appointment then.
	Claim(ctx context.Context, c Claim) (Appointment, error)
	// Advance changes an appointment by Step, if its version is still from; else Changed.
	Advance(ctx context.Context, id string, from int, c Change) (Appointment, error)
	// Note keeps a key whose call found nothing to do.
	Note(ctx context.Context, id string, key *Key) error
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
	// Entries lists a partner's changes after a position, by position. A position that was not given is Invalid.
	Entries(ctx context.Context, partner string, after int64, limit int) ([]Entry, error)
}

// Debts is what is owed to agendas: commands that are on disk before their first byte leaves, each under the lease of
// whoever carries it out.
type Debts interface {
	// TakeDebts leases what is due and held by nobody, the oldest first. What cannot be read is in the error; the others
	// are given all the same.
	TakeDebts(ctx context.Context, lease time.Duration, limit int) ([]Debt, error)
	// Postpone keeps a debt for later. absent says that the agenda answered, and has no such appointment.
	Postpone(ctx context.Context, d Debt, due time.Time, absent bool) error
	// Forgive ends a debt without a step: nothing is left to do.
	Forgive(ctx context.Context, d Debt) error
}

// Debt is a command owed to an agenda.
type Debt struct {
	Appointment Appointment // with its details
	Do          Action      // Book, Unbook or Settle
	Since       time.Time   // when the step that made it was taken
	Attempts    int         // how often it was postponed
	Absences    int         // how often in a row the agenda had no such appointment
	AbsentSince time.Time   // the first of those
	Lease       string      // of whoever took it
}

// Sightings is what an agenda shows of appointments that it keeps, where that is not what the ledger holds.
type Sightings interface {
	// Kept lists the confirmed appointments of an agenda that it keeps too and that begin after from, with details.
	Kept(ctx context.Context, agenda string, from time.Time) ([]Appointment, error)
	// Sight remembers that the agenda shows an appointment elsewhere, or (an empty span) not at all, and says since when
	// the same has been seen.
	Sight(ctx context.Context, id string, as interval.Interval) (since time.Time, err error)
	// Unsight forgets it: the agenda shows what the ledger holds.
	Unsight(ctx context.Context, id string) error
}

// Handoffs is what humans finish on the pages of agendas.
type Handoffs interface {
	// HandedOn lists the orientations of an agenda that it can be asked about (they have its identifier of them), that were
	// made at or after since, and that are to be finished, stand, are in doubt, or took place; with details, the oldest first.
	HandedOn(ctx context.Context, agenda string, since time.Time) ([]Appointment, error)
}

// Retention is how personal data is found and ends. It is more than three methods because one rule holds for all of
// them: what is erased is nobody's any more.
type Retention interface {
	// Erasable lists appointments with details whose time was over before one of the two instants: `over` for their own
	// time (of those without, the last change), `never` for the change of those that never came to be (refused, expired).
	// Of a chain, all or none: the time of one that was moved is where it went.
	Erasable(ctx context.Context, over, never time.Time, limit int) ([]string, error)
	// OfSubject lists a partner's appointments whose details are of one person (Person.Subject), with details, by
	// modification then id.
	OfSubject(ctx context.Context, partner string, subject []byte) ([]Appointment, error)
	// Erase destroys what an appointment, and the others of its chain, say of persons; the rest stays. by is who, as in
	// Change.By. Erasing twice is no error.
	Erase(ctx context.Context, id, by string) error
	// Purge drops what was kept for a time only: keys of calls and log entries older than before, audit rows of more than a
	// year, searches of more than three, and of people who sign in what is over.
	Purge(ctx context.Context, before time.Time) error
}

// ErrKeyUsed says that an idempotency key was recorded meanwhile, by a call that ran at the same time.
var ErrKeyUsed = errors.New("booking: idempotency key already recorded")

// Claim is a slot to be taken.
type Claim struct {
	Appointment Appointment       // its Status, Version, Chain and Notices are the ledger's to fill
	Footprint   interval.Interval // the slot and its buffer; empty: it takes no time of ours
	Session     string            // seats of one session share the time
	Capacity    int               // seats of the session
	Change      *Change           // applied at once, in the same transaction; nil leaves a hold
	Key         *Key
}

// Change is an event and what comes with it.
type Change struct {
	Event     Event
	By        string   // who, for the audit: the id of a partner, with "/" and the pseudonym of who acted where it is known, or an Actor
	Details   *Details // set with the event that takes a hold for a person
	Person    Person
	Reference string
	Seats     int
	Expires   time.Time         // of a request or an orientation
	During    interval.Interval // when an orientation turns out to be; empty: as it was
	Upstream  *connectors.Appointment
	Ended     *Ending
	Refusal   *Error        // what the call that sent the command is answered, when the event is a refusal
	Telling                 // how people are told, if the step tells them
	Forget    bool          // the call that made it did nothing: its key is free again
	Lease     time.Duration // for so long the caller itself carries out what the step owes to the agenda
	Key       *Key
}

// Person is by what a partner's second appointment of the same person at the same time is seen, and by what all that is
// kept of her is found.
type Person struct {
	Digest  []byte // keyed, per partner; empty when too little is known of the person
	Subject []byte // of the partner's own name of her, likewise; empty when it gave none
	Again   bool   // the partner says that the second one is meant
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
	Held        bool   // somebody is carrying out what is owed to the agenda
	Owns        bool   // and it is this call that asked for it
}

// Entry is one change of an appointment in the partner's log. Positions grow in the order of commits, without a gap
// that could still be filled: who has seen one has seen all before it.
type Entry struct {
	Position    int64
	Partner     string
	Appointment string
	Status      Status
	Version     int
	Erased      bool // its personal data was erased
	At          time.Time
}

// Type is the kind of event that partners are told, as on the wire.
func (e Entry) Type() string {
	if e.Erased {
		return "rendez_vous.efface"
	}
	return "rendez_vous." + e.Status.Wire()
}

// AppointmentFilter selects appointments.
type AppointmentFilter struct {
	ModifiedSince time.Time // inclusive
	Statuses      []Status
	Reference     string
	Place         string
	Limit, Offset int
}
