package rdvsptest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// ANTSTime is how the API for ANTS writes a time: the wall clock of Paris with a Z that is not true.
func ANTSTime(at time.Time, paris *time.Location) string {
	return at.In(paris).Format("2006-01-02T15:04Z")
}

// antsSlots lists the slots of each place that was asked for, under its identifier. The names of its lists have no
// brackets.
func (s *Server) antsSlots(c *call) answer {
	if s.o.ANTSToken == "" || c.Header.Get("X-HUB-RDV-AUTH-TOKEN") != s.o.ANTSToken {
		return refusal(http.StatusUnauthorized, "Authentification invalide")
	}
	first, begins := c.moment("start_date", s.paris)
	last, ends := c.moment("end_date", s.paris)
	if !begins || !ends {
		return refusal(http.StatusBadRequest, "start_date, end_date")
	}
	places := resource{}
	for _, id := range c.URL.Query()["meeting_point_ids"] {
		lieu, _ := strconv.Atoi(id)
		places[id] = s.antsSlotsOf(lieu, first, last)
	}
	return ok(places)
}

func (s *Server) antsSlotsOf(lieu int, first, last time.Time) []document {
	list, seen := []document{}, make(map[string]bool)
	type offer struct {
		Motif
		slot
	}
	var offers []offer
	for _, m := range sorted(s.motifs) {
		for _, f := range s.slots(m, first, last) {
			if f.lieu == lieu {
				offers = append(offers, offer{m, f})
			}
		}
	}
	slices.SortStableFunc(offers, func(a, b offer) int { return a.start.Compare(b.start) })
	for _, f := range offers {
		at := ANTSTime(f.start, s.paris)
		if seen[at] {
			continue
		}
		seen[at] = true
		list = append(list, document{{"datetime", at}, {"callback_url", s.slotLink(f.Motif, f.slot)}})
	}
	return list
}

// slotLink is the address of one slot.
func (s *Server) slotLink(m Motif, f slot) string {
	query := url.Values{
		"starts_at": {f.start.Format("2006-01-02 15:04")}, "lieu_id": {strconv.Itoa(f.lieu)}, "motif_id": {strconv.Itoa(m.ID)},
		"public_link_organisation_id": {strconv.Itoa(m.Organisation)}, "duration": {strconv.Itoa(m.Minutes)},
	}
	return s.publicURL() + "/creneaux?" + query.Encode()
}
