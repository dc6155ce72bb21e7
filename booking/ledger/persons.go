package ledger

import (
	"context"
	"encoding/hex"
	"errors"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// errSamePerson says that a partner's person is expected elsewhere at the same time.
var errSamePerson = errors.New("ledger: the same person is expected at the same time")

// expect keeps that a person is expected. The rule of the database decides, not a look-up.
func expect(ctx context.Context, s *session, a booking.Appointment, c booking.Change) error {
	if len(c.Person.Digest) == 0 || a.Interval.Empty() || !a.Status.Occupies() {
		return nil
	}
	return s.put(ctx, func(v violation) error {
		if v == overlaps {
			return errSamePerson
		}
		return nil
	}, "INSERT INTO persons (appointment, person, starts, ends, chain, again) VALUES (?, ?, ?, ?, ?, ?)",
		a.ID, personOf(a.Partner, c.Person), a.Start, a.End, a.Chain, flag(c.Person.Again))
}

// personOf names a person within one partner: two partners' digests of the same person never meet.
func personOf(partner string, p booking.Person) string {
	return partner + "/" + hex.EncodeToString(p.Digest)
}

// subjectOf names what is kept of a person, likewise; empty where the partner gave no name of its own.
func subjectOf(partner string, p booking.Person) string {
	if len(p.Subject) == 0 {
		return ""
	}
	return partner + "/" + hex.EncodeToString(p.Subject)
}

// explain says with which appointment a person is expected already.
// self is itself, or what it is to take the place of: that is no second one.
func (l *Ledger) explain(ctx context.Context, partner, self string, c booking.Change, span interval.Interval, err error) error {
	if !errors.Is(err, errSamePerson) {
		return err
	}
	double := &booking.Error{
		Kind: connectors.Refused, Code: "rendez_vous_double",
		Detail: "Cette personne a déjà un rendez-vous à la même heure. S'il en faut vraiment deux, donnez doublon_accepte.",
		Fields: []booking.FieldError{{Name: "usager", Reason: "a déjà un rendez-vous à cette heure"}}, Err: err,
	}
	if _, err := l.read.first(ctx, []any{&double.Appointment},
		`SELECT appointment FROM persons WHERE person = ? AND again = 0 AND ends > ? AND starts < ?
		AND chain NOT IN (SELECT chain FROM appointments WHERE id = ?) ORDER BY starts LIMIT 1`,
		personOf(partner, c.Person), span.Start, span.End, self); err != nil {
		return err
	}
	return double
}
