package rdvsptest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// fieldOrder are the fields of every object of a text that has an identifier, in the order in which they stand.
func fieldOrder(t testing.TB, text []byte) [][]string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(text)))
	var found [][]string
	var value func()
	value = func() {
		token, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch token {
		case json.Delim('['):
			for d.More() {
				value()
			}
			_, _ = d.Token()
		case json.Delim('{'):
			var names []string
			for d.More() {
				name, _ := d.Token()
				names = append(names, fmt.Sprint(name))
				value()
			}
			_, _ = d.Token()
			if strings.Contains(" "+strings.Join(names, " ")+" ", " id ") {
				found = append(found, names)
			}
		}
	}
	value()
	return found
}

var (
	stamped = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0[12]00$`)
	timeKey = regexp.MustCompile(`"(\w+_at)":"([^"]*)"`)
)

func TestAResourceIsWrittenAsTheSoftwareWritesIt(t *testing.T) {
	w := newWorld(t, nil)
	token := w.signIn(w.agent)
	_, invitation := w.person(token, "denise@exemple.fr")
	if _, err := w.Follow(w.link(invitation), at(8, 9, 0)); err != nil {
		t.Fatal(err)
	}
	paths := []string{
		"/api/v1/agents/me", "/api/v1/organisations", fmt.Sprintf("/api/v1/organisations/%d/motifs", w.mine.ID), "/api/v1/lieux",
		"/api/v1/users", "/api/v1/rdvs",
	}
	objects, times := 0, 0
	for _, path := range paths {
		r := w.ask(token, "GET", path, nil)
		want(t, path, r, http.StatusOK, "")
		for _, names := range fieldOrder(t, r.body) {
			objects++
			if names[0] != "id" {
				t.Errorf("%s: id is not first in %v", path, names)
			}
			for i := 2; i < len(names); i++ {
				if names[i-1] >= names[i] {
					t.Errorf("%s: %v", path, names)
				}
			}
		}
		for _, m := range timeKey.FindAllStringSubmatch(string(r.body), -1) {
			times++
			if !stamped.MatchString(m[2]) {
				t.Errorf("%s: %s is %s", path, m[1], m[2])
			}
		}
	}
	if objects < 12 || times < 4 {
		t.Errorf("only %d objects and %d times were seen", objects, times)
	}
	if starts := w.ask(token, "GET", "/api/v1/rdvs", nil).dig(t, "rdvs", 0, "starts_at"); starts != "2026-12-08 09:00:00 +0100" {
		t.Errorf("starts_at: %v", starts)
	}
}

func TestAnAgentSeesHisOrganisationsOnly(t *testing.T) {
	w := newWorld(t, nil)
	token := w.signIn(w.agent)
	w.AddLieu(Lieu{Organisation: w.foreign.ID, Name: "Ailleurs"})
	theirs := w.AddMotif(Motif{Organisation: w.foreign.ID, Name: "Le leur"})
	w.AddRdv(Rdv{Motif: theirs.ID, Agent: w.admin.ID, Start: at(8, 9, 0)})
	r := w.ask(token, "GET", "/api/v1/organisations", nil)
	if r.dig(t, "meta", "total_count") != 1.0 || r.id(t, "organisations", 0, "id") != w.mine.ID {
		t.Errorf("organisations: %s", r.body)
	}
	want(t, "motifs of a foreign one", w.ask(token, "GET", fmt.Sprintf("/api/v1/organisations/%d/motifs", w.foreign.ID), nil),
		http.StatusInternalServerError, `{"errors":["Unexpected internal error"]}`)
	want(t, "motifs by category", w.ask(token, "GET", fmt.Sprintf("/api/v1/organisations/%d/motifs?motif_category_short_name=x", w.mine.ID), nil),
		http.StatusInternalServerError, "")
	const none = `"meta":{"current_page":1,"next_page":null,"prev_page":null,"total_pages":0,"total_count":0}}`
	want(t, "all rdvs", w.ask(token, "GET", "/api/v1/rdvs", nil), http.StatusOK, `{"rdvs":[],`+none)
	want(t, "rdvs of a foreign one", w.ask(token, "GET", fmt.Sprintf("/api/v1/rdvs?organisation_id=%d", w.foreign.ID), nil), http.StatusOK, `{"rdvs":[],`+none)
	want(t, "likewise", w.ask(token, "GET", fmt.Sprintf("/api/v1/organisations/%d/rdvs", w.foreign.ID), nil), http.StatusOK, `{"rdvs":[],`+none)
	want(t, "places of a foreign one", w.ask(token, "GET", fmt.Sprintf("/api/v1/lieux?organisation_id=%d", w.foreign.ID), nil), http.StatusOK, `{"lieux":[],`+none)
	r = w.ask(token, "GET", fmt.Sprintf("/api/v1/lieux?organisation_id=%d", w.mine.ID), nil)
	if r.dig(t, "meta", "total_count") != 1.0 || r.dig(t, "lieux", 0, "address") != w.lieu.Address {
		t.Errorf("places: %s", r.body)
	}
}

func TestMotifsAreThoseThatPeopleMayBook(t *testing.T) {
	w := newWorld(t, nil)
	token := w.signIn(w.agent)
	w.AddMotif(Motif{Organisation: w.mine.ID, Name: "Entre nous", BookableBy: "agents_and_prescripteurs", LocationType: "phone"})
	path := fmt.Sprintf("/api/v1/organisations/%d/motifs", w.mine.ID)
	for query, count := range map[string]float64{"": 2, "?bookable_publicly=true": 1, "?bookable_publicly=false": 1, "?active=true": 2, "?active=false": 0} {
		if r := w.ask(token, "GET", path+query, nil); r.dig(t, "meta", "total_count") != count {
			t.Errorf("%s: %s", query, r.body)
		}
	}
	r := w.ask(token, "GET", path, nil)
	if r.dig(t, "motifs", 0, "motif_category", "short_name") != "accompagnement_numerique" || r.dig(t, "motifs", 1, "motif_category") != nil {
		t.Errorf("categories: %s", r.body)
	}
	if strings.Contains(string(r.body), "duration") || strings.Contains(string(r.body), "delay") {
		t.Errorf("the length or a delay is told: %s", r.body)
	}
}

func TestFiftyRequestsAMinuteFromOneAddress(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Unlimited = false })
	w.clock.Add(10*time.Second + 300*time.Millisecond)
	token := w.signIn(w.agent) // not counted
	for i := range 50 {
		if r := w.ask(token, "GET", "/api/v1/agents/me", nil); r.status != http.StatusOK || r.header.Get("RateLimit-Limit") != "" {
			t.Fatalf("request %d: %d %v", i, r.status, r.header)
		}
	}
	r := w.ask("", "GET", "/api/v1/agents/me", nil) // whoever asks
	want(t, "one more", r, http.StatusTooManyRequests, `{"errors":["Limite d'appels API atteinte. Merci de patienter."]}`)
	for name, value := range map[string]string{"RateLimit-Limit": "50", "RateLimit-Remaining": "0", "Retry-After": "50"} {
		if r.header.Get(name) != value {
			t.Errorf("%s: %q, want %s", name, r.header.Get(name), value)
		}
	}
	want(t, "what is not of the API", w.ask("", "GET", "/org/roFEEt", nil), http.StatusFound, "")
	w.clock.Add(49 * time.Second)
	if got := w.me(token); got != http.StatusTooManyRequests {
		t.Errorf("a second too early: %d", got)
	}
	w.clock.Add(time.Second)
	if got := w.me(token); got != http.StatusOK {
		t.Errorf("when it said: %d", got)
	}
}

// TestPagesOfRdvsOverlap reads two pages and misses some, then all of them by reading again.
func TestPagesOfRdvsOverlap(t *testing.T) {
	w := newWorld(t, nil)
	token := w.signIn(w.agent)
	const all = 150
	for i := range all {
		w.AddRdv(Rdv{Motif: w.motif.ID, Agent: w.agent.ID, Start: at(9, 0, i)})
	}
	seen := make(map[int]int)
	read := func() {
		for page := 1; page <= 2; page++ {
			r := w.ask(token, "GET", fmt.Sprintf("/api/v1/rdvs?page=%d", page), nil)
			ids := r.ids(t, "rdvs")
			if r.dig(t, "meta", "total_count") != float64(all) || len(ids) != map[int]int{1: 100, 2: 50}[page] {
				t.Fatalf("page %d: %d of %v", page, len(ids), r.dig(t, "meta"))
			}
			for _, id := range ids {
				seen[id]++
			}
		}
	}
	read()
	if len(seen) == all {
		t.Error("the pages of one reading do not overlap")
	}
	for reading := 2; len(seen) < all; reading++ {
		if reading == 30 {
			t.Fatalf("%d of %d after 30 readings", len(seen), all)
		}
		read()
	}
	meta := w.ask(token, "GET", "/api/v1/rdvs?page=2", nil)
	if meta.dig(t, "meta", "prev_page") != 1.0 || meta.dig(t, "meta", "next_page") != nil || meta.dig(t, "meta", "total_pages") != 2.0 {
		t.Errorf("meta: %v", meta.dig(t, "meta"))
	}
}

func TestRdvsAreFiltered(t *testing.T) {
	w := newWorld(t, nil)
	token := w.signIn(w.agent)
	user := w.AddUser(User{FirstName: "Denise", LastName: "MOREAU", Organisations: []int{w.mine.ID}})
	first := w.AddRdv(Rdv{Motif: w.motif.ID, Lieu: w.lieu.ID, Agent: w.agent.ID, Start: at(8, 9, 0), Participations: []Participation{{User: user.ID}}})
	second := w.AddRdv(Rdv{Motif: w.motif.ID, Agent: w.admin.ID, Start: at(9, 9, 0), Status: Excused})
	for query, want := range map[string][]int{
		"starts_after=2026-12-09":                            {second.ID},
		"starts_before=2026-12-09":                           {first.ID},
		"starts_after=2026-12-08T08:00:00Z":                  {first.ID, second.ID},
		"starts_after=2026-12-08T08:00:01Z":                  {second.ID},
		fmt.Sprintf("id=%d", first.ID):                       {first.ID},
		fmt.Sprintf("id[]=%d&id[]=%d", first.ID, second.ID):  {first.ID, second.ID},
		"status=excused":                                     {second.ID},
		fmt.Sprintf("user_id=%d", user.ID):                   {first.ID},
		fmt.Sprintf("agent_id=%d&user_id=%d", w.admin.ID, 1): {},
	} {
		r := w.ask(token, "GET", "/api/v1/rdvs?"+query, nil)
		got := r.ids(t, "rdvs")
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	r := w.ask(token, "GET", fmt.Sprintf("/api/v1/rdvs?id=%d", second.ID), nil)
	if r.dig(t, "rdvs", 0, "lieu") != nil || r.dig(t, "rdvs", 0, "address") != "" {
		t.Errorf("without a place: %s", r.body)
	}
}
