package unknown

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/internal/prove"
)

// verdict is what is wrong in the end, by sentence; and how much there was.
type verdict struct {
	ghosts    []string // events that no appointment stands for
	losses    []string // confirmed appointments without their event
	unsettled []string // neither settled nor given to people
	untold    []string // whose prescriber was not told of the outcome
	hasty     []string // refused although the agenda had neither said twice that it has no such event, nor shown another over it
	statuses  map[booking.Status]int
	people    int // how many were given to people on the way
	fates     map[fate]int
}

func (v verdict) String() string {
	return fmt.Sprintf("%d ghosts %.3q, %d losses %.3q, %d unsettled %.3q, %d untold %.3q, %d hasty %.3q", len(v.ghosts), first(v.ghosts), len(v.losses), first(v.losses),
		len(v.unsettled), first(v.unsettled), len(v.untold), first(v.untold), len(v.hasty), first(v.hasty))
}

func first(list []string) []string { return list[:min(3, len(list))] }

func (v verdict) right() bool {
	return len(v.ghosts)+len(v.losses)+len(v.unsettled)+len(v.untold)+len(v.hasty) == 0
}

// judge looks at everything that was ever booked, and at every diary.
func (u *unsure) judge(t *testing.T) verdict {
	t.Helper()
	v := verdict{statuses: make(map[booking.Status]int)}
	byID := make(map[string]booking.Appointment)
	for offset := 0; ; offset += booking.MaxPageSize {
		list, _, err := u.ledger.Appointments(t.Context(), "p1", booking.AppointmentFilter{Limit: booking.MaxPageSize, Offset: offset})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			byID[a.ID] = a
		}
		if len(list) < booking.MaxPageSize {
			break
		}
	}
	diaries := make(map[string]*liar)
	for _, d := range u.diaries {
		diaries[d.name] = d
		for _, e := range d.events {
			if a, known := byID[e.Reference]; !known || !a.Status.Occupies() {
				v.ghosts = append(v.ghosts, fmt.Sprintf("%s %s", e.Reference[:6], a.Status))
			}
		}
	}
	for id, a := range byID {
		v.statuses[a.Status]++
		if slices.ContainsFunc(a.Notices, func(n booking.Notice) bool { return n.About == booking.AboutDoubt }) {
			v.people++
		}
		v.one(a, diaries[a.Agenda], id[:6])
	}
	return v
}

// one judges one appointment.
func (v *verdict) one(a booking.Appointment, d *liar, name string) {
	about := booking.Topic("")
	for _, n := range a.Notices {
		if n.To == booking.ThePrescriber && n.State == booking.NoticeSent && n.About != booking.AboutReminder {
			about = n.About
		}
	}
	told := false
	switch a.Status {
	case booking.Confirmed:
		told = about == booking.AboutConfirmation || about == booking.AboutMove
		if !d.has(a.ID, a.Interval) {
			v.losses = append(v.losses, name)
		}
	case booking.Moved: // the one that took its place tells it
		told = a.ReplacedBy != ""
	case booking.Refused:
		// Whoever booked heard the agenda's no in the answer.
		told = about == booking.AboutRefusal || about == "" && d.refused[a.ID]
		if !d.saidNo(a.ID, a.Modified) {
			v.hasty = append(v.hasty, name)
		}
	case booking.Cancelled:
		told = about == booking.AboutCancellation
	case booking.NeedsHuman:
		told = about == booking.AboutDoubt
	default:
		v.unsettled = append(v.unsettled, fmt.Sprintf("%s %s", name, a.Status))
		return
	}
	if !told {
		v.untold = append(v.untold, fmt.Sprintf("%s %s, told %q", name, a.Status, about))
	}
}

// bookings are how many are made; perBatch of them share a ledger.
func bookings() int { return prove.Size(150, 5_000) }

const perBatch = 250

// played is one batch from its beginning to its end.
func played(t *testing.T, seed uint64, bookings int, p planted) verdict {
	t.Helper()
	u := newUnsure(t, seed, p)
	u.live(t, bookings)
	u.end(t)
	v := u.judge(t)
	v.fates = make(map[fate]int)
	for _, d := range u.diaries {
		for f, n := range d.fates {
			v.fates[f] += n
		}
	}
	t.Logf("seed %d: %d bookings, %v, %d of them given to people on the way; fates of writes %v", seed, u.sent(), v.statuses, v.people, v.fates)
	return v
}

// Whatever becomes of requests and answers: in the end no event stands for nothing, nobody who is expected is missing in
// the agenda, and everything is settled or given to people, who were told.
func TestUnknownOutcomesEndRight(t *testing.T) {
	for seed, left := uint64(1), bookings(); left > 0; seed, left = seed+1, left-perBatch {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			v := played(t, seed, min(left, perBatch), planted{})
			if !v.right() {
				t.Error(v)
			}
			for _, c := range fatesOfBookings {
				if v.fates[c.fate] == 0 {
					t.Errorf("no write met its fate %q: the test says nothing of it", c.fate)
				}
			}
		})
	}
}

// The test above must be able to fail.
func TestUnknownOutcomesThatEndWrongAreSeen(t *testing.T) {
	for _, c := range []struct {
		name string
		p    planted
		seen func(verdict) bool
	}{
		{
			"a time-out counts as refused",
			planted{agenda: func(l *liar) connectors.Agenda { return rash{l} }},
			func(v verdict) bool { return len(v.ghosts) > 0 },
		},
		{
			"an absence counts twice",
			planted{ledger: func(l booking.Ledger) booking.Ledger { return doubling{l} }},
			func(v verdict) bool { return len(v.hasty) > 0 },
		},
		{
			"what was refused is not looked for any more",
			planted{ledger: func(l booking.Ledger) booking.Ledger { return forgetful{l} }},
			func(v verdict) bool { return len(v.ghosts) > 0 },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := played(t, 1, 60, c.p)
			if t.Log(v); !c.seen(v) {
				t.Errorf("it is not seen: %s", v)
			}
		})
	}
}

// rash takes silence for a no.
type rash struct{ *liar }

func (r rash) Book(ctx context.Context, q connectors.Request) (connectors.Appointment, error) {
	a, err := r.liar.Book(ctx, q)
	if connectors.KindOf(err) == connectors.OutcomeUnknown {
		err = &connectors.Error{Op: "book", Kind: connectors.Refused, Err: err}
	}
	return a, err
}

// doubling takes one absence for two, apart.
type doubling struct{ booking.Ledger }

func (d doubling) TakeDebts(ctx context.Context, lease time.Duration, limit int) ([]booking.Debt, error) {
	debts, err := d.Ledger.TakeDebts(ctx, lease, limit)
	for i := range debts {
		debts[i].Absences, debts[i].AbsentSince = 2*debts[i].Absences+1, debts[i].Since.Add(-time.Hour)
	}
	return debts, err
}

// forgetful does not look again for what was refused and was not there.
type forgetful struct{ booking.Ledger }

func (f forgetful) Postpone(ctx context.Context, d booking.Debt, due time.Time, absent bool) error {
	if absent && d.Do == booking.Unbook {
		return f.Forgive(ctx, d)
	}
	return f.Ledger.Postpone(ctx, d, due, absent)
}
