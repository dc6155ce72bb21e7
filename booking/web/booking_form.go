package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"passerelle/booking"
)

// Limits of the fields, in characters; those of the API.
const (
	maxName    = 100
	maxPhone   = 30
	maxAddress = 254 // of mail
	maxLine    = 200
	maxNeed    = 600
)

// newBookingForm asks for whom an appointment is, who takes it, what for, and whether she agrees. It has what was filled in
// before, or what is known of who books.
func (p *pages) newBookingForm(m booking.Motif, place *booking.Place, values url.Values) *form {
	f := &form{values: values}
	f.Groups = []group{{"La personne", f.askPerson(m, p.Service.SMS)}, {"Ce qu'elle vient faire", f.askNeed(m, place)}, {"Vous", f.askPrescriber()}, {"Son accord", f.askConsent()}}
	return f
}

func (f *form) askPerson(m booking.Motif, sms bool) []*field {
	wanted := func(name string) func(*field) {
		return func(x *field) { x.Required = slices.Contains(m.Required, name) }
	}
	ways := []choice{
		{Value: string(booking.ByPrescriber), Words: "Par moi : je les lui transmettrai"},
		{Value: string(booking.ByEmail), Words: "Par courriel, à son adresse"},
		{Value: string(booking.ByCall), Words: "Le lieu peut l'appeler"},
	}
	if sms {
		ways = slices.Insert(ways, 2, choice{Value: string(booking.BySMS), Words: "Par SMS, sur son téléphone portable"})
	}
	out := []*field{
		f.field("usager.prenom", "Son prénom", "text", maxName, required, fills("off")), f.field("usager.nom", "Son nom", "text", maxName, required, fills("off")),
		f.field("usager.telephone", "Son téléphone", "tel", maxPhone, wanted("telephone"), fills("off")),
		f.field("usager.courriel", "Son courriel", "email", maxAddress, wanted("courriel"), fills("off")),
		f.choose("usager.contact", "Comment lui donner des nouvelles ?", "radio", ways),
		f.field("usager.langue", "Sa langue, si ce n'est pas le français", "text", maxName, fills("off")),
	}
	if slices.Contains(m.Required, "adresse") {
		out = append(out, f.field("usager.adresse", "Son adresse", "text", maxLine, required, fills("off")))
	}
	return out
}

func (f *form) askNeed(m booking.Motif, place *booking.Place) (out []*field) {
	services := m.Services
	if len(services) == 0 {
		services = place.Services
	}
	if len(services) > 0 {
		out = append(out, f.choose("besoin.services", "Sujets", "checkbox", inWords(services)))
	}
	out = append(out, f.field("besoin.precisions", "Précisions", "textarea", maxNeed,
		help("Ce que le lieu doit savoir pour se préparer. Rien de sa santé, pas de mot de passe ni de numéro de sécurité sociale.")))
	if len(m.Reception) > 0 {
		var offered []choice
		for _, r := range m.Reception {
			offered = append(offered, choice{Value: r, Words: r})
		}
		out = append(out, f.choose("accueil_demande", "Accueil à prévoir", "checkbox", offered))
	}
	if m.Group {
		out = append(out, f.field("nombre", "Nombre de personnes", "number", 3, required))
	}
	return out
}

func (f *form) askPrescriber() []*field {
	return []*field{
		f.field("prescripteur.prenom", "Votre prénom", "text", maxName, required, fills("given-name")),
		f.field("prescripteur.nom", "Votre nom", "text", maxName, required, fills("family-name")),
		f.field("prescripteur.courriel", "Votre courriel", "email", maxAddress, required, fills("email"), help("La confirmation y arrivera.")),
		f.field("prescripteur.telephone", "Votre téléphone", "tel", maxPhone, fills("tel")),
		f.field("prescripteur.structure.nom", "Votre structure", "text", maxLine, fills("organization")),
		f.choose("prescripteur.qualite", "Vous êtes", "radio", []choice{
			{Value: "professionnel", Words: "Professionnel de l'accompagnement"}, {Value: "aidant_connect", Words: "Aidant Connect"}, {Value: "proche", Words: "Un proche"},
		}),
	}
}

func (f *form) askConsent() []*field {
	return []*field{
		f.choose("consentement.mode", "La personne est d'accord pour que ces informations soient transmises au lieu", "radio", []choice{
			{Value: "oral", Words: "Elle vient de le dire"}, {Value: "ecrit", Words: "Elle l'a écrit ou signé"}, {Value: "mandat", Words: "Un mandat m'y autorise"},
		}),
		f.field("consentement.reference_mandat", "Référence du mandat", "text", maxLine, fills("off")),
	}
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

// readBooking gives what was filled in, made at now; what is wrong is marked, all of it at once.
func (f *form) readBooking(now time.Time) (b booking.Booking, ok bool) {
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
