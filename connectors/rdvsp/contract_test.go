package rdvsp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/connectorstest"
	"passerelle/connectors/interval"
	"passerelle/connectors/rdvsp/rdvsptest"
	"passerelle/internal/held"
)

const publicPage = "https://rdv.anct.gouv.fr/org/roFEEt"

// A page lists nothing and is asked nothing: a human goes there.
func TestTheContractOfAPage(t *testing.T) {
	connectorstest.Run(t, connectorstest.Harness{
		Want:      connectors.Capabilities{Handoff: true},
		Guarantee: connectors.Handoff,
		New: func(t testing.TB, env connectors.Env, _ ...interval.Interval) connectors.Agenda {
			return opened(t, env, publicPage, nil)
		},
	})
}

func opened(t testing.TB, env connectors.Env, address string, settings map[string]string) connectors.Agenda {
	t.Helper()
	text, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	a, err := Connector.Open(connectors.Connection{Address: address, Settings: text, Zone: paris}, env)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const partnerKey = "cle-S3CR3T"

// instance is a RDV Service Public that sells one motif, of half an hour, of one desk.
type instance struct {
	*rdvsptest.Server
	desk  rdvsptest.Agent
	motif rdvsptest.Motif
}

func newInstance(t testing.TB, now func() time.Time, free []interval.Interval) *instance {
	t.Helper()
	s := &instance{Server: rdvsptest.New(t, rdvsptest.Options{Now: now, PartnerKey: partnerKey, Unlimited: true})}
	org := s.AddOrganisation(rdvsptest.Organisation{PublicID: "roFEEt", Territory: "26", Name: "Médiathèque"})
	s.desk = s.AddAgent(rdvsptest.Agent{LastName: "GUICHET 1", Organisations: []int{org.ID}})
	s.motif = s.AddMotif(rdvsptest.Motif{Organisation: org.ID, Name: "Accompagnement", Minutes: 30, MaxDelay: 365 * 24 * time.Hour})
	s.SellToPartner(s.motif.ID)
	for _, f := range free {
		s.AddOpening(rdvsptest.Opening{Agent: s.desk.ID, Motifs: []int{s.motif.ID}, Start: f.StartTime(), End: f.EndTime()})
	}
	return s
}

func TestTheContractOfThePartnersAPI(t *testing.T) {
	var instances sync.Map // by agenda
	open := func(t testing.TB, env connectors.Env, p *connectorstest.Proxy, free []interval.Interval) connectors.Agenda {
		s := newInstance(t, env.Now, free)
		api := s.URL
		if p != nil {
			api = p.Before(t, api)
		}
		env.HTTP = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		a := opened(t, env, publicPage, map[string]string{"cle_partenaire": partnerKey, "api": api})
		instances.Store(a, s)
		return a
	}
	connectorstest.Run(t, connectorstest.Harness{
		Want:      connectors.Capabilities{Book: true, Cancel: true, Handoff: true},
		Guarantee: connectors.BestEffort,
		Basis:     connectors.Slots,
		New: func(t testing.TB, env connectors.Env, free ...interval.Interval) connectors.Agenda {
			return open(t, env, nil, free)
		},
		Fault: func(t testing.TB, env connectors.Env, p *connectorstest.Proxy, free ...interval.Interval) connectors.Agenda {
			return open(t, env, p, free)
		},
		Take: func(_ testing.TB, a connectors.Agenda, taken interval.Interval) {
			found, _ := instances.Load(a)
			s := found.(*instance)
			s.AddRdv(rdvsptest.Rdv{Motif: s.motif.ID, Agent: s.desk.ID, Start: taken.StartTime(), CreatedByType: "Agent"})
		},
		Secrets: []string{partnerKey},
	})
}

func TestTheContractOfAnInvitation(t *testing.T) {
	var houses sync.Map // by agenda
	open := func(t testing.TB, env connectors.Env, p *connectorstest.Proxy, free []interval.Interval) connectors.Agenda {
		h := build(t, held.NewClock(env.Now()), nil)
		for _, f := range free {
			h.offer(f, 0)
		}
		h.env.Logger = env.Logger
		root := h.Server.URL
		if p != nil {
			root = p.Before(t, root)
		}
		h.open(t, root, nil)
		h.consent(t)
		houses.Store(h.agenda, h)
		return h.agenda
	}
	connectorstest.Run(t, connectorstest.Harness{
		Want:      connectors.Capabilities{Cancel: true, Handoff: true, Invite: true, Follow: true},
		Guarantee: connectors.Handoff,
		New: func(t testing.TB, env connectors.Env, free ...interval.Interval) connectors.Agenda {
			return open(t, env, nil, free)
		},
		Fault: func(t testing.TB, env connectors.Env, p *connectorstest.Proxy, free ...interval.Interval) connectors.Agenda {
			return open(t, env, p, free)
		},
		Finish: func(t testing.TB, a connectors.Agenda, link connectors.Link, when interval.Interval, fate connectors.Fate) {
			found, _ := houses.Load(a)
			h := found.(*house)
			made := h.books(t, link, when)
			then := map[connectors.Fate]func(int) error{
				connectors.Booked:    func(int) error { return nil },
				connectors.Withdrawn: h.CancelAsUser,
				connectors.Revoked:   h.CancelAsAgent,
				connectors.Attended:  h.MarkSeen,
				connectors.Missed:    h.MarkNoShow,
			}
			if err := then[fate](made.ID); err != nil {
				t.Fatal(err)
			}
		},
		Secrets: []string{clientSecret, webhookSecret},
	})
}

func TestEveryWayOfWritingATime(t *testing.T) {
	for text, want := range map[string]string{
		"2026-12-08T09:00:00+01:00": "2026-12-08T08:00:00Z", // slots
		"2026-07-08T09:00:00+02:00": "2026-07-08T07:00:00Z",
		"2025-05-12 17:43:52 +0200": "2025-05-12T15:43:52Z", // nearly everything else
		"2024-10-27 02:30:00 +0100": "2024-10-27T01:30:00Z", // the second of two half past two
		"2026-11-01T09:00Z":         "",                     // ANTS: nine o'clock in Paris, whatever the Z says
		"2026-12-08 09:00":          "",
		"09:00":                     "",
		"":                          "",
	} {
		got, err := moment(text)
		if want == "" && err == nil || want != "" && (err != nil || got.UTC().Format(time.RFC3339) != want) {
			t.Errorf("%q is read as %v, %v; want %q", text, got, err, want)
		}
	}
}

// Two bookings at once may both pass in that software: that is why the guarantee is no better.
func TestItMaySellATimeTwice(t *testing.T) {
	at := interval.Of(connectorstest.Now.AddDate(0, 0, 2).Add(3*time.Hour), connectorstest.Now.AddDate(0, 0, 2).Add(210*time.Minute))
	env := connectors.Env{HTTP: http.DefaultClient, Now: func() time.Time { return connectorstest.Now }}
	s := newInstance(t, env.Now, []interval.Interval{at})
	a := opened(t, env, publicPage, map[string]string{"cle_partenaire": partnerKey, "api": s.URL}).(connectors.Booker)
	s.Race(true)
	for i := range 2 {
		made, err := a.Book(t.Context(), connectors.Request{Reference: fmt.Sprint("rdv_", i), Slot: connectors.Slot{Interval: at}})
		if err != nil || made.Upstream == "" {
			t.Errorf("%+v, %v", made, err)
		}
	}
	s.Race(false)
	if n := len(s.Rdvs()); n != 2 {
		t.Errorf("%d rdvs", n)
	}
}

// overheard writes down whatever leaves.
type overheard struct{ text held.Text }

func (o *overheard) RoundTrip(q *http.Request) (*http.Response, error) {
	sent, err := httputil.DumpRequestOut(q, true)
	if err != nil {
		return nil, err
	}
	_, _ = o.text.Write(sent) // it does not fail
	return loopback.RoundTrip(q)
}

func TestNoDataOfThePersonGoesToThePartnersAPI(t *testing.T) {
	at := interval.Of(connectorstest.Now.AddDate(0, 0, 2).Add(3*time.Hour), connectorstest.Now.AddDate(0, 0, 2).Add(210*time.Minute))
	ear := &overheard{}
	env := connectors.Env{HTTP: &http.Client{Transport: ear}, Now: func() time.Time { return connectorstest.Now }}
	s := newInstance(t, env.Now, []interval.Interval{at})
	a := opened(t, env, publicPage, map[string]string{"cle_partenaire": partnerKey, "api": s.URL}).(connectors.Booker)
	if _, err := a.Book(t.Context(), connectors.Request{
		Reference: "rdv_1", Slot: connectors.Slot{Interval: at}, Title: "Titre-secret", Person: connectors.Person{FirstName: "Prénom-secret", LastName: "Nom-secret"},
	}); err != nil {
		t.Fatal(err)
	}
	if said := ear.text.String(); !strings.Contains(said, "starts_at") || strings.Contains(said, "secret") {
		t.Error(said)
	}
}

func TestAWindowOfMonthsIsAskedInMonths(t *testing.T) {
	env := connectors.Env{HTTP: http.DefaultClient, Now: func() time.Time { return connectorstest.Now }}
	first := interval.Of(connectorstest.Now.AddDate(0, 0, 1), connectorstest.Now.AddDate(0, 0, 1).Add(30*time.Minute))
	last := interval.Of(connectorstest.Now.AddDate(0, 0, 120), connectorstest.Now.AddDate(0, 0, 120).Add(30*time.Minute))
	s := newInstance(t, env.Now, []interval.Interval{first, last})
	a := opened(t, env, publicPage, map[string]string{"cle_partenaire": partnerKey, "api": s.URL})
	r, err := a.Read(t.Context(), connectors.Query{Window: interval.Interval{Start: first.Start, End: last.End}})
	if err != nil || len(r.Slots) != 2 || r.Slots[0].Interval != first || r.Slots[1].Interval != last {
		t.Errorf("reading = %+v, %v", r, err)
	}
}

func TestAllHostsOfTheSoftwareShareABudget(t *testing.T) {
	for host, want := range map[string]int{
		"rdv.anct.gouv.fr": 45, "www.rdv-solidarites.fr": 45, "demo.rdv-aide-numerique.fr": 45, "aide.rdv-service-public.fr": 0, "exemple.fr": 0, "": 0,
	} {
		shared, most := Connector.Budget(host)
		if most != want || want > 0 && shared != "rdvsp" {
			t.Errorf("%s: %d of %q", host, most, shared)
		}
	}
}
