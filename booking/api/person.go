package api

import (
	"net/mail"
	"strings"
	"time"
	"unicode"

	"passerelle/booking"
)

// bookingOf reads a demand made at now. What the document cannot say is checked here, and all of it is named at once.
func bookingOf(d DemandeDeRendezVous, now time.Time) (booking.Booking, error) {
	var wrong faults
	b := booking.Booking{
		SlotID: value(d.CreneauId), HoldID: value(d.ReservationId), Reference: value(d.Reference), Seats: value(d.Nombre),
		Details: booking.Details{
			Beneficiary: wrong.beneficiary(d.Usager),
			Prescriber:  wrong.prescriber(d.Prescripteur),
			Need:        booking.Need{Services: d.Besoin.Services, Details: value(d.Besoin.Precisions)},
			Consent:     booking.Consent{Mode: string(d.Consentement.Mode), At: d.Consentement.RecueilliLe, Reference: value(d.Consentement.ReferenceMandat)},
			Reception:   value(d.AccueilDemande),
		},
	}
	wrong.line("reference", b.Reference)
	wrong.text("besoin.precisions", b.Details.Need.Details)
	wrong.line("consentement.reference_mandat", b.Details.Consent.Reference)
	if b.Details.Consent.At.After(now.Add(clockSkew)) {
		wrong.add("consentement.recueilli_le", "est dans l'avenir")
	}
	return b, wrong.err()
}

// clockSkew is how far a partner's clock may be ahead of ours.
const clockSkew = 5 * time.Minute

// faults gathers what is wrong with a demand.
type faults []booking.FieldError

func (f *faults) add(field, reason string) {
	*f = append(*f, booking.FieldError{Name: field, Reason: reason})
}

func (f *faults) err() error {
	if len(*f) == 0 {
		return nil
	}
	return invalid(*f, nil)
}

func (f *faults) beneficiary(u Usager) booking.Beneficiary {
	f.name("usager.prenom", u.Prenom)
	f.name("usager.nom", u.Nom)
	f.text("usager.adresse", value(u.Adresse))
	f.line("usager.langue", value(u.Langue))
	f.line("usager.reference", value(u.Reference))
	return booking.Beneficiary{
		FirstName: u.Prenom, LastName: u.Nom, Phone: f.phone("usager.telephone", u.Telephone), Email: f.email("usager.courriel", value(u.Courriel)),
		Address: value(u.Adresse), Language: value(u.Langue), Contact: booking.Contact(u.Contact), Reference: value(u.Reference),
	}
}

func (f *faults) prescriber(p Prescripteur) booking.Prescriber {
	f.name("prescripteur.prenom", p.Prenom)
	f.name("prescripteur.nom", p.Nom)
	out := booking.Prescriber{
		FirstName: p.Prenom, LastName: p.Nom, Phone: f.phone("prescripteur.telephone", p.Telephone),
		Email: f.email("prescripteur.courriel", p.Courriel), Quality: string(p.Qualite),
	}
	if p.Structure != nil {
		out.StructureName, out.StructureSIRET = p.Structure.Nom, value(p.Structure.Siret)
		f.name("prescripteur.structure.nom", out.StructureName)
		if out.StructureSIRET != "" && !siret(out.StructureSIRET) {
			f.add("prescripteur.structure.siret", "n'est pas un SIRET : sa clé est fausse")
		}
	}
	return out
}

// name is a line that says something.
func (f *faults) name(field, s string) {
	if strings.TrimSpace(s) == "" {
		f.add(field, "ne peut pas être vide")
		return
	}
	f.line(field, s)
}

// line refuses what has no business in a line of text: it could break a message, or show another one than it holds.
func (f *faults) line(field, s string) {
	if strings.ContainsFunc(s, hidden) {
		f.add(field, "contient un caractère de contrôle ou un saut de ligne")
	}
}

// text is one that may have several lines.
func (f *faults) text(field, s string) {
	if strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("\r\n\t", r) && hidden(r) }) {
		f.add(field, "contient un caractère de contrôle")
	}
}

func hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

func (f *faults) phone(field string, raw *string) string {
	if strings.TrimSpace(value(raw)) == "" {
		return ""
	}
	e164, ok := phone(*raw)
	if !ok {
		f.add(field, "n'est pas un numéro à 10 chiffres ni au format international (+33…)")
	}
	return e164
}

func (f *faults) email(field, s string) string {
	if s == "" {
		return ""
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || strings.ContainsFunc(s, hidden) || !strings.Contains(s[strings.LastIndex(s, "@")+1:], ".") {
		f.add(field, "n'est pas une adresse de courriel")
	}
	return s
}

// siret checks the key of Luhn. Those of La Poste are built otherwise: their digits add up to a multiple of five.
func siret(s string) bool {
	luhn, sum := 0, 0
	for i, r := range s {
		n := int(r - '0')
		sum += n
		if i%2 == 0 { // of fourteen digits, every second one from the first is doubled
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		luhn += n
	}
	return luhn%10 == 0 || strings.HasPrefix(s, "356000000") && sum%5 == 0
}

// withDetails writes the personal data of an appointment.
func (v *RendezVous) withDetails(d booking.Details) {
	b, p := d.Beneficiary, d.Prescriber
	v.Usager = &Usager{
		Prenom: b.FirstName, Nom: b.LastName, Telephone: text(b.Phone), Courriel: text(b.Email), Adresse: text(b.Address),
		Langue: text(b.Language), Contact: UsagerContact(b.Contact), Reference: text(b.Reference),
	}
	v.Prescripteur = &Prescripteur{
		Prenom: p.FirstName, Nom: p.LastName, Courriel: p.Email, Telephone: text(p.Phone), Qualite: PrescripteurQualite(p.Quality),
	}
	if p.StructureName != "" {
		v.Prescripteur.Structure = &StructureDuPrescripteur{Nom: p.StructureName, Siret: text(p.StructureSIRET)}
	}
	v.Besoin = &Besoin{Services: list(d.Need.Services), Precisions: text(d.Need.Details)}
	v.Consentement = &Consentement{Mode: ConsentementMode(d.Consent.Mode), RecueilliLe: d.Consent.At, ReferenceMandat: text(d.Consent.Reference)}
	v.AccueilDemande = list(d.Reception)
}
