package caldav

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/icalendar"
)

// Connector is a calendar on a CalDAV server.
var Connector = connectors.Define("caldav", recognise, open)

var (
	_ connectors.Agenda    = (*agenda)(nil)
	_ connectors.Booker    = (*agenda)(nil)
	_ connectors.Canceler  = (*agenda)(nil)
	_ connectors.Finder    = (*agenda)(nil)
	_ connectors.Guarantor = (*agenda)(nil)
)

// agenda is one calendar.
type agenda struct {
	server  server
	address *url.URL // of the calendar, or of anything that leads to it
	name    string   // of the calendar, where the address leads to several
	events  icalendar.Settings
	options icalendar.Options
	basis   connectors.Basis
	meaning string // everything but the calendar that a reading depends on
	now     func() time.Time
	logger  *slog.Logger
	state   connectors.State
	program string // its version

	turn chan struct{} // of one: whoever holds it may use what follows
	copy copyOf
}

func open(c connectors.Connection, s Settings, env connectors.Env) (connectors.Agenda, error) {
	address, err := addressOf(c.Address)
	if err != nil {
		return nil, invalid("adresse", err)
	}
	authorization, err := s.authorization()
	if err != nil {
		return nil, invalid("parametres", err)
	}
	options, err := s.Options()
	if err != nil {
		return nil, invalid("parametres", err)
	}
	if env.HTTP == nil || env.Now == nil {
		return nil, &connectors.Error{Op: "open", Kind: connectors.Internal, Err: errors.New("caldav: a part of the environment is missing")}
	}
	options.Zone = c.Zone
	options.Limits.Occurrences = mostOfOne
	if env.Logger == nil {
		env.Logger = slog.New(slog.DiscardHandler)
	}
	a := &agenda{
		server:  server{http: env.HTTP, authorization: authorization},
		address: address,
		name:    s.Calendar,
		events:  s.Settings,
		options: options,
		basis:   connectors.Busy,
		meaning: c.Zone.String() + " " + string(c.Settings),
		now:     env.Now,
		logger:  env.Logger,
		state:   env.State,
		program: env.Version,
		turn:    make(chan struct{}, 1),
	}
	if options.Openings != nil {
		a.basis = connectors.Open
	}
	return a, nil
}

func invalid(field string, cause error) error {
	return &connectors.Error{Op: "open", Kind: connectors.Invalid, Err: fmt.Errorf("caldav: %s: %w", field, cause)}
}

// addressOf reads the address of a server or of anything on it.
func addressOf(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil { // the cause would hold the address
		return nil, errors.New("it cannot be read")
	}
	switch u.Scheme {
	case "caldavs":
		u.Scheme = "https"
	case "caldav":
		u.Scheme = "http"
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return nil, errors.New("it is not the address of a server (https, http, caldavs or caldav)")
	case u.User != nil:
		return nil, errors.New("the account and its password are settings (compte, mot_de_passe), not part of the address")
	case u.RawQuery != "": // it would make another diary of the same one
		return nil, errors.New("a calendar's address has no « ? »: it is what stands before it")
	case google(u):
		return nil, errors.New("Google Agenda ouvre son CalDAV par OAuth seulement, sans mot de passe d'application : " +
			"raccordez son adresse iCal privée par le connecteur ics")
	}
	u.Fragment = ""
	return u, nil
}

// google tells the CalDAV addresses of Google, which takes no password there.
func google(u *url.URL) bool {
	switch strings.ToLower(u.Hostname()) {
	case "apidata.googleusercontent.com", "www.googleapis.com", "calendar.google.com":
		return true
	case "www.google.com", "google.com":
		return strings.HasPrefix(u.Path, "/calendar/")
	}
	return false
}

// recognise knows the schemes that name the protocol. Other addresses of calendars are no booking pages: an operator
// connects them.
func recognise(u *url.URL) (connectors.Resolution, bool) {
	if u.Scheme != "caldav" && u.Scheme != "caldavs" {
		return connectors.Resolution{}, false
	}
	return connectors.Resolution{Mode: connectors.ByContact, Reason: "C'est un agenda CalDAV : il se raccorde, il ne se visite pas."}, true
}

// Guarantee is Verified: a retry is known by its UID, and after each write we look whether somebody else has the time.
func (*agenda) Guarantee() connectors.Guarantee { return connectors.Verified }

// hold waits for the turn of this agenda: one conversation with its server at a time.
func (a *agenda) hold(ctx context.Context) error {
	select {
	case a.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *agenda) release() { <-a.turn }

// Read reads what has changed since the last reading, and says what the window holds.
func (a *agenda) Read(ctx context.Context, q connectors.Query) (connectors.Reading, error) {
	if err := a.hold(ctx); err != nil {
		return connectors.Reading{}, failed("read", connectors.Unavailable, err)
	}
	defer a.release()
	if err := a.refresh(ctx, q.Window); err != nil {
		return connectors.Reading{}, at("read", err)
	}
	version := a.copy.version(q.Window, a.meaning)
	if q.Known == version {
		return connectors.Reading{Unchanged: true}, nil
	}
	r := a.copy.reading(q.Window)
	r.Basis, r.Version = a.basis, version
	return r, nil
}
