package simulation

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Ledger is a ledger in memory, by the same rules as the real one: each verb is one transaction.
type Ledger struct {
	LedgerOptions
	mu           sync.Mutex
	appointments map[string]booking.Appointment // without their notices
	claims       map[string]claim               // by appointment
	persons      map[string]person              // by appointment
	subjects     map[string]string              // by appointment
	keys         map[keyID]keyRow
	debts        map[string]debt     // by appointment
	notices      map[string][]notice // by appointment
	sightings    map[string]sighting // by appointment
	log          []entry
	sequence     int64       // the last position that was given
	audited      []time.Time // when each thing was done
	tokens       int
	noticeID     int64
}

var (
	_ booking.Ledger = (*Ledger)(nil)
	_ booking.Outbox = (*Ledger)(nil)
)

// LedgerOptions are the parts of a Ledger; those of a planted fault replace the right ones.
type LedgerOptions struct {
	Now         func() time.Time
	Step        func(booking.Standing, booking.Event) (booking.Standing, []booking.Command, error) // default booking.Step
	Unprotected bool                                                                               // claims may overlap
	Unversioned bool                                                                               // whoever comes later changes what he has not seen
	Committed   func([]Taken)                                                                      // told of each transaction that changed an appointment
}

// Taken is one step of a transaction.
type Taken struct {
	Before, After booking.Appointment // Before has no ID when the appointment is new
	Change        booking.Change      // of Event zero: the appointment is new
}

type claim struct {
	interval.Interval // with the buffer
	agenda            string
	session           string
	chain             string
	seats             int
}

type person struct {
	interval.Interval
	name  string
	chain string
	again bool
}

type keyID struct {
	partner string
	digest  [32]byte
}

type keyRow struct {
	booking.Recorded
	created time.Time
}

type debt struct {
	booking.Debt
	due    time.Time
	key    [32]byte
	called bool // key is of a call
}

type notice struct {
	booking.Notice
	lease string
}

type sighting struct {
	as    interval.Interval
	since time.Time
}

type entry struct {
	booking.Entry
	shown bool
}

// NewLedger makes an empty one.
func NewLedger(o LedgerOptions) *Ledger {
	if o.Step == nil {
		o.Step = booking.Step
	}
	return &Ledger{
		LedgerOptions: o,
		appointments:  make(map[string]booking.Appointment), claims: make(map[string]claim), persons: make(map[string]person),
		subjects: make(map[string]string),
		keys:     make(map[keyID]keyRow), debts: make(map[string]debt), notices: make(map[string][]notice),
		sightings: make(map[string]sighting),
	}
}

// transaction undoes what it did when it ends with an error.
type transaction struct {
	undo  []func()
	taken []Taken
}

func set[K comparable, V any](t *transaction, m map[K]V, k K, v V) {
	old, had := m[k]
	t.undo = append(t.undo, func() {
		if had {
			m[k] = old
		} else {
			delete(m, k)
		}
	})
	m[k] = v
}

func drop[K comparable, V any](t *transaction, m map[K]V, k K) {
	if old, had := m[k]; had {
		t.undo = append(t.undo, func() { m[k] = old })
		delete(m, k)
	}
}

// write runs do, all or nothing.
func (l *Ledger) write(do func(*transaction) error) error {
	l.mu.Lock()
	t := &transaction{}
	err := do(t)
	if err != nil {
		for _, undo := range slices.Backward(t.undo) {
			undo()
		}
	}
	l.mu.Unlock()
	if err == nil && l.Committed != nil && len(t.taken) > 0 {
		l.Committed(t.taken)
	}
	return err
}

func (l *Ledger) read(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do()
}

// moment is now, in whole milliseconds.
func (l *Ledger) moment() time.Time { return l.Now().UTC().Truncate(time.Millisecond) }

// later is the later of two instants: an appointment does not go back in time, whatever a clock does.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (l *Ledger) token() string {
	l.tokens++
	return strconv.Itoa(l.tokens)
}

// current finds an appointment that is about to change. A version of zero means whichever there is.
func (l *Ledger) current(id string, version int) (booking.Appointment, error) {
	a, ok := l.appointments[id]
	if !ok {
		return a, booking.Missing()
	}
	if version != 0 && a.Version != version && !l.Unversioned {
		return booking.Appointment{}, &booking.Error{Kind: connectors.Changed, Code: "rendez_vous_modifie", Detail: "Ce rendez-vous vient d'être modifié : relisez-le avant d'agir."}
	}
	return a, nil
}

// whole adds what is kept apart.
func (l *Ledger) whole(a booking.Appointment) booking.Appointment {
	a.Notices = nil
	for _, n := range l.notices[a.ID] {
		a.Notices = append(a.Notices, n.Notice)
	}
	return a
}

// Appointment implements booking.Ledger.
func (l *Ledger) Appointment(_ context.Context, partner, id string) (booking.Appointment, error) {
	return l.one(id, func(a booking.Appointment) bool { return a.Partner == partner })
}

// AnyAppointment implements booking.Ledger.
func (l *Ledger) AnyAppointment(_ context.Context, id string) (booking.Appointment, error) {
	return l.one(id, func(booking.Appointment) bool { return true })
}

func (l *Ledger) one(id string, mine func(booking.Appointment) bool) (out booking.Appointment, err error) {
	l.read(func() {
		a, ok := l.appointments[id]
		if !ok || !mine(a) {
			err = booking.Missing()
			return
		}
		out = l.whole(a)
	})
	return out, err
}

// all lists the appointments that a question selects, in an order.
func (l *Ledger) all(wanted func(booking.Appointment) bool, order func(a, b booking.Appointment) int) (out []booking.Appointment) {
	for _, a := range l.appointments {
		if wanted(a) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b booking.Appointment) int { return cmp.Or(order(a, b), cmp.Compare(a.ID, b.ID)) })
	return out
}

// Appointments implements booking.Ledger.
func (l *Ledger) Appointments(_ context.Context, partner string, f booking.AppointmentFilter) (out []booking.Appointment, total int, _ error) {
	l.read(func() {
		out = l.all(func(a booking.Appointment) bool {
			return a.Partner == partner && !a.Taken.IsZero() && !a.Modified.Before(f.ModifiedSince) &&
				(len(f.Statuses) == 0 || slices.Contains(f.Statuses, a.Status)) &&
				(f.Reference == "" || a.Reference == f.Reference) && (f.Place == "" || a.Place == f.Place)
		}, func(a, b booking.Appointment) int { return a.Modified.Compare(b.Modified) })
		total = len(out)
		out = out[min(f.Offset, total):min(f.Offset+f.Limit, total)]
		for i := range out {
			out[i] = l.whole(out[i])
		}
	})
	return out, total, nil
}

// Lapsed implements booking.Ledger.
func (l *Ledger) Lapsed(_ context.Context, now time.Time, limit int) (out []booking.Appointment, _ error) {
	l.read(func() {
		out = l.all(func(a booking.Appointment) bool {
			waits := a.Status == booking.Held || a.Status == booking.Requested || a.Status == booking.HandedOff
			return waits && !a.Expires.After(now)
		}, func(a, b booking.Appointment) int { return a.Expires.Compare(b.Expires) })
		out = out[:min(limit, len(out))]
		for i := range out {
			out[i].Details = nil
		}
	})
	return out, nil
}
