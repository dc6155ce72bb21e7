package icalendar

// kind is what a component is to the reader.
type kind uint8

const (
	other        kind = iota // passed over, with all that is in it
	container                // VCALENDAR
	event                    // VEVENT
	freeBusy                 // VFREEBUSY
	availability             // VAVAILABILITY
	available                // AVAILABLE
	timezone                 // VTIMEZONE
	observance               // STANDARD, DAYLIGHT
)

func kindOf(b []byte) kind {
	switch {
	case is(b, "VEVENT"):
		return event
	case is(b, "VCALENDAR"):
		return container
	case is(b, "VFREEBUSY"):
		return freeBusy
	case is(b, "VAVAILABILITY"):
		return availability
	case is(b, "AVAILABLE"):
		return available
	case is(b, "VTIMEZONE"):
		return timezone
	case is(b, "STANDARD"), is(b, "DAYLIGHT"):
		return observance
	}
	return other
}

// component is one of them as the text gives it. The byte slices point into the text.
type component struct {
	kind      kind
	transp    transparency
	standing  standing
	business  business
	answer    answer // of the owner
	meaning   Meaning
	weighed   bool // meaning is known
	following bool // RECURRENCE-ID;RANGE=THISANDFUTURE
	torn      bool // lines of it may be lost, or a line of a VFREEBUSY is unreadable

	line     int32 // where it begins
	parent   int32 // index of the component around it; -1
	calendar int32 // which VCALENDAR it stands in, from 1
	next     int32 // index of the next component with the same UID; -1
	member   bool  // another one of the same UID stands before it
	sequence int32
	rank     int32 // PRIORITY: of a VAVAILABILITY

	uid, summary, location []byte // uid is the TZID of a VTIMEZONE; location its X-LIC-LOCATION
	start, end, recurrence moment
	length                 length
	stamps                 [2][]byte // LAST-MODIFIED, DTSTAMP: read where it is asked which is the newer one
	lists                  [2]int32  // its part of text.lists
	offsets                [2]int64  // TZOFFSETFROM, TZOFFSETTO
	offsetsSeen            [2]bool
}

// listed is a property that may stand several times in a component.
type listed struct {
	property
	zone  int32
	isDay bool // VALUE=DATE
}

// modified is when it was, as the first of its stamps says that can be read; zero where none can. The seconds are those of a clock
// on a wall.
func (c *component) modified() int64 {
	for _, stamp := range c.stamps {
		if m := readMoment(stamp, false); m.known() {
			return m.wall
		}
	}
	return 0
}

// text is what one pass over the bytes leaves.
type text struct {
	limits     Limits
	components []component
	lists      []listed
	zones      zoneNames
	calendars  int
	zoneName   []byte // X-WR-TIMEZONE
	truncated  bool   // a component of the calendar has no end
	stray      bool   // a FREEBUSY stands in no VFREEBUSY
	skipped    Skipped
}

// recurs reports whether the component stands for several times.
func (t *text) recurs(c *component) bool {
	for _, l := range t.listsOf(c) {
		if l.name == rrule || l.name == rdate {
			return true
		}
	}
	return false
}

func (t *text) listsOf(c *component) []listed { return t.lists[c.lists[0]:c.lists[1]] }

const mostRemarks = 50

func (t *text) remark(line int, sentence string) {
	if len(t.skipped.Remarks) < mostRemarks {
		t.skipped.Remarks = append(t.skipped.Remarks, Remark{Line: line, Text: sentence})
	}
}
