package neighbours

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/all"
	"passerelle/connectors/interval"
	"passerelle/internal/prove/parts"
	"passerelle/internal/testservers"
)

// monday is a working day, at 8 in Paris.
var monday = time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)

// patience is a guard: what a search or a booking may take.
const patience = time.Minute

// betweenRounds is more than a reading is fresh: all are read again.
const betweenRounds = 70 * time.Second

// town is a gateway with an agenda in each place, on a server each. The first is the broken one.
type town struct {
	*booking.Service
	places []string
	opened time.Time // by the machine's clock

	mu    sync.Mutex
	ahead time.Duration // what passed besides
	calls int
}

func (w *town) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return monday.Add(w.ahead + time.Since(w.opened)) // time-outs are the machine's
}

func newTown(t *testing.T, server *testservers.CalDAVServer, agendas int, b *broken, client func(*testing.T, func() time.Time) *http.Client) *town {
	t.Helper()
	w := &town{opened: time.Now()}
	line := queue{next: &http.Transport{DisableKeepAlives: true}, places: make(chan struct{}, inLine)}
	var connections []booking.Connection
	for i := range agendas {
		address := newCalendar(t, server, line, i)
		if i == 0 && b != nil {
			address = b.url + "/calendrier/"
		}
		id := fmt.Sprint("lieu-", i)
		w.places = append(w.places, id)
		connections = append(connections, booking.Connection{
			Connection: connectors.Connection{
				Connector: "caldav", Address: address, Zone: time.UTC,
				Settings: fmt.Appendf(nil, `{"compte":%q,"mot_de_passe":%q}`, server.User, server.Password),
			},
			Agenda: id, Places: []string{id}, Notice: "lieu@example.org",
			Motifs: []booking.Motif{{ID: "m", Label: "Rendez-vous", Duration: 15 * time.Minute}},
		})
	}
	caldav, _ := all.Registry().Lookup("caldav")
	w.Service, _ = parts.Open(t, parts.Options{
		Now: w.now, Places: w.places, Connectors: []connectors.Connector{caldav}, Connections: connections,
		HTTP: client(t, w.now), BookIn: patience, AnswerIn: patience,
	})
	return w
}

// queue is how the servers of all calendars come to the one program that stands behind them: few at a time, or it would be
// what is broken.
type queue struct {
	next   http.RoundTripper
	places chan struct{}
}

const inLine = 6

func (q queue) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case q.places <- struct{}{}:
		defer func() { <-q.places }()
		return q.next.RoundTrip(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// newCalendar makes an empty calendar, and a server of its own before it.
func newCalendar(t *testing.T, server *testservers.CalDAVServer, line queue, i int) string {
	t.Helper()
	root, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("%s/%s-%d/", server.User, strings.Map(letters, t.Name()), i)
	r, err := http.NewRequestWithContext(t.Context(), "MKCALENDAR", server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(server.User, server.Password)
	made, err := line.RoundTrip(r)
	if err != nil || made.StatusCode != http.StatusCreated {
		t.Fatalf("no calendar: %v, %v", made, err)
	}
	_ = made.Body.Close()
	front := httptest.NewServer(&httputil.ReverseProxy{
		Transport: line, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(root) }, ErrorLog: log.New(io.Discard, "", 0),
	})
	t.Cleanup(front.Close)
	return front.URL + "/" + path
}

func letters(r rune) rune {
	if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
		return r
	}
	return -1
}

// live lets some rounds pass. In each all agendas are searched, somebody books in each of the others, and some hope to book
// in the broken one: all at the same time.
func (w *town) live(t *testing.T, rounds int) (f figures) {
	t.Helper()
	turns := make(chan struct{}, inLine) // so many book in the others at once
	for round := range rounds {
		var mu sync.Mutex
		var work sync.WaitGroup
		for i, place := range w.places {
			of := 1
			if i == 0 {
				of = hopeful
			}
			for n := range of {
				work.Go(func() {
					if i > 0 {
						turns <- struct{}{}
						defer func() { <-turns }()
					}
					begun := time.Now()
					confirmed := w.book(t, place, round*hopeful+n, i > 0)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case confirmed && i == 0:
						f.hopefulBooked++
					case confirmed:
						f.othersBooked++
						f.waited = append(f.waited, time.Since(begun))
					}
				})
			}
		}
		found, err := w.SearchSlots(t.Context(), booking.SlotSearch{PlaceFilter: booking.PlaceFilter{IDs: w.places}, PerPlace: 1, Page: 1, Size: len(w.places)})
		if err != nil {
			t.Fatal(err)
		}
		work.Wait()
		for i, r := range found.Items {
			switch {
			case r.State == booking.Fresh && i == 0:
				f.brokenFresh++
			case r.State == booking.Fresh:
				f.othersFresh++
			default:
				if i > 0 {
					t.Logf("round %d, %s: %s %v", round, r.Asked, r.State, r.Errs)
				}
			}
		}
		w.mu.Lock()
		w.ahead += betweenRounds
		w.mu.Unlock()
	}
	return f
}

// book takes the nth slot of tomorrow, and reports whether it is confirmed.
func (w *town) book(t *testing.T, place string, n int, must bool) bool {
	start := monday.AddDate(0, 0, 1+n/40).Add(time.Duration(n%40) * 15 * time.Minute)
	w.mu.Lock()
	w.calls++
	call := booking.Call{Partner: "p", Key: fmt.Sprint("clé-", w.calls), Request: fmt.Append(nil, w.calls)}
	w.mu.Unlock()
	id := w.Slots.ID(booking.SlotRef{Place: place, Agenda: place, Motif: "m", Interval: interval.Of(start, start.Add(15*time.Minute))})
	made, err := w.Book(t.Context(), call, booking.Booking{SlotID: id, Details: booking.Details{
		Beneficiary: booking.Beneficiary{FirstName: "Prénom", LastName: "Nom", Reference: string(call.Request), Phone: "+33639980001"},
		Prescriber:  booking.Prescriber{Email: "prescripteur@example.org"},
	}})
	if must && err != nil {
		t.Errorf("%s: %v", place, err)
	}
	return err == nil && made.Appointment.Status == booking.Confirmed
}
