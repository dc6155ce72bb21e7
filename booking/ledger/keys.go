package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"passerelle/booking"
	"passerelle/connectors"
)

// putKey records an idempotency key with the work that it stands for; the primary key arbitrates, not a look-up.
func putKey(ctx context.Context, tx *sql.Tx, k *booking.Key, appointment string, at time.Time) error {
	if k == nil {
		return nil
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO keys (partner, digest, request, status, appointment, refusal, created) VALUES (?, ?, ?, ?, ?, '', ?)",
		k.Partner, k.Digest[:], k.Request[:], k.Status, appointment, millis(at))
	if refused(err, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY) {
		return booking.ErrKeyUsed
	}
	if err != nil {
		return fmt.Errorf("ledger: keep a key: %w", err)
	}
	return nil
}

// ByKey implements booking.Ledger.
func (l *Ledger) ByKey(ctx context.Context, k booking.Key) (booking.Recorded, bool, error) {
	var r booking.Recorded
	var request []byte
	var refusal string
	err := l.reader.QueryRowContext(ctx, "SELECT request, status, appointment, refusal FROM keys WHERE partner = ? AND digest = ?",
		k.Partner, k.Digest[:]).Scan(&request, &r.Status, &r.Appointment, &refusal)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	if err != nil {
		return r, false, fmt.Errorf("ledger: %w", err)
	}
	copy(r.Request[:], request)
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
func recordRefusal(ctx context.Context, tx *sql.Tx, appointment string, e *booking.Error) error {
	if e == nil {
		return nil
	}
	text, err := json.Marshal(keptRefusal{e.Kind, e.Code, e.Detail, e.Link})
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE keys SET refusal = ? WHERE appointment = ?
		AND digest = (SELECT digest FROM commands WHERE appointment = keys.appointment)`, string(text), appointment)
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
