package caldav

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"passerelle/connectors"
	"passerelle/connectors/icalendar"
	"passerelle/connectors/interval"
)

// Book writes an event, and looks whether the time is somebody else's: then it is taken back and the slot is taken.
func (a *agenda) Book(ctx context.Context, r connectors.Request) (connectors.Appointment, error) {
	text, err := a.event(r)
	if err != nil {
		return connectors.Appointment{}, failed("book", connectors.Invalid, err)
	}
	if err := a.hold(ctx); err != nil {
		return connectors.Appointment{}, failed("book", connectors.Unavailable, err)
	}
	defer a.release()
	a.restore(ctx)
	if err := a.locate(ctx); err != nil {
		return connectors.Appointment{}, at("book", err)
	}
	event, err := a.path(r.Reference)
	if err != nil {
		return connectors.Appointment{}, err
	}
	// SOGo writes over whatever bears the name, also over what a human has moved: no condition keeps it from that.
	switch there, err := a.server.ask(ctx, question{method: http.MethodGet, url: event}); {
	case err != nil:
		return connectors.Appointment{}, failed("book", connectors.Unavailable, err)
	case there.status == http.StatusOK: // a try before this one wrote it
		return a.verify(ctx, r, answer{status: http.StatusPreconditionFailed})
	case !there.gone():
		return connectors.Appointment{}, there.refusal("book")
	}
	put, err := a.server.ask(ctx, question{method: http.MethodPut, url: event, absent: true, typ: "text/calendar; charset=utf-8", body: text})
	switch {
	case err != nil:
		return connectors.Appointment{}, failed("book", connectors.OutcomeUnknown, err)
	case put.done(), put.notDone():
		return a.verify(ctx, r, put)
	}
	return connectors.Appointment{}, put.refusalOfWrite("book")
}

// verify reads the calendar after a write. Whatever is not clear then is unknown: it is found out later, by Find.
func (a *agenda) verify(ctx context.Context, r connectors.Request, put answer) (connectors.Appointment, error) {
	unclear := func(cause error) error { return failed("book", connectors.OutcomeUnknown, cause) }
	if err := a.refresh(ctx, r.Slot.Interval); err != nil {
		return connectors.Appointment{}, unclear(err)
	}
	made, listed := a.copy.find(r.Reference)
	if !listed { // then who else has the time is not known either
		_, err := a.seek(ctx, r.Reference)
		if connectors.KindOf(err) == connectors.NotFound && put.notDone() {
			return made, failed("book", connectors.Refused, connectors.Status(put.status))
		}
		return made, unclear(errors.Join(errors.New("the event is not among those of the calendar after it was written"), err))
	}
	switch {
	case made.Interval != r.Slot.Interval:
		return made, unclear(errors.New("the event is at another time than it was written for"))
	case !a.copy.clashes(made.Interval):
		return made, nil
	}
	if err := a.remove(ctx, made); err != nil {
		return connectors.Appointment{}, unclear(err)
	}
	if _, err := a.look(ctx, r.Reference); connectors.KindOf(err) != connectors.NotFound {
		return connectors.Appointment{}, unclear(errors.Join(errors.New("the event is still there after it was deleted"), err))
	}
	return connectors.Appointment{}, failed("book", connectors.SlotTaken, errors.New("somebody else has the time"))
}

// Cancel deletes the event, unless a human has moved it: then it is the human's. A title or a note that was added does
// not keep it.
func (a *agenda) Cancel(ctx context.Context, made connectors.Appointment) error {
	if err := a.hold(ctx); err != nil {
		return failed("cancel", connectors.Unavailable, err)
	}
	defer a.release()
	const most = 3
	for range most {
		found, err := a.look(ctx, made.Reference)
		switch {
		case connectors.KindOf(err) == connectors.NotFound:
			return nil
		case err != nil:
			return at("cancel", err)
		case found.Interval != made.Interval:
			return failed("cancel", connectors.Changed, errors.New("the event was moved in the calendar"))
		}
		if err := a.remove(ctx, found); connectors.KindOf(err) != connectors.Changed {
			return err
		}
	}
	return failed("cancel", connectors.Changed, errors.New("the event changes all the time"))
}

// remove deletes an event as it was seen: Changed if it has changed since. One that is gone is no error.
func (a *agenda) remove(ctx context.Context, made connectors.Appointment) error {
	calendar, err := url.Parse(a.copy.Calendar)
	if err != nil {
		return failed("cancel", connectors.Internal, errors.New("the address of the calendar cannot be read"))
	}
	event, err := a.on(calendar, made.Upstream)
	if err != nil {
		return err
	}
	got, err := a.server.ask(ctx, question{method: http.MethodDelete, url: event, match: strong(made.Version)})
	switch {
	case err != nil:
		return failed("cancel", connectors.OutcomeUnknown, err)
	case got.done(), got.gone():
		return nil
	}
	return got.refusalOfWrite("cancel")
}

// strong is an ETag that a condition may name (RFC 9110 §13.1.1): a weak one would match nothing, ever.
func strong(etag string) string {
	if strings.HasPrefix(etag, "W/") {
		return ""
	}
	return etag
}

// Find looks for an appointment of ours, wherever in the calendar it is now.
func (a *agenda) Find(ctx context.Context, reference string) (connectors.Appointment, error) {
	if err := a.hold(ctx); err != nil {
		return connectors.Appointment{}, failed("find", connectors.Unavailable, err)
	}
	defer a.release()
	found, err := a.look(ctx, reference)
	if err != nil {
		return connectors.Appointment{}, at("find", err)
	}
	return found, nil
}

// look finds an event in the calendar as it is now. NotFound is the event's, never the calendar's.
func (a *agenda) look(ctx context.Context, reference string) (connectors.Appointment, error) {
	now := a.now().Unix()
	if err := a.refresh(ctx, interval.Interval{Start: now, End: now + 1}); err != nil {
		if connectors.KindOf(err) == connectors.NotFound {
			err = failed("find", connectors.Unavailable, err)
		}
		return connectors.Appointment{}, err
	}
	return a.seek(ctx, reference)
}

// seek finds an event in the copy, or else at its path: that it is not listed is not enough, somebody may be told that there
// is no such appointment.
func (a *agenda) seek(ctx context.Context, reference string) (connectors.Appointment, error) {
	if found, ok := a.copy.find(reference); ok {
		return found, nil
	}
	path, err := a.path(reference)
	if err != nil {
		return connectors.Appointment{}, err
	}
	got, err := a.server.ask(ctx, question{method: http.MethodGet, url: path})
	switch {
	case err != nil:
		return connectors.Appointment{}, failed("find", connectors.Unavailable, err)
	case got.gone():
		return connectors.Appointment{}, failed("find", connectors.NotFound, errors.New("no event bears the reference"))
	case got.status != http.StatusOK:
		return connectors.Appointment{}, got.refusal("find")
	}
	a.copy.Token = "" // far from the time that is looked at, or missed by the token
	const far = 20 * 366 * 24 * 3600
	now := a.now().Unix()
	o := a.object(path.EscapedPath(), got.header.Get("ETag"), string(got.body), interval.Interval{Start: now - far, End: now + far})
	alone := copyOf{Objects: map[string]object{path.Path: o}}
	switch found, ok := alone.find(reference); {
	case ok:
		return found, nil
	case len(o.Doubt) > 0: // a page in place of the event, or an event that somebody has spoilt
		return connectors.Appointment{}, failed("find", connectors.Unavailable, errors.New("what is at the path of the event cannot be read"))
	}
	return connectors.Appointment{}, failed("find", connectors.NotFound, errors.New("what is at the path of the event takes no time any more"))
}

// path is where the event of a reference is written: the same on every try.
func (a *agenda) path(reference string) (*url.URL, error) {
	calendar, err := url.Parse(a.copy.Calendar)
	if err != nil {
		return nil, failed("book", connectors.Internal, errors.New("the address of the calendar cannot be read"))
	}
	return calendar.JoinPath(url.PathEscape(reference) + ".ics"), nil
}

// event is what is written. It has neither organizer nor attendees: the server sends nobody a mail about it (RFC 6638
// §3.2), the gateway does.
func (a *agenda) event(r connectors.Request) ([]byte, error) {
	var b bytes.Buffer
	err := icalendar.Write(&b, icalendar.Message{
		UID: connectors.UIDOf(r.Reference), Stamp: a.now(), Interval: r.Slot.Interval, Status: "CONFIRMED",
		Summary: r.Title, Location: r.Location, URL: r.Link, Description: who(r.Person),
	})
	return b.Bytes(), err
}

// who is the person in a few lines; nothing where the structure did not ask for it.
func who(p connectors.Person) string {
	var lines []string
	for _, line := range []string{strings.TrimSpace(p.FirstName + " " + p.LastName), p.Phone, p.Email} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
