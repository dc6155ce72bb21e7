package ledgertest

import (
	"errors"
	"maps"
	"slices"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// model is what a ledger is to its callers, in the plainest words: rows one after the other, spans compared one by one,
// statuses by booking.Step. A change is made on a copy, which is thrown away when it is refused.
type model struct {
	now       time.Time
	rows      []*row // in the order in which they were made
	keys      map[keyName]recorded
	log       []logged
	messages  []*message // in the order in which they became due
	sightings map[string]sighting
	leases    int // given so far
}

// row is an appointment and what is kept of it beside.
type row struct {
	booking.Appointment
	session   string
	footprint interval.Interval
	holds     int               // seats of its session; none once it is over
	person    string            // who is expected; empty when nobody is known
	expected  interval.Interval // when, as it was known then
	again     bool
	debt      *owed
}

type keyName struct{ partner, value string }

type recorded struct {
	request     string
	appointment string
	refusal     string
}

type logged struct {
	booking.Entry
	shown bool
}

type sighting struct {
	as    interval.Interval
	since time.Time
}

func newModel(now time.Time) *model {
	return &model{now: now, keys: make(map[keyName]recorded), sightings: make(map[string]sighting)}
}

// try makes a change, or none of it.
func (m *model) try(change func(*model) error) error {
	next := *m
	next.keys, next.sightings, next.log = maps.Clone(m.keys), maps.Clone(m.sightings), slices.Clone(m.log)
	next.rows, next.messages = copied(m.rows), copied(m.messages)
	for _, r := range next.rows {
		if r.debt != nil {
			debt := *r.debt
			r.debt = &debt
		}
	}
	err := change(&next)
	if err == nil {
		*m = next
	}
	return err
}

func copied[T any](list []*T) []*T {
	out := make([]*T, len(list))
	for i, v := range list {
		v := *v
		out[i] = &v
	}
	return out
}

func (m *model) row(id string) *row {
	for _, r := range m.rows {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// changed is when a row was changed: it does not go back in time.
func (r *row) changed(now time.Time) {
	if now.After(r.Modified) {
		r.Modified = now
	}
}

func refused(code string) error { return &booking.Error{Kind: connectors.Refused, Code: code} }

func slotTaken() error { return &booking.Error{Kind: connectors.SlotTaken, Code: "creneau_pris"} }

// wanted is what a caller of the game wants kept with its key.
type wanted struct {
	value, request string // none, when value is empty
	person         string
}

func (m *model) record(partner string, w wanted, appointment string) error {
	if w.value == "" {
		return nil
	}
	name := keyName{partner, w.value}
	if _, used := m.keys[name]; used {
		return booking.ErrKeyUsed
	}
	m.keys[name] = recorded{request: w.request, appointment: appointment}
	return nil
}

// claim ends the holds that stand in the way although their time is over, and no others.
func (m *model) claim(c booking.Claim, w wanted) error {
	err := m.try(func(next *model) error { return next.claimOnce(c, w) })
	if e, ok := errors.AsType[*booking.Error](err); !ok || e.Kind != connectors.SlotTaken {
		return err
	}
	var over []string
	for _, r := range m.rows {
		if r.Status == booking.Held && !m.now.Before(r.Expires) && r.Agenda == c.Appointment.Agenda && r.footprint.Overlaps(c.Footprint) {
			over = append(over, r.ID)
		}
	}
	if len(over) == 0 {
		return err
	}
	slices.Sort(over)
	return m.try(func(next *model) error {
		for _, id := range over {
			if err := next.step(next.row(id), booking.Change{Event: booking.Lapse}, wanted{}, next.now); err != nil {
				return err
			}
		}
		return next.claimOnce(c, w)
	})
}

func (m *model) claimOnce(c booking.Claim, w wanted) error {
	now := m.now
	if err := m.record(c.Appointment.Partner, w, c.Appointment.ID); err != nil {
		return err
	}
	r := &row{Appointment: c.Appointment, session: c.Session, footprint: c.Footprint}
	r.Status, r.Version, r.Chain, r.Created, r.Modified = booking.Held, 1, r.ID, now, now
	if r.Replaces != "" {
		before := m.row(r.Replaces)
		switch {
		case before == nil:
			return booking.Missing()
		case before.Status != booking.Confirmed:
			return refused("etape_impossible")
		case m.moving(before.ID):
			return refused("deplacement_en_cours")
		}
		r.Chain, r.Version, r.Replacing = before.Chain, before.Version+1, true
		if c.Change != nil && before.person != "" && before.again {
			change := *c.Change
			change.Person.Again = true
			c.Change = &change
		}
	}
	seats := r.Seats
	if c.Change != nil {
		if _, _, err := booking.Step(r.Standing(), c.Change.Event); err != nil {
			return err
		}
		if c.Change.Details != nil {
			seats = max(1, c.Change.Seats)
		}
	}
	if err := m.seat(r, seats, c.Capacity); err != nil {
		return err
	}
	m.rows = append(m.rows, r)
	if c.Change == nil {
		m.enter(r, false)
		return nil
	}
	return m.step(r, *c.Change, w, now)
}

// moving says whether another is to take its place.
func (m *model) moving(id string) bool {
	return slices.ContainsFunc(m.rows, func(r *row) bool { return r.Replacing && r.Replaces == id })
}

// seat gives so many more seats: no session has more than its capacity, and no two sessions of an agenda share a time,
// but those of one chain.
func (m *model) seat(r *row, more, capacity int) error {
	if r.footprint.Empty() { // it takes no time of ours
		return nil
	}
	used := 0
	for _, o := range m.rows {
		switch {
		case o.holds == 0:
		case o.session == r.session:
			used += o.holds
		case o.Agenda == r.Agenda && o.Chain != r.Chain && o.footprint.Overlaps(r.footprint):
			return slotTaken()
		}
	}
	if used+more > capacity {
		return slotTaken()
	}
	r.holds += more
	return nil
}

func (m *model) advance(id string, from int, c booking.Change, w wanted) error {
	r := m.row(id)
	switch {
	case r == nil:
		return booking.Missing()
	case from != 0 && from != r.Version:
		return &booking.Error{Kind: connectors.Changed, Code: "rendez_vous_modifie"}
	}
	now := m.now
	if err := m.record(r.Partner, w, id); err != nil {
		return err
	}
	over := !r.Expires.IsZero() && !now.Before(r.Expires)
	switch {
	case over && r.Status == booking.Held && c.Event != booking.Lapse:
		return refused("reservation_expiree")
	case over && r.Status == booking.Requested && (c.Event == booking.Accept || c.Event == booking.Send):
		return refused("demande_expiree")
	case r.Status == booking.Confirmed && m.moving(id):
		return refused("deplacement_en_cours")
	}
	if c.Seats > r.Seats {
		if r.holds == 0 { // nothing of its session is left, or ever was
			return slotTaken()
		}
		if err := m.seat(r, c.Seats-r.Seats, r.Motif.Seats); err != nil {
			return err
		}
	}
	return m.step(r, c, w, now)
}

func (m *model) step(r *row, c booking.Change, w wanted, now time.Time) error {
	state, commands, err := booking.Step(r.Standing(), c.Event)
	if err != nil {
		return err
	}
	if c.Refusal != nil && r.debt != nil && r.debt.key != "" {
		name := keyName{r.Partner, r.debt.key}
		k := m.keys[name]
		k.refusal = c.Refusal.Code
		m.keys[name] = k
	}
	before := r.Appointment
	r.changed(now)
	r.Status, r.Version = state.Status, r.Version+1
	r.Replacing = state.Replaces && r.Status.Occupies()
	if c.Event != booking.Lapse && c.Event != booking.Learn {
		r.Expires = c.Expires
	}
	if c.Forget {
		for name, k := range m.keys {
			if k.appointment == r.ID {
				delete(m.keys, name)
			}
		}
	}
	if !c.During.Empty() {
		r.Interval = c.During
	}
	if c.Upstream != nil {
		r.Upstream = *c.Upstream
	}
	if c.Details != nil {
		details := *c.Details
		r.Details, r.Taken, r.Reference, r.Seats = &details, now, c.Reference, c.Seats
	}
	switch {
	case c.Ended != nil:
		r.Ended = *c.Ended
	case r.Status == booking.Confirmed:
		r.Ended = booking.Ending{}
	}
	if err := m.expect(r, c, w); err != nil {
		return err
	}
	if !r.Status.Occupies() {
		r.holds, r.person = 0, ""
		delete(m.sightings, r.ID)
	}
	m.enter(r, false)
	return m.command(r, before, commands, c, w, now)
}

// expect notes who comes: nobody is expected twice at a time, unless that is meant.
func (m *model) expect(r *row, c booking.Change, w wanted) error {
	if w.person == "" || r.Interval.Empty() || !r.Status.Occupies() {
		return nil
	}
	r.person, r.expected, r.again = w.person, r.Interval, c.Person.Again
	if r.again {
		return nil
	}
	with := &double{error: refused("rendez_vous_double")}
	for _, o := range m.rows {
		if o.person == r.person && !o.again && o.Partner == r.Partner && o.Chain != r.Chain && o.expected.Overlaps(r.expected) {
			with.with = append(with.with, o.ID)
		}
	}
	if len(with.with) > 0 {
		return with
	}
	return nil
}

// double is a refusal that names who is expected already.
type double struct {
	error
	with []string
}

func (d *double) Unwrap() error { return d.error }

func (m *model) enter(r *row, erased bool) {
	m.log = append(m.log, logged{booking.Entry{
		Partner: r.Partner, Appointment: r.ID, Status: r.Status, Version: r.Version, Erased: erased, At: r.Modified,
	}, !r.Taken.IsZero()})
}

func (m *model) prolong(id string, until time.Time, w wanted) error {
	r := m.row(id)
	if r == nil {
		return booking.Missing()
	}
	now := m.now
	if err := m.record(r.Partner, w, id); err != nil {
		return err
	}
	if r.Status != booking.Held || r.Extended || !now.Before(r.Expires) {
		return refused("prolongation_impossible")
	}
	r.changed(now)
	r.Expires, r.Extended, r.Version = until, true, r.Version+1
	return nil
}

// erase is of the whole chain.
func (m *model) erase(id string) error {
	r := m.row(id)
	if r == nil {
		return nil
	}
	var chain []string
	for _, o := range m.rows {
		if o.Chain == r.Chain && o.Details != nil {
			chain = append(chain, o.ID)
		}
	}
	slices.Sort(chain)
	for _, id := range chain {
		o := m.row(id)
		o.changed(m.now)
		o.Details, o.person, o.Reference, o.Version = nil, "", "", o.Version+1
		if o.Guarantee == connectors.Handoff {
			o.Upstream = connectors.Appointment{}
		}
		for name, k := range m.keys {
			if k.appointment == id {
				k.request = ""
				m.keys[name] = k
			}
		}
		m.enter(o, true)
	}
	return nil
}
