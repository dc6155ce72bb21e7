package booking

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Hold keeps a slot for HoldFor, for nobody in particular.
func (s *Service) Hold(ctx context.Context, c Call, slotID string) (Result, error) {
	return s.once(ctx, c, http.StatusCreated, func(key *Key) (Appointment, error) {
		ref, p, err := s.slot(slotID)
		if err != nil {
			return Appointment{}, err
		}
		until := s.Now().Add(s.HoldFor)
		a, _, err := s.claim(ctx, c.Partner, ref, p, wish{fill: func(claim *Claim, _ *Agenda) error {
			claim.Appointment.Expires, claim.Key = until, key
			return nil
		}})
		return a, err
	})
}

// Prolong gives a hold HoldFor more, once.
func (s *Service) Prolong(ctx context.Context, c Call, id string) (Result, error) {
	return s.once(ctx, c, http.StatusOK, func(key *Key) (Appointment, error) {
		held, err := s.hold(ctx, c.Partner, id)
		if err != nil {
			return Appointment{}, err
		}
		return s.Ledger.Prolong(ctx, id, held.Expires.Add(s.HoldFor), key)
	})
}

// Release lets a hold go. Letting it go twice is no error.
func (s *Service) Release(ctx context.Context, c Call, id string) error {
	a, err := s.Ledger.Appointment(ctx, c.Partner, id)
	if err != nil {
		return err
	}
	if !a.Taken.IsZero() {
		return noHold()
	}
	if a.Status == Expired {
		return nil
	}
	_, err = s.Ledger.Advance(ctx, id, a.Version, Change{Event: Lapse, By: c.by()})
	return err
}

// hold finds a hold of a partner's.
func (s *Service) hold(ctx context.Context, partner, id string) (Appointment, error) {
	a, err := s.Ledger.Appointment(ctx, partner, id)
	switch {
	case err != nil:
		return a, err
	case !a.Taken.IsZero():
		return a, noHold()
	case a.Status == Expired || a.Status == Held && !s.Now().Before(a.Expires):
		return a, holdOver()
	}
	return a, nil
}

func holdOver() *Error {
	return &Error{
		Kind: connectors.Refused, Code: "reservation_expiree",
		Detail: "Cette réservation a expiré : choisissez de nouveau un créneau.",
	}
}

func noHold() error {
	return &Error{
		Kind: connectors.Refused, Code: "reservation_utilisee",
		Detail: "Cette réservation a déjà donné un rendez-vous.",
	}
}

// slot reads a slot id and checks what can be checked without an agenda.
func (s *Service) slot(id string) (SlotRef, *Place, error) {
	ref, err := s.Slots.Ref(id)
	if err != nil {
		return ref, nil, err
	}
	p, err := s.place(ref.Place)
	if err != nil {
		return ref, nil, err
	}
	if ref.Start <= s.Now().Unix() {
		past := InvalidField("creneau_id", "ce créneau est passé")
		past.Code, past.Detail = "creneau_passe", "Ce créneau est passé : choisissez-en un autre."
		return ref, nil, past
	}
	return ref, p, nil
}

// wish is what a claim is for.
type wish struct {
	fill   func(*Claim, *Agenda) error // completes the claim
	except string                      // an appointment whose own time is not in the way
}

// claim takes the slot in the first agenda that has it, reading each of them live.
func (s *Service) claim(ctx context.Context, partner string, ref SlotRef, p *Place, w wish) (Appointment, *Agenda, error) {
	behind := s.behind(ref, p)
	if len(behind) == 0 {
		return Appointment{}, nil, s.notBookable(p)
	}
	var lost error
	for _, a := range behind {
		m, _ := a.Motif(ref.Motif)
		x, err := s.live(ctx, AvailabilityQuery{Agenda: a, Place: p, Motifs: []Motif{m}, Except: w.except}, ref.Interval)
		if err == nil {
			var made Appointment
			made, err = s.claimIn(ctx, partner, a, x, w.fill)
			if err == nil {
				return made, a, nil
			}
		}
		switch connectors.KindOf(err) {
		case connectors.Internal, connectors.Refused:
			return Appointment{}, a, err
		}
		if lost == nil || connectors.KindOf(err) != connectors.SlotTaken {
			lost = err // what can be mended, or tried again, weighs more than what was taken
		}
	}
	if connectors.KindOf(lost) == connectors.SlotTaken {
		lost = s.taken(ctx, ref, p)
	}
	return Appointment{}, nil, lost
}

// notBookable is for a slot that is shown, or was, in an agenda that takes no booking through us.
func (s *Service) notBookable(p *Place) error {
	return &Error{
		Kind: connectors.Unsupported, Code: "non_reservable",
		Detail: "Ce créneau ne se réserve pas par la passerelle : appelez le lieu, ou suivez son lien.", Link: s.Agendas.OfPlace(p).Page(),
	}
}

// behind lists the agendas that may have the slot and can be booked, the one that named it first.
func (s *Service) behind(ref SlotRef, p *Place) []*Agenda {
	all := s.Agendas.OfPlace(p).Agendas
	motif := ref.motifIn(all)
	agendas := slices.DeleteFunc(slices.Clone(all), func(a *Agenda) bool {
		m, ok := motif(a)
		return !ok || !a.Books(m)
	})
	slices.SortStableFunc(agendas, func(a, b *Agenda) int {
		return btoi(b.Agenda == ref.Agenda) - btoi(a.Agenda == ref.Agenda)
	})
	return agendas
}

// motifIn finds the motif of a slot in agendas: of those that did not name the slot, one that stands for the motif that did. Two
// agendas may call different things the same.
func (r SlotRef) motifIn(all []*Agenda) func(*Agenda) (Motif, bool) {
	named, known := Motif{}, false
	for _, a := range all {
		if a.Agenda == r.Agenda {
			named, known = a.Motif(r.Motif)
		}
	}
	return func(a *Agenda) (Motif, bool) {
		m, ok := a.Motif(r.Motif)
		return m, ok && (a.Agenda == r.Agenda || !known || m.StandsFor(named))
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// live reads an agenda now and finds the slot in it. SlotTaken if it is not free; Unavailable, or what the agenda said
// that an operator must mend, if that cannot be known.
func (s *Service) live(ctx context.Context, q AvailabilityQuery, want interval.Interval) (Slot, error) {
	ctx, cancel := context.WithTimeout(ctx, s.BookIn)
	defer cancel()
	q.Live, q.Window = true, interval.Interval{Start: want.Start, End: want.Start + 1}
	now := s.Availability.Of(ctx, q)
	if now.State == Unknown {
		return Slot{}, unreadable(now.Err)
	}
	for _, x := range now.Slots {
		if x.Interval == want {
			return x, nil
		}
	}
	return Slot{}, slotTaken()
}

func unreadable(cause error) *Error {
	e := &Error{
		Kind: connectors.Unavailable, Code: "source_en_echec",
		Detail: "L'agenda de ce lieu ne peut pas être lu en ce moment : rien n'a été réservé.", Err: cause,
	}
	switch connectors.KindOf(cause) {
	case connectors.Misconfigured:
		e.Kind, e.Code = connectors.Misconfigured, "agenda_mal_raccorde"
		e.Detail = "La passerelle n'a plus accès à l'agenda de ce lieu : rien n'a été réservé. Appelez le lieu."
	case connectors.RateLimited:
		e.Kind = connectors.RateLimited
	}
	return e
}

func slotTaken() *Error {
	return &Error{Kind: connectors.SlotTaken, Code: "creneau_pris", Detail: "Ce créneau vient d'être pris."}
}

// nearDays is how many days before a lost slot others are looked for; as many as DefaultWindow after it.
const nearDays = 3

// taken says that a slot is gone, with the next ones of the same motif.
func (s *Service) taken(ctx context.Context, ref SlotRef, p *Place) error {
	err := slotTaken()
	ctx, cancel := context.WithTimeout(ctx, s.AnswerIn)
	defer cancel()
	o := s.offer(p, nil)
	from := ref.StartTime().AddDate(0, 0, -nearDays)
	if now := s.Now(); from.Before(now) {
		from = now
	}
	s.look(ctx, &o, AvailabilityQuery{Window: interval.Of(from, ref.StartTime().Add(DefaultWindow))}, ref.Motif)
	err.Near = nearest(o.Slots, ref.Interval)
	return err
}

// nearest are the three slots that begin closest to one that was lost, of those that can be booked, by start.
func nearest(slots []Slot, lost interval.Interval) []Slot {
	const most = 3
	var near []Slot // by distance; of equal ones the earlier first
	for _, x := range slots {
		if !x.Books || x.Interval == lost {
			continue
		}
		at := len(near)
		for at > 0 && cmpDistance(x.Start, near[at-1].Start, lost.Start) < 0 {
			at--
		}
		if at < most {
			near = slices.Insert(near, at, x)[:min(most, len(near)+1)]
		}
	}
	slices.SortStableFunc(near, func(a, b Slot) int { return cmp.Compare(a.Start, b.Start) })
	return near
}

// cmpDistance orders two instants by how far they are from a third.
func cmpDistance(a, b, from int64) int {
	da, db := max(a-from, from-a), max(b-from, from-b)
	switch {
	case da < db:
		return -1
	case da > db:
		return 1
	}
	return 0
}

func (s *Service) claimIn(ctx context.Context, partner string, a *Agenda, x Slot, fill func(*Claim, *Agenda) error) (Appointment, error) {
	id, err := s.newID()
	if err != nil {
		return Appointment{}, fmt.Errorf("booking: %w", err)
	}
	claim := Claim{
		Appointment: Appointment{
			ID: id, Partner: partner, Place: x.Place, Agenda: a.Agenda, Motif: *x.Motif, Interval: x.Interval, Seats: 1,
			Guarantee: a.Promise(*x.Motif),
		},
		Footprint: interval.Interval{Start: x.Start, End: x.End + int64(x.Motif.Buffer.Seconds())},
		Session:   session(id, x),
		Capacity:  x.Motif.Seats,
	}
	if err := fill(&claim, a); err != nil {
		return Appointment{}, err
	}
	return s.Ledger.Claim(ctx, claim)
}

// session names what may share a time: an appointment is alone in its own, a group session is the same for all
// who come to it.
func session(id string, x Slot) string {
	if !x.Motif.Group {
		return id
	}
	return SessionOf(x)
}

// SessionOf names the group session that a slot is.
func SessionOf(x Slot) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%d\x00%d", x.Agenda, x.Place, x.Motif.ID, x.Start, x.End))
	return hex.EncodeToString(sum[:16])
}
