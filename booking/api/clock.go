package api

import "time"

// clock writes instants as JSON has them, on the clock of a zone; nil is UTC. Those that follow each other mostly fall on one day,
// whose date and offset are then written once.
type clock struct {
	zone     *time.Location
	from, to int64 // Unix seconds: all of them on one local day, without a change of clocks
	midnight int64 // when that day began, or would have without a change of clocks
	day      []byte
	offset   []byte
}

// in turns it to a zone.
func (c *clock) in(zone *time.Location) {
	if zone != c.zone {
		c.zone, c.from, c.to = zone, 0, 0
	}
}

// append writes an instant (Unix seconds) as RFC 3339 does, in quotes.
func (c *clock) append(b []byte, at int64) []byte {
	if at < c.from || c.to <= at {
		c.turnTo(at)
	}
	second := at - c.midnight
	b = append(b, c.day...)
	b = append(twoDigits(b, second/3600), ':')
	b = append(twoDigits(b, second/60%60), ':')
	return append(twoDigits(b, second%60), c.offset...)
}

func twoDigits(b []byte, n int64) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) } // #nosec G115 -- n is below 60

// turnTo finds the day of an instant.
func (c *clock) turnTo(at int64) {
	t := in(time.Unix(at, 0), c.zone)
	hour, minute, second := t.Clock()
	c.midnight = at - int64(hour*3600+minute*60+second)
	c.from, c.to = c.midnight, c.midnight+24*3600
	if since, until := t.ZoneBounds(); !since.IsZero() || !until.IsZero() {
		if !since.IsZero() {
			c.from = max(c.from, since.Unix())
		}
		if !until.IsZero() {
			c.to = min(c.to, until.Unix())
		}
	}
	c.day = t.AppendFormat(append(c.day[:0], '"'), time.DateOnly+"T")
	c.offset = append(t.AppendFormat(c.offset[:0], "Z07:00"), '"')
}
