package api

import (
	"context"
	"time"

	"passerelle/booking"
)

// GetEvenements reads the log of the partner's appointments after a position.
func (s *server) GetEvenements(ctx context.Context, r GetEvenementsRequestObject) (GetEvenementsResponseObject, error) {
	after := *r.Params.Apres
	entries, err := s.Service.Entries(ctx, partner(ctx), after, *r.Params.Limite)
	if err != nil {
		return nil, err
	}
	out := GetEvenements200JSONResponse{Evenements: make([]Evenement, len(entries)), DernierePosition: after}
	for i, e := range entries {
		out.Evenements[i], out.DernierePosition = event(e), e.Position
	}
	return out, nil
}

// event names a change as the messages of webhooks do.
func event(e booking.Entry) Evenement {
	return Evenement{
		Position: e.Position, Type: e.Type(), RendezVousId: e.Appointment, Statut: Statut(e.Status.Wire()),
		Version: e.Version, Le: in(e.At, time.UTC),
	}
}
