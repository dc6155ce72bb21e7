package agendas

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/booking/ledger"
	"passerelle/connectors"
	"passerelle/connectors/all"
)

func newSet(t *testing.T) (*Set, *ledger.Ledger) {
	t.Helper()
	l, err := ledger.Open(t.Context(), ledger.Options{Path: filepath.Join(t.TempDir(), "r.db"), Keys: [][]byte{bytes.Repeat([]byte{1}, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return open(t, l), l
}

func open(t *testing.T, l *ledger.Ledger) *Set {
	t.Helper()
	s, err := Open(t.Context(), Options{Store: l, Registry: all.Registry(), Env: connectors.Env{HTTP: &http.Client{}, Logger: slog.New(slog.DiscardHandler), Now: time.Now}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func native(id string, places ...string) booking.Connection {
	return booking.Connection{Connection: connectors.Connection{Connector: "native"}, Agenda: id, Places: places}
}

func ids(list []*booking.Agenda) string {
	var out []string
	for _, a := range list {
		out = append(out, a.Connector+":"+a.Agenda)
	}
	return strings.Join(out, " ")
}

func put(t *testing.T, s *Set, c booking.Connection) string {
	t.Helper()
	id, err := s.Put(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestTheAgendasOfAPlace(t *testing.T) {
	s, _ := newSet(t)
	put(t, s, native("one", "x", "merged-a__merged-b"))
	put(t, s, native("two", "x"))
	byLink := native("three")
	byLink.Links = []string{"https://www.rdv-aide-numerique.fr/org/99990001"}
	put(t, s, byLink)
	for _, c := range []struct {
		name  string
		place booking.Place
		want  string
	}{
		{"by id", booking.Place{ID: "x"}, "native:one native:two"},
		{"by alias", booking.Place{ID: "new", Aliases: []string{"x"}}, "native:one native:two"},
		{"by a part of a merged id", booking.Place{ID: "merged-b"}, "native:one"},
		{"by link, then what the link alone makes", booking.Place{ID: "y", BookingURL: "http://WWW.rdv-aide-numerique.fr/org/99990001"}, "native:three rdvsp:"},
		{"a link alone", booking.Place{ID: "y", BookingURL: "https://ateliers.example.org/rdv"}, "link:"},
		{"a personal link makes nothing", booking.Place{ID: "y", BookingURL: "https://www.rdv-solidarites.fr/users/rdvs/1?invitation_token=ABCD1234"}, ""},
		{"nothing", booking.Place{ID: "z"}, ""},
	} {
		if got := ids(of(s, &c.place)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestADiaryDeclaredTwiceIsOneAgenda(t *testing.T) {
	s, _ := newSet(t)
	feed := func(id, address, place, motif string) booking.Connection {
		return booking.Connection{
			Connection: connectors.Connection{Connector: "ics", Address: address}, Agenda: id, Places: []string{place},
			Notice: "a@example.org", Motifs: []booking.Motif{{ID: motif}},
		}
	}
	put(t, s, feed("first", "https://agenda.example.org/a.ics", "p1", "m1"))
	if got := put(t, s, feed("second", "webcal://AGENDA.example.org/a.ics", "p2", "m2")); got != "first" {
		t.Fatalf("kept as %q, want first", got)
	}
	if _, ok := s.ByID("second"); ok {
		t.Error("one diary is two agendas: each would be booked without the other")
	}
	for _, other := range []string{"https://agenda.example.org:443/a.ics", " https://agenda.example.org./a.ics ", "http://agenda.example.org:80/%61.ics"} {
		if got := put(t, s, feed("third", other, "p2", "m2")); got != "first" {
			t.Errorf("%q became another agenda", other)
		}
	}
	for field, differ := range map[string]func(*booking.Connection){
		"avis":     func(c *booking.Connection) { c.Notice = "b@example.org" },
		"previent": func(c *booking.Connection) { c.Tells = booking.SourceTells },
	} {
		contrary := feed("fourth", "https://agenda.example.org/a.ics", "p3", "m1")
		differ(&contrary)
		_, err := s.Put(t.Context(), contrary)
		if e, ok := err.(*booking.Error); !ok || e.Kind != connectors.Invalid || e.Fields[0].Name != field {
			t.Errorf("two declarations that contradict each other in %s: %v", field, err)
		}
	}
	same := feed("fourth", "https://agenda.example.org/a.ics", "p2", "m2")
	same.Tells = booking.GatewayTells // as when nothing is said
	put(t, s, same)
	beside := native("fifth", "p4")
	beside.Beside = []connectors.Connection{{Connector: "ics", Address: "https://agenda.example.org/a.ics"}}
	if _, err := s.Put(t.Context(), beside); connectors.KindOf(err) != connectors.Invalid {
		t.Errorf("a diary beside one agenda that is another: %v", err)
	}
	a, _ := s.ByID("first")
	if !slices.Equal(a.Places, []string{"p1", "p2"}) || len(a.Motifs) != 2 {
		t.Errorf("it serves %q with %d motifs", a.Places, len(a.Motifs))
	}
}

func TestWhatWouldFailLaterIsRefusedNow(t *testing.T) {
	s, _ := newSet(t)
	with := func(change func(*booking.Connection)) booking.Connection {
		c := native("id", "x")
		change(&c)
		return c
	}
	for field, c := range map[string]booking.Connection{
		"id":                 with(func(c *booking.Connection) { c.Agenda = "not an id" }),
		"connecteur":         with(func(c *booking.Connection) { c.Connector = "doodle" }),
		"horaires":           with(func(c *booking.Connection) { c.Hours = "quand on peut" }),
		"avis":               with(func(c *booking.Connection) { c.Notice = "Accueil <a@example.org>" }),
		"motifs":             with(func(c *booking.Connection) { c.Motifs = []booking.Motif{{ID: "m"}, {ID: "m"}} }),
		"motifs.m.duree_min": with(func(c *booking.Connection) { c.Motifs = []booking.Motif{{ID: "m", Duration: time.Second}} }),
		"motifs.m.modalite":  with(func(c *booking.Connection) { c.Motifs = []booking.Motif{{ID: "m", Modality: "pigeon"}} }),
		"motifs.m.validation": with(func(c *booking.Connection) {
			c.Motifs = []booking.Motif{{ID: "m", Validation: "oui"}}
		}),
	} {
		_, err := s.Put(t.Context(), c)
		e, ok := err.(*booking.Error)
		if !ok || e.Kind != connectors.Invalid || e.Fields[0].Name != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	bad := native("id", "x")
	bad.Settings = []byte(`{"ouvertures":[{"jours":["zz"],"de":"09:00","a":"12:00"}]}`)
	if _, err := s.Put(t.Context(), bad); connectors.KindOf(err) != connectors.Invalid {
		t.Errorf("wrong settings: %v", err)
	}
	if len(s.All()) != 0 {
		t.Error("something that was refused was kept")
	}
}

func TestASeedFollowsTheFileUntilAnOperatorChangesIt(t *testing.T) {
	s, _ := newSet(t)
	seed := func(places ...string) {
		t.Helper()
		if err := s.Seed(t.Context(), []booking.Connection{native("a", places...)}); err != nil {
			t.Fatal(err)
		}
	}
	version := func() int { a, _ := s.ByID("a"); return a.Version }
	seed("x")
	seed("x")
	if version() != 1 {
		t.Errorf("the same file again made version %d", version())
	}
	seed("x", "y")
	if version() != 2 {
		t.Errorf("a changed file made version %d", version())
	}
	if err := s.Pause(t.Context(), "a", true); err != nil {
		t.Fatal(err)
	}
	seed("x")
	if a, _ := s.ByID("a"); !a.Paused || len(a.Places) != 2 {
		t.Errorf("the file undid what an operator did: %+v", a.Connection)
	}
	put(t, s, native("a", "x", "y", "z"))
	if a, _ := s.ByID("a"); !a.Paused || len(a.Places) != 3 {
		t.Errorf("what was declared anew resumed its bookings: %+v", a.Connection)
	}
	if err := s.Pause(t.Context(), "a", false); err != nil {
		t.Fatal(err)
	}
	if a, _ := s.ByID("a"); a.Paused {
		t.Error("the pause goes on for ever")
	}
	if err := s.Pause(t.Context(), "nobody", true); connectors.KindOf(err) != connectors.NotFound {
		t.Errorf("pause of an unknown agenda: %v", err)
	}
}

func TestAnotherProcessesChangeIsSeen(t *testing.T) {
	s, l := newSet(t)
	put(t, s, native("a", "x"))
	put(t, s, native("b", "x"))
	before, _ := s.ByID("a")
	other := open(t, l)
	if err := other.Pause(t.Context(), "b", true); err != nil {
		t.Fatal(err)
	}
	if err := s.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b, _ := s.ByID("b"); !b.Paused {
		t.Error("the pause is not seen")
	}
	if after, _ := s.ByID("a"); after != before {
		t.Error("an agenda that did not change was opened again: what was read of it is lost")
	}
}

func TestASeedMayDeclareADiaryTwice(t *testing.T) {
	s, _ := newSet(t)
	feed := func(id, place string) booking.Connection {
		return booking.Connection{Connection: connectors.Connection{Connector: "ics", Address: "https://agenda.example.org/a.ics"}, Agenda: id, Places: []string{place}}
	}
	for range 2 { // the program starts again
		if err := s.Seed(t.Context(), []booking.Connection{feed("first", "x"), feed("second", "y")}); err != nil {
			t.Fatal(err)
		}
	}
	if a, _ := s.ByID("first"); !slices.Equal(a.Places, []string{"x", "y"}) || len(s.All()) != 1 {
		t.Errorf("it serves %q", a.Places)
	}
}

// A file is not compared agenda by agenda with all that is kept: a start would take a minute with thousands of them.
func TestASeedComparesNoTwoAgendas(t *testing.T) {
	s, _ := newSet(t)
	compared := 0
	s.Registry = connectors.NewRegistry(connectors.Connector{
		Name:  "counted",
		Open:  func(connectors.Connection, connectors.Env) (connectors.Agenda, error) { return nil, nil },
		Diary: func(connectors.Connection) string { compared++; return "" },
	})
	var list []booking.Connection
	for i := range 50 {
		list = append(list, booking.Connection{Connection: connectors.Connection{Connector: "counted", Address: fmt.Sprintf("https://agenda.example.org/%d", i)}, Agenda: fmt.Sprint("a", i)})
	}
	for _, times := range []string{"first", "second"} {
		compared = 0
		if err := s.Seed(t.Context(), list); err != nil {
			t.Fatal(err)
		}
		if compared > 6*len(list) {
			t.Errorf("the %s time %d agendas were looked at %d times", times, len(list), compared)
		}
	}
}

// Whoever changes an agenda at the same time, in this process or another: no change is lost.
func TestChangesAtOnceAreAllKept(t *testing.T) {
	s, l := newSet(t)
	put(t, s, native("a", "x"))
	sets := []*Set{s, open(t, l)}
	var group sync.WaitGroup
	for i := range 12 {
		group.Go(func() {
			if _, err := sets[i%2].Change(t.Context(), "a", func(c *booking.Connection) error {
				c.Places = append(slices.Clone(c.Places), fmt.Sprint(i))
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if err := s.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, _ := s.ByID("a"); len(a.Places) != 13 {
		t.Errorf("of 12 places that were added it serves %q", a.Places)
	}
	errNo := errors.New("no")
	if _, err := s.Change(t.Context(), "a", func(c *booking.Connection) error { c.Paused = true; return errNo }); !errors.Is(err, errNo) {
		t.Errorf("a change that fails: %v", err)
	}
	if a, _ := s.ByID("a"); a.Paused {
		t.Error("a change that failed was made")
	}
}

// What is altered is served by nobody before it is kept, and never by an agenda that offers the same.
func TestAChangeIsOfOneAgendaOnly(t *testing.T) {
	s, l := newSet(t)
	put(t, s, native("a", "x"))
	put(t, s, native("b", "y"))
	s = open(t, l) // as after a start: both are read at once
	errNo := errors.New("no")
	for _, end := range []error{errNo, nil} {
		if _, err := s.Change(t.Context(), "a", func(c *booking.Connection) error {
			c.Motifs[0].Modality, c.Places[0] = booking.ByPhone, "z"
			return end
		}); !errors.Is(err, end) {
			t.Fatal(err)
		}
		a, _ := s.ByID("a")
		b, _ := s.ByID("b")
		if changed := a.Motifs[0].Modality == booking.ByPhone && a.Places[0] == "z"; changed != (end == nil) {
			t.Errorf("a change that ends with %v: it offers %s at %s", end, a.Motifs[0].Modality, a.Places[0])
		}
		if b.Motifs[0].Modality == booking.ByPhone {
			t.Error("another agenda is changed too")
		}
	}
}

// What its structure still looks at serves no place.
func of(s *Set, p *booking.Place) []*booking.Agenda { return s.OfPlace(p).Agendas }

func TestADraftServesNoPlace(t *testing.T) {
	s, _ := newSet(t)
	draft := native("brouillon", "x")
	draft.Draft = true
	put(t, s, draft)
	if got := ids(of(s, &booking.Place{ID: "x"})); got != "" {
		t.Errorf("a draft serves a place: %s", got)
	}
	a, ok := s.ByID("brouillon")
	if !ok || a.Path(a.Motifs[0]) != booking.NoPath {
		t.Errorf("a draft can be booked: %t, %v", ok, a)
	}
	draft.Draft = false
	put(t, s, draft)
	if got := of(s, &booking.Place{ID: "x"}); ids(got) != "native:brouillon" || got[0].Path(got[0].Motifs[0]) != booking.ByLedger {
		t.Errorf("published, it serves as %s", ids(got))
	}
}
