package booking

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"passerelle/connectors"
)

// Appointment finds one of a partner's appointments; a hold is none.
func (s *Service) Appointment(ctx context.Context, partner, id string) (Appointment, error) {
	a, err := s.Ledger.Appointment(ctx, partner, id)
	if err == nil && a.Taken.IsZero() {
		return Appointment{}, Missing()
	}
	return a, err
}

// Missing is the answer for an appointment that there is not, or that is another partner's.
func Missing() *Error {
	return &Error{Kind: connectors.NotFound, Code: "rendez_vous_inconnu", Detail: "Ce rendez-vous n'existe pas."}
}

// Appointments lists a partner's appointments, by modification then id.
func (s *Service) Appointments(ctx context.Context, partner string, f AppointmentFilter) ([]Appointment, int, error) {
	return s.Ledger.Appointments(ctx, partner, f)
}

// Cancel ends an appointment or a request: the slot comes back. What is ended already stays as it ended.
func (s *Service) Cancel(ctx context.Context, c Call, id string, e Ending) (Result, error) {
	return s.once(ctx, c, http.StatusOK, func(key *Key) (Appointment, error) {
		a, err := s.Appointment(ctx, c.Partner, id)
		if err != nil {
			return a, err
		}
		if a.Guarantee == connectors.Handoff { // she may have changed it over there meanwhile
			a = s.askedNow(ctx, a)
		}
		if a.Status == Cancelled {
			return a, s.Ledger.Note(ctx, id, key)
		}
		if a.Status == Confirmed && s.tooLate(a) {
			return a, tooLate("annuler")
		}
		return s.cancel(ctx, c.by(), a, e, key)
	})
}

func (s *Service) cancel(ctx context.Context, by string, a Appointment, e Ending, key *Key) (Appointment, error) {
	canceler, err := s.canceler(a)
	if err != nil {
		return a, err
	}
	if canceler == nil {
		return s.Ledger.Advance(ctx, a.ID, a.Version, Change{Event: Cancel, By: by, Ended: &e, Key: key, Telling: s.telling(a)})
	}
	if a, err = s.Ledger.Advance(ctx, a.ID, a.Version, Change{Event: Recall, By: by, Ended: &e, Lease: s.leaseOfWrite(), Key: key}); err != nil {
		return a, err
	}
	ctx = context.WithoutCancel(ctx)
	err = s.unbook(ctx, canceler, a.Upstream)
	done := Change{Event: Lose, By: by, Ended: &e, Lease: absencesApart, Telling: s.telling(a)}
	switch {
	case err == nil, connectors.KindOf(err) == connectors.NotFound: // it is not there any more: that was the aim
		done.Event = Accept
	case definiteNo(err):
		done.Event, done.Ended, done.Refusal = Refuse, nil, refusal(err)
	}
	settled, saveErr := s.settle(ctx, a, done)
	if saveErr != nil {
		s.Logger.Error("the outcome of a cancellation was not kept", "rendez_vous", a.ID, "agenda", a.Agenda, "err", saveErr)
		return a, nil
	}
	if done.Refusal != nil {
		return settled, done.Refusal
	}
	return settled, nil
}

// canceler is the agenda that must be told of a cancellation; nil where the ledger is the only diary. An agenda that
// has the appointment and cannot be told is an error: nobody would know over there.
func (s *Service) canceler(a Appointment) (connectors.Canceler, error) {
	switch {
	case a.byHand():
		return nil, &Error{
			Kind: connectors.Unsupported, Code: "annulation_impossible", Link: page(a),
			Detail: "Ce rendez-vous se prend, et s'annule, sur la page du lieu : faites-le là-bas, puis dites-en l'issue.",
		}
	case a.Status != Confirmed || a.Upstream == (connectors.Appointment{}):
		return nil, nil
	}
	agenda, ok := s.Agendas.ByID(a.Agenda)
	if !ok {
		return nil, &Error{
			Kind: connectors.Unavailable, Code: "source_en_echec",
			Detail: "L'agenda de ce lieu n'est pas joignable en ce moment : rien n'a été annulé.",
		}
	}
	c, ok := agenda.Diary.(connectors.Canceler)
	if !ok {
		return nil, &Error{
			Kind: connectors.Unsupported, Code: "annulation_impossible",
			Detail: "L'agenda de ce lieu ne permet pas d'annuler par la passerelle : appelez le lieu.",
		}
	}
	return c, nil
}

// Decide is the structure's answer to a request. Where the agenda takes bookings, a yes is written there first.
func (s *Service) Decide(ctx context.Context, id string, accept bool, reason Words) (Appointment, error) {
	a, err := s.Ledger.AnyAppointment(ctx, id)
	if err != nil {
		return a, err
	}
	if a.Status != Requested {
		return a, &Error{
			Kind: connectors.Refused, Code: "etape_impossible",
			Detail: "Ce rendez-vous est au statut « " + a.Status.Wire() + " » : il n'y a rien à accepter ni à refuser.",
		}
	}
	change := Change{Event: Refuse, By: string(TheStructure), Ended: &Ending{By: TheStructure, Reason: reason}, Telling: s.telling(a)}
	if !accept {
		return s.Ledger.Advance(ctx, id, a.Version, change)
	}
	change.Event, change.Ended = Accept, nil
	agenda, ok := s.Agendas.ByID(a.Agenda)
	if !ok { // it may take bookings: a yes that nobody writes there would be a lie
		return a, &Error{
			Kind: connectors.Unavailable, Code: "source_en_echec",
			Detail: "L'agenda de ce lieu n'est pas joignable en ce moment : répondez de nouveau dans un instant.",
		}
	}
	if !connectors.CapabilitiesOf(agenda.Diary).Book {
		return s.Ledger.Advance(ctx, id, a.Version, change)
	}
	p, err := s.place(a.Place)
	if err != nil {
		return a, err
	}
	change.Event, change.Lease = Send, s.leaseOfWrite()
	if a, err = s.Ledger.Advance(ctx, id, a.Version, change); err != nil {
		return a, err
	}
	return s.send(ctx, agenda, p, a)
}

// byHand reports whether only people know, and say, what becomes of an appointment: of an orientation of which its agenda
// tells nothing.
func (a Appointment) byHand() bool {
	return a.Status == HandedOff || a.Status == Confirmed && a.Guarantee == connectors.Handoff && a.Upstream.Upstream == ""
}

// Sweep ends the holds and requests whose time is over. One that changes meanwhile is left for the next time.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	lapsed, err := s.lapsed(ctx)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, a := range lapsed {
		e := s.lapse(ctx, a)
		switch connectors.KindOf(e) {
		case connectors.Changed, connectors.Refused:
			continue
		}
		if e != nil {
			err = errors.Join(err, e)
			continue
		}
		done++
	}
	return done, err
}

// lapsed lists what is to be ended. Of an orientation that is still followed it is asked, not supposed, whether it came to
// nothing; those, however many, do not stand in the way of what expired after them.
func (s *Service) lapsed(ctx context.Context) ([]Appointment, error) {
	const batch = 500
	for limit := batch; ; limit *= 2 {
		found, err := s.Ledger.Lapsed(ctx, s.Now(), limit)
		all := len(found) < limit
		due := slices.DeleteFunc(found, s.stillFollowed)
		if err != nil || all || len(due) >= batch {
			return due, err
		}
	}
}

// stillFollowed reports whether an orientation ends only once its agenda has said that nothing came of it (see follow); one
// that cannot be asked for as long again is not waited for.
func (s *Service) stillFollowed(a Appointment) bool {
	if a.Status != HandedOff || a.Upstream.Reference == "" || !s.Now().Before(a.Expires.Add(orientFor)) {
		return false
	}
	agenda, ok := s.Agendas.ByID(a.Agenda)
	return ok && agenda.follows(a)
}

// lapse ends what nobody took or answered; who is told of a request stands in its details.
func (s *Service) lapse(ctx context.Context, a Appointment) (err error) {
	if a.Status == Requested {
		if a, err = s.Ledger.AnyAppointment(ctx, a.ID); err != nil {
			return err
		}
	}
	_, err = s.Ledger.Advance(ctx, a.ID, a.Version, Change{Event: Lapse, By: string(TheGateway), Telling: s.telling(a)})
	return err
}
