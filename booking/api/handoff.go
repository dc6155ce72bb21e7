package api

import (
	"context"

	"passerelle/booking"
	"passerelle/connectors"
)

// handoff is a refusal that comes with the page on which a human can finish.
type handoff struct {
	error
	link string
}

func (h *handoff) Unwrap() error { return h.error }

// orHandOn adds the page of the place to the refusal of an agenda that cannot do what it was asked for.
func (s *server) orHandOn(ctx context.Context, b booking.Booking, err error) error {
	if connectors.KindOf(err) != connectors.Unsupported {
		return err
	}
	listing, lost := s.Service.Place(ctx, s.placeOf(ctx, b))
	if lost != nil {
		return err
	}
	return &handoff{err, value(handoffLink(listing.Offer))}
}

// placeOf is where a booking would have been; empty when that is not known.
func (s *server) placeOf(ctx context.Context, b booking.Booking) string {
	if b.SlotID != "" {
		ref, _ := s.Service.Slots.Ref(b.SlotID) // it was good enough to be tried
		return ref.Place
	}
	held, _ := s.Service.Ledger.Appointment(ctx, partner(ctx), b.HoldID)
	return held.Place
}

// handoffLink is the page of a place, if it may be shown.
func handoffLink(o *booking.Offer) *string {
	if o.Link.Mode != connectors.ByHandoff || o.Link.Secret {
		return nil
	}
	return text(o.Link.Link)
}
