package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"passerelle/auth"
	"passerelle/booking"
	"passerelle/booking/agendas"
	"passerelle/booking/availability"
	"passerelle/booking/directory"
	"passerelle/booking/ledger"
	"passerelle/booking/volatile"
	"passerelle/connectors"
	"passerelle/connectors/all"
	"passerelle/internal/held"
)

var paris, _ = time.LoadLocation("Europe/Paris")

// sunday is 22 November 2026 in Paris.
var sunday = time.Date(2026, 11, 22, 12, 0, 0, 0, paris)

const placesFile = `id,nom,commune,code_postal,adresse,latitude,longitude,telephone,horaires,services,modalites_acces,prise_rdv
a,Lieu A,Crest,26400,1 rue A,44.7286,5.0222,+33465710001,"Mo-Fr 09:00-12:00",Aide aux démarches administratives,,
b,Lieu B,Die,26150,1 rue B,44.7531,5.3703,,"Mo-Fr 09:00-12:00",,,
c,Lieu C,Saillans,26340,1 rue C,44.6947,5.1942,+33465710003,,,,https://www.rdv-aide-numerique.fr/org/99990001
d,Lieu D,Allex,26400,1 rue D,44.7672,4.9192,+33465710004,"Mo-Fr 09:00-12:00",,,https://www.rdv-aide-numerique.fr/org/99990002
e,Lieu E,Eurre,26400,1 rue E,44.7603,4.9889,,,,,https://www.rdv-solidarites.fr/users/rdvs/1?invitation_token=CANARI99
f/é 1,Lieu F,Valence,26000,1 rue F,,,,,,,
h,Lieu H,Loriol,26270,1 rue H,,,,,,,
g,Lieu G,Livron,26250,1 rue G,,,,"Mo-Fr 09:00-12:00",,,
`

// door is the whole API on real parts, a clock that the test holds, and tokens of two partners.
type door struct {
	t        *testing.T
	parts    Options
	handler  http.Handler
	service  *booking.Service
	ledger   *ledger.Ledger
	settings auth.Settings
	partner  auth.Partner
	token    string // of the first partner, with every scope
	file     string // of the ledger
	log      *held.Text
	now      func() time.Time
	wait     func(time.Duration)
	diary    *slow
	desk     *desk
	left     string // the host that is left alone
	ready    func(context.Context) error
	uses     *volatile.Memory
	pages    http.HandlerFunc // nil: they say that there is nothing
}

// slow is an agenda of another system: it says what the test wants, when the test wants.
type slow struct {
	read   func(context.Context) (connectors.Reading, error)
	book   error
	fault  func() error // instead of book
	cancel error
}

func (s *slow) Cancel(context.Context, connectors.Appointment) error { return s.cancel }

func (s *slow) Read(ctx context.Context, _ connectors.Query) (connectors.Reading, error) {
	if s.read != nil {
		return s.read(ctx)
	}
	return connectors.Reading{Basis: connectors.Busy}, nil
}

func (s *slow) Book(_ context.Context, r connectors.Request) (connectors.Appointment, error) {
	if s.fault != nil {
		return connectors.Appointment{}, s.fault()
	}
	return connectors.Appointment{Reference: r.Reference, Upstream: "x", Interval: r.Slot.Interval}, s.book
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newDoor(t *testing.T) *door {
	t.Helper()
	clock, folder := held.NewClock(sunday), t.TempDir()
	d := &door{t: t, now: clock.Now, wait: clock.Add, file: filepath.Join(folder, "r.db"), log: &held.Text{}, diary: &slow{}, desk: &desk{}}
	d.uses = volatile.NewMemory(d.now, volatile.Limits{})
	file := filepath.Join(folder, "lieux.csv")
	if err := os.WriteFile(file, []byte(placesFile), 0o600); err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(d.log, nil))
	keys := must[*auth.Keyring](t)(auth.NewKeyring(bytes.Repeat([]byte("clé de test "), 4)))
	d.ledger = must[*ledger.Ledger](t)(ledger.Open(t.Context(), ledger.Options{Path: d.file, Keys: keys.Derive("registre"), Now: d.now}))
	set := must[*agendas.Set](t)(agendas.Open(t.Context(), agendas.Options{
		Store: d.ledger, Registry: d.registry(), Env: connectors.Env{HTTP: &http.Client{}, Logger: logger, Now: d.now},
	}))
	if err := set.Seed(t.Context(), seeds()); err != nil {
		t.Fatal(err)
	}
	ids := must[*booking.SlotSigner](t)(booking.NewSlotSigner(keys.Derive("creneaux")...))
	reader := availability.New(availability.Options{Claims: d.ledger, Slots: ids, Logger: logger, Now: d.now})
	d.service = must[*booking.Service](t)(booking.New(booking.Options{
		Directory: must[*directory.Directory](t)(directory.Open(t.Context(), []string{file}, directory.Options{Now: d.now, Logger: logger})),
		Agendas:   set, Availability: reader, Ledger: d.ledger, Logger: logger, Now: d.now,
		Breakers: d.breakers,
		Slots:    ids, PersonKey: keys.Derive("personnes")[0],
	}))
	d.settings = auth.Settings{Keyring: keys, Partners: d.ledger, Generations: d.ledger, Issuer: "https://rdv.example.org", Audience: "https://rdv.example.org/v1", Now: d.now, Random: strings.NewReader(strings.Repeat("hasard ", 4000))}
	d.ready = d.ledger.Ready
	d.parts = Options{
		Service: d.service, Tokens: must[*auth.TokenService](t)(auth.NewTokenService(d.settings, d.uses)),
		Verifier: must[*auth.Verifier](t)(auth.NewVerifier(d.settings)), Ready: func(ctx context.Context) error { return d.ready(ctx) },
		Logger: logger, Now: d.now, PublicURL: "https://rdv.example.org", Webhooks: d.ledger, NewWebhook: d.newWebhook, Pages: d,
	}
	d.handler = must[http.Handler](t)(New(d.parts))
	d.partner = d.newPartner("un", auth.AllScopes())
	d.token = d.tokenOf(d.partner, auth.AllScopes())
	t.Cleanup(func() {
		reader.Close()
		_ = d.uses.Close()
		if err := d.ledger.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// breakers says that a host is left alone.
func (d *door) breakers(hosts []string) []booking.Breaker {
	out := slices.Repeat([]booking.Breaker{booking.BreakerClosed}, len(hosts))
	if i := slices.Index(hosts, d.left); i >= 0 {
		out[i] = booking.BreakerOpen
	}
	return out
}

func (d *door) registry() *connectors.Registry {
	r := all.Registry()
	var list []connectors.Connector
	for _, name := range r.Names() {
		c, _ := r.Lookup(name)
		list = append(list, c)
	}
	return connectors.NewRegistry(append(list, connectors.Connector{
		Name: "amont", Open: func(connectors.Connection, connectors.Env) (connectors.Agenda, error) { return d.diary, nil },
	}, connectors.Connector{
		Name: "guichet", Open: func(connectors.Connection, connectors.Env) (connectors.Agenda, error) { return d.desk, nil },
	})...)
}

func seeds() []booking.Connection {
	reached := func(name, address string) connectors.Connection {
		return connectors.Connection{Connector: name, Address: address, Zone: paris}
	}
	return []booking.Connection{
		{
			Connection: reached("native", ""), Agenda: "partage", Places: []string{"a", "b"}, Notice: "a@example.org",
			Motifs: []booking.Motif{{ID: "accompagnement", Reception: []string{"LSF"}, CancelUntil: time.Hour}},
		},
		{Connection: reached("amont", "https://amont.example.org/1"), Agenda: "envoi", Places: []string{"d"}, Tells: booking.SourceTells},
		{Connection: reached("amont", "https://amont.example.org/2"), Agenda: "envoi-2", Places: []string{"f/é 1"}, Hours: "Mo-Fr 09:00-12:00"},
		{Connection: reached("guichet", "https://guichet.example.org/1"), Agenda: "guichet", Places: []string{"h"}},
		{Connection: reached("native", ""), Agenda: "demi-heures", Places: []string{"g"}, Tells: booking.SourceTells, Motifs: []booking.Motif{{ID: "long", Step: 30 * time.Minute}}},
	}
}

func (d *door) newPartner(name string, scopes auth.Scopes) auth.Partner {
	d.t.Helper()
	p := auth.Partner{ID: "partenaire_" + name, Name: name, Scopes: scopes, SecretHashes: [][]byte{d.settings.Keyring.HashSecret("secret-" + name)}, CreatedAt: d.now()}
	if err := d.ledger.AddPartner(d.t.Context(), p); err != nil {
		d.t.Fatal(err)
	}
	return p
}

func (d *door) tokenOf(p auth.Partner, scopes auth.Scopes) string {
	d.t.Helper()
	issuer := must[*auth.Issuer](d.t)(auth.NewIssuer(d.settings))
	token, _, err := issuer.Issue(d.t.Context(), p, scopes, auth.Behalf{})
	if err != nil {
		d.t.Fatal(err)
	}
	return token
}

// ask is a request; the zero token is the first partner's, "-" is none.
type ask struct {
	method, path, body, key, token, contentType string
	header                                      http.Header
}

// answer is a response that the document has been held against.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("%s: %v", a.body, err)
	}
	return v
}

// do sends a request through the whole handler and validates the response.
func (d *door) do(a ask) answer {
	d.t.Helper()
	if a.method == "" {
		a.method = http.MethodGet
	}
	r := httptest.NewRequestWithContext(d.t.Context(), a.method, a.path, strings.NewReader(a.body))
	for k, v := range a.header {
		r.Header[k] = v
	}
	switch a.token {
	case "-":
	case "":
		r.Header.Set("Authorization", "Bearer "+d.token)
	default:
		r.Header.Set("Authorization", "Bearer "+a.token)
	}
	if a.key != "" {
		r.Header.Set("Idempotency-Key", a.key)
	}
	if a.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if a.contentType != "" {
		r.Header.Set("Content-Type", a.contentType)
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	got := answer{w.Code, w.Header(), w.Body.Bytes()}
	d.contract(r, got)
	return got
}

var contractDocument = sync.OnceValues(func() (*openapi3.T, error) {
	openapi3filter.RegisterBodyDecoder("text/calendar", openapi3filter.PlainBodyDecoder)
	return load(document)
})

// contract fails the test if a response is not what the document says of the operation.
func (d *door) contract(r *http.Request, got answer) {
	d.t.Helper()
	doc := must[*openapi3.T](d.t)(contractDocument())
	route, params := routeOf(doc, r)
	if route == nil {
		return // no operation: the six exits have their own test
	}
	err := fitsDocument(r, route, params, got)
	if err != nil {
		d.t.Errorf("%s %s → %d is not what openapi.yaml says: %v", r.Method, r.URL.Path, got.status, err)
	}
}

func fitsDocument(r *http.Request, route *routers.Route, params map[string]string, got answer) error {
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route}
	return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: got.status, Header: got.header, Body: io.NopCloser(bytes.NewReader(got.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
}

func routeOf(doc *openapi3.T, r *http.Request) (*routers.Route, map[string]string) {
	segments := strings.Split(r.URL.EscapedPath(), "/") // an id may hold a slash
	for path, item := range doc.Paths.Map() {
		calendar := strings.HasSuffix(path, ".ics")
		want, params := strings.Split(strings.TrimSuffix(path, ".ics"), "/"), map[string]string{}
		if len(want) != len(segments) || strings.HasSuffix(r.URL.EscapedPath(), ".ics") != calendar {
			continue
		}
		fits := true
		for i := range want {
			if strings.HasPrefix(want[i], "{") && segments[i] != "" {
				params[strings.Trim(want[i], "{}")] = segments[i]
			} else if want[i] != segments[i] {
				fits = false
			}
		}
		if op := item.GetOperation(r.Method); fits && op != nil {
			return &routers.Route{Spec: doc, Path: path, PathItem: item, Method: r.Method, Operation: op}, params
		}
	}
	return nil, nil
}

// slot is the id of the slot of a place at an hour on Monday, as the API gives it.
func (d *door) slot(place, hour string) string {
	d.t.Helper()
	got := d.do(ask{path: "/v1/lieux/" + place + "/creneaux?debut=2026-11-23&fin=2026-11-24"}).json(d.t)
	for _, raw := range got["creneaux"].([]any) {
		c := raw.(map[string]any)
		if strings.HasPrefix(c["debut"].(string), "2026-11-23T"+hour) {
			return c["id"].(string)
		}
	}
	return ""
}

// demand is the body of a booking; each change is "path=JSON", or "path=" to leave the field out.
func demand(slot string, changes ...string) string {
	body := map[string]any{
		"creneau_id":   slot,
		"usager":       map[string]any{"prenom": "Prénom-canari", "nom": "Nom-canari", "telephone": "06 39 98 00 01", "contact": "par_prescripteur"},
		"prescripteur": map[string]any{"prenom": "P", "nom": "N", "courriel": "aidant@example.org", "qualite": "professionnel"},
		"besoin":       map[string]any{"services": []string{"Aide aux démarches administratives"}},
		"consentement": map[string]any{"mode": "oral", "recueilli_le": "2026-11-22T11:00:00+01:00"},
	}
	for _, c := range changes {
		path, raw, _ := strings.Cut(c, "=")
		at, keys := body, strings.Split(path, ".")
		for _, k := range keys[:len(keys)-1] {
			if _, ok := at[k].(map[string]any); !ok {
				at[k] = map[string]any{}
			}
			at = at[k].(map[string]any)
		}
		last := keys[len(keys)-1]
		if raw == "" {
			delete(at, last)
			continue
		}
		var v any
		if err := json.Unmarshal([]byte(raw), &v); err != nil {
			panic(fmt.Sprintf("%s: %v", c, err))
		}
		at[last] = v
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// problem checks that an answer is a problem of this status and code that names the field, and returns it.
func (d *door) problem(got answer, status int, code, field string) map[string]any {
	d.t.Helper()
	if ct := got.header.Get("Content-Type"); ct != "application/problem+json" {
		d.t.Fatalf("%d %s %s", got.status, ct, got.body)
	}
	p := got.json(d.t)
	if got.status != status || p["code"] != code || p["status"] != float64(status) || p["detail"] == "" || p["request_id"] == "" {
		d.t.Errorf("got %d %s, want %d %s", got.status, got.body, status, code)
	}
	if field == "" {
		return p
	}
	fields, _ := p["champs"].([]any)
	for _, f := range fields {
		if f.(map[string]any)["champ"] == field && f.(map[string]any)["raison"] != "" {
			return p
		}
	}
	d.t.Errorf("%s does not name %q", got.body, field)
	return p
}
