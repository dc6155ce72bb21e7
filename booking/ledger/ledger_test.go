package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"passerelle/auth"
	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

var (
	testKey = bytes.Repeat([]byte{7}, 32)
	epoch   = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
)

// clock is a clock that the test holds.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newLedger(t testing.TB) (*Ledger, *clock) {
	t.Helper()
	c := &clock{epoch}
	l, err := Open(context.Background(), Options{Path: filepath.Join(t.TempDir(), "registre.db"), Keys: [][]byte{testKey}, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l, c
}

// at is a claim of an agenda, minutes from the epoch.
func at(id, agenda string, from, to int) booking.Claim {
	span := interval.Of(epoch.Add(time.Duration(from)*time.Minute), epoch.Add(time.Duration(to)*time.Minute))
	return booking.Claim{
		Appointment: booking.Appointment{
			ID: id, Partner: "p1", Place: "lieu", Agenda: agenda, Motif: booking.Motif{ID: "m"}.Complete(),
			Interval: span, Seats: 1, Expires: epoch.Add(10 * time.Minute),
		},
		Footprint: span, Session: id, Capacity: 1,
	}
}

func taking(event booking.Event) *booking.Change {
	return &booking.Change{
		Event: event, Seats: 1,
		Details: &booking.Details{Beneficiary: booking.Beneficiary{FirstName: "Prénom-canari", LastName: "Nom-canari"}},
		Channels: map[booking.Actor]booking.Channel{
			booking.TheStructure: booking.MailChannel, booking.ThePrescriber: booking.MailChannel, booking.TheBeneficiary: booking.PrescriberChannel,
		},
	}
}

func key(value, request string) *booking.Key {
	return &booking.Key{Partner: "p1", Digest: sha256.Sum256([]byte(value)), Request: sha256.Sum256([]byte(request)), Status: 201}
}

func claim(t *testing.T, l *Ledger, c booking.Claim) booking.Appointment {
	t.Helper()
	a, err := l.Claim(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func wantKind(t *testing.T, err error, want connectors.Kind) {
	t.Helper()
	if err == nil || connectors.KindOf(err) != want {
		t.Errorf("got %v, want kind %q", err, want)
	}
}

func TestAnAgendaIsTakenOnce(t *testing.T) {
	l, _ := newLedger(t)
	claim(t, l, at("a", "agenda", 60, 120))
	for _, c := range []struct {
		name     string
		from, to int
		free     bool
	}{
		{"the same time", 60, 120, false},
		{"inside", 70, 80, false},
		{"around", 0, 180, false},
		{"over the start", 30, 61, false},
		{"over the end", 119, 150, false},
		{"right before", 0, 60, true},
		{"right after", 120, 180, true},
	} {
		_, err := l.Claim(t.Context(), at(c.name, "agenda", c.from, c.to))
		if c.free && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if !c.free {
			wantKind(t, err, connectors.SlotTaken)
		}
	}
	if _, err := l.Claim(t.Context(), at("other", "autre agenda", 60, 120)); err != nil {
		t.Errorf("another agenda at the same time: %v", err)
	}
}

func TestARefusedClaimLeavesNoTrace(t *testing.T) {
	l, _ := newLedger(t)
	claim(t, l, at("a", "agenda", 0, 60))
	c := at("b", "agenda", 30, 90)
	c.Key = key("k", "r")
	_, err := l.Claim(t.Context(), c)
	wantKind(t, err, connectors.SlotTaken)
	if _, err := l.Appointment(t.Context(), "", "b"); connectors.KindOf(err) != connectors.NotFound {
		t.Errorf("the refused appointment is there: %v", err)
	}
	if _, found, _ := l.ByKey(t.Context(), *c.Key); found {
		t.Error("the key of a refused claim is there: a later retry would be told that it was done")
	}
}

// contend lets many claim random spans of one agenda at once and counts, in SQL, those that overlap.
func contend(t *testing.T, l *Ledger, attempts int) (overlaps, won int) {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var wg sync.WaitGroup
	for w := range 8 {
		r := rand.New(rand.NewPCG(seed, uint64(w)))
		wg.Go(func() {
			for i := range attempts / 8 {
				from := r.IntN(600)
				_, err := l.Claim(context.Background(), at(fmt.Sprintf("%d-%d", w, i), "agenda", from, from+5+r.IntN(60)))
				if err != nil && connectors.KindOf(err) != connectors.SlotTaken {
					t.Errorf("claim: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	err := l.reader.QueryRow(`SELECT count(*) FROM claims a JOIN claims b ON a.agenda = b.agenda AND a.session < b.session
		AND a.starts < b.ends AND b.starts < a.ends`).Scan(&overlaps)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.reader.QueryRow("SELECT count(*) FROM claims").Scan(&won); err != nil {
		t.Fatal(err)
	}
	return overlaps, won
}

func TestNoOverlapUnderContention(t *testing.T) {
	l, _ := newLedger(t)
	if overlaps, won := contend(t, l, 800); overlaps != 0 || won == 0 {
		t.Errorf("%d overlaps among %d claims", overlaps, won)
	}
}

// The check above must be able to fail: without the trigger it does.
func TestWithoutTheTriggerContentionOverlaps(t *testing.T) {
	l, _ := newLedger(t)
	if _, err := l.writer.Exec("DROP TRIGGER no_overlap"); err != nil {
		t.Fatal(err)
	}
	if overlaps, _ := contend(t, l, 400); overlaps == 0 {
		t.Error("no overlap found although nothing forbids it: the check cannot fail")
	}
}

func TestAnExpiredHoldIsInNobodysWay(t *testing.T) {
	l, c := newLedger(t)
	claim(t, l, at("hold", "agenda", 60, 120))
	c.t = epoch.Add(10 * time.Minute)
	if got, err := l.Claimed(t.Context(), "agenda", interval.Of(epoch, epoch.Add(24*time.Hour)), ""); err != nil || len(got) != 0 {
		t.Errorf("Claimed = %v, %v; want nothing", got, err)
	}
	claim(t, l, at("next", "agenda", 60, 120))
	old, err := l.Appointment(t.Context(), "p1", "hold")
	if err != nil || old.Status != booking.Expired {
		t.Errorf("the hold is %v, %v; want expired", old.Status, err)
	}
}

func TestAHoldThatExpiredCannotBeBooked(t *testing.T) {
	l, c := newLedger(t)
	a := claim(t, l, at("hold", "agenda", 60, 120))
	c.t = epoch.Add(10 * time.Minute)
	_, err := l.Advance(t.Context(), a.ID, a.Version, *taking(booking.Keep))
	wantKind(t, err, connectors.Refused)
}

func TestAHoldIsProlongedOnce(t *testing.T) {
	l, _ := newLedger(t)
	claim(t, l, at("hold", "agenda", 60, 120))
	a, err := l.Prolong(t.Context(), "hold", epoch.Add(20*time.Minute), key("k1", "r"))
	if err != nil || !a.Expires.Equal(epoch.Add(20*time.Minute)) {
		t.Fatalf("Prolong = %v, %v", a.Expires, err)
	}
	_, err = l.Prolong(t.Context(), "hold", epoch.Add(30*time.Minute), key("k2", "r"))
	wantKind(t, err, connectors.Refused)
}

func TestSeatsOfAGroupSession(t *testing.T) {
	l, _ := newLedger(t)
	seat := func(id string, n int) (booking.Appointment, error) {
		c := at(id, "agenda", 60, 120)
		c.Session, c.Capacity, c.Appointment.Seats = "atelier", 3, n
		c.Appointment.Motif.Group, c.Appointment.Motif.Seats = true, 3
		return l.Claim(t.Context(), c)
	}
	first, err := seat("a", 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seat("b", 2); connectors.KindOf(err) != connectors.SlotTaken {
		t.Errorf("two more of one seat left: %v", err)
	}
	if _, err := seat("c", 1); err != nil {
		t.Errorf("the last seat: %v", err)
	}
	_, err = l.Claim(t.Context(), at("alone", "agenda", 90, 100))
	wantKind(t, err, connectors.SlotTaken)
	if _, err := l.Advance(t.Context(), first.ID, first.Version, booking.Change{Event: booking.Lapse}); err != nil {
		t.Fatal(err)
	}
	held, err := seat("d", 1)
	if err != nil {
		t.Fatalf("a seat that came back: %v", err)
	}
	change := *taking(booking.Keep)
	change.Seats = 2
	if _, err := l.Advance(t.Context(), held.ID, held.Version, change); err != nil {
		t.Errorf("a hold that grows into the last seat: %v", err)
	}
	got, err := l.Claimed(t.Context(), "agenda", interval.Of(epoch, epoch.Add(3*time.Hour)), "")
	if err != nil || len(got) != 1 || got[0].Seats != 3 {
		t.Errorf("Claimed = %+v, %v; want one session with three seats", got, err)
	}
}

func TestCancellingBringsTheSlotBack(t *testing.T) {
	l, _ := newLedger(t)
	c := at("a", "agenda", 60, 120)
	c.Change = taking(booking.Keep)
	a := claim(t, l, c)
	if a.Status != booking.Confirmed || len(a.Notices) != 3 {
		t.Fatalf("claimed: %s, %d messages", a.Status, len(a.Notices))
	}
	a, err := l.Advance(t.Context(), a.ID, a.Version, booking.Change{
		Event: booking.Cancel, Ended: &booking.Ending{By: booking.ThePrescriber, Reason: "empêchement"},
	})
	if err != nil || a.Status != booking.Cancelled || a.Ended.Reason != "empêchement" {
		t.Fatalf("Advance = %+v, %v", a, err)
	}
	claim(t, l, at("b", "agenda", 60, 120))
}

func TestAChangeBehindOnesBackIsSeen(t *testing.T) {
	l, _ := newLedger(t)
	c := at("a", "agenda", 60, 120)
	c.Change = taking(booking.Ask)
	a := claim(t, l, c)
	if _, err := l.Advance(t.Context(), a.ID, a.Version, booking.Change{Event: booking.Accept}); err != nil {
		t.Fatal(err)
	}
	_, err := l.Advance(t.Context(), a.ID, a.Version, booking.Change{Event: booking.Refuse})
	wantKind(t, err, connectors.Changed)
}

// Whatever happens, an appointment has a claim exactly while its status occupies the slot.
func TestClaimsFollowTheMachine(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	l, _ := newLedger(t)
	for i := range 80 {
		c := at(fmt.Sprint(i), "agenda", 10*i, 10*i+10)
		c.Appointment.Expires = epoch.Add(time.Hour)
		a := claim(t, l, c)
		for range 6 {
			events := booking.Events()
			next, err := l.Advance(t.Context(), a.ID, a.Version, booking.Change{Event: events[r.IntN(len(events))]})
			if err == nil {
				a = next
			}
		}
		var claims int
		if err := l.reader.QueryRow("SELECT count(*) FROM claims WHERE appointment = ?", a.ID).Scan(&claims); err != nil {
			t.Fatal(err)
		}
		if (claims > 0) != a.Status.Occupies() {
			t.Errorf("%s has %d claims", a.Status, claims)
		}
	}
}

func TestAKeyIsRecordedOnce(t *testing.T) {
	l, _ := newLedger(t)
	c := at("a", "agenda", 60, 120)
	c.Key = key("k", "corps")
	claim(t, l, c)
	d := at("b", "agenda", 180, 240)
	d.Key = key("k", "corps")
	if _, err := l.Claim(t.Context(), d); !errors.Is(err, booking.ErrKeyUsed) {
		t.Errorf("got %v, want ErrKeyUsed", err)
	}
	r, found, err := l.ByKey(t.Context(), *d.Key)
	if err != nil || !found || r.Appointment != "a" || r.Status != 201 || r.Request != d.Key.Request {
		t.Errorf("ByKey = %+v, %v, %v", r, found, err)
	}
	other := *d.Key
	other.Partner = "p2"
	if _, found, _ := l.ByKey(t.Context(), other); found {
		t.Error("another partner's key is seen")
	}
}

func TestAPartnerSeesOnlyItsOwn(t *testing.T) {
	l, _ := newLedger(t)
	c := at("a", "agenda", 60, 120)
	c.Change = taking(booking.Keep)
	claim(t, l, c)
	_, foreign := l.Appointment(t.Context(), "p2", "a")
	_, missing := l.Appointment(t.Context(), "p2", "zzz")
	if foreign == nil || foreign.Error() != missing.Error() {
		t.Errorf("another's: %v; missing: %v; want the same", foreign, missing)
	}
	if list, n, err := l.Appointments(t.Context(), "p2", booking.AppointmentFilter{Limit: 10}); err != nil || n != 0 || len(list) != 0 {
		t.Errorf("another's list: %d, %v", n, err)
	}
}

func TestListsAreByModificationAndWithoutHolds(t *testing.T) {
	l, clock := newLedger(t)
	for i, id := range []string{"c", "a", "b", "hold"} {
		c := at(id, "agenda", 60*i, 60*i+60)
		if id != "hold" {
			c.Change = taking(booking.Keep)
			clock.t = epoch.Add(time.Duration(i/2) * time.Second)
		}
		claim(t, l, c)
	}
	got, n, err := l.Appointments(t.Context(), "p1", booking.AppointmentFilter{Limit: 2})
	if err != nil || n != 3 || len(got) != 2 || got[0].ID != "a" || got[1].ID != "c" {
		t.Errorf("first page: %d of %d, %v", len(got), n, err)
	}
	got, _, _ = l.Appointments(t.Context(), "p1", booking.AppointmentFilter{Limit: 10, ModifiedSince: epoch.Add(time.Second)})
	if len(got) != 1 || got[0].ID != "b" {
		t.Errorf("modified since is not inclusive: %d", len(got))
	}
}

func TestPersonalDataIsNotReadableOnDisk(t *testing.T) {
	l, _ := newLedger(t)
	c := at("a", "agenda", 60, 120)
	c.Change = taking(booking.Keep)
	c.Change.Details.Need.Details = "précisions-canari"
	made := claim(t, l, c)
	if _, err := l.Advance(t.Context(), "a", made.Version, booking.Change{Event: booking.Cancel, Ended: &booking.Ending{By: booking.TheBeneficiary, Reason: "raison-canari"}}); err != nil {
		t.Fatal(err)
	}
	a, err := l.Appointment(t.Context(), "p1", "a")
	if err != nil || a.Details == nil || a.Details.Beneficiary.LastName != "Nom-canari" || a.Ended.Reason != "raison-canari" {
		t.Fatalf("details: %+v %+v, %v", a.Details, a.Ended, err)
	}
	var path string
	if err := l.reader.QueryRow("SELECT file FROM pragma_database_list").Scan(&path); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{path, path + "-wal"} {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte("canari")) {
			t.Errorf("%s holds a name in clear", filepath.Base(f))
		}
	}
}

func TestASealedRowOpensOnlyInItsPlace(t *testing.T) {
	s, err := newSealer([][]byte{testKey})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := s.seal("details/a", "x")
	if err != nil {
		t.Fatal(err)
	}
	var got string
	if err := s.open("details/b", sealed, &got); err == nil {
		t.Error("opened under another row's name")
	}
	rotated, err := newSealer([][]byte{bytes.Repeat([]byte{9}, 32), testKey})
	if err != nil {
		t.Fatal(err)
	}
	if err := rotated.open("details/a", sealed, &got); err != nil || got != "x" {
		t.Errorf("after a new key: %q, %v", got, err)
	}
}

func TestAnOlderProgramRefusesANewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "registre.db")
	o := Options{Path: path, Keys: [][]byte{testKey}}
	l, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.writer.Exec("PRAGMA user_version = 999"); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), o); !errors.Is(err, ErrNewerSchema) {
		t.Errorf("got %v, want ErrNewerSchema", err)
	}
}

func TestTheDatabaseIsDurable(t *testing.T) {
	l, _ := newLedger(t)
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"} {
		var got string
		if err := l.writer.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", pragma, got, err, want)
		}
	}
}

func TestPartnersAreKeptAndRevoked(t *testing.T) {
	l, _ := newLedger(t)
	p := auth.Partner{ID: "partenaire_1", Name: "Exemple", Scopes: auth.AllScopes(), SecretHashes: [][]byte{{1, 2}}, CreatedAt: epoch}
	if err := l.AddPartner(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Partner(t.Context(), "nobody"); !errors.Is(err, auth.ErrUnknownPartner) {
		t.Errorf("unknown: %v", err)
	}
	if err := l.RevokePartner(t.Context(), p.ID, epoch); err != nil {
		t.Fatal(err)
	}
	got, err := l.Partner(t.Context(), p.ID)
	if err != nil || !got.Revoked(epoch) || got.Scopes.String() != p.Scopes.String() || !bytes.Equal(got.SecretHashes[0], p.SecretHashes[0]) {
		t.Errorf("Partner = %+v, %v", got, err)
	}
	if err := l.RevokePartner(t.Context(), "nobody", epoch); !errors.Is(err, auth.ErrUnknownPartner) {
		t.Errorf("revoke unknown: %v", err)
	}
}

func TestConnectionsComeBackAsTheyWere(t *testing.T) {
	l, _ := newLedger(t)
	c := booking.Connection{
		Connection: connectors.Connection{Connector: "ics", Address: "https://exemple.fr/secret-canari.ics", Zone: time.UTC, Settings: []byte(`{"a":1}`)},
		Agenda:     "marie", Places: []string{"l1", "l2"}, Motifs: []booking.Motif{booking.Motif{}.Complete()},
		Beside: []connectors.Connection{{Connector: "ics", Address: "https://exemple.fr/b.ics", Zone: time.UTC}}, Notice: "accueil@exemple.fr", Origin: "fichier",
	}
	before, _ := l.ConnectionsVersion(t.Context())
	for range 2 {
		if err := l.PutConnection(t.Context(), c, "identity"); err != nil {
			t.Fatal(err)
		}
	}
	after, _ := l.ConnectionsVersion(t.Context())
	if before == after {
		t.Error("the version of all connections did not change")
	}
	got, broken, err := l.Connections(t.Context())
	if err != nil || len(broken) != 0 || len(got) != 1 {
		t.Fatalf("Connections = %d, %v, %v", len(got), broken, err)
	}
	c.Version = 2
	if fmt.Sprintf("%+v", got[0]) != fmt.Sprintf("%+v", c) {
		t.Errorf("got  %+v\nwant %+v", got[0], c)
	}
	c.Agenda = "autre"
	wantKind(t, l.PutConnection(t.Context(), c, "identity"), connectors.Refused)
	if _, err := l.writer.Exec("UPDATE connections SET sealed = x'00'"); err != nil {
		t.Fatal(err)
	}
	if got, broken, err := l.Connections(t.Context()); err != nil || len(got) != 0 || len(broken) != 1 {
		t.Errorf("a row that no key opens: %d, %v, %v", len(got), broken, err)
	}
}

func TestACapacityThatShrankIsKept(t *testing.T) {
	l, _ := newLedger(t)
	seats := func(id string, n, capacity int) error {
		c := at(id, "agenda", 60, 120)
		c.Session, c.Capacity, c.Appointment.Seats = "atelier", capacity, n
		_, err := l.Claim(t.Context(), c)
		return err
	}
	for _, id := range []string{"a", "b"} {
		if err := seats(id, 3, 8); err != nil {
			t.Fatal(err)
		}
	}
	first, err := l.Appointment(t.Context(), "p1", "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Advance(t.Context(), "a", first.Version, booking.Change{Event: booking.Lapse}); err != nil {
		t.Fatal(err)
	}
	wantKind(t, seats("c", 2, 4), connectors.SlotTaken) // three are there, in seats four to six
	if err := seats("d", 1, 4); err != nil {
		t.Error(err)
	}
}

func TestASessionIsAsLongAsItsLongestBuffer(t *testing.T) {
	l, _ := newLedger(t)
	for i, end := range []int{150, 120} { // the buffer was taken away between the two
		c := at(fmt.Sprint(i), "agenda", 60, end)
		c.Session, c.Capacity = "atelier", 8
		claim(t, l, c)
	}
	got, err := l.Claimed(t.Context(), "agenda", interval.Of(epoch, epoch.Add(4*time.Hour)), "")
	if want := epoch.Add(150 * time.Minute).Unix(); err != nil || len(got) != 1 || got[0].End != want {
		t.Errorf("Claimed = %+v, %v; want until %d", got, err, want)
	}
}

func TestWhoFollowsChangesByTimeMissesNone(t *testing.T) {
	l, c := newLedger(t)
	c.t = epoch.Add(time.Second)
	claim(t, l, at("first", "agenda", 60, 120))
	c.t = epoch // the clock went back, or the writer waited
	later := claim(t, l, at("later", "agenda", 180, 240))
	if later.Modified.Before(epoch.Add(time.Second)) {
		t.Errorf("the later change is dated %s, before the one that was seen", later.Modified)
	}
}

// A refusal belongs to the call that was refused, not to the others of the appointment.
func TestARefusalIsRecordedForItsCall(t *testing.T) {
	l, _ := newLedger(t)
	c := at("a", "agenda", 60, 120)
	c.Key = key("hold", "r")
	held := claim(t, l, c)
	send := *taking(booking.Send)
	send.Key = key("book", "r")
	sending, err := l.Advance(t.Context(), "a", held.Version, send)
	if err != nil {
		t.Fatal(err)
	}
	no := &booking.Error{Kind: connectors.Misconfigured, Code: "agenda_refuse", Detail: "Non."}
	if _, err := l.Advance(t.Context(), "a", sending.Version, booking.Change{Event: booking.Refuse, Refusal: no}); err != nil {
		t.Fatal(err)
	}
	book, _, err := l.ByKey(t.Context(), *key("book", "r"))
	if err != nil || book.Refusal == nil || book.Refusal.Kind != no.Kind || book.Refusal.Detail != no.Detail {
		t.Errorf("the call that was refused: %+v, %v", book.Refusal, err)
	}
	hold, _, err := l.ByKey(t.Context(), *key("hold", "r"))
	if err != nil || hold.Refusal != nil {
		t.Errorf("the call that held: %+v, %v", hold.Refusal, err)
	}
}

func TestARequestThatExpiredCannotBeAccepted(t *testing.T) {
	l, clock := newLedger(t)
	c := at("a", "agenda", 60, 120)
	c.Change = taking(booking.Ask)
	c.Change.Expires = epoch.Add(time.Hour)
	a := claim(t, l, c)
	clock.t = epoch.Add(time.Hour)
	_, err := l.Advance(t.Context(), "a", a.Version, booking.Change{Event: booking.Accept})
	wantKind(t, err, connectors.Refused)
}

func TestOtherKeysAreRefusedAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "registre.db")
	open := func(keys ...byte) error {
		var all [][]byte
		for _, k := range keys {
			all = append(all, bytes.Repeat([]byte{k}, 32))
		}
		l, err := Open(t.Context(), Options{Path: path, Keys: all})
		if err == nil {
			err = l.Close()
		}
		return err
	}
	if err := open(1); err != nil {
		t.Fatal(err)
	}
	if err := open(2); !errors.Is(err, ErrWrongKeys) {
		t.Errorf("another key: %v", err)
	}
	if err := open(2, 1); err != nil {
		t.Errorf("a new key with the previous one: %v", err)
	}
}
