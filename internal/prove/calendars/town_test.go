package calendars

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"passerelle/internal/prove/parts"
	_ "time/tzdata" // zones must not depend on the machine

	"passerelle/booking"
	"passerelle/booking/ledger"
	"passerelle/connectors"
	"passerelle/connectors/all"
	"passerelle/connectors/connectorstest"
	"passerelle/connectors/interval"
	"passerelle/internal/held"
	"passerelle/internal/testservers"
)

// The calendar of the test: a place that is open every day, and slots a few days ahead that all want.
const (
	agenda   = "agenda"
	firstDay = 5
	someDays = 4
	halves   = 12 // half-hours from nine
)

var monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// slot is one of those that are fought for.
func slot(n int) interval.Interval {
	start := monday.Truncate(24*time.Hour).AddDate(0, 0, firstDay+n/halves%someDays).Add(9*time.Hour + time.Duration(n%halves)*30*time.Minute)
	return interval.Of(start, start.Add(30*time.Minute))
}

// town is a gateway of real parts, a real server, and the network between them.
type town struct {
	*booking.Service
	ledger *ledger.Ledger
	server *testservers.CalDAVServer
	proxy  connectorstest.Proxy
	others *others
	killer sync.WaitGroup
	rand   *rand.Rand
	now    func() time.Time
	wait   func(time.Duration)
	mine   []string // ids of what was booked
	asked  map[string]time.Time
	calls  int
}

func newTown(t *testing.T, server *testservers.CalDAVServer, seed uint64, change func(*booking.Connection), open func(connectors.Connector) connectors.Connector) *town {
	t.Helper()
	clock := held.NewClock(monday)
	w := &town{server: server, rand: rand.New(rand.NewPCG(seed, 1)), now: clock.Now, wait: clock.Add, asked: make(map[string]time.Time)}
	w.others = newOthers(server, seed)
	connection := w.connection(t)
	change(&connection)
	caldav, _ := all.Registry().Lookup("caldav")
	w.Service, w.ledger = parts.Open(t, parts.Options{
		Now: w.now, Places: []string{"lieu"}, Connectors: []connectors.Connector{open(caldav)}, Connections: []booking.Connection{connection},
		HTTP: &http.Client{Timeout: 5 * time.Second}, BookIn: 2 * time.Second,
	})
	return w
}

func (w *town) connection(t *testing.T) booking.Connection {
	u, err := url.Parse(w.server.Calendar)
	if err != nil {
		t.Fatal(err)
	}
	settings := fmt.Sprintf(`{"compte":%q,"mot_de_passe":%q}`, w.server.User, w.server.Password)
	return booking.Connection{
		Connection: connectors.Connection{Connector: "caldav", Address: w.proxy.Before(t, w.server.URL) + u.EscapedPath(), Settings: []byte(settings), Zone: time.UTC},
		Agenda:     agenda, Places: []string{"lieu"}, Notice: "lieu@example.org",
		Motifs: []booking.Motif{{ID: "m", Label: "Rendez-vous", Duration: 30 * time.Minute}},
	}
}

func (w *town) call() booking.Call {
	w.calls++
	return booking.Call{Partner: "p1", Key: fmt.Sprint("clé-", w.calls), Request: []byte(fmt.Sprint(w.calls))}
}

// one is one intention of the gateway's callers.
func (w *town) one(t *testing.T) {
	t.Helper()
	at := slot(w.rand.IntN(halves * someDays))
	id := w.Slots.ID(booking.SlotRef{Place: "lieu", Agenda: agenda, Motif: "m", Interval: at})
	begun := time.Now()
	var r booking.Result
	var err error
	switch n := w.rand.IntN(10); {
	case n < 6 || len(w.mine) == 0:
		r, err = w.Book(t.Context(), w.call(), booking.Booking{SlotID: id, Details: booking.Details{
			Beneficiary: booking.Beneficiary{FirstName: "Prénom", LastName: "Nom", Reference: fmt.Sprint(w.calls), Phone: "+33639980001"},
			Prescriber:  booking.Prescriber{Email: "prescripteur@example.org"},
		}})
	case n < 8:
		r, err = w.Move(t.Context(), w.call(), w.mine[w.rand.IntN(len(w.mine))], id)
	default:
		r, err = w.Cancel(t.Context(), w.call(), w.mine[w.rand.IntN(len(w.mine))], booking.Ending{By: booking.TheBeneficiary})
	}
	switch {
	case err != nil && connectors.KindOf(err) == connectors.Internal:
		t.Errorf("a call ends with %v", err)
	case err == nil:
		if _, known := w.asked[r.Appointment.ID]; !known {
			w.mine, w.asked[r.Appointment.ID] = append(w.mine, r.Appointment.ID), begun
		}
	}
}

// carryOn does what the program does in the background.
func (w *town) carryOn(t *testing.T, watch bool) {
	t.Helper()
	if _, err := w.Reconcile(t.Context()); err != nil {
		t.Errorf("Reconcile: %v", err)
	}
	if !watch {
		return
	}
	if _, err := w.Sweep(t.Context()); err != nil {
		t.Errorf("Sweep: %v", err)
	}
	_ = w.Watch(t.Context()) // agendas that do not answer are its errors
}

// trouble does something to the server or to the network; calm ends it.
func (w *town) trouble(t *testing.T) {
	t.Helper()
	switch w.rand.IntN(6) {
	case 0: // in the middle of what comes next
		after := time.Duration(w.rand.IntN(60)) * time.Millisecond
		w.killer.Go(func() {
			time.Sleep(after)
			w.others.turn(true, w.server.Kill, t)
		})
	case 1:
		w.proxy.Set(connectorstest.Fault{Hang: true, Writes: w.rand.IntN(2) == 0})
	case 2, 3:
		w.proxy.Set(connectorstest.Fault{Lost: true, Writes: true})
	case 4:
		w.proxy.Set(connectorstest.Fault{Truncate: true})
	default:
		w.proxy.Set(connectorstest.Fault{Status: http.StatusBadGateway, Writes: w.rand.IntN(2) == 0})
	}
}

func (w *town) calm(t *testing.T) {
	t.Helper()
	w.proxy.Set(connectorstest.Fault{})
	w.killer.Wait()
	w.others.turn(false, w.server.Start, t)
}

// live is so many intentions, beside the others, with trouble in one of eight.
func (w *town) live(t *testing.T, intentions int, troubled bool) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var beside sync.WaitGroup
	beside.Go(func() { w.others.live(ctx, t) })
	defer func() {
		stop()
		beside.Wait()
	}()
	for i := range intentions {
		if troubled && i%8 == 5 {
			w.trouble(t)
		}
		w.one(t)
		w.wait(time.Duration(5+w.rand.IntN(55)) * time.Second)
		w.carryOn(t, i%6 == 0)
		if troubled && i%8 == 6 {
			w.calm(t)
		}
	}
	w.calm(t)
}

// end lets a few days go by, until nothing is looked for any more. The clock of the town runs ahead of the server's: a
// write that it has still in hand would come hours late by that clock, which no server does. So it starts again first.
func (w *town) end(t *testing.T) {
	t.Helper()
	w.others.turn(true, w.server.Kill, t)
	w.others.turn(false, w.server.Start, t)
	for i := range 30 {
		w.wait(time.Minute)
		w.carryOn(t, i%6 == 0)
	}
	for i := range 20 {
		w.wait(3 * time.Hour)
		w.carryOn(t, i%5 == 0)
	}
	w.carryOn(t, true)
	w.wait(5 * time.Minute)
	w.carryOn(t, true)
}

var errAnswer = errors.New("calendars: an answer that was not expected")
