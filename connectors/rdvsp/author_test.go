package rdvsp

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/rdvsp/rdvsptest"
)

// An agent who gives her an appointment has his own reasons: another service, another need.
func TestOnlyWhatIsMadeOnHerPageIsTheOutcome(t *testing.T) {
	for by, counts := range map[string]bool{"User": true, "Prescripteur": true, "Agent": false} {
		h := newHouse(t, nil)
		link := h.invite(t, denise)
		h.adds(by, h.userOf(t, link), 900)
		if got, known := h.follow(t, link); known != counts || known && got.Appointment.Interval != at(900) {
			t.Errorf("made by %s: %+v", by, got)
		}
	}
}

// What an agent makes does not hide what she made, whichever of the two stands.
func TestAnAppointmentOfAnAgentBesideHers(t *testing.T) {
	h := newHouse(t, nil)
	link := h.invite(t, denise)
	made := h.books(t, link, at(900))
	h.clock.Add(time.Minute)
	h.agentBooks(h.userOf(t, link), 1100)
	if got, _ := h.follow(t, link); got.Fate != connectors.Booked || got.Appointment.Interval != at(900) {
		t.Errorf("%+v", got)
	}
	_ = h.CancelAsUser(made.ID)
	if got, _ := h.follow(t, link); got.Fate != connectors.Withdrawn || got.Appointment.Interval != at(900) {
		t.Errorf("%+v", got)
	}
}

// Instances that do not say the type say who made it in small letters.
func TestWhoMadeItOnOlderInstances(t *testing.T) {
	h := newHouse(t, nil)
	hers, his := h.invite(t, denise), h.invite(t, connectors.Person{FirstName: "Paul", LastName: "Petit"})
	h.books(t, hers, at(900))
	h.agentBooks(h.userOf(t, his), 1000)
	noType := regexp.MustCompile(`"created_by_type":"[A-Za-z]+",`)
	h.Break("GET /api/v1/rdvs", func(w http.ResponseWriter, r *http.Request, work http.Handler) {
		answer := httptest.NewRecorder()
		work.ServeHTTP(answer, r)
		_, _ = io.WriteString(w, noType.ReplaceAllString(answer.Body.String(), ""))
	}, 0)
	got, err := h.agenda.Follow(t.Context(), []string{hers.Upstream, his.Upstream})
	if err != nil || len(got) != 1 || got[0].Link != hers.Upstream {
		t.Errorf("%+v, %v", got, err)
	}
}

// workshop is one that an agent has planned.
func (h *house) workshop(hhmm int, users ...int) rdvsptest.Rdv {
	motif := h.AddMotif(rdvsptest.Motif{Organisation: h.organisation.ID, Name: "Atelier", Minutes: 30, Collective: true})
	var parts []rdvsptest.Participation
	for _, user := range users {
		parts = append(parts, rdvsptest.Participation{User: user})
	}
	return h.AddRdv(rdvsptest.Rdv{Motif: motif.ID, Lieu: h.lieu.ID, Agent: h.agent.ID, Start: at(hhmm).StartTime(), Participations: parts})
}

func (h *house) joins(t testing.TB, link connectors.Link, workshop rdvsptest.Rdv) {
	t.Helper()
	if _, err := h.Join(link.URL, workshop.ID); err != nil {
		t.Fatal(err)
	}
}

// A workshop is made by an agent, long before she is invited; what counts is who put her into it.
func TestAWorkshopThatSheJoins(t *testing.T) {
	h := newHouse(t, nil)
	soon, later := h.workshop(900), h.workshop(1000)
	h.clock.Add(24 * time.Hour / 2)
	first, second := h.invite(t, denise), h.invite(t, connectors.Person{FirstName: "Paul", LastName: "Petit"})
	h.joins(t, first, soon)
	h.joins(t, second, soon)
	put := h.workshop(1100, h.userOf(t, second)) // by an agent
	for _, link := range []connectors.Link{first, second} {
		if got, known := h.follow(t, link); !known || got.Fate != connectors.Booked || got.Appointment.Interval != at(900) {
			t.Errorf("of %s became %+v", link.Upstream, got)
		}
	}

	// Each has her own part: the workshop stands while hers is ended.
	got, _ := h.follow(t, first)
	if err := h.agenda.Cancel(t.Context(), got.Appointment); err != nil {
		t.Fatal(err)
	}
	if r, _ := h.Rdv(soon.ID); r.Status != rdvsptest.Unknown {
		t.Fatalf("the workshop is %s", r.Status)
	}
	if got, _ := h.follow(t, first); got.Fate != connectors.Withdrawn {
		t.Errorf("the first: %+v", got)
	}
	_ = h.CancelAsAgent(put.ID)
	if got, _ := h.follow(t, second); got.Fate != connectors.Booked || got.Appointment.Interval != at(900) {
		t.Errorf("the second: %+v", got)
	}
	h.joins(t, first, later)
	if got, _ := h.follow(t, first); got.Fate != connectors.Booked || got.Appointment.Interval != at(1000) {
		t.Errorf("another workshop: %+v", got)
	}
}

// When she joined a workshop is not said: what she was in already is known from when she was invited.
func TestAWorkshopThatSheWasInAlready(t *testing.T) {
	h := newHouse(t, nil)
	soon, later := h.workshop(900), h.workshop(1000)
	first := h.invite(t, denise)
	h.joins(t, first, soon)
	h.clock.Add(time.Minute)
	second := h.invite(t, denise)
	if h.userOf(t, first) != h.userOf(t, second) {
		t.Fatal("she is known twice")
	}
	if got, known := h.follow(t, second); known {
		t.Errorf("of the second became %+v", got)
	}
	h.joins(t, second, later)
	got, err := h.agenda.Follow(t.Context(), []string{first.Upstream, second.Upstream})
	if err != nil || len(got) != 2 || got[0].Appointment.Interval != at(900) || got[1].Appointment.Interval != at(1000) {
		t.Errorf("%+v, %v", got, err)
	}
}

// Two orientations of one second are two, and one appointment is one's.
func TestTwoInvitationsOfOneSecond(t *testing.T) {
	h := newHouse(t, nil)
	var links []string
	var last connectors.Link
	for _, reference := range []string{"rdv_1", "rdv_2"} {
		link, err := h.agenda.Invite(t.Context(), connectors.HandoffRequest{Reference: reference}, denise)
		if err != nil {
			t.Fatal(err)
		}
		links, last = append(links, link.Upstream), link
	}
	if links[0] == links[1] {
		t.Fatalf("both are %s", links[0])
	}
	h.books(t, last, at(900))
	if got, err := h.agenda.Follow(t.Context(), links); err != nil || len(got) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}
