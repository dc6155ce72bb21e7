package booking

import "time"

// Telling is how people are told of a step.
type Telling struct {
	Channels map[Actor]Channel
	Reminder Reminder
}

// Reminder is who is told again of an appointment before it begins, and how. The zero value is nobody.
type Reminder struct {
	To      Actor
	Channel Channel
	Zone    *time.Location // of the place: it is her clock that says when
}

// reminder is how an appointment is called to mind: to the person by her own channel, or to the prescriber where it is
// the prescriber who tells her. Whom the agenda's own software tells, it reminds.
func reminder(channels map[Actor]Channel, zone *time.Location) Reminder {
	switch by := channels[TheBeneficiary]; by {
	case PrescriberChannel:
		return Reminder{ThePrescriber, channels[ThePrescriber], zone}
	case SourceChannel, NoChannel, "":
		return Reminder{}
	default:
		return Reminder{TheBeneficiary, by, zone}
	}
}

// Notice is the reminder of an appointment that a step at now makes due; false when none is.
func (r Reminder) Notice(a Appointment, now time.Time) (Notice, bool) {
	if r.To == "" || r.Zone == nil || a.Interval.Empty() {
		return Notice{}, false
	}
	due, ok := RemindAt(a.StartTime(), now, r.Zone)
	n := NewNotice(a, Command{Do: Tell, To: r.To, About: AboutReminder}, r.Channel, now)
	n.Due = due
	return n, ok
}

// Still reports whether what was to remind of an appointment before a step is right after it: it stands, when it did.
func (a Appointment) Still(before Appointment) bool {
	return before.Status == Confirmed && a.Status == Confirmed && a.Interval == before.Interval
}

// Reminders come by day, and early enough in the evening to be read, or tried once more.
const (
	remindFrom  = 9 // h on the clock of the place
	remindUntil = 19
)

// RemindAt is when people are reminded of what begins at start: two days before, at that hour of the place's clock, but
// from 9 h to 19 h; the day before if that is over at now; not at all (false) if it begins within a day.
func RemindAt(start, now time.Time, zone *time.Location) (time.Time, bool) {
	if start.Sub(now) <= 24*time.Hour {
		return time.Time{}, false
	}
	local := start.In(zone)
	hour, minute := local.Hour(), local.Minute()
	switch {
	case hour < remindFrom:
		hour, minute = remindFrom, 0
	case hour >= remindUntil:
		hour, minute = remindUntil, 0
	}
	for _, days := range []int{2, 1} {
		at := time.Date(local.Year(), local.Month(), local.Day()-days, hour, minute, 0, 0, zone)
		if !at.Before(now) {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

// People are disturbed between these hours only, on the clock of the place.
const (
	dayBegins = 8
	dayEnds   = 20
)

// Awake is the first instant from t on when people may be disturbed: from 8 h to 20 h on the clock of the place.
func Awake(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	at := func(days, hour int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+days, hour, 0, 0, 0, zone)
	}
	switch {
	case t.Before(at(0, dayBegins)):
		return at(0, dayBegins).UTC()
	case !t.Before(at(0, dayEnds)):
		return at(1, dayBegins).UTC()
	}
	return t
}
