package ledger

import (
	"context"

	"passerelle/auth"
)

var _ auth.Generations = (*Ledger)(nil)

// Generations implements auth.Generations.
func (l *Ledger) Generations(ctx context.Context) ([]auth.Generation, error) {
	return generations(ctx, l.read)
}

// Rotate keeps the generation that next makes of those that there are. Of two at once, one fails.
func (l *Ledger) Rotate(ctx context.Context, next func([]auth.Generation) (auth.Generation, error)) (auth.Generation, error) {
	var made auth.Generation
	err := l.write(ctx, func(s *session) error {
		list, err := generations(ctx, s)
		if err != nil {
			return err
		}
		if made, err = next(list); err != nil {
			return err
		}
		return s.put(ctx, nil, "INSERT INTO generations (number, published, signs) VALUES (?, ?, ?)", made.Number, millis(made.PublishedAt), millis(made.SignsFrom))
	})
	return made, err
}

func generations(ctx context.Context, s *session) ([]auth.Generation, error) {
	var out []auth.Generation
	err := s.rows(ctx, func(r rowScanner) error {
		var g auth.Generation
		var published, signs int64
		if err := r.Scan(&g.Number, &published, &signs); err != nil {
			return err
		}
		g.PublishedAt, g.SignsFrom = instant(published), instant(signs)
		out = append(out, g)
		return nil
	}, "SELECT number, published, signs FROM generations ORDER BY number")
	return out, err
}
