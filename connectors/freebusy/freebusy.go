package freebusy

import (
	"context"
	"errors"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/icalendar"
	"passerelle/connectors/interval"
)

// Connector is published free/busy time.
var Connector = connectors.Define("freebusy", recognise, open)

var (
	_ connectors.Agenda    = (*agenda)(nil)
	_ connectors.Guarantor = (*agenda)(nil)
)

// Settings say what the answer cannot.
type Settings struct {
	// A VFREEBUSY without any period means that nothing is taken. Otherwise it says nothing, since Zimbra answers so for
	// an account that does not exist or is not shared.
	EmptyIsFree bool `json:"vide_est_libre"`
}

// longestAnswer is the size in bytes beyond which an answer is not read: some thirty thousand periods.
const longestAnswer = 2 << 20

// Why a time is in doubt.
const (
	reasonOutside = "L'adresse ne publie rien sur ce temps-là."
	reasonSilent  = "L'adresse n'y publie aucune période : agenda vide, inconnu ou non partagé, rien ne le dit."
)

var errNoFreeBusy = errors.New("no VFREEBUSY in the calendar")

// agenda is one address.
type agenda struct {
	feed        *connectors.Feed
	zone        *time.Location
	emptyIsFree bool
}

func open(c connectors.Connection, s Settings, env connectors.Env) (connectors.Agenda, error) {
	feed, err := connectors.NewFeed(c, env, longestAnswer)
	if err != nil {
		return nil, err
	}
	return &agenda{feed: feed, zone: c.Zone, emptyIsFree: s.EmptyIsFree}, nil
}

// Guarantee is OnRequest: published time takes no booking, its structure must answer.
func (*agenda) Guarantee() connectors.Guarantee { return connectors.OnRequest }

// Read reads the answer as connectors.Feed does. One without a VFREEBUSY, or that passes a limit, is Unavailable.
func (a *agenda) Read(ctx context.Context, q connectors.Query) (connectors.Reading, error) {
	return a.feed.Read(ctx, q, func(document []byte, _ *connectors.Desk) (connectors.Reading, error) {
		return a.translate(document, q.Window)
	})
}

func (a *agenda) translate(document []byte, window interval.Interval) (connectors.Reading, error) {
	calendar, err := icalendar.Read(document, window, icalendar.Options{Zone: a.zone})
	if err != nil {
		return connectors.Reading{}, err
	}
	if len(calendar.FreeBusy) == 0 {
		return connectors.Reading{}, errNoFreeBusy
	}
	r := connectors.Reading{Basis: connectors.Busy, Busy: calendar.Busy()}
	for _, d := range calendar.Doubt {
		r.Doubt = append(r.Doubt, connectors.Doubt(d))
	}
	outside, silent := a.unknown(calendar, window)
	r.Doubt = append(r.Doubt, doubts(outside, reasonOutside)...)
	r.Doubt = append(r.Doubt, doubts(silent, reasonSilent)...)
	return r, nil
}

// unknown is the time of the window that nothing speaks for, and that which only an answer without periods does. All
// that any VFREEBUSY speaks for is known: several of them are one diary.
func (a *agenda) unknown(c *icalendar.Calendar, window interval.Interval) (outside, silent []interval.Interval) {
	var known, mute []interval.Interval
	for _, f := range c.FreeBusy {
		if f.Silent && !a.emptyIsFree {
			mute = append(mute, f.Interval)
		} else {
			known = append(known, f.Interval)
		}
	}
	for _, p := range c.Periods {
		if p.Meaning != icalendar.Open { // that of a VAVAILABILITY, which says nothing of what is taken
			known = append(known, p.Interval)
		}
	}
	rest := interval.Minus([]interval.Interval{window}, interval.Union(known))
	outside = interval.Minus(rest, interval.Union(mute))
	return outside, interval.Minus(rest, outside)
}

func doubts(spans []interval.Interval, reason string) []connectors.Doubt {
	var list []connectors.Doubt
	for _, s := range spans {
		list = append(list, connectors.Doubt{Interval: s, Reason: reason})
	}
	return list
}
