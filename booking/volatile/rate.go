package volatile

import (
	"fmt"
	"time"
)

// Rate is how often something may happen: Count times Per, evenly spread, and Burst times at once after a rest.
type Rate struct {
	Count int
	Per   time.Duration
	Burst int
}

// Verdict is the answer to one call.
type Verdict struct {
	Allowed    bool
	Remaining  int           // calls that would be allowed at this moment
	RetryAfter time.Duration // until the next call is allowed; zero when this one was
	ResetAfter time.Duration // until the whole burst is there again
}

// longestSpan bounds interval times burst, in microseconds: with the time of day it stays far below 2^53, up to which
// the numbers of Redis' scripts are exact.
const longestSpan = int64(366 * 24 * time.Hour / time.Microsecond)

// interval is the time between two calls in microseconds, rounded up: never more than Count calls Per.
func (r Rate) interval() (int64, error) {
	if r.Count < 1 || r.Per <= 0 || r.Burst < 1 {
		return 0, fmt.Errorf("volatile: a rate of %d calls per %v, %d at once", r.Count, r.Per, r.Burst)
	}
	unit := int64(r.Count) * int64(time.Microsecond)
	if int64(r.Count) > int64(time.Hour) { // which would overflow, and is no limit
		return 0, fmt.Errorf("volatile: a rate of %d calls", r.Count)
	}
	each := (int64(r.Per) + unit - 1) / unit
	if each > longestSpan/int64(r.Burst) {
		return 0, fmt.Errorf("volatile: a burst of %d at %d calls per %v lasts too long", r.Burst, r.Count, r.Per)
	}
	return each, nil
}

// take is the generic cell rate algorithm (ITU-T I.371), in microseconds. Its whole memory is one instant: when the
// calls so far, evenly spread, would be over. The script allow of redis_scripts.go is its twin.
//
// An instant further away than a burst takes can only come from a clock that went back or from another rate; it counts
// as a burst just spent.
func take(busyUntil, now, each, burst int64) (int64, Verdict) {
	span := each * burst
	busyUntil = min(max(busyUntil, now), now+span)
	next := busyUntil + each
	if early := next - span - now; early > 0 {
		return busyUntil, Verdict{RetryAfter: micros(early), ResetAfter: micros(busyUntil - now)}
	}
	return next, Verdict{Allowed: true, Remaining: int((span - (next - now)) / each), ResetAfter: micros(next - now)}
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
