package api

import "context"

// GetUsager gives all that is kept of a person.
func (s *server) GetUsager(ctx context.Context, r GetUsagerRequestObject) (GetUsagerResponseObject, error) {
	kept, err := s.Service.PersonKept(ctx, partner(ctx), r.Reference)
	if err != nil {
		return nil, err
	}
	out := GetUsager200JSONResponse{Reference: r.Reference, RendezVous: make([]RendezVous, len(kept))}
	for i, a := range kept {
		out.RendezVous[i] = s.appointment(a)
	}
	return out, nil
}

// DeleteUsager erases her.
func (s *server) DeleteUsager(ctx context.Context, r DeleteUsagerRequestObject) (DeleteUsagerResponseObject, error) {
	if err := s.Service.ErasePerson(ctx, caller(ctx), r.Reference); err != nil {
		return nil, err
	}
	return DeleteUsager204Response{}, nil
}
