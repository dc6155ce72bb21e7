package directory

import "strings"

// column is one of the 32 of the standard, v1.0.2, in their order.
type column int

const (
	colID column = iota
	colPivot
	colName
	colCommune
	colPostalCode
	colINSEE
	colAddress
	colAddressMore
	colLatitude
	colLongitude
	colTypologies
	colPhone
	colEmails
	colSites
	colHours
	colSummary
	colDescription
	colSource
	colMobility
	colParent
	colUpdatedOn
	colServices
	colPublics
	colSpecialCare
	colFees
	colProgrammes
	colLabels
	colOtherLabels
	colAccessModes
	colSupportModes
	colAccessCard
	colBookingURL
	columnCount
	unknownColumn column = -1
)

var columnNames = [columnCount]string{
	"id", "pivot", "nom", "commune", "code_postal", "code_insee", "adresse", "complement_adresse",
	"latitude", "longitude", "typologie", "telephone", "courriels", "site_web", "horaires",
	"presentation_resume", "presentation_detail", "source", "itinerance", "structure_parente", "date_maj",
	"services", "publics_specifiquement_adresses", "prise_en_charge_specifique", "frais_a_charge",
	"dispositif_programmes_nationaux", "formations_labels", "autres_formations_labels", "modalites_acces",
	"modalites_accompagnement", "fiche_acces_libre", "prise_rdv",
}

func (c column) String() string { return columnNames[c] }

// olderNames are the columns that v0.1 called otherwise.
var olderNames = map[string]column{
	"courriel":           colEmails,
	"publics_accueillis": colPublics,
	"conditions_acces":   colFees,
	"labels_nationaux":   colProgrammes,
	"labels_autres":      colOtherLabels,
	"accessibilite":      colAccessCard,
}

// expectedColumns are those that the standard requires and whose absence is worth a word; id and nom are more: a
// file without them is refused.
var expectedColumns = []column{colCommune, colPostalCode, colAddress}

// columnOf finds the column of a header's name, written in any case and with anything for an underscore. older
// tells that the name is of v0.1.
func columnOf(name string) (c column, older bool) {
	name = strings.ReplaceAll(fold(name), " ", "_")
	for i, known := range columnNames {
		if name == known {
			return column(i), false
		}
	}
	if c, ok := olderNames[name]; ok {
		return c, true
	}
	return unknownColumn, false
}

// record is one row of a file, as text: lists are still joined.
type record struct {
	line   int // physical line where it starts, from 1
	values [columnCount]string
}

// empty reports whether nothing is written in the row.
func (r *record) empty() bool { return r.values == [columnCount]string{} }
