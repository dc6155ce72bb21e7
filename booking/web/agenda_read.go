package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"passerelle/booking"
)

// caldavSettings are those of package caldav that a structure gives by itself.
type caldavSettings struct {
	User     string `json:"compte,omitempty"`
	Password string `json:"mot_de_passe,omitempty"`
	Token    string `json:"jeton,omitempty"` // an operator gives it, instead of both
	Calendar string `json:"calendrier,omitempty"`
}

// readAgenda changes a connection into what was filled in; what is wrong is marked.
func (f *form) readAgenda(c booking.Connection) (booking.Connection, bool) {
	for _, x := range f.all() {
		f.check(x)
	}
	get := func(name string) string { return strings.TrimSpace(f.values.Get(name)) }
	c.Notice = get("avis")
	if _, ok := booking.ParseEmail(c.Notice); !ok && c.Notice != "" {
		f.blame("avis", "Cette adresse n'est pas comprise. Exemple : accueil@example.org")
	}
	c = f.readReach(c)
	c.NamesPerson = get("nomme_usager") == namesPerson
	m := f.readMotif(c)
	if len(c.Motifs) == 0 {
		c.Motifs = []booking.Motif{m}
	} else {
		c.Motifs = append([]booking.Motif{m}, c.Motifs[1:]...)
	}
	if _, ok := weekOf(c); ok { // else the page has not shown them
		c = f.readHours(c)
	}
	return c, len(f.Faults()) == 0
}

// readHours reads the openings of each day of the week.
func (f *form) readHours(c booking.Connection) booking.Connection {
	var week weekHours
	for i, day := range shortDays {
		var err error
		if week[i], err = readOpenings(f.values.Get("horaires." + day)); err != nil {
			f.blame("horaires."+day, err.Error())
		}
	}
	if c.Connector != "native" {
		c.Hours = week.osm()
		return c
	}
	s, _, _ := openingsOfNative(c.Settings)
	s.Weekly = week.weekly()
	c.Settings, _ = json.Marshal(s) // texts and truths
	return c
}

// readReach reads how the agenda is reached. A secret that is kept goes nowhere but to where it was given for: whoever may change an
// agenda need not know its password.
func (f *form) readReach(c booking.Connection) booking.Connection {
	get := func(name string) string { return strings.TrimSpace(f.values.Get(name)) }
	elsewhere := get("adresse") != "" && get("adresse") != c.Address
	c.Address = cmp.Or(get("adresse"), c.Address)
	if c.Connector != "caldav" {
		return c
	}
	all, had := make(map[string]any), caldavSettings{}
	if len(c.Settings) > 0 && errors.Join(json.Unmarshal(c.Settings, &all), json.Unmarshal(c.Settings, &had)) != nil {
		f.blame("adresse", "Ses réglages ne se lisent pas : adressez-vous à l'exploitant de la passerelle.")
		return c
	}
	user, password := cmp.Or(get("compte"), had.User), f.values.Get("mot_de_passe")
	switch {
	case password != "":
		all["mot_de_passe"] = password
		delete(all, "jeton") // the password stands instead
	case (elsewhere || user != had.User) && had.Password+had.Token != "":
		f.blame("mot_de_passe", "L'adresse ou le compte change : donnez aussi le mot de passe.")
	}
	if user != "" {
		all["compte"] = user
	}
	all["calendrier"] = get("calendrier")
	c.Settings, _ = json.Marshal(all) // what was JSON is
	return c
}

// readMotif reads the first motif; the others, which an operator has made, stay.
func (f *form) readMotif(c booking.Connection) booking.Motif {
	var m booking.Motif
	if len(c.Motifs) > 0 {
		m = c.Motifs[0]
	}
	number := func(name string, least, most int) int {
		n, err := strconv.Atoi(strings.TrimSpace(f.values.Get(name)))
		if err != nil || n < least || n > most {
			f.blame(name, fmt.Sprintf("De %d à %d.", least, most))
		}
		return n
	}
	// A length that is left as it is shown stays as it is: an operator may have said it more finely.
	length := func(name string, was, unit time.Duration, least, most int) time.Duration {
		if n := number(name, least, most); n != int(was/unit) {
			return time.Duration(n) * unit
		}
		return was
	}
	follows := m.Step == m.Duration+m.Buffer // starts stand one after the other
	m.Label = strings.TrimSpace(f.values.Get("libelle"))
	m.Duration, m.Buffer = length("duree_min", m.Duration, time.Minute, 5, 720), length("battement_min", m.Buffer, time.Minute, 0, 240)
	m.Notice, m.HorizonDays, m.Seats = length("delai_h", m.Notice, time.Hour, 0, 720), number("horizon_j", 1, 366), number("places", 1, 100)
	m.Group = m.Seats > 1
	if follows {
		m.Step = m.Duration + m.Buffer
	}
	m.Bring, m.Conditions = booking.LinesOf(f.values.Get("pieces_a_apporter")), strings.TrimSpace(f.values.Get("conditions"))
	m.Validation = booking.Validation(cmp.Or(f.values.Get("validation"), string(booking.Automatic)))
	return m
}
