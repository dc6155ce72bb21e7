package icalendar

import (
	"bytes"
	"hash/maphash"
	"slices"
	"time"

	"passerelle/connectors/interval"
)

// Reader reads texts one after the other, each in the memory of the one before. Its zero value is ready; it is not safe for
// concurrent use.
type Reader struct {
	parser  parser
	reading reading
}

// Read says what a text tells about the window, as the function of that name does. The Occurrences of the Calendar, and their
// Events, are lent until the next call; all else of it is the caller's.
func (x *Reader) Read(data []byte, window interval.Interval, o Options) (*Calendar, error) {
	t, err := x.parser.read(data, o)
	if err != nil {
		return nil, err
	}
	r := &x.reading
	*r = reading{
		options: o,
		window:  window.Clip(interval.Interval{Start: earliest, End: latest}),
		text:    t,
		budget:  budget{left: t.limits.Steps, perSeries: t.limits.SeriesSteps},
		local:   r.local,
		room:    r.calendar.Occurrences,
		blank:   r.sheet,
		sheet:   r.sheet,
		work:    r.work,
	}
	r.calendar.Skipped = t.skipped
	if !r.window.Empty() {
		r.read()
	}
	c := r.calendar // alone, so that it does not keep the text in memory
	c.steps = t.limits.Steps - r.budget.left
	return &c, nil
}

// mostKept is how many things of a kind there is memory for from one text to the next; most texts need less.
const mostKept = 10_000

// emptied gives an empty list with room for so many, in the memory of one that is not needed any more where that is enough.
func emptied[T any](old []T, n int) []T {
	if n <= cap(old) && cap(old) <= mostKept {
		return old[:0]
	}
	return make([]T, 0, n)
}

// reading is one call of Read: the text, its zones, and the calendar that grows.
type reading struct {
	options Options
	window  interval.Interval
	text    *text
	zones   []*zone // by number
	local   *zone   // that of floating times; at first that of the text before
	unknown zone    // stands for what no name and no definition explains

	displayNames int // zones that were looked for by their cities

	budget budget

	calendar  Calendar
	room      []Occurrence // of the text before
	blank     []Event      // made at once, not yet described
	sheet     []Event      // the last that was made, for the next text
	described int          // Events
	words     words
	doubts    doubts
	work      scratch
}

// The window is looked at from year 0 to year 9999 only.
const (
	earliest = -62_167_219_200
	latest   = 253_402_300_800
)

// Read says what a text tells about the window. The error is ErrNoCalendar or ErrTooLarge; whatever else is wrong
// is Doubt or counted in Skipped.
func Read(data []byte, window interval.Interval, o Options) (*Calendar, error) {
	c, err := new(Reader).Read(data, window, o)
	if err != nil {
		return nil, err
	}
	if found := c.Occurrences; cap(found) > 2*len(found)+64 {
		c.Occurrences = slices.Clone(found)
	}
	return c, nil
}

func (r *reading) read() {
	r.resolveZones()
	if r.text.truncated {
		r.doubts.add(r.window, "Le calendrier est incomplet : sa fin manque.")
	}
	if r.text.stray {
		r.doubts.add(r.window, freeBusyReason)
	}
	r.group()
	r.calendar.Occurrences = emptied(r.room, r.expected())
	for i := range r.text.components {
		c := &r.text.components[i]
		switch {
		case c.kind == event && !c.member:
			r.events(c)
		case c.kind == freeBusy:
			r.freeBusy(c)
		}
	}
	r.availabilities()
	r.calendar.Doubt = r.doubts.list(r.window)
	r.inOrder()
}

// resolveZones understands each zone of the text once.
func (r *reading) resolveZones() {
	since, until := r.window.Start-366*day, r.window.End+366*day
	given := r.options.Zone
	if given == nil {
		given = time.UTC
	}
	names := r.text.zones
	r.zones = make([]*zone, int(namedZones)+len(names), int(namedZones)+len(names)+1)
	if r.local == nil || r.local.loc != given || r.local.since != since || r.local.until != until {
		r.local = zoneOf(given, since, until)
	}
	local := r.local
	r.zones[floating] = local
	r.zones[inUTC] = newZone(0, nil)
	r.unknown = *local
	r.unknown.unknown = true
	if r.options.CalendarZone && len(r.text.zoneName) > 0 {
		r.zones[floating] = r.resolve(textOf(r.text.zoneName), since, until)
		if r.zones[floating].unknown {
			r.remark(0, calendarZoneReason)
		}
	}
	for i, name := range names {
		z := local
		if name != given.String() || name == time.Local.String() {
			z = r.resolve(name, since, until)
		}
		r.zones[int(namedZones)+i] = z
	}
}

// resolve goes by the name first, then by the definition in the text, then by what a display name may mean.
func (r *reading) resolve(name string, since, until int64) *zone {
	if loc := locate(name); loc != nil {
		return zoneOf(loc, since, until)
	}
	tries := 8 // definitions of one zone
	for i := range r.text.components {
		c := &r.text.components[i]
		if c.kind != timezone || tries == 0 || !sameZone(c.uid, name) {
			continue
		}
		tries--
		if len(c.location) > 0 {
			if loc := locate(textOf(c.location)); loc != nil {
				return zoneOf(loc, since, until)
			}
		}
		if z := r.defined(int32(i), until); z != nil {
			return z
		}
	}
	if r.displayNames++; r.displayNames <= mostDisplayNames {
		if loc := locateCity(name); loc != nil {
			return zoneOf(loc, since, until)
		}
	}
	return &r.unknown
}

// mostDisplayNames is how many zones of a text are looked for by their cities, which takes many tries each.
const mostDisplayNames = 16

// sameZone compares the TZID of a definition with that of a time: the former may be quoted or escaped, the latter
// cannot be.
func sameZone(defined []byte, name string) bool {
	if string(defined) == name {
		return true
	}
	return len(defined) <= 256 && textOf(bytes.Trim(defined, `"`)) == textOf([]byte(name))
}

// zone by number. One beyond the table is unknown like any other that nobody knows.
func (r *reading) zone(n int32) *zone {
	if int(n) < len(r.zones) {
		return r.zones[n]
	}
	return &r.unknown
}

func (r *reading) instant(m moment) int64 { return r.zone(m.zone).instant(m.wall) }

// group links the events of one VCALENDAR, and the AVAILABLE of one VAVAILABILITY, that have the same UID, in the
// order of the text.
func (r *reading) group() {
	all := r.text.components
	size := 8
	for size < 2*len(all) {
		size *= 2
	}
	var (
		seed  = maphash.MakeSeed() // so that nobody can choose UIDs that collide
		table = emptied(r.work.table, size)[:size]
		tails = emptied(r.work.tails, len(all))[:len(all)] // one is written before it is read
	)
	clear(table)
	r.work.table, r.work.tails = table, tails
	for i := range all {
		c := &all[i]
		if (c.kind != event && c.kind != available) || len(c.uid) == 0 {
			continue
		}
		for slot := maphash.Bytes(seed, c.uid); ; slot++ {
			at := &table[slot&uint64(size-1)]
			if *at == 0 {
				*at, tails[i] = int32(i+1), int32(i)
				break
			}
			head := *at - 1
			if h := &all[head]; h.kind == c.kind && h.calendar == c.calendar && h.parent == c.parent && bytes.Equal(h.uid, c.uid) {
				all[tails[head]].next = int32(i)
				tails[head] = int32(i)
				c.member = true
				break
			}
		}
	}
}
