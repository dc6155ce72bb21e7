package ics

import (
	"context"
	"fmt"

	"passerelle/connectors"
	"passerelle/connectors/icalendar"
	"passerelle/connectors/interval"
)

// Connector is a calendar feed.
var Connector = connectors.Define("ics", recognise, open)

var (
	_ connectors.Agenda    = (*agenda)(nil)
	_ connectors.Guarantor = (*agenda)(nil)
)

// longestFeed is the size in bytes beyond which a feed is not read: what package icalendar takes at most.
const longestFeed = 20 << 20

// agenda is one feed.
type agenda struct {
	feed     *connectors.Feed
	settings icalendar.Settings
	options  icalendar.Options
	basis    connectors.Basis
}

// Settings say what the events of the feed mean.
type Settings struct{ icalendar.Settings }

func open(c connectors.Connection, s Settings, env connectors.Env) (connectors.Agenda, error) {
	feed, err := connectors.NewFeed(c, env, longestFeed)
	if err != nil {
		return nil, err
	}
	options, err := s.Options()
	if err != nil {
		return nil, &connectors.Error{Op: "open", Kind: connectors.Invalid, Err: fmt.Errorf("ics: %w", err)}
	}
	options.Zone = c.Zone
	options.Wordless = options.Openings == nil // then nothing depends on what an event is called
	a := &agenda{feed: feed, settings: s.Settings, options: options, basis: connectors.Busy}
	if options.Openings != nil {
		a.basis = connectors.Open
	}
	return a, nil
}

// Guarantee is OnRequest: a feed takes no booking, its structure must answer.
func (*agenda) Guarantee() connectors.Guarantee { return connectors.OnRequest }

// Read reads the feed as connectors.Feed does. A feed that is no calendar, or that passes a limit, is Unavailable.
func (a *agenda) Read(ctx context.Context, q connectors.Query) (connectors.Reading, error) {
	return a.feed.Read(ctx, q, func(document []byte, desk *connectors.Desk) (connectors.Reading, error) {
		reader, there := desk.Tool.(*icalendar.Reader)
		if !there {
			reader = new(icalendar.Reader)
			desk.Tool = reader
		}
		calendar, err := reader.Read(document, q.Window, a.options)
		if err != nil {
			return connectors.Reading{}, err
		}
		return a.translate(calendar, q.Window), nil
	})
}

// translate sorts the events: those that bear our UID apart, even where every event is an opening.
func (a *agenda) translate(c *icalendar.Calendar, window interval.Interval) connectors.Reading {
	r := connectors.Reading{Basis: a.basis}
	ours, others := c.Apart(connectors.Ours)
	for _, o := range ours {
		reference, _ := connectors.ReferenceOf(o.UID)
		r.Own = append(r.Own, connectors.Own{Reference: reference, Interval: o.Interval})
	}
	r.Busy = others.Busy()
	doubts := c.Doubt
	if a.basis == connectors.Open {
		open, stops, nowhere := a.settings.Offered(others)
		r.Open, doubts = open, append(doubts, nowhere...)
		for _, s := range stops {
			r.Stops = append(r.Stops, connectors.Stop(s))
		}
	}
	for _, d := range doubts {
		r.Doubt = append(r.Doubt, connectors.Doubt(d))
	}
	for _, silent := range unspoken(c, window) {
		r.Doubt = append(r.Doubt, connectors.Doubt{Interval: silent, Reason: "Le flux est un VFREEBUSY, qui ne dit rien de ce temps-là."})
	}
	return r
}

// unspoken is the time of the window that a feed of published free and busy time does not speak for; the connector
// freebusy is there for such a feed.
func unspoken(c *icalendar.Calendar, window interval.Interval) []interval.Interval {
	if len(c.FreeBusy) == 0 {
		return nil
	}
	var spoken []interval.Interval
	for _, f := range c.FreeBusy {
		spoken = append(spoken, f.Interval)
	}
	return interval.Minus([]interval.Interval{window}, interval.Union(spoken))
}
