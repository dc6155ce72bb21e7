package api

import (
	"context"

	"passerelle/booking"
)

// checkPath is a POST that changes nothing: what is asked does not fit an address.
const checkPath = "/v1/creneaux/verification"

// PostVerification says how slots stand now.
func (s *server) PostVerification(ctx context.Context, r PostVerificationRequestObject) (PostVerificationResponseObject, error) {
	found := s.serviceFor(ctx).Check(ctx, r.Body.Creneaux)
	out := PostVerification200JSONResponse{Creneaux: make([]CreneauVerifie, len(found))}
	for i, c := range found {
		out.Creneaux[i] = CreneauVerifie{Id: c.ID, Etat: CreneauVerifieEtat(c.Finding), ObserveLe: when(c.ObservedAt, c.Zone)}
		if c.Finding == booking.StillFree {
			out.Creneaux[i].Places = &c.Seats
		}
	}
	return out, nil
}
