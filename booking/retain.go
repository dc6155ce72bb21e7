package booking

import (
	"context"
	"errors"
	"time"
)

// keepCalls is how long keys of calls and the log of what was erased are kept beyond their use.
const keepCalls = 30 * 24 * time.Hour

// erasedAtOnce is how many appointments are listed at once to be erased.
const erasedAtOnce = 500

// Retain erases the personal data whose time is over and drops what was kept for a time only. It says how many
// appointments were erased.
func (s *Service) Retain(ctx context.Context) (int, error) {
	now, done := s.Now(), 0
	for {
		due, err := s.Ledger.Erasable(ctx, now.Add(-s.KeepFor), now.Add(-s.KeepRefused), erasedAtOnce)
		if err != nil {
			return done, err
		}
		before := done
		for _, id := range due {
			if e := s.Ledger.Erase(ctx, id, string(TheGateway)); e != nil {
				err = errors.Join(err, e)
				continue
			}
			done++
		}
		if len(due) < erasedAtOnce || done == before { // what fails is tried again an hour later
			return done, errors.Join(err, s.Ledger.Purge(ctx, now.Add(-keepCalls)))
		}
	}
}
