package directory

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A quoted field that is still open after so much was never meant to be: somebody forgot a quote.
const (
	maxRecordLines = 200
	maxRecordBytes = 256 << 10
)

// readCSV hands every row to rows. It has its own reader of CSV (RFC 4180) because a forgotten quote must cost its
// own line and not all that follow, as it does in encoding/csv.
func readCSV(in *bufio.Reader, rows *rowReader) error {
	lines := &lineReader{in: in, first: 1}
	lines.legacy = func(line int) {
		rows.warn(line, "", "", "le fichier n'est pas en UTF-8 : il a été lu comme du Windows-1252")
	}
	text, at, err := firstLine(lines)
	if err != nil {
		return err
	}
	comma := separator(text)
	fields, quoted, err := lines.record(comma)
	if err != nil {
		return err
	}
	if !quoted {
		return refusal("les guillemets de l'en-tête sont mal fermés")
	}
	header, err := readHeader(fields, at, rows)
	if err != nil {
		return err
	}
	for {
		at := lines.first
		fields, quoted, err := lines.record(comma)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case !quoted:
			rows.report.Rows++
			rows.reject(at, "", strings.Join(fields, " "), "guillemets mal fermés : la ligne ne peut pas être découpée en colonnes")
			continue
		}
		readRow(header, fields, at, rows)
	}
}

// firstLine skips the blank lines and looks at the first that is not.
func firstLine(lines *lineReader) (string, int, error) {
	for {
		text, err := lines.peek(0)
		if err != nil {
			return "", 0, err
		}
		if strings.TrimSpace(text) != "" {
			return text, lines.first, nil
		}
		lines.drop(1)
	}
}

// separator is the one of comma, semicolon and tab that makes most columns of the header known.
func separator(header string) byte {
	best, most := byte(','), 0
	for _, comma := range []byte(",;\t") {
		known := 0
		for name := range strings.SplitSeq(header, string(comma)) {
			if c, _ := columnOf(name); c != unknownColumn {
				known++
			}
		}
		if known > most {
			best, most = comma, known
		}
	}
	return best
}

// readHeader finds the column of each field. Of two fields for one column the standard's present name wins, then
// the first.
func readHeader(fields []string, line int, rows *rowReader) ([]column, error) {
	header := make([]column, len(fields))
	var have [columnCount]bool
	for pass, wantOlder := range []bool{false, true} {
		for i, name := range fields {
			c, older := columnOf(name)
			if c == unknownColumn && pass == 0 {
				header[i] = unknownColumn
				if strings.TrimSpace(name) != "" {
					rows.warn(line, name, "", "colonne inconnue du standard : ignorée")
				}
			}
			if c == unknownColumn || older != wantOlder {
				continue
			}
			if header[i] = c; have[c] {
				header[i] = unknownColumn
				rows.warn(line, name, "", fmt.Sprintf("colonne « %s » en double : la première seule est lue", c))
			}
			have[c] = true
		}
	}
	if !have[colID] || !have[colName] {
		return nil, refusal("sa première ligne n'est pas un en-tête du standard : il faut au moins les colonnes « id » et « nom »")
	}
	rows.expected = nil
	for _, c := range expectedColumns {
		if have[c] {
			rows.expected = append(rows.expected, c)
		} else {
			rows.warn(line, c.String(), "", "colonne demandée par le standard, absente du fichier")
		}
	}
	return header, nil
}

// readRow makes a record of the fields. A row of another length than the header is kept only when nothing can have
// shifted: the surplus is blank, or what is there has a postal code in its place.
func readRow(header []column, fields []string, line int, rows *rowReader) {
	rec := record{line: line}
	for i, value := range fields[:min(len(fields), len(header))] {
		if header[i] != unknownColumn {
			rec.values[header[i]] = clean(value)
		}
	}
	surplus := strings.TrimSpace(strings.Join(fields[min(len(fields), len(header)):], ""))
	if rec.empty() && surplus == "" {
		return
	}
	if len(fields) < len(header) || surplus != "" {
		length := fmt.Sprintf("%d colonnes au lieu de %d", len(fields), len(header))
		if _, ok := postalCode(rec.values[colPostalCode]); !ok || surplus != "" {
			rows.report.Rows++
			rows.reject(line, "", rec.values[colID], length)
			return
		}
		rows.warn(line, "", rec.values[colID], length+" : les dernières sont tenues pour vides")
	}
	rows.add(&rec)
}

// lineReader looks ahead in a file by physical lines, of which first is the number of the next.
type lineReader struct {
	in     *bufio.Reader
	ahead  []string
	fields []string // room for those of a record
	first  int
	legacy func(line int) // called at the first line that is not UTF-8, then nil
}

// peek answers the line n places ahead, without its end; io.EOF when there is none.
func (l *lineReader) peek(n int) (string, error) {
	for len(l.ahead) <= n {
		text, err := l.in.ReadString('\n')
		if err != nil && (text == "" || !errors.Is(err, io.EOF)) {
			return "", err
		}
		text, legacy := utf8Text(strings.TrimRight(text, "\r\n"))
		if legacy && l.legacy != nil {
			l.legacy(l.first + len(l.ahead))
			l.legacy = nil
		}
		l.ahead = append(l.ahead, text)
	}
	return l.ahead[n], nil
}

func (l *lineReader) drop(n int) {
	l.ahead = l.ahead[:copy(l.ahead, l.ahead[n:])]
	l.first += n
}

// record reads the fields of the next record, which are there until it is called again. When its quotes do not close, ok is false, fields is its first line
// and reading resumes at the second.
func (l *lineReader) record(comma byte) (fields []string, ok bool, err error) {
	split := splitter{comma: comma, fields: l.fields[:0]}
	size := 0
	for n := 0; ; n++ {
		text, err := l.peek(n)
		if n == 0 && err != nil || err != nil && !errors.Is(err, io.EOF) {
			return nil, false, err
		}
		size += len(text)
		if err != nil || n >= maxRecordLines || n > 0 && size > maxRecordBytes || !split.feed(text) {
			lost := l.ahead[0]
			l.drop(1)
			return []string{lost}, false, nil
		}
		if !split.open {
			l.drop(n + 1)
			l.fields = split.fields
			return split.fields, true, nil
		}
	}
}

// splitter cuts a record into fields, fed line by line.
type splitter struct {
	comma  byte
	fields []string
	open   bool // inside quotes: the record goes on
	quoted strings.Builder
}

// feed answers false when something stands between a closing quote and the next comma.
func (s *splitter) feed(line string) bool {
	if s.open {
		s.quoted.WriteByte('\n')
	}
	for {
		if !s.open && strings.HasPrefix(line, `"`) {
			s.open, line = true, line[1:]
		}
		if !s.open {
			field, rest, more := strings.Cut(line, string(s.comma))
			s.fields = append(s.fields, field)
			if line = rest; !more {
				return true
			}
			continue
		}
		text, rest, closing := strings.Cut(line, `"`)
		s.quoted.WriteString(text)
		if !closing {
			return true
		}
		if strings.HasPrefix(rest, `"`) {
			s.quoted.WriteByte('"')
			line = rest[1:]
			continue
		}
		s.fields = append(s.fields, s.quoted.String())
		s.quoted.Reset()
		s.open = false
		if rest == "" {
			return true
		}
		if rest[0] != s.comma {
			return false
		}
		line = rest[1:]
	}
}
