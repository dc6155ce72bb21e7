package booking

import (
	"context"
	"errors"
	"net/http"

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
		if err != nil || a.Status == Cancelled {
			return a, err
		}
		if a.Status == Confirmed && s.Now().Add(a.Motif.CancelUntil).After(a.StartTime()) {
			return a, &Error{
				Kind: connectors.Refused, Code: "trop_tard",
				Detail: "Il est trop tard pour annuler ce rendez-vous ici : appelez le lieu.",
			}
		}
		return s.cancel(ctx, a, e, key)
	})
}

func (s *Service) cancel(ctx context.Context, a Appointment, e Ending, key *Key) (Appointment, error) {
	canceler, err := s.canceler(a)
	if err != nil {
		return a, err
	}
	if canceler == nil {
		return s.Ledger.Advance(ctx, a.ID, a.Version, Change{Event: Cancel, Ended: &e, Key: key, Channels: s.channelsOf(a)})
	}
	if a, err = s.Ledger.Advance(ctx, a.ID, a.Version, Change{Event: Recall, Key: key}); err != nil {
		return a, err
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), s.BookIn)
	defer stop()
	err = canceler.Cancel(ctx, a.Upstream)
	done := Change{Event: Lose, Channels: s.channelsOf(a)}
	switch {
	case err == nil, connectors.KindOf(err) == connectors.NotFound: // it is not there any more: that was the aim
		done.Event, done.Ended = Accept, &e
	case definiteNo(err):
		done.Event, done.Refusal = Refuse, refusal(err)
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
	if a.Status != Confirmed || a.Upstream == (connectors.Appointment{}) {
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

func (s *Service) channelsOf(a Appointment) map[Actor]Channel {
	agenda, ok := s.Agendas.ByID(a.Agenda)
	if !ok {
		agenda = &Agenda{}
	}
	if a.Details == nil {
		return channels(agenda, Details{})
	}
	return channels(agenda, *a.Details)
}

// Decide is the structure's answer to a request.
func (s *Service) Decide(ctx context.Context, id string, accept bool, reason string) (Appointment, error) {
	a, err := s.Ledger.AnyAppointment(ctx, id)
	if err != nil {
		return a, err
	}
	if a.Status != Requested {
		_, _, err := Step(a.Status, Ask) // there is none: the error says where it stands
		return a, err
	}
	change := Change{Event: Refuse, Ended: &Ending{By: TheStructure, Reason: reason}, Channels: s.channelsOf(a)}
	if accept {
		change.Event, change.Ended = Accept, nil
	}
	return s.Ledger.Advance(ctx, id, a.Version, change)
}

// Sweep ends the holds and requests whose time is over. One that changes meanwhile is left for the next time.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	const batch = 500
	lapsed, err := s.Ledger.Lapsed(ctx, s.Now(), batch)
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

// lapse ends what nobody took or answered; who is told of a request stands in its details.
func (s *Service) lapse(ctx context.Context, a Appointment) (err error) {
	if a.Status == Requested {
		if a, err = s.Ledger.AnyAppointment(ctx, a.ID); err != nil {
			return err
		}
	}
	_, err = s.Ledger.Advance(ctx, a.ID, a.Version, Change{Event: Lapse, Channels: s.channelsOf(a)})
	return err
}
