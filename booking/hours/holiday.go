package hours

import (
	"slices"
	"strings"
	"time"
)

// Holiday is a public holiday (jour férié) of a territory.
type Holiday struct {
	Month     time.Month
	Day       int
	Name      string // in French
	Uncertain bool   // kept by some of the territory only, or by custom: whether a place opens is not known
}

// feast says when a holiday falls and where. Its date is fixed, or else counted in days from Easter Sunday.
type feast struct {
	month time.Month // zero: it moves with Easter
	day   int        // of the month, or after Easter
	name  string
	where string // départements, separated by spaces; empty: all of France
	maybe string // départements where it is uncertain
}

// feasts: Code du travail, art. L3133-1 (the eleven), L3134-13 (Alsace-Moselle; Good Friday in the communes with a
// Protestant church or a shared one), L3422-2 (abolition of slavery). The collectivities of the Pacific have laws of
// their own: what is known of them is uncertain here, but for the eleven.
var feasts = [...]feast{
	{time.January, 1, "Jour de l'An", "", ""},
	{0, -2, "Vendredi saint", "", "57 67 68 971 972 987"},
	{0, 1, "Lundi de Pâques", "", ""},
	{time.March, 5, "Arrivée de l'Évangile", "", "987"},
	{time.April, 27, "Abolition de l'esclavage", "976", ""},
	{time.April, 28, "Saint Pierre Chanel", "", "986"},
	{time.May, 1, "Fête du Travail", "", ""},
	{time.May, 8, "Victoire de 1945", "", ""},
	{0, 39, "Ascension", "", ""},
	{0, 50, "Lundi de Pentecôte", "", ""},
	{time.May, 22, "Abolition de l'esclavage", "972", ""},
	{time.May, 27, "Abolition de l'esclavage", "971", "978"},
	{time.May, 28, "Abolition de l'esclavage", "978", ""},
	{time.June, 10, "Abolition de l'esclavage", "973", ""},
	{time.June, 29, "Fête de l'autonomie", "", "987"},
	{time.July, 14, "Fête nationale", "", ""},
	{time.July, 29, "Fête du Territoire", "", "986"},
	{time.August, 15, "Assomption", "", ""},
	{time.September, 24, "Fête de la citoyenneté", "", "988"},
	{time.October, 9, "Abolition de l'esclavage", "977", ""},
	{time.November, 1, "Toussaint", "", ""},
	{time.November, 11, "Armistice de 1918", "", ""},
	{time.November, 20, "Matari'i", "", "987"},
	{time.December, 20, "Abolition de l'esclavage", "974", ""},
	{time.December, 25, "Noël", "", ""},
	{time.December, 26, "Saint Étienne", "57 67 68", ""},
}

// Holidays lists the public holidays of a territory in a year, by date. The territory is a code_insee ("67482",
// "97411") or a département ("67", "974", "2A"). Where it is neither, days that only some territories keep are
// listed too, as uncertain. Outside of the years 1583 to 4099 the list is empty; the law of today is applied to
// every year.
func Holidays(territory string, year int) []Holiday {
	if year < firstYear || year > lastYear {
		return nil
	}
	department := departmentOf(territory)
	var list []Holiday
	for _, f := range feasts {
		kept := f.keptIn(department)
		if kept == no {
			continue
		}
		_, month, dom := f.in(year).date()
		list = append(list, Holiday{Month: month, Day: dom, Name: f.name, Uncertain: kept == perhaps})
	}
	slices.SortStableFunc(list, func(a, b Holiday) int { return int(a.Month-b.Month)*31 + a.Day - b.Day })
	return list
}

// in is the day of the feast in a year.
func (f feast) in(year int) day {
	if f.month == 0 {
		return easter(year) + day(f.day)
	}
	return dayOf(year, f.month, f.day)
}

// keptIn tells whether a département keeps the feast; an empty one is not known.
func (f feast) keptIn(department string) answer {
	switch {
	case f.where == "" && f.maybe == "":
		return yes
	case department == "":
		return perhaps
	case names(f.where, department):
		return yes
	case names(f.maybe, department):
		return perhaps
	}
	return no
}

func names(list, department string) bool {
	for name := range strings.FieldsSeq(list) {
		if name == department {
			return true
		}
	}
	return false
}

// departmentOf is the département of a code_insee or of a département's own code; empty if it is neither.
func departmentOf(code string) string {
	length := 2
	if strings.HasPrefix(code, "97") || strings.HasPrefix(code, "98") {
		length = 3
	}
	if len(code) != length && len(code) != 5 {
		return ""
	}
	for i, c := range []byte(code) {
		corsica := i == 1 && code[0] == '2' && (c == 'A' || c == 'B')
		if !isDigit(rune(c)) && !corsica {
			return ""
		}
	}
	return code[:length]
}
