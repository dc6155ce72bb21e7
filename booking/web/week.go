package web

import (
	"context"
	"net/url"
	"slices"
	"time"

	"passerelle/booking"
)

// week is seven days of slots of a place, of one motif.
type week struct {
	Motifs         []choice
	Motif          string   // what the slots are for, in words
	Conditions     []string // of the motif
	Days           []day
	Span           string // "du lundi 30 novembre au dimanche 6 décembre"
	Earlier, Later string // addresses of the other weeks
	Instead        instead
	State          string
	Keep           []hiddenValue // parts of the address that choosing a motif keeps

	Action         string // where a chosen slot is sent; empty: choosing one leads to signing in
	FormToken, Key string // of the form; a link that is a secret needs no token
	Kept           []next // what who looks keeps here already
	Stay           string // of an appointment that is moved: its page
}

type day struct {
	Label string
	Slots []slotLine
}

type hiddenValue struct{ Name, Value string }

// instead is what there is instead of a week without slots.
type instead struct {
	Unknown bool   // nobody knows whether it has some
	First   *next  // the place's own first slot after it
	Nearest *near  // another place that has one in it
	Phone   string // of the place, in digits
	Dial    any    // its address
}

// near is the nearest place that has a slot.
type near struct {
	next
	Where, When string
}

// move makes choosing a slot move the appointment whose page is stay: it stays at its place.
func (v *week) move(stay string, keep ...hiddenValue) {
	v.Stay, v.Keep, v.Instead.Nearest = stay, keep, nil
	if v.Action != "" {
		v.Action = stay + "/deplacement"
	}
}

// week lists the slots that a page's address asks for, of the offer that it gives too. What it asks for that is not there is not taken for an error: links
// live longer than motifs.
func (p *pages) week(ctx context.Context, place *booking.Place, q url.Values, path string) (week, *booking.Offer, error) {
	now := p.Now()
	start := booking.Midnight(now, place.Zone)
	if day, err := time.ParseInLocation(time.DateOnly, q.Get("semaine"), place.Zone); err == nil && day.After(start) && day.Before(start.AddDate(1, 0, 0)) {
		start = day
	}
	end, from := start.AddDate(0, 0, 7), start
	if from.Before(now) {
		from = now
	}
	// A week more is looked at: a place where one can book then is not to be called.
	offer, err := p.Service.SlotsOf(ctx, place.ID, &booking.Bound{At: from}, &booking.Bound{At: end.AddDate(0, 0, 7)}, "")
	if err != nil {
		return week{}, nil, err
	}
	v := week{State: p.stateInWords(offer)}
	motif, ok := motifOf(offer.Motifs, q)
	if !ok {
		return v, offer, nil
	}
	v.Motif, v.Conditions = motifInWords(motif), booking.Lines(motif.Conditions)
	if len(offer.Motifs) > 1 {
		for _, m := range offer.Motifs {
			v.Motifs = append(v.Motifs, choice{Value: m.ID, Words: m.Label, Chosen: m.ID == motif.ID})
		}
	}
	slots := slices.DeleteFunc(slices.Clone(offer.Slots), func(x booking.Slot) bool { return x.Motif.ID != motif.ID })
	shown := len(slots)
	if slots = slices.DeleteFunc(slots, func(x booking.Slot) bool { return !x.Books }); len(slots) == 0 && shown > 0 {
		v.State = "On ne peut pas réserver ici en ce moment. " + v.State
	}
	v.days(slots, start, end, place.Zone)
	at := func(day time.Time) string {
		return path + "?" + with(q, "semaine", day.Format(time.DateOnly)).Encode() + "#creneaux"
	}
	if start.After(now) {
		v.Earlier = at(start.AddDate(0, 0, -7))
	}
	v.Later = at(end)
	if len(v.Days) == 0 {
		found, err := p.Service.Instead(ctx, offer, &booking.Bound{At: from}, &booking.Bound{At: end}, motif.ID)
		if err != nil {
			return week{}, nil, err
		}
		v.Instead = insteadOf(offer, found, at)
	}
	return v, offer, nil
}

// insteadOf says it in words; at is the address of the week that begins on a day.
func insteadOf(offer *booking.Offer, found booking.Instead, at func(time.Time) string) instead {
	place := offer.Place
	v := instead{Unknown: offer.State == booking.Unknown, First: laterOf(found.Later, place.Zone, at), Nearest: nearOf(found.Nearest, nil)}
	if place.Phone != "" {
		v.Phone, v.Dial = booking.PhoneInDigits(place.Phone), telephone(place.Phone)
	}
	return v
}

// laterOf leads to the first of some slots that can be booked; nil where there is none.
func laterOf(slots []booking.Slot, zone *time.Location, at func(time.Time) string) *next {
	i := slices.IndexFunc(slots, func(x booking.Slot) bool { return x.Books })
	if i < 0 {
		return nil
	}
	return &next{at(slots[i].StartTime().In(zone)), slotOf(slots[i], zone).Words}
}

func nearOf(n *booking.Nearest, services []string) *near {
	if n == nil {
		return nil
	}
	where := "à " + kilometres(n.DistanceKM)
	if n.Place.Commune != "" {
		where = n.Place.Commune + ", " + where
	}
	return &near{next{placeFor(n.Place.ID, services), n.Place.Name}, where, slotOf(n.First, n.Place.Zone).Words}
}

// days groups the slots of the week by day.
func (v *week) days(slots []booking.Slot, start, end time.Time, zone *time.Location) {
	v.Span = "du " + booking.DayInWords(start, zone) + " au " + booking.DayInWords(end.Add(-time.Hour), zone)
	for _, x := range slots {
		if x.Start >= end.Unix() {
			return
		}
		line := slotOf(x, zone)
		if n := len(v.Days); n == 0 || v.Days[n-1].Label != line.Day {
			v.Days = append(v.Days, day{Label: line.Day})
		}
		last := &v.Days[len(v.Days)-1]
		last.Slots = append(last.Slots, line)
	}
}

// motifOf is the motif that is asked for, or the first for the services that are, or the first.
func motifOf(motifs []booking.Motif, q url.Values) (booking.Motif, bool) {
	for _, wanted := range []func(booking.Motif) bool{
		func(m booking.Motif) bool { return m.ID == q.Get("motif") },
		func(m booking.Motif) bool { return m.Serves(q["pour"]) },
		func(booking.Motif) bool { return true },
	} {
		if i := slices.IndexFunc(motifs, wanted); i >= 0 {
			return motifs[i], true
		}
	}
	return booking.Motif{}, false
}
