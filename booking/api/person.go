package api

import (
	"net/mail"
	"strings"
	"unicode"

	"passerelle/booking"
)

// bookingOf reads a demand; what the document cannot say is checked here, field by field.
func bookingOf(d DemandeDeRendezVous) (booking.Booking, error) {
	b := booking.Booking{
		SlotID: value(d.CreneauId), HoldID: value(d.ReservationId), Reference: value(d.Reference), Seats: value(d.Nombre),
		Details: booking.Details{
			Beneficiary: booking.Beneficiary{
				FirstName: d.Usager.Prenom, LastName: d.Usager.Nom, Email: value(d.Usager.Courriel), Address: value(d.Usager.Adresse),
				Language: value(d.Usager.Langue), Contact: booking.Contact(d.Usager.Contact), Reference: value(d.Usager.Reference),
			},
			Prescriber: booking.Prescriber{
				FirstName: d.Prescripteur.Prenom, LastName: d.Prescripteur.Nom, Email: d.Prescripteur.Courriel, Quality: string(d.Prescripteur.Qualite),
			},
			Need:      booking.Need{Services: d.Besoin.Services, Details: value(d.Besoin.Precisions)},
			Consent:   booking.Consent{Mode: string(d.Consentement.Mode), At: d.Consentement.RecueilliLe, Reference: value(d.Consentement.ReferenceMandat)},
			Reception: value(d.AccueilDemande),
		},
	}
	if st := d.Prescripteur.Structure; st != nil {
		b.Details.Prescriber.StructureName, b.Details.Prescriber.StructureSIRET = st.Nom, value(st.Siret)
	}
	var err error
	if b.Details.Beneficiary.Phone, err = phoneField("usager.telephone", d.Usager.Telephone); err != nil {
		return b, err
	}
	if b.Details.Prescriber.Phone, err = phoneField("prescripteur.telephone", d.Prescripteur.Telephone); err != nil {
		return b, err
	}
	return b, checkTexts(b)
}

func phoneField(field string, raw *string) (string, error) {
	if raw == nil || strings.TrimSpace(*raw) == "" {
		return "", nil
	}
	e164, ok := phone(*raw)
	if !ok {
		return "", booking.InvalidField(field, "n'est pas un numéro à 10 chiffres ni au format international (+33…)")
	}
	return e164, nil
}

func checkTexts(b booking.Booking) error {
	person, prescriber := b.Details.Beneficiary, b.Details.Prescriber
	for _, f := range []struct {
		name, value string
	}{
		{"usager.prenom", person.FirstName},
		{"usager.nom", person.LastName},
		{"prescripteur.prenom", prescriber.FirstName},
		{"prescripteur.nom", prescriber.LastName},
	} {
		if strings.TrimSpace(f.value) == "" {
			return booking.InvalidField(f.name, "ne peut pas être vide")
		}
	}
	for _, f := range []struct {
		name, value string
	}{
		{"usager.prenom", person.FirstName},
		{"usager.nom", person.LastName},
		{"usager.adresse", person.Address},
		{"usager.langue", person.Language},
		{"usager.reference", person.Reference},
		{"prescripteur.prenom", prescriber.FirstName},
		{"prescripteur.nom", prescriber.LastName},
		{"prescripteur.structure.nom", prescriber.StructureName},
		{"besoin.precisions", b.Details.Need.Details},
		{"reference", b.Reference},
		{"consentement.reference_mandat", b.Details.Consent.Reference},
	} {
		if err := plain(f.name, f.value); err != nil {
			return err
		}
	}
	if err := email("usager.courriel", person.Email); err != nil {
		return err
	}
	if err := email("prescripteur.courriel", prescriber.Email); err != nil {
		return err
	}
	if n := prescriber.StructureSIRET; n != "" && !siret(n) {
		return booking.InvalidField("prescripteur.structure.siret", "n'est pas un SIRET : sa clé est fausse")
	}
	return nil
}

// plain refuses control characters, which have no business in a name and could break a message.
func plain(field, s string) error {
	for _, r := range s {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return booking.InvalidField(field, "contient un caractère de contrôle")
		}
	}
	return nil
}

func email(field, s string) error {
	if s == "" {
		return nil
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || strings.ContainsAny(s, "\r\n") {
		return booking.InvalidField(field, "n'est pas une adresse de courriel")
	}
	return nil
}

// siret checks the key of Luhn. Those of La Poste are built otherwise: their digits add up to a multiple of five.
func siret(s string) bool {
	sum, plainSum := 0, 0
	for i, r := range s {
		n := int(r - '0')
		plainSum += n
		if i%2 == 0 { // of fourteen digits, those in odd places are doubled
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0 || strings.HasPrefix(s, "356000000") && plainSum%5 == 0
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
		v.Prescripteur.Structure = &struct {
			Nom   string  `json:"nom"`
			Siret *string `json:"siret,omitempty"`
		}{p.StructureName, text(p.StructureSIRET)}
	}
	v.Besoin = &Besoin{Services: list(d.Need.Services), Precisions: text(d.Need.Details)}
	v.Consentement = &Consentement{Mode: ConsentementMode(d.Consent.Mode), RecueilliLe: d.Consent.At, ReferenceMandat: text(d.Consent.Reference)}
	v.AccueilDemande = list(d.Reception)
}
