package api

import (
	"strings"
	"time"

	"passerelle/booking"
)

// bookingOf reads a demand made at now. What the document cannot say is checked here, and all of it is named at once.
func bookingOf(d DemandeDeRendezVous, now time.Time) (booking.Booking, error) {
	var wrong faults
	minimal := value(d.ModePrive) == DemandeDeRendezVousModePriveMinimal
	b := booking.Booking{
		SlotID: value(d.CreneauId), HoldID: value(d.ReservationId), Reference: value(d.Reference), Seats: value(d.Nombre), Again: value(d.DoublonAccepte),
		Details: booking.Details{
			Beneficiary: wrong.beneficiary(d.Usager, minimal),
			Prescriber:  wrong.prescriber(d.Prescripteur),
			Need:        booking.Need{Services: d.Besoin.Services, Details: booking.Words(value(d.Besoin.Precisions))},
			Consent:     wrong.consent(d.Consentement, now),
			Reception:   value(d.AccueilDemande),
		},
	}
	wrong.line("reference", b.Reference)
	wrong.text("besoin.precisions", value(d.Besoin.Precisions))
	if minimal && d.Besoin.Precisions != nil {
		wrong.add("besoin.precisions", inMinimal)
	}
	return b, wrong.err()
}

// orientationOf reads a demand to be handed on, made at now.
func orientationOf(d DemandeDOrientation, now time.Time) (booking.Orientation, error) {
	var wrong faults
	o := booking.Orientation{
		Place: d.LieuId, Motif: value(d.Motif), Reference: value(d.Reference), Details: booking.Details{Prescriber: wrong.prescriber(d.Prescripteur)},
	}
	if d.Usager != nil {
		o.Details.Beneficiary = wrong.beneficiary(*d.Usager, false)
	}
	if d.Consentement != nil {
		o.Details.Consent = wrong.consent(*d.Consentement, now)
	}
	wrong.line("reference", o.Reference)
	return o, wrong.err()
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

const inMinimal = "ne se transmet pas en mode_prive minimal"

// beneficiary reads a person. In minimal she is a reference of the partner's and nothing else.
func (f *faults) beneficiary(u Usager, minimal bool) booking.Beneficiary {
	if minimal {
		f.minimal(u)
	} else {
		f.name("usager.prenom", value(u.Prenom))
		f.name("usager.nom", value(u.Nom))
	}
	f.text("usager.adresse", value(u.Adresse))
	f.line("usager.langue", value(u.Langue))
	f.line("usager.reference", value(u.Reference))
	return booking.Beneficiary{
		FirstName: booking.Name(value(u.Prenom)), LastName: booking.Name(value(u.Nom)),
		Phone: f.phone("usager.telephone", u.Telephone), Email: f.email("usager.courriel", value(u.Courriel)),
		Address: booking.Words(value(u.Adresse)), Language: value(u.Langue), Contact: booking.Contact(u.Contact), Reference: value(u.Reference),
	}
}

func (f *faults) consent(c Consentement, now time.Time) booking.Consent {
	f.line("consentement.reference_mandat", value(c.ReferenceMandat))
	if c.RecueilliLe.After(now.Add(clockSkew)) {
		f.add("consentement.recueilli_le", "est dans l'avenir")
	}
	return booking.Consent{Mode: string(c.Mode), At: c.RecueilliLe, Reference: value(c.ReferenceMandat)}
}

// minimal refuses what would say who she is.
func (f *faults) minimal(u Usager) {
	for _, field := range []struct {
		name  string
		value *string
	}{
		{"prenom", u.Prenom}, {"nom", u.Nom}, {"telephone", u.Telephone}, {"courriel", u.Courriel}, {"adresse", u.Adresse}, {"langue", u.Langue},
	} {
		if field.value != nil {
			f.add("usager."+field.name, inMinimal)
		}
	}
	if value(u.Reference) == "" {
		f.add("usager.reference", "obligatoire en mode_prive minimal")
	}
	if u.Contact != UsagerContactParPrescripteur {
		f.add("usager.contact", "vaut par_prescripteur en mode_prive minimal")
	}
}

func (f *faults) prescriber(p Prescripteur) booking.Prescriber {
	f.name("prescripteur.prenom", p.Prenom)
	f.name("prescripteur.nom", p.Nom)
	out := booking.Prescriber{
		FirstName: booking.Name(p.Prenom), LastName: booking.Name(p.Nom), Phone: f.phone("prescripteur.telephone", p.Telephone),
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

// line refuses what is hidden in a line of text.
func (f *faults) line(field, s string) {
	if strings.ContainsFunc(s, booking.Hidden) {
		f.add(field, "contient un caractère de contrôle ou un saut de ligne")
	}
}

// text is one that may have several lines.
func (f *faults) text(field, s string) {
	if what := booking.Confidential(s); what != "" {
		f.add(field, what)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("\r\n\t", r) && booking.Hidden(r) }) {
		f.add(field, "contient un caractère de contrôle")
	}
}

func (f *faults) phone(field string, raw *string) booking.Phone {
	if strings.TrimSpace(value(raw)) == "" {
		return ""
	}
	e164, ok := booking.ParsePhone(*raw)
	if !ok {
		f.add(field, "n'est pas un numéro à 10 chiffres ni au format international (+33…)")
	}
	return e164
}

func (f *faults) email(field, s string) booking.Email {
	if s == "" {
		return ""
	}
	address, ok := booking.ParseEmail(s)
	if !ok {
		f.add(field, "n'est pas une adresse de courriel")
	}
	return address
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
	if b != (booking.Beneficiary{}) {
		v.Usager = beneficiary(b)
	}
	v.Prescripteur = prescriber(p)
	if d.Consent.Mode != "" {
		v.Consentement = &Consentement{Mode: ConsentementMode(d.Consent.Mode), RecueilliLe: d.Consent.At, ReferenceMandat: text(d.Consent.Reference)}
	}
	if d.Page == "" { // an orientation is for what its page offers
		v.Besoin = &Besoin{Services: list(d.Need.Services), Precisions: text(d.Need.Details)}
	}
	v.AccueilDemande, v.Url = list(d.Reception), text(d.Page)
}

func beneficiary(b booking.Beneficiary) *Usager {
	return &Usager{
		Prenom: text(b.FirstName), Nom: text(b.LastName), Telephone: text(b.Phone), Courriel: text(b.Email), Adresse: text(b.Address),
		Langue: text(b.Language), Contact: UsagerContact(b.Contact), Reference: text(b.Reference),
	}
}

func prescriber(p booking.Prescriber) *Prescripteur {
	out := &Prescripteur{
		Prenom: string(p.FirstName), Nom: string(p.LastName), Courriel: string(p.Email), Telephone: text(p.Phone), Qualite: PrescripteurQualite(p.Quality),
	}
	if p.StructureName != "" {
		out.Structure = &StructureDuPrescripteur{Nom: p.StructureName, Siret: text(p.StructureSIRET)}
	}
	return out
}
