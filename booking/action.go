package booking

import (
	"slices"
	"time"
)

// NextAction (prochaine_action) is what an aidant does next for a place. No place is left without one, unless it
// says nothing at all of itself.
type NextAction struct {
	Type       ActionType
	Slot       *Slot     // to book; or else
	Value      string    // a link, a telephone number, an e-mail address, opening hours
	When       time.Time // of the next slot, or of the next opening; zero when unknown
	VerifiedAt time.Time // when we made sure; zero when we did not
}

// ActionType is a kind of next action. Its value is its wire name.
type ActionType string

// The actions, from the best.
const (
	ToBook   ActionType = "reserver"
	ToFollow ActionType = "orienter"
	ToCall   ActionType = "appeler"
	ToWrite  ActionType = "ecrire"
	ToCome   ActionType = "venir"
	ToDoNone ActionType = "aucune"
)

// Next chooses the best action that an offer, once read, allows now.
func (s *Service) Next(o *Offer) NextAction {
	p := o.Place
	if i := slices.IndexFunc(o.Slots, func(x Slot) bool { return x.Books }); i >= 0 {
		return NextAction{Type: ToBook, Slot: &o.Slots[i], When: o.Slots[i].StartTime(), VerifiedAt: o.ObservedAt}
	}
	if link := o.Page(); link != "" {
		return NextAction{Type: ToFollow, Value: link}
	}
	if p.Phone != "" {
		return NextAction{Type: ToCall, Value: p.Phone}
	}
	if len(p.Emails) > 0 {
		return NextAction{Type: ToWrite, Value: p.Emails[0]}
	}
	if p.ReceivesPublic() {
		if opens, ok := s.Availability.NextOpening(p, s.Now()); ok {
			return NextAction{Type: ToCome, Value: p.Hours, When: opens}
		}
	}
	return NextAction{Type: ToDoNone}
}
