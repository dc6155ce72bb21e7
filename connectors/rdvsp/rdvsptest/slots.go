package rdvsptest

import (
	"slices"
	"time"
)

// slot is a bookable time of one motif, and the agent and place of its opening.
type slot struct {
	start       time.Time
	agent, lieu int
}

// slots are the starts that a motif offers between two days of Paris, both included, in order; several agents may offer
// one start. Public holidays are not known: a test opens what is open.
func (s *Server) slots(m Motif, first, last time.Time) []slot {
	now := s.now()
	first, last = first.In(s.paris), last.In(s.paris)
	begin := later(midnight(first), now.Add(m.MinDelay))
	// The longest delay counts in whole days: on its last one, slots beyond it are shown.
	end := midnight(earlier(midnight(last), now.Add(m.MaxDelay))).AddDate(0, 0, 1)
	length := time.Duration(m.Minutes) * time.Minute
	var found []slot
	for _, o := range s.openings {
		if !slices.Contains(o.Motifs, m.ID) {
			continue
		}
		for _, free := range s.free(o, now) {
			for at := free.start; !at.Add(length).After(free.end); at = at.Add(length) {
				if !at.Before(begin) && at.Before(end) {
					found = append(found, slot{start: at.In(s.paris), agent: o.Agent, lieu: o.Lieu})
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b slot) int { return a.start.Compare(b.start) })
	return found
}

type span struct{ start, end time.Time }

// free is what is left of an opening. Its first part begins on its own grid of five minutes once it has begun.
func (s *Server) free(o Opening, now time.Time) []span {
	left := []span{{o.Start, o.End}}
	for _, busy := range s.busy(o.Agent) {
		var rest []span
		for _, f := range left {
			if !busy.start.Before(f.end) || !f.start.Before(busy.end) {
				rest = append(rest, f)
				continue
			}
			if f.start.Before(busy.start) {
				rest = append(rest, span{f.start, busy.start})
			}
			if busy.end.Before(f.end) {
				rest = append(rest, span{busy.end, f.end})
			}
		}
		left = rest
	}
	const grid = 5 * time.Minute
	for i, f := range left {
		if late := now.Sub(f.start); late > 0 {
			left[i].start = f.start.Add((late + grid - 1) / grid * grid)
		}
	}
	return left
}

// busy is when an agent has something: rdvs that are not cancelled, in all organisations, and absences.
func (s *Server) busy(agent int) []span {
	var list []span
	for _, r := range sorted(s.rdvs) {
		if r.Agent != agent || cancelled(r.Status) || s.raceSince != nil && !s.raceSince[r.ID] {
			continue
		}
		list = append(list, span{r.Start, r.End()})
	}
	for _, a := range s.absences {
		if a.Agent == agent {
			list = append(list, span{a.Start, a.End})
		}
	}
	return list
}

// draw takes the slot of a motif that begins exactly then, at that place if one is named, with an agent drawn among
// those who are free.
func (s *Server) draw(m Motif, at time.Time, lieu int) (slot, bool) {
	var free []slot
	for _, c := range s.slots(m, at, at) {
		if c.start.Equal(at) && (lieu == 0 || c.lieu == lieu) {
			free = append(free, c)
		}
	}
	if len(free) == 0 {
		return slot{}, false
	}
	return free[s.random.IntN(len(free))], true
}

// Race makes bookings blind to each other from now on, until it is called with false: a slot is looked for, then taken,
// with nothing between that stops a second one, so two for one slot are both accepted.
func (s *Server) Race(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raceSince = nil
	if on {
		s.raceSince = make(map[int]bool)
		for id := range s.rdvs {
			s.raceSince[id] = true
		}
	}
}

// midnight begins the day of a time.
func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
