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
	var week weekHours
	for i, day := range shortDays {
		var err error
		if week[i], err = readOpenings(get("horaires." + day)); err != nil {
			f.blame("horaires."+day, err.Error())
		}
	}
	c.Notice = get("avis")
	if _, ok := booking.ParseEmail(c.Notice); !ok && c.Notice != "" {
		f.blame("avis", "Cette adresse n'est pas comprise. Exemple : accueil@example.org")
	}
	c = f.readReach(c)
	c.NamesPerson = get("nomme_usager") == sheetOnly
	m := f.readMotif(c)
	if len(c.Motifs) == 0 {
		c.Motifs = []booking.Motif{m}
	} else {
		c.Motifs = append([]booking.Motif{m}, c.Motifs[1:]...)
	}
	var err error
	if c.Connector == "native" {
		s, _, _ := openingsOfNative(c.Settings)
		s.Weekly = week.weekly()
		c.Settings, err = json.Marshal(s)
	} else {
		c.Hours = week.osm()
	}
	return c, err == nil && len(f.Faults()) == 0
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
	m.Label = strings.TrimSpace(f.values.Get("libelle"))
	m.Duration, m.Buffer = time.Duration(number("duree_min", 5, 720))*time.Minute, time.Duration(number("battement_min", 0, 240))*time.Minute
	m.Notice, m.HorizonDays, m.Seats = time.Duration(number("delai_h", 0, 720))*time.Hour, number("horizon_j", 1, 366), number("places", 1, 100)
	m.Step, m.Group = m.Duration+m.Buffer, m.Seats > 1
	m.Bring, m.Conditions = lines(strings.Split(booking.Printable(f.values.Get("pieces_a_apporter")), "\n")...), strings.TrimSpace(f.values.Get("conditions"))
	m.Validation = booking.Validation(cmp.Or(f.values.Get("validation"), string(booking.Automatic)))
	return m
}
