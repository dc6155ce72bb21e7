package availability

import (
	"slices"
	"sync"
	"time"

	"passerelle/booking"
)

// Claims is the ledger, which says what it holds, and when that has changed.
type Claims interface {
	booking.Claims
	// OnClaims has f called with each agenda whose claims have changed, after that is on disk; with "" where it may be any.
	OnClaims(f func(agenda string))
}

// shelf keeps the free time of an agenda at each of its places as it was worked out last, for as long as what it was worked
// out from stands: what the agenda said, what the ledger holds, and what the directory says of the place.
type shelf struct {
	mu     sync.Mutex
	change int // counts what OnClaims said
	said   *said
	until  time.Time // a hold ends then, and with it what is kept; zero where there is none
	free   []shelved
	one    [1]shelved // most agendas are of one place: what is kept for it lies here
}

// shelved is the free time at one place; an agenda has one, or a few.
type shelved struct {
	place *booking.Place
	free  *free
}

// forget is for when the ledger holds something else of the agenda.
func (s *shelf) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.change++
	s.free = s.none()
}

// none is a list of nothing.
func (s *shelf) none() []shelved {
	s.one = [1]shelved{}
	return s.one[:0]
}

// outdate drops what was worked out from anything else than this: an agenda that nobody is shown for a while would hold it until
// somebody is.
func (s *shelf) outdate(of *said) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.said != of {
		s.said, s.until, s.free = of, time.Time{}, s.none()
	}
}

// take gives nil where nothing that stands is kept; change is then to be given to put.
func (s *shelf) take(p *booking.Place, of *said, now time.Time) (f *free, change int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.said != of || !s.until.IsZero() && !now.Before(s.until) {
		s.said, s.until, s.free = of, time.Time{}, s.none()
	}
	for _, at := range s.free {
		if at.place == p {
			return at.free, s.change
		}
	}
	return nil, s.change
}

// put keeps what was worked out since take, unless the ledger has changed meanwhile: it may have been asked before.
func (s *shelf) put(p *booking.Place, f *free, change int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.change != change || s.said != f.said {
		return
	}
	s.free = append(slices.DeleteFunc(s.free, func(at shelved) bool { return at.place == p }), shelved{p, f})
	for _, c := range f.claims {
		if !c.Until.IsZero() && (s.until.IsZero() || c.Until.Before(s.until)) {
			s.until = c.Until
		}
	}
}
