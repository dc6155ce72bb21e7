package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// putKey records an idempotency key with the work that it stands for; the primary key arbitrates, not a look-up.
func putKey(ctx context.Context, s *session, k *booking.Key, appointment string, at time.Time) error {
	if k == nil {
		return nil
	}
	return s.put(ctx, func(violation) error { return booking.ErrKeyUsed },
		"INSERT INTO keys (partner, digest, request, status, appointment, refusal, created) VALUES (?, ?, ?, ?, ?, '', ?)",
		k.Partner, k.Digest[:], k.Request[:], k.Status, appointment, millis(at))
}

// Note implements booking.Ledger.
func (l *Ledger) Note(ctx context.Context, id string, key *booking.Key) error {
	return l.write(ctx, func(s *session) error { return putKey(ctx, s, key, id, l.moment()) })
}

// ByKey implements booking.Ledger.
func (l *Ledger) ByKey(ctx context.Context, k booking.Key) (booking.Recorded, bool, error) {
	var r booking.Recorded
	var request []byte
	var refusal string
	var held, owns int
	found, err := l.read.first(ctx, []any{&request, &r.Status, &r.Appointment, &refusal, &held, &owns}, `SELECT k.request, k.status, k.appointment, k.refusal,
		(SELECT count(*) FROM debts d WHERE d.appointment = k.appointment AND d.lease <> '' AND d.due > ?),
		(SELECT count(*) FROM debts d WHERE d.appointment = k.appointment AND d.digest = k.digest)
		FROM keys k WHERE k.partner = ? AND k.digest = ?`,
		millis(l.now()), k.Partner, k.Digest[:])
	if err != nil || !found {
		return r, false, err
	}
	copy(r.Request[:], request)
	r.Held, r.Owns = held > 0, owns > 0
	if refusal != "" {
		var kept keptRefusal
		if err := json.Unmarshal([]byte(refusal), &kept); err != nil {
			return r, false, fmt.Errorf("ledger: %w", err)
		}
		r.Refusal = &booking.Error{Kind: kept.Kind, Code: kept.Code, Detail: kept.Detail, Link: kept.Link}
	}
	return r, true, nil
}

// keptRefusal is a refusal as it is given again: what was said, not why.
type keptRefusal struct {
	Kind               connectors.Kind
	Code, Detail, Link string
}

// recordRefusal keeps what the call that asked for the command under way is answered, should it be repeated. The
// other keys of the appointment did what they did.
func recordRefusal(ctx context.Context, s *session, appointment string, e *booking.Error) error {
	if e == nil {
		return nil
	}
	text, err := json.Marshal(keptRefusal{e.Kind, e.Code, e.Detail, e.Link})
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	_, err = s.exec(ctx, `UPDATE keys SET refusal = ? WHERE appointment = ?
		AND digest = (SELECT digest FROM debts WHERE appointment = keys.appointment)`, string(text), appointment)
	if err != nil {
		return fmt.Errorf("ledger: keep a refusal: %w", err)
	}
	return nil
}

func digestOf(k *booking.Key) []byte {
	if k == nil {
		return nil
	}
	return k.Digest[:]
}
