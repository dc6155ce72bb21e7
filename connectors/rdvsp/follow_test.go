package rdvsp

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/rdvsp/rdvsptest"
)

// agentBooks is an agent who books for a person.
func (h *house) agentBooks(user, hhmm int, others ...int) rdvsptest.Rdv {
	return h.adds("Agent", user, hhmm, others...)
}

// herselfBooks is a person who books on the page, by whatever way she came.
func (h *house) herselfBooks(user, hhmm int) rdvsptest.Rdv { return h.adds("User", user, hhmm) }

func (h *house) adds(by string, user, hhmm int, others ...int) rdvsptest.Rdv {
	parts := []rdvsptest.Participation{{User: user}}
	for _, other := range others {
		parts = append(parts, rdvsptest.Participation{User: other})
	}
	return h.AddRdv(rdvsptest.Rdv{
		Motif: h.motif.ID, Lieu: h.lieu.ID, Agent: h.agent.ID, Start: at(hhmm).StartTime(), Participations: parts, CreatedByType: by,
	})
}

func (h *house) userOf(t testing.TB, link connectors.Link) (user int) {
	t.Helper()
	whom, _, _ := strings.Cut(link.Upstream, "@")
	if !h.agenda.named(whom, &user) {
		t.Fatalf("%s names nobody", link.Upstream)
	}
	return user
}

func TestWhatCountsOfSeveralAppointments(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(h *house, user int)
		at   int // of the one that counts
		fate connectors.Fate
	}{
		{"the last of two that stand", func(h *house, user int) {
			h.herselfBooks(user, 1100)
			h.clock.Add(time.Minute)
			h.herselfBooks(user, 900)
		}, 900, connectors.Booked},
		{"one that stands before a later one that was ended", func(h *house, user int) {
			h.herselfBooks(user, 1100)
			h.clock.Add(time.Minute)
			_ = h.CancelAsAgent(h.herselfBooks(user, 900).ID)
		}, 1100, connectors.Booked},
		{"another time after one that was ended", func(h *house, user int) {
			_ = h.CancelAsUser(h.herselfBooks(user, 1100).ID)
			h.clock.Add(time.Minute)
			h.herselfBooks(user, 900)
		}, 900, connectors.Booked},
		{"the last of two that were ended", func(h *house, user int) {
			_ = h.CancelAsUser(h.herselfBooks(user, 1100).ID)
			h.clock.Add(time.Minute)
			_ = h.CancelAsAgent(h.herselfBooks(user, 900).ID)
		}, 900, connectors.Revoked},
		{"made in one second: the higher number", func(h *house, user int) {
			h.herselfBooks(user, 1100)
			h.herselfBooks(user, 900)
		}, 900, connectors.Booked},
		{"moved by an agent", func(h *house, user int) {
			_ = h.Move(h.herselfBooks(user, 1100).ID, at(930).StartTime())
		}, 930, connectors.Booked},
		{"taken back by an agent", func(h *house, user int) {
			r := h.herselfBooks(user, 1100)
			_ = h.MarkNoShow(r.ID)
			_ = h.Reset(r.ID)
		}, 1100, connectors.Booked},
	} {
		h := newHouse(t, nil)
		link := h.invite(t, denise)
		c.make(h, h.userOf(t, link))
		got, known := h.follow(t, link)
		if !known || got.Fate != c.fate || got.Appointment.Interval != at(c.at) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// A person who was known already has a past.
func TestWhatWasBookedBeforeIsNotWhatBecameOfIt(t *testing.T) {
	h := newHouse(t, nil)
	known := h.AddUser(rdvsptest.User{FirstName: "Denise", LastName: "MOREAU", Email: denise.Email, Organisations: []int{h.organisation.ID}})
	h.herselfBooks(known.ID, 1100)
	h.clock.Add(time.Second)
	link := h.invite(t, denise)
	if got, known := h.follow(t, link); known {
		t.Errorf("an old appointment: %+v", got)
	}
	h.books(t, link, at(900))
	if got, _ := h.follow(t, link); got.Fate != connectors.Booked || got.Appointment.Interval != at(900) {
		t.Errorf("%+v", got)
	}
}

func TestAnAppointmentIsOfTheLastInvitation(t *testing.T) {
	h := newHouse(t, nil)
	first := h.invite(t, denise)
	h.clock.Add(time.Minute)
	second := h.invite(t, denise)
	if h.userOf(t, first) != h.userOf(t, second) || first.Upstream == second.Upstream {
		t.Fatalf("%s, %s", first.Upstream, second.Upstream)
	}
	h.books(t, second, at(900))
	got, err := h.agenda.Follow(t.Context(), []string{first.Upstream, second.Upstream})
	if err != nil || len(got) != 1 || got[0].Link != second.Upstream {
		t.Errorf("%+v, %v", got, err)
	}
}

// Pages have no order: some appointments show twice, others not at all.
func TestPagesThatOverlapAreReadUntilAllIsKnown(t *testing.T) {
	h := newHouse(t, nil)
	link := h.invite(t, denise)
	user := h.userOf(t, link)
	for i := range 250 {
		h.agentBooks(user, 800+i%60)
	}
	made := h.herselfBooks(user, 900)
	before := h.count("/api/v1/rdvs")
	got, _ := h.follow(t, link)
	if got.Appointment.Upstream != h.agenda.name(made.ID, made.Participations[0].ID) {
		t.Errorf("%+v", got)
	}
	if n := h.count("/api/v1/rdvs") - before; n <= 3 || n > mostPages {
		t.Errorf("%d pages were asked for", n)
	}
}

func TestAListThatNeverHoldsStill(t *testing.T) {
	h := newHouse(t, nil)
	link := h.invite(t, denise)
	before := len(h.asked)
	h.Break("GET /api/v1/rdvs", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		_, _ = io.WriteString(w, `{"rdvs":[],"meta":{"current_page":1,"next_page":null,"prev_page":null,"total_pages":1,"total_count":1}}`)
	}, 0)
	_, err := h.agenda.Follow(t.Context(), []string{link.Upstream})
	wantKind(t, "Follow", err, connectors.Unavailable)
	if n := len(h.asked) - before; n != mostPages {
		t.Errorf("asked %d times", n)
	}
}

// To an agent who left, every list is empty: that nobody booked cannot be said.
func TestAnAgentWhoLeftSeesNothing(t *testing.T) {
	h := newHouse(t, nil)
	link := h.invite(t, denise)
	h.books(t, link, at(900))
	made, _ := h.follow(t, link)
	h.agent.Organisations = nil
	h.AddAgent(h.agent)
	_, err := h.agenda.Follow(t.Context(), []string{link.Upstream})
	wantKind(t, "Follow", err, connectors.Misconfigured)
	wantKind(t, "Cancel", h.agenda.Cancel(t.Context(), made.Appointment), connectors.Misconfigured)
	_, err = h.agenda.Invite(t.Context(), connectors.HandoffRequest{}, denise)
	wantKind(t, "Invite", err, connectors.Misconfigured)
}

func TestWhatIsNoLinkOfThisInstance(t *testing.T) {
	h := newHouse(t, nil)
	link := h.invite(t, denise)
	h.books(t, link, at(900))
	user := h.userOf(t, link)
	for _, other := range []string{
		"", "@", fmt.Sprint(user), fmt.Sprintf("%s/%d", publicHost, user), fmt.Sprintf("%s/%d@", publicHost, user), fmt.Sprintf("%s/%d@0", publicHost, user),
		fmt.Sprintf("%s/%d@x.0.a", publicHost, user), fmt.Sprintf("%s/%d@0.x.a", publicHost, user), fmt.Sprintf("%s/%d@0.0", publicHost, user),
		fmt.Sprintf("www.rdv-solidarites.fr/%d@0.0.a", user), fmt.Sprintf("%s/%d/1@0.0.a", publicHost, user), publicHost + "/-1@0.0.a", publicHost + "/x@0.0.a",
	} {
		if got, err := h.agenda.Follow(t.Context(), []string{other}); err != nil || len(got) != 0 {
			t.Errorf("%q: %+v, %v", other, got, err)
		}
	}
}

// A status that is not known yet is no fate; a time that cannot be read is no appointment.
func TestWhatIsNotUnderstoodOfAnAppointment(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		kind     connectors.Kind // zero: nothing is known
	}{
		"another status":        {`"status":"unknown"`, `"status":"waiting"`, 0},
		"when it was made":      {`"created_at":"2026`, `"created_at":"le 2026`, connectors.Unavailable},
		"when it is":            {`"starts_at":"2026`, `"starts_at":"le 2026`, connectors.Unavailable},
		"an end before a start": {`"ends_at":"2026`, `"ends_at":"2025`, connectors.Unavailable},
	} {
		h := newHouse(t, nil)
		link := h.invite(t, denise)
		h.books(t, link, at(900))
		h.Break("GET /api/v1/rdvs", func(w http.ResponseWriter, r *http.Request, work http.Handler) {
			answer := httptest.NewRecorder()
			work.ServeHTTP(answer, r)
			_, _ = io.WriteString(w, strings.ReplaceAll(answer.Body.String(), c.old, c.new))
		}, 0)
		got, err := h.agenda.Follow(t.Context(), []string{link.Upstream})
		if len(got) != 0 || c.kind == 0 && err != nil || c.kind != 0 && connectors.KindOf(err) != c.kind {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
