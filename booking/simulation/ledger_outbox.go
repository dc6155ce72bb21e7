package simulation

import (
	"cmp"
	"context"
	"slices"
	"time"

	"passerelle/booking"
)

// putNotice keeps a message in the transaction that makes it due; who has no channel is kept too.
func (l *Ledger) putNotice(t *transaction, n booking.Notice) {
	l.noticeID++
	n.ID = l.noticeID
	set(t, l.notices, n.Appointment, append(slices.Clone(l.notices[n.Appointment]), notice{Notice: n}))
}

// dropOld drops what waits to be told of an appointment and is no news any more: a doubt that is settled, a reminder of
// what is over or elsewhere, and what the same people are about to be told better. What is being sent is sent.
func (l *Ledger) dropOld(t *transaction, appointment string, commands []booking.Command, still bool) {
	old := func(n notice) bool {
		switch n.About {
		case booking.AboutDoubt:
			return true
		case booking.AboutReminder:
			return !still
		}
		return slices.ContainsFunc(commands, func(c booking.Command) bool { return c.Do == booking.Tell && c.To == n.To })
	}
	dropped := slices.Clone(l.notices[appointment])
	changed := false
	for i, n := range dropped {
		if n.State == booking.NoticeDue && n.lease == "" && old(n) {
			dropped[i].State, changed = booking.NoticeDropped, true
		}
	}
	if changed {
		set(t, l.notices, appointment, dropped)
	}
}

// TakeNotices implements booking.Outbox.
func (l *Ledger) TakeNotices(_ context.Context, lease time.Duration, limit int) (out []booking.Told, _ error) {
	err := l.write(func(t *transaction) error {
		now := l.Now().UTC().Truncate(time.Millisecond)
		for _, list := range l.notices {
			for i, n := range list {
				waits := slices.ContainsFunc(list[:i], func(e notice) bool {
					return e.To == n.To && e.State == booking.NoticeDue && (e.About != booking.AboutReminder || e.lease != "")
				})
				if n.State == booking.NoticeDue && !n.Due.After(now) && !waits {
					out = append(out, booking.Told{Notice: n.Notice})
				}
			}
		}
		slices.SortFunc(out, func(a, b booking.Told) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
		out = out[:min(limit, len(out))]
		token := l.token()
		for i, n := range out {
			out[i].Lease, out[i].Subject = token, l.whole(l.appointments[n.Appointment])
			l.change(t, n.Notice, func(have *notice) { have.lease, have.Due = token, now.Add(lease) })
		}
		return nil
	})
	return out, err
}

func (l *Ledger) change(t *transaction, n booking.Notice, do func(*notice)) {
	list := slices.Clone(l.notices[n.Appointment])
	for i := range list {
		if list[i].ID == n.ID {
			do(&list[i])
		}
	}
	set(t, l.notices, n.Appointment, list)
}

// Tell implements booking.Outbox. What would be tried again is dropped where there is news for the same people; a
// reminder is none, and is made old by none.
func (l *Ledger) Tell(_ context.Context, told booking.Told, state booking.NoticeState, again time.Time) error {
	return l.write(func(t *transaction) error {
		news := told.About != booking.AboutReminder && slices.ContainsFunc(l.notices[told.Appointment], func(n notice) bool {
			return n.To == told.To && n.ID > told.ID && n.About != booking.AboutReminder
		})
		l.change(t, told.Notice, func(have *notice) {
			if have.lease != told.Lease {
				return
			}
			have.State, have.lease, have.Attempts = state, "", have.Attempts+1
			switch {
			case state != booking.NoticeDue:
			case news:
				have.State = booking.NoticeDropped
			default:
				have.Due = again
			}
		})
		return nil
	})
}

// logEntry logs what an appointment has become. There is one writer: commits are in the order of positions.
func (l *Ledger) logEntry(t *transaction, a booking.Appointment, erased bool) {
	log, sequence := l.log, l.sequence
	t.undo = append(t.undo, func() { l.log, l.sequence = log, sequence })
	l.sequence++
	l.log = append(l.log, entry{booking.Entry{
		Position: l.sequence, Partner: a.Partner, Appointment: a.ID, Status: a.Status, Version: a.Version, Erased: erased, At: a.Modified,
	}, !a.Taken.IsZero()})
}

// Entries implements booking.Ledger.
func (l *Ledger) Entries(_ context.Context, partner string, after int64, limit int) (out []booking.Entry, err error) {
	l.read(func() {
		if after > l.sequence {
			unknown := booking.InvalidField("apres", "cette position n'a pas été donnée")
			unknown.Code = "position_inconnue"
			err = unknown
			return
		}
		for _, e := range l.log {
			if e.Partner == partner && e.shown && e.Position > after && len(out) < limit {
				out = append(out, e.Entry)
			}
		}
	})
	return out, err
}
