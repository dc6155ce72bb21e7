package api

import (
	"context"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// PostOrientation gives the page on which a booking is finished.
func (s *server) PostOrientation(ctx context.Context, r PostOrientationRequestObject) (PostOrientationResponseObject, error) {
	o, err := orientationOf(*r.Body, s.Now())
	if err != nil {
		return nil, err
	}
	done, err := s.serviceFor(ctx).Orient(ctx, call(ctx, "POST /v1/orientations", r.Params.IdempotencyKey), o)
	if err != nil {
		return nil, err
	}
	return PostOrientation201JSONResponse{s.settled(done)}, nil
}

// PostIssue keeps the prescriber's word of what became of an orientation.
func (s *server) PostIssue(ctx context.Context, r PostIssueRequestObject) (PostIssueResponseObject, error) {
	during, err := outcomeOf(*r.Body)
	if err != nil {
		return nil, err
	}
	done, err := s.Service.Conclude(ctx, call(ctx, "POST /v1/orientations/"+r.Id+"/issue", r.Params.IdempotencyKey), r.Id,
		booking.Status(r.Body.Statut), during, booking.Actor(value(r.Body.Par)))
	if err != nil {
		return nil, err
	}
	return PostIssue200JSONResponse{s.settled(done)}, nil
}

// longestAppointment is longer than any: what is longer is a mistake in a date.
const longestAppointment = 24 * time.Hour

// outcomeOf reads when it is, if that is known, and refuses what does not go together.
func outcomeOf(b PostIssueJSONRequestBody) (interval.Interval, error) {
	var wrong faults
	booked, cancelled := b.Statut == PostIssueJSONBodyStatutConfirme, b.Statut == PostIssueJSONBodyStatutAnnule
	switch {
	case b.Debut != nil && !booked:
		wrong.add("debut", "ne se dit qu'avec confirme")
	case b.Fin != nil && !booked:
		wrong.add("fin", "ne se dit qu'avec confirme")
	case b.Debut != nil && b.Fin == nil:
		wrong.add("fin", "obligatoire avec debut")
	case b.Debut == nil && b.Fin != nil:
		wrong.add("debut", "obligatoire avec fin")
	case b.Debut != nil && !b.Debut.Before(*b.Fin):
		wrong.add("fin", "n'est pas après debut")
	case b.Debut != nil && b.Fin.Sub(*b.Debut) > longestAppointment:
		wrong.add("fin", "est plus d'un jour après debut")
	}
	switch {
	case cancelled && b.Par == nil:
		wrong.add("par", "obligatoire avec annule")
	case !cancelled && b.Par != nil:
		wrong.add("par", "ne se dit qu'avec annule")
	}
	if b.Debut == nil || wrong != nil {
		return interval.Interval{}, wrong.err()
	}
	return interval.Of(*b.Debut, *b.Fin), nil
}
