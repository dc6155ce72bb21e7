package api

import (
	"context"
	"time"

	"passerelle/booking"
)

// insteadOf is what there is instead of the slots of a place; nil where it has some.
func (s *server) insteadOf(ctx context.Context, o *booking.Offer, from, to *booking.Bound, motif string) (*EnsuiteDuLieu, error) {
	if len(o.Slots) > 0 {
		return nil, nil
	}
	found, err := s.serviceFor(ctx).Instead(ctx, o, from, to, motif)
	if err != nil {
		return nil, err
	}
	return &EnsuiteDuLieu{
		ProchainCreneau: firstOf(found.Later, o.Place.Zone), Telephone: text(o.Place.Phone), LieuProche: nearest(found.Nearest),
	}, nil
}

func nearest(n *booking.Nearest) *LieuProche {
	if n == nil {
		return nil
	}
	return &LieuProche{
		LieuId: n.Place.ID, Nom: n.Place.Name, Commune: text(n.Place.Commune), DistanceKm: *hundredths(&n.DistanceKM),
		ProchainCreneau: in(n.First.StartTime(), n.Place.Zone),
	}
}

func firstOf(slots []booking.Slot, zone *time.Location) *time.Time {
	if len(slots) == 0 {
		return nil
	}
	return when(slots[0].StartTime(), zone)
}
