package ics

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

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

// agenda is one feed. It remembers the validators of its last reading, not the feed.
type agenda struct {
	client  *http.Client
	address string
	options icalendar.Options
	basis   connectors.Basis
	meaning string // everything but the feed and the window that a reading depends on

	mu   sync.Mutex
	last copyOf
}

// copyOf is a reading that was made of the feed, as far as it must be known to say that it still holds.
type copyOf struct {
	version    string
	window     interval.Interval
	validators connectors.Validators
}

func open(c connectors.Connection, s Settings, env connectors.Env) (connectors.Agenda, error) {
	u, err := url.Parse(strings.TrimSpace(c.Address))
	switch {
	case err != nil: // the cause would hold the address
		return nil, invalid("it cannot be read")
	case !isWeb(u.Scheme) && u.Scheme != "webcal" || u.Host == "":
		return nil, invalid("it is not the address of a feed (https, http or webcal)")
	case env.HTTP == nil:
		return nil, &connectors.Error{Op: "open", Kind: connectors.Internal, Err: errors.New("ics: no HTTP client")}
	}
	options, err := s.options()
	if err != nil {
		return nil, &connectors.Error{Op: "open", Kind: connectors.Invalid, Err: fmt.Errorf("ics: %w", err)}
	}
	options.Zone = c.Zone
	a := &agenda{
		client:  env.HTTP,
		address: overHTTP(u).String(),
		options: options,
		basis:   connectors.Busy,
		meaning: c.Zone.String() + " " + string(c.Settings),
	}
	if s.Openings.rule != nil {
		a.basis = connectors.Open
	}
	return a, nil
}

func invalid(what string) error {
	return &connectors.Error{Op: "open", Kind: connectors.Invalid, Err: errors.New("ics: adresse: " + what)}
}

// Guarantee is OnRequest: a feed takes no booking, its structure must answer.
func (*agenda) Guarantee() connectors.Guarantee { return connectors.OnRequest }

// Read fetches the feed, unless it has not changed since the reading that the caller holds of the same window. A
// feed that is no calendar, or that passes a limit, is Unavailable.
func (a *agenda) Read(ctx context.Context, q connectors.Query) (connectors.Reading, error) {
	held := a.held(q)
	doc, err := connectors.Fetch(ctx, a.client, a.address, held.validators, longestFeed)
	if err != nil {
		return connectors.Reading{}, err
	}
	if doc.Unchanged {
		return connectors.Reading{Unchanged: true}, nil
	}
	version := a.versionOf(doc.Body, q.Window)
	if version == held.version {
		a.hold(copyOf{version, q.Window, doc.Validators})
		return connectors.Reading{Unchanged: true}, nil
	}
	calendar, err := icalendar.Read(doc.Body, q.Window, a.options)
	if err != nil {
		return connectors.Reading{}, &connectors.Error{
			Op: "read", Kind: connectors.Unavailable, Err: fmt.Errorf("ics: %d bytes of %q: %w", len(doc.Body), doc.ContentType, err),
		}
	}
	a.hold(copyOf{version, q.Window, doc.Validators})
	r := a.translate(calendar)
	r.Version, r.SourceAt = version, doc.SourceAt
	return r, nil
}

// held is the copy that the caller holds, if it is the last one made here and of the same window; or else nothing.
func (a *agenda) held(q connectors.Query) copyOf {
	a.mu.Lock()
	defer a.mu.Unlock()
	if q.Known == "" || q.Known != a.last.version || q.Window != a.last.window {
		return copyOf{}
	}
	return a.last
}

func (a *agenda) hold(c copyOf) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last = c
}

// versionOf depends on all that a reading depends on, so that equal versions are equal readings.
func (a *agenda) versionOf(feed []byte, w interval.Interval) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d %q ", w.Start, w.End, a.meaning)
	h.Write(feed)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// translate sorts the events: those that bear our UID apart, even where every event is an opening. One of ours that
// somebody marked as free time takes none.
func (a *agenda) translate(c *icalendar.Calendar) connectors.Reading {
	r := connectors.Reading{Basis: a.basis}
	others := *c
	others.Occurrences = slices.DeleteFunc(slices.Clone(c.Occurrences), func(o icalendar.Occurrence) bool {
		reference, ours := connectors.ReferenceOf(o.UID)
		if ours && !o.Transparent && o.Meaning != icalendar.Free {
			r.Own = append(r.Own, connectors.Own{Reference: reference, Interval: o.Interval})
		}
		return ours
	})
	r.Busy = others.Busy()
	if a.basis == connectors.Open {
		r.Open = others.Open()
	}
	for _, d := range c.Doubt {
		r.Doubt = append(r.Doubt, connectors.Doubt(d))
	}
	return r
}
