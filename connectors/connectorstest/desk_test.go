package connectorstest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// visit is what the office of the suite's own desk keeps of a person.
type visit struct {
	interval.Interval
	Token string
	Fate  connectors.Fate // zero until she books
}

// office makes people known, and shows what became of them. Whether a time is free, it does not ask.
type office struct {
	*httptest.Server
	mu     sync.Mutex
	visits []visit // by number
}

func newOffice(t testing.TB) *office {
	o := &office{}
	o.Server = httptest.NewServer(o)
	t.Cleanup(o.Close)
	return o
}

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, given, _ := r.BasicAuth(); given != password {
		http.Error(w, "non", http.StatusUnauthorized)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	number, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
	switch r.Method {
	case http.MethodPost:
		number = len(o.visits)
		o.visits = append(o.visits, visit{Token: fmt.Sprintf("J3T0N-%d", number)})
	case http.MethodDelete:
		if fate := o.visits[number].Fate; fate == connectors.Attended || fate == connectors.Missed {
			http.Error(w, "non", http.StatusConflict)
			return
		}
		o.visits[number].Fate = connectors.Withdrawn
	}
	_ = json.NewEncoder(w).Encode(struct {
		Number int
		Visits []visit
	}{number, o.visits})
}

// finish is of the person of a link.
func (o *office) finish(t testing.TB, link connectors.Link, at interval.Interval, fate connectors.Fate) {
	number, err := strconv.Atoi(link.Upstream)
	if err != nil {
		t.Fatal(err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.visits[number].Interval, o.visits[number].Fate = at, fate
}

// desk invites people, as it should or with one bug.
type desk struct {
	office *office
	base   string
	client *http.Client
	bug    string
}

func openDesk(t testing.TB, bug string, p *Proxy) *desk {
	d := &desk{office: newOffice(t), bug: bug}
	d.base = d.office.URL
	if p != nil {
		d.base = p.Before(t, d.base)
	}
	d.client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return d
}

func (*desk) Guarantee() connectors.Guarantee { return connectors.Handoff }

func (*desk) Read(context.Context, connectors.Query) (connectors.Reading, error) {
	return connectors.Reading{}, &connectors.Error{Op: "read", Kind: connectors.Unsupported}
}

func (d *desk) do(ctx context.Context, op, method, path string, lost connectors.Kind) (number int, visits []visit, err error) {
	fail := func(kind connectors.Kind, after time.Duration, cause string) error {
		return &connectors.Error{Op: op, Kind: kind, RetryAfter: after, Err: errors.New(cause)}
	}
	req, _ := http.NewRequestWithContext(ctx, method, d.base+"/"+path, bytes.NewReader(nil))
	req.SetBasicAuth("desk", password)
	resp, err := d.client.Do(req)
	if err != nil {
		return 0, nil, fail(lost, 0, "no answer")
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		kind := connectors.KindOfStatus(resp.StatusCode)
		switch kind {
		case connectors.Unavailable:
			kind = lost
		case connectors.Changed:
			kind = connectors.Refused
		}
		return 0, nil, fail(kind, connectors.RetryAfter(resp.Header), "status")
	}
	var answer struct {
		Number *int
		Visits []visit
	}
	if err != nil || json.Unmarshal(text, &answer) != nil || answer.Number == nil {
		return 0, nil, fail(lost, 0, "not understood")
	}
	return *answer.Number, answer.Visits, nil
}

func (d *desk) Invite(ctx context.Context, _ connectors.HandoffRequest, who connectors.Person) (connectors.Link, error) {
	lost := connectors.Unavailable
	if d.bug == "an unanswered invitation is an unknown outcome" {
		lost = connectors.OutcomeUnknown
	}
	number, visits, err := d.do(ctx, "invite", http.MethodPost, "", lost)
	if err != nil {
		switch d.bug {
		case "invites nobody when it is down":
			return connectors.Link{}, nil
		case "tells who was to come":
			return connectors.Link{}, fmt.Errorf("%s: %w", who.LastName, err)
		}
		return connectors.Link{}, err
	}
	link := connectors.Link{URL: d.base + "/?token=" + visits[number].Token, Upstream: strconv.Itoa(number)}
	switch d.bug {
	case "gives all the same link":
		link.URL = d.base + "/?token=" + visits[0].Token
	case "puts the name into the link":
		link.URL += "&name=" + who.LastName
	case "names people by their e-mail":
		link.Upstream = who.Email
	case "names all orientations of one second alike":
		link.Upstream = "0"
	}
	return link, nil
}

func (d *desk) Follow(ctx context.Context, links []string) (found []connectors.Outcome, err error) {
	if d.bug == "cannot be asked about nobody" && len(links) == 0 {
		return nil, &connectors.Error{Op: "follow", Kind: connectors.Invalid}
	}
	for _, link := range links {
		number, visits, err := d.do(ctx, "follow", http.MethodGet, link, connectors.Unavailable)
		if err != nil {
			switch d.bug {
			case "nothing became of it when it is down":
				return nil, nil
			case "is silent about whom it could not ask":
				return found, nil
			case "takes whom it could not ask for who withdrew":
				found = append(found, connectors.Outcome{Link: link, Fate: connectors.Withdrawn})
			}
			return found, err
		}
		if d.bug == "tells of somebody else" {
			number = len(visits) - 1 - number
			link = strconv.Itoa(number)
		}
		v := visits[number]
		if v.Fate == 0 && d.bug != "claims what nobody booked" {
			continue
		}
		o := connectors.Outcome{Link: link, Appointment: connectors.Appointment{Upstream: link, Interval: v.Interval}, Fate: v.Fate}
		switch {
		case d.bug == "is an hour late":
			o.Appointment.Start, o.Appointment.End = v.Start+3600, v.End+3600
		case d.bug == "takes who missed it for who came" && v.Fate == connectors.Missed:
			o.Fate = connectors.Attended
		}
		found = append(found, o)
	}
	return found, nil
}

func (d *desk) Cancel(ctx context.Context, a connectors.Appointment) error {
	lost := connectors.OutcomeUnknown
	if d.bug == "an unanswered cancellation is a failed read" {
		lost = connectors.Unavailable
	}
	if d.bug == "cannot cancel twice" {
		if _, visits, err := d.do(ctx, "cancel", http.MethodGet, "", lost); err == nil {
			if n, _ := strconv.Atoi(a.Upstream); visits[n].Fate == connectors.Withdrawn {
				return &connectors.Error{Op: "cancel", Kind: connectors.Refused}
			}
		}
	}
	_, _, err := d.do(ctx, "cancel", http.MethodDelete, a.Upstream, lost)
	switch {
	case d.bug == "cancels what it cannot ask about" && connectors.KindOf(err) == connectors.NotFound,
		d.bug == "cancels what is over" && connectors.KindOf(err) == connectors.Refused:
		return nil
	}
	return err
}

func deskHarness(bug string) Harness {
	return Harness{
		Want:      connectors.Capabilities{Cancel: true, Invite: true, Follow: true},
		Guarantee: connectors.Handoff,
		New: func(t testing.TB, _ connectors.Env, _ ...interval.Interval) connectors.Agenda {
			return openDesk(t, bug, nil)
		},
		Fault: func(t testing.TB, _ connectors.Env, p *Proxy, _ ...interval.Interval) connectors.Agenda {
			return openDesk(t, bug, p)
		},
		Finish: func(t testing.TB, a connectors.Agenda, link connectors.Link, at interval.Interval, fate connectors.Fate) {
			a.(*desk).office.finish(t, link, at, fate)
		},
		Secrets: []string{password},
	}
}

func TestAGoodDeskPasses(t *testing.T) { Run(t, deskHarness("")) }

func TestBugsOfInvitationsAreCaught(t *testing.T) {
	for bug, by := range map[string]string{
		"gives all the same link":                        "Invite/APageOfHerOwn",
		"puts the name into the link":                    "Invite/APageOfHerOwn",
		"names people by their e-mail":                   "Invite/APageOfHerOwn",
		"names all orientations of one second alike":     "Invite/TwoOrientationsOfOnePerson",
		"claims what nobody booked":                      "Follow/NothingIsKnownYet",
		"cannot be asked about nobody":                   "Follow/NothingIsKnownYet",
		"is an hour late":                                "Follow/Booked",
		"tells of somebody else":                         "Follow/OnlyWhoIsAskedFor",
		"takes who missed it for who came":               "Follow/EveryFate",
		"cannot cancel twice":                            "Follow/CancelledByUs",
		"cancels what is over":                           "Follow/WhatIsOverStays",
		"an unanswered invitation is an unknown outcome": "Faults/InviteFails",
		"invites nobody when it is down":                 "Faults/InviteStatuses",
		"nothing became of it when it is down":           "Faults/WhatCannotBeAskedIsNotNothing",
		"is silent about whom it could not ask":          "Faults/WhatIsToldWithAnErrorHolds",
		"takes whom it could not ask for who withdrew":   "Faults/WhatIsToldWithAnErrorHolds",
		"cancels what it cannot ask about":               "Faults/HersIsNotCancelled",
		"an unanswered cancellation is a failed read":    "Faults/CancelOfHersIsLost",
		"tells who was to come":                          "Hygiene/NoSecretIsTold",
	} {
		t.Run(bug, func(t *testing.T) {
			h := deskHarness(bug)
			h.patience = 3 * time.Second
			j := &judged{TB: t}
			if j.run(named(t, by), h); !j.failed {
				t.Errorf("%s does not catch it", by)
			}
		})
	}
}

func TestAHarnessThatInvitesLeavesNothingOut(t *testing.T) {
	for name, cut := range map[string]func(*Harness){
		"Finish": func(h *Harness) { h.Finish = nil },
		"Fault":  func(h *Harness) { h.Fault = nil },
	} {
		h := deskHarness("")
		cut(&h)
		j := &judged{TB: t}
		done := make(chan struct{})
		go func() { defer close(done); h.check(j) }()
		if <-done; !j.failed {
			t.Errorf("a harness without %s is accepted", name)
		}
	}
}
