package rdvsptest

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

func needContract(t *testing.T) *contract {
	t.Helper()
	said, err := documents()
	if err != nil {
		t.Fatal(err)
	}
	if said == nil {
		t.Skip("the contracts are not here")
	}
	return said
}

func TestEveryRouteOfTheAPIIsKnown(t *testing.T) {
	said := needContract(t)
	s, listed := newWorld(t, nil), make(map[string]bool)
	for _, r := range s.routes() {
		if !strings.Contains(r.pattern, " /api/") {
			continue
		}
		documented := false
		for _, d := range said.documents {
			documented = documented || d.operations[r.pattern] != nil
		}
		if why := beyond[r.pattern]; documented == (why != "") {
			t.Errorf("%s: documented %v, known otherwise %q", r.pattern, documented, why)
		}
		listed[r.pattern] = true
	}
	for pattern := range beyond {
		if !listed[pattern] {
			t.Errorf("%s is no route", pattern)
		}
	}
}

// TestWhatAClientDoesWrongIsSeen does each of these, and wants the test that made the server to fail.
func TestWhatAClientDoesWrongIsSeen(t *testing.T) {
	needContract(t)
	for name, c := range map[string]struct {
		method, path string
		body         any
		want         string
	}{
		"a parameter that nobody reads":   {"GET", "/api/v1/rdvs?organisation=1", nil, "the parameter organisation is not documented"},
		"a field that nobody reads":       {"POST", "/api/v1/users", map[string]any{"organisation_id": 1}, "the field organisation_id is not documented"},
		"a field of another type":         {"POST", "/api/v1/users", map[string]any{"notify_by_sms": "yes"}, "notify_by_sms /: value must be a boolean"},
		"a parameter of another type":     {"GET", "/api/v1/rdvs?user_id=denise", nil, "user_id /: value must be an integer"},
		"a path of another type":          {"GET", "/api/v1/users/denise", nil, "{user_id} /: value must be an integer"},
		"a parameter that must be there":  {"GET", "/api/visioplainte/creneaux?date_debut=2026-12-07", nil, "the parameter date_fin is missing"},
		"a booking without its time":      {"POST", "/api/visioplainte/rdvs", map[string]any{}, "the parameter starts_at is missing"},
		"a list under the name of one":    {"GET", "/api/v1/users?ids=1", nil, "the parameter ids is not documented"},
		"a route that is none":            {"GET", "/api/v1/plage_ouvertures", nil, "no such route"},
		"a method that is none":           {"PUT", "/api/v1/users/1", map[string]any{}, "no such route"},
		"personal data in an address":     {"POST", "/api/v1/users?first_name=Denise", nil, "belongs in the body"},
		"a body where none is documented": {"GET", "/api/v1/rdvs", map[string]any{"page": 1}, "the field page is not documented"},
	} {
		t.Run(name, func(t *testing.T) {
			l := &listener{TB: t}
			w := newWorld(l, func(o *Options) { o.PartnerKey = "x" })
			w.ask("x", c.method, c.path, c.body)
			if heard := strings.Join(l.heard(), "\n"); !strings.Contains(heard, c.want) {
				t.Errorf("heard %q, want %q", heard, c.want)
			}
		})
	}
}

func TestThePartnerShowsItsKey(t *testing.T) {
	needContract(t)
	l := &listener{TB: t}
	w := newWorld(l, nil)
	w.ask("", "GET", "/api/visioplainte/guichets", nil)
	if heard := strings.Join(l.heard(), "\n"); !strings.Contains(heard, "the header X-VISIOPLAINTE-API-KEY is missing") {
		t.Errorf("heard %q", heard)
	}
}

func TestABodyIsJSONAndSaysSo(t *testing.T) {
	for kind, body := range map[string]string{"application/x-www-form-urlencoded": "first_name=D", "application/json": "[1]", "": "{}"} {
		l := &listener{TB: t}
		w := newWorld(l, nil)
		q, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+"/api/v1/users", strings.NewReader(body))
		if kind != "" {
			q.Header.Set("Content-Type", kind)
		}
		if _, err := send(q, w.Client().Transport); err != nil {
			t.Fatal(err)
		}
		if heard := strings.Join(l.heard(), "\n"); !strings.Contains(heard, "body") {
			t.Errorf("%s: heard %q", kind, heard)
		}
	}
}

func TestAnAnswerThatDoesNotFitIsSeen(t *testing.T) {
	said := needContract(t)
	for name, c := range map[string]struct {
		pattern string
		answer  answer
		want    string
	}{
		"a field too few":        {"GET /api/v1/organisations", ok(document{{"organisations", []resource{{"id": 1}}}}), `/meta: property "meta" is missing`},
		"a field of a field":     {"GET /api/v1/organisations", ok(document{{"organisations", []resource{{"id": 1}}}}), `/organisations/0/email: property "email" is missing`},
		"another type":           {"POST /api/v1/users/{user_id}/rdv_invitation_token", ok(document{{"invitation_token", 7}}), "/invitation_token: value must be a string"},
		"a status of no meaning": {"GET /api/v1/organisations", answer{status: http.StatusTeapot}, "418 is not documented"},
		"times of the partner":   {"POST /api/visioplainte/rdvs", answer{status: http.StatusCreated, body: resource{"starts_at": 1}}, "/starts_at: value must be a string"},
	} {
		heard := strings.Join(said.response(c.pattern, c.answer.written()), "\n")
		if !strings.Contains(heard, c.want) {
			t.Errorf("%s: heard %q, want %q", name, heard, c.want)
		}
	}
}

// TestEveryExceptionIsNeeded does all that is known to be otherwise, with no exception made, and looks for each.
func TestEveryExceptionIsNeeded(t *testing.T) {
	said := needContract(t)
	l := &listener{TB: t}
	w := newWorld(l, func(o *Options) { o.PartnerKey = key })
	w.contract = &contract{documents: said.documents}
	everythingOdd(w)
	heard := l.heard()
	for _, e := range exceptions {
		needed := false
		for _, h := range heard {
			needed = needed || e.said.MatchString(strings.TrimPrefix(h, "rdvsptest: "))
		}
		if !needed {
			t.Errorf("nothing is excepted by %s (%s)", e.said, e.why)
		}
	}
	for _, h := range heard {
		if !known(exceptions, strings.TrimPrefix(h, "rdvsptest: ")) {
			t.Error(h)
		}
	}
}

func everythingOdd(w *world) {
	desk := w.AddAgent(Agent{LastName: "GUICHET 1", Organisations: []int{w.mine.ID}})
	visio := w.AddMotif(Motif{Organisation: w.mine.ID, LocationType: "visio"})
	w.SellToPartner(visio.ID)
	basic, admin := w.signIn(w.agent), w.signIn(w.admin)
	user, _ := w.person(basic, "denise@exemple.fr")
	w.AddRdv(Rdv{Motif: visio.ID, Agent: desk.ID, Start: at(8, 9, 0), Participations: []Participation{{User: user}}})
	organisation := fmt.Sprintf("/api/v1/organisations/%d", w.mine.ID)
	endpoints := organisation + "/webhook_endpoints"
	for _, c := range []struct {
		token, method, path string
		body                any
	}{
		{basic, "GET", organisation + "/motifs", nil},
		{basic, "GET", organisation + "/motifs?motif_category_short_name=x", nil},
		{basic, "GET", organisation + "/rdvs?page=1&user_id=1&agent_id=1", nil},
		{basic, "GET", organisation + "/rdvs", nil},
		{basic, "GET", "/api/v1/rdvs?page=1&status=unknown", nil},
		{"", "GET", "/api/v1/rdvs", nil},
		{basic, "GET", "/api/v1/users", nil},
		{basic, "GET", "/api/v1/users/1", nil},
		{basic, "POST", "/api/v1/users", map[string]any{}},
		{basic, "POST", "/api/v1/users", map[string]any{"organisation_ids": []int{w.foreign.ID}}},
		{basic, "POST", endpoints, map[string]any{"target_url": "http://127.0.0.1/"}},
		{admin, "POST", endpoints, map[string]any{"target_url": "http://127.0.0.1/", "secret": "x", "trigger": false}},
		{admin, "PATCH", endpoints + "/1", map[string]any{}},
		{"x", "GET", "/api/visioplainte/guichets", nil},
		{key, "GET", "/api/visioplainte/rdvs", nil},
		{key, "PUT", "/api/visioplainte/rdvs/1/cancel", nil},
	} {
		w.ask(c.token, c.method, c.path, c.body)
	}
	w.o.Unlimited = false
	for range requestsPerWindow + 1 {
		w.ask(basic, "GET", "/api/v1/organisations", nil)
	}
}

func TestAServerNeedsNoContract(t *testing.T) {
	t.Chdir(t.TempDir())
	said, err := readContract()
	if said != nil || err != nil {
		t.Fatalf("%v, %v", said, err)
	}
	if err := os.WriteFile("go.mod", []byte("module m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := readContract(); said != nil || err != nil {
		t.Fatalf("%v, %v", said, err)
	}
	s := New(t, Options{Now: func() time.Time { return monday }})
	s.contract = nil
	w := &world{Server: s, t: t}
	want(t, "without", w.ask("", "GET", "/api/v1/rdvs", nil), http.StatusUnauthorized, "")
}
