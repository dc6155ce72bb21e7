package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// sightingsApart is how far two readings must lie apart that both show an appointment gone, or elsewhere: calendars are
// sometimes read while somebody drags an event about.
const sightingsApart = 4 * time.Minute

// Watch reads every agenda that keeps appointments of ours and finds what a human has deleted or moved there: that is
// the structure's word, and people are told. What is seen once is seen again before it is believed; a reading with doubt
// about a time says nothing of it. One in which nothing is ever written, as it is kept here, shows nothing either.
func (s *Service) Watch(ctx context.Context) error {
	var watched []*Agenda
	for _, a := range s.Agendas.All() {
		writes := connectors.CapabilitiesOf(a.Diary).Book
		if g := a.Guarantee(); writes && (g == connectors.Atomic || g == connectors.Verified) { // others do not know an event of ours when they show it
			watched = append(watched, a)
		}
	}
	errs := make([]error, len(watched))
	each(ctx, len(watched), func(ctx context.Context, i int) {
		if err := s.watch(ctx, watched[i]); err != nil {
			errs[i] = fmt.Errorf("booking: watch %s: %w", watched[i].Agenda, err)
		}
	})
	return errors.Join(errs...)
}

func (s *Service) watch(ctx context.Context, a *Agenda) error {
	kept, err := s.Ledger.Kept(ctx, a.Agenda, s.Now())
	if err != nil || len(kept) == 0 {
		return err
	}
	window := kept[0].Interval
	for _, k := range kept {
		window = interval.Interval{Start: min(window.Start, k.Start), End: max(window.End, k.End)}
	}
	// What was moved may lie anywhere: a month around is looked at.
	const around = 31 * 24 * 3600
	window.Start, window.End = max(s.Now().Unix(), window.Start-around), window.End+around
	bounded, cancel := context.WithTimeout(ctx, s.BookIn)
	r, err := readSafely(bounded, a.Diary, connectors.Query{Window: window})
	cancel()
	if err != nil {
		return err
	}
	for _, k := range kept {
		if e := s.compare(ctx, a, k, r); e != nil && connectors.KindOf(e) != connectors.Changed && connectors.KindOf(e) != connectors.Refused { // whoever changed or moves it has taken the next step
			err = errors.Join(err, e)
		}
	}
	return err
}

// upstreamReference is by what an agenda knows an appointment: its own id, but for one that a human moved, which keeps
// the event of the one before.
func (a Appointment) upstreamReference() string {
	if a.Upstream.Reference != "" {
		return a.Upstream.Reference
	}
	return a.ID
}

// shows finds what a reading shows of an appointment. Where a human has made a series of it, that is the time that it has.
func shows(r connectors.Reading, k Appointment) (seen connectors.Own, there bool) {
	for _, o := range r.Own {
		if o.Reference == k.upstreamReference() && (!there || o.Interval == k.Interval) {
			seen, there = o, true
		}
	}
	return seen, there
}

func (s *Service) compare(ctx context.Context, a *Agenda, k Appointment, r connectors.Reading) error {
	seen, there := shows(r, k)
	if there && seen.Interval == k.Interval {
		return s.besideOthers(ctx, a, k, r)
	}
	if !there && len(interval.Cut(connectors.SpansOf(r.Doubt), k.Interval)) > 0 {
		return nil // what is not understood there may be it
	}
	since, err := s.Ledger.Sight(ctx, k.ID, seen.Interval)
	if err != nil || s.Now().Sub(since) < sightingsApart {
		return err
	}
	if !there {
		return s.deleted(ctx, a, k)
	}
	_, err = s.movedByStructure(ctx, a, k, connectors.Appointment{Reference: seen.Reference, Upstream: k.Upstream.Upstream, Version: seen.Version, Interval: seen.Interval})
	return err
}

// besideOthers looks whether somebody else's event lies over an appointment that is where it should be. It stands; the
// structure, whose agenda it is, and the prescriber are told, once for as long as it lasts.
func (s *Service) besideOthers(ctx context.Context, a *Agenda, k Appointment, r connectors.Reading) error {
	r, err := s.withoutOurs(ctx, k, r)
	if err != nil {
		return err
	}
	over, err := s.others(ctx, k, r)
	if err != nil {
		return err
	}
	if len(over) == 0 {
		return s.Ledger.Unsight(ctx, k.ID)
	}
	since, err := s.Ledger.Sight(ctx, k.ID, over[0])
	if err != nil || s.Now().Sub(since) < sightingsApart || k.toldOfClash(since) {
		return err
	}
	var d Details
	if k.Details != nil {
		d = *k.Details
	}
	_, err = s.advance(ctx, k, Change{Event: Clash, Telling: Telling{Channels: s.channels(a, d)}}) // whoever tells of the rest, only the gateway knows this
	return err
}

// withoutOurs leaves out of a reading what bears a reference of ours over an appointment: what came late or was moved is the
// gateway's own to settle. A reference that was never given here is somebody else's.
func (s *Service) withoutOurs(ctx context.Context, k Appointment, r connectors.Reading) (connectors.Reading, error) {
	var foreign []connectors.Own
	for _, o := range r.Own {
		if !o.Overlaps(k.Interval) || o.Reference == k.upstreamReference() {
			continue
		}
		switch _, err := s.Ledger.AnyAppointment(ctx, o.Reference); {
		case connectors.KindOf(err) == connectors.NotFound && err != nil:
			foreign = append(foreign, o)
		case err != nil:
			return r, err
		}
	}
	r.Own = foreign
	return r, nil
}

// toldOfClash reports whether people were told of a clash after an instant.
func (a Appointment) toldOfClash(since time.Time) bool {
	for _, n := range a.Notices {
		if n.About == AboutClash && !n.Created.Before(since) {
			return true
		}
	}
	return false
}

// deleted ends an appointment whose event is gone. Where the agenda can look for it by name, it must not find it.
func (s *Service) deleted(ctx context.Context, a *Agenda, k Appointment) error {
	if f, ok := a.Diary.(connectors.Finder); ok {
		found, err := s.find(ctx, f, k)
		switch {
		case err == nil && found.Interval == k.Interval:
			return s.Ledger.Unsight(ctx, k.ID)
		case err == nil:
			_, err = s.movedByStructure(ctx, a, k, found)
			return err
		case connectors.KindOf(err) != connectors.NotFound:
			return err
		}
	}
	_, err := s.Ledger.Advance(ctx, k.ID, k.Version, Change{
		Event: Cancel, By: string(TheStructure), Ended: &Ending{By: TheStructure}, Telling: s.telling(k),
	})
	return err
}

// movedByStructure follows an event to where a human put it, and gives the appointment that it is now. Where that is
// another appointment's time, people must see to it.
func (s *Service) movedByStructure(ctx context.Context, a *Agenda, k Appointment, to connectors.Appointment) (Appointment, error) {
	id, err := s.newID()
	if err != nil {
		return k, err
	}
	next := Appointment{
		ID: id, Partner: k.Partner, Place: k.Place, Agenda: k.Agenda, Motif: k.Motif, Interval: to.Interval, Seats: k.Seats,
		Guarantee: k.Guarantee, Reference: k.Reference, Replaces: k.ID,
	}
	footprint := interval.Interval{Start: to.Start, End: to.End + int64(k.Motif.Buffer.Seconds())}
	if k.Guarantee == connectors.Handoff {
		footprint = interval.Interval{}
	}
	details := Details{}
	if k.Details != nil {
		details = *k.Details
	}
	made, err := s.Ledger.Claim(ctx, Claim{
		Appointment: next,
		Footprint:   footprint,
		Session:     session(id, Slot{PlacedMotif: &PlacedMotif{Agenda: k.Agenda, Place: k.Place, Motif: &k.Motif}, Interval: to.Interval}),
		Capacity:    k.Motif.Seats,
		Change: &Change{
			Event: Keep, By: string(TheStructure), Details: &details, Reference: k.Reference, Seats: k.Seats, Upstream: &to,
			Person: s.person(k.Partner, details.Beneficiary, true), Telling: s.telling(k),
		},
	})
	if connectors.KindOf(err) == connectors.SlotTaken {
		return s.advance(ctx, k, Change{Event: GiveUp, Telling: s.telling(k)})
	}
	return made, err
}
