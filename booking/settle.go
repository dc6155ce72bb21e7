package booking

import (
	"context"

	"passerelle/connectors"
)

// SettleByHand keeps what a human found out of an appointment that no machine could settle: confirmed, refused or
// cancelled. What may be in the agenda nevertheless is taken back.
func (s *Service) SettleByHand(ctx context.Context, id string, found Status, by Actor, reason Words) (Appointment, error) {
	event, ok := map[Status]Event{Confirmed: Accept, Refused: Refuse, Cancelled: Cancel}[found]
	if !ok {
		return Appointment{}, InvalidField("statut", "n'est pas une issue", string(Confirmed), string(Refused), string(Cancelled))
	}
	a, err := s.Ledger.AnyAppointment(ctx, id)
	if err != nil {
		return a, err
	}
	if a.Status != NeedsHuman {
		return a, &Error{
			Kind: connectors.Refused, Code: "etape_impossible",
			Detail: "Ce rendez-vous est au statut « " + a.Status.Wire() + " » : il n'y a rien à régler.",
		}
	}
	change := Change{Event: event, By: string(by), Telling: s.telling(a)}
	if event != Accept {
		change.Ended = &Ending{By: by, Reason: reason}
	}
	return s.Ledger.Advance(ctx, id, a.Version, change)
}
