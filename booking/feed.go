package booking

import "context"

// Entries lists at most limit changes of a partner's appointments after a position, by position: who asks again after
// the last one that it was given misses none (Ledger.Entries). Holds are not among them.
func (s *Service) Entries(ctx context.Context, partner string, after int64, limit int) ([]Entry, error) {
	return s.Ledger.Entries(ctx, partner, after, limit)
}
