package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"passerelle/booking"
)

const columns = `a.id, a.partner, a.reference, a.place, a.agenda, a.motif, a.starts, a.ends, a.seats, a.status, a.version,
	a.guarantee, a.created, a.taken, a.modified, a.expires, a.extended, a.upstream, a.ended_by, a.chain, a.replaces, a.replacing, a.replaced_by`

func selectAppointments(ctx context.Context, s *session, where string, args ...any) ([]booking.Appointment, error) {
	var out []booking.Appointment
	err := s.rows(ctx, func(r rowScanner) error {
		a, err := scanAppointment(r)
		out = append(out, a)
		return err
	}, "SELECT "+columns+" FROM appointments a "+where, args...)
	return out, err
}

func scanAppointment(r rowScanner) (booking.Appointment, error) {
	var a booking.Appointment
	var motif, upstream []byte
	var created, taken, modified, expires int64
	err := r.Scan(&a.ID, &a.Partner, &a.Reference, &a.Place, &a.Agenda, &motif, &a.Start, &a.End, &a.Seats, &a.Status,
		&a.Version, &a.Guarantee, &created, &taken, &modified, &expires, &a.Extended, &upstream, &a.Ended.By,
		&a.Chain, &a.Replaces, &a.Replacing, &a.ReplacedBy)
	if err != nil {
		return a, err
	}
	a.Created, a.Taken, a.Modified, a.Expires = instant(created), instant(taken), instant(modified), instant(expires)
	err = errors.Join(json.Unmarshal(motif, &a.Motif), json.Unmarshal(upstream, &a.Upstream))
	return a, err
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
	found, err := selectAppointments(ctx, l.read, where, args...)
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
		these, statuses := in(f.Statuses)
		where, args = where+" AND a.status IN "+these, append(args, statuses...)
	}
	if f.Reference != "" {
		where, args = where+" AND a.reference = ?", append(args, f.Reference)
	}
	if f.Place != "" {
		where, args = where+" AND a.place = ?", append(args, f.Place)
	}
	var total int
	if _, err := l.read.first(ctx, []any{&total}, "SELECT count(*) FROM appointments a "+where, args...); err != nil {
		return nil, 0, err
	}
	found, err := selectAppointments(ctx, l.read, where+" ORDER BY a.modified, a.id LIMIT ? OFFSET ?", append(args, f.Limit, f.Offset)...)
	if err != nil {
		return nil, 0, err
	}
	return found, total, l.complete(ctx, found)
}

// HandedOn implements booking.Handoffs.
func (l *Ledger) HandedOn(ctx context.Context, agenda string, since time.Time) ([]booking.Appointment, error) {
	these, statuses := in([]booking.Status{booking.HandedOff, booking.Confirmed, booking.NeedsHuman, booking.Honoured, booking.Missed})
	found, err := selectAppointments(ctx, l.read, "WHERE a.guarantee = 'orientation' AND a.agenda = ? AND a.created >= ? AND a.status IN "+these+" ORDER BY a.created, a.id",
		append([]any{agenda, millis(since)}, statuses...)...)
	if err != nil {
		return nil, err
	}
	handed := slices.DeleteFunc(found, func(a booking.Appointment) bool { return !a.Standing().Upstream })
	return handed, l.complete(ctx, handed)
}

// Lapsed implements booking.Ledger.
func (l *Ledger) Lapsed(ctx context.Context, now time.Time, limit int) ([]booking.Appointment, error) {
	return selectAppointments(ctx, l.read, `WHERE a.status IN ('reserve', 'demande', 'a_finaliser') AND a.expires <= ? ORDER BY a.expires LIMIT ?`, millis(now), limit)
}

// HasAppointments reports whether a place has appointments still to come: it is kept when the source drops it. One whose time
// nobody has said may be to come until it is erased.
func (l *Ledger) HasAppointments(ctx context.Context, place string) (bool, error) {
	var one int
	return l.read.first(ctx, []any{&one}, "SELECT 1 FROM appointments WHERE place = ? AND (ends > ? OR ends = 0 AND status IN (?, ?) AND EXISTS (SELECT 1 FROM details d WHERE d.appointment = appointments.id)) AND taken > 0 LIMIT 1",
		place, l.now().Unix(), booking.HandedOff, booking.Confirmed)
}

// Requests lists what structures must still answer, the most urgent first, without personal data.
func (l *Ledger) Requests(ctx context.Context) ([]booking.Appointment, error) {
	return selectAppointments(ctx, l.read, "WHERE a.status = ? ORDER BY a.expires, a.id", booking.Requested)
}

// Todo lists what nobody but a human can settle, the soonest first, without personal data.
func (l *Ledger) Todo(ctx context.Context) ([]booking.Appointment, error) {
	return selectAppointments(ctx, l.read, "WHERE a.status = ? ORDER BY a.starts, a.id", booking.NeedsHuman)
}

// complete adds what stands in other tables.
func (l *Ledger) complete(ctx context.Context, found []booking.Appointment) error {
	if len(found) == 0 {
		return nil
	}
	if err := l.openDetails(ctx, l.read, found); err != nil {
		return err
	}
	byID, ids := make(map[string]*booking.Appointment, len(found)), make([]string, len(found))
	for i := range found {
		byID[found[i].ID], ids[i] = &found[i], found[i].ID
	}
	these, args := in(ids)
	notices, err := selectNotices(ctx, l.read, "WHERE appointment IN "+these+" ORDER BY id", args...)
	for _, n := range notices {
		byID[n.Appointment].Notices = append(byID[n.Appointment].Notices, n)
	}
	return err
}
