package booking

import "time"

// nearbyKM is how far a place may lie from a point and still say in which group of communes that is.
const nearbyKM = 15

// count notes what a search has found, for those who decide where help is missing. Only first pages count, and only what is
// looked for somewhere: who names a place, by its id, its SIRET or its link, knows where to go. It is all that was found that
// counts, also what is not soon enough for who asks (SlotSearch.Before): the wait says so.
func (s *Service) count(q SlotSearch, found []Found, known []glance) {
	named := len(q.IDs) > 0 || q.SIRET != "" || q.Link != ""
	if s.Demand == nil || q.Page != 1 || named || len(found) == 0 && s.hides(q.PlaceFilter) {
		return
	}
	what := Sought{EPCI: s.epciOf(q.PlaceFilter, found)}
	what.Outcome, what.Wait = s.outcome(q, found, known)
	services := q.Services
	if len(services) == 0 {
		services = []string{""}
	}
	s.Demand.add(services, what)
}

// outcome is the best of what was found, and the days to its first slot: from today, or from the first day asked for.
func (s *Service) outcome(q SlotSearch, found []Found, known []glance) (Outcome, Wait) {
	if len(known) == 0 {
		return FoundNoPlace, ""
	}
	at := 0
	for i, g := range known {
		if best := known[at]; g.kind < best.kind || g.kind == best.kind && g.first < best.first {
			at = i
		}
	}
	switch known[at].kind {
	case hasLink:
		return FoundLink, ""
	case hasContact:
		return FoundContact, ""
	case hasNothing:
		return FoundNothing, ""
	}
	zone, from := found[at].Place.Zone, s.Now()
	if q.From != nil && q.From.in(zone).After(from) {
		from = q.From.in(zone)
	}
	return FoundSlot, waitBetween(from, time.Unix(known[at].first, 0), zone)
}

// epciOf is the group of communes that a search lies in: the one that it names, or else that of the nearest place around its
// point; of those found, or where they are far, of all.
func (s *Service) epciOf(f PlaceFilter, found []Found) string {
	if f.Near == nil || len(f.Commune)+len(f.EPCI)+len(f.PostalCode) > 0 {
		return s.Directory.EPCI(f)
	}
	if len(found) == 0 || *found[0].DistanceKM > nearbyKM {
		var err error
		found, err = s.Directory.Search(PlaceFilter{Near: f.Near, RadiusKM: nearbyKM})
		if err != nil || len(found) == 0 {
			return ""
		}
	}
	p := found[0].Place
	if p.INSEE == "" {
		return s.Directory.EPCI(PlaceFilter{PostalCode: []string{p.PostalCode}})
	}
	return s.Directory.EPCI(PlaceFilter{Commune: []string{p.INSEE}})
}
