package rdvsptest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"passerelle/internal/held"
)

var paris, _ = time.LoadLocation("Europe/Paris")

// monday is 7 December 2026 at eight in Paris.
var monday = time.Date(2026, 12, 7, 8, 0, 0, 0, paris)

// listener is a test that takes failures down instead of failing.
type listener struct {
	testing.TB
	mu   sync.Mutex
	said []string
}

func (l *listener) Errorf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, fmt.Sprintf(format, args...))
}

func (l *listener) heard() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.said...)
}

var application = Application{ID: "passerelle", Secret: "application-secret", RedirectURI: "https://passerelle.exemple.fr/retour"}

// world is an instance with an organisation, and another that is nobody's here.
type world struct {
	*Server
	t             testing.TB
	clock         *held.Clock
	mine, foreign Organisation
	lieu          Lieu
	motif         Motif
	agent, admin  Agent
}

func newWorld(t testing.TB, change func(*Options)) *world {
	t.Helper()
	c := held.NewClock(monday)
	o := Options{Now: c.Now, Seed: 7, FirstID: 100, Application: application, Unlimited: true}
	if change != nil {
		change(&o)
	}
	w := &world{Server: New(t, o), t: t, clock: c}
	w.mine = w.AddOrganisation(Organisation{PublicID: "roFEEt", Territory: "CN", ExternalID: "coop-1", Name: "Médiathèque Jean Exemple"})
	w.foreign = w.AddOrganisation(Organisation{PublicID: "roFeEt", Territory: "26", ExternalID: "coop-1", Name: "Ailleurs", CreatedAt: monday})
	w.lieu = w.AddLieu(Lieu{Organisation: w.mine.ID, Name: "Médiathèque", Address: "3 place de la République, Cérilly, 03350"})
	w.motif = w.AddMotif(Motif{Organisation: w.mine.ID, Name: "Accompagnement individuel", Category: &Category{ID: 12, Name: "Accompagnement numérique", ShortName: "accompagnement_numerique"}})
	w.agent = w.AddAgent(Agent{Email: "amina@exemple.fr", FirstName: "Amina", LastName: "BENALI", Organisations: []int{w.mine.ID}})
	w.admin = w.AddAgent(Agent{Email: "chef@exemple.fr", FirstName: "Paul", LastName: "CHEF", Organisations: []int{w.mine.ID}, TerritorialAdmin: true})
	w.AddOpening(Opening{Agent: w.agent.ID, Lieu: w.lieu.ID, Motifs: []int{w.motif.ID}, Start: at(8, 9, 0), End: at(8, 12, 0)})
	return w
}

// at is a time of December 2026 in Paris.
func at(day, hour, minute int) time.Time { return time.Date(2026, 12, day, hour, minute, 0, 0, paris) }

// reply is an answer read whole.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// json is the body as it is when nothing is known of it.
func (r reply) json(t testing.TB) map[string]any {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal(r.body, &value); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
	return value
}

// dig goes down the fields and the places of lists.
func (r reply) dig(t testing.TB, path ...any) any {
	t.Helper()
	var value any = r.json(t)
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, is := value.(map[string]any)
			if _, there := object[step]; !is || !there {
				t.Fatalf("no %v in %s", step, r.body)
			}
			value = object[step]
		case int:
			list, is := value.([]any)
			if !is || step >= len(list) {
				t.Fatalf("no %v in %s", step, r.body)
			}
			value = list[step]
		}
	}
	return value
}

// ids are the identifiers of a list of the root.
func (r reply) ids(t testing.TB, root string) []int {
	t.Helper()
	list, is := r.dig(t, root).([]any)
	if !is {
		t.Fatalf("no list %s in %s", root, r.body)
	}
	ids := make([]int, len(list))
	for i, one := range list {
		n, _ := one.(map[string]any)["id"].(float64)
		ids[i] = int(n)
	}
	return ids
}

func (r reply) id(t testing.TB, path ...any) int {
	t.Helper()
	n, _ := r.dig(t, path...).(float64)
	return int(n)
}

// ask sends a request, with a body in JSON if there is one and a token if there is one. It follows no redirect.
func (w *world) ask(token, method, path string, body any) reply {
	w.t.Helper()
	r, err := w.try(token, method, path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) try(token, method, path string, body any) (reply, error) {
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body)
	}
	q, err := http.NewRequestWithContext(w.t.Context(), method, w.URL+path, bytes.NewReader(text))
	if err != nil {
		return reply{}, err
	}
	if body != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		q.Header.Set("Authorization", "Bearer "+token)
		q.Header.Set("X-Visioplainte-Api-Key", token)
		q.Header.Set("X-Hub-Rdv-Auth-Token", token)
	}
	return send(q, w.Client().Transport)
}

func send(q *http.Request, through http.RoundTripper) (reply, error) {
	answer, err := through.RoundTrip(q)
	if err != nil {
		return reply{}, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return reply{answer.StatusCode, answer.Header, text}, err
}

// form sends a form.
func (w *world) form(path string, values url.Values) reply {
	w.t.Helper()
	q, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.URL+path, strings.NewReader(values.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r, err := send(q, w.Client().Transport)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// person makes a user of the organisation over the API, and returns her identifier and the token of her invitations.
func (w *world) person(token, email string) (int, string) {
	w.t.Helper()
	made := w.ask(token, "POST", "/api/v1/users", map[string]any{
		"organisation_ids": []int{w.mine.ID}, "first_name": "Denise", "last_name": "MOREAU", "email": email, "phone_number": "06 12 34 56 78",
	})
	id := made.id(w.t, "user", "id")
	invitation, _ := w.ask(token, "POST", fmt.Sprintf("/api/v1/users/%d/rdv_invitation_token", id), nil).dig(w.t, "invitation_token").(string)
	return id, invitation
}

// link is a personal one.
func (w *world) link(invitation string) string {
	return w.publicURL() + "/prendre_rdv?" + url.Values{
		"departement": {"CN"}, "public_link_organisation_id": {fmt.Sprint(w.mine.ID)}, "organisation_ids[]": {fmt.Sprint(w.mine.ID)},
		"motif_category_short_name": {"accompagnement_numerique"}, "lieu_id": {fmt.Sprint(w.lieu.ID)}, "invitation_token": {invitation},
	}.Encode()
}

// want fails unless an answer is what it should be, to the letter.
func want(t testing.TB, what string, got reply, status int, body string) {
	t.Helper()
	if got.status != status || body != "" && string(got.body) != body {
		t.Errorf("%s: %d %s, want %d %s", what, got.status, got.body, status, body)
	}
}
