package directory

import (
	"slices"
	"strings"

	"passerelle/booking"
)

// enumerations are the closed lists of the standard, v1.0.2. typologie is closed too, but grows; it is left free.
var enumerations = map[column][]string{
	colServices: {
		"Aide aux démarches administratives",
		"Maîtrise des outils numériques du quotidien",
		"Insertion professionnelle via le numérique",
		"Utilisation sécurisée du numérique",
		"Parentalité et éducation avec le numérique",
		"Loisirs et créations numériques",
		"Compréhension du monde numérique",
		"Accès internet et matériel informatique",
		"Acquisition de matériel informatique à prix solidaire",
	},
	colAccessModes: {
		"Se présenter",
		"Téléphoner",
		"Contacter par mail",
		"Prendre un RDV en ligne",
		booking.NoPublic,
		"Envoyer un mail avec une fiche de prescription",
	},
	colSupportModes: {"En autonomie", "Accompagnement individuel", "Dans un atelier collectif", "À distance"},
	colMobility:     {"Itinérant", "Fixe"},
	colFees:         {"Gratuit", "Gratuit sous condition", "Payant"},
	colPublics:      {"Jeunes", "Étudiants", "Familles et/ou enfants", "Seniors", "Femmes"},
	colSpecialCare: {
		"Surdité",
		"Handicaps moteurs",
		"Handicaps mentaux",
		"Illettrisme",
		"Langues étrangères (anglais)",
		"Langues étrangères (autres)",
		"Déficience visuelle",
	},
	colProgrammes: {
		"Aidants Connect",
		"Bibliothèques numérique de référence",
		"Certification PIX",
		"Conseillers numériques",
		"Emmaüs Connect",
		"France Services",
		"Grande école du numérique",
		"La Croix Rouge",
		"Point d'accès numérique CAF",
		"Promeneurs du net",
		"Relais numérique (Emmaüs Connect)",
	},
	colLabels: {
		"Formé à « Mon Espace Santé »",
		"Formé à « DUPLEX » (illettrisme)",
		"Arnia/MedNum BFC (Bourgogne-Franche-Comté)",
		"Collectif ressources et acteurs réemploi (Normandie)",
		"Étapes numériques (La Poste)",
		"Fabriques de Territoire",
		"Les Éclaireurs du numérique (Drôme)",
		"Mes Papiers (Métropole de Lyon)",
		"ORDI 3.0",
		"SUD LABS (PACA)",
	},
}

// Labels lists the values that the standard allows in a column, named as on the wire ("services"); nil for a column
// that is no closed list.
func Labels(field string) []string {
	c, _ := columnOf(field)
	return slices.Clone(enumerations[c])
}

// labelReader finds the standard's own spelling of what files hold.
type labelReader struct {
	folded  map[column]map[string]string // folded label → label
	written map[column]map[string]string // as written → label; files repeat themselves
}

func newLabelReader() *labelReader {
	l := &labelReader{folded: map[column]map[string]string{}, written: map[column]map[string]string{}}
	for c, labels := range enumerations {
		l.folded[c], l.written[c] = map[string]string{}, map[string]string{}
		for _, label := range labels {
			l.folded[c][fold(label)] = label
		}
	}
	return l
}

// read answers the standard's label for a value, or the value itself when the standard has none; news tells that
// such a value is met for the first time. v0.1 explained its labels after a colon: "Gratuit : Je peux …".
func (l *labelReader) read(c column, value string) (label string, news bool) {
	known, closed := l.written[c]
	if !closed {
		return value, false
	}
	if label, ok := known[value]; ok {
		return label, false
	}
	before, _, _ := strings.Cut(value, " : ")
	for _, spelling := range []string{value, before} {
		if label, ok := l.folded[c][fold(spelling)]; ok {
			known[value] = label
			return label, false
		}
	}
	known[value] = value
	return value, true
}

// Services gives labels of the column services in the standard's spelling, whatever their case and accents. One that
// the standard does not have is Invalid, names the field and lists those that would do.
func Services(field string, labels []string) ([]string, error) {
	all := enumerations[colServices]
	out := make([]string, len(labels))
	for i, label := range labels {
		at := slices.Index(all, label)
		if at < 0 {
			folded := fold(label)
			at = slices.IndexFunc(all, func(known string) bool { return fold(known) == folded })
		}
		if at < 0 {
			return nil, booking.InvalidField(field, "« "+label+" » n'est pas une valeur du standard", all...)
		}
		out[i] = all[at]
	}
	return out, nil
}

// Services implements booking.Directory.
func (d *Directory) Services(field string, labels []string) ([]string, error) {
	return Services(field, labels)
}
