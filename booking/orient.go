package booking

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// orientFor is how long an orientation waits for its outcome.
const orientFor = 14 * 24 * time.Hour

// relative is the Prescriber.Quality of who is no professional.
const relative = "proche"

// Orientation is a booking that a human finishes on the page of the place's own software. It is kept as an appointment
// that has no time until somebody says which.
type Orientation struct {
	Place     string
	Motif     string // empty: it is chosen on the page
	Reference string // the partner's own
	Details   Details
}

// Orient gives the page on which a booking is finished. Who comes is passed on where the page is made for her alone, and
// not taken anywhere else: what cannot be passed on is not kept.
func (s *Service) Orient(ctx context.Context, c Call, o Orientation) (Result, error) {
	return s.once(ctx, c, http.StatusCreated, func(key *Key) (Appointment, error) {
		p, err := s.place(o.Place)
		if err != nil {
			return Appointment{}, err
		}
		agenda, motif, err := s.handsOn(p, o.Motif)
		if err != nil {
			return Appointment{}, err
		}
		invites, err := o.invites(agenda)
		if err != nil {
			return Appointment{}, err
		}
		id, err := s.newID()
		if err != nil {
			return Appointment{}, fmt.Errorf("booking: %w", err)
		}
		a := Appointment{
			ID: id, Partner: c.Partner, Place: p.ID, Agenda: agenda.Agenda, Motif: motif, Seats: 1, Guarantee: connectors.Handoff, Details: &o.Details,
		}
		if !invites {
			link, err := s.page(ctx, agenda.Diary.(connectors.Handoffer), handoff(a, p))
			if err != nil {
				return Appointment{}, notHandedOn(err)
			}
			o.Details.Page = Words(link.URL)
		}
		made, err := s.Ledger.Claim(ctx, Claim{Appointment: a, Key: key, Change: &Change{
			Event: HandOn, By: c.by(), Details: &o.Details, Person: s.person(c.Partner, o.Details.Beneficiary, true),
			Reference: o.Reference, Seats: 1, Expires: s.Now().Add(min(orientFor, s.KeepFor)),
		}})
		if err != nil || !invites {
			return made, err
		}
		return s.invite(ctx, made)
	})
}

// invites reports whether the agenda makes a page for the person alone, and refuses what does not go with that.
func (o Orientation) invites(a *Agenda) (bool, error) {
	_, invites := a.Diary.(connectors.Inviter)
	switch given := o.Details.Beneficiary != (Beneficiary{}); {
	case given && !invites:
		return false, InvalidField("usager", "ce lieu demande lui-même qui vient, sur sa page : ne le transmettez pas ici")
	case !given && invites:
		return false, InvalidField("usager", "obligatoire pour ce lieu, qui prépare une page pour la personne")
	case given && o.Details.Consent.Mode == "":
		return false, InvalidField("consentement", "obligatoire quand usager est transmis")
	}
	return invites, nil
}

// handoff is an orientation as agendas know it.
func handoff(a Appointment, p *Place) connectors.HandoffRequest {
	return connectors.HandoffRequest{
		Reference: a.ID, Place: p.ID, Address: inOneLine(p), Motif: a.Motif.Upstream, Prescriber: a.Details.Prescriber.Quality != relative,
	}
}

// invite makes the person of an orientation known to the agenda, once it is kept that this was begun: a call that is
// repeated makes nobody known twice. Where it fails the orientation ends, and the call may be made again.
func (s *Service) invite(ctx context.Context, a Appointment) (Appointment, error) {
	ctx = context.WithoutCancel(ctx)
	link, err := s.personalPage(ctx, a)
	if err != nil {
		if _, e := s.settle(ctx, a, Change{Event: Lapse, By: string(TheGateway), Forget: true}); e != nil {
			s.Logger.Error("an orientation that came to nothing was not ended", "rendez_vous", a.ID, "err", e)
		}
		return a, notInvited(err)
	}
	details := *a.Details
	details.Page = Words(link.URL)
	return s.settle(ctx, a, Change{
		Event: Learn, By: string(TheGateway), Details: &details, Upstream: &connectors.Appointment{Reference: link.Upstream},
	})
}

// inviteAgain is for the call that is repeated after its process has ended. The step that it takes first is its lease: of
// several that repeat it, one goes on.
func (s *Service) inviteAgain(ctx context.Context, a Appointment) (Appointment, error) {
	if s.Now().Sub(a.Modified) < s.leaseOfWrite() {
		return a, inProgress()
	}
	mine, err := s.advance(ctx, a, Change{Event: Learn})
	if connectors.KindOf(err) == connectors.Changed {
		return a, inProgress()
	}
	if err != nil {
		return a, err
	}
	return s.invite(ctx, mine)
}

// uninvited reports whether an orientation was begun and has no page yet: somebody is being made known, or was when a
// process ended.
func (s *Service) uninvited(a Appointment) bool {
	return a.Status == HandedOff && a.Details != nil && a.Details.Page == ""
}

func (s *Service) personalPage(ctx context.Context, a Appointment) (link connectors.Link, err error) {
	agenda, ok := s.Agendas.ByID(a.Agenda)
	if !ok {
		return link, unreadable(nil)
	}
	inviter, ok := agenda.Diary.(connectors.Inviter)
	if !ok {
		return link, unreadable(nil)
	}
	p, err := s.place(a.Place)
	if err != nil {
		return link, err
	}
	ctx, cancel := context.WithTimeout(connectors.Urgently(ctx, s.Now()), s.BookIn)
	defer cancel()
	defer unpanicked("invite", &err)
	return inviter.Invite(ctx, handoff(a, p), a.Details.Beneficiary.outside())
}

// handsOn finds the agenda of a place whose page is to be followed, and the motif in it.
func (s *Service) handsOn(p *Place, motif string) (*Agenda, Motif, error) {
	var known []string
	pages := 0
	for _, a := range s.Agendas.OfPlace(p).Agendas {
		if a.Path(Motif{}) != ByLink {
			continue
		}
		if motif == "" {
			return a, Motif{Label: "choisi sur la page du lieu"}, nil
		}
		if m, ok := a.Motif(motif); ok {
			return a, m, nil
		}
		pages++
		for _, m := range a.Motifs {
			known = append(known, m.ID)
		}
	}
	if pages == 0 {
		return nil, Motif{}, &Error{
			Kind: connectors.Unsupported, Code: "orientation_impossible",
			Detail: "Ce lieu n'a pas de page de réservation : réservez un de ses créneaux, ou appelez-le.",
		}
	}
	slices.Sort(known)
	return nil, Motif{}, InvalidField("motif", "ce lieu n'oriente vers aucun motif de ce nom", slices.Compact(known)...)
}

// inOneLine is the whole address of a place; empty where a part of it is not known.
func inOneLine(p *Place) string {
	if p.Address == "" || p.Commune == "" || p.PostalCode == "" {
		return ""
	}
	return p.Address + ", " + p.Commune + ", " + p.PostalCode
}

func (s *Service) page(ctx context.Context, h connectors.Handoffer, r connectors.HandoffRequest) (link connectors.Link, err error) {
	ctx, cancel := context.WithTimeout(connectors.Urgently(ctx, s.Now()), s.BookIn)
	defer cancel()
	defer unpanicked("handoff", &err)
	return h.Handoff(ctx, r)
}

// notHandedOn is what the caller is told where no page was given. Nothing is booked by asking for one.
func notHandedOn(cause error) error {
	e := &Error{
		Kind: connectors.KindOf(cause), Code: "source_en_echec", Err: cause,
		Detail: "Le logiciel de ce lieu ne donne pas de page en ce moment : rien n'a été fait. Réessayez, ou appelez le lieu.",
	}
	switch e.Kind {
	case connectors.OutcomeUnknown:
		e.Kind = connectors.Unavailable
	case connectors.Misconfigured:
		e.Code = "agenda_mal_raccorde"
		e.Detail = "La passerelle n'a plus accès au logiciel de ce lieu : rien n'a été fait. Appelez le lieu."
	case connectors.Invalid, connectors.Refused:
		e.Code, e.Detail = "agenda_refuse", "Le logiciel du lieu a refusé ces données."
	}
	return e
}

// notInvited is notHandedOn, where who comes may have been passed on already.
func notInvited(cause error) error {
	err := notHandedOn(cause)
	if e, ok := errors.AsType[*Error](err); ok && e.Kind != connectors.Invalid {
		e.Detail = "Aucun rendez-vous n'est pris, et le logiciel du lieu ne donne pas de page. Il a peut-être déjà reçu les coordonnées de la personne. Réessayez, ou appelez le lieu."
	}
	return err
}

// Conclude keeps the prescriber's word of what became of an orientation: Confirmed, with its time if she knows it;
// Expired, when nothing came of it; Cancelled, when what was booked over there was cancelled there. by is who cancelled.
// Where the agenda can tell, it is asked first, and what it says goes before her word.
func (s *Service) Conclude(ctx context.Context, c Call, id string, said Status, during interval.Interval, by Actor) (Result, error) {
	event, ok := map[Status]Event{Confirmed: Accept, Expired: Lapse, Cancelled: Cancel}[said]
	if !ok {
		return Result{}, InvalidField("statut", "n'est pas une issue", string(Confirmed), string(Expired), string(Cancelled))
	}
	return s.once(ctx, c, http.StatusOK, func(key *Key) (Appointment, error) {
		a, err := s.orientation(ctx, c.Partner, id)
		switch {
		case err != nil:
			return a, err
		case a.Status == said && (during.Empty() || during == a.Interval):
			return a, s.Ledger.Note(ctx, id, key)
		case a.Status == HandedOff && said == Cancelled:
			return a, InvalidField("statut", "rien n'a été pris : dites expire", string(Confirmed), string(Expired))
		case a.Status == Confirmed && a.Upstream.Upstream != "":
			return a, &Error{
				Kind: connectors.Refused, Code: "rendez_vous_tient", Link: page(a),
				Detail: "Le logiciel du lieu dit que ce rendez-vous tient : s'il ne doit pas avoir lieu, annulez-le.",
			}
		case a.Status == Confirmed && said == Confirmed && a.Interval.Empty():
			event = Learn // she says now when it is
		}
		change := Change{Event: event, By: c.by(), During: during, Key: key, Telling: s.telling(a)}
		change.Channels[ThePrescriber] = PrescriberChannel // it is she who says so
		if event == Cancel {
			change.Ended = &Ending{By: by}
		}
		return s.Ledger.Advance(ctx, id, a.Version, change)
	})
}

// orientation finds one of a partner's, as the agenda knows it now if it can tell.
func (s *Service) orientation(ctx context.Context, partner, id string) (Appointment, error) {
	a, err := s.Appointment(ctx, partner, id)
	switch {
	case err != nil:
		return a, err
	case a.Guarantee != connectors.Handoff:
		return a, Missing()
	}
	return s.askedNow(ctx, a), nil
}

// askedNow is an orientation as the agenda knows it now; as it was known, where it cannot be asked.
func (s *Service) askedNow(ctx context.Context, a Appointment) Appointment {
	agenda, ok := s.Agendas.ByID(a.Agenda)
	if !ok || !agenda.follows(a) {
		return a
	}
	asking, cancel := context.WithTimeout(connectors.Urgently(ctx, s.Now()), s.BookIn)
	defer cancel()
	if err := s.follow(asking, agenda, []string{personOf(a.Upstream.Reference)}); err != nil {
		s.Logger.Warn("what became of an orientation is not known there", "rendez_vous", a.ID, "agenda", a.Agenda, "err", err)
	}
	now, err := s.Ledger.Appointment(ctx, a.Partner, a.ID)
	if err != nil {
		s.Logger.Error("an orientation could not be read again", "rendez_vous", a.ID, "err", err)
		return a
	}
	return now
}

// follows reports whether the agenda can tell what became of an orientation.
func (a *Agenda) follows(o Appointment) bool {
	return o.Upstream.Reference != "" && connectors.CapabilitiesOf(a.Diary).Follow
}

// page is where an orientation is finished; empty once it is erased.
func page(a Appointment) string {
	if a.Details == nil {
		return ""
	}
	return string(a.Details.Page)
}
