package caldav

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"passerelle/connectors"
)

// locate finds the calendar that the address leads to, unless it is known: the address may be the calendar's own, that
// of a folder of calendars, of an account, or of the server (RFC 6764 §6; DNS is not asked).
func (a *agenda) locate(ctx context.Context) error {
	if a.copy.Calendar != "" {
		return nil
	}
	begin := []*url.URL{a.address, a.address.ResolveReference(&url.URL{Path: "/.well-known/caldav"})}
	var first error
	for _, from := range begin {
		found, err := a.lookFrom(ctx, from)
		if err == nil {
			a.copy.Calendar = found.String()
			return nil
		}
		switch kind := connectors.KindOf(err); {
		case first == nil:
			first = err
		case kind == connectors.Misconfigured: // it says more than that the first address is no calendar
			return err
		}
		if s, ok := errors.AsType[*stop](err); ok {
			return s.cause
		}
	}
	return first
}

// stop is an answer after which no other address is tried: a password that is refused would only be refused again.
type stop struct{ cause error }

func (s *stop) Error() string { return s.cause.Error() }

func (s *stop) Unwrap() error { return s.cause }

// lookFrom goes from an address to its calendar: itself, or by its folder, or by its account and the account's folder.
func (a *agenda) lookFrom(ctx context.Context, from *url.URL) (*url.URL, error) {
	at, said, err := a.describe(ctx, from)
	if err != nil {
		return nil, err
	}
	if said.Type.Calendar != nil {
		return at, nil
	}
	if len(said.HomeSet.List) == 0 && len(said.Principal.List) > 0 {
		principal, err := a.on(at, said.Principal.List[0])
		if err != nil {
			return nil, err
		}
		if at, said, err = a.describe(ctx, principal); err != nil {
			return nil, err
		}
	}
	home := at // a folder of calendars, where it names none
	if len(said.HomeSet.List) > 0 {
		if home, err = a.on(at, said.HomeSet.List[0]); err != nil {
			return nil, err
		}
	}
	return a.choose(ctx, home)
}

// describe asks what is at an address, and follows where the server says that it is now.
func (a *agenda) describe(ctx context.Context, u *url.URL) (*url.URL, properties, error) {
	const most = 3
	for range most {
		got, err := a.server.ask(ctx, question{method: "PROPFIND", url: u, depth: "0", typ: "application/xml; charset=utf-8", body: []byte(askWhere)})
		if err != nil {
			return nil, properties{}, &stop{failed("read", connectors.Unavailable, err)}
		}
		if to := got.header.Get("Location"); got.status >= 300 && got.status < 400 && to != "" {
			if u, err = a.on(u, to); err != nil {
				return nil, properties{}, err
			}
			continue
		}
		if got.status != http.StatusMultiStatus {
			refusal := got.refusal("read")
			switch got.status {
			case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusForbidden, // of this address: another may do
				http.StatusOK: // a page, as SOGo has it at the address that people know
				return nil, properties{}, refusal
			}
			return nil, properties{}, &stop{refusal}
		}
		m, err := parseMultistatus(got.body)
		if err != nil {
			return nil, properties{}, err
		}
		for _, r := range m.Responses {
			if said, ok := r.found(); ok {
				return u, said, nil
			}
		}
		return nil, properties{}, failed("read", connectors.Misconfigured, errors.New("the address says nothing of itself"))
	}
	return nil, properties{}, failed("read", connectors.Misconfigured, errors.New("the server redirects in a circle"))
}

// on resolves a reference, which must stay on the server: the password is for no other.
func (a *agenda) on(base *url.URL, reference string) (*url.URL, error) {
	u, err := base.Parse(strings.TrimSpace(reference))
	if err != nil {
		return nil, failed("read", connectors.Unavailable, errors.New("an address that the server gives cannot be read"))
	}
	if u.Scheme != a.address.Scheme || u.Host != a.address.Host {
		return nil, failed("read", connectors.Misconfigured, errors.New("the server leads to another one: its address must be given instead"))
	}
	return u, nil
}

// choose finds the calendar of that name in a folder, or the only one that there is.
func (a *agenda) choose(ctx context.Context, home *url.URL) (*url.URL, error) {
	m, err := a.server.properties(ctx, question{method: "PROPFIND", url: home, depth: "1", body: []byte(askWhere)})
	if err != nil {
		return nil, err
	}
	var calendars []*url.URL
	for _, r := range m.Responses {
		said, ok := r.found()
		if !ok || said.Type.Calendar == nil || !said.holdsEvents() {
			continue
		}
		u, err := a.on(home, r.Href)
		if err != nil {
			return nil, err
		}
		if a.name == "" || a.name == said.DisplayName || a.name == path.Base(u.Path) {
			calendars = append(calendars, u)
		}
	}
	switch {
	case len(calendars) == 1:
		return calendars[0], nil
	case len(calendars) == 0 && a.name != "":
		return nil, failed("read", connectors.Misconfigured, errors.New("there is no calendar of the name in calendrier"))
	case len(calendars) == 0:
		return nil, failed("read", connectors.Misconfigured, errors.New("there is no calendar"))
	}
	return nil, failed("read", connectors.Misconfigured, fmt.Errorf("there are %d calendars: calendrier must name one", len(calendars)))
}

// holdsEvents tells a calendar from a list of tasks; one that says nothing may hold anything.
func (p properties) holdsEvents() bool {
	if len(p.Components.List) == 0 {
		return true
	}
	return slices.ContainsFunc(p.Components.List, func(c component) bool { return strings.EqualFold(c.Name, "VEVENT") })
}
