package connectorstest

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

var hygiene = []check{
	{"Hygiene/NoSecretIsTold", func(h Harness) bool { return h.Fault != nil }, noSecret},
	{"Hygiene/NoGoroutineIsLeft", func(h Harness) bool { return h.Fault != nil }, func(w *world) {
		a, p := w.behind(slot(900))
		_, _ = a.Read(w.context(), connectors.Query{Window: day})
		p.Set(Fault{Hang: true})
		_, _ = a.Read(w.brief(), connectors.Query{Window: day})
		if b, ok := a.(connectors.Booker); ok {
			_, _ = b.Book(w.brief(), connectors.Request{Reference: "rdv_1", Slot: connectors.Slot{Interval: slot(900)}})
		}
		if i, ok := a.(connectors.Inviter); ok {
			_, _ = i.Invite(w.brief(), connectors.HandoffRequest{Reference: "rdv_1"}, person(1))
		}
		for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
			left := running(a)
			if left == "" {
				return
			}
			if time.Since(begun) > w.patience {
				w.Fatalf("still running:\n%s", left)
			}
		}
	}},
	{"Hygiene/ManyAtOnce", reads, func(w *world) {
		var at []interval.Interval
		for i := range 6 {
			at = append(at, slot(800+100*i))
		}
		a := w.open(at...)
		var group sync.WaitGroup
		for i := range at {
			group.Go(func() {
				for range 3 {
					if _, err := a.Read(w.context(), connectors.Query{Window: day}); err != nil {
						w.Error(err)
					}
				}
			})
			if b, ok := a.(connectors.Booker); ok {
				asked := w.request(a, fmt.Sprintf("rdv_%d", i), at[i])
				group.Go(func() {
					if _, err := b.Book(w.context(), asked); err != nil {
						w.Error(err)
					}
				})
			}
		}
		group.Wait()
		if w.Want.Book {
			at = nil
		}
		w.isFree(a, day, at...)
	}},
}

// noSecret has every call fail in every way, and reads what is said of it.
func noSecret(w *world) {
	const soon = 300 * time.Millisecond // whatever fails by then, says so
	a, p := w.behind(slot(900))
	var asked connectors.Request
	if w.Want.Book {
		asked = w.request(a, "rdv_1", slot(900))
	}
	var hers connectors.Appointment
	var links []string
	if follows(w.Harness) {
		link := w.invite(a, 1)
		w.Finish(w, a, link, slot(900), connectors.Booked)
		hers, links = w.became(a, link, connectors.Booked), upstreams(link)
		w.Secrets = append(slices.Clone(w.Secrets), secretsOf(link)...)
	}
	var told []string
	tell := func(err error) {
		if err != nil {
			told = append(told, fmt.Sprintf("%v %+v %#v", err, err, err))
		}
	}
	for _, f := range []Fault{
		{Status: 401},
		{Status: 404},
		{Status: 429},
		{Status: 500},
		{Hang: true},
		{Lost: true},
		{Truncate: true},
		{Body: page},
		{Status: 401, Writes: true},
		{Status: 409, Writes: true},
		{Status: 422, Writes: true},
		{Status: 500, Writes: true},
		{Lost: true, Writes: true},
		{Body: page, Writes: true},
	} {
		p.Set(f)
		_, err := a.Read(w.within(soon), connectors.Query{Window: day})
		tell(err)
		if b, ok := a.(connectors.Booker); ok {
			made, err := b.Book(w.within(soon), asked)
			tell(err)
			if c, ok := a.(connectors.Canceler); ok {
				tell(c.Cancel(w.within(soon), made))
			}
		}
		if f, ok := a.(connectors.Finder); ok {
			_, err := f.Find(w.within(soon), "rdv_1")
			tell(err)
		}
		if i, ok := a.(connectors.Inviter); ok {
			_, err := i.Invite(w.within(soon), connectors.HandoffRequest{Reference: "rdv_1"}, person(1))
			tell(err)
		}
		if f, ok := a.(connectors.Follower); ok {
			_, err := f.Follow(w.within(soon), links)
			tell(err)
		}
		if c, ok := a.(connectors.Canceler); ok && len(links) > 0 {
			tell(c.Cancel(w.within(soon), hers))
		}
	}
	if len(told) == 0 {
		w.Error("nothing failed: the faults do not reach the agenda")
	}
	for _, text := range append(told, w.log.String()) {
		if secret, ok := w.tells(text); ok {
			w.Errorf("%q is told: %s", secret, text)
		}
	}
}

// running is the stack of the goroutines that are in the agenda's own package, but for this one.
func running(a connectors.Agenda) string {
	kind := reflect.TypeOf(a)
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var left []string
	for _, stack := range strings.Split(string(stacks), "\n\n")[1:] {
		if strings.Contains(stack, kind.PkgPath()+".") && !strings.Contains(stack, "testing.tRunner") {
			left = append(left, stack)
		}
	}
	return strings.Join(left, "\n\n")
}
