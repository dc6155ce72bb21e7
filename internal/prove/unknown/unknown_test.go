package unknown

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
	_ "time/tzdata"

	"passerelle/internal/prove/parts"

	"passerelle/booking"
	"passerelle/booking/ledger"
	"passerelle/connectors"
	"passerelle/connectors/interval"
	"passerelle/internal/held"
)

var paris, _ = time.LoadLocation("Europe/Paris")

func call(key string) booking.Call {
	return booking.Call{Partner: "p1", Key: key, Request: []byte("POST /v1/rendez-vous " + key)}
}

// begin is a Sunday in Paris.
var begin = time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)

const (
	liars = 8
	days  = 12
)

// unsure is a gateway of real parts whose agendas lie, on a clock that the test holds.
type unsure struct {
	*booking.Service
	ledger  *ledger.Ledger
	rand    *rand.Rand
	now     func() time.Time
	wait    func(time.Duration)
	diaries []*liar
	places  []string // one for each
	mine    []string // ids of what was booked
	calls   int
}

// planted is what replaces a right part.
type planted struct {
	agenda func(*liar) connectors.Agenda
	ledger func(booking.Ledger) booking.Ledger
}

func newUnsure(t *testing.T, seed uint64, p planted) *unsure {
	t.Helper()
	clock := held.NewClock(begin)
	u := &unsure{rand: rand.New(rand.NewPCG(seed, 1)), now: clock.Now, wait: clock.Add}
	var seeded []booking.Connection
	for i := range liars {
		name := fmt.Sprint("menteur", i)
		u.diaries, u.places = append(u.diaries, newLiar(name, seed, u.now)), append(u.places, name)
		seeded = append(seeded, booking.Connection{
			Connection: connectors.Connection{Connector: "menteur", Address: fmt.Sprintf("https://menteur.example.org/%d", i), Zone: paris},
			Agenda:     name, Places: []string{name}, Notice: "lieu@example.org",
			Motifs: []booking.Motif{{ID: "court", Label: "Court", Duration: 15 * time.Minute}},
		})
	}
	open := func(c connectors.Connection, _ connectors.Env) (connectors.Agenda, error) {
		i, err := strconv.Atoi(filepath.Base(c.Address))
		if err != nil || p.agenda == nil {
			return u.diaries[i], err
		}
		return p.agenda(u.diaries[i]), nil
	}
	u.Service, u.ledger = parts.Open(t, parts.Options{
		Now: u.now, Places: u.places, Connectors: []connectors.Connector{{Name: "menteur", Open: open}}, Connections: seeded, Ledger: p.ledger,
		Random: rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)}),
	})
	return u
}

func (u *unsure) call() booking.Call {
	u.calls++
	return call(fmt.Sprint("c", u.calls))
}

// slot is any quarter of an hour, taken or not; one in four is of the days that everybody wants, where what is free again
// is taken at once.
func (u *unsure) slot() string {
	i, d := u.rand.IntN(liars), u.rand.IntN(days)
	if u.rand.IntN(4) == 0 {
		i, d = 0, 1+u.rand.IntN(2)
	}
	day := time.Date(2026, 11, 22+d, 8, 0, 0, 0, paris)
	start := day.Add(time.Duration(u.rand.IntN(48)) * 15 * time.Minute)
	return u.Slots.ID(booking.SlotRef{Place: u.places[i], Agenda: u.diaries[i].name, Motif: "court", Interval: interval.Of(start, start.Add(15*time.Minute))})
}

func (u *unsure) sent() (n int) {
	for _, d := range u.diaries {
		n += len(d.booked)
	}
	return n
}

// live books, moves and cancels until so many bookings were sent, while what is owed is carried out now and then.
func (u *unsure) live(t *testing.T, bookings int) {
	t.Helper()
	for tries := 0; u.sent() < bookings; tries++ {
		if tries > 20*bookings {
			t.Fatalf("only %d bookings of %d were sent", u.sent(), bookings)
		}
		r, err := u.Book(t.Context(), u.call(), booking.Booking{SlotID: u.slot(), Details: booking.Details{
			Beneficiary: booking.Beneficiary{FirstName: "Prénom", LastName: "Nom", Reference: fmt.Sprint(u.calls), Phone: "+33639980001"},
			Prescriber:  booking.Prescriber{Email: "prescripteur@example.org"},
		}})
		u.keep(t, r, err)
		if len(u.mine) > 0 && u.rand.IntN(100) < 15 {
			id := u.mine[u.rand.IntN(len(u.mine))]
			if u.rand.IntN(2) == 0 {
				r, err = u.Cancel(t.Context(), u.call(), id, booking.Ending{By: booking.TheBeneficiary})
			} else {
				r, err = u.Move(t.Context(), u.call(), id, u.slot())
			}
			u.keep(t, r, err)
		}
		u.wait(time.Duration(2+u.rand.IntN(50)) * time.Second)
		if u.rand.IntN(4) == 0 {
			u.carryOn(t, tries%5 == 0)
		}
	}
}

// keep notes what was booked. A refusal is an answer; an error of nobody's kind is not.
func (u *unsure) keep(t *testing.T, r booking.Result, err error) {
	t.Helper()
	if err != nil && connectors.KindOf(err) == connectors.Internal {
		t.Errorf("a call ends with %v", err)
	}
	if err == nil && !slices.Contains(u.mine, r.Appointment.ID) {
		u.mine = append(u.mine, r.Appointment.ID)
	}
}

// carryOn does what the program does in the background.
func (u *unsure) carryOn(t *testing.T, all bool) {
	t.Helper()
	for full := true; full; {
		n, err := u.Reconcile(t.Context())
		if err != nil {
			t.Errorf("Reconcile: %v", err)
		}
		full = n == 32
	}
	if !all {
		return
	}
	if _, err := u.Sweep(t.Context()); err != nil {
		t.Errorf("Sweep: %v", err)
	}
	_ = u.Watch(t.Context()) // agendas that do not answer are its errors
	told, err := u.ledger.TakeNotices(t.Context(), time.Minute, 500)
	for _, n := range told {
		err = errors.Join(err, u.ledger.Tell(t.Context(), n, booking.NoticeSent, time.Time{}))
	}
	if err != nil {
		t.Errorf("telling: %v", err)
	}
}

// end lets days go by, until nothing is looked for any more.
func (u *unsure) end(t *testing.T) {
	t.Helper()
	for _, stage := range []struct {
		steps int
		each  time.Duration
	}{{30, time.Minute}, {36, 20 * time.Minute}, {15 * 8, 3 * time.Hour}} {
		for i := range stage.steps {
			u.wait(stage.each)
			u.carryOn(t, i%12 == 0)
		}
	}
	u.carryOn(t, true)
}
