package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"passerelle/booking"
)

// putKey records an idempotency key with the work that it stands for; the primary key arbitrates, not a look-up.
func putKey(ctx context.Context, tx *sql.Tx, k *booking.Key, appointment string, at time.Time) error {
	if k == nil {
		return nil
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO keys (partner, digest, request, status, appointment, created) VALUES (?, ?, ?, ?, ?, ?)",
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
	err := l.reader.QueryRowContext(ctx, "SELECT request, status, appointment FROM keys WHERE partner = ? AND digest = ?",
		k.Partner, k.Digest[:]).Scan(&request, &r.Status, &r.Appointment)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	if err != nil {
		return r, false, fmt.Errorf("ledger: %w", err)
	}
	copy(r.Request[:], request)
	return r, true, nil
}
