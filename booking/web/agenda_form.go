package web

import (
	"encoding/json"
	"net/url"
	"slices"
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

// reached is how a new agenda of a kind is reached, on the clock of its place.
func reached(k kind, place *booking.Place) booking.Connection {
	return booking.Connection{Connection: connectors.Connection{Connector: k.Connector, Zone: place.Zone}, Places: []string{place.ID}, Draft: true}
}

// The names of the fields are those of the configuration's agendas.
const (
	maxURL      = 1000
	maxDay      = 80
	maxBring    = 300
	namesNobody = "non"
	namesPerson = "oui"
)

// newAgendaForm asks how an agenda is reached, when one may come, and how long an appointment is. Secrets that are kept (c; nil for
// a new one) are not shown: left empty, they stay. Nor are hours asked for that the page could not show.
func newAgendaForm(k kind, values url.Values, c *booking.Connection) *form {
	f := &form{values: values}
	f.Groups = []group{{"L'agenda", f.askReach(k, c != nil)}, {"Les heures de rendez-vous", f.askHours(k)}, {"Les rendez-vous", f.askMotif(k)}}
	if c != nil {
		if _, ok := weekOf(*c); !ok {
			f.Groups[1].Fields = nil
		}
	}
	f.Groups = slices.DeleteFunc(f.Groups, func(g group) bool { return len(g.Fields) == 0 })
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
			{Value: namesNobody, Words: "Le motif et un lien vers cette page, sans nommer personne"}, {Value: namesPerson, Words: "Aussi le nom et les coordonnées de la personne"},
		}))
	}
	return out
}

// agendaValues are what a form shows of a connection; of a new one, what most places want.
func agendaValues(c *booking.Connection, place *booking.Place) url.Values {
	m := booking.Motif{Label: "Accompagnement individuel", Notice: 24 * time.Hour}.Complete()
	v := url.Values{"validation": {string(booking.Automatic)}, "nomme_usager": {namesNobody}}
	if addresses := published(place); len(addresses) > 0 {
		v.Set("avis", addresses[0])
	}
	var week weekHours
	if c != nil {
		m = c.Motifs[0]
		v.Set("avis", c.Notice)
		if c.NamesPerson {
			v.Set("nomme_usager", namesPerson)
		}
		week, _ = weekOf(*c)
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
