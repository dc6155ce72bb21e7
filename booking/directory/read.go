package directory

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"passerelle/booking"
	"passerelle/connectors"
)

// Report says what a file held.
type Report struct {
	Rows     int         // read, blank ones not counted
	Places   int         // kept
	Rejected []Rejection // rows that were skipped
	Warnings []Rejection // values that were left out, repaired or not understood, in rows that were kept
}

// Rejection is one thing wrong in a file. Reason is in French. Line is the physical line, from 1, where the row
// starts; Column is empty when the whole row is meant.
type Rejection struct {
	Line                  int
	Column, Value, Reason string
}

// maxBytes bounds a file: ten times the national one.
const maxBytes = 200 << 20

var errTooLarge = errors.New("file too large")

// Read reads a file of the standard, v1.0.x or v0.1, CSV or JSON, told apart by what it holds. The places have
// their aliases, deduced INSEE code and time zone. source names the file in errors, which are *booking.Error: Invalid
// when the file as a whole cannot be used. A row that cannot be used is in the Report.
func Read(r io.Reader, source string) ([]*booking.Place, Report, error) {
	return read(r, source, maxBytes)
}

func read(r io.Reader, source string, limit int64) ([]*booking.Place, Report, error) {
	zones, err := loadZones()
	if err != nil {
		return nil, Report{}, err
	}
	in := bufio.NewReaderSize(&limited{r: r, left: limit}, 64<<10)
	first, err := skipBOM(in)
	rows := rowReader{
		zones: zones, communes: communesTable(), labels: newLabelReader(), expected: expectedColumns, lines: map[string]int{},
		repeated: newRepeated(), places: []*booking.Place{},
	}
	switch {
	case err != nil:
	case first == '[' || first == '{':
		err = readJSON(in, &rows)
	default:
		err = readCSV(in, &rows)
	}
	if err != nil {
		return nil, rows.report, unreadable(source, err)
	}
	rows.report.Places = len(rows.places)
	return rows.places, rows.report, nil
}

// refusal is why a whole file cannot be used, in French.
type refusal string

func (r refusal) Error() string { return string(r) }

func unreadable(source string, err error) error {
	refused := &booking.Error{Kind: connectors.Unavailable, Code: "source_illisible", Err: fmt.Errorf("directory: %s: %w", source, err)}
	why := "la lecture s'est interrompue"
	if because, ok := errors.AsType[refusal](err); ok {
		refused.Kind, refused.Code, why = connectors.Invalid, "fichier_refuse", string(because)
	} else if errors.Is(err, errTooLarge) {
		refused.Kind, refused.Code, why = connectors.Invalid, "fichier_refuse", "le fichier est trop gros"
	}
	refused.Detail = fmt.Sprintf("Le fichier « %s » ne peut pas être lu : %s.", source, why)
	return refused
}

// skipBOM answers the first byte that means something.
func skipBOM(in *bufio.Reader) (byte, error) {
	start, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	switch {
	case bytes.HasPrefix(start, []byte{0xEF, 0xBB, 0xBF}):
		if _, err := in.Discard(3); err != nil {
			return 0, err
		}
	case bytes.HasPrefix(start, []byte{0xFF, 0xFE}), bytes.HasPrefix(start, []byte{0xFE, 0xFF}):
		return 0, refusal("il est en UTF-16, le standard demande UTF-8")
	case bytes.HasPrefix(start, []byte{0x1F, 0x8B}), bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return 0, refusal("il est compressé, ou c'est un classeur : il faut un fichier CSV ou JSON")
	}
	window, err := in.Peek(in.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	window = bytes.TrimLeft(window, " \t\r\n")
	switch {
	case len(window) == 0:
		return 0, refusal("il est vide")
	case window[0] == '<':
		return 0, refusal("c'est une page web, pas un fichier CSV ou JSON")
	}
	return window[0], nil
}

// limited is a reader that errs, rather than ends, when more than its limit is read.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// legacyRunes are what Windows-1252 has where Latin-1 has control characters: 0x80 to 0x9F.
var legacyRunes = [32]rune{
	'€', '\u0081', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u008d', 'Ž', '\u008f',
	'\u0090', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u009d', 'ž', 'Ÿ',
}

// utf8Text answers the text as it is when it is UTF-8, and otherwise as if it were Windows-1252, which every old
// spreadsheet writes; legacy tells which.
func utf8Text(text string) (decoded string, legacy bool) {
	if utf8.ValidString(text) {
		return text, false
	}
	runes := make([]rune, 0, len(text))
	for _, b := range []byte(text) {
		if b >= 0x80 && b <= 0x9F {
			runes = append(runes, legacyRunes[b-0x80])
		} else {
			runes = append(runes, rune(b))
		}
	}
	return string(runes), true
}
