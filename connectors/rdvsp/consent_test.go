package rdvsp

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/rdvsp/rdvsptest"
	"passerelle/internal/held"
)

func TestThePageOfConsent(t *testing.T) {
	h := build(t, held.NewClock(monday), nil)
	h.open(t, "https://"+publicHost, nil)
	page, err := h.agenda.Consent(backTo, "st&te")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(page)
	if err != nil || u.Scheme+"://"+u.Host+u.Path != "https://"+publicHost+"/oauth/authorize" {
		t.Fatalf("%s, %v", page, err)
	}
	want := url.Values{"client_id": {"passerelle"}, "redirect_uri": {backTo}, "response_type": {"code"}, "scope": {"write"}, "state": {"st&te"}}
	if u.Query().Encode() != want.Encode() || strings.Contains(page, clientSecret) {
		t.Errorf("%s", page)
	}
}

func TestNothingIsAskedBeforeTheConsent(t *testing.T) {
	h := build(t, held.NewClock(monday), nil)
	h.open(t, h.Server.URL, nil)
	_, err := h.agenda.Invite(t.Context(), connectors.HandoffRequest{}, denise)
	wantKind(t, "Invite", err, connectors.Misconfigured)
	if !strings.Contains(fmt.Sprint(err), "nobody of the structure has let the gateway in yet") {
		t.Errorf("it does not say why: %v", err)
	}
	_, err = h.agenda.Follow(t.Context(), []string{publicHost + "/1@0.0.x"})
	wantKind(t, "Follow", err, connectors.Misconfigured)
	wantKind(t, "Cancel", h.agenda.Cancel(t.Context(), connectors.Appointment{Upstream: publicHost + "/1/2"}), connectors.Misconfigured)
	if len(h.asked) != 0 {
		t.Errorf("asked %v", h.asked)
	}
	if link, err := h.agenda.Handoff(t.Context(), connectors.HandoffRequest{}); err != nil || link.URL == "" {
		t.Errorf("the page needs no consent: %v, %v", link, err)
	}
}

func TestACodeIsGoodOnce(t *testing.T) {
	h := build(t, held.NewClock(monday), nil)
	h.open(t, h.Server.URL, nil)
	code := h.code(t)
	wantKind(t, "another way back", h.agenda.Agree(t.Context(), backTo+"/x", code), connectors.Refused)
	code = h.code(t)
	if err := h.agenda.Agree(t.Context(), backTo, code); err != nil {
		t.Fatal(err)
	}
	kept := string(h.grant.text)
	wantKind(t, "again", h.agenda.Agree(t.Context(), backTo, code), connectors.Refused)
	wantKind(t, "none", h.agenda.Agree(t.Context(), backTo, ""), connectors.Refused)
	if string(h.grant.text) != kept {
		t.Error("what was granted is lost")
	}
	h.Break("POST /oauth/token", rdvsptest.Lose, 1)
	wantKind(t, "no answer", h.agenda.Agree(t.Context(), backTo, h.code(t)), connectors.Unavailable)
	h.grant.full = true
	wantKind(t, "not kept", h.agenda.Agree(t.Context(), backTo, h.code(t)), connectors.Unavailable)
	h.grant.full = false
	h.open(t, h.Server.URL, map[string]any{"client_secret": "another"})
	wantKind(t, "another secret", h.agenda.Agree(t.Context(), backTo, h.code(t)), connectors.Misconfigured)
}

func TestAnExpiredTokenIsRenewed(t *testing.T) {
	for name, strict := range map[string]bool{"the old one dies with its use": true, "with the first use of the new one": false} {
		h := newHouse(t, func(o *rdvsptest.Options) { o.StrictRefresh = strict })
		for range 3 {
			h.clock.Add(2 * time.Hour)
			h.invite(t, connectors.Person{FirstName: "Denise", LastName: "Moreau"})
		}
		if n := h.count("/oauth/token"); n != 4 {
			t.Errorf("%s: %d questions for tokens, want that of the consent and three", name, n)
		}
		if h.count("/api/v1/users") != 3 {
			t.Errorf("%s: a token was known to be old, and shown: %v", name, h.asked)
		}
	}
}

// A clock of ours that is wrong, or a token that was revoked, is seen by its refusal.
func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	h := newHouse(t, nil)
	h.Break("POST /api/v1/users", rdvsptest.Status(401), 1)
	h.invite(t, denise)
	if n := h.count("/oauth/token"); n != 2 {
		t.Errorf("%d questions for tokens", n)
	}
	h.Break("POST /api/v1/users", rdvsptest.Status(401), 0)
	_, err := h.agenda.Invite(t.Context(), connectors.HandoffRequest{}, denise)
	wantKind(t, "always refused", err, connectors.Misconfigured)
	if n := h.count("/oauth/token"); n != 3 {
		t.Errorf("%d questions for tokens", n)
	}
}

func TestManyAtOnceRenewOnce(t *testing.T) {
	h := newHouse(t, func(o *rdvsptest.Options) { o.StrictRefresh = true })
	link := h.invite(t, denise)
	before := h.count("/oauth/token")
	h.clock.Add(3 * time.Hour)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := h.agenda.Follow(t.Context(), []string{link.Upstream}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := h.count("/oauth/token") - before; n != 1 {
		t.Errorf("renewed %d times", n)
	}
}

// Two instances of the program share what is granted, and not their turn.
func TestATokenThatAnotherInstanceRenewedIsUsed(t *testing.T) {
	h := newHouse(t, func(o *rdvsptest.Options) { o.StrictRefresh = true })
	here := h.agenda
	h.open(t, h.Server.URL, nil)
	elsewhere := h.agenda
	old := slices.Clone(h.grant.text)
	h.clock.Add(3 * time.Hour)
	late := &lateMemory{memory: h.grant, old: old}
	here.keys.kept = late
	if _, err := elsewhere.Invite(t.Context(), connectors.HandoffRequest{}, denise); err != nil {
		t.Fatal(err)
	}
	// What this one read first is what was kept before: its renewal is refused.
	if _, err := here.Invite(t.Context(), connectors.HandoffRequest{}, connectors.Person{FirstName: "Paul", LastName: "Petit"}); err != nil {
		t.Errorf("renewed elsewhere: %v", err)
	}
	if n := h.count("/oauth/token"); n != 3 {
		t.Errorf("%d questions for tokens, want those of the consent, of the other and the one refused", n)
	}
}

// lateMemory shows the first reader what was there before.
type lateMemory struct {
	*memory
	old   []byte
	loads int
}

func (m *lateMemory) Load(ctx context.Context) ([]byte, error) {
	m.loads++
	if m.loads == 1 {
		return m.old, nil
	}
	return m.memory.Load(ctx)
}

func TestAConsentThatIsTakenBack(t *testing.T) {
	h := newHouse(t, nil)
	link := h.invite(t, denise)
	h.Revoke(h.agent.ID)
	_, err := h.agenda.Follow(t.Context(), []string{link.Upstream})
	wantKind(t, "Follow", err, connectors.Misconfigured)
	if !strings.Contains(fmt.Sprint(err), "the consent is over") {
		t.Errorf("it does not say why: %v", err)
	}
	h.consent(t)
	if _, known := h.follow(t, link); known {
		t.Error("nobody booked")
	}
}

// What was granted is shown to no other application, and at no other instance.
func TestAGrantIsOfOneApplicationAtOnePlace(t *testing.T) {
	h := newHouse(t, nil)
	other := rdvsptest.New(t, rdvsptest.Options{Now: h.clock.Now, Unlimited: true})
	h.open(t, other.URL, nil)
	before := len(h.asked)
	_, err := h.agenda.Invite(t.Context(), connectors.HandoffRequest{}, denise)
	wantKind(t, "another instance", err, connectors.Misconfigured)
	h.open(t, h.Server.URL, map[string]any{"client_id": "another"})
	_, err = h.agenda.Invite(t.Context(), connectors.HandoffRequest{}, denise)
	wantKind(t, "another application", err, connectors.Misconfigured)
	if len(h.asked) != before {
		t.Errorf("asked %v", h.asked[before:])
	}
}

func TestTokensAreToldNowhere(t *testing.T) {
	h := newHouse(t, nil)
	link := h.invite(t, denise)
	var kept grant
	if err := json.Unmarshal(h.grant.text, &kept); err != nil || kept.Access == "" || kept.Refresh == "" {
		t.Fatalf("%v, %v", kept, err)
	}
	told := h.log.String()
	for _, f := range []rdvsptest.Fault{rdvsptest.Status(401), rdvsptest.Status(403), rdvsptest.Status(422), rdvsptest.Status(500), rdvsptest.Lose, rdvsptest.Cut, rdvsptest.Garbage} {
		for _, route := range []string{"POST /api/v1/users", "GET /api/v1/rdvs", "POST /oauth/token"} {
			h.Break(route, f, 0)
		}
		h.clock.Add(time.Hour)
		_, err := h.agenda.Invite(t.Context(), connectors.HandoffRequest{}, denise)
		told += fmt.Sprintf("%v %#v", err, err)
		_, err = h.agenda.Follow(t.Context(), []string{link.Upstream})
		told += fmt.Sprintf("%v %#v", err, err)
		told += fmt.Sprint(h.agenda.Agree(t.Context(), backTo, "c0de-"+kept.Access))
	}
	u, _ := url.Parse(link.URL)
	for what, secret := range map[string]string{
		"the token": kept.Access, "what renews it": kept.Refresh, "the secret": clientSecret, "the code": "c0de-", "the invitation": u.Query().Get("invitation_token"), "who": "Moreau", "her e-mail": "denise@",
	} {
		if secret == "" || strings.Contains(told, secret) {
			t.Errorf("%s is told", what)
		}
	}
}

func TestWhetherTheGatewayIsLetIn(t *testing.T) {
	h := build(t, held.NewClock(monday), nil)
	h.open(t, h.Server.URL, nil)
	wantKind(t, "before anybody agreed", h.agenda.Granted(t.Context()), connectors.Misconfigured)
	h.consent(t)
	if err := h.agenda.Granted(t.Context()); err != nil {
		t.Errorf("after he agreed: %v", err)
	}
	h.Revoke(h.agent.ID)
	wantKind(t, "after he took it back", h.agenda.Granted(t.Context()), connectors.Misconfigured)

	h = newHouse(t, nil)
	h.open(t, h.Server.URL, map[string]any{"organisation": h.organisation.ID + 1000})
	wantKind(t, "an organisation that is not his", h.agenda.Granted(t.Context()), connectors.Misconfigured)
}
