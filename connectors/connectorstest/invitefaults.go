package connectorstest

import (
	"context"
	"fmt"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// invitingFaults: an invitation books nothing, so that one that fails, however it fails, is no unknown outcome.
var invitingFaults = []check{
	{"Faults/InviteStatuses", invites, func(w *world) {
		a, p := w.behind(slot(900))
		w.statuses(p, "Invite", true, func(ctx context.Context) error {
			_, err := a.(connectors.Inviter).Invite(ctx, connectors.HandoffRequest{Reference: "rdv_1"}, person(1))
			return err
		})
	}},
	{"Faults/InviteFails", invites, func(w *world) {
		a, p := w.behind(slot(900))
		for name, f := range map[string]Fault{
			"not done": {Hang: true}, "done": {Lost: true}, "a page": {Body: page}, "nothing": {Body: []byte{}}, "an empty object": {Body: []byte("{}")}, "the first half": {Truncate: true},
		} {
			f.Writes = true
			p.Set(f)
			link, err := a.(connectors.Inviter).Invite(w.brief(), connectors.HandoffRequest{Reference: "rdv_1"}, person(1))
			if link != (connectors.Link{}) {
				w.Errorf("%s: it gives %+v", name, link)
			}
			w.kind("Invite, "+name, err, connectors.Unavailable)
		}
		p.Set(Fault{})
		w.invite(a, 1) // again, with the same e-mail
	}},
	{"Faults/FollowStatuses", follows, func(w *world) {
		a, p := w.behind(slot(900))
		link := w.invite(a, 1)
		w.statuses(p, "Follow", false, func(ctx context.Context) error {
			_, err := a.(connectors.Follower).Follow(ctx, upstreams(link))
			return err
		})
	}},
	{"Faults/WhatCannotBeAskedIsNotNothing", follows, func(w *world) {
		a, p := w.behind(slot(900))
		link := w.invite(a, 1)
		w.Finish(w, a, link, slot(900), connectors.Booked)
		for _, f := range []Fault{{Status: 404}, {Body: page}, {Body: []byte{}}, {Body: []byte("{}")}, {Body: []byte("[]")}, {Truncate: true}, {Hang: true}} {
			p.Set(f)
			got, err := a.(connectors.Follower).Follow(w.brief(), upstreams(link))
			if k := connectors.KindOf(err); err == nil || k == connectors.Internal || k == connectors.OutcomeUnknown {
				w.Errorf("with %+v: %+v, %v", f, got, err)
			}
		}
		p.Set(Fault{})
		w.became(a, link, connectors.Booked)
	}},
	{"Faults/WhatIsToldWithAnErrorHolds", follows, func(w *world) {
		a, p := w.behind(slot(900), slot(1000), slot(1100))
		at := []interval.Interval{slot(900), slot(1000), slot(1100)}
		var links []connectors.Link
		when := make(map[string]interval.Interval)
		for i := range at {
			links = append(links, w.invite(a, i))
			w.Finish(w, a, links[i], at[i], connectors.Booked)
			when[links[i].Upstream] = at[i]
		}
		for later, whole := 0, false; !whole && later < 50; later++ {
			for _, f := range []Fault{{Status: 429, Later: later}, {Status: 500, Later: later}, {Truncate: true, Later: later}} {
				p.Set(f)
				got, err := a.(connectors.Follower).Follow(w.context(), upstreams(links...))
				for _, o := range got {
					if o.Fate != connectors.Booked || o.Appointment.Interval != when[o.Link] {
						w.Errorf("with %+v: %+v", f, o)
					}
				}
				whole = err == nil
				if whole && len(got) != len(links) {
					w.Fatalf("with %+v: it tells of %d of %d, and of no error", f, len(got), len(links))
				}
			}
		}
		p.Set(Fault{})
		if got := w.follow(a, links...); len(got) != len(links) {
			w.Errorf("after the faults: %+v", got)
		}
	}},
	{"Faults/HersIsNotCancelled", cancelsHers, func(w *world) {
		a, p := w.behind(slot(900))
		link := w.invite(a, 1)
		w.Finish(w, a, link, slot(900), connectors.Booked)
		made := w.became(a, link, connectors.Booked)
		for _, f := range []Fault{{Status: 401}, {Status: 403}, {Status: 404}, {Status: 500}, {Body: page}, {Body: []byte("{}")}} {
			p.Set(f)
			if err := a.(connectors.Canceler).Cancel(w.brief(), made); err == nil {
				w.Errorf("with %+v it is cancelled", f)
			}
		}
		p.Set(Fault{})
		w.became(a, link, connectors.Booked)
	}},
	{"Faults/CancelOfHersIsLost", cancelsHers, func(w *world) {
		for name, f := range map[string]Fault{"done": {Lost: true}, "not done": {Hang: true}, "refused for now": {Status: 500}, "a page": {Body: page}, "the first half": {Truncate: true}} {
			a, p := w.behind(slot(900))
			link := w.invite(a, 1)
			w.Finish(w, a, link, slot(900), connectors.Booked)
			made := w.became(a, link, connectors.Booked)
			f.Writes = true
			p.Set(f)
			w.kind("Cancel, "+name, a.(connectors.Canceler).Cancel(w.brief(), made), connectors.OutcomeUnknown)
			p.Set(Fault{})
			w.cancel(w.context(), a, made)
			w.became(a, link, connectors.Withdrawn)
		}
	}},
}

// statuses fails unless each status is of its kind, as for a reading.
func (w *world) statuses(p *Proxy, what string, writes bool, call func(context.Context) error) {
	w.Helper()
	for status, want := range statuses {
		p.Set(Fault{Status: status, Writes: writes})
		err := call(w.context())
		w.kind(fmt.Sprint(what, " with ", status), err, want)
		if e, ok := err.(*connectors.Error); want == connectors.RateLimited && (!ok || e.RetryAfter != 7*time.Second) {
			w.Errorf("the answer said when to come back: %v", err)
		}
	}
	p.Set(Fault{})
}
