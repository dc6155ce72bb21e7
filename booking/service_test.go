package booking_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata"

	"passerelle/booking"
	"passerelle/booking/agendas"
	"passerelle/booking/availability"
	"passerelle/booking/directory"
	"passerelle/booking/ledger"
	"passerelle/connectors"
	"passerelle/connectors/all"
)

var paris, _ = time.LoadLocation("Europe/Paris")

// sunday is 22 November 2026 in Paris: the week that follows is what the tests look at.
var sunday = time.Date(2026, 11, 22, 12, 0, 0, 0, paris)

const places = `id,nom,commune,code_postal,adresse,latitude,longitude,telephone,horaires,services,modalites_acces,prise_rdv
a,Lieu A,Crest,26400,1 rue A,44.7286,5.0222,+33465710001,"Mo-Fr 09:00-12:00",Aide aux démarches administratives,,
b,Lieu B,Die,26150,1 rue B,44.7531,5.3703,,"Mo-Fr 09:00-12:00",,,
c,Lieu C,Saillans,26340,1 rue C,44.6947,5.1942,+33465710003,,,,https://www.rdv-aide-numerique.fr/org/99990001
d,Lieu D,Allex,26400,1 rue D,44.7672,4.9192,+33465710004,"Mo-Fr 09:00-12:00",,,
f,Lieu F,Eurre,26400,2 rue F,,,,,,,
e,Lieu E,Eurre,26400,1 rue E,44.7603,4.9889,,,,Ce lieu n'accueille pas de public,https://www.rdv-solidarites.fr/users/rdvs/1?invitation_token=SECRET99
`

// world is a gateway of real parts on a clock that the test holds.
type world struct {
	*booking.Service
	ledger *ledger.Ledger
	set    *agendas.Set
	now    atomic.Int64
	feed   atomic.Value // string: the body of the calendar; empty answers 500
	extra  *scripted
	diary  *diary
	desk   *desk
	reader *availability.Reader
	broken atomic.Bool // the agenda "diary" cannot be opened
}

// scripted is an agenda of another system that takes writes, for the paths that no connector of the tree has yet.
type scripted struct {
	mu      sync.Mutex
	book    error
	cancel  error
	booked  []string
	links   []string // of what was booked
	between func()
	hangs   chan struct{} // it is read once that is closed; nil: at once
}

func (s *scripted) Read(ctx context.Context, _ connectors.Query) (connectors.Reading, error) {
	s.mu.Lock()
	hangs := s.hangs
	s.mu.Unlock()
	if hangs != nil {
		select {
		case <-hangs:
		case <-ctx.Done():
			return connectors.Reading{}, ctx.Err()
		}
	}
	return connectors.Reading{Basis: connectors.Busy}, nil
}

func (s *scripted) Book(_ context.Context, r connectors.Request) (connectors.Appointment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.between != nil {
		s.between()
	}
	s.booked, s.links = append(s.booked, r.Reference), append(s.links, r.Link)
	return connectors.Appointment{Reference: r.Reference, Upstream: "amont", Version: "1", Interval: r.Slot.Interval}, s.book
}

func (s *scripted) Cancel(context.Context, connectors.Appointment) error { return s.cancel }

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{extra: &scripted{}, diary: &diary{events: make(map[string]connectors.Appointment)}, desk: &desk{}}
	w.now.Store(sunday.Unix())
	w.feed.Store(calendar("10:00", "11:00"))
	now := func() time.Time { return time.Unix(w.now.Load(), 0) }
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		body := w.feed.Load().(string)
		if body == "" {
			rw.WriteHeader(http.StatusInternalServerError)
			return
		}
		fmt.Fprint(rw, body)
	}))
	t.Cleanup(server.Close)
	folder := t.TempDir()
	file := filepath.Join(folder, "lieux.csv")
	if err := os.WriteFile(file, []byte(places), 0o600); err != nil {
		t.Fatal(err)
	}
	key := bytes.Repeat([]byte{1}, 32)
	logger := slog.New(slog.DiscardHandler)
	var err error
	if w.ledger, err = ledger.Open(t.Context(), ledger.Options{Path: filepath.Join(folder, "r.db"), Keys: [][]byte{key}, Now: now}); err != nil {
		t.Fatal(err)
	}
	registry := connectors.NewRegistry(append(registered(t), connectors.Connector{
		Name: "amont", Open: func(connectors.Connection, connectors.Env) (connectors.Agenda, error) { return w.extra, nil },
	}, connectors.Connector{
		Name: "journal", Open: func(connectors.Connection, connectors.Env) (connectors.Agenda, error) {
			if w.broken.Load() {
				return nil, &connectors.Error{Op: "open", Kind: connectors.Invalid, Err: errors.New("broken")}
			}
			return w.diary, nil
		},
	}, connectors.Connector{
		Name: "guichet", Open: func(connectors.Connection, connectors.Env) (connectors.Agenda, error) { return w.desk, nil },
	})...)
	w.set, err = agendas.Open(t.Context(), agendas.Options{
		Store: w.ledger, Registry: registry, Env: connectors.Env{HTTP: server.Client(), Logger: logger, Now: now},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.set.Seed(t.Context(), connections(server.URL)); err != nil {
		t.Fatal(err)
	}
	places, err := directory.Open(t.Context(), []string{file}, directory.Options{Now: now, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	slots, err := booking.NewSlotSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	reader := availability.New(availability.Options{Claims: w.ledger, Slots: slots, Logger: logger, Now: now})
	w.reader = reader
	w.Service, err = booking.New(booking.Options{
		Directory: places, Agendas: w.set, Availability: reader, Ledger: w.ledger, Slots: slots, Logger: logger, Now: now, PersonKey: key,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		reader.Close()
		if err := w.ledger.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func registered(t *testing.T) []connectors.Connector {
	t.Helper()
	r := all.Registry()
	var list []connectors.Connector
	for _, name := range r.Names() {
		c, _ := r.Lookup(name)
		list = append(list, c)
	}
	return list
}

// calendar is busy every Monday from and to the given times in Paris.
func calendar(from, to string) string {
	digits := func(hm string) string { return hm[:2] + hm[3:] + "00" }
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//FR\r\nBEGIN:VEVENT\r\nUID:1@example.org\r\nDTSTAMP:20260101T000000Z\r\n" +
		"DTSTART;TZID=Europe/Paris:20260105T" + digits(from) + "\r\nDTEND;TZID=Europe/Paris:20260105T" + digits(to) + "\r\n" +
		"RRULE:FREQ=WEEKLY\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
}

func connections(feed string) []booking.Connection {
	reached := func(name, address string) connectors.Connection {
		return connectors.Connection{Connector: name, Address: address, Zone: paris}
	}
	return []booking.Connection{
		{Connection: reached("native", ""), Agenda: "shared", Places: []string{"a", "b"}, Notice: "a@example.org", Beside: []connectors.Connection{reached("ics", feed+"/a.ics")}},
		{Connection: reached("ics", feed+"/d.ics"), Agenda: "asked", Places: []string{"d"}, Notice: "d@example.org"},
		{Connection: reached("amont", "https://amont.example.org/1"), Agenda: "sent", Places: []string{"d"}, Motifs: []booking.Motif{{ID: "envoi", Label: "Envoi"}}},
		{
			Connection: reached("journal", "https://journal.example.org/1"), Agenda: "diary", Places: []string{"d"}, Notice: "d@example.org",
			Motifs: []booking.Motif{{ID: "journal", Label: "Journal"}, {ID: "valide", Label: "Validé", Validation: booking.ByStructure}},
		},
		{Connection: reached("guichet", "https://guichet.example.org/1"), Agenda: "desk", Places: []string{"f"}, Motifs: []booking.Motif{{ID: "aide", Label: "Aide", Upstream: "12"}}},
	}
}

// slot is the id of the slot of a place at an hour on Monday.
func (w *world) slot(t *testing.T, place, motif, hour string) string {
	t.Helper()
	o := w.offer(t, place)
	for _, s := range o.Slots {
		if s.StartTime().In(paris).Format("02 15:04") == "23 "+hour && (motif == "" || s.Motif.ID == motif) {
			return s.ID()
		}
	}
	return ""
}

func (w *world) offer(t *testing.T, place string) *booking.Offer {
	t.Helper()
	from := booking.Bound{At: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Day: true}
	to := booking.Bound{At: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), Day: true}
	o, err := w.SlotsOf(t.Context(), place, &from, &to, "")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func call(key string) booking.Call {
	return booking.Call{Partner: "p1", Key: key, Request: []byte("POST /v1/rendez-vous " + key)}
}

func (w *world) book(t *testing.T, key, slot string) (booking.Result, error) {
	t.Helper()
	return w.Book(t.Context(), call(key), booking.Booking{SlotID: slot})
}

func wantError(t *testing.T, err error, kind connectors.Kind, code string) *booking.Error {
	t.Helper()
	e, ok := errors.AsType[*booking.Error](err)
	if !ok || e.Kind != kind || e.Code != code {
		t.Fatalf("got %v, want %s of kind %q", err, code, kind)
	}
	return e
}

func TestABookingTakesTheSlotEverywhereAndCancellingGivesItBack(t *testing.T) {
	w := newWorld(t)
	if w.slot(t, "a", "", "10:00") != "" {
		t.Fatal("10:00 is busy in the calendar beside, and shown free")
	}
	id := w.slot(t, "a", "", "09:00")
	r, err := w.book(t, "k1", id)
	if err != nil || r.Appointment.Status != booking.Confirmed || r.Status != http.StatusCreated {
		t.Fatalf("Book = %s %d, %v", r.Appointment.Status, r.Status, err)
	}
	for _, place := range []string{"a", "b"} {
		if w.slot(t, place, "", "09:00") != "" {
			t.Errorf("the slot is still shown at %s, whose diary is the same", place)
		}
	}
	e := wantError(t, second(w.book(t, "k2", id)), connectors.SlotTaken, "creneau_pris")
	if len(e.Near) == 0 {
		t.Error("a lost slot comes with no other")
	}
	if _, err := w.Cancel(t.Context(), call("k3"), r.Appointment.ID, booking.Ending{By: booking.ThePrescriber, Reason: "empêchement"}); err != nil {
		t.Fatal(err)
	}
	if w.slot(t, "b", "", "09:00") == "" {
		t.Error("the slot did not come back")
	}
}

func second[T any](_ T, err error) error { return err }

func TestManyClientsOneSlot(t *testing.T) {
	w := newWorld(t)
	id := w.slot(t, "a", "", "09:00")
	var won, lost atomic.Int32
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			_, err := w.Book(context.Background(), call(fmt.Sprint(i)), booking.Booking{SlotID: id})
			switch {
			case err == nil:
				won.Add(1)
			case connectors.KindOf(err) == connectors.SlotTaken:
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || lost.Load() != 63 {
		t.Errorf("%d won, %d lost", won.Load(), lost.Load())
	}
}

func TestABookingReadsTheOtherDiaryLive(t *testing.T) {
	w := newWorld(t)
	id := w.slot(t, "a", "", "09:00")
	w.feed.Store(calendar("09:00", "12:00"))
	wantError(t, second(w.book(t, "k1", id)), connectors.SlotTaken, "creneau_pris")
	w.feed.Store("")
	wantError(t, second(w.book(t, "k2", id)), connectors.Unavailable, "source_en_echec")
	w.feed.Store("<html>connexion</html>")
	wantError(t, second(w.book(t, "k3", id)), connectors.Unavailable, "source_en_echec")
}

func TestAHold(t *testing.T) {
	w := newWorld(t)
	id := w.slot(t, "a", "", "09:00")
	held, err := w.Hold(t.Context(), call("k1"), id)
	if err != nil || held.Appointment.Status != booking.Held {
		t.Fatalf("Hold = %v, %v", held.Appointment.Status, err)
	}
	wantError(t, second(w.book(t, "k2", id)), connectors.SlotTaken, "creneau_pris")
	wantError(t, second(w.Appointment(t.Context(), "p1", held.Appointment.ID)), connectors.NotFound, "rendez_vous_inconnu")
	wantError(t, second(w.Book(t.Context(), booking.Call{Partner: "p2", Key: "k"}, booking.Booking{HoldID: held.Appointment.ID})), connectors.NotFound, "rendez_vous_inconnu")
	r, err := w.Book(t.Context(), call("k3"), booking.Booking{HoldID: held.Appointment.ID})
	if err != nil || r.Appointment.Status != booking.Confirmed || r.Appointment.ID != held.Appointment.ID {
		t.Fatalf("its holder is refused: %v", err)
	}
	wantError(t, second(w.Book(t.Context(), call("k4"), booking.Booking{HoldID: held.Appointment.ID})), connectors.Refused, "reservation_utilisee")
	if err := w.Release(t.Context(), booking.Call{Partner: "p1"}, held.Appointment.ID); connectors.KindOf(err) != connectors.Refused {
		t.Errorf("an appointment was released as a hold: %v", err)
	}
}

func TestAHoldEnds(t *testing.T) {
	w := newWorld(t)
	id := w.slot(t, "a", "", "09:00")
	first, err := w.Hold(t.Context(), call("k1"), id)
	if err != nil {
		t.Fatal(err)
	}
	w.now.Add(599)
	if _, err := w.Prolong(t.Context(), call("k2"), first.Appointment.ID); err != nil {
		t.Fatal(err)
	}
	w.now.Add(600)
	if w.slot(t, "a", "", "09:00") != "" {
		t.Error("a hold that was extended does not hold")
	}
	w.now.Add(1)
	wantError(t, second(w.Book(t.Context(), call("k3"), booking.Booking{HoldID: first.Appointment.ID})), connectors.Refused, "reservation_expiree")
	if w.slot(t, "a", "", "09:00") == "" {
		t.Error("an expired hold still hides the slot, although nobody swept yet")
	}
	if n, err := w.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("Sweep = %d, %v", n, err)
	}
	other, err := w.Hold(t.Context(), call("k4"), id)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.Release(t.Context(), booking.Call{Partner: "p1"}, other.Appointment.ID); err != nil {
			t.Error(err)
		}
	}
	if w.slot(t, "a", "", "09:00") == "" {
		t.Error("a released hold still hides the slot")
	}
}

func TestOneIntentionOneAppointment(t *testing.T) {
	w := newWorld(t)
	id := w.slot(t, "a", "", "09:00")
	var wg sync.WaitGroup
	ids := make([]string, 16)
	for i := range ids {
		wg.Go(func() {
			r, err := w.Book(context.Background(), call("same"), booking.Booking{SlotID: id})
			if err != nil {
				t.Error(err)
			}
			ids[i] = r.Appointment.ID
		})
	}
	wg.Wait()
	for _, got := range ids {
		if got != ids[0] {
			t.Fatalf("one key made several appointments: %q", ids)
		}
	}
	again, err := w.book(t, "same", id)
	if err != nil || !again.Replayed || again.Status != http.StatusCreated {
		t.Errorf("again: %+v, %v", again, err)
	}
	wantError(t, second(w.Book(t.Context(), booking.Call{Partner: "p1", Key: "same", Request: []byte("other")}, booking.Booking{SlotID: id})), connectors.Invalid, "cle_reutilisee")
	wantError(t, second(w.Book(t.Context(), booking.Call{Partner: "p1"}, booking.Booking{SlotID: id})), connectors.Invalid, "cle_manquante")
}

func TestARequest(t *testing.T) {
	w := newWorld(t)
	id := w.slot(t, "d", "accompagnement", "09:00")
	r, err := w.book(t, "k1", id)
	if err != nil || r.Appointment.Status != booking.Requested || r.Appointment.Expires.IsZero() {
		t.Fatalf("Book = %+v, %v", r.Appointment, err)
	}
	wantError(t, second(w.book(t, "k2", id)), connectors.SlotTaken, "creneau_pris")
	due, err := w.ledger.Notices(t.Context(), true)
	if err != nil || len(due) == 0 || due[0].To != booking.TheStructure || due[0].About != booking.AboutRequest {
		t.Errorf("what the structure must be told: %+v, %v", due, err)
	}
	a, err := w.Decide(t.Context(), r.Appointment.ID, true, "")
	if err != nil || a.Status != booking.Confirmed {
		t.Fatalf("accept: %v, %v", a.Status, err)
	}
	if _, err := w.Decide(t.Context(), r.Appointment.ID, false, ""); connectors.KindOf(err) != connectors.Refused {
		t.Errorf("refused after it was accepted: %v", err)
	}
	other, err := w.book(t, "k3", w.slot(t, "d", "accompagnement", "11:00"))
	if err != nil {
		t.Fatal(err)
	}
	w.now.Store(sunday.AddDate(0, 0, 1).Unix())
	if _, err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, err := w.Appointment(t.Context(), "p1", other.Appointment.ID); err != nil || a.Status != booking.Expired {
		t.Errorf("a request that nobody answered is %v, %v", a.Status, err)
	}
}

func TestASentBooking(t *testing.T) {
	for _, c := range []struct {
		name   string
		err    error
		status booking.Status
		http   int
		kind   connectors.Kind // of the error, where there is one
	}{
		{name: "yes", status: booking.Confirmed, http: 201},
		{name: "a clear no", err: &connectors.Error{Op: "book", Kind: connectors.SlotTaken}, kind: connectors.SlotTaken},
		{name: "our credentials are refused", err: &connectors.Error{Op: "book", Kind: connectors.Misconfigured}, kind: connectors.Misconfigured},
		{name: "no answer", err: &connectors.Error{Op: "book", Kind: connectors.OutcomeUnknown}, status: booking.Uncertain, http: 202},
		{name: "a time-out", err: context.DeadlineExceeded, status: booking.Uncertain, http: 202},
		{name: "an error that nobody classified", err: errors.New("?"), status: booking.Uncertain, http: 202},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.extra.book = c.err
			id := w.slot(t, "d", "envoi", "09:00")
			r, err := w.book(t, "k1", id)
			if c.status == "" {
				if connectors.KindOf(err) != c.kind {
					t.Fatalf("got %v, want %s", err, c.kind)
				}
				if w.slot(t, "d", "envoi", "09:00") == "" {
					t.Error("a definite no keeps the slot")
				}
				return
			}
			if err != nil || r.Appointment.Status != c.status || r.Status != c.http {
				t.Fatalf("Book = %s %d, %v", r.Appointment.Status, r.Status, err)
			}
			if w.slot(t, "d", "envoi", "09:00") != "" {
				t.Error("the slot is shown free")
			}
			again, err := w.book(t, "k1", id)
			if err != nil || again.Status != c.http || len(w.extra.booked) != 1 {
				t.Errorf("again: %d, %v, sent %d times", again.Status, err, len(w.extra.booked))
			}
		})
	}
}

// What is sent is committed first: while the agenda is being written to, the ledger knows it.
func TestSendingIsCommittedBeforeTheFirstByte(t *testing.T) {
	w := newWorld(t)
	w.extra.between = func() {
		list, _, err := w.ledger.Appointments(context.Background(), "p1", booking.AppointmentFilter{Limit: 9})
		if err != nil || len(list) != 1 || list[0].Status != booking.Sending {
			t.Errorf("while sending the ledger holds %d, %v", len(list), err)
		}
	}
	if _, err := w.book(t, "k1", w.slot(t, "d", "envoi", "09:00")); err != nil {
		t.Fatal(err)
	}
	if len(w.extra.booked) != 1 {
		t.Errorf("sent %d times", len(w.extra.booked))
	}
}

func TestACancellationIsSentToTheAgenda(t *testing.T) {
	for _, c := range []struct {
		name   string
		err    error
		status booking.Status
	}{
		{"yes", nil, booking.Cancelled},
		{"it is gone already", &connectors.Error{Op: "cancel", Kind: connectors.NotFound}, booking.Cancelled},
		{"a human changed it", &connectors.Error{Op: "cancel", Kind: connectors.Changed}, booking.Confirmed},
		{"no answer", context.DeadlineExceeded, booking.Cancelling},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			r, err := w.book(t, "k1", w.slot(t, "d", "envoi", "09:00"))
			if err != nil {
				t.Fatal(err)
			}
			w.extra.cancel = c.err
			for range 2 { // the same answer when it is repeated
				done, err := w.Cancel(t.Context(), call("k2"), r.Appointment.ID, booking.Ending{By: booking.TheBeneficiary})
				if refused := c.status == booking.Confirmed; refused != (err != nil) || !refused && done.Appointment.Status != c.status {
					t.Errorf("Cancel = %s, %v", done.Appointment.Status, err)
				}
			}
			a, err := w.Appointment(t.Context(), "p1", r.Appointment.ID)
			if err != nil || a.Status != c.status || (a.Ended.By != "") != (c.status != booking.Confirmed) {
				t.Errorf("it is %s %+v, %v; want %s", a.Status, a.Ended, err, c.status)
			}
		})
	}
}

func TestWhatAPlaceOffersNext(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		place     string
		mode      connectors.Mode
		action    booking.ActionType
		state     booking.State
		connector string
	}{
		{"a", connectors.ByAPI, booking.ToBook, booking.Fresh, "native"},
		{"c", connectors.ByHandoff, booking.ToFollow, booking.NoAgenda, "rdvsp"},
		{"e", connectors.ByContact, booking.ToDoNone, booking.NoAgenda, ""},
	} {
		got, err := w.Place(t.Context(), c.place)
		if err != nil || got.Mode != c.mode || got.Next.Type != c.action || got.State != c.state || got.Connector != c.connector {
			t.Errorf("%s: %s %s %s %q, %v", c.place, got.Mode, got.Next.Type, got.State, got.Connector, err)
		}
	}
	secret, err := w.Place(t.Context(), "e")
	if err != nil || !secret.Link.Secret || secret.Link.Link != "" {
		t.Errorf("a personal link: %+v, %v", secret.Link, err)
	}
	w.feed.Store("")
	w.now.Add(3600)
	if got, _ := w.Place(t.Context(), "a"); got.State != booking.Unknown || got.Next.Type != booking.ToCall {
		t.Errorf("an agenda that fails: %s, %s", got.State, got.Next.Type)
	}
}

func TestASearchAnswersForEveryPlaceAskedFor(t *testing.T) {
	w := newWorld(t)
	q := booking.SlotSearch{PlaceFilter: booking.PlaceFilter{IDs: []string{"c", "nobody", "a", "a"}}, PerPlace: 2, Page: 1, Size: 100}
	got, err := w.SearchSlots(t.Context(), q)
	if err != nil || len(got.Items) != 4 {
		t.Fatalf("%d answers, %v", len(got.Items), err)
	}
	if got.Items[1].Place != nil || got.Items[1].Asked != "nobody" || got.States[booking.UnknownPlace] != 1 {
		t.Errorf("an unknown id: %+v", got.Items[1])
	}
	if len(got.Items[2].Slots) != 2 || got.Items[0].State != booking.NoAgenda {
		t.Errorf("a has %d slots; c is %s", len(got.Items[2].Slots), got.Items[0].State)
	}
}

// put changes an agenda while holds and searches are under way.
func (w *world) put(t *testing.T, agenda string, change func(*booking.Connection)) {
	t.Helper()
	a, ok := w.set.ByID(agenda)
	if !ok {
		t.Fatalf("no agenda %s", agenda)
	}
	c := a.Connection.Clone()
	change(&c)
	if _, err := w.set.Put(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func TestAHoldIsBookedOnlyWhereItsAgendaStillBooks(t *testing.T) {
	for name, change := range map[string]func(*booking.Connection){
		"paused":                  func(c *booking.Connection) { c.Paused = true },
		"nobody can be told":      func(c *booking.Connection) { c.Notice = "" },
		"it serves another place": func(c *booking.Connection) { c.Places = []string{"b"} },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			held, err := w.Hold(t.Context(), call("k1"), w.slot(t, "d", "accompagnement", "09:00"))
			if err != nil {
				t.Fatal(err)
			}
			w.put(t, "asked", change)
			wantError(t, second(w.Book(t.Context(), call("k2"), booking.Booking{HoldID: held.Appointment.ID})), connectors.Unsupported, "non_reservable")
		})
	}
}

func TestAHoldOutlivesTheMinimumNotice(t *testing.T) {
	w := newWorld(t)
	w.put(t, "shared", func(c *booking.Connection) { c.Motifs[0].Notice = 20*time.Hour + 55*time.Minute }) // until 12:05 for 9:00
	held, err := w.Hold(t.Context(), call("k1"), w.slot(t, "a", "", "09:00"))
	if err != nil {
		t.Fatal(err)
	}
	w.now.Add(9 * 60)
	if _, err := w.Book(t.Context(), call("k2"), booking.Booking{HoldID: held.Appointment.ID}); err != nil {
		t.Errorf("a hold that still holds is refused: %v", err)
	}
}

func TestASlotThatCannotBeBookedSaysSo(t *testing.T) {
	w := newWorld(t)
	w.put(t, "shared", func(c *booking.Connection) { c.Paused = true })
	id := w.slot(t, "a", "", "09:00")
	wantError(t, second(w.book(t, "k", id)), connectors.Unsupported, "non_reservable")
	if got, err := w.Place(t.Context(), "a"); err != nil || got.Next.Type != booking.ToCall || got.Guarantee != "" {
		t.Errorf("its place offers %s, promises %q, %v", got.Next.Type, got.Guarantee, err)
	}
}

func TestALostSlotIsNotOfferedAgain(t *testing.T) {
	w := newWorld(t)
	w.extra.book = &connectors.Error{Op: "book", Kind: connectors.SlotTaken}
	id := w.slot(t, "d", "envoi", "09:00")
	ref, err := w.Slots.Ref(id)
	if err != nil {
		t.Fatal(err)
	}
	e := wantError(t, second(w.book(t, "k", id)), connectors.SlotTaken, "creneau_pris")
	for _, near := range e.Near {
		if near.Interval == ref.Interval {
			t.Error("the slot that was just refused is proposed again")
		}
	}
	again := wantError(t, second(w.book(t, "k", id)), connectors.SlotTaken, "creneau_pris")
	if len(w.extra.booked) != 1 || again.Detail != e.Detail {
		t.Errorf("again: sent %d times, %q", len(w.extra.booked), again.Detail)
	}
}

func TestACancellationThatNobodyCanBeToldOfIsRefused(t *testing.T) {
	w := newWorld(t)
	r, err := w.book(t, "k1", w.slot(t, "d", "envoi", "09:00"))
	if err != nil {
		t.Fatal(err)
	}
	w.put(t, "sent", func(c *booking.Connection) {
		c.Connector, c.Address, c.Notice = "ics", "https://amont.example.org/1.ics", "d@example.org"
	})
	wantError(t, second(w.Cancel(t.Context(), call("k2"), r.Appointment.ID, booking.Ending{By: booking.TheBeneficiary})), connectors.Unsupported, "annulation_impossible")
	if a, err := w.Appointment(t.Context(), "p1", r.Appointment.ID); err != nil || a.Status != booking.Confirmed {
		t.Errorf("it is %s, %v", a.Status, err)
	}
}

func TestWindows(t *testing.T) {
	w := newWorld(t)
	day := func(d int) *booking.Bound {
		return &booking.Bound{At: time.Date(2026, 11, 23+d, 0, 0, 0, 0, time.UTC), Day: true}
	}
	if o, err := w.SlotsOf(t.Context(), "a", day(0), day(1), ""); err != nil || len(o.Slots) != 2 {
		t.Errorf("Monday alone: %v", err)
	}
	wantError(t, second(w.SlotsOf(t.Context(), "a", day(1), day(1), "")), connectors.Invalid, "champ_invalide")
	wantError(t, second(w.SlotsOf(t.Context(), "a", day(0), day(63), "")), connectors.Invalid, "champ_invalide")
	wantError(t, second(w.SlotsOf(t.Context(), "a", nil, nil, "nothing")), connectors.Invalid, "champ_invalide")
	wantError(t, second(w.SlotsOf(t.Context(), "nobody", nil, nil, "")), connectors.NotFound, "lieu_inconnu")
	if _, err := w.SlotsOf(t.Context(), "a", day(0), day(62), ""); err != nil {
		t.Errorf("62 days: %v", err)
	}
	id := w.slot(t, "a", "", "09:00")
	w.now.Store(sunday.AddDate(0, 0, 2).Unix())
	wantError(t, second(w.book(t, "k1", id)), connectors.Invalid, "creneau_passe")
}

// An event leads its structure to the page that says who comes: the event itself names nobody.
func TestAnEventLeadsToItsPage(t *testing.T) {
	w := newWorld(t)
	w.SheetOf = func(id string) string { return "https://rdv.example.org/structure/rendez-vous/" + id }
	made, err := w.book(t, "k1", w.slot(t, "d", "envoi", "09:00"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "https://rdv.example.org/structure/rendez-vous/" + made.Appointment.ID; len(w.extra.links) != 1 || w.extra.links[0] != want {
		t.Errorf("the event leads to %q, want %q", w.extra.links, want)
	}
}
