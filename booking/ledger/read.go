package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"passerelle/booking"
)

// querier is a transaction or the readers' connections.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

const columns = `a.id, a.partner, a.reference, a.place, a.agenda, a.motif, a.starts, a.ends, a.seats, a.status, a.version,
	a.guarantee, a.created, a.taken, a.modified, a.expires, a.extended, a.upstream, a.ended_by`

func selectAppointments(ctx context.Context, q querier, query string, args ...any) ([]booking.Appointment, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	defer rows.Close()
	var out []booking.Appointment
	for rows.Next() {
		a, err := scanAppointment(rows)
		if err != nil {
			return nil, fmt.Errorf("ledger: read an appointment: %w", err)
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

func scanAppointment(rows *sql.Rows) (booking.Appointment, error) {
	var a booking.Appointment
	var motif, upstream []byte
	var created, taken, modified, expires int64
	err := rows.Scan(&a.ID, &a.Partner, &a.Reference, &a.Place, &a.Agenda, &motif, &a.Start, &a.End, &a.Seats, &a.Status,
		&a.Version, &a.Guarantee, &created, &taken, &modified, &expires, &a.Extended, &upstream, &a.Ended.By)
	if err != nil {
		return a, err
	}
	a.Created, a.Taken, a.Modified, a.Expires = instant(created), instant(taken), instant(modified), instant(expires)
	return a, errors.Join(json.Unmarshal(motif, &a.Motif), json.Unmarshal(upstream, &a.Upstream))
}

// Appointment implements booking.Ledger.
func (l *Ledger) Appointment(ctx context.Context, partner, id string) (booking.Appointment, error) {
	return l.one(ctx, "WHERE a.id = ? AND a.partner = ?", id, partner)
}

// AnyAppointment implements booking.Ledger.
func (l *Ledger) AnyAppointment(ctx context.Context, id string) (booking.Appointment, error) {
	return l.one(ctx, "WHERE a.id = ?", id)
}

func (l *Ledger) one(ctx context.Context, where string, args ...any) (booking.Appointment, error) {
	found, err := selectAppointments(ctx, l.reader, "SELECT "+columns+" FROM appointments a "+where, args...)
	if err != nil {
		return booking.Appointment{}, err
	}
	if len(found) == 0 {
		return booking.Appointment{}, booking.Missing()
	}
	err = l.complete(ctx, found)
	return found[0], err
}

// Appointments implements booking.Ledger.
func (l *Ledger) Appointments(ctx context.Context, partner string, f booking.AppointmentFilter) ([]booking.Appointment, int, error) {
	where, args := "WHERE a.partner = ? AND a.taken > 0", []any{partner}
	if !f.ModifiedSince.IsZero() {
		where, args = where+" AND a.modified >= ?", append(args, millis(f.ModifiedSince))
	}
	if len(f.Statuses) > 0 {
		where += " AND a.status IN (?" + strings.Repeat(", ?", len(f.Statuses)-1) + ")"
		for _, s := range f.Statuses {
			args = append(args, s)
		}
	}
	if f.Reference != "" {
		where, args = where+" AND a.reference = ?", append(args, f.Reference)
	}
	if f.Place != "" {
		where, args = where+" AND a.place = ?", append(args, f.Place)
	}
	var total int
	if err := l.reader.QueryRowContext(ctx, "SELECT count(*) FROM appointments a "+where, args...).Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("ledger: %w", err)
	}
	found, err := selectAppointments(ctx, l.reader,
		"SELECT "+columns+" FROM appointments a "+where+" ORDER BY a.modified, a.id LIMIT ? OFFSET ?", append(args, f.Limit, f.Offset)...)
	if err != nil {
		return nil, 0, err
	}
	return found, total, l.complete(ctx, found)
}

// Lapsed implements booking.Ledger.
func (l *Ledger) Lapsed(ctx context.Context, now time.Time, limit int) ([]booking.Appointment, error) {
	return selectAppointments(ctx, l.reader, "SELECT "+columns+` FROM appointments a
		WHERE a.status IN ('reserve', 'demande') AND a.expires <= ? ORDER BY a.expires LIMIT ?`, millis(now), limit)
}

// HasAppointments reports whether a place has appointments still to come: it is kept when the source drops it.
func (l *Ledger) HasAppointments(ctx context.Context, place string) (bool, error) {
	var yes bool
	err := l.reader.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM appointments WHERE place = ? AND ends > ? AND taken > 0)`,
		place, l.now().Unix()).Scan(&yes)
	return yes, err
}

// complete adds what is kept apart, details and messages, with two queries whatever the number of appointments.
func (l *Ledger) complete(ctx context.Context, found []booking.Appointment) error {
	if len(found) == 0 {
		return nil
	}
	byID, ids := make(map[string]*booking.Appointment, len(found)), make([]string, len(found))
	for i := range found {
		byID[found[i].ID], ids[i] = &found[i], found[i].ID
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if err := l.openDetails(ctx, l.reader, byID, string(list)); err != nil {
		return err
	}
	notices, err := selectNotices(ctx, l.reader, "WHERE appointment IN (SELECT value FROM json_each(?)) ORDER BY id", string(list))
	if err != nil {
		return err
	}
	for _, n := range notices {
		byID[n.Appointment].Notices = append(byID[n.Appointment].Notices, n)
	}
	return nil
}

func (l *Ledger) putDetails(ctx context.Context, tx *sql.Tx, a booking.Appointment) error {
	sealed, err := l.seal.seal("details/"+a.ID, a.Details)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO details (appointment, sealed) VALUES (?, ?) ON CONFLICT (appointment) DO UPDATE SET sealed = excluded.sealed", a.ID, sealed)
	if err != nil {
		return fmt.Errorf("ledger: keep the details: %w", err)
	}
	return nil
}

// openDetails reads the details of the appointments in byID, whose ids list holds as JSON.
func (l *Ledger) openDetails(ctx context.Context, q querier, byID map[string]*booking.Appointment, list string) error {
	rows, err := q.QueryContext(ctx, "SELECT appointment, sealed FROM details WHERE appointment IN (SELECT value FROM json_each(?))", list)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var sealed []byte
		if err := rows.Scan(&id, &sealed); err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		a, d := byID[id], &booking.Details{}
		if err := l.seal.open("details/"+id, sealed, d); err != nil {
			return err
		}
		a.Details, a.Ended.Reason = d, d.EndReason
	}
	return rows.Err()
}

// Requests lists what structures must still answer, the most urgent first, without personal data.
func (l *Ledger) Requests(ctx context.Context) ([]booking.Appointment, error) {
	return selectAppointments(ctx, l.reader, "SELECT "+columns+" FROM appointments a WHERE a.status = ? ORDER BY a.expires, a.id", booking.Requested)
}
