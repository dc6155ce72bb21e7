package ledger

import (
	"context"
	"fmt"
	"time"

	"passerelle/booking"
)

// KeepEvening keeps where a place wants the list of the next day; an empty address ends it. By is the account that asks. What
// was told already stays told, whatever is asked since.
func (l *Ledger) KeepEvening(ctx context.Context, place *booking.Place, address, by string) error {
	sealed, err := l.seal.seal("evening/"+place.ID, address)
	if err != nil {
		return err
	}
	return l.write(ctx, func(s *session) error {
		var day string
		var due int64
		these, args := in(place.Names())
		if _, err := s.first(ctx, []any{&day, &due}, "SELECT day, due FROM evenings WHERE place IN "+these+" ORDER BY day DESC"+s.forUpdate, args...); err != nil {
			return err
		}
		if _, err := s.exec(ctx, "DELETE FROM evenings WHERE place <> ? AND place IN "+these, append([]any{place.ID}, args...)...); err != nil {
			return fmt.Errorf("ledger: keep an evening: %w", err)
		}
		_, err := s.exec(ctx, `INSERT INTO evenings (place, sealed, day, due) VALUES (?, ?, ?, ?)
			ON CONFLICT (place) DO UPDATE SET sealed = excluded.sealed`, place.ID, sealed, day, due)
		if err != nil {
			return fmt.Errorf("ledger: keep an evening: %w", err)
		}
		what := "evening list wanted"
		if address == "" {
			what = "evening list wanted no more"
		}
		return audit(ctx, s, place.ID, by, what, "", l.moment())
	})
}

// Evening is what a place has asked for; the zero value where it never has.
func (l *Ledger) Evening(ctx context.Context, place *booking.Place) (booking.Evening, error) {
	these, args := in(place.Names())
	found, err := l.evenings(ctx, "WHERE place IN "+these+" ORDER BY day DESC", args...)
	if err != nil || len(found) == 0 {
		return booking.Evening{}, err
	}
	return found[0], nil
}

// Evenings lists what places have asked for, by place, without those that want none.
func (l *Ledger) Evenings(ctx context.Context) ([]booking.Evening, error) {
	found, err := l.evenings(ctx, "ORDER BY place")
	wanted := found[:0]
	for _, e := range found {
		if e.Address != "" {
			wanted = append(wanted, e)
		}
	}
	return wanted, err
}

func (l *Ledger) evenings(ctx context.Context, where string, args ...any) (out []booking.Evening, err error) {
	err = l.read.rows(ctx, func(r rowScanner) error {
		var e booking.Evening
		var sealed []byte
		var due int64
		if err := r.Scan(&e.Place, &sealed, &e.Told, &due); err != nil {
			return err
		}
		e.Untold = due != 0
		err := l.seal.open("evening/"+e.Place, sealed, &e.Address)
		out = append(out, e)
		return err
	}, "SELECT place, sealed, day, due FROM evenings "+where, args...)
	return out, err
}

// TakeEvening reports whether the list of a day is the caller's to send: it was not told, and nobody else has taken it. What
// does not end it is tried again at that instant, by whoever comes first.
func (l *Ledger) TakeEvening(ctx context.Context, place, day string, again time.Time) (mine bool, err error) {
	err = l.write(ctx, func(s *session) error {
		n, err := s.exec(ctx, "UPDATE evenings SET due = ? WHERE place = ? AND day < ? AND due <= ?", millis(again), place, day, millis(l.now()))
		if err != nil {
			return fmt.Errorf("ledger: take an evening: %w", err)
		}
		mine = n == 1
		return nil
	})
	return mine, err
}

// EndEvening keeps that a place was told of a day, or that it will not be. What was given up leaves the time at which it was to
// be tried again, which is past by the next evening: until a list has gone, it says that the last one has not.
func (l *Ledger) EndEvening(ctx context.Context, place, day string, gone bool) error {
	due := "due"
	if gone {
		due = "0"
	}
	return l.write(ctx, func(s *session) error {
		if _, err := s.exec(ctx, "UPDATE evenings SET day = ?, due = "+due+" WHERE place = ? AND day < ?", day, place, day); err != nil {
			return fmt.Errorf("ledger: end an evening: %w", err)
		}
		return nil
	})
}
