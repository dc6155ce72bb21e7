package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// kind is a way to connect an agenda that a structure can follow by itself.
type kind struct {
	Connector, Name, Words string
	Writes                 bool // the gateway writes into it
}

var kinds = []kind{
	{"native", "Sans autre agenda", "Vous donnez ici vos heures de rendez-vous, et les rendez-vous sont tenus ici.", false},
	{"caldav", "Un agenda CalDAV", "Nextcloud, Zimbra, SOGo, BlueMind, Radicale, Infomaniak… : la passerelle y lit ce qui est pris, et y écrit les rendez-vous.", true},
	{"ics", "Une adresse ICS (iCal)", "Google Agenda, Outlook… : la passerelle lit ce qui est pris ; vous acceptez chaque demande.", false},
	{"freebusy", "Une adresse de disponibilités (VFREEBUSY)", "Exchange, Zimbra : la passerelle lit ce qui est pris ; vous acceptez chaque demande.", false},
}

func kindOf(connector string) (kind, bool) {
	for _, k := range kinds {
		if k.Connector == connector {
			return k, true
		}
	}
	return kind{}, false
}

// The names of the fields are those of the configuration's agendas.
const (
	maxURL    = 1000
	maxDay    = 80
	maxBring  = 300
	noPerson  = "non"
	sheetOnly = "oui"
)

// newAgendaForm asks how an agenda is reached, when one may come, and how long an appointment is. Secrets that are kept are not
// shown: left empty, they stay.
func newAgendaForm(k kind, values url.Values, kept bool) *form {
	f := &form{values: values}
	f.Groups = []group{{"L'agenda", f.askReach(k, kept)}, {"Les heures de rendez-vous", f.askHours(k)}, {"Les rendez-vous", f.askMotif(k)}}
	if len(f.Groups[0].Fields) == 0 {
		f.Groups = f.Groups[1:]
	}
	return f
}

func (f *form) askReach(k kind, kept bool) []*field {
	must := func(x *field) { x.Required = !kept }
	stays := func(words string) func(*field) {
		if kept {
			words += " Laissez vide pour garder ce qui est enregistré."
		}
		return help(strings.TrimSpace(words))
	}
	switch k.Connector {
	case "caldav":
		return []*field{
			f.field("adresse", "Adresse CalDAV", "url", maxURL, must, fills("off"), stays("Celle de l'agenda, du compte ou du serveur.")),
			f.field("compte", "Compte", "text", maxLine, must, fills("off"), stays("")),
			f.field("mot_de_passe", "Mot de passe d'application", "password", maxLine, must, fills("new-password"), stays("Créez-en un pour la passerelle : il se retire sans toucher au vôtre.")),
			f.field("calendrier", "Nom de l'agenda, si le compte en a plusieurs", "text", maxLine, fills("off")),
		}
	case "ics", "freebusy":
		return []*field{f.field("adresse", "Adresse secrète de l'agenda", "url", maxURL, must, fills("off"), stays("Elle commence par https:// et reste secrète : la passerelle la chiffre et ne la montre plus."))}
	}
	return nil
}

func (f *form) askHours(k kind) (out []*field) {
	words := "Vide tous les jours : les horaires d'ouverture du lieu."
	if k.Connector == "native" {
		words = "Vide tous les jours : les horaires d'ouverture du lieu. Si vous tenez aussi un autre agenda, ne donnez que des heures que vous lui retirez : elles sont réservées à la passerelle."
	}
	for i, day := range weekdays {
		x := f.field("horaires."+shortDays[i], day, "text", maxDay, fills("off"))
		if i == 0 {
			x.Help = "Par exemple : 9h-12h, 14h-17h. " + words
		}
		out = append(out, x)
	}
	return out
}

func (f *form) askMotif(k kind) []*field {
	out := []*field{
		f.field("libelle", "Ce qui se réserve", "text", maxName, required, help("Par exemple : Accompagnement individuel.")),
		f.field("duree_min", "Durée, en minutes", "number", 3, required),
		f.field("battement_min", "Pause après chaque rendez-vous, en minutes", "number", 3, required),
		f.field("delai_h", "Réserver au plus tard, en heures avant le rendez-vous", "number", 3, required),
		f.field("horizon_j", "Réserver au plus tôt, en jours à l'avance", "number", 3, required),
		f.field("places", "Personnes à la fois", "number", 3, required, help("1 : un rendez-vous individuel.")),
		f.field("pieces_a_apporter", "À apporter", "textarea", maxBring, help("Une chose par ligne.")),
		f.field("conditions", "À savoir avant de réserver", "text", maxBring),
		f.field("avis", "Courriel où vous prévenir", "email", maxAddress, required, fills("email")),
	}
	if k.Connector == "native" || k.Writes {
		out = append(out, f.choose("validation", "Les demandes", "radio", []choice{
			{Value: string(booking.Automatic), Words: "sont confirmées aussitôt"}, {Value: string(booking.ByStructure), Words: "attendent que je les accepte"},
		}))
	}
	if k.Writes {
		out = append(out, f.choose("nomme_usager", "Ce qui est écrit dans votre agenda", "radio", []choice{
			{Value: noPerson, Words: "Le motif et un lien vers cette page, sans nommer personne"}, {Value: sheetOnly, Words: "Aussi le nom et les coordonnées de la personne"},
		}))
	}
	return out
}

// agendaValues are what a form shows of a connection; of a new one, what most places want.
func agendaValues(c *booking.Connection, place *booking.Place) url.Values {
	m := booking.Motif{Label: "Accompagnement individuel", Notice: 24 * time.Hour}.Complete()
	v := url.Values{"validation": {string(booking.Automatic)}, "nomme_usager": {noPerson}}
	if addresses := published(place); len(addresses) > 0 {
		v.Set("avis", addresses[0])
	}
	var week weekHours
	if c != nil {
		m = c.Motifs[0]
		v.Set("avis", c.Notice)
		if c.NamesPerson {
			v.Set("nomme_usager", sheetOnly)
		}
		if c.Connector == "native" {
			_, week, _ = openingsOfNative(c.Settings)
		} else {
			week, _ = openingsOfOSM(c.Hours)
		}
		var s caldavSettings
		if json.Unmarshal(c.Settings, &s) == nil {
			v.Set("calendrier", s.Calendar)
		}
	}
	for i := range week {
		v.Set("horaires."+shortDays[i], words(week[i]))
	}
	for name, n := range map[string]int{
		"duree_min": int(m.Duration.Minutes()), "battement_min": int(m.Buffer.Minutes()), "delai_h": int(m.Notice.Hours()), "horizon_j": m.HorizonDays, "places": m.Seats,
	} {
		v.Set(name, strconv.Itoa(n))
	}
	v.Set("libelle", m.Label)
	v.Set("pieces_a_apporter", strings.Join(m.Bring, "\n"))
	v.Set("conditions", m.Conditions)
	v.Set("validation", string(m.Validation))
	return v
}

// caldavSettings are those of package caldav that a structure gives by itself.
type caldavSettings struct {
	User     string `json:"compte,omitempty"`
	Password string `json:"mot_de_passe,omitempty"`
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
	c.Address = cmp.Or(get("adresse"), c.Address)
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
	if c.Connector == "caldav" {
		c.Settings, err = withCalDAV(c.Settings, caldavSettings{get("compte"), f.values.Get("mot_de_passe"), get("calendrier")})
	}
	return c, err == nil && len(f.Faults()) == 0
}

// withCalDAV changes what was filled in, and leaves the other settings as they are.
func withCalDAV(settings json.RawMessage, filled caldavSettings) (json.RawMessage, error) {
	all := make(map[string]any)
	if len(settings) > 0 {
		if err := json.Unmarshal(settings, &all); err != nil {
			return nil, fmt.Errorf("web: settings: %w", err)
		}
	}
	for name, value := range map[string]string{"compte": filled.User, "mot_de_passe": filled.Password} {
		if value != "" {
			all[name] = value
		}
	}
	all["calendrier"] = filled.Calendar
	return json.Marshal(all)
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

// reached is how a new agenda of a kind is reached, on the clock of its place.
func reached(k kind, place *booking.Place) booking.Connection {
	return booking.Connection{Connection: connectors.Connection{Connector: k.Connector, Zone: place.Zone}, Places: []string{place.ID}, Draft: true}
}
