package booking

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// How long the truth about a write is looked for.
const (
	// absencesApart is how far two looks must lie apart that do not find a booking: one absence proves nothing, the
	// write may still be on its way.
	absencesApart = time.Minute
	// settleWithin is when a machine gives up, and people are told; it goes on looking for them.
	settleWithin = 15 * time.Minute
	// leadTime is how long before its start an appointment in doubt is given to people, whatever the time spent.
	leadTime = 2 * time.Hour
	// humanPace is how often what was given to people is still looked at.
	humanPace = 15 * time.Minute
	// reconciling is how many debts one pass takes.
	reconciling = 32
)

// takenBack says when it is looked whether what was refused after a doubt has come into the agenda after all: the looks
// after the step that freed the slot.
var takenBack = [...]time.Duration{2 * time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}

// Reconcile carries out what is owed to agendas and that nobody carries out: what a crash or a silence left over. It
// says how many debts it looked at. Several instances may do so at once: each debt is one's at a time.
func (s *Service) Reconcile(ctx context.Context) (int, error) {
	debts, err := s.Ledger.TakeDebts(ctx, 2*s.leaseOfWrite(), reconciling) // one may be looked for, read and written, each in time
	errs := make([]error, len(debts))
	each(ctx, len(debts), func(ctx context.Context, i int) { errs[i] = s.carryOut(ctx, debts[i]) })
	for i, e := range errs {
		if e != nil && connectors.KindOf(e) != connectors.Changed { // whoever changed it has taken its own step
			err = errors.Join(err, fmt.Errorf("booking: %s of %s: %w", debts[i].Do, debts[i].Appointment.ID, e))
		}
	}
	return len(debts), err
}

// leaseOfWrite is for how long whoever writes to an agenda is the only one: the time of the write, and of keeping what
// came of it.
func (s *Service) leaseOfWrite() time.Duration { return s.BookIn + 2*keepIn }

func (s *Service) carryOut(ctx context.Context, d Debt) error {
	switch a := d.Appointment; {
	case d.Do == Book && a.Status == Sending: // whoever sent it is gone: it may have been applied, or not
		_, err := s.advance(ctx, a, Change{Event: Lose, Lease: s.BookIn, Telling: s.telling(a)})
		return err
	case d.Do == Settle && (a.Status == Uncertain || a.Status == NeedsHuman):
		return s.settleDoubt(ctx, d)
	case d.Do == Unbook && (a.Status == Cancelling || a.Status == NeedsHuman):
		return s.cancelAgain(ctx, d)
	case d.Do == Unbook && !a.Status.Occupies():
		return s.takeBack(ctx, d)
	}
	return s.Ledger.Forgive(ctx, d)
}

// settleDoubt looks for a booking whose answer was lost. Found is a yes, unless somebody else has the time too; not
// found counts only twice, apart.
func (s *Service) settleDoubt(ctx context.Context, d Debt) error {
	a := d.Appointment
	diary := s.diary(a)
	if diary == nil { // it cannot be opened just now
		return s.giveUpOr(ctx, d)
	}
	finder, ok := diary.(connectors.Finder)
	if !ok {
		return s.giveUp(ctx, d)
	}
	found, err := s.find(ctx, finder, a)
	switch {
	case err == nil:
		return s.settleFound(ctx, d, found)
	case connectors.KindOf(err) == connectors.NotFound:
		if d.Absences >= 1 && s.Now().Sub(d.AbsentSince) >= absencesApart {
			_, err := s.advance(ctx, a, Change{Event: Refuse, Lease: takenBack[0], Telling: s.telling(a)})
			return err
		}
		return s.later(ctx, d, absencesApart, true)
	}
	s.Logger.Warn("what became of a booking is not known yet", "rendez_vous", a.ID, "agenda", a.Agenda, "err", err)
	return s.giveUpOr(ctx, d)
}

// settleFound keeps a booking that is in the agenda. A clash with somebody else's event undoes it, if it is as we wrote
// it; one that a human has touched is for humans.
func (s *Service) settleFound(ctx context.Context, d Debt, found connectors.Appointment) error {
	a := d.Appointment
	clash, err := s.clashes(ctx, a)
	if err != nil {
		return s.giveUpOr(ctx, d)
	}
	if !clash {
		_, err := s.advance(ctx, a, Change{Event: Accept, Upstream: &found, Telling: s.telling(a)})
		return err
	}
	if _, ok := s.diary(a).(connectors.Canceler); !ok || found.Interval != a.Interval {
		return s.giveUp(ctx, d)
	}
	// Refused before it is taken out: a deletion whose answer is lost may be applied after another look has found no clash any more.
	_, err = s.advance(ctx, a, Change{Event: Refuse, Telling: s.telling(a)})
	return err
}

// clashes reports whether the agenda has somebody else's event at the time of an appointment.
func (s *Service) clashes(ctx context.Context, a Appointment) (bool, error) {
	agenda, ok := s.Agendas.ByID(a.Agenda)
	if !ok {
		return false, errors.New("booking: the agenda is not there")
	}
	ctx, cancel := context.WithTimeout(ctx, s.BookIn)
	defer cancel()
	r, err := readSafely(ctx, agenda.Diary, connectors.Query{Window: a.Interval})
	if err != nil {
		return false, err
	}
	if len(interval.Cut(connectors.SpansOf(r.Doubt), a.Interval)) > 0 {
		return false, errors.New("booking: the agenda is not understood there")
	}
	if r.Basis == connectors.Slots { // an agenda that cuts its own slots keeps them apart itself
		return false, nil
	}
	over, err := s.others(ctx, a, r)
	return len(over) > 0, err
}

// others is what a reading shows of somebody else over an appointment: also events that bear a reference of ours which the
// ledger does not know.
func (s *Service) others(ctx context.Context, a Appointment, r connectors.Reading) ([]interval.Interval, error) {
	busy := slices.Clone(r.Busy)
	for _, o := range r.Own {
		if o.Reference == a.upstreamReference() || !o.Overlaps(a.Interval) {
			continue
		}
		known, err := s.Ledger.Known(ctx, a.Agenda, []connectors.Own{o})
		if err != nil {
			return nil, err
		}
		if len(known) == 0 {
			busy = append(busy, o.Interval)
		}
	}
	return interval.Cut(interval.Union(busy), a.Interval), nil
}

// cancelAgain repeats a cancellation whose answer was lost; cancelling twice is no error.
func (s *Service) cancelAgain(ctx context.Context, d Debt) error {
	a := d.Appointment
	diary := s.diary(a)
	if diary == nil {
		return s.giveUpOr(ctx, d)
	}
	canceler, ok := diary.(connectors.Canceler)
	if !ok {
		return s.giveUp(ctx, d)
	}
	done, no := Accept, Refuse
	if a.Status == NeedsHuman {
		done, no = Cancel, Accept
	}
	switch err := s.unbook(ctx, canceler, a.Upstream); {
	case err == nil, connectors.KindOf(err) == connectors.NotFound:
		ended := a.Ended
		_, err := s.advance(ctx, a, Change{Event: done, Ended: &ended, Telling: s.telling(a)})
		return err
	case finalNo(err):
		_, err := s.advance(ctx, a, Change{Event: no, Telling: s.telling(a)})
		return err
	}
	return s.giveUpOr(ctx, d)
}

// takeBack makes sure that what the ledger has freed is not in the agenda: what was moved away is deleted, what was
// refused after a doubt is looked for until it cannot come any more. What a human has changed meanwhile is the human's.
func (s *Service) takeBack(ctx context.Context, d Debt) error {
	a := d.Appointment
	diary := s.diary(a)
	if diary == nil {
		return s.laterOrNever(ctx, d)
	}
	canceler, cancels := diary.(connectors.Canceler)
	finder, finds := diary.(connectors.Finder)
	upstream, known := a.Upstream, a.Upstream != (connectors.Appointment{})
	if !cancels || !finds && !known {
		return s.Ledger.Forgive(ctx, d)
	}
	if finds {
		found, err := s.find(ctx, finder, a)
		switch {
		case connectors.KindOf(err) == connectors.NotFound && known && d.Absences == 0: // it may answer from a copy
			return s.later(ctx, d, absencesApart, true)
		case connectors.KindOf(err) == connectors.NotFound:
			return s.lookAgain(ctx, d, known)
		case err != nil:
			return s.laterOrNever(ctx, d)
		}
		if known && found.Version != upstream.Version || found.Interval != a.Interval { // touched since: it is not ours to delete any more
			s.Logger.Warn("an event that was changed by a human is left in its agenda", "rendez_vous", a.ID, "agenda", a.Agenda)
			return s.Ledger.Forgive(ctx, d)
		}
		upstream = found
	}
	switch err := s.unbook(ctx, canceler, upstream); {
	case err == nil, connectors.KindOf(err) == connectors.NotFound:
		return s.lookAgain(ctx, d, known)
	case finalNo(err):
		s.Logger.Warn("an event that is no appointment any more is left in its agenda", "rendez_vous", a.ID, "agenda", a.Agenda, "err", err)
		return s.Ledger.Forgive(ctx, d)
	}
	return s.laterOrNever(ctx, d)
}

// lookAgain postpones to the next look, or ends: what was confirmed once and is gone cannot come back.
func (s *Service) lookAgain(ctx context.Context, d Debt, known bool) error {
	if known {
		return s.Ledger.Forgive(ctx, d)
	}
	now := s.Now()
	for _, after := range takenBack {
		if at := d.Since.Add(after); at.After(now) {
			return s.Ledger.Postpone(ctx, d, at, true)
		}
	}
	return s.Ledger.Forgive(ctx, d)
}

// laterOrNever tries again while it matters: until a day after the appointment would have been over, and after the last
// look that is due.
func (s *Service) laterOrNever(ctx context.Context, d Debt) error {
	last := d.Since.Add(takenBack[len(takenBack)-1])
	if end := d.Appointment.EndTime(); end.After(last) {
		last = end
	}
	if s.Now().After(last.Add(24 * time.Hour)) {
		return s.Ledger.Forgive(ctx, d)
	}
	return s.later(ctx, d, humanPace, false)
}

// giveUp leaves an appointment to people; what is already theirs is looked at again at their pace.
func (s *Service) giveUp(ctx context.Context, d Debt) error {
	if d.Appointment.Status == NeedsHuman {
		return s.laterOrNever(ctx, d)
	}
	_, err := s.advance(ctx, d.Appointment, Change{Event: GiveUp, Lease: humanPace, Ended: endedOf(d.Appointment), Telling: s.telling(d.Appointment)})
	return err
}

// endedOf keeps who asked for a cancellation while it is in doubt.
func endedOf(a Appointment) *Ending {
	if a.Ended.By == "" {
		return nil
	}
	return &a.Ended
}

// giveUpOr looks again soon while a machine may still find out.
func (s *Service) giveUpOr(ctx context.Context, d Debt) error {
	a, now := d.Appointment, s.Now()
	if a.Status == NeedsHuman || now.Sub(d.Since) >= settleWithin || now.Add(leadTime).After(a.StartTime()) && d.Attempts > 0 {
		return s.giveUp(ctx, d)
	}
	return s.later(ctx, d, min(30*time.Second<<min(d.Attempts, 3), d.Since.Add(settleWithin).Sub(now)), false)
}

func (s *Service) later(ctx context.Context, d Debt, in time.Duration, absent bool) error {
	return s.Ledger.Postpone(ctx, d, s.Now().Add(in), absent)
}

// diary is the agenda of an appointment; nil when it is not connected any more.
func (s *Service) diary(a Appointment) connectors.Agenda {
	agenda, ok := s.Agendas.ByID(a.Agenda)
	if !ok {
		return nil
	}
	return agenda.Diary
}

// advance takes a step that the gateway itself decided on.
func (s *Service) advance(ctx context.Context, a Appointment, c Change) (Appointment, error) {
	c.By = string(TheGateway)
	return s.Ledger.Advance(ctx, a.ID, a.Version, c)
}

// finalNo tells a refusal that stays one: that our calls are too many, or our password is wrong, says nothing of the event.
func finalNo(err error) bool {
	switch connectors.KindOf(err) {
	case connectors.RateLimited, connectors.Misconfigured:
		return false
	}
	return definiteNo(err)
}

func (s *Service) find(ctx context.Context, f connectors.Finder, a Appointment) (found connectors.Appointment, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.BookIn)
	defer cancel()
	defer unpanicked("find", &err)
	return f.Find(ctx, a.upstreamReference())
}

// unbook takes an event out of an agenda until it is not found there any more: a write that was applied twice left two.
func (s *Service) unbook(ctx context.Context, c connectors.Canceler, a connectors.Appointment) (err error) {
	ctx, cancel := context.WithTimeout(connectors.Urgently(ctx, s.Now()), s.BookIn)
	defer cancel()
	defer unpanicked("cancel", &err)
	finder, finds := c.(connectors.Finder)
	const most = 3
	for range most {
		if err := c.Cancel(ctx, a); err != nil || !finds {
			return err
		}
		left, err := finder.Find(ctx, a.Reference)
		switch {
		case err != nil && connectors.KindOf(err) == connectors.NotFound:
			return nil
		case err != nil:
			return &connectors.Error{Op: "cancel", Kind: connectors.OutcomeUnknown, Err: err}
		case left.Interval != a.Interval: // a human's by now
			return nil
		}
		a = left
	}
	return &connectors.Error{Op: "cancel", Kind: connectors.OutcomeUnknown, Err: errors.New("booking: the event is still there")}
}

func readSafely(ctx context.Context, a connectors.Agenda, q connectors.Query) (r connectors.Reading, err error) {
	defer unpanicked("read", &err)
	return a.Read(ctx, q)
}

// unpanicked takes a connector that panics for one that did not answer: what it had sent, nobody knows.
func unpanicked(op string, err *error) {
	if v := recover(); v != nil {
		*err = &connectors.Error{Op: op, Kind: connectors.OutcomeUnknown, Err: fmt.Errorf("booking: panic: %v\n%s", v, debug.Stack())}
	}
}
