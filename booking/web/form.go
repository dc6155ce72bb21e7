package web

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"passerelle/booking"
)

// field is one question of a form. Its name is that of the API, which errors of the domain name too.
type field struct {
	Name, Label, Help  string
	Type, Autocomplete string // HTML
	Value, Fault       string
	Choices            []choice // of radio buttons and boxes
	Required           bool
	Max                int // characters
}

// group is the questions about one subject.
type group struct {
	Legend string
	Fields []*field
}

// bookingForm asks for whom an appointment is, who takes it, what for, and whether she agrees.
type bookingForm struct {
	Groups []group
	values url.Values
}

// Limits of the fields, in characters; those of the API.
const (
	maxName    = 100
	maxPhone   = 30
	maxAddress = 254 // of mail
	maxLine    = 200
	maxNeed    = 600
)

// newBookingForm has what was filled in before, or what is known of who books.
func newBookingForm(m booking.Motif, place *booking.Place, values url.Values) *bookingForm {
	f := &bookingForm{values: values}
	text := func(name, label string, max int, more ...func(*field)) *field {
		return f.field(name, label, "text", max, more...)
	}
	required := func(x *field) { x.Required = true }
	help := func(words string) func(*field) { return func(x *field) { x.Help = words } }
	fills := func(token string) func(*field) { return func(x *field) { x.Autocomplete = token } }
	if0 := func(wanted string) func(*field) {
		return func(x *field) { x.Required = x.Required || slices.Contains(m.Required, wanted) }
	}
	person := group{"La personne", []*field{
		text("usager.prenom", "Son prénom", maxName, required, fills("off")), text("usager.nom", "Son nom", maxName, required, fills("off")),
		f.field("usager.telephone", "Son téléphone", "tel", maxPhone, if0("telephone"), fills("off")),
		f.field("usager.courriel", "Son courriel", "email", maxAddress, if0("courriel"), fills("off")),
		f.choose("usager.contact", "Comment lui donner des nouvelles ?", "radio", []choice{
			{Value: string(booking.ByPrescriber), Words: "Par moi : je les lui transmettrai"},
			{Value: string(booking.ByEmail), Words: "Par courriel, à son adresse"},
			{Value: string(booking.ByCall), Words: "Le lieu peut l'appeler"},
		}),
		text("usager.langue", "Sa langue, si ce n'est pas le français", maxName, fills("off")),
	}}
	if slices.Contains(m.Required, "adresse") {
		person.Fields = append(person.Fields, text("usager.adresse", "Son adresse", maxLine, required, fills("off")))
	}
	need := group{Legend: "Ce qu'elle vient faire"}
	if services := m.Services; len(services) > 0 || len(place.Services) > 0 {
		if len(services) == 0 {
			services = place.Services
		}
		need.Fields = append(need.Fields, f.choose("besoin.services", "Sujets", "checkbox", inWords(services)))
	}
	need.Fields = append(need.Fields, f.field("besoin.precisions", "Précisions", "textarea", maxNeed,
		help("Ce que le lieu doit savoir pour se préparer. Rien de sa santé, pas de mot de passe ni de numéro de sécurité sociale.")))
	if len(m.Reception) > 0 {
		var offered []choice
		for _, r := range m.Reception {
			offered = append(offered, choice{Value: r, Words: r})
		}
		need.Fields = append(need.Fields, f.choose("accueil_demande", "Accueil à prévoir", "checkbox", offered))
	}
	if m.Group {
		need.Fields = append(need.Fields, f.field("nombre", "Nombre de personnes", "number", 3, required))
	}
	who := group{"Vous", []*field{
		text("prescripteur.prenom", "Votre prénom", maxName, required, fills("given-name")), text("prescripteur.nom", "Votre nom", maxName, required, fills("family-name")),
		f.field("prescripteur.courriel", "Votre courriel", "email", maxAddress, required, fills("email"), help("La confirmation y arrivera.")),
		f.field("prescripteur.telephone", "Votre téléphone", "tel", maxPhone, fills("tel")),
		text("prescripteur.structure.nom", "Votre structure", maxLine, fills("organization")),
		f.choose("prescripteur.qualite", "Vous êtes", "radio", []choice{
			{Value: "professionnel", Words: "Professionnel de l'accompagnement"}, {Value: "aidant_connect", Words: "Aidant Connect"}, {Value: "proche", Words: "Un proche"},
		}),
	}}
	agrees := group{"Son accord", []*field{
		f.choose("consentement.mode", "La personne est d'accord pour que ces informations soient transmises au lieu", "radio", []choice{
			{Value: "oral", Words: "Elle vient de le dire"}, {Value: "ecrit", Words: "Elle l'a écrit ou signé"}, {Value: "mandat", Words: "Un mandat m'y autorise"},
		}),
		text("consentement.reference_mandat", "Référence du mandat", maxLine, fills("off")),
	}}
	f.Groups = []group{person, need, who, agrees}
	return f
}

func (f *bookingForm) field(name, label, kind string, max int, more ...func(*field)) *field {
	x := &field{Name: name, Label: label, Type: kind, Max: max, Value: f.values.Get(name)}
	for _, change := range more {
		change(x)
	}
	return x
}

// choose is a question with its answers; one that has radio buttons must be answered.
func (f *bookingForm) choose(name, label, kind string, all []choice) *field {
	return &field{Name: name, Label: label, Type: kind, Choices: chosen(all, f.values[name]), Required: kind == "radio"}
}

// inWords are services of the standard as people say them.
func inWords(services []string) []choice {
	out := make([]choice, len(services))
	for i, s := range services {
		out[i] = choice{Value: s, Words: s}
		if at := slices.IndexFunc(needs, func(c choice) bool { return c.Value == s }); at >= 0 {
			out[i].Words = needs[at].Words
		}
	}
	return out
}

// all are the questions of all groups.
func (f *bookingForm) all() []*field {
	var out []*field
	for _, g := range f.Groups {
		out = append(out, g.Fields...)
	}
	return out
}

// blame marks a field as wrong; false when the form has no such field.
func (f *bookingForm) blame(name, reason string) bool {
	for _, x := range f.all() {
		if x.Name == name {
			x.Fault = cmp.Or(x.Fault, reason)
			return true
		}
	}
	return false
}

// Faults are the fields that are to be corrected.
func (f *bookingForm) Faults() []*field {
	return slices.DeleteFunc(f.all(), func(x *field) bool { return x.Fault == "" })
}

// read gives what was filled in, made at now; what is wrong is marked, all of it at once.
func (f *bookingForm) read(now time.Time) (b booking.Booking, ok bool) {
	for _, x := range f.all() {
		f.check(x)
	}
	get := func(name string) string { return strings.TrimSpace(f.values.Get(name)) }
	phone := func(name string) booking.Phone {
		if get(name) == "" {
			return ""
		}
		number, ok := booking.ParsePhone(get(name))
		if !ok {
			f.blame(name, "Ce numéro n'est pas compris. Exemple : 06 39 98 00 01")
		}
		return number
	}
	email := func(name string) booking.Email {
		if get(name) == "" {
			return ""
		}
		address, ok := booking.ParseEmail(get(name))
		if !ok {
			f.blame(name, "Cette adresse n'est pas comprise. Exemple : prenom.nom@example.org")
		}
		return address
	}
	b.Details = booking.Details{
		Beneficiary: booking.Beneficiary{
			FirstName: booking.Name(get("usager.prenom")), LastName: booking.Name(get("usager.nom")), Phone: phone("usager.telephone"), Email: email("usager.courriel"),
			Address: booking.Words(get("usager.adresse")), Language: get("usager.langue"), Contact: booking.Contact(get("usager.contact")),
		},
		Prescriber: booking.Prescriber{
			FirstName: booking.Name(get("prescripteur.prenom")), LastName: booking.Name(get("prescripteur.nom")), Phone: phone("prescripteur.telephone"),
			Email: email("prescripteur.courriel"), StructureName: get("prescripteur.structure.nom"), Quality: get("prescripteur.qualite"),
		},
		Need:      booking.Need{Services: f.values["besoin.services"], Details: booking.Words(get("besoin.precisions"))},
		Consent:   booking.Consent{Mode: get("consentement.mode"), At: now, Reference: get("consentement.reference_mandat")},
		Reception: f.values["accueil_demande"],
	}
	if n := get("nombre"); n != "" {
		if b.Seats, _ = strconv.Atoi(n); b.Seats < 1 {
			f.blame("nombre", "Écrivez un nombre.")
		}
	}
	if b.Details.Consent.Mode == "mandat" && b.Details.Consent.Reference == "" {
		f.blame("consentement.reference_mandat", "Donnez la référence du mandat.")
	}
	b.Again = f.values.Get("doublon_accepte") != ""
	return b, len(f.Faults()) == 0
}

// check looks at what any field must be: there, not too long, of one line, among what was offered.
func (f *bookingForm) check(x *field) {
	value := strings.TrimSpace(f.values.Get(x.Name))
	switch {
	case x.Choices != nil:
		for _, v := range f.values[x.Name] {
			if !slices.ContainsFunc(x.Choices, func(c choice) bool { return c.Value == v }) {
				x.Fault = "Choisissez parmi ce qui est proposé."
			}
		}
		if x.Required && value == "" {
			x.Fault = "Choisissez une réponse."
		}
	case value == "" && x.Required:
		x.Fault = "Remplissez ce champ."
	case utf8.RuneCountInString(value) > x.Max:
		x.Fault = fmt.Sprintf("Trop long : %d caractères au plus.", x.Max)
	case strings.ContainsFunc(value, func(r rune) bool {
		return booking.Hidden(r) && (x.Type != "textarea" || !strings.ContainsRune("\r\n\t", r))
	}):
		x.Fault = "Contient un caractère qui ne se voit pas : effacez-le et recopiez le texte."
	case x.Type == "textarea":
		if what := booking.Confidential(value); what != "" {
			x.Fault = "Ce texte " + what + " : retirez-le, il ne doit pas être transmis."
		}
	}
}
