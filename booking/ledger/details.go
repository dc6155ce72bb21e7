package ledger

import (
	"context"
	"encoding/json"
	"fmt"

	"passerelle/booking"
)

// keyFor gives the data key of a change that is the first to say something of persons; it is on disk before the change is
// made. What is learnt later has the key that is there, which is the one that erasing destroys.
func (l *Ledger) keyFor(ctx context.Context, c booking.Change) (dataKey, error) {
	if c.Details == nil || c.Event == booking.Learn {
		return dataKey{}, nil
	}
	key, err := l.vault.take(ctx)
	l.points.reach(afterVault)
	return key, err
}

// putDetails seals what an appointment says of persons: with key, or with the one that it has if key is none.
func (l *Ledger) putDetails(ctx context.Context, s *session, a booking.Appointment, p booking.Person, key dataKey) error {
	if key.id == "" {
		found, err := s.first(ctx, []any{&key.id}, "SELECT key FROM details WHERE appointment = ?", a.ID)
		if err != nil || !found {
			return err
		}
		known, err := l.vault.keys(ctx, s, []string{key.id})
		if err != nil {
			return err
		}
		if key.key = known[key.id]; key.key == nil { // erased meanwhile: there is nothing to add to
			return nil
		}
	}
	text, err := json.Marshal(a.Details)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	aead, err := key.aead()
	if err != nil {
		return err
	}
	sealed := aead.Seal(nil, nil, text, []byte("details/"+a.ID)) // #nosec G407 -- it draws its nonce itself
	return s.put(ctx, nil, `INSERT INTO details (appointment, sealed, key, subject) VALUES (?, ?, ?, ?)
		ON CONFLICT (appointment) DO UPDATE SET sealed = excluded.sealed, key = excluded.key`, a.ID, sealed, key.id, subjectOf(a.Partner, p))
}

// openDetails reads what appointments say of persons. Those whose key was destroyed say nothing any more.
func (l *Ledger) openDetails(ctx context.Context, s *session, list []booking.Appointment) error {
	if len(list) == 0 {
		return nil
	}
	type row struct {
		sealed []byte
		key    string
	}
	rows, ids := make(map[string]row, len(list)), make([]string, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	var keys []string
	these, args := in(ids)
	err := s.rows(ctx, func(r rowScanner) error {
		var id string
		var got row
		if err := r.Scan(&id, &got.sealed, &got.key); err != nil {
			return err
		}
		rows[id], keys = got, append(keys, got.key)
		return nil
	}, "SELECT appointment, sealed, key FROM details WHERE appointment IN "+these, args...)
	if err != nil {
		return err
	}
	known, err := l.vault.keys(ctx, s, keys)
	if err != nil {
		return err
	}
	for i := range list {
		got, ok := rows[list[i].ID]
		if !ok || known[got.key] == nil {
			continue
		}
		d, err := unseal(list[i].ID, dataKey{got.key, known[got.key]}, got.sealed)
		if err != nil {
			return err
		}
		list[i].Details, list[i].Ended.Reason = d, d.EndReason
	}
	return nil
}

func unseal(appointment string, key dataKey, sealed []byte) (*booking.Details, error) {
	aead, err := key.aead()
	if err != nil {
		return nil, err
	}
	text, err := aead.Open(nil, nil, sealed, []byte("details/"+appointment))
	if err != nil {
		return nil, fmt.Errorf("ledger: the details of %s do not open: %w", appointment, err)
	}
	d := &booking.Details{}
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	return d, nil
}

// sealAnew gives a data key to what was sealed before there were any.
func (l *Ledger) sealAnew(ctx context.Context) error {
	old := make(map[string][]byte)
	err := l.read.rows(ctx, func(r rowScanner) error {
		var id string
		var sealed []byte
		err := r.Scan(&id, &sealed)
		old[id] = sealed
		return err
	}, "SELECT appointment, sealed FROM details WHERE key = ''")
	if err != nil {
		return err
	}
	for id, sealed := range old {
		a := booking.Appointment{ID: id, Details: &booking.Details{}}
		if err := l.seal.open("details/"+id, sealed, a.Details); err != nil {
			return err
		}
		key, err := l.vault.take(ctx)
		if err != nil {
			return err
		}
		if err := l.write(ctx, func(s *session) error { return l.putDetails(ctx, s, a, booking.Person{}, key) }); err != nil {
			return err
		}
	}
	return nil
}
