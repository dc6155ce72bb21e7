package api

import (
	"context"
	"time"

	"passerelle/booking"
)

// PostReservation keeps a slot.
func (s *server) PostReservation(ctx context.Context, r PostReservationRequestObject) (PostReservationResponseObject, error) {
	done, err := s.serviceFor(ctx).Hold(ctx, call(ctx, "POST /v1/reservations", r.Params.IdempotencyKey), r.Body.CreneauId)
	if err != nil {
		return nil, err
	}
	return PostReservation201JSONResponse{s.hold(done)}, nil
}

// PostProlongation keeps it longer.
func (s *server) PostProlongation(ctx context.Context, r PostProlongationRequestObject) (PostProlongationResponseObject, error) {
	done, err := s.Service.Prolong(ctx, call(ctx, "POST /v1/reservations/"+r.Id+"/prolongation", r.Params.IdempotencyKey), r.Id)
	if err != nil {
		return nil, err
	}
	return PostProlongation200JSONResponse{s.hold(done)}, nil
}

// DeleteReservation lets it go.
func (s *server) DeleteReservation(ctx context.Context, r DeleteReservationRequestObject) (DeleteReservationResponseObject, error) {
	if err := s.Service.Release(ctx, caller(ctx), r.Id); err != nil {
		return nil, err
	}
	return DeleteReservation204Response{}, nil
}

func (s *server) hold(done booking.Result) ReponseReservationJSONResponse {
	a := done.Appointment
	if a.Status != booking.Held { // whoever repeats the call must not believe in a hold that is over
		a.Expires = time.Time{}
	}
	return ReponseReservationJSONResponse{
		Body:    Reservation{Id: a.ID, Creneau: s.taken(a), ExpireLe: when(a.Expires, s.lookUp(a.Place).Zone)},
		Headers: ReponseReservationResponseHeaders{Location: text("/v1/reservations/" + a.ID), IdempotencyReplayed: replayed(done)},
	}
}

func (s *server) taken(a booking.Appointment) CreneauPris {
	zone := s.lookUp(a.Place).Zone
	out := CreneauPris{Debut: in(a.StartTime(), zone), Fin: in(a.EndTime(), zone), Fuseau: zoneName(zone)}
	if a.Motif.ID != "" {
		m := motifOfSlot(a.Motif)
		out.Motif = &m
	}
	out.Adresse = text(a.Upstream.Location)
	return out
}

func replayed(r booking.Result) *string {
	if r.Replayed {
		return text("true")
	}
	return nil
}
