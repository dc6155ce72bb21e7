package booking

import "slices"

// Status is where an appointment stands. Its value is its wire name, but for the two that Wire translates.
type Status string

// The statuses.
const (
	Held       Status = "reserve" // a hold: no person yet
	Sending    Status = "en_cours"
	Uncertain  Status = "incertain"
	NeedsHuman Status = "a_traiter"
	Requested  Status = "demande"
	HandedOff  Status = "a_finaliser"
	Confirmed  Status = "confirme"
	Cancelling Status = "annulation" // on the wire: en_cours
	Cancelled  Status = "annule"
	Refused    Status = "refuse"
	Expired    Status = "expire"
	Moved      Status = "deplace"
	Honoured   Status = "honore"
	Missed     Status = "absent"
	Excused    Status = "excuse"
)

// Statuses lists them all.
func Statuses() []Status {
	return []Status{
		Held, Sending, Uncertain, NeedsHuman, Requested, HandedOff, Confirmed, Cancelling,
		Cancelled, Refused, Expired, Moved, Honoured, Missed, Excused,
	}
}

// Occupies reports whether an appointment in this status takes its slot. Whatever is not certainly over does.
func (s Status) Occupies() bool {
	switch s {
	case Refused, Expired, Cancelled, Moved, Excused:
		return false
	}
	return true
}

// Occupying lists the statuses in which an appointment takes its slot.
func Occupying() []Status {
	return slices.DeleteFunc(Statuses(), func(s Status) bool { return !s.Occupies() })
}

// Wire is the status as partners see it.
func (s Status) Wire() string {
	if s == Cancelling {
		return string(Sending)
	}
	return string(s)
}

// Doubtful reports whether the outcome of something sent to an agenda is still looked for. What is here waits for an
// answer of ours, not of the structure's.
func (s Status) Doubtful() bool {
	switch s {
	case Sending, Uncertain, NeedsHuman, Cancelling:
		return true
	}
	return false
}

// InCalendars is the status as iCalendar has it (RFC 5545 §3.8.1.11): certain is what was confirmed, also where nobody came.
func (s Status) InCalendars() string {
	switch {
	case s == Confirmed || s == Honoured || s == Missed:
		return "CONFIRMED"
	case s.Occupies():
		return "TENTATIVE"
	}
	return "CANCELLED"
}
