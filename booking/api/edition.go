package api

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"passerelle/booking"
)

// keptEditions is for how many editions, which is minutes at least, it is known what has changed since, and what is gone.
const keptEditions = 24 * 60

// edition is how all places stood at one time. It never changes.
type edition struct {
	line   string // of editions, of this process: another has seen other changes
	number int
	kept   int // editions
	made   time.Time
	whole  []byte // JSON, compressed
	table  []byte // CSV, compressed
	lines  []line // by id
}

// line is a place in JSON, and the edition since which it is so.
type line struct {
	id      string
	text    []byte
	changed int
	gone    bool // the place is there no more
}

// follow makes the edition after this one, which may be nil.
func (e *edition) follow(found []booking.Outlook, publicURL string, now time.Time) (*edition, error) {
	if e == nil {
		e = &edition{line: rand.Text()[:8], kept: keptEditions}
	}
	next, before := &edition{line: e.line, number: e.number + 1, kept: e.kept, made: now}, e.lines
	var table bytes.Buffer
	sheet := csv.NewWriter(&table)
	_ = sheet.Write([]string{"id", "alias", "etat", "observe_le", "prochain_creneau", "prochaine_action", "page"})
	for _, o := range found {
		row := disponibilite(o, publicURL)
		for len(before) > 0 && before[0].id < row.Id {
			if err := next.drop(before[0]); err != nil {
				return nil, err
			}
			before = before[1:]
		}
		text, err := json.Marshal(row)
		if err != nil {
			return nil, err
		}
		l := line{id: row.Id, text: text, changed: next.number}
		if len(before) > 0 && before[0].id == l.id {
			if bytes.Equal(before[0].text, text) {
				l = before[0]
			}
			before = before[1:]
		}
		next.lines = append(next.lines, l)
		_ = sheet.Write(cells(row)) // to memory
	}
	for _, gone := range before {
		if err := next.drop(gone); err != nil {
			return nil, err
		}
	}
	sheet.Flush()
	there := slices.DeleteFunc(slices.Clone(next.lines), func(l line) bool { return l.gone })
	next.whole, next.table = packed(next.json(true, there), gzip.DefaultCompression), packed(table.Bytes(), gzip.DefaultCompression)
	return next, nil
}

// drop says of a place that it is gone, for as long as somebody may ask what has changed.
func (e *edition) drop(l line) error {
	if l.gone {
		if l.changed > e.number-e.kept {
			e.lines = append(e.lines, l)
		}
		return nil
	}
	text, err := json.Marshal(Disponibilite{Id: l.id, Alias: []string{}, Etat: DisponibiliteEtatSupprime})
	e.lines = append(e.lines, line{id: l.id, text: text, changed: e.number, gone: true})
	return err
}

// position names an edition.
func (e *edition) position() string { return e.line + "-" + strconv.Itoa(e.number) }

// since lists the lines that are others than at a position. It is false where that is not known, and where so many are that the
// whole, which is compressed already, costs less.
func (e *edition) since(position string) ([]line, bool) {
	of, number, _ := strings.Cut(position, "-")
	n, err := strconv.Atoi(number)
	if err != nil || of != e.line || n > e.number || n <= e.number-e.kept {
		return nil, false
	}
	changed := slices.DeleteFunc(slices.Clone(e.lines), func(l line) bool { return l.changed <= n })
	return changed, len(changed) <= max(100, len(e.lines)/4)
}

// json writes lines as a document, a line each.
func (e *edition) json(whole bool, lines []line) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"genere_le":%q,"position":%q,"complet":%t,"lieux":[`, in(e.made, time.UTC).Format(time.RFC3339Nano), e.position(), whole)
	for i, l := range lines {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(l.text)
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}

func disponibilite(o booking.Outlook, publicURL string) Disponibilite {
	zone, action, page := o.Place.Zone, DisponibiliteProchaineAction(o.Next), publicURL+"/lieux/"+url.PathEscape(o.Place.ID)
	return Disponibilite{
		Id: o.Place.ID, Alias: list(o.Place.Aliases), Etat: DisponibiliteEtat(o.State), ObserveLe: when(o.ObservedAt, zone),
		ProchainCreneau: when(o.First, zone), ProchaineAction: &action, Page: &page,
	}
}

// cells is a line of the table: lists as the standard writes them.
func cells(d Disponibilite) []string {
	at := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.Format(time.RFC3339Nano)
	}
	return []string{d.Id, strings.Join(d.Alias, "|"), string(d.Etat), at(d.ObserveLe), at(d.ProchainCreneau), string(*d.ProchaineAction), *d.Page}
}
