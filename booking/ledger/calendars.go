package ledger

import (
	"context"
	"fmt"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
)

// OpenCalendar makes the private address of a place's calendar, in place of any that there was, and says what stands in
// it: 256 random bits, which nobody is told again. By is the account that asks.
func (l *Ledger) OpenCalendar(ctx context.Context, place *booking.Place, by string) (token string, err error) {
	token = signin.NewToken(l.rand)
	return token, l.write(ctx, func(s *session) error {
		now := l.moment()
		if _, err := endCalendars(ctx, s, place); err != nil {
			return err
		}
		// Of two that ask at once, the later has the address.
		_, err := s.exec(ctx, `INSERT INTO calendars (place, digest, account, since) VALUES (?, ?, ?, ?)
			ON CONFLICT (place) DO UPDATE SET digest = excluded.digest, account = excluded.account, since = excluded.since`,
			place.ID, signin.Digest(ofCalendar, token), by, millis(now))
		if err != nil {
			return fmt.Errorf("ledger: keep the address of a calendar: %w", err)
		}
		return audit(ctx, s, place.ID, by, "calendar opened", "", now)
	})
}

// CloseCalendar ends the address of a place's calendar. That there is none is no error.
func (l *Ledger) CloseCalendar(ctx context.Context, place *booking.Place, by string) error {
	return l.write(ctx, func(s *session) error {
		n, err := endCalendars(ctx, s, place)
		if err != nil || n == 0 {
			return err
		}
		return audit(ctx, s, place.ID, by, "calendar closed", "", l.moment())
	})
}

// endCalendars also ends what was made under an id that the place had before.
func endCalendars(ctx context.Context, s *session, place *booking.Place) (int64, error) {
	these, args := in(place.Names())
	n, err := s.exec(ctx, "DELETE FROM calendars WHERE place IN "+these, args...)
	if err != nil {
		return 0, fmt.Errorf("ledger: end the address of a calendar: %w", err)
	}
	return n, nil
}

// Calendar says who has made the address of a place's calendar, and when; an empty account where there is none.
func (l *Ledger) Calendar(ctx context.Context, place *booking.Place) (account string, since time.Time, err error) {
	var at int64
	these, args := in(place.Names())
	_, err = l.read.first(ctx, []any{&account, &at}, "SELECT account, since FROM calendars WHERE place IN "+these+" ORDER BY since DESC", args...)
	return account, instant(at), err
}

// OfCalendar finds the place of an address, and the account that has made it: NotFound where there is no such address.
func (l *Ledger) OfCalendar(ctx context.Context, token string) (place, account string, err error) {
	found, err := l.read.first(ctx, []any{&place, &account}, "SELECT place, account FROM calendars WHERE digest = ?", signin.Digest(ofCalendar, token))
	if err == nil && !found {
		err = booking.Missing()
	}
	return place, account, err
}

// ofCalendar is what the digest of an address is of.
const ofCalendar = "calendrier"
