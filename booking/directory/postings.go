package directory

import (
	"iter"
	"math/bits"
	"slices"
)

// set is a set of places, a bit for each number.
type set []uint64

func newSet(places int) set { return make(set, (places+63)/64) }

func (s set) add(number uint32) { s[number/64] |= 1 << (number % 64) }

func (s set) has(number uint32) bool { return s[number/64]&(1<<(number%64)) != 0 }

// fill puts in as many places as there are.
func (s set) fill(places int) {
	for i := range s {
		s[i] = ^uint64(0)
	}
	if rest := places % 64; rest > 0 {
		s[len(s)-1] = 1<<rest - 1
	}
}

// keep takes out what is not in the other.
func (s set) keep(other set) {
	for i, word := range other {
		s[i] &= word
	}
}

func (s set) size() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// numbers yields them in order.
func (s set) numbers() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for i, word := range s {
			for ; word != 0; word &= word - 1 {
				if !yield(uint32(i*64 + bits.TrailingZeros64(word))) { // #nosec G115 -- below the number of places
					return
				}
			}
		}
	}
}

// posting is the places that have one thing in common: their numbers in order or, where that takes less room, a bit
// for each place.
type posting struct {
	few  []uint32
	many set
}

// add takes numbers in order; one may come again.
func (p *posting) add(number uint32) {
	if n := len(p.few); n == 0 || p.few[n-1] != number {
		p.few = append(p.few, number)
	}
}

// pack makes bits of what is no longer few; nothing is added afterwards.
func (p *posting) pack(places int) {
	if len(p.few)*32 <= places {
		return
	}
	p.many = newSet(places)
	for _, number := range p.few {
		p.many.add(number)
	}
	p.few = nil
}

// into puts the places into a set.
func (p *posting) into(s set) {
	for i, word := range p.many {
		s[i] |= word
	}
	for _, number := range p.few {
		s.add(number)
	}
}

// numbers yields them in order; none where there is no posting.
func (p *posting) numbers() iter.Seq[uint32] {
	switch {
	case p == nil:
		return slices.Values[[]uint32](nil)
	case p.many != nil:
		return p.many.numbers()
	}
	return slices.Values(p.few)
}

// within is how many of the places are in a set.
func (p *posting) within(s set) (n int) {
	for i, word := range p.many {
		n += bits.OnesCount64(word & s[i])
	}
	for _, number := range p.few {
		if s.has(number) {
			n++
		}
	}
	return n
}

// postings are the places of each code, or link, or word, or label.
type postings map[string]*posting

// add is called with numbers in order. What has no key is found by none.
func (ps postings) add(key string, number uint32) {
	if key == "" {
		return
	}
	p := ps[key]
	if p == nil {
		p = &posting{}
		ps[key] = p
	}
	p.add(number)
}

func (ps postings) pack(places int) {
	for _, p := range ps {
		p.pack(places)
	}
}

// of answers the postings of those keys that have one.
func (ps postings) of(keys []string) []*posting {
	list := make([]*posting, 0, len(keys))
	for _, key := range keys {
		if p := ps[key]; p != nil {
			list = append(list, p)
		}
	}
	return list
}
