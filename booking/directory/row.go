package directory

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"passerelle/booking"
)

// rowReader turns records into places and reports what they say wrongly.
type rowReader struct {
	zones    zones
	communes *communes
	labels   *labelReader
	expected []column       // those whose absence from a row is worth a word
	lines    map[string]int // where each id was read
	repeated repeated
	places   []*booking.Place
	report   Report
}

// add makes a place of a record, or rejects it. Only what the place cannot be found or named without costs the
// row: its id and its name. A place without an address can still be called.
func (r *rowReader) add(rec *record) {
	r.report.Rows++
	for _, c := range []column{colID, colName} {
		if rec.values[c] == "" {
			r.reject(rec.line, c.String(), "", "valeur obligatoire absente")
			return
		}
	}
	key := nameKey(rec.values[colID])
	if first, twice := r.lines[key]; twice {
		r.reject(rec.line, colID.String(), rec.values[colID], fmt.Sprintf("identifiant déjà lu à la ligne %d", first))
		return
	}
	r.lines[key] = rec.line
	for _, c := range r.expected {
		if rec.values[c] == "" {
			r.warn(rec.line, c.String(), "", "valeur demandée par le standard, absente")
		}
	}
	r.places = append(r.places, r.place(rec))
}

func (r *rowReader) place(rec *record) *booking.Place {
	p := &booking.Place{
		ID:           rec.values[colID],
		Pivot:        rec.values[colPivot],
		Name:         rec.values[colName],
		Commune:      rec.values[colCommune],
		PostalCode:   r.code(rec, colPostalCode, postalCode),
		INSEE:        r.code(rec, colINSEE, inseeCode),
		Address:      rec.values[colAddress],
		AddressMore:  rec.values[colAddressMore],
		Point:        r.point(rec),
		Typologies:   r.list(rec, colTypologies),
		Phone:        rec.values[colPhone],
		Emails:       splitList(rec.values[colEmails]),
		Sites:        splitLinks(rec.values[colSites]),
		Hours:        rec.values[colHours],
		Summary:      rec.values[colSummary],
		Description:  rec.values[colDescription],
		Source:       rec.values[colSource],
		Mobility:     r.list(rec, colMobility),
		Parent:       rec.values[colParent],
		UpdatedOn:    r.date(rec, colUpdatedOn),
		Services:     r.list(rec, colServices),
		Publics:      r.list(rec, colPublics),
		SpecialCare:  r.list(rec, colSpecialCare),
		Fees:         r.list(rec, colFees),
		Programmes:   r.list(rec, colProgrammes),
		Labels:       r.list(rec, colLabels),
		OtherLabels:  r.list(rec, colOtherLabels),
		AccessModes:  r.list(rec, colAccessModes),
		SupportModes: r.list(rec, colSupportModes),
		AccessCard:   rec.values[colAccessCard],
		BookingURL:   rec.values[colBookingURL],
	}
	r.repeated.keep(&p.Pivot, &p.Commune, &p.PostalCode, &p.INSEE, &p.Hours, &p.Source, &p.Parent)
	keep(append(pointers(p.Emails, p.Sites), &p.ID, &p.Name, &p.Address, &p.AddressMore, &p.Phone, &p.Summary, &p.Description, &p.AccessCard, &p.BookingURL))
	p.Aliases = aliases(p.ID)
	if p.INSEE == "" {
		p.INSEE = r.repeated.deduce(r.communes, p.PostalCode, p.Commune)
		p.INSEEDeduced = p.INSEE != ""
	}
	p.Zone = r.zones.of(p)
	return p
}

// code reads a postal or INSEE code, as parse has it.
func (r *rowReader) code(rec *record, c column, parse func(string) (string, bool)) string {
	value := rec.values[c]
	if value == "" {
		return ""
	}
	code, ok := parse(value)
	switch {
	case !ok:
		r.warn(rec.line, c.String(), value, "cinq caractères sont attendus : ignoré")
	case code != value:
		r.warn(rec.line, c.String(), value, "lu comme "+code)
	}
	return code
}

var (
	postalShape = regexp.MustCompile(`^\d{5}$`)
	inseeShape  = regexp.MustCompile(`^(\d\d|2[AB])\d{3}$`)
)

func postalCode(value string) (string, bool) { return fiveDigits(value, postalShape) }

func inseeCode(value string) (string, bool) { return fiveDigits(strings.ToUpper(value), inseeShape) }

// fiveDigits undoes what spreadsheets do to codes: spaces, a leading zero that is lost, a decimal zero.
func fiveDigits(value string, shape *regexp.Regexp) (string, bool) {
	code := strings.TrimSuffix(strings.Join(strings.Fields(value), ""), ".0")
	if len(code) == 4 {
		code = "0" + code
	}
	if !shape.MatchString(code) {
		return "", false
	}
	return code, true
}

// date reads YYYY-MM-DD, with or without a time after it, or DD/MM/YYYY.
func (r *rowReader) date(rec *record, c column) string {
	value := rec.values[c]
	if value == "" {
		return ""
	}
	if day, ok := r.repeated.days[value]; ok {
		return day
	}
	for _, layout := range []string{time.DateOnly, "02/01/2006"} {
		if day, err := time.Parse(layout, value[:min(len(value), len(layout))]); err == nil {
			return r.repeated.day(value, day.Format(time.DateOnly))
		}
	}
	r.warn(rec.line, c.String(), value, "une date AAAA-MM-JJ est attendue : ignorée")
	return ""
}

// list reads a list, in the standard's own words where they are known.
func (r *rowReader) list(rec *record, c column) []string {
	return r.repeated.list(c, rec.values[c], func(value string) string {
		label, news := r.labels.read(c, value)
		if news {
			r.warn(rec.line, c.String(), value, "valeur inconnue du standard : gardée, mais aucune recherche ne la trouve")
		}
		return label
	})
}

func (r *rowReader) warn(line int, column, value, reason string) {
	r.report.Warnings = append(r.report.Warnings, Rejection{Line: line, Column: column, Value: excerpt(value), Reason: reason})
}

func (r *rowReader) reject(line int, column, value, reason string) {
	r.report.Rejected = append(r.report.Rejected, Rejection{Line: line, Column: column, Value: excerpt(value), Reason: reason})
}

// excerpt bounds what a report quotes.
func excerpt(value string) string {
	const most = 120
	if len(value) <= most {
		return strings.Clone(value)
	}
	cut := most
	for !utf8.RuneStart(value[cut]) {
		cut--
	}
	return value[:cut] + "…"
}

// clean trims every kind of space, and the marks that cannot be seen, from both ends.
func clean(value string) string {
	return strings.TrimFunc(value, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}
