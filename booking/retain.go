package booking

import (
	"context"
	"errors"
	"time"
)

// keepCalls is how long keys of calls and the log of what was erased are kept beyond their use.
const keepCalls = 30 * 24 * time.Hour

// Retain erases the personal data whose time is over and drops what was kept for a time only. It says how many
// appointments were erased.
func (s *Service) Retain(ctx context.Context) (int, error) {
	const batch = 500
	now := s.Now()
	due, err := s.Ledger.Erasable(ctx, now.Add(-s.KeepFor), now.Add(-s.KeepRefused), batch)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, id := range due {
		if e := s.Ledger.Erase(ctx, id, string(TheGateway)); e != nil {
			err = errors.Join(err, e)
			continue
		}
		done++
	}
	return done, errors.Join(err, s.Ledger.Purge(ctx, now.Add(-keepCalls)))
}
