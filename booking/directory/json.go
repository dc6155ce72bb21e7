package directory

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// wrappers are the members of an object under which its places may stand.
var wrappers = []string{"lieux", "items", "data", "results"}

// readJSON hands every object of an array to rows. The array may stand in an object, under one of the wrappers.
func readJSON(in *bufio.Reader, rows *rowReader) error {
	lines := &lineCounter{r: in, line: 1}
	d := json.NewDecoder(lines)
	if err := enterArray(d); err != nil {
		return err
	}
	objects := objectReader{rows: rows, unknown: map[string]bool{}}
	for d.More() {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return malformed(err, lines)
		}
		objects.read(raw, lines.at(d.InputOffset()-int64(len(raw))))
	}
	if _, err := d.Token(); err != nil {
		return malformed(err, lines)
	}
	if rows.report.Rows > 0 && !objects.usable {
		return refusal("aucun de ses objets n'a les champs « id » et « nom » du standard")
	}
	return nil
}

// enterArray leaves the decoder before the first place.
func enterArray(d *json.Decoder) error {
	start, err := d.Token()
	if err != nil {
		return malformed(err, nil)
	}
	if start == json.Delim('[') {
		return nil
	}
	for start == json.Delim('{') && d.More() {
		name, err := d.Token()
		if err != nil {
			return malformed(err, nil)
		}
		if text, ok := name.(string); ok && slices.Contains(wrappers, text) {
			if value, err := d.Token(); err != nil || value == json.Delim('[') {
				return malformed(err, nil)
			}
			break
		}
		var skipped json.RawMessage
		if err := d.Decode(&skipped); err != nil {
			return malformed(err, nil)
		}
	}
	return refusal("ce JSON n'est pas un tableau de lieux")
}

// malformed says where JSON stops being JSON; nothing after that place can be trusted.
func malformed(err error, lines *lineCounter) error {
	wrong, ok := errors.AsType[*json.SyntaxError](err)
	switch {
	case ok && lines != nil:
		return refusal(fmt.Sprintf("ce n'est plus du JSON vers la ligne %d", lines.at(wrong.Offset)))
	case ok, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return refusal("ce JSON est incomplet ou mal formé")
	}
	return err
}

// objectReader turns the objects of a JSON file into rows.
type objectReader struct {
	rows    *rowReader
	unknown map[string]bool // fields already reported
	usable  bool            // some object has an id and a name
	legacy  bool            // already reported
}

func (o *objectReader) read(raw []byte, line int) {
	text, legacy := utf8Text(string(raw))
	if legacy && !o.legacy {
		o.legacy = true
		o.rows.warn(line, "", "", "le fichier n'est pas en UTF-8 : il a été lu comme du Windows-1252")
	}
	var object map[string]any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&object); err != nil || object == nil {
		o.rows.report.Rows++
		o.rows.reject(line, "", text, "ce n'est pas un objet JSON")
		return
	}
	rec := record{line: line}
	var present [columnCount]bool // under its own name
	for _, name := range slices.Sorted(maps.Keys(object)) {
		value := object[name]
		c, older := columnOf(name)
		switch {
		case c == unknownColumn:
			if !o.unknown[name] {
				o.unknown[name] = true
				o.rows.warn(line, name, "", "champ inconnu du standard : ignoré")
			}
			continue
		case older && present[c]:
			continue
		}
		present[c] = present[c] || !older
		text, ok := textOf(value)
		if !ok {
			o.rows.warn(line, name, fmt.Sprint(value), "un texte, un nombre ou une liste de textes est attendu : ignoré")
			continue
		}
		rec.values[c] = clean(text)
	}
	o.usable = o.usable || rec.values[colID] != "" && rec.values[colName] != ""
	o.rows.add(&rec)
}

// textOf writes a JSON value as a CSV cell would have it.
func textOf(value any) (string, bool) {
	switch v := value.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	case []any:
		parts := make([]string, 0, len(v))
		for _, element := range v {
			if _, nested := element.([]any); nested {
				return "", false
			}
			part, ok := textOf(element)
			if !ok {
				return "", false
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, listSeparator), true
	}
	return "", false
}

// lineCounter knows at which line the bytes that passed through it stand. It remembers no more line breaks than lie
// between the last question and the last byte read.
type lineCounter struct {
	r      io.Reader
	read   int64
	breaks []int64 // offsets of the line breaks not yet counted
	line   int
}

func (l *lineCounter) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for i := 0; ; i++ {
		next := bytes.IndexByte(p[i:n], '\n')
		if next < 0 {
			break
		}
		i += next
		l.breaks = append(l.breaks, l.read+int64(i))
	}
	l.read += int64(n)
	return n, err
}

// at answers the line of the byte at offset. Offsets only grow.
func (l *lineCounter) at(offset int64) int {
	passed, _ := slices.BinarySearch(l.breaks, offset)
	l.line += passed
	l.breaks = l.breaks[:copy(l.breaks, l.breaks[passed:])]
	return l.line
}
