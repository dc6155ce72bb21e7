package rdvsp

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/connectorstest"
	"passerelle/connectors/interval"
	"passerelle/internal/held"
)

// What says who we are goes to no host that an answer names.
func TestTheAPIFollowsNoRedirection(t *testing.T) {
	asked := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		leads := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+r.URL.Path, status)
		}))
		t.Cleanup(leads.Close)

		h := build(t, held.NewClock(monday), nil)
		h.open(t, leads.URL, nil)
		wantKind(t, "Agree", h.agenda.Agree(t.Context(), backTo, "c0de"), connectors.Unavailable)
		h.grant.text = []byte(`{"application":"passerelle","root":"` + leads.URL + `","access":"T0KEN","refresh":"R","expires":99999999999}`)
		_, err := h.agenda.Invite(t.Context(), connectors.HandoffRequest{}, denise)
		wantKind(t, "Invite", err, connectors.Unavailable)
		_, err = h.agenda.Follow(t.Context(), []string{h.agenda.invited(1, monday, 0, "rdv_1")})
		wantKind(t, "Follow", err, connectors.Unavailable)

		env := connectors.Env{HTTP: http.DefaultClient, Now: func() time.Time { return connectorstest.Now }}
		p := opened(t, env, publicPage, map[string]string{"cle_partenaire": partnerKey, "api": leads.URL})
		_, err = p.Read(t.Context(), connectors.Query{Window: at(900)})
		wantKind(t, "Read", err, connectors.Unavailable)
		_, err = p.(connectors.Booker).Book(t.Context(), connectors.Request{Slot: connectors.Slot{Interval: interval.Interval{Start: 0, End: 1800}}})
		wantKind(t, "Book", err, connectors.OutcomeUnknown)
	}
	if asked != 0 {
		t.Errorf("another host was asked %d times", asked)
	}
}

func TestAnAnswerThatIsTooLong(t *testing.T) {
	h := newHouse(t, nil)
	link := h.invite(t, denise)
	h.Break("GET /api/v1/rdvs", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		_, _ = w.Write(make([]byte, longestAnswer+1))
	}, 0)
	_, err := h.agenda.Follow(t.Context(), []string{link.Upstream})
	wantKind(t, "Follow", err, connectors.Unavailable)
}
