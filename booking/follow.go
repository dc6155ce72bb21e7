package booking

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

const (
	// followFor is how long after it was made an orientation is asked about: it was to be finished, and then to take place.
	followFor = 120 * 24 * time.Hour
	// followIn is what an agenda may take to tell what became of all its orientations.
	followIn = 30 * time.Second
)

// whom is somebody whom an agenda knows.
type whom struct{ agenda, person string }

// Follow asks the agendas that can tell what became of orientations to them, and keeps what they say: of askedAtOnce
// people in each call, everybody in her turn. It is to be called once a minute.
func (s *Service) Follow(ctx context.Context) error {
	var err error
	var people []whom
	hers := make(map[whom][]Appointment)
	for _, a := range s.Agendas.All() {
		if !connectors.CapabilitiesOf(a.Diary).Follow {
			continue
		}
		handed, e := s.handedOn(ctx, a)
		err = errors.Join(err, e)
		for _, h := range handed {
			w := whom{a.Agenda, personOf(h.Upstream.Reference)}
			if hers[w] == nil {
				people = append(people, w)
			}
			hers[w] = append(hers[w], h)
		}
	}
	turn := make(map[string][]Appointment) // by agenda
	for _, w := range s.inTurn(people) {
		turn[w.agenda] = append(turn[w.agenda], hers[w]...)
	}
	ids := slices.Sorted(maps.Keys(turn))
	errs := make([]error, len(ids))
	each(ctx, len(ids), func(ctx context.Context, i int) {
		a, ok := s.Agendas.ByID(ids[i])
		if !ok { // taken away meanwhile
			return
		}
		if e := s.ask(ctx, a, turn[ids[i]]); e != nil {
			errs[i] = fmt.Errorf("booking: follow %s: %w", ids[i], e)
		}
	})
	return errors.Join(append(errs, err)...)
}

// handedOn lists the orientations of an agenda of which there may still be news.
func (s *Service) handedOn(ctx context.Context, a *Agenda) ([]Appointment, error) {
	handed, err := s.Ledger.HandedOn(ctx, a.Agenda, s.Now().Add(-followFor))
	return slices.DeleteFunc(handed, func(h Appointment) bool { return !s.mayChange(h) }), err
}

// askedAtOnce is how many people are asked about in a minute, of all agendas together: less than half of what the
// software that counts most strictly allows (RDV Service Public, 50 questions), so that there is room for who waits.
const askedAtOnce = 20

// inTurn is the people whose minute it is.
func (s *Service) inTurn(all []whom) []whom {
	if len(all) <= askedAtOnce {
		return all
	}
	first := int(s.Now().Unix()/60*askedAtOnce) % len(all)
	return append(slices.Clone(all[first:]), all[:first]...)[:askedAtOnce]
}

// Received takes what the software of an agenda says of its own accord (a webhook): those that it is about are asked for
// at once. NotFound: there is no such agenda, or it listens to nobody. Refused: it is not that software that speaks.
func (s *Service) Received(ctx context.Context, agenda string, h http.Header, body []byte) error {
	a, ok := s.Agendas.ByID(agenda)
	if !ok {
		return Missing()
	}
	receiver, ok := a.Diary.(connectors.Receiver)
	if !ok {
		return Missing()
	}
	people, err := receive(ctx, receiver, h, body)
	if err != nil || len(people) == 0 {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.BookIn)
	defer cancel()
	return s.follow(ctx, a, people)
}

func receive(ctx context.Context, r connectors.Receiver, h http.Header, body []byte) (people []string, err error) {
	defer unpanicked("receive", &err)
	return r.Receive(ctx, h, body)
}

// personOf is whom a link is for, as connectors.Receiver names her.
func personOf(link string) string {
	person, _, _ := strings.Cut(link, "@")
	return person
}

// follow asks about the orientations of some people.
func (s *Service) follow(ctx context.Context, a *Agenda, people []string) error {
	handed, err := s.handedOn(ctx, a)
	if err != nil {
		return err
	}
	return s.ask(ctx, a, slices.DeleteFunc(handed, func(h Appointment) bool {
		return !slices.Contains(people, personOf(h.Upstream.Reference))
	}))
}

// ask asks about orientations of an agenda. Of whom it knows nothing, although it answered, nothing came if the time to
// finish is over; and what was booked and is not there any more is for people to look after.
func (s *Service) ask(ctx context.Context, a *Agenda, handed []Appointment) error {
	if len(handed) == 0 {
		return nil
	}
	byLink := make(map[string]Appointment, len(handed))
	for _, h := range handed {
		byLink[h.Upstream.Reference] = h
	}
	follower, ok := a.Diary.(connectors.Follower)
	if !ok { // it was taken away, and another has its name
		return nil
	}
	outcomes, err := followSafely(ctx, follower, slices.Sorted(maps.Keys(byLink)))
	whole := err == nil
	keep := func(e error) {
		if e != nil && connectors.KindOf(e) != connectors.Changed && connectors.KindOf(e) != connectors.Refused { // somebody else took the next step
			err = errors.Join(err, e)
		}
	}
	for _, o := range outcomes {
		h, asked := byLink[o.Link]
		if !asked {
			continue
		}
		delete(byLink, o.Link)
		o.Appointment.Reference = o.Link
		keep(s.became(ctx, a, h, o))
	}
	if whole {
		for _, h := range byLink {
			keep(s.unknownThere(ctx, h))
		}
	}
	return err
}

// mayChange reports whether there may still be news of an orientation: a fortnight after its time nobody says any more
// whether she came.
func (s *Service) mayChange(h Appointment) bool {
	return h.Interval.Empty() || h.EndTime().Add(orientFor).After(s.Now())
}

// unknownThere is for an orientation of which the agenda, asked, knows nothing.
func (s *Service) unknownThere(ctx context.Context, h Appointment) error {
	switch {
	case h.Status == HandedOff && !h.Expires.IsZero() && !s.Now().Before(h.Expires):
		return s.lapse(ctx, h)
	case h.Status != Confirmed || h.Upstream.Upstream == "" || !h.EndTime().After(s.Now()):
		return nil
	}
	since, err := s.Ledger.Sight(ctx, h.ID, interval.Interval{})
	if err != nil || s.Now().Sub(since) < sightingsApart {
		return err
	}
	_, err = s.advance(ctx, h, Change{Event: GiveUp, Telling: s.telling(h)}) // deleted, or not shown to us any more
	return err
}

func followSafely(ctx context.Context, f connectors.Follower, links []string) (out []connectors.Outcome, err error) {
	ctx, cancel := context.WithTimeout(ctx, followIn)
	defer cancel()
	defer unpanicked("follow", &err)
	return f.Follow(ctx, links)
}

// became takes an orientation to where the agenda says it is: first what it is and when, then what happened to it.
func (s *Service) became(ctx context.Context, a *Agenda, h Appointment, o connectors.Outcome) error {
	over := o.Fate == connectors.Withdrawn || o.Fate == connectors.Revoked
	if over && h.Status == HandedOff { // she may still choose another time on her page
		return s.unknownThere(ctx, h)
	}
	h, err := s.found(ctx, a, h, o.Appointment, over)
	if err != nil {
		return err
	}
	switch o.Fate {
	case connectors.Booked:
		return s.Ledger.Unsight(ctx, h.ID)
	case connectors.Withdrawn:
		return s.ended(ctx, h, TheBeneficiary)
	case connectors.Revoked:
		return s.ended(ctx, h, TheStructure)
	case connectors.Attended:
		return s.cameOrNot(ctx, h, Honoured, Attend)
	case connectors.Missed:
		return s.cameOrNot(ctx, h, Missed, Miss)
	}
	return fmt.Errorf("booking: the agenda told no fate of %s", h.ID)
}

// found keeps what an orientation is over there, and when.
func (s *Service) found(ctx context.Context, a *Agenda, h Appointment, there connectors.Appointment, over bool) (Appointment, error) {
	known := Change{During: there.Interval, Upstream: &there, Telling: s.telling(h)}
	same := h.Interval == there.Interval && h.Upstream.Upstream == there.Upstream && h.Upstream.Location == there.Location
	switch {
	case h.Status == HandedOff, h.Status == NeedsHuman && !over:
		known.Event = Accept
	case h.Status == NeedsHuman, same:
		return h, nil
	case h.Status == Confirmed && !over && !h.Interval.Empty() && h.Interval != there.Interval:
		return s.movedByStructure(ctx, a, h, there)
	default:
		known.Event = Learn
	}
	return s.advance(ctx, h, known)
}

func (s *Service) ended(ctx context.Context, h Appointment, by Actor) error {
	if h.Status != Confirmed && h.Status != NeedsHuman {
		return nil
	}
	_, err := s.advance(ctx, h, Change{Event: Cancel, Ended: &Ending{By: by}, Telling: s.telling(h)})
	return err
}

func (s *Service) cameOrNot(ctx context.Context, h Appointment, is Status, e Event) error {
	if h.Status == is {
		return nil
	}
	_, err := s.advance(ctx, h, Change{Event: e})
	return err
}
