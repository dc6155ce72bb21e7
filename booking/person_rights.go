package booking

import (
	"context"
	"errors"

	"passerelle/connectors"
)

// PersonKept lists all that is kept of a person under a partner's own name of her (Beneficiary.Reference): what she is
// given when she asks. NotFound: nothing is.
func (s *Service) PersonKept(ctx context.Context, partner, reference string) ([]Appointment, error) {
	kept, err := s.Ledger.OfSubject(ctx, partner, s.subject(partner, reference))
	if err != nil {
		return nil, err
	}
	if len(kept) == 0 {
		return nil, &Error{Kind: connectors.NotFound, Code: "usager_inconnu", Detail: "Rien n'est gardé d'une personne sous cette référence."}
	}
	return kept, nil
}

// ErasePerson destroys all of it. While she is expected somewhere nothing is erased, for nobody would know who comes
// (Refused, rendez_vous_a_venir). Of whom nothing is kept, nothing is to be done.
func (s *Service) ErasePerson(ctx context.Context, c Call, reference string) error {
	kept, err := s.Ledger.OfSubject(ctx, c.Partner, s.subject(c.Partner, reference))
	if err != nil {
		return err
	}
	for _, a := range kept {
		if s.expected(a) {
			e := &Error{
				Kind: connectors.Refused, Code: "rendez_vous_a_venir", Appointment: a.ID,
				Detail: "Cette personne a un rendez-vous à venir : annulez-le d'abord. Rien n'a été effacé.",
			}
			if a.byHand() {
				e.Detail = "Cette personne a été orientée vers un lieu, et y est peut-être attendue : dites d'abord ce qu'il en est advenu (issue). Rien n'a été effacé."
			}
			return e
		}
	}
	for _, a := range kept {
		err = errors.Join(err, s.Ledger.Erase(ctx, a.ID, c.by()))
	}
	return err
}

// expected reports whether somebody may still come to an appointment.
func (s *Service) expected(a Appointment) bool {
	switch a.Status {
	case Honoured, Missed:
		return false
	}
	return a.Status.Occupies() && (a.Interval.Empty() || a.EndTime().After(s.Now()))
}
