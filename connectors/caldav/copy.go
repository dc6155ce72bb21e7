package caldav

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/icalendar"
	"passerelle/connectors/interval"
)

// copyOf is what is known of the calendar: where it is, and what each of its objects says of Span. It is kept from one
// run to the next, and holds no text.
type copyOf struct {
	Meaning  string            // what the rest was read with: zone and settings
	Calendar string            // its URL; empty: not found yet
	Span     interval.Interval // what the objects were read for
	Token    string            // of the last sync-collection; empty: none
	Lists    bool              // the server has no sync-collection: every reading lists the calendar
	Listed   time.Time         // when all of it was last listed
	Objects  map[string]object // by path

	saved bool // the rest is on disk as it is here
}

// object is one resource of the calendar: one event, or a series with its exceptions.
type object struct {
	Href  string // its path, as the server wrote it
	ETag  string // empty: it must be read again
	Sum   string // of the text that was read
	Busy  []interval.Interval
	Open  []interval.Interval
	Stops []connectors.Stop
	Own   []connectors.Own // without Version: that is the ETag
	Doubt []connectors.Doubt
}

// object translates an object for a span.
func (a *agenda) object(href, etag, text string, span interval.Interval) object {
	o := object{Href: href, ETag: etag, Sum: digest(text)}
	c, err := icalendar.Read([]byte(text), span, a.options)
	if err != nil {
		o.Doubt = illegible(span)
		return o
	}
	ours, others := c.Apart(connectors.Ours)
	for _, e := range ours {
		reference, _ := connectors.ReferenceOf(e.UID)
		o.Own = append(o.Own, connectors.Own{Reference: reference, Interval: e.Interval})
	}
	open, stops, nowhere := a.events.Offered(others)
	o.Busy, o.Open = others.Busy(), open
	for _, s := range stops {
		o.Stops = append(o.Stops, connectors.Stop(s))
	}
	for _, d := range append(c.Doubt, nowhere...) {
		o.Doubt = append(o.Doubt, connectors.Doubt(d))
	}
	return o
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// illegible is the doubt about an object of which nothing is known.
func illegible(span interval.Interval) []connectors.Doubt {
	return []connectors.Doubt{{Interval: span, Reason: "Un élément de l'agenda ne peut pas être lu."}}
}

// margin, in seconds, is what is read of objects before and after a window, so that they need not be read again every day.
const margin = 40 * 24 * 3600

// cover makes the copy one that tells of a window: objects that were read for less are read again.
func (c *copyOf) cover(w interval.Interval, now time.Time) {
	if c.Objects == nil {
		c.Objects = make(map[string]object)
	}
	if c.Span.Covers(w) {
		return
	}
	wide := interval.Interval{Start: w.Start - margin, End: w.End + margin}
	if !c.Span.Empty() && c.Span.Overlaps(wide) { // one who asks for more than another must not take it from her
		wide.End = max(wide.End, c.Span.End)
		wide.Start = min(wide.Start, max(c.Span.Start, now.Unix()-margin))
	}
	c.Span, c.saved = wide, false
	for path, o := range c.Objects {
		c.Objects[path] = unread(o.Href, c.Span)
	}
}

// unread is an object that is there and of which nothing is known yet.
func unread(href string, span interval.Interval) object {
	return object{Href: href, Doubt: illegible(span)}
}

// reading is what the objects say of a window.
func (c *copyOf) reading(w interval.Interval) (r connectors.Reading) {
	for _, path := range c.paths() {
		o := c.Objects[path]
		r.Busy = appendOverlapping(r.Busy, o.Busy, w)
		r.Open = appendOverlapping(r.Open, o.Open, w)
		for _, s := range o.Stops {
			if s.Overlaps(w) {
				r.Stops = append(r.Stops, s)
			}
		}
		for _, own := range o.Own {
			if own.Overlaps(w) {
				own.Version = o.ETag
				r.Own = append(r.Own, own)
			}
		}
		for _, d := range o.Doubt {
			if d.Interval = d.Clip(w); !d.Empty() {
				r.Doubt = append(r.Doubt, d)
			}
		}
	}
	r.Busy, r.Open = interval.Union(r.Busy), interval.Union(r.Open)
	return r
}

// spans is how many intervals the copy holds.
func (c *copyOf) spans() (n int) {
	for _, o := range c.Objects {
		n += len(o.Busy) + len(o.Open) + len(o.Stops) + len(o.Own) + len(o.Doubt)
	}
	return n
}

func (c *copyOf) paths() []string {
	paths := make([]string, 0, len(c.Objects))
	for path := range c.Objects {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

func appendOverlapping(to, spans []interval.Interval, w interval.Interval) []interval.Interval {
	for _, s := range spans {
		if s.Overlaps(w) {
			to = append(to, s)
		}
	}
	return to
}

// version depends on all that a reading depends on, so that equal versions are equal readings.
func (c *copyOf) version(w interval.Interval, meaning string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d %q", w.Start, w.End, meaning)
	for _, path := range c.paths() {
		o := c.Objects[path]
		fmt.Fprintf(h, " %q %q %q", path, o.ETag, o.Sum)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// find looks for an appointment of ours. One of which a human has made a series lasts from its first to its last time.
func (c *copyOf) find(reference string) (found connectors.Appointment, ok bool) {
	for _, path := range c.paths() {
		o := c.Objects[path]
		for _, own := range o.Own {
			switch {
			case own.Reference != reference:
			case !ok:
				found, ok = connectors.Appointment{Reference: reference, Upstream: o.Href, Version: o.ETag, Interval: own.Interval}, true
			default:
				found.Start, found.End = min(found.Start, own.Start), max(found.End, own.End)
			}
		}
	}
	return found, ok
}

// clashes reports whether a time is somebody else's, or may be.
func (c *copyOf) clashes(i interval.Interval) bool {
	r := c.reading(i)
	return len(interval.Cut(r.Busy, i)) > 0 || len(r.Doubt) > 0
}
