package rdvsp

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"passerelle/connectors"
	"passerelle/connectors/rdvsp/rdvsptest"
)

// One organisation has up to forty-two places: she is led to the one that was chosen, where there is no doubt which it is.
func TestAPlaceIsFoundByItsAddress(t *testing.T) {
	h := newHouse(t, nil)
	die := h.AddLieu(rdvsptest.Lieu{Organisation: h.organisation.ID, Name: "Annexe", Address: "3 place de la République, Dié, 26150"})
	for range 2 {
		h.AddLieu(rdvsptest.Lieu{Organisation: h.organisation.ID, Name: "Bureau", Address: "1 rue du Bac, Crest, 26400"})
	}
	for _, c := range []struct {
		name, place, address string
		lieu                 int
	}{
		{"as it is written there", "x", "3 place de la République, Dié, 26150", die.ID},
		{"without accents, in capitals, with other commas", "x", "3, PLACE DE LA REPUBLIQUE  DIE (26150)", die.ID},
		{"another number in the street", "x", "13 place de la République, Dié, 26150", 0},
		{"another town", "x", "3 place de la République, Crest, 26400", 0},
		{"one of two at one address", "x", "1 rue du Bac, Crest, 26400", 0},
		{"not known", "x", "", 0},
		{"by the settings, whatever its address", "mediatheque", "3 place de la République, Dié, 26150", h.lieu.ID},
	} {
		link, err := h.agenda.Invite(t.Context(), connectors.HandoffRequest{Reference: "r", Place: c.place, Address: c.address}, denise)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(link.URL)
		if err != nil {
			t.Fatal(err)
		}
		want := ""
		if c.lieu != 0 {
			want = fmt.Sprint(c.lieu)
		}
		if got := u.Query().Get("lieu_id"); got != want {
			t.Errorf("%s: lieu_id = %q, want %q", c.name, got, want)
		}
	}
	if n := strings.Count(strings.Join(h.asked, "\n"), "/api/v1/lieux"); n != 1 {
		t.Errorf("the places were listed %d times", n)
	}
}

// An instance that does not list its places yet invites all the same; one that fails is not taken for it.
func TestPlacesThatCannotBeListed(t *testing.T) {
	for status, kind := range map[int]connectors.Kind{http.StatusNotFound: 0, http.StatusInternalServerError: connectors.Unavailable, http.StatusTooManyRequests: connectors.RateLimited} {
		h := newHouse(t, nil)
		h.Break("GET /api/v1/lieux", rdvsptest.Status(status), 1)
		link, err := h.agenda.Invite(t.Context(), connectors.HandoffRequest{Reference: "r", Place: "x", Address: "1 rue du Bac, Crest, 26400"}, denise)
		switch {
		case kind == 0 && (err != nil || link.URL == ""):
			t.Errorf("%d: %v", status, err)
		case kind != 0:
			wantKind(t, fmt.Sprint(status), err, kind)
		}
	}
}
