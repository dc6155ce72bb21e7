package calendars

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
	"passerelle/internal/prove"
	"passerelle/internal/testservers"
)

func asItIs(c connectors.Connector) connectors.Connector { return c }

// verdict is what is wrong in the end, by sentence.
type verdict struct {
	doubles   []string // two appointments at one time
	clashes   []string // an appointment at a time that somebody else had before it was asked for
	untold    []string // an appointment over which somebody put an event later, and nobody was told
	touched   []string // events of others that are not as they left them
	ghosts    []string // events of ours that no appointment stands for
	losses    []string // confirmed appointments without their event
	unsettled []string // neither settled nor given to people
	statuses  map[booking.Status]int
	over      int // appointments over which somebody put an event later
}

func (v verdict) wrong() (all []string) {
	return slices.Concat(v.doubles, v.clashes, v.untold, v.touched, v.ghosts, v.losses, v.unsettled)
}

func (w *town) judge(t *testing.T) verdict {
	t.Helper()
	v := verdict{statuses: make(map[booking.Status]int)}
	shown := w.others.shown(t)
	appointments, _, err := w.ledger.Appointments(t.Context(), "p1", booking.AppointmentFilter{Limit: booking.MaxPageSize})
	if err != nil {
		t.Fatal(err)
	}
	stands := make(map[string]bool) // by reference in the calendar
	var confirmed []booking.Appointment
	for _, a := range appointments {
		v.statuses[a.Status]++
		reference := a.ID
		if a.Upstream.Reference != "" {
			reference = a.Upstream.Reference
		}
		stands[reference] = stands[reference] || a.Status.Occupies()
		switch a.Status {
		case booking.Confirmed:
			if got := shown[connectors.UIDOf(reference)]; !slices.Equal(got, []interval.Interval{a.Interval}) {
				v.losses = append(v.losses, fmt.Sprintf("%s is confirmed at %v, the calendar shows %v", a.ID[:6], a.Interval, got))
			}
			confirmed = append(confirmed, a)
		case booking.Refused, booking.Cancelled, booking.Moved, booking.Expired, booking.NeedsHuman:
		default:
			v.unsettled = append(v.unsettled, fmt.Sprintf("%s is %s", a.ID[:6], a.Status))
		}
	}
	for i, a := range confirmed {
		for _, b := range confirmed[:i] {
			if a.Overlaps(b.Interval) {
				v.doubles = append(v.doubles, fmt.Sprintf("%s and %s at %v", a.ID[:6], b.ID[:6], a.Interval))
			}
		}
		for name, e := range w.others.events {
			asked, known := w.asked[a.ID]
			switch {
			case !a.Overlaps(e.Interval) || !known:
			case e.done.Before(asked):
				v.clashes = append(v.clashes, fmt.Sprintf("%s at %v, where %s was since before", a.ID[:6], a.Interval, name))
			default:
				v.over++
				if !slices.ContainsFunc(a.Notices, func(n booking.Notice) bool { return n.About == booking.AboutClash }) {
					v.untold = append(v.untold, fmt.Sprintf("%s at %v, over which %s was put later", a.ID[:6], a.Interval, name))
				}
			}
		}
	}
	for uid, at := range shown {
		if reference, ours := connectors.ReferenceOf(uid); ours && !stands[reference] {
			v.ghosts = append(v.ghosts, fmt.Sprintf("%.6s at %v", reference, at))
		}
	}
	for name, e := range w.others.events {
		if got := shown[name+"@exemple.fr"]; !slices.Equal(got, []interval.Interval{e.Interval}) {
			v.touched = append(v.touched, fmt.Sprintf("%s is at %v, it was put at %v", name, got, e.Interval))
		}
		delete(shown, name+"@exemple.fr")
	}
	for uid := range shown {
		if _, ours := connectors.ReferenceOf(uid); !ours {
			v.touched = append(v.touched, uid+" was deleted and is there")
		}
	}
	return v
}

// played is one life of one calendar.
func played(t *testing.T, server *testservers.CalDAVServer, intentions int, troubled bool, open func(connectors.Connector) connectors.Connector) verdict {
	t.Helper()
	seed := rand.Uint64()
	w := newTown(t, server, seed, func(*booking.Connection) {}, open)
	w.live(t, intentions, troubled)
	w.end(t)
	v := w.judge(t)
	t.Logf("seed %d: %d intentions, %v, others made %d events, %d lie over appointments that were there before", seed, intentions, v.statuses, w.others.made, v.over)
	return v
}

func TestTheCalendarAndTheLedgerSayTheSame(t *testing.T) {
	for name, start := range testservers.CalDAVServers() {
		for _, troubled := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, troubled %v", name, troubled), func(t *testing.T) {
				v := played(t, start(t), prove.Size(12, 100), troubled, asItIs)
				for _, wrong := range v.wrong() {
					t.Error(wrong)
				}
				if v.statuses[booking.Confirmed]+v.statuses[booking.Cancelled]+v.statuses[booking.Moved] == 0 { // in few, all may be cancelled
					t.Error("nothing was booked")
				}
			})
		}
	}
}

func TestNothingOfThePersonIsInTheCalendarUnlessTheStructureAsksForIt(t *testing.T) {
	for name, start := range testservers.CalDAVServers() {
		for _, named := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, named %v", name, named), func(t *testing.T) {
				w := newTown(t, start(t), 1, func(c *booking.Connection) { c.NamesPerson = named }, asItIs)
				for len(w.mine) == 0 {
					w.one(t)
				}
				text := bytes.Join(w.others.texts(t), nil)
				if !bytes.Contains(text, []byte("BEGIN:VEVENT")) {
					t.Fatal("the calendar is empty")
				}
				for _, personal := range []string{"Prénom", "Nom", "639980001", "prescripteur@"} {
					if want := named && personal != "prescripteur@"; bytes.Contains(text, []byte(personal)) != want {
						t.Errorf("%q is in the calendar: %v", personal, !want)
					}
				}
			})
		}
	}
}

// careless does one thing less than the connector must.
type careless struct {
	connectors.Agenda
	fault  string
	others *others // by whom it writes past the connector
}

// Read overlooks what is taken, so that it is for Book to see.
func (c *careless) Read(ctx context.Context, q connectors.Query) (connectors.Reading, error) {
	r, err := c.Agenda.Read(ctx, q)
	if c.fault == "does not look for others" {
		r.Busy = nil
	}
	return r, err
}

func (c *careless) Guarantee() connectors.Guarantee { return connectors.Verified }

func (c *careless) Book(ctx context.Context, r connectors.Request) (connectors.Appointment, error) {
	made, err := c.Agenda.(connectors.Booker).Book(ctx, r)
	switch connectors.KindOf(err) {
	case connectors.SlotTaken:
		if c.fault == "does not look for others" {
			if err := c.others.put(r.Reference+".ics", connectors.UIDOf(r.Reference), r.Slot.Interval); err != nil {
				return made, err
			}
			return c.Find(ctx, r.Reference)
		}
	case connectors.OutcomeUnknown:
		if c.fault == "takes silence for a no" {
			return made, &connectors.Error{Op: "book", Kind: connectors.Refused}
		}
	}
	return made, err
}

func (c *careless) Cancel(ctx context.Context, a connectors.Appointment) error {
	if c.fault == "does not cancel" {
		return nil
	}
	return c.Agenda.(connectors.Canceler).Cancel(ctx, a)
}

func (c *careless) Find(ctx context.Context, reference string) (connectors.Appointment, error) {
	if c.fault == "does not cancel" {
		return connectors.Appointment{}, &connectors.Error{Op: "find", Kind: connectors.NotFound}
	}
	return c.Agenda.(connectors.Finder).Find(ctx, reference)
}

// The judge sees it when the connector is careless.
func TestCarelessnessIsSeen(t *testing.T) {
	for fault, what := range map[string]func(verdict) []string{
		"takes silence for a no":   func(v verdict) []string { return v.wrong() },
		"does not cancel":          func(v verdict) []string { return v.ghosts },
		"does not look for others": func(v verdict) []string { return v.clashes },
	} {
		t.Run(fault, func(t *testing.T) {
			for range 40 { // by chance nothing may come of it many times: somebody must write at the wrong moment
				server := testservers.StartRadicale(t)
				v := played(t, server, 40, fault == "takes silence for a no", func(c connectors.Connector) connectors.Connector {
					open := c.Open
					c.Open = func(n connectors.Connection, e connectors.Env) (connectors.Agenda, error) {
						a, err := open(n, e)
						return &careless{Agenda: a, fault: fault, others: newOthers(server, 0)}, err
					}
					return c
				})
				if wrong := what(v); len(wrong) > 0 {
					t.Logf("seen: %s", strings.Join(wrong[:min(3, len(wrong))], "; "))
					return
				}
			}
			t.Error("nothing was seen")
		})
	}
}
