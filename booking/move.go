package booking

import (
	"context"
	"net/http"

	"passerelle/connectors"
)

// Move takes another slot for the same person, and gives the old one back once the new one is confirmed: at no moment
// is there none, and at no moment both for good. The appointment that it gives is a new one of the same chain; the old
// one stays as it is until then.
func (s *Service) Move(ctx context.Context, c Call, id, slotID string) (Result, error) {
	return s.once(ctx, c, http.StatusCreated, func(key *Key) (Appointment, error) {
		ref, p, err := s.slot(slotID)
		if err != nil {
			return Appointment{}, err
		}
		old, err := s.Appointment(ctx, c.Partner, id)
		if err != nil {
			return Appointment{}, err
		}
		if err := s.movable(old); err != nil {
			return Appointment{}, err
		}
		b := Booking{Reference: old.Reference, Seats: old.Seats, Details: *old.Details}
		b.Details.EndReason = ""
		w := wish{except: old.ID, fill: func(claim *Claim, a *Agenda) (err error) {
			claim.Appointment.Seats, claim.Appointment.Reference, claim.Appointment.Replaces, claim.Key = b.Seats, b.Reference, old.ID, key
			claim.Change, err = s.taking(c, a, p, claim.Appointment, b)
			return err
		}}
		made, agenda, err := s.claim(ctx, c.Partner, ref, p, w)
		if err != nil {
			return Appointment{}, err
		}
		return s.send(ctx, agenda, p, made)
	})
}

// movable says why an appointment cannot be moved, if it cannot.
func (s *Service) movable(a Appointment) error {
	switch {
	case a.Guarantee == connectors.Handoff:
		return &Error{
			Kind: connectors.Unsupported, Code: "deplacement_impossible", Link: page(a),
			Detail: "Ce rendez-vous a été pris sur la page du lieu : il se déplace là-bas, ou s'annule ici et se reprend.",
		}
	case a.Status != Confirmed:
		_, _, err := Step(a.Standing(), Replace) // there is none: the error says where it stands
		return err
	case s.tooLate(a):
		return tooLate("déplacer")
	case a.Details == nil:
		return &Error{Kind: connectors.Refused, Code: "donnees_effacees", Detail: "Les données de ce rendez-vous ont été effacées : il ne peut plus être déplacé."}
	}
	_, err := s.canceler(a) // the old one must be taken out of its agenda
	return err
}

// tooLate reports whether an appointment may no longer be cancelled or moved through the gateway.
func (s *Service) tooLate(a Appointment) bool {
	return !a.Interval.Empty() && s.Now().Add(a.Motif.CancelUntil).After(a.StartTime())
}

func tooLate(what string) *Error {
	return &Error{
		Kind: connectors.Refused, Code: "trop_tard",
		Detail: "Il est trop tard pour " + what + " ce rendez-vous ici : appelez le lieu.",
	}
}

// Attend records whether the person came, once the appointment has begun. What was said may be corrected.
func (s *Service) Attend(ctx context.Context, c Call, id string, said Status) (Result, error) {
	event, ok := map[Status]Event{Honoured: Attend, Missed: Miss, Excused: Excuse}[said]
	if !ok {
		return Result{}, InvalidField("statut", "n'est pas une présence", string(Honoured), string(Missed), string(Excused))
	}
	return s.once(ctx, c, http.StatusOK, func(key *Key) (Appointment, error) {
		a, err := s.Appointment(ctx, c.Partner, id)
		if err != nil {
			return a, err
		}
		if a.Status == said {
			return a, s.Ledger.Note(ctx, id, key)
		}
		if a.Status == Confirmed && s.Now().Before(a.StartTime()) {
			return a, &Error{
				Kind: connectors.Refused, Code: "trop_tot",
				Detail: "Ce rendez-vous n'a pas encore commencé : s'il n'aura pas lieu, annulez-le.",
			}
		}
		return s.Ledger.Advance(ctx, id, a.Version, Change{Event: event, By: c.by(), Key: key})
	})
}
