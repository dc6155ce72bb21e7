package rdvsp

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
	"passerelle/connectors/rdvsp/rdvsptest"
	"passerelle/internal/held"
)

const (
	backTo        = "https://passerelle.exemple.fr/retour"
	clientSecret  = "s3cr3t-of-the-application"
	webhookSecret = "s3cr3t-of-webhooks"
	publicHost    = "rdv.anct.gouv.fr"
)

// house is an instance with an organisation that invites people, and an agent who let the gateway in.
type house struct {
	*rdvsptest.Server
	*network
	clock        *held.Clock
	organisation rdvsptest.Organisation
	lieu         rdvsptest.Lieu
	motif        rdvsptest.Motif
	agent        rdvsptest.Agent
	grant, state *memory
	log          *strings.Builder
	env          connectors.Env
	agenda       *consented
}

// monday is 7 December 2026 at eight in Paris.
var monday = time.Date(2026, 12, 7, 7, 0, 0, 0, time.UTC)

// at is a time of 8 December 2026 in Paris, written as 930, and half an hour of it.
func at(hhmm int) interval.Interval {
	start := time.Date(2026, 12, 8, hhmm/100-1, hhmm%100, 0, 0, time.UTC)
	return interval.Of(start, start.Add(30*time.Minute))
}

func newHouse(t testing.TB, change func(*rdvsptest.Options)) *house {
	t.Helper()
	h := build(t, held.NewClock(monday), change)
	h.open(t, h.Server.URL, nil)
	h.consent(t)
	return h
}

func build(t testing.TB, c *held.Clock, change func(*rdvsptest.Options)) *house {
	t.Helper()
	o := rdvsptest.Options{
		Now: c.Now, Seed: 3, FirstID: 500, PublicURL: "https://" + publicHost, Unlimited: true,
		Application: rdvsptest.Application{ID: "passerelle", Secret: clientSecret, RedirectURI: backTo},
	}
	if change != nil {
		change(&o)
	}
	h := &house{Server: rdvsptest.New(t, o), clock: c, grant: &memory{}, state: &memory{}, log: &strings.Builder{}}
	h.network = &network{hosts: rdvsptest.Hosts{publicHost: h.Server}}
	h.organisation = h.AddOrganisation(rdvsptest.Organisation{PublicID: "roFEEt", Territory: "26", Name: "Médiathèque"})
	h.lieu = h.AddLieu(rdvsptest.Lieu{Organisation: h.organisation.ID, Name: "Médiathèque"})
	h.motif = h.AddMotif(rdvsptest.Motif{
		Organisation: h.organisation.ID, Name: "Accompagnement", Minutes: 30, MaxDelay: 365 * 24 * time.Hour,
		Category: &rdvsptest.Category{ID: 12, Name: "Accompagnement numérique", ShortName: "accompagnement_numerique"},
	})
	h.agent = h.AddAgent(rdvsptest.Agent{Email: "amina@exemple.fr", FirstName: "Amina", LastName: "BENALI", Organisations: []int{h.organisation.ID}})
	h.env = connectors.Env{
		HTTP: &http.Client{Transport: h.network}, Logger: slog.New(slog.NewTextHandler(h.log, nil)), Now: c.Now, State: h.state, Grant: h.grant,
	}
	h.offer(interval.Interval{Start: at(900).Start, End: at(1200).End}, h.lieu.ID)
	return h
}

// offer opens a time of the agent.
func (h *house) offer(when interval.Interval, lieu int) {
	h.AddOpening(rdvsptest.Opening{Agent: h.agent.ID, Lieu: lieu, Motifs: []int{h.motif.ID}, Start: when.StartTime(), End: when.EndTime()})
}

// open makes the agenda anew, with settings beside those of the application.
func (h *house) open(t testing.TB, root string, more map[string]any) {
	t.Helper()
	settings := map[string]any{
		"client_id": "passerelle", "client_secret": clientSecret, "secret_webhook": webhookSecret, "api": root,
		"organisation": h.organisation.ID, "departement": "26", "lieux": map[string]int{"mediatheque": h.lieu.ID},
	}
	for name, value := range more {
		if settings[name] = value; value == nil {
			delete(settings, name)
		}
	}
	h.agenda = h.opened(t, settings)
}

func (h *house) opened(t testing.TB, settings map[string]any) *consented {
	t.Helper()
	text, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Connector.Open(connectors.Connection{Address: "https://" + publicHost + "/org/roFEEt", Settings: text}, h.env)
	if err != nil {
		t.Fatal(err)
	}
	return a.(*consented)
}

// consent is the agent who lets the gateway in.
func (h *house) consent(t testing.TB) {
	t.Helper()
	if err := h.agenda.Agree(t.Context(), backTo, h.code(t)); err != nil {
		t.Fatal(err)
	}
}

// code is what the agent's browser brings back.
func (h *house) code(t testing.TB) string {
	t.Helper()
	page, err := h.agenda.Consent(backTo, "state")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	code, err := h.Consent(h.agent.ID, u.Query())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

var denise = connectors.Person{FirstName: "Denise", LastName: "Moreau", Phone: "+33612345678", Email: "denise@exemple.fr"}

func (h *house) invite(t testing.TB, who connectors.Person) connectors.Link {
	t.Helper()
	link, err := h.agenda.Invite(t.Context(), connectors.HandoffRequest{Reference: "rdv_1", Place: "mediatheque"}, who)
	if err != nil {
		t.Fatal(err)
	}
	return link
}

// books is the person who follows her link.
func (h *house) books(t testing.TB, link connectors.Link, when interval.Interval) rdvsptest.Rdv {
	t.Helper()
	made, err := h.Follow(link.URL, when.StartTime())
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// follow asks for one link; false: nothing is known of it.
func (h *house) follow(t testing.TB, link connectors.Link) (connectors.Outcome, bool) {
	t.Helper()
	got, err := h.agenda.Follow(t.Context(), []string{link.Upstream})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 {
		return connectors.Outcome{}, false
	}
	return got[0], true
}

func wantKind(t testing.TB, what string, err error, kind connectors.Kind) {
	t.Helper()
	if err == nil || connectors.KindOf(err) != kind {
		t.Errorf("%s: %v, want the kind %q", what, err, kind)
	}
}
