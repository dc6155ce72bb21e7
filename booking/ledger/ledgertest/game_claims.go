package ledgertest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Names are few, so that random calls meet. They stand behind the prefix of the game.
var (
	partners = []string{"p1", "p2"}
	agendas  = []string{"A", "B"}
)

const keys = 10

const tenth = 10 * time.Minute // what times are made of

func (g *Game) span(from, length int) interval.Interval {
	start := g.begin().Add(time.Duration(from) * tenth)
	return interval.Of(start, start.Add(time.Duration(length)*tenth))
}

// begin is when the times that are claimed begin: a day after the game did.
func (g *Game) begin() time.Time {
	var number int
	_, _ = fmt.Sscanf(g.prefix, "g%d-", &number)
	return Epoch.Add(time.Duration(number)*origin + 24*time.Hour)
}

// row picks one that is there; nil when there is none yet.
func (g *Game) row(c Chance) *row {
	if len(g.model.rows) == 0 {
		return nil
	}
	recent := min(len(g.model.rows), 6) // what is long over says little
	return g.model.rows[len(g.model.rows)-1-c.Pick("row", recent)]
}

func (g *Game) wanted(c Chance, partner string) (w wanted, key *booking.Key) {
	if c.Pick("with a key", 3) > 0 {
		return w, nil
	}
	w.value, w.request = fmt.Sprint("k", c.Pick("key", keys)), fmt.Sprint("r", c.Pick("request", 2))
	return w, &booking.Key{Partner: partner, Digest: sha256.Sum256([]byte(g.prefix + w.value)), Request: sha256.Sum256([]byte(w.request)), Status: 201}
}

func (g *Game) claim(c Chance) {
	g.made++
	id := fmt.Sprintf("%sa%03d", g.prefix, g.made)
	partner, agenda := g.prefix+pick(c, "partner", []string{partners[0], partners[0], partners[1]}), g.prefix+pick(c, "agenda", agendas)
	claim := booking.Claim{Session: id, Capacity: 1, Appointment: booking.Appointment{
		ID: id, Partner: partner, Place: "lieu", Agenda: agenda, Motif: booking.Motif{ID: "m"}.Complete(), Seats: 1,
		Guarantee: pick(c, "guarantee", []connectors.Guarantee{connectors.Verified, connectors.OnRequest}), Expires: g.model.now.Add(time.Duration(1+c.Pick("held for", 4)) * tenth),
	}}
	a := &claim.Appointment
	a.Interval = g.span(c.Pick("from", 7), 1+c.Pick("length", 3))
	if c.Pick("group", 3) == 0 {
		number := c.Pick("session", 2)
		claim.Session, claim.Capacity, a.Seats = fmt.Sprint(agenda, number), 2+c.Pick("capacity", 2), 1+c.Pick("seats", 2)
		a.Motif = booking.Motif{ID: "g", Group: true, Seats: claim.Capacity}.Complete()
		a.Interval = g.span(4*number, 2)
	}
	claim.Footprint = interval.Interval{Start: a.Start, End: a.End + int64(c.Pick("buffer", 2))*600}
	if c.Pick("orientation", 6) == 0 {
		a.Interval, claim.Footprint, a.Guarantee = interval.Interval{}, interval.Interval{}, connectors.Handoff
		a.Upstream.Upstream = pick(c, "followed", []string{"", "usager"})
	}
	if r := g.row(c); r != nil && r.Partner == partner && c.Pick("move", 2) == 0 {
		a.Replaces = r.ID
	}
	w, key := g.wanted(c, partner)
	claim.Key = key
	if event := pick(c, "at once", []booking.Event{0, 0, booking.Keep, booking.Keep, booking.Ask, booking.Send, booking.Send, booking.HandOn}); event != 0 {
		change := g.change(c, event, *a, &w)
		claim.Change = &change
	}
	err := g.model.try(func(m *model) error { return m.claim(claim, w) })
	g.play(c, fmt.Sprintf("claim %s %v", id, claim.Change), g.outcome(id, err), func(p *player) string {
		return g.answer(p.Claim(context.Background(), claim))
	})
	g.see(c, id)
	if a.Replaces != "" {
		g.see(c, a.Replaces)
	}
}

// outcome is what the model answers to a change.
func (g *Game) outcome(id string, err error) string {
	if err != nil {
		if d, ok := errors.AsType[*double](err); ok {
			g.doubles = d.with
		}
		return refusalOf(err)
	}
	return g.view(g.model.whole(g.model.row(id)))
}

// change is an event with what its callers send along.
func (g *Game) change(c Chance, event booking.Event, a booking.Appointment, w *wanted) booking.Change {
	change := booking.Change{Event: event, By: a.Partner}
	if c.Pick("channels", 4) > 0 {
		change.Channels = map[booking.Actor]booking.Channel{
			booking.TheStructure: booking.MailChannel, booking.ThePrescriber: booking.MailChannel,
			booking.TheBeneficiary: booking.PrescriberChannel, booking.TheOperator: booking.MailChannel,
		}
	}
	if c.Pick("reminded", 3) > 0 {
		to := pick(c, "reminded", []booking.Actor{booking.ThePrescriber, booking.TheBeneficiary})
		change.Reminder = booking.Reminder{To: to, Channel: booking.MailChannel, Zone: time.UTC}
	}
	if c.Pick("lease", 2) == 0 {
		change.Lease = time.Duration(1+c.Pick("leased for", 3)) * time.Minute
	}
	if event == booking.Ask || event == booking.HandOn {
		change.Expires = g.model.now.Add(time.Duration(1+c.Pick("answer within", 12)) * time.Hour)
	}
	switch event {
	case booking.Keep, booking.Ask, booking.Send, booking.HandOn:
		if a.Status != "" && a.Status != booking.Held { // it has its person
			break
		}
		change.Details = &booking.Details{Beneficiary: booking.Beneficiary{LastName: booking.Name(a.ID)}}
		change.Seats, change.Reference = a.Seats, fmt.Sprint("ref", c.Pick("reference", 2))
		if w.person = []string{"", "x", "x", "y"}[c.Pick("person", 4)]; w.person != "" {
			change.Person = booking.Person{Digest: []byte(g.prefix + w.person), Again: c.Pick("again", 5) == 0}
		}
		if event == booking.Keep && c.Pick("known upstream", 3) == 0 {
			change.Upstream = &connectors.Appointment{Reference: a.ID, Version: "1", Interval: a.Interval}
			if before := g.model.row(a.Replaces); before != nil && before.Upstream.Reference != "" && c.Pick("moved by a human", 2) == 0 {
				change.Upstream.Reference = before.Upstream.Reference
			}
		}
	case booking.Accept:
		if a.Status == booking.HandedOff && c.Pick("time known", 2) == 0 {
			change.During = g.span(c.Pick("from", 7), 1+c.Pick("length", 3))
		}
		if c.Pick("known upstream", 3) > 0 {
			change.Upstream = &connectors.Appointment{Reference: a.ID, Version: "1", Interval: a.Interval}
		}
	case booking.Learn:
		if c.Pick("time learnt", 2) == 0 {
			change.During = g.span(c.Pick("from", 7), 1+c.Pick("length", 3))
		}
		if c.Pick("name learnt", 2) == 0 {
			change.Upstream = &connectors.Appointment{Reference: a.ID, Upstream: "amont", Version: "1"}
		}
	case booking.Lapse:
		change.Forget = c.Pick("forget", 3) == 0
	case booking.Cancel, booking.Recall:
		change.Ended = &booking.Ending{By: booking.TheBeneficiary, Reason: "raison"}
	case booking.Refuse:
		if c.Pick("said to the caller", 2) == 0 {
			change.Refusal = &booking.Error{Kind: connectors.Refused, Code: "agenda_refuse", Detail: "Non."}
		}
	}
	return change
}

func (g *Game) advance(c Chance) {
	r := g.row(c)
	if r == nil {
		return
	}
	event := pick(c, "event", booking.Events())
	if c.Pick("possible", 4) > 0 {
		var possible []booking.Event
		for _, e := range booking.Events() {
			if _, _, err := booking.Step(r.Standing(), e); err == nil {
				possible = append(possible, e)
			}
		}
		if len(possible) > 0 {
			event = pick(c, "possible event", possible)
		}
	}
	from := r.Version
	switch c.Pick("version", 8) {
	case 0:
		from = max(1, from-1)
	case 1:
		from = 0 // whichever there is
	}
	w, key := g.wanted(c, r.Partner)
	change := g.change(c, event, r.Appointment, &w)
	change.Key = key
	if change.Details != nil && r.Status == booking.Held {
		change.Seats += c.Pick("more seats", 2)
	}
	id, replaces := r.ID, r.Replaces
	err := g.model.try(func(m *model) error { return m.advance(id, from, change, w) })
	g.play(c, fmt.Sprintf("advance %s from %d by %s", id, from, event), g.outcome(id, err), func(p *player) string {
		return g.answer(p.Advance(context.Background(), id, from, change))
	})
	g.see(c, id)
	if replaces != "" {
		g.see(c, replaces)
	}
}

func (g *Game) prolong(c Chance) {
	r := g.row(c)
	if r == nil {
		return
	}
	id, until := r.ID, r.Expires.Add(tenth)
	if r.Expires.IsZero() {
		until = g.model.now.Add(tenth)
	}
	w, key := g.wanted(c, r.Partner)
	err := g.model.try(func(m *model) error { return m.prolong(id, until, w) })
	g.play(c, "prolong "+id, g.outcome(id, err), func(p *player) string {
		return g.answer(p.Prolong(context.Background(), id, until, key))
	})
}

// see compares an appointment as it is kept.
func (g *Game) see(c Chance, id string) {
	want := refusalOf(booking.Missing())
	if r := g.model.row(id); r != nil {
		want = g.view(g.model.whole(r))
	}
	g.play(c, "see "+id, want, func(p *player) string { return g.answer(p.AnyAppointment(context.Background(), id)) })
}

// look asks for an appointment as a partner: another's is exactly as a missing one.
func (g *Game) look(c Chance) {
	r := g.row(c)
	if r == nil {
		return
	}
	partner, id := g.prefix+pick(c, "partner", partners), r.ID
	want := refusalOf(booking.Missing())
	if r.Partner == partner {
		want = g.view(g.model.whole(r))
	}
	g.play(c, "look "+id+" as "+partner, want, func(p *player) string { return g.answer(p.Appointment(context.Background(), partner, id)) })
}

func (g *Game) claimed(c Chance) {
	except := ""
	if r := g.row(c); r != nil && c.Pick("except", 2) == 0 {
		except = r.ID
	}
	from := c.Pick("from", 10)
	g.seeClaimed(c, pick(c, "agenda", agendas), from, 1+c.Pick("length", 12), except)
}

// seeClaimed compares what is taken of an agenda.
func (g *Game) seeClaimed(c Chance, agenda string, from, length int, except string) {
	agenda = g.prefix + agenda
	window, m := g.span(from, length), g.model
	sessions := make(map[string]booking.Claimed)
	for _, r := range m.rows {
		over := r.Status == booking.Held && !m.now.Before(r.Expires)
		if r.holds == 0 || r.Agenda != agenda || r.ID == except || over || !r.footprint.Overlaps(window) {
			continue
		}
		s, known := sessions[r.session]
		if !known {
			s.Interval = r.footprint
		}
		s.Start, s.End, s.Seats = min(s.Start, r.footprint.Start), max(s.End, r.footprint.End), s.Seats+r.holds
		s.Appointments = append(s.Appointments, r.ID)
		sessions[r.session] = s
	}
	view := func(sessions map[string]booking.Claimed) string {
		var out []string
		for _, name := range sorted(sessions) {
			s := sessions[name]
			out = append(out, fmt.Sprintf("%s %d+%d ×%d %v", name, s.Start-Epoch.Unix(), s.End-s.Start, s.Seats, g.mine(s.Appointments)))
		}
		return strings.Join(out, ", ")
	}
	g.play(c, "claimed "+agenda, view(sessions), func(p *player) string {
		list, err := p.Claimed(context.Background(), agenda, window, except)
		if err != nil {
			return err.Error()
		}
		got := make(map[string]booking.Claimed, len(list))
		for _, s := range list {
			s.Session, got[s.Session] = "", s
		}
		return view(got)
	})
}
