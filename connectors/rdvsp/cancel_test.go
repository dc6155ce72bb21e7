package rdvsp

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"passerelle/connectors"
	"passerelle/connectors/rdvsp/rdvsptest"
)

// booked is a person who was invited and booked at nine.
func (h *house) booked(t testing.TB) (connectors.Link, rdvsptest.Rdv, connectors.Appointment) {
	t.Helper()
	link := h.invite(t, denise)
	made := h.books(t, link, at(900))
	got, known := h.follow(t, link)
	if !known {
		t.Fatal("nothing is known of it")
	}
	return link, made, got.Appointment
}

func TestWhoIsCancelledIsToldOnce(t *testing.T) {
	h := newHouse(t, nil)
	_, made, held := h.booked(t)
	if want := fmt.Sprintf("%s/%d/%d", publicHost, made.ID, made.Participations[0].ID); held.Upstream != want {
		t.Errorf("%s, want %s", held.Upstream, want)
	}
	for range 2 {
		if err := h.agenda.Cancel(t.Context(), held); err != nil {
			t.Fatal(err)
		}
	}
	told := h.Notified()
	if len(told) != 1 || told[0].Status != rdvsptest.Excused {
		t.Errorf("told %+v", told)
	}
}

func TestWhatIsNotCancelled(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*house, rdvsptest.Rdv)
		kind connectors.Kind // zero: there is nothing to do
		left string          // its status then; empty: it is not there
	}{
		{"she came", func(h *house, r rdvsptest.Rdv) { _ = h.MarkSeen(r.ID) }, connectors.Refused, rdvsptest.Seen},
		{"she did not come", func(h *house, r rdvsptest.Rdv) { _ = h.MarkNoShow(r.ID) }, connectors.Refused, rdvsptest.NoShow},
		{"moved meanwhile", func(h *house, r rdvsptest.Rdv) { _ = h.Move(r.ID, at(1000).StartTime()) }, connectors.Changed, rdvsptest.Unknown},
		{"cancelled by her", func(h *house, r rdvsptest.Rdv) { _ = h.CancelAsUser(r.ID) }, 0, rdvsptest.Excused},
		{"cancelled by the structure", func(h *house, r rdvsptest.Rdv) { _ = h.CancelAsAgent(r.ID) }, 0, rdvsptest.Revoked},
		{"deleted", func(h *house, r rdvsptest.Rdv) { _ = h.Delete(r.ID) }, connectors.OutcomeUnknown, ""},
	} {
		h := newHouse(t, nil)
		_, made, held := h.booked(t)
		c.do(h, made)
		err := h.agenda.Cancel(t.Context(), held)
		if c.kind == 0 && err != nil || c.kind != 0 && connectors.KindOf(err) != c.kind {
			t.Errorf("%s: %v", c.name, err)
		}
		if r, _ := h.Rdv(made.ID); r.Status != c.left {
			t.Errorf("%s: it is %q", c.name, r.Status)
		}
	}
}

// The appointment is there, and she is not in it any more: nothing is left to end.
func TestWhoHasNoPartAnyMore(t *testing.T) {
	h := newHouse(t, nil)
	_, made, _ := h.booked(t)
	another := h.agenda.name(made.ID, made.Participations[0].ID+1)
	wantKind(t, "another part", h.agenda.Cancel(t.Context(), connectors.Appointment{Upstream: another}), connectors.NotFound)
}

// An agent who went to another service does not see it any more. It stands.
func TestWhatIsNotListedAnyMoreMayStand(t *testing.T) {
	h := newHouse(t, nil)
	_, made, held := h.booked(t)
	h.Break("GET /api/v1/rdvs", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		_, _ = io.WriteString(w, `{"rdvs":[],"meta":{"current_page":1,"next_page":null,"prev_page":null,"total_pages":0,"total_count":0}}`)
	}, 0)
	wantKind(t, "Cancel", h.agenda.Cancel(t.Context(), held), connectors.OutcomeUnknown)
	if r, _ := h.Rdv(made.ID); r.Status != rdvsptest.Unknown {
		t.Errorf("it is %s", r.Status)
	}
}

func TestWhatTheRefusalOfACancellationMeans(t *testing.T) {
	h := newHouse(t, nil)
	link, _, held := h.booked(t)
	for status, kind := range map[int]connectors.Kind{
		403: connectors.Refused, 422: connectors.Refused, 404: connectors.OutcomeUnknown, 429: connectors.RateLimited, 500: connectors.OutcomeUnknown,
	} {
		h.Break("PATCH /api/v1/participations/{id}", rdvsptest.Status(status), 1)
		wantKind(t, fmt.Sprint(status), h.agenda.Cancel(t.Context(), held), kind)
	}
	// It was not looked at: nothing was sent.
	h.Break("GET /api/v1/rdvs", rdvsptest.Lose, 1)
	wantKind(t, "not read", h.agenda.Cancel(t.Context(), held), connectors.Unavailable)
	for _, upstream := range []string{"", "12", publicHost + "/1", publicHost + "/1/2/3", "www.rdv-solidarites.fr/1/2"} {
		wantKind(t, upstream, h.agenda.Cancel(t.Context(), connectors.Appointment{Upstream: upstream}), connectors.Unsupported)
	}
	if got, _ := h.follow(t, link); got.Fate != connectors.Booked {
		t.Errorf("%+v", got)
	}
}
