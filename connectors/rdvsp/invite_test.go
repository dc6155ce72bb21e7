package rdvsp

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/rdvsp/rdvsptest"
)

func TestAnInvitationLeadsToWhatWasChosen(t *testing.T) {
	h := newHouse(t, nil)
	for _, c := range []struct {
		name    string
		request connectors.HandoffRequest
		want    map[string]string
	}{
		{"nothing", connectors.HandoffRequest{}, map[string]string{}},
		{"a place", connectors.HandoffRequest{Place: "mediatheque"}, map[string]string{"lieu_id": fmt.Sprint(h.lieu.ID)}},
		{"a place of no number", connectors.HandoffRequest{Place: "ailleurs"}, map[string]string{}},
		{"a motif", connectors.HandoffRequest{Motif: "34"}, map[string]string{"motif_id": "34"}},
		{"a category", connectors.HandoffRequest{Motif: "accompagnement_numerique"}, map[string]string{"motif_category_short_name": "accompagnement_numerique"}},
	} {
		c.request.Reference = "rdv_secret"
		link, err := h.agenda.Invite(t.Context(), c.request, denise)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(link.URL)
		if err != nil || u.Scheme != "https" || u.Host != publicHost || u.Path != "/prendre_rdv" {
			t.Errorf("%s: %s", c.name, link.URL)
		}
		got := u.Query()
		for _, always := range []string{"organisation_ids[]", "public_link_organisation_id"} {
			if got.Get(always) != fmt.Sprint(h.organisation.ID) {
				t.Errorf("%s: %s = %q", c.name, always, got.Get(always))
			}
			got.Del(always)
		}
		if len(got.Get("invitation_token")) != 8 || got.Get("departement") != "26" {
			t.Errorf("%s: %s", c.name, link.URL)
		}
		got.Del("invitation_token")
		got.Del("departement")
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		for name, value := range c.want {
			if got.Get(name) != value {
				t.Errorf("%s: %s = %q, want %q", c.name, name, got.Get(name), value)
			}
		}
	}
}

func TestWhoIsInvitedIsKnownOverThere(t *testing.T) {
	h := newHouse(t, nil)
	link := h.invite(t, denise)
	users := h.Users()
	if len(users) != 1 {
		t.Fatalf("%+v", users)
	}
	u := users[0]
	if u.FirstName != "Denise" || u.LastName != "Moreau" || u.Phone != denise.Phone || u.Email != denise.Email || !u.NotifyBySMS || !u.NotifyByEmail ||
		len(u.Organisations) != 1 || u.Organisations[0] != h.organisation.ID {
		t.Errorf("%+v", u)
	}
	if want := fmt.Sprintf("%s/%d@%d.0.", publicHost, u.ID, monday.Unix()); !strings.HasPrefix(link.Upstream, want) || !link.ExpiresAt.IsZero() {
		t.Errorf("%+v, want %s…", link, want)
	}
	_, err := h.agenda.Invite(t.Context(), connectors.HandoffRequest{}, connectors.Person{FirstName: "Denise"})
	wantKind(t, "no name", err, connectors.Invalid)
}

func TestAnEMailThatIsTaken(t *testing.T) {
	for _, c := range []struct {
		name  string
		there rdvsptest.User
		same  bool
	}{
		{"she is known", rdvsptest.User{FirstName: "DENISE", LastName: "MOREAU"}, true},
		{"somebody of another name", rdvsptest.User{FirstName: "Paul", LastName: "MOREAU"}, false},
		{"known to another organisation only", rdvsptest.User{FirstName: "Denise", LastName: "MOREAU", Organisations: []int{1}}, false},
	} {
		h := newHouse(t, nil)
		c.there.Email = "denise@exemple.fr"
		if c.there.Organisations == nil {
			c.there.Organisations = []int{h.organisation.ID}
		}
		there := h.AddUser(c.there)
		link := h.invite(t, denise)
		var whom int
		if !h.agenda.named(strings.Split(link.Upstream, "@")[0], &whom) {
			t.Fatal(link.Upstream)
		}
		users := h.Users()
		if c.same != (whom == there.ID) || c.same != (len(users) == 1) {
			t.Errorf("%s: %d is invited, %d was there, now %+v", c.name, whom, there.ID, users)
		}
		if last := users[len(users)-1]; !c.same && (last.Email != "" || last.Phone != denise.Phone || last.LastName != "Moreau") {
			t.Errorf("%s: %+v", c.name, last)
		}
		for _, u := range users {
			if u.ID == there.ID && len(u.Organisations) != 1 {
				t.Errorf("%s: she is made known to %v", c.name, u.Organisations)
			}
		}
		h.books(t, link, at(900))
		if got, known := h.follow(t, link); !known || got.Fate != connectors.Booked {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// The refusals that say nothing of whose the e-mail is, or that are about something else.
func TestARefusalOfAnEMailThatSaysLess(t *testing.T) {
	for name, c := range map[string]struct {
		refusal string
		tries   int
		kind    connectors.Kind
	}{
		"taken, by whom is not said": {`{"errors":{"email":[{"error":"taken"}]}}`, 2, 0},
		"a wrong telephone number":   {`{"errors":{"phone_number":[{"error":"invalid"}]}}`, 1, connectors.Invalid},
		"a wrong e-mail":             {`{"errors":{"email":[{"error":"invalid"}]}}`, 1, connectors.Invalid},
		"another form":               {`{"errors":["non"]}`, 1, connectors.Invalid},
	} {
		h := newHouse(t, nil)
		h.Break("POST /api/v1/users", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = w.Write([]byte(c.refusal))
		}, 1)
		_, err := h.agenda.Invite(t.Context(), connectors.HandoffRequest{}, denise)
		if c.kind == 0 && err != nil || c.kind != 0 && connectors.KindOf(err) != c.kind {
			t.Errorf("%s: %v", name, err)
		}
		if n := h.count("/api/v1/users"); n != c.tries {
			t.Errorf("%s: %d tries", name, n)
		}
	}
}

func TestAnOrganisationIsLocatedOnceInDays(t *testing.T) {
	h := newHouse(t, nil)
	h.open(t, h.Server.URL, map[string]any{"organisation": nil, "departement": nil})
	h.books(t, h.invite(t, denise), at(900))
	h.open(t, h.Server.URL, map[string]any{"organisation": nil, "departement": nil}) // the next run of the program
	h.clock.Add(locatedFor - time.Hour)
	link := h.invite(t, connectors.Person{FirstName: "Paul", LastName: "Petit"})
	if n := h.count("/org/roFEEt"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	if !strings.Contains(link.URL, "departement=26") {
		t.Error(link.URL)
	}
	h.clock.Add(2 * time.Hour)
	h.invite(t, connectors.Person{FirstName: "Anne", LastName: "Petit"})
	if n := h.count("/org/roFEEt"); n != 2 {
		t.Errorf("asked %d times", n)
	}
	h.state.text = []byte("{")
	h.invite(t, connectors.Person{FirstName: "Jean", LastName: "Petit"})
	if n := h.count("/org/roFEEt"); n != 3 {
		t.Errorf("what is not understood is believed: asked %d times", n)
	}
}

// An address that leads nowhere, or to an instance that does not know us, is for the operator.
func TestAnOrganisationThatCannotBeReached(t *testing.T) {
	for name, redirect := range map[string]string{
		"the front page":    "/",
		"another instance":  "https://www.rdv-solidarites.fr/prendre_rdv?public_link_organisation_id=7&departement=26",
		"another site":      "https://exemple.fr/",
		"somebody's link":   "/r/12/S3CR3T",
		"no organisation":   "/prendre_rdv?departement=26",
		"several of them":   "/prendre_rdv?organisation_ids[]=1&organisation_ids[]=2",
		"a public one only": "/prendre_rdv?organisation_ids[]=roFEEt",
	} {
		h := newHouse(t, nil)
		h.open(t, h.Server.URL, map[string]any{"organisation": nil})
		front, _ := scripted(t, map[string]string{"/org/roFEEt": redirect})
		h.front = front.front
		_, err := h.agenda.Invite(t.Context(), connectors.HandoffRequest{}, denise)
		wantKind(t, name, err, connectors.Misconfigured)
		if strings.Contains(fmt.Sprint(err), "S3CR3T") || strings.Contains(fmt.Sprint(err), "exemple.fr") {
			t.Errorf("%s: %v", name, err)
		}
		if h.count("/api/v1/users") != 0 {
			t.Errorf("%s: somebody was made known", name)
		}
	}
}

func TestFiftyAMinute(t *testing.T) {
	h := newHouse(t, func(o *rdvsptest.Options) { o.Unlimited = false })
	h.clock.Add(20 * time.Second)
	var err error
	for i := range 60 {
		if _, err = h.agenda.Invite(t.Context(), connectors.HandoffRequest{}, connectors.Person{FirstName: fmt.Sprint("P", i), LastName: "P"}); err != nil {
			break
		}
	}
	wantKind(t, "too many", err, connectors.RateLimited)
	if e, ok := err.(*connectors.Error); !ok || e.RetryAfter != 40*time.Second {
		t.Errorf("it said when to come back: %#v", err)
	}
	h.clock.Add(40 * time.Second)
	h.invite(t, denise)
}
