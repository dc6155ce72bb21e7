package auth

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Generation is one rotation of the key that signs tokens. It holds no key: every generation is derived from the
// master secret, so that all that instances must share is when each begins.
type Generation struct {
	Number      int // from 1; the generation 0 needs no rotation
	PublishedAt time.Time
	SignsFrom   time.Time // later, so that whoever keeps the JWKS has the key before its first signature
}

// Generations lists the rotations, by number. An error means that the store failed.
type Generations interface {
	Generations(ctx context.Context) ([]Generation, error)
}

// Delays of a rotation, between publication and the first signature.
const (
	DefaultDelay = 24 * time.Hour
	MinDelay     = time.Minute // every instance has read the store again by then, and clocks may be apart
)

// overlap is how long a generation is still published, and believed, once the next one signs.
const overlap = 2*MaxLifetime + 2*skew

// ErrRotating says that the last rotation has not taken effect.
var ErrRotating = errors.New("auth: a rotation is under way")

// NextGeneration is the rotation that follows those of the list, published now. While the last one waits for its time
// it is ErrRotating.
func NextGeneration(list []Generation, now time.Time, delay time.Duration) (Generation, error) {
	if delay < MinDelay {
		return Generation{}, fmt.Errorf("auth: a delay of %s is less than %s", delay, MinDelay)
	}
	next := Generation{Number: 1, PublishedAt: now, SignsFrom: now.Add(delay)}
	if len(list) > 0 {
		last := list[len(list)-1]
		if now.Before(last.SignsFrom) {
			return Generation{}, ErrRotating
		}
		next.Number = last.Number + 1
	}
	return next, nil
}

// Term is a generation and how long it lasts: it signs from SignsFrom until EndsAt, and is believed until RetiredAt.
type Term struct {
	Generation
	EndsAt, RetiredAt time.Time // zero while no generation follows
}

// Terms are those of the generation 0 and of the rotations of the list.
func Terms(list []Generation) []Term {
	terms := make([]Term, 1, len(list)+1)
	for _, g := range list {
		last := &terms[len(terms)-1]
		last.EndsAt, last.RetiredAt = g.SignsFrom, g.SignsFrom.Add(overlap)
		terms = append(terms, Term{Generation: g})
	}
	return terms
}

// Retired reports whether the generation is neither published nor believed any more at the instant now.
func (t Term) Retired(now time.Time) bool { return !t.RetiredAt.IsZero() && !now.Before(t.RetiredAt) }

// Signs reports whether the generation signs at the instant now.
func (t Term) Signs(now time.Time) bool {
	return !now.Before(t.SignsFrom) && (t.EndsAt.IsZero() || now.Before(t.EndsAt))
}
