package caldav

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

const (
	// relist is how often the whole calendar is listed although its server tells what changes: what a sync token has
	// missed would be missed for ever.
	relist = 6 * time.Hour
	// batch is how many objects are asked for at once.
	batch = 100
	// mostObjects is the size of a calendar beyond which it is not read.
	mostObjects = 20_000
	// mostSpans is the size of a copy beyond which it is not kept: some ten thousand weekly meetings; and mostOfOne what
	// one object may have of it.
	mostSpans = 500_000
	mostOfOne = 20_000
	// mostPages bounds the answers to one question about changes, which servers may cut (RFC 6578 §3.6).
	mostPages = 100
)

// refresh makes the copy what the calendar is now, for a window at least. What was read before a failure is kept, so
// that the next call goes on from there.
func (a *agenda) refresh(ctx context.Context, w interval.Interval) error {
	a.restore(ctx)
	if err := a.locate(ctx); err != nil {
		return err
	}
	calendar, err := url.Parse(a.copy.Calendar)
	if err != nil {
		return failed("read", connectors.Internal, errors.New("the address of the calendar cannot be read"))
	}
	a.copy.cover(w, a.now())
	listed, err := a.changes(ctx, calendar)
	if err != nil {
		if connectors.KindOf(err) == connectors.NotFound { // it may have moved, or be another one now
			a.copy = copyOf{Meaning: a.copy.Meaning}
		}
		return err
	}
	if err := a.copy.take(listed); err != nil {
		return err
	}
	if err := a.fetchMissing(ctx, calendar); err != nil {
		return err
	}
	if n := a.copy.spans(); n > mostSpans {
		return failed("read", connectors.Unavailable, fmt.Errorf("the calendar has %d occurrences, more than %d", n, mostSpans))
	}
	if a.copy.Token != listed.token {
		a.copy.Token, a.copy.saved = listed.token, false
	}
	if listed.whole {
		a.copy.Listed, a.copy.saved = a.now(), false
	}
	a.save(ctx)
	return nil
}

// take makes the copy hold the objects that are listed: what is new or changed is there, unread.
func (c *copyOf) take(l listing) error {
	for path, o := range l.objects {
		if have, ok := c.Objects[path]; !ok || have.ETag != o.ETag || o.ETag == "" {
			c.Objects[path], c.saved = unread(o.Href, c.Span), false
		}
	}
	for _, path := range l.gone {
		if _, ok := c.Objects[path]; ok {
			delete(c.Objects, path)
			c.saved = false
		}
	}
	if len(c.Objects) > mostObjects {
		return failed("read", connectors.Unavailable, fmt.Errorf("the calendar has more than %d objects", mostObjects))
	}
	return nil
}

// restore takes up what the last run of the program left, once.
func (a *agenda) restore(ctx context.Context) {
	if a.copy.Meaning != "" {
		return
	}
	var kept copyOf
	if a.state != nil {
		text, err := a.state.Load(ctx)
		if err == nil && text != nil {
			err = json.Unmarshal(text, &kept)
		}
		if err != nil {
			a.logger.Warn("what was remembered of a calendar is not used: it is read anew", "err", err)
			kept = copyOf{} // half of it may be there
		}
	}
	if kept.Meaning != a.remembers() {
		kept = copyOf{Meaning: a.remembers()}
	}
	a.copy = kept
}

// remembers names what a copy depends on: also the program, which may have learnt to read an event since. It is a digest,
// because the settings hold the password.
func (a *agenda) remembers() string {
	return digest(a.program + " " + a.address.String() + " " + a.meaning)
}

// save keeps the copy. That it cannot be kept costs a full reading after the next start, and nothing else.
func (a *agenda) save(ctx context.Context) {
	if a.state == nil || a.copy.saved {
		return
	}
	text, err := json.Marshal(a.copy)
	if err == nil {
		err = a.state.Save(ctx, text)
	}
	if err != nil {
		a.logger.Warn("what is known of a calendar was not kept", "err", err)
		return
	}
	a.copy.saved = true
}
