package rdvsp

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"passerelle/connectors"
	"passerelle/connectors/rdvsp/rdvsptest"
)

// post is one webhook as it came.
type post struct {
	header http.Header
	body   []byte
}

// listens installs an endpoint, as an administrator of the territory does, and gives what comes to it.
func (h *house) listens(t testing.TB, subscriptions ...string) func() []post {
	t.Helper()
	var mu sync.Mutex
	var came []post
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		came = append(came, post{r.Header, body})
	}))
	t.Cleanup(s.Close)
	h.agent.TerritorialAdmin = true
	h.AddAgent(h.agent)
	var answer map[string]any
	err := h.agenda.ask(t.Context(), question{
		op: "test", method: http.MethodPost, path: fmt.Sprintf("api/v1/organisations/%d/webhook_endpoints", h.organisation.ID),
		body: map[string]any{"target_url": s.URL, "secret": webhookSecret, "subscriptions": subscriptions},
	}, &answer)
	if err != nil {
		t.Fatal(err)
	}
	return func() []post {
		h.Deliver()
		mu.Lock()
		defer mu.Unlock()
		defer func() { came = nil }()
		return slices.Clone(came)
	}
}

func (h *house) receive(t testing.TB, p post) []string {
	t.Helper()
	people, err := h.agenda.Receive(t.Context(), p.header, p.body)
	if err != nil {
		t.Fatal(err)
	}
	return people
}

func TestOnlyWhatIsSignedIsReceived(t *testing.T) {
	h := newHouse(t, nil)
	body := []byte(`{"data":{"participations":[{"id":1,"user":{"id":7}}]},"meta":{"model":"Rdv","event":"created"}}`)
	good := rdvsptest.Sign(webhookSecret, body)
	asked := len(h.asked)
	for name, c := range map[string]struct {
		signature string
		body      string
		accepted  bool
	}{
		"signed":                {good, string(body), true},
		"in capitals":           {strings.ToUpper(good), string(body), true},
		"missing":               {"", string(body), false},
		"another secret":        {rdvsptest.Sign("another", body), string(body), false},
		"no secret":             {rdvsptest.Sign("", body), string(body), false},
		"another body":          {good, strings.Replace(string(body), "7", "8", 1), false},
		"a space more":          {good, string(body) + " ", false},
		"the first half of it":  {good[:32], string(body), false},
		"with something behind": {good + "00", string(body), false},
		"not hexadecimal":       {"sha256=" + good, string(body), false},
	} {
		header := http.Header{}
		if c.signature != "" {
			header.Set("X-Lapin-Signature", c.signature)
		}
		people, err := h.agenda.Receive(t.Context(), header, []byte(c.body))
		if c.accepted != (err == nil) || c.accepted != (len(people) == 1) {
			t.Errorf("%s: %v, %v", name, people, err)
		}
		if !c.accepted {
			wantKind(t, name, err, connectors.Refused)
		}
	}
	h.open(t, h.Server.URL, map[string]any{"secret_webhook": nil})
	_, err := h.agenda.Receive(t.Context(), http.Header{"X-Lapin-Signature": {rdvsptest.Sign("", body)}}, body)
	wantKind(t, "no secret of ours", err, connectors.Refused)
	if len(h.asked) != asked {
		t.Errorf("the network was asked: %v", h.asked[asked:])
	}
}

// However webhooks come, each names who is to be read again, and reading says what is true.
func TestWebhooksNameWhomTheyAreAbout(t *testing.T) {
	for name, how := range map[string]rdvsptest.Webhooks{
		"in order":                {},
		"twice and backwards":     {Twice: true, Backwards: true},
		"as until 2025":           {Without2026: true},
		"a category that is text": {CategoryAsText: true},
	} {
		h := newHouse(t, nil)
		take := h.listens(t, "rdv", "motif", "lieu")
		take()
		h.SetWebhooks(how)
		link := h.invite(t, denise)
		made := h.books(t, link, at(900))
		if err := h.CancelAsAgent(made.ID); err != nil {
			t.Fatal(err)
		}
		came := take()
		if len(came) < 2 {
			t.Fatalf("%s: %d webhooks", name, len(came))
		}
		for _, p := range came {
			people := h.receive(t, p)
			if len(people) != 1 || !strings.HasPrefix(link.Upstream, people[0]+"@") {
				t.Errorf("%s: %v, and her link is %s", name, people, link.Upstream)
			}
			if got, _ := h.follow(t, link); got.Fate != connectors.Revoked {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
}

func TestWebhooksThatNameNobody(t *testing.T) {
	h := newHouse(t, nil)
	take := h.listens(t, "rdv", "motif", "lieu", "plage_ouverture", "user")
	for _, p := range take() { // what is there is told as created
		if people := h.receive(t, p); len(people) != 0 {
			t.Errorf("%s names %v", p.body, people)
		}
	}
	link, made, _ := h.booked(t)
	take()
	h.Emit(h.organisation.ID, "user", "User", "updated", map[string]any{"id": h.userOf(t, link)})
	h.Emit(h.organisation.ID, "plage_ouverture", "PlageOuverture", "updated", map[string]any{"id": 1})
	h.Emit(h.organisation.ID, "plage_ouverture", "PlageOuverture", "destroyed", []int{1})
	if err := h.Purge(made.ID); err != nil { // the end of the time that it is kept for: no cancellation
		t.Fatal(err)
	}
	came := take()
	if len(came) != 4 {
		t.Fatalf("%d webhooks", len(came))
	}
	for _, p := range came {
		if people := h.receive(t, p); len(people) != 0 {
			t.Errorf("%s names %v", p.body, people)
		}
	}
}

func TestADeletedAppointmentNamesItsPeople(t *testing.T) {
	h := newHouse(t, nil)
	take := h.listens(t, "rdv")
	link := h.invite(t, denise)
	user := h.userOf(t, link)
	made := h.agentBooks(user, 900, h.AddUser(rdvsptest.User{FirstName: "Paul"}).ID, user)
	if err := h.Delete(made.ID); err != nil {
		t.Fatal(err)
	}
	for _, p := range take() {
		if people := h.receive(t, p); len(people) != 2 || people[0] != h.agenda.name(user) {
			t.Errorf("%v", people)
		}
	}
	if got, known := h.follow(t, link); known {
		t.Errorf("it is not there: %+v", got)
	}
}

func TestWhatIsSignedAndNotUnderstood(t *testing.T) {
	h := newHouse(t, nil)
	for _, body := range []string{
		"", "null", "[]", "{", "{}", `{"meta":{}}`, `{"data":{},"meta":{"model":7}}`, `{"meta":{"model":"Rdv","event":"created"}}`,
		`{"data":[],"meta":{"model":"Rdv"}}`, `{"data":{"participations":[{"user":{"id":"x"}}]},"meta":{"model":"Rdv"}}`,
	} {
		_, err := h.agenda.Receive(t.Context(), http.Header{"X-Lapin-Signature": {rdvsptest.Sign(webhookSecret, []byte(body))}}, []byte(body))
		wantKind(t, body, err, connectors.Invalid)
	}
}

func FuzzReceive(f *testing.F) {
	f.Add([]byte(`{"data":{"participations":[{"id":1,"user":{"id":7}}],"motif":{"motif_category":"x"}},"meta":{"model":"Rdv","event":"created"}}`))
	f.Add([]byte(`{"data":null,"meta":{"model":"Rdv","event":"destroyed","webhook_reason":"rgpd"}}`))
	c := &consented{agenda: &agenda{ids: map[string]string{idInstance: publicHost}}, secret: webhookSecret}
	f.Fuzz(func(t *testing.T, body []byte) {
		people, err := c.Receive(t.Context(), http.Header{"X-Lapin-Signature": {rdvsptest.Sign(webhookSecret, body)}}, body)
		if err != nil && (len(people) > 0 || connectors.KindOf(err) != connectors.Invalid) {
			t.Fatalf("%v, %v", people, err)
		}
		for _, p := range people {
			var user int
			if !c.named(p, &user) {
				t.Fatalf("%q names nobody", p)
			}
		}
	})
}
