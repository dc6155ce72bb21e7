package booking

import "slices"

// Territory is where somebody may act: at the places of these départements, and at these places.
type Territory struct {
	Departments []string // Place.Department
	Places      []string // ids, or aliases
}

// Within is the service for whom no other place exists: it is found, read, held and booked as one that is missing.
// What was booked before stays the partner's.
func (s *Service) Within(t Territory) *Service {
	bounded := s.Options
	bounded.Directory = within{s.Directory, t}
	return &Service{bounded}
}

// within is the part of a directory that lies in a territory.
type within struct {
	Directory
	Territory
}

func (w within) Places(ids ...string) []*Place {
	found := slices.Clone(w.Directory.Places(ids...))
	for i, p := range found {
		if p != nil && !w.has(p) {
			found[i] = nil
		}
	}
	return found
}

func (w within) Search(f PlaceFilter) ([]Found, error) {
	found, err := w.Directory.Search(f)
	return slices.DeleteFunc(found, func(x Found) bool { return !w.has(x.Place) }), err
}

// has: a place whose département nobody knows lies in none.
func (t Territory) has(p *Place) bool {
	if department := p.Department(); department != "" && slices.Contains(t.Departments, department) {
		return true
	}
	return slices.ContainsFunc(append([]string{p.ID}, p.Aliases...), func(id string) bool { return slices.Contains(t.Places, id) })
}

// hides reports whether a search that finds no place finds none because of where it may look.
func (s *Service) hides(f PlaceFilter) bool {
	w, bounded := s.Directory.(within)
	if !bounded {
		return false
	}
	everywhere, err := w.Directory.Search(f)
	return err != nil || len(everywhere) > 0
}
