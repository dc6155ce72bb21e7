package ledgertest

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// owed is a debt to an agenda. Its lease is the number of a taking.
type owed struct {
	do                 booking.Action
	since, due, absent time.Time
	attempts, absences int
	lease              int
	key                string // of the call that asked for it
}

// byCaller is the lease of whoever took the step.
const byCaller = -1

// message is what somebody is told.
type message struct {
	booking.Notice
	lease int
}

// command does what a step owes: what was owed to the agenda before is settled, what is no news is not told.
func (m *model) command(r *row, before booking.Appointment, commands []booking.Command, c booking.Change, w wanted, now time.Time) error {
	still := before.Status == booking.Confirmed && r.Status == booking.Confirmed && before.Interval == r.Interval
	if before.Status != booking.Held {
		r.debt = nil
		for _, n := range m.messages {
			old := slices.ContainsFunc(commands, func(c booking.Command) bool { return c.Do == booking.Tell && c.To == n.To })
			switch n.About {
			case booking.AboutDoubt:
				old = true
			case booking.AboutReminder:
				old = !still
			}
			if n.Appointment == r.ID && n.State == booking.NoticeDue && n.lease == 0 && old {
				n.State = booking.NoticeDropped
			}
		}
	}
	for _, cmd := range commands {
		switch cmd.Do {
		case booking.Tell:
			m.due(booking.NewNotice(r.Appointment, cmd, c.Channels[cmd.To], now))
		case booking.Remind:
			if n, due := c.Reminder.Notice(r.Appointment, now); due && !still {
				m.due(n)
			}
		case booking.Supersede:
			if err := m.supersede(r, now); err != nil {
				return err
			}
		default:
			r.debt = &owed{do: cmd.Do, since: now, due: now.Add(c.Lease), key: w.value}
			if c.Lease > 0 {
				r.debt.lease = byCaller
			}
		}
	}
	return nil
}

func (m *model) due(n booking.Notice) {
	n.ID = int64(len(m.messages) + 1)
	m.messages = append(m.messages, &message{Notice: n})
}

// whole is a row as a ledger shows it, with what people are told of it.
func (m *model) whole(r *row) booking.Appointment {
	a := r.Appointment
	for _, n := range m.messages {
		if n.Appointment == r.ID {
			a.Notices = append(a.Notices, n.Notice)
		}
	}
	return a
}

// takeDebts leases what is due, the oldest first. Which of those of one instant come first is nobody's to say: limit is
// enlarged so that it does not matter.
func (m *model) takeDebts(lease time.Duration, limit int) (taken []*row, enough int) {
	for _, r := range m.rows {
		if r.debt != nil && !r.debt.due.After(m.now) {
			taken = append(taken, r)
		}
	}
	slices.SortStableFunc(taken, func(a, b *row) int { return a.debt.due.Compare(b.debt.due) })
	for limit < len(taken) && taken[limit-1].debt.due.Equal(taken[limit].debt.due) {
		limit++
	}
	taken = taken[:min(limit, len(taken))]
	m.leases++
	for _, r := range taken {
		r.debt.lease, r.debt.due = m.leases, m.now.Add(lease)
	}
	slices.SortFunc(taken, func(a, b *row) int { return cmp.Compare(a.ID, b.ID) })
	return taken, limit
}

// held finds the debt of an appointment if it is still under a lease.
func (m *model) held(id string, lease int) *owed {
	if r := m.row(id); r.debt != nil && r.debt.lease == lease {
		return r.debt
	}
	return nil
}

// postpone keeps a debt, as it was when it was taken, for later.
func (m *model) postpone(id string, lease int, taken owed, due time.Time, absent bool) {
	d := m.held(id, lease)
	if d == nil {
		return
	}
	d.due, d.lease, d.attempts, d.absences, d.absent = due, 0, d.attempts+1, 0, time.Time{}
	if absent {
		d.absences, d.absent = taken.absences+1, taken.absent
		if d.absent.IsZero() {
			d.absent = m.now
		}
	}
}

func (m *model) forgive(id string, lease int) {
	if m.held(id, lease) != nil {
		m.row(id).debt = nil
	}
}

// takeNotices leases what is due to be told, in order for each appointment and recipient.
func (m *model) takeNotices(lease time.Duration, limit int) (out []booking.Notice) {
	var taken []*message
	waits := make(map[[2]string]bool)
	for _, n := range m.messages {
		to := [2]string{n.Appointment, string(n.To)}
		if n.State != booking.NoticeDue {
			continue
		}
		if !waits[to] && !n.Due.After(m.now) {
			taken = append(taken, n)
		}
		waits[to] = waits[to] || n.About != booking.AboutReminder || n.lease != 0
	}
	slices.SortStableFunc(taken, func(a, b *message) int { return a.Due.Compare(b.Due) })
	taken = taken[:min(limit, len(taken))]
	m.leases++
	for _, n := range taken {
		out = append(out, n.Notice)
		n.lease, n.Due = m.leases, m.now.Add(lease)
	}
	return out
}

// tell keeps what became of a message, as it was when it was taken.
func (m *model) tell(was booking.Notice, lease int, state booking.NoticeState, again time.Time) {
	n := m.messages[was.ID-1]
	if n.lease != lease {
		return
	}
	n.Due = was.Due
	if state == booking.NoticeDue {
		n.Due = again
		for _, later := range m.messages[was.ID:] {
			if later.Appointment == n.Appointment && later.To == n.To && later.About != booking.AboutReminder && n.About != booking.AboutReminder {
				state = booking.NoticeDropped
			}
		}
	}
	n.State, n.lease, n.Attempts = state, 0, n.Attempts+1
}

func (m *model) sight(id string, as interval.Interval) time.Time {
	if s, seen := m.sightings[id]; !seen || s.as != as {
		m.sightings[id] = sighting{as, m.now}
	}
	return m.sightings[id].since
}

func (m *model) erasable(over, never time.Time) (ids []string) {
	kept := make(map[string]bool) // chains of which something is not over
	for _, r := range m.rows {
		never := (r.Status == booking.Refused || r.Status == booking.Expired) && r.Modified.Before(never)
		past := r.End < over.Unix()
		if r.Interval.Empty() {
			past = r.Modified.Before(over)
		}
		if !past && !never && r.Status != booking.Moved {
			kept[r.Chain] = true
		}
	}
	for _, r := range m.rows {
		if r.Details != nil && !kept[r.Chain] {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// carried says whether the one who carries out what a key asked for still has the time to.
func (m *model) carried(name keyName) (held, owns bool) {
	d := m.row(m.keys[name].appointment).debt
	return d != nil && d.lease != 0 && d.due.After(m.now), d != nil && d.key == name.value
}

// supersede replaces the one whose place r takes, unless that ended by itself.
func (m *model) supersede(r *row, now time.Time) error {
	before := m.row(r.Replaces)
	before.ReplacedBy = r.ID
	if before.Upstream.Reference != "" && before.Upstream.Reference == r.Upstream.Reference {
		before.Upstream = connectors.Appointment{}
	}
	err := m.step(before, booking.Change{Event: booking.Replace}, wanted{}, now)
	if e, ok := errors.AsType[*booking.Error](err); ok && e.Kind == connectors.Refused {
		return nil
	}
	return err
}
