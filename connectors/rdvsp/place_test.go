package rdvsp

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"passerelle/connectors/rdvsp/rdvsptest"
)

// The person chose on the page: where it is need not be where she was sent to.
func TestWhereAnAppointmentIs(t *testing.T) {
	h := newHouse(t, nil)
	const hers = "5 rue des Lilas, Crest, 26400"
	annex := h.AddLieu(rdvsptest.Lieu{Organisation: h.organisation.ID, Name: "Annexe", Address: "3 place de la République, Dié, 26150"})
	noName := h.AddLieu(rdvsptest.Lieu{Organisation: h.organisation.ID, Address: "1 rue du Bac, Dié, 26150"})
	for _, c := range []struct {
		kind string
		lieu int
		want string
	}{
		{"public_office", annex.ID, "Annexe, 3 place de la République, Dié, 26150"},
		{"public_office", noName.ID, "1 rue du Bac, Dié, 26150"},
		{"public_office", h.lieu.ID, "Médiathèque"},
		{"public_office", 0, ""},
		{"phone", 0, "par téléphone"},
		{"visio", 0, "en visioconférence"},
		{"home", 0, "au domicile"},
	} {
		link := h.invite(t, denise)
		user := h.userOf(t, link)
		for _, u := range h.Users() {
			u.Address = hers
			h.AddUser(u)
		}
		motif := h.AddMotif(rdvsptest.Motif{Organisation: h.organisation.ID, LocationType: c.kind})
		h.AddRdv(rdvsptest.Rdv{
			Motif: motif.ID, Lieu: c.lieu, Agent: h.agent.ID, Start: at(900).StartTime(), CreatedByType: "User",
			Participations: []rdvsptest.Participation{{User: user}},
		})
		got, known := h.follow(t, link)
		if !known || got.Appointment.Location != c.want {
			t.Errorf("%s at %d: %+v, want %q", c.kind, c.lieu, got, c.want)
		}
		if strings.Contains(fmt.Sprintf("%+v", got), "Lilas") {
			t.Errorf("%s: her own address is told", c.kind)
		}
		h.clock.Add(time.Minute)
	}
}
