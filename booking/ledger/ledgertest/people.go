package ledgertest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"passerelle/auth/signin"
	"passerelle/internal/held"
)

// People is what signing in asks of a ledger, and what the operator does.
type People interface {
	signin.Store
	Accounts(ctx context.Context) ([]signin.Account, error)
	SetOperator(ctx context.Context, account string, is bool) error
	AnswerForNoMore(ctx context.Context, account, place string) error
	EraseAccount(ctx context.Context, account string) error
	Approve(ctx context.Context, digest, what string) error
	Disapprove(ctx context.Context, digest string) error
	Approvals(ctx context.Context) ([]string, error)
	Purge(ctx context.Context, before time.Time) error
}

// PeopleFixture is a fresh ledger with nobody in it.
type PeopleFixture struct {
	People
	Clock *held.Clock                          // stands at Epoch
	Count func(t testing.TB, query string) int // as Fixture
}

// RunPeople runs the suite of what signing in asks.
func RunPeople(t *testing.T, open func(testing.TB) *PeopleFixture) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, func(testing.TB) *PeopleFixture)
	}{
		{"an account is made once", anAccountIsMadeOnce},
		{"a session ends", aSessionEnds},
		{"a link is taken once", aLinkIsTakenOnce},
		{"what an account may do", whatAnAccountMayDo},
		{"people are forgotten", peopleAreForgotten},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open) })
	}
}

func enter(t *testing.T, p People, key, session string, until time.Time) signin.Account {
	t.Helper()
	a, err := p.SignIn(t.Context(), signin.SignIn{
		Key: key, Session: session, Hint: "jeton-canari", Expires: until,
		Identity: signin.Identity{Issuer: "https://fournisseur.example", Subject: key, Address: key + "@exemple.fr", Name: "Nom-canari", Strong: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func anAccountIsMadeOnce(t *testing.T, open func(testing.TB) *PeopleFixture) {
	f := open(t)
	const at = 8
	ids := make([]string, at)
	var all sync.WaitGroup
	for i := range at {
		all.Go(func() {
			a, err := f.SignIn(t.Context(), signin.SignIn{Key: "k", Session: string(rune('a' + i)), Expires: Epoch.Add(time.Hour), Identity: signin.Identity{Address: "a@exemple.fr"}})
			if err != nil {
				t.Error(err)
			}
			ids[i] = a.ID
		})
	}
	all.Wait()
	if slices.Sort(ids); ids[0] == "" || ids[0] != ids[at-1] {
		t.Errorf("one identity has the accounts %v", slices.Compact(ids))
	}
	if n := f.Count(t, "SELECT count(*) FROM sessions"); n != at {
		t.Errorf("%d sessions of %d", n, at)
	}
	other := enter(t, f, "autre", "z", Epoch.Add(time.Hour))
	if other.ID == ids[0] || other.Address != "autre@exemple.fr" || other.Name != "Nom-canari" || !other.Created.Equal(Epoch) {
		t.Errorf("%+v", other)
	}
	if list, err := f.Accounts(t.Context()); err != nil || len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
}

func aSessionEnds(t *testing.T, open func(testing.TB) *PeopleFixture) {
	f := open(t)
	a := enter(t, f, "k", "un", Epoch.Add(time.Hour))
	enter(t, f, "k", "deux", Epoch.Add(2*time.Hour))
	got, err := f.Session(t.Context(), "un")
	if err != nil || got.Account.ID != a.ID || !got.Strong || got.Hint != "jeton-canari" || !got.Expires.Equal(Epoch.Add(time.Hour)) {
		t.Fatalf("%+v, %v", got, err)
	}
	f.Clock.Add(time.Hour)
	if _, err := f.Session(t.Context(), "un"); !errors.Is(err, signin.ErrUnknown) {
		t.Errorf("a session whose time is over: %v", err)
	}
	if ended, err := f.SignOut(t.Context(), "deux"); err != nil || ended.Hint != "jeton-canari" {
		t.Errorf("%+v, %v", ended, err)
	}
	if _, err := f.Session(t.Context(), "deux"); !errors.Is(err, signin.ErrUnknown) {
		t.Errorf("a session that was ended: %v", err)
	}
	if _, err := f.SignOut(t.Context(), "deux"); !errors.Is(err, signin.ErrUnknown) {
		t.Errorf("it ends twice: %v", err)
	}
}

func aLinkIsTakenOnce(t *testing.T, open func(testing.TB) *PeopleFixture) {
	f := open(t)
	l := signin.Link{For: signin.SigningIn, Address: "a@exemple.fr", Back: "/compte", Expires: Epoch.Add(time.Hour)}
	for _, digest := range []string{"d", "late"} {
		if err := f.KeepLink(t.Context(), digest, l); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := f.Link(t.Context(), "d"); err != nil || got.Address != l.Address || got.Back != l.Back || got.For != l.For {
		t.Errorf("%+v, %v", got, err)
	}
	const at = 8
	used := make(chan error, at)
	var all sync.WaitGroup
	for i := range at {
		all.Go(func() {
			_, err := f.SignIn(t.Context(), signin.SignIn{Key: "k", Session: string(rune('a' + i)), Link: "d", Expires: Epoch.Add(2 * time.Hour)})
			used <- err
		})
	}
	all.Wait()
	close(used)
	in := 0
	for err := range used {
		if err == nil {
			in++
		} else if !errors.Is(err, signin.ErrUnknown) {
			t.Error(err)
		}
	}
	if n := f.Count(t, "SELECT count(*) FROM sessions"); in != 1 || n != 1 {
		t.Errorf("%d have signed in by one link, %d sessions", in, n)
	}
	if _, err := f.Link(t.Context(), "d"); !errors.Is(err, signin.ErrUnknown) {
		t.Errorf("a link that was used: %v", err)
	}
	f.Clock.Add(time.Hour)
	if _, err := f.SignIn(t.Context(), signin.SignIn{Key: "late", Session: "z", Link: "late", Expires: Epoch.Add(2 * time.Hour)}); !errors.Is(err, signin.ErrUnknown) {
		t.Errorf("a link whose time is over: %v", err)
	}
	if n := f.Count(t, "SELECT count(*) FROM accounts"); n != 1 {
		t.Errorf("%d accounts: a link that is not good makes one", n)
	}
}

func whatAnAccountMayDo(t *testing.T, open func(testing.TB) *PeopleFixture) {
	f := open(t)
	a := enter(t, f, "k", "s", Epoch.Add(time.Hour))
	for range 2 {
		for _, place := range []string{"lieu-2", "lieu-1"} {
			if err := f.AnswerFor(t.Context(), signin.Answering{Account: a.ID, Place: place, By: "structure"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(f.SetOperator(t.Context(), a.ID, true), f.AnswerForNoMore(t.Context(), a.ID, "lieu-2")); err != nil {
		t.Fatal(err)
	}
	s, err := f.Session(t.Context(), "s")
	if err != nil || !s.Account.Operator || !slices.Equal(s.Account.Places, []string{"lieu-1"}) {
		t.Errorf("%+v, %v", s, err)
	}
	for what, err := range map[string]error{
		"operator":    f.SetOperator(t.Context(), "nobody", true),
		"a link":      f.AnswerFor(t.Context(), signin.Answering{Account: a.ID, Place: "lieu-3", Link: "none"}),
		"place":       f.AnswerFor(t.Context(), signin.Answering{Account: "nobody", Place: "lieu-1"}),
		"other place": f.AnswerForNoMore(t.Context(), a.ID, "lieu-2"),
		"erase":       f.EraseAccount(t.Context(), "nobody"),
		"approval":    f.Disapprove(t.Context(), "none"),
	} {
		if !errors.Is(err, signin.ErrUnknown) {
			t.Errorf("%s of what there is not: %v", what, err)
		}
	}
	if err := errors.Join(f.Approve(t.Context(), "d1", "@mairie.fr"), f.Approve(t.Context(), "d1", "@mairie.fr"), f.Approve(t.Context(), "d2", "a@exemple.fr"), f.Disapprove(t.Context(), "d2")); err != nil {
		t.Fatal(err)
	}
	for digests, want := range map[[2]string]bool{{"d1", "x"}: true, {"x", "d1"}: true, {"d2", "x"}: false} {
		if got, err := f.Approved(t.Context(), digests[:]...); err != nil || got != want {
			t.Errorf("%v: %v, %v", digests, got, err)
		}
	}
	if list, err := f.Approvals(t.Context()); err != nil || !slices.Equal(list, []string{"@mairie.fr"}) {
		t.Errorf("%v, %v", list, err)
	}
	if err := f.EraseAccount(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	for what, by := range map[string]string{
		"account runs the gateway": "operateur", "account answers for lieu-1": "structure", "account answers no more for lieu-2": "operateur", "account erased": "operateur",
		"approved": "operateur", "approved no more": "operateur",
	} {
		if n := f.Count(t, "SELECT count(*) FROM audit WHERE what = '"+what+"' AND who = '"+by+"'"); n != 1 && what != "approved" || n == 0 {
			t.Errorf("%d rows of the audit say %q of the %s", n, what, by)
		}
	}
	if _, err := f.Session(t.Context(), "s"); !errors.Is(err, signin.ErrUnknown) {
		t.Errorf("who was erased is still signed in: %v", err)
	}
	if again := enter(t, f, "k", "s2", Epoch.Add(time.Hour)); again.ID == a.ID || again.Operator || len(again.Places) > 0 {
		t.Errorf("who comes back has %+v", again)
	}
}

func peopleAreForgotten(t *testing.T, open func(testing.TB) *PeopleFixture) {
	f := open(t)
	purge := func() {
		t.Helper()
		if err := f.Purge(t.Context(), f.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	a := enter(t, f, "k", "s", Epoch.Add(time.Hour))
	err := errors.Join(f.AnswerFor(t.Context(), signin.Answering{Account: a.ID, Place: "lieu-1"}), f.KeepLink(t.Context(), "d", signin.Link{Expires: Epoch.Add(time.Hour)}))
	if err != nil {
		t.Fatal(err)
	}
	f.Clock.Add(2 * time.Hour)
	purge()
	for table, want := range map[string]int{"sessions": 0, "links": 0, "accounts": 1, "answers_for": 1} {
		if n := f.Count(t, "SELECT count(*) FROM "+table); n != want {
			t.Errorf("%d rows in %s after two hours, want %d", n, table, want)
		}
	}
	f.Clock.Add(366 * 24 * time.Hour)
	purge()
	for _, table := range []string{"accounts", "answers_for"} {
		if n := f.Count(t, "SELECT count(*) FROM "+table); n != 0 {
			t.Errorf("%d rows in %s after a year", n, table)
		}
	}
}
