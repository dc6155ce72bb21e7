package rdvsp

import (
	"cmp"
	"strings"

	"passerelle/connectors/interval"
)

// rdv is an appointment as both APIs answer it. That of the partners says nothing of who comes.
type rdv struct {
	ID             int             `json:"id"`
	StartsAt       string          `json:"starts_at"`
	EndsAt         string          `json:"ends_at"`
	CreatedAt      string          `json:"created_at"`
	Status         string          `json:"status"` // not to be read where people take part: each has her own
	Collective     bool            `json:"collectif"`
	Participations []participation `json:"participations"`
	Address        string          `json:"address"`
	Lieu           *struct {
		Name string `json:"name"`
	} `json:"lieu"`
	Motif struct {
		LocationType string `json:"location_type"`
	} `json:"motif"`
}

// participation is one person's part in an appointment.
type participation struct {
	ID        int    `json:"id"`
	Status    string `json:"status"`
	CreatedBy string `json:"created_by"` // as instances say it that do not say the type
	Author    string `json:"created_by_type"`
	User      struct {
		ID int `json:"id"`
	} `json:"user"`
}

// onHerPage reports whether it was made by the person, or by who booked for her. What an agent makes has
// nothing to do with an invitation.
func (p participation) onHerPage() bool {
	author := strings.ToLower(cmp.Or(p.Author, p.CreatedBy))
	return author == "user" || author == "prescripteur"
}

// The statuses. Another one is not known, and says nothing.
const (
	standing = "unknown" // to come, or nobody has said what became of it
	seen     = "seen"    // she came
	noShow   = "noshow"  // she did not
	excused  = "excused" // ended by the person
	revoked  = "revoked" // ended by the structure
)

func ended(status string) bool { return status == excused || status == revoked }

func (r rdv) cancelled() bool { return ended(r.Status) }

// where is where it takes place, in words; empty where that is not said. The address of one at home is the person's own:
// it is left there.
func (r rdv) where() string {
	switch {
	case r.Motif.LocationType == "phone":
		return "par téléphone"
	case r.Motif.LocationType == "visio":
		return "en visioconférence"
	case r.Motif.LocationType == "home":
		return "au domicile"
	case r.Lieu == nil:
		return ""
	case r.Lieu.Name == "" || r.Address == "":
		return r.Lieu.Name + r.Address
	}
	return r.Lieu.Name + ", " + r.Address
}

// at is when it is.
func (r rdv) at() (interval.Interval, error) {
	start, err := moment(r.StartsAt)
	if err != nil {
		return interval.Interval{}, err
	}
	end, err := moment(r.EndsAt)
	if err != nil || !start.Before(end) {
		return interval.Interval{}, errMoment
	}
	return interval.Of(start, end), nil
}
