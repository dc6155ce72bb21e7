package connectorstest

import (
	"fmt"
	"net/url"
	"strings"
	"sync"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

func invites(h Harness) bool { return h.Want.Invite }

func follows(h Harness) bool { return h.Want.Invite && h.Want.Follow }

func cancelsHers(h Harness) bool { return follows(h) && h.Want.Cancel }

// every fate there is.
var fates = []connectors.Fate{connectors.Booked, connectors.Withdrawn, connectors.Revoked, connectors.Attended, connectors.Missed}

var inviting = []check{
	{"Invite/APageOfHerOwn", invites, func(w *world) {
		a := w.open(slot(900))
		first, second := w.invite(a, 1), w.invite(a, 2)
		if first.URL == second.URL || w.Want.Follow && first.Upstream == second.Upstream {
			w.Errorf("two people have one link: %+v", first)
		}
		for _, link := range []connectors.Link{first, second} {
			u, err := url.Parse(link.URL)
			if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
				w.Errorf("the link is %q", link.URL)
			}
			if !link.ExpiresAt.IsZero() && !link.ExpiresAt.After(Now) {
				w.Error("the link has expired")
			}
			if w.Want.Follow && link.Upstream == "" {
				w.Error("nobody can follow the link")
			}
			said, _ := url.QueryUnescape(link.URL)
			for _, text := range []string{said, link.Upstream} {
				if secret, told := w.tells(text); told || strings.Contains(text, "rdv_1") {
					w.Errorf("%q or the reference is in %q", secret, text)
				}
			}
		}
	}},
	{"Invite/ManyAtOnce", invites, func(w *world) {
		a := w.open(slot(900))
		var group sync.WaitGroup
		links := make([]connectors.Link, 6)
		for i := range links {
			group.Go(func() {
				var err error
				if links[i], err = a.(connectors.Inviter).Invite(w.context(), connectors.HandoffRequest{Reference: "rdv_1"}, person(i)); err != nil {
					w.Error(err)
				}
			})
		}
		group.Wait()
		known := make(map[string]bool)
		for _, link := range links {
			known[link.URL] = true
		}
		if len(known) != len(links) {
			w.Errorf("%d people have %d links", len(links), len(known))
		}
	}},
	{"Invite/TwoOrientationsOfOnePerson", follows, func(w *world) {
		a := w.open(slot(900))
		first, second := w.inviteFor(a, "rdv_1", 1), w.inviteFor(a, "rdv_2", 1)
		if first.Upstream == second.Upstream {
			w.Fatalf("both are %q", first.Upstream)
		}
		w.Finish(w, a, second, slot(900), connectors.Booked)
		if got := w.follow(a, first, second); len(got) != 1 {
			w.Errorf("she booked once: %+v", got)
		}
	}},
	{"Follow/NothingIsKnownYet", follows, func(w *world) {
		a := w.open(slot(900))
		first, second := w.invite(a, 1), w.invite(a, 2)
		if got := w.follow(a, first, second); len(got) > 0 {
			w.Errorf("nobody booked: %+v", got)
		}
		if got := w.follow(a); len(got) > 0 {
			w.Errorf("nobody was asked for: %+v", got)
		}
	}},
	{"Follow/Booked", follows, func(w *world) {
		a := w.open(slot(900), slot(1000))
		link := w.invite(a, 1)
		w.Finish(w, a, link, slot(900), connectors.Booked)
		got := w.became(a, link, connectors.Booked)
		if got.Interval != slot(900) || got.Upstream == "" || got.Reference != "" {
			w.Errorf("booked at %v: %+v", slot(900), got)
		}
	}},
	{"Follow/OnlyWhoIsAskedFor", follows, func(w *world) {
		a := w.open(slot(900), slot(1000))
		first, second := w.invite(a, 1), w.invite(a, 2)
		w.Finish(w, a, first, slot(900), connectors.Booked)
		if got := w.follow(a, second); len(got) > 0 {
			w.Errorf("she did not book: %+v", got)
		}
		if got := w.follow(a, second, first); len(got) != 1 || got[0].Link != first.Upstream {
			w.Errorf("one of two booked: %+v", got)
		}
	}},
	{"Follow/EveryFate", follows, func(w *world) {
		var at []interval.Interval
		for i := range fates {
			at = append(at, slot(900+100*i))
		}
		a := w.open(at...)
		links := make([]connectors.Link, len(fates))
		for i, fate := range fates {
			links[i] = w.invite(a, i)
			w.Finish(w, a, links[i], at[i], fate)
		}
		for i, fate := range fates {
			if got := w.became(a, links[i], fate); got.Interval != at[i] {
				w.Errorf("fate %d at %v: %+v", fate, at[i], got)
			}
		}
		if got := w.follow(a, links...); len(got) != len(fates) {
			w.Errorf("asked for all at once: %+v", got)
		}
	}},
	{"Follow/CancelledByUs", cancelsHers, func(w *world) {
		a := w.open(slot(900))
		first, second := w.invite(a, 1), w.invite(a, 2)
		w.Finish(w, a, first, slot(900), connectors.Booked)
		made := w.became(a, first, connectors.Booked)
		w.cancel(w.context(), a, made)
		w.became(a, first, connectors.Withdrawn)
		w.cancel(w.context(), a, made)
		w.Finish(w, a, second, slot(900), connectors.Booked) // the slot is free again
		w.became(a, first, connectors.Withdrawn)
		w.became(a, second, connectors.Booked)
	}},
	{"Follow/WhatIsOverStays", cancelsHers, func(w *world) {
		for i, fate := range []connectors.Fate{connectors.Attended, connectors.Missed} {
			a := w.open(slot(900))
			link := w.invite(a, i)
			w.Finish(w, a, link, slot(900), fate)
			w.kind("Cancel", a.(connectors.Canceler).Cancel(w.context(), w.became(a, link, fate)), connectors.Refused)
			w.became(a, link, fate)
		}
	}},
}

// person is one of several, of one name.
func person(n int) connectors.Person {
	return connectors.Person{FirstName: given, LastName: family, Phone: fmt.Sprintf("%s%02d", phone, n), Email: fmt.Sprintf("%s%d@exemple.fr", mailbox, n)}
}

func (w *world) invite(a connectors.Agenda, n int) connectors.Link {
	w.Helper()
	return w.inviteFor(a, "rdv_1", n)
}

func (w *world) inviteFor(a connectors.Agenda, reference string, n int) connectors.Link {
	w.Helper()
	link, err := a.(connectors.Inviter).Invite(w.context(), connectors.HandoffRequest{Reference: reference}, person(n))
	if err != nil {
		w.Fatalf("Invite: %v", err)
	}
	return link
}

func (w *world) follow(a connectors.Agenda, links ...connectors.Link) []connectors.Outcome {
	w.Helper()
	found, err := a.(connectors.Follower).Follow(w.context(), upstreams(links...))
	if err != nil {
		w.Fatalf("Follow: %v", err)
	}
	return found
}

func upstreams(links ...connectors.Link) (names []string) {
	for _, link := range links {
		names = append(names, link.Upstream)
	}
	return names
}

// became fails unless that is what became of the link, and gives the appointment.
func (w *world) became(a connectors.Agenda, link connectors.Link, fate connectors.Fate) connectors.Appointment {
	w.Helper()
	got := w.follow(a, link)
	if len(got) != 1 || got[0].Link != link.Upstream || got[0].Fate != fate {
		w.Fatalf("of %s became %+v, want the fate %d", link.Upstream, got, fate)
	}
	return got[0].Appointment
}

// secretsOf are the values in a link that let others be taken for its person.
func secretsOf(link connectors.Link) (secrets []string) {
	u, err := url.Parse(link.URL)
	if err != nil {
		return []string{link.URL}
	}
	for name, values := range u.Query() {
		for _, value := range values {
			if text := name + "=" + value; value != "" && connectors.Redact(text) != text {
				secrets = append(secrets, value)
			}
		}
	}
	return append(secrets, link.URL)
}
