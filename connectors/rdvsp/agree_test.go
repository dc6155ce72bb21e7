package rdvsp

import (
	"context"
	"errors"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/rdvsp/rdvsptest"
	"passerelle/internal/held"
)

// Whoever is at hand when the page of consent is opened may say yes: he must be of the organisation.
func TestTheConsentOfWhoDoesNotWorkThere(t *testing.T) {
	h := newHouse(t, nil)
	kept := string(h.grant.text)
	elsewhere := h.AddOrganisation(rdvsptest.Organisation{PublicID: "autre1", Territory: "26", Name: "Autre"})
	h.agent = h.AddAgent(rdvsptest.Agent{Email: "x@exemple.fr", LastName: "Y", Organisations: []int{elsewhere.ID}})
	wantKind(t, "an agent from elsewhere", h.agenda.Agree(t.Context(), backTo, h.code(t)), connectors.Refused)
	if string(h.grant.text) != kept {
		t.Error("what was granted is lost")
	}
	h.invite(t, denise)
}

// Where the organisation cannot be asked, whether he works there is not known: what there was stays.
func TestAConsentThatCannotBeTried(t *testing.T) {
	for name, c := range map[string]struct {
		fault rdvsptest.Fault
		kind  connectors.Kind
	}{
		"no answer":          {rdvsptest.Lose, connectors.Unavailable},
		"a page":             {rdvsptest.Garbage, connectors.Unavailable},
		"a server's fault":   {rdvsptest.Status(500), connectors.Unavailable},
		"too many questions": {rdvsptest.Status(429), connectors.RateLimited},
		"not to this token":  {rdvsptest.Status(401), connectors.Misconfigured},
	} {
		h := newHouse(t, nil)
		kept := string(h.grant.text)
		h.Break("GET /api/v1/organisations", c.fault, 0)
		wantKind(t, name, h.agenda.Agree(t.Context(), backTo, h.code(t)), c.kind)
		if string(h.grant.text) != kept {
			t.Errorf("%s: what was granted is lost", name)
		}
		h.Mend("GET /api/v1/organisations")
		if err := h.agenda.Agree(t.Context(), backTo, h.code(t)); err != nil || string(h.grant.text) == kept {
			t.Errorf("%s, then again: %v", name, err)
		}
	}
}

// A token that is renewed while it is tried is the one that is kept, by whoever has the turn.
func TestWhatIsKeptOfAConsent(t *testing.T) {
	h := build(t, held.NewClock(monday), func(o *rdvsptest.Options) { o.StrictRefresh = true })
	h.open(t, h.Server.URL, nil)
	h.agenda.keys.kept = &turnful{h.grant, h.agenda.keys}
	h.Break("GET /api/v1/organisations", rdvsptest.Status(401), 1)
	h.consent(t)
	h.clock.Add(3 * time.Hour)
	h.invite(t, denise)
}

// turnful is a memory that is only written by who has the turn.
type turnful struct {
	*memory
	keys *keys
}

func (m *turnful) Save(ctx context.Context, text []byte) error {
	if len(m.keys.turn) == 0 {
		return errors.New("it is not his turn")
	}
	return m.memory.Save(ctx, text)
}

// An address that leads nowhere is known before the code is used up.
func TestAConsentToAnOrganisationThatIsNotFound(t *testing.T) {
	h := build(t, held.NewClock(monday), nil)
	h.open(t, h.Server.URL, map[string]any{"organisation": nil})
	front, _ := scripted(t, map[string]string{"/org/roFEEt": "/"})
	h.front = front.front
	code := h.code(t)
	wantKind(t, "Agree", h.agenda.Agree(t.Context(), backTo, code), connectors.Misconfigured)
	h.open(t, h.Server.URL, nil)
	if err := h.agenda.Agree(t.Context(), backTo, code); err != nil {
		t.Error(err)
	}
}
