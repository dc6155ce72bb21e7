package rdvsp

import (
	"cmp"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// fates are what the statuses of a participation mean.
var fates = map[string]connectors.Fate{
	standing: connectors.Booked, seen: connectors.Attended, noShow: connectors.Missed, excused: connectors.Withdrawn, revoked: connectors.Revoked,
}

// part is a person's part in an appointment.
type part struct {
	participation
	rdv      int
	at       interval.Interval
	where    string
	workshop bool      // an agent made the appointment, long before she joined it: when she did is not said
	created  time.Time // the appointment; of no workshop
}

// partIn is one of the parts in an appointment.
func partIn(r rdv, i int) (part, error) {
	at, err := r.at()
	return part{participation: r.Participations[i], rdv: r.ID, at: at, where: r.where(), workshop: r.Collective}, err
}

// compare: one that stands counts more than one that was ended, then the last that was made.
func (p part) compare(other part) int {
	stands := func(p part) int {
		if ended(p.Status) {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(stands(p), stands(other)), cmp.Compare(p.ID, other.ID))
}

// appointment is the part as others keep it. Its version is what must not have changed when it is ended.
func (c *consented) appointment(p part) connectors.Appointment {
	return connectors.Appointment{
		Upstream: c.name(p.rdv, p.ID), Version: p.Status + " " + p.at.String(), Interval: p.at, Location: p.where,
	}
}
