package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"passerelle/auth"
	"passerelle/auth/signin"
	"passerelle/booking"
	"passerelle/booking/ledger/ledgertest"
	"passerelle/connectors"
	"passerelle/connectors/interval"
	"passerelle/internal/held"
)

var (
	testKey = bytes.Repeat([]byte{7}, 32)
	epoch   = ledgertest.Epoch
)

func newLedger(t testing.TB) (*Ledger, *held.Clock) {
	t.Helper()
	return opened(t, Options{Path: filepath.Join(t.TempDir(), "registre.db")})
}

func opened(t testing.TB, o Options) (*Ledger, *held.Clock) {
	t.Helper()
	c := held.NewClock(ledgertest.Epoch)
	o.Keys, o.Now = [][]byte{testKey}, c.Now
	l, err := Open(context.Background(), o)
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

func fixture(l *Ledger, c *held.Clock, unprotect string) *ledgertest.Fixture {
	return &ledgertest.Fixture{
		Ledger: l, Clock: c,
		Count: func(t testing.TB, query string) (n int) {
			t.Helper()
			if _, err := l.read.first(context.Background(), []any{&n}, query); err != nil {
				t.Fatal(err)
			}
			return n
		},
		Unprotect: func(t testing.TB) {
			t.Helper()
			execute(t, l, unprotect)
		},
	}
}

// execute runs SQL past the ledger.
func execute(t testing.TB, l *Ledger, query string) {
	t.Helper()
	err := l.write(context.Background(), func(s *session) error {
		_, err := s.ExecContext(context.Background(), query)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSQLite(t *testing.T) { pass(t, newLedger, "DROP TRIGGER no_overlap") }

// pass runs every suite on fresh ledgers.
func pass(t *testing.T, open func(testing.TB) (*Ledger, *held.Clock), unprotect string) {
	ledgertest.Run(t, func(t testing.TB) *ledgertest.Fixture {
		l, c := open(t)
		return fixture(l, c, unprotect)
	})
	ledgertest.RunWebhooks(t, func(t testing.TB) *ledgertest.WebhooksFixture {
		l, c := open(t)
		return &ledgertest.WebhooksFixture{WebhooksLedger: l, Clock: c}
	})
	ledgertest.RunWaiting(t, func(t testing.TB) (ledgertest.WaitingLedger, *held.Clock) { return open(t) })
	ledgertest.RunPeople(t, func(t testing.TB) *ledgertest.PeopleFixture {
		l, c := open(t)
		return &ledgertest.PeopleFixture{People: l, Clock: c, Count: fixture(l, c, unprotect).Count}
	})
}

// taken is an appointment that the ledger holds, with names in it.
func namedCanari(t testing.TB, l *Ledger, id string) booking.Appointment {
	t.Helper()
	span := interval.Of(epoch.Add(time.Hour), epoch.Add(2*time.Hour))
	a, err := l.Claim(context.Background(), booking.Claim{
		Appointment: booking.Appointment{ID: id, Partner: "p1", Place: "lieu", Agenda: "agenda " + id, Motif: booking.Motif{ID: "m"}.Complete(), Interval: span, Seats: 1},
		Footprint:   span, Session: id, Capacity: 1,
		Change: &booking.Change{Event: booking.Keep, Seats: 1, Details: &booking.Details{
			Beneficiary: booking.Beneficiary{FirstName: "Prénom-canari", LastName: "Nom-canari"}, Need: booking.Need{Details: "précisions-canari"},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestPersonalDataIsNotReadableOnDisk(t *testing.T) {
	l, _ := newLedger(t)
	made := namedCanari(t, l, "a")
	if _, err := l.Advance(t.Context(), "a", made.Version, booking.Change{Event: booking.Cancel, Ended: &booking.Ending{By: booking.TheBeneficiary, Reason: "raison-canari"}}); err != nil {
		t.Fatal(err)
	}
	a, err := l.Appointment(t.Context(), "p1", "a")
	if err != nil || a.Details == nil || a.Details.Beneficiary.LastName != "Nom-canari" || a.Ended.Reason != "raison-canari" {
		t.Fatalf("details: %+v %+v, %v", a.Details, a.Ended, err)
	}
	var path string
	if _, err := l.read.first(t.Context(), []any{&path}, "SELECT file FROM pragma_database_list"); err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(filepath.Dir(path), "cles.db")
	for _, f := range []string{path, path + "-wal", keys, keys + "-wal"} {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte("canari")) {
			t.Errorf("%s holds a name in clear", filepath.Base(f))
		}
	}
}

// Whatever the folder lets others see.
func TestTheFilesAreTheirOwnersAlone(t *testing.T) {
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o755); err != nil { // #nosec G302 -- that is the point
		t.Fatal(err)
	}
	opened(t, Options{Path: filepath.Join(folder, "registre.db")})
	files, err := os.ReadDir(folder)
	if err != nil || len(files) < 4 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s is %v, %v", f.Name(), info.Mode(), err)
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
	execute(t, l, "PRAGMA user_version = 999")
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
		for name, s := range map[string]store{"registre": l.store, "cles": l.vault.store} {
			err := s.write(t.Context(), func(s *session) error { // as the writer has it
				var got string
				if _, err := s.first(t.Context(), []any{&got}, "PRAGMA "+pragma); err != nil || got != want {
					t.Errorf("%s: %s = %q, %v; want %q", name, pragma, got, err, want)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
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
	connectionsComeBack(t, l)
	execute(t, l, "UPDATE connections SET sealed = x'00'")
	if got, broken, err := l.Connections(t.Context()); err != nil || len(got) != 0 || len(broken) != 1 {
		t.Errorf("a row that no key opens: %d, %v, %v", len(got), broken, err)
	}
}

func connectionsComeBack(t *testing.T, l *Ledger) {
	c := booking.Connection{
		Connection: connectors.Connection{Connector: "ics", Address: "https://exemple.fr/secret-canari.ics", Zone: time.UTC, Settings: []byte(`{"a":1}`)},
		Agenda:     "marie", Places: []string{"l1", "l2"}, Motifs: []booking.Motif{booking.Motif{}.Complete()},
		Beside: []connectors.Connection{{Connector: "ics", Address: "https://exemple.fr/b.ics", Zone: time.UTC}}, Notice: "accueil@exemple.fr", NamesPerson: true, Draft: true, Origin: "fichier",
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
	late := c
	late.Version = 1
	if err := l.PutConnection(t.Context(), late, "identity"); connectors.KindOf(err) != connectors.Changed {
		t.Errorf("what was read before it changed is kept over the change: %v", err)
	}
	c.Agenda = "autre"
	if err := l.PutConnection(t.Context(), c, "identity"); connectors.KindOf(err) != connectors.Refused {
		t.Errorf("one diary under two names: %v", err)
	}
}

// A zone is some 3 kB, and thousands of agendas live by one.
func TestAgendasOfOneZoneShareIt(t *testing.T) {
	l, _ := newLedger(t)
	reunion, err := time.LoadLocation("Indian/Reunion")
	if err != nil {
		t.Fatal(err)
	}
	at := connectors.Connection{Connector: "native", Zone: reunion}
	for _, agenda := range []string{"marie", "paul"} {
		if err := l.PutConnection(t.Context(), booking.Connection{Connection: at, Agenda: agenda, Beside: []connectors.Connection{at}}, ""); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		got, _, err := l.Connections(t.Context())
		if err != nil || len(got) != 2 {
			t.Fatalf("Connections = %d, %v", len(got), err)
		}
		for _, c := range got {
			if again, err := l.zones.of("Indian/Reunion"); err != nil || c.Zone != again || c.Beside[0].Zone != again {
				t.Errorf("%s has a zone of its own: %v", c.Agenda, err)
			}
		}
	}
}

// Nor has each agenda the same motifs for itself; but what becomes of the list of one is no other's matter.
func TestAgendasOfTheSameMotifsShareThem(t *testing.T) {
	l, _ := newLedger(t)
	for agenda, labels := range map[string][]string{"marie": {"Seul", "À deux", "À trois"}, "paul": {"Seul", "À deux", "À trois"}, "zoe": {"Seul"}} {
		c := booking.Connection{Connection: connectors.Connection{Connector: "native", Zone: time.UTC}, Agenda: agenda}
		for _, label := range labels {
			c.Motifs = append(c.Motifs, booking.Motif{ID: label, Label: label})
		}
		if err := l.PutConnection(t.Context(), c, ""); err != nil {
			t.Fatal(err)
		}
	}
	got, broken, err := l.Connections(t.Context())
	if err != nil || len(got) != 3 || len(broken) != 0 {
		t.Fatalf("Connections = %d, %v, %v", len(got), broken, err)
	}
	marie, paul, zoe := got[0].Motifs, got[1].Motifs, got[2].Motifs
	if len(paul) != 3 || len(zoe) != 1 || &marie[0] != &paul[0] {
		t.Fatalf("%d and %d motifs; the same ones are not one list", len(paul), len(zoe))
	}
	if unsafe.StringData(got[0].Connector) != unsafe.StringData(got[1].Connector) {
		t.Error("each has the name of its connector for itself")
	}
	marie, paul = append(marie, booking.Motif{ID: "de Marie"}), append(paul, booking.Motif{ID: "de Paul"})
	if marie[3].ID != "de Marie" || paul[3].ID != "de Paul" {
		t.Errorf("what is added for one is added for another: %s, %s", marie[3].ID, paul[3].ID)
	}
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

// A file that the first version wrote is read on: what it sealed gets data keys of its own.
func TestAnOlderLedgerIsBroughtUpToDate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "registre.db")
	old, err := openSQLite(t.Context(), path, "FULL")
	if err != nil {
		t.Fatal(err)
	}
	seal, err := newSealer([][]byte{testKey})
	if err != nil {
		t.Fatal(err)
	}
	proof, err := seal.seal("proof", "proof")
	if err != nil {
		t.Fatal(err)
	}
	details, err := seal.seal("details/a", booking.Details{Beneficiary: booking.Beneficiary{LastName: "Nom-canari"}})
	if err != nil {
		t.Fatal(err)
	}
	err = old.write(t.Context(), func(s *session) error {
		if err := script(t.Context(), s, "schema/sqlite/0001.sql"); err != nil {
			return err
		}
		for query, args := range map[string][]any{
			"PRAGMA user_version = 1":               nil,
			"INSERT INTO proof (sealed) VALUES (?)": {proof},
			`INSERT INTO appointments VALUES ('a', 'p1', '', 'lieu', 'agenda', '{}', 1, 2, 1, 'confirme', 2, 'atomique', 1, 1, 1, 0, 0, '{}', '')`: nil,
		} {
			if _, err := s.exec(t.Context(), query, args...); err != nil {
				return err
			}
		}
		_, err := s.exec(t.Context(), "INSERT INTO details (appointment, sealed) VALUES ('a', ?)", details)
		return err
	})
	if err := errors.Join(err, old.Close()); err != nil {
		t.Fatal(err)
	}
	l, _ := opened(t, Options{Path: path})
	a, err := l.Appointment(t.Context(), "p1", "a")
	if err != nil || a.Details == nil || a.Details.Beneficiary.LastName != "Nom-canari" || a.Chain != "a" {
		t.Fatalf("%+v %+v, %v", a, a.Details, err)
	}
	if err := l.Erase(t.Context(), "a", string(booking.TheGateway)); err != nil {
		t.Fatal(err)
	}
	if a, err := l.Appointment(t.Context(), "p1", "a"); err != nil || a.Details != nil {
		t.Errorf("after it was erased: %+v, %v", a.Details, err)
	}
}

func TestAMasterKeyIsForgottenOnceAllIsWrappedAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "registre.db")
	first, second := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	open := func(keys ...[]byte) *Ledger {
		t.Helper()
		l, err := Open(t.Context(), Options{Path: path, Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := open(first)
	for i := range 3 {
		namedCanari(t, l, fmt.Sprint(i))
	}
	if err := l.PutGrant(t.Context(), "agenda", []byte("jeton")); err != nil {
		t.Fatal(err)
	}
	if _, err := l.SignIn(t.Context(), signin.SignIn{Key: "k", Session: "s", Hint: "jeton", Expires: epoch.AddDate(50, 0, 0), Identity: signin.Identity{Name: "Nom-canari"}}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.Approve(t.Context(), "d", "@mairie.fr"), l.KeepLink(t.Context(), "d", signin.Link{Place: "lieu", Expires: epoch.AddDate(50, 0, 0)})); err != nil {
		t.Fatal(err)
	}
	if err := l.KeepEvening(t.Context(), &booking.Place{ID: "lieu"}, "accueil@exemple.fr", "compte"); err != nil {
		t.Fatal(err)
	}
	secret, err := l.Secret(t.Context(), "personnes")
	if err != nil || len(secret) != 32 {
		t.Fatal(len(secret), err)
	}
	if other, err := l.Secret(t.Context(), "autre"); err != nil || bytes.Equal(other, secret) {
		t.Errorf("two names have one secret, %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(second, first)
	if err := l.Rewrap(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(second)
	defer l.Close()
	a, err := l.Appointment(t.Context(), "p1", "2")
	if err != nil || a.Details == nil || a.Details.Beneficiary.LastName != "Nom-canari" {
		t.Errorf("without the previous key: %+v, %v", a.Details, err)
	}
	if same, err := l.Secret(t.Context(), "personnes"); !bytes.Equal(same, secret) || err != nil {
		t.Errorf("with another master secret this one is another too, %v", err)
	}
	if e, err := l.Evening(t.Context(), &booking.Place{ID: "lieu"}); err != nil || e.Address != "accueil@exemple.fr" {
		t.Errorf("without the previous key, the list goes to %q, %v", e.Address, err)
	}
	if grant, err := l.Grant(t.Context(), "agenda"); string(grant) != "jeton" || err != nil {
		t.Errorf("without the previous key, %q is granted, %v", grant, err)
	}
	if s, err := l.Session(t.Context(), "s"); err != nil || s.Hint != "jeton" || s.Account.Name != "Nom-canari" {
		t.Errorf("without the previous key: %+v, %v", s, err)
	}
	if list, err := l.Approvals(t.Context()); err != nil || len(list) != 1 || list[0] != "@mairie.fr" {
		t.Errorf("without the previous key: %v, %v", list, err)
	}
	if link, err := l.Link(t.Context(), "d"); err != nil || link.Place != "lieu" {
		t.Errorf("without the previous key: %+v, %v", link, err)
	}
}

// The promise of erasure: a backup from before it, the real master key, every door. The planted fault keeps the keys in
// the ordinary backup; the check must see it.
func TestWhatIsErasedIsErasedInBackups(t *testing.T) {
	for _, keysInBackup := range []bool{false, true} {
		folder, restored := t.TempDir(), t.TempDir()
		l, _ := opened(t, Options{Path: filepath.Join(folder, "registre.db")})
		var ids []string
		for i := range 200 {
			ids = append(ids, namedCanari(t, l, fmt.Sprint("a", i)).ID)
		}
		if err := l.Backup(t.Context(), filepath.Join(restored, "registre.db")); err != nil {
			t.Fatal(err)
		}
		keys := filepath.Join(folder, "cles.db")
		if keysInBackup {
			keys = filepath.Join(restored, "cles.db")
			if err := l.BackupKeys(t.Context(), keys); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range ids {
			if err := l.Erase(t.Context(), id, string(booking.TheGateway)); err != nil {
				t.Fatal(err)
			}
		}
		back, _ := opened(t, Options{Path: filepath.Join(restored, "registre.db"), VaultPath: keys})
		readable := 0
		list, _, err := back.Appointments(t.Context(), "p1", booking.AppointmentFilter{Limit: 1000})
		if err != nil || len(list) != len(ids) {
			t.Fatal(len(list), err)
		}
		for _, a := range list {
			other, err := back.AnyAppointment(t.Context(), a.ID)
			if err != nil {
				t.Fatal(err)
			}
			if a.Details != nil || other.Details != nil {
				readable++
			}
		}
		if (readable > 0) != keysInBackup {
			t.Errorf("keys in the backup %v: %d of %d are readable", keysInBackup, readable, len(ids))
		}
		if keysInBackup {
			continue
		}
		for _, dir := range []string{folder, restored} {
			files, err := filepath.Glob(filepath.Join(dir, "*"))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				data, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				if bytes.Contains(data, []byte("canari")) {
					t.Errorf("%s holds a name in clear", filepath.Base(f))
				}
			}
		}
	}
}

// What one transaction of a group is refused touches no other, and what it had written is undone.
func TestAGroupIsManyTransactions(t *testing.T) {
	l, _ := newLedger(t)
	s := l.store.(*sqliteStore)
	busy, hold := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // the writer is busy while the others come
		_ = s.write(t.Context(), func(*session) error { close(busy); <-hold; return nil })
	})
	<-busy
	refused := errors.New("refused")
	errs := make([]error, 20)
	gone, leave := context.WithCancel(t.Context())
	for i := range errs {
		ctx := t.Context()
		if i == 3 {
			ctx = gone
		}
		wg.Go(func() {
			errs[i] = s.write(ctx, func(s *session) error {
				_, err := s.exec(ctx, "INSERT INTO audit (at, who, what, appointment, basis) VALUES (?, '', '', '', '')", i)
				switch {
				case i%5 == 1:
					return refused
				case i == 7:
					panic("canari")
				}
				return err
			})
		})
	}
	for len(s.jobs) < len(errs) {
		runtime.Gosched()
	}
	leave()
	close(hold)
	wg.Wait()
	for i, err := range errs {
		want := "none"
		switch {
		case i%5 == 1:
			want = "refused"
		case i == 3:
			want = "canceled"
		case i == 7:
			want = "panic"
		}
		got := "none"
		switch {
		case errors.Is(err, refused):
			got = "refused"
		case errors.Is(err, context.Canceled):
			got = "canceled"
		case err != nil:
			got = "panic"
		}
		var kept int
		if _, err := l.read.first(t.Context(), []any{&kept}, "SELECT count(*) FROM audit WHERE at = ?", i); err != nil {
			t.Fatal(err)
		}
		if got != want || (kept == 1) != (want == "none") {
			t.Errorf("transaction %d: %v, want %s; kept %d", i, err, want, kept)
		}
	}
}

func TestADoctorSeesWhatIsWrong(t *testing.T) {
	l, clock := newLedger(t)
	namedCanari(t, l, "a")
	if c, err := l.Check(t.Context()); err != nil || c.Appointments != 1 || c.Unreadable != 0 || c.Notices+c.Failed != 0 {
		t.Fatalf("Check = %+v, %v", c, err)
	}
	span := interval.Of(epoch.Add(5*time.Hour), epoch.Add(6*time.Hour))
	if _, err := l.Claim(t.Context(), booking.Claim{
		Appointment: booking.Appointment{ID: "b", Partner: "p1", Agenda: "b", Interval: span, Seats: 1}, Footprint: span, Session: "b", Capacity: 1,
		Change: &booking.Change{Event: booking.Send, Details: &booking.Details{}},
	}); err != nil {
		t.Fatal(err)
	}
	clock.Add(time.Hour)
	if err := l.vault.destroy(t.Context(), keysOf(t, l)); err != nil {
		t.Fatal(err)
	}
	if c, err := l.Check(t.Context()); err != nil || c.Overdue != 1 || c.Unreadable != 2 {
		t.Errorf("Check = %+v, %v", c, err)
	}
	execute(t, l, "DROP TRIGGER no_overlap")
	execute(t, l, `INSERT INTO claims VALUES ('x', 0, 'a', 'z', 1, 3, 'x'), ('y', 0, 'a', 'z', 2, 4, 'y')`)
	if _, err := l.Check(t.Context()); err == nil {
		t.Error("two claims overlap, and the doctor sees nothing")
	}
}

func keysOf(t *testing.T, l *Ledger) (ids []string) {
	t.Helper()
	err := l.read.rows(t.Context(), func(r rowScanner) error {
		var id string
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, "SELECT key FROM details")
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// A caller who hangs up undoes its own transaction, and nobody else's.
func TestWhoHangsUpUndoesNobodysCommit(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	l, _ := newLedger(t)
	var refused, won atomic.Int32
	var wg sync.WaitGroup
	for w := range 16 {
		r := rand.New(rand.NewPCG(seed, uint64(w)))
		wg.Go(func() {
			for i := range 25 {
				ctx, leave := context.WithCancel(context.Background())
				if w%2 == 0 {
					wait := time.Duration(r.IntN(3000)) * time.Microsecond
					timer := time.AfterFunc(wait, leave)
					defer timer.Stop()
				}
				id := fmt.Sprintf("%d-%d", w, i)
				span := interval.Of(epoch.Add(time.Hour), epoch.Add(2*time.Hour))
				_, err := l.Claim(ctx, booking.Claim{
					Appointment: booking.Appointment{ID: id, Partner: "p", Agenda: id, Interval: span, Seats: 1}, Footprint: span, Session: id, Capacity: 1,
				})
				switch {
				case err == nil:
					won.Add(1)
				case w%2 == 1:
					refused.Add(1)
					t.Errorf("a caller who stayed was refused: %v", err)
				}
				leave()
			}
		})
	}
	wg.Wait()
	var kept int32
	if _, err := l.read.first(t.Context(), []any{&kept}, "SELECT count(*) FROM appointments"); err != nil || kept < won.Load() {
		t.Errorf("%d were acknowledged, %d are kept (%v)", won.Load(), kept, err)
	}
}

// After a purge that empties the log, positions go on.
func TestPositionsAreNeverGivenTwice(t *testing.T) {
	l, clock := newLedger(t)
	namedCanari(t, l, "a")
	if err := l.Erase(t.Context(), "a", string(booking.TheGateway)); err != nil {
		t.Fatal(err)
	}
	before, err := l.Entries(t.Context(), "p1", 0, 10)
	if err != nil || len(before) != 2 {
		t.Fatal(before, err)
	}
	clock.Add(40 * 24 * time.Hour)
	if err := l.Purge(t.Context(), clock.Now().AddDate(0, 0, -30)); err != nil {
		t.Fatal(err)
	}
	namedCanari(t, l, "b")
	after, err := l.Entries(t.Context(), "p1", before[1].Position, 10)
	if err != nil || len(after) != 1 || after[0].Position != before[1].Position+1 {
		t.Errorf("after the purge: %+v, %v", after, err)
	}
	if _, err := l.Entries(t.Context(), "p1", after[0].Position+1, 10); connectors.KindOf(err) != connectors.Invalid {
		t.Errorf("a position that was not given: %v", err)
	}
}

// An early erasure does not take the news of what comes after it.
func TestAPurgeTakesOldNewsOnly(t *testing.T) {
	l, clock := newLedger(t)
	a := namedCanari(t, l, "a")
	if err := l.Erase(t.Context(), "a", string(booking.TheOperator)); err != nil {
		t.Fatal(err)
	}
	clock.Add(40 * 24 * time.Hour)
	if _, err := l.Advance(t.Context(), "a", a.Version+1, booking.Change{Event: booking.Cancel}); err != nil {
		t.Fatal(err)
	}
	if err := l.Purge(t.Context(), clock.Now().AddDate(0, 0, -30)); err != nil {
		t.Fatal(err)
	}
	if got, err := l.Entries(t.Context(), "p1", 2, 10); err != nil || len(got) != 1 || got[0].Status != booking.Cancelled {
		t.Errorf("left of the log: %+v, %v", got, err)
	}
}

// What an orientation learns after its person was kept is under her key: a backup from in between opens with it, or not at all.
func TestWhatIsLearntHasTheKeyThatErasingDestroys(t *testing.T) {
	folder, restored := t.TempDir(), t.TempDir()
	l, _ := opened(t, Options{Path: filepath.Join(folder, "registre.db")})
	said := &booking.Details{Beneficiary: booking.Beneficiary{LastName: "Nom-canari"}}
	a, err := l.Claim(t.Context(), booking.Claim{
		Appointment: booking.Appointment{ID: "a", Partner: "p1", Place: "lieu", Agenda: "agenda", Seats: 1, Guarantee: connectors.Handoff},
		Change:      &booking.Change{Event: booking.HandOn, Seats: 1, Details: said, Expires: epoch.Add(time.Hour)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Backup(t.Context(), filepath.Join(restored, "registre.db")); err != nil {
		t.Fatal(err)
	}
	said.Page = "https://exemple.fr/page-canari"
	if _, err := l.Advance(t.Context(), a.ID, a.Version, booking.Change{Event: booking.Learn, Details: said}); err != nil {
		t.Fatal(err)
	}
	if kept, err := l.AnyAppointment(t.Context(), a.ID); err != nil || kept.Details == nil || kept.Details.Page != said.Page {
		t.Fatalf("%+v, %v", kept.Details, err)
	}
	if has, err := l.HasAppointments(t.Context(), "lieu"); !has || err != nil {
		t.Errorf("nobody is expected there, %v", err)
	}
	if err := l.Erase(t.Context(), a.ID, string(booking.TheOperator)); err != nil {
		t.Fatal(err)
	}
	if has, err := l.HasAppointments(t.Context(), "lieu"); has || err != nil {
		t.Errorf("who is erased is expected for ever, %v", err)
	}
	back, _ := opened(t, Options{Path: filepath.Join(restored, "registre.db"), VaultPath: filepath.Join(folder, "cles.db")})
	if kept, err := back.AnyAppointment(t.Context(), a.ID); err != nil || kept.Details != nil {
		t.Errorf("a backup still says %+v, %v", kept.Details, err)
	}
}

// What is destroyed is not left in the journal either.
func TestADestroyedKeyLeavesTheJournal(t *testing.T) {
	folder := t.TempDir()
	l, _ := opened(t, Options{Path: filepath.Join(folder, "registre.db")})
	namedCanari(t, l, "a")
	id := keysOf(t, l)[0]
	if err := l.Erase(t.Context(), "a", string(booking.TheGateway)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cles.db", "cles.db-wal"} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte(id)) {
			t.Errorf("%s still holds the key", name)
		}
	}
}

func TestOneRowThatCannotBeReadStopsNoOther(t *testing.T) {
	l, clock := newLedger(t)
	for i := range 3 {
		span := interval.Of(epoch.Add(time.Duration(i+1)*time.Hour), epoch.Add(time.Duration(i+2)*time.Hour))
		id := fmt.Sprint("s", i)
		if _, err := l.Claim(t.Context(), booking.Claim{
			Appointment: booking.Appointment{ID: id, Partner: "p", Agenda: "a", Interval: span, Seats: 1}, Footprint: span, Session: id, Capacity: 1,
			Change: &booking.Change{
				Event: booking.Send, Details: &booking.Details{},
			},
		}); err != nil {
			t.Fatal(err)
		}
	}
	execute(t, l, "UPDATE details SET sealed = x'00' WHERE appointment = 's1'")
	clock.Add(time.Minute)
	got, err := l.TakeDebts(t.Context(), time.Minute, 10)
	if err == nil || len(got) != 2 {
		t.Errorf("took %d, %v; want the two that can be read, and the error", len(got), err)
	}
}

func TestARevokedPartnerHearsNothingMore(t *testing.T) {
	l, _ := newLedger(t)
	if err := l.AddPartner(t.Context(), auth.Partner{ID: "p1", Name: "x", Scopes: auth.AllScopes(), CreatedAt: epoch}); err != nil {
		t.Fatal(err)
	}
	if err := l.AddWebhook(t.Context(), booking.Webhook{ID: "w", Partner: "p1", URL: "https://exemple.fr", Created: epoch}); err != nil {
		t.Fatal(err)
	}
	if err := l.RevokePartner(t.Context(), "p1", epoch); err != nil {
		t.Fatal(err)
	}
	namedCanari(t, l, "a")
	if got, err := l.TakeWebhooks(t.Context(), time.Minute, 10); err != nil || len(got) != 0 {
		t.Errorf("took %d, %v", len(got), err)
	}
}

// Lists of any length share few compiled texts.
func TestFewTextsAreCompiled(t *testing.T) {
	l, _ := newLedger(t)
	for i := range 40 {
		namedCanari(t, l, fmt.Sprint(i))
	}
	for limit := 1; limit <= 40; limit++ {
		if _, _, err := l.Appointments(t.Context(), "p1", booking.AppointmentFilter{Limit: limit}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(l.store.(*sqliteStore).texts.known); n > 20 {
		t.Errorf("%d texts are compiled", n)
	}
}

// What is kept of who signs in is unreadable in the files, also what has been deleted there.
func TestWhoSignsInIsNotReadableInTheFile(t *testing.T) {
	folder := t.TempDir()
	l, clock := opened(t, Options{Path: filepath.Join(folder, "registre.db")})
	said := signin.Identity{Issuer: "https://fournisseur.canari", Subject: "sujet-canari", Address: "adresse-canari@exemple.fr", Name: "Nom-canari"}
	a, err := l.SignIn(t.Context(), signin.SignIn{Key: "k", Session: "s", Hint: "jeton-canari", Identity: said, Expires: clock.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(
		l.KeepLink(t.Context(), "d", signin.Link{Address: "lien-canari@exemple.fr", Back: "/retour-canari", Expires: clock.Now().Add(time.Hour)}),
		l.Approve(t.Context(), "d", "@domaine-canari.fr"), l.AnswerFor(t.Context(), signin.Answering{Account: a.ID, Place: "lieu-lisible"}), l.EraseAccount(t.Context(), a.ID),
	); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	readable := false
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(bytes.ToLower(text), []byte("canari")) {
			t.Errorf("%s says who signs in", filepath.Base(file))
		}
		readable = readable || bytes.Contains(text, []byte("lieu-lisible"))
	}
	if !readable {
		t.Error("the search does not find what is there")
	}
}
