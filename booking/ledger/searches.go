package ledger

import (
	"context"
	"fmt"
	"time"

	"passerelle/booking"
)

// keepSearches is how many whole months of searches are kept before the one under way. A month goes as a whole: half of one would
// tell, beside what was read of it before, what single days were.
const keepSearches = 36

var _ booking.Demands = (*Ledger)(nil)

// AddSearches implements booking.Demands.
func (l *Ledger) AddSearches(ctx context.Context, batch string, counted []booking.Searches) error {
	return l.write(ctx, func(s *session) error {
		n, err := s.exec(ctx, "INSERT INTO search_batches (id, day) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", batch, l.moment().Format(time.DateOnly))
		if err != nil {
			return fmt.Errorf("ledger: add searches: %w", err)
		}
		if n == 0 { // it was kept, and only the answer was lost
			return nil
		}
		for _, c := range counted {
			err := s.put(ctx, nil, `INSERT INTO searches (day, epci, service, outcome, wait, number) VALUES (?, ?, ?, ?, ?, ?)
				ON CONFLICT (day, epci, service, outcome, wait) DO UPDATE SET number = searches.number + excluded.number`,
				c.When, c.EPCI, c.Service, c.Outcome, c.Wait, c.Number)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// SearchesIn implements booking.Demands.
func (l *Ledger) SearchesIn(ctx context.Context, from, to string) (out []booking.Searches, err error) {
	err = l.read.rows(ctx, func(r rowScanner) error {
		var c booking.Searches
		err := r.Scan(&c.When, &c.EPCI, &c.Service, &c.Outcome, &c.Wait, &c.Number)
		out = append(out, c)
		return err
	}, `SELECT substr(day, 1, 7), epci, service, outcome, wait, CAST(sum(number) AS BIGINT) FROM searches
		WHERE day >= ? AND day < ? GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`, from, to)
	return out, err
}

// dropSearches drops the months that are kept no longer, and what is remembered of batches that nobody will send again.
func dropSearches(ctx context.Context, s *session, now, before time.Time) error {
	first := time.Date(now.Year(), now.Month()-keepSearches, 1, 0, 0, 0, 0, time.UTC)
	if _, err := s.exec(ctx, "DELETE FROM searches WHERE day < ?", first.Format(time.DateOnly)); err != nil {
		return fmt.Errorf("ledger: purge: %w", err)
	}
	if _, err := s.exec(ctx, "DELETE FROM search_batches WHERE day < ?", before.UTC().Format(time.DateOnly)); err != nil {
		return fmt.Errorf("ledger: purge: %w", err)
	}
	return nil
}
