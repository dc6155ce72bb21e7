package icalendar

import (
	"slices"
	"strings"
)

// transparency is TRANSP.
type transparency uint8

const (
	opaque transparency = iota
	transparent
)

func transparencyOf(b []byte) transparency {
	if is(b, "TRANSPARENT") {
		return transparent
	}
	return opaque
}

// standing is STATUS.
type standing uint8

const (
	confirmed standing = iota
	tentative
	cancelled
)

func standingOf(b []byte) standing {
	switch {
	case is(b, "CANCELLED"), is(b, "CANCELED"):
		return cancelled
	case is(b, "TENTATIVE"):
		return tentative
	}
	return confirmed
}

// business is X-MICROSOFT-CDO-BUSYSTATUS, BUSYTYPE or FBTYPE: how a time is taken.
type business uint8

const (
	unsaid business = iota
	taken
	leftFree
	perhaps
	outOfOffice
	elsewhere
)

func businessOf(b []byte) business {
	switch {
	case is(b, "FREE"):
		return leftFree
	case is(b, "TENTATIVE"), is(b, "BUSY-TENTATIVE"):
		return perhaps
	case is(b, "OOF"), is(b, "BUSY-UNAVAILABLE"):
		return outOfOffice
	case is(b, "WORKINGELSEWHERE"):
		return elsewhere
	}
	return taken
}

// answer is the PARTSTAT of the owner.
type answer uint8

const (
	noAnswer answer = iota
	declined
	maybe
)

func answerOf(b []byte) answer {
	switch {
	case is(b, "DECLINED"):
		return declined
	case is(b, "TENTATIVE"):
		return maybe
	}
	return noAnswer
}

// meaning of an event that is not cancelled.
func (r *reading) meaning(c *component) Meaning {
	if !c.weighed {
		c.weighed, c.meaning = true, r.weigh(c)
	}
	return c.meaning
}

// weigh puts together all that bears on the meaning. X-MICROSOFT-CDO-BUSYSTATUS is more precise than TRANSP, which
// Exchange derives from it: where both stand, the former counts.
func (r *reading) weigh(c *component) Meaning {
	o := &r.options
	isTentative := c.standing == tentative || c.business == perhaps || c.answer == maybe
	switch {
	case c.kind == available:
		return Open
	case c.answer == declined:
		return Free
	case r.isOpening(c):
		if isTentative {
			return Free // offered perhaps is not offered
		}
		return Open
	case c.business == leftFree,
		c.business == unsaid && c.transp == transparent,
		c.business == outOfOffice && o.FreeOutOfOffice,
		c.business == elsewhere && o.FreeElsewhere,
		isTentative && o.FreeTentative && c.business != outOfOffice && c.business != elsewhere:
		return Free
	}
	return Busy
}

func (r *reading) isOpening(c *component) bool {
	o := r.options.Openings
	if o == nil {
		return false
	}
	if len(o.Categories) == 0 && o.Summary == nil {
		return true
	}
	if o.Summary != nil && o.Summary.MatchString(textOf(c.summary)) {
		return true
	}
	return len(o.Categories) > 0 && slices.ContainsFunc(r.categories(c), func(name string) bool {
		return slices.ContainsFunc(o.Categories, func(wanted string) bool { return strings.EqualFold(name, wanted) })
	})
}

func (r *reading) categories(c *component) []string {
	var list []string
	for _, l := range r.text.listsOf(c) {
		if l.name == categories && !l.bad {
			list = r.words.appendList(list, l.value)
		}
	}
	return list
}
