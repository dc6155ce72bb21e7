package api

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
)

func recorded(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// copied is what a consumer has made of the documents that it was given: a line each, by id.
type copied map[string]string

func (c copied) read(t *testing.T, text []byte) (position string) {
	t.Helper()
	var d Disponibilites
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if d.Complet {
		clear(c)
	}
	for _, l := range d.Lieux {
		if l.Etat == DisponibiliteEtatSupprime {
			delete(c, l.Id)
			continue
		}
		c[l.Id] = encodedLine(t, l)
	}
	return d.Position
}

func unpacked(t *testing.T, body []byte) []byte {
	t.Helper()
	return must[[]byte](t)(io.ReadAll(must[*gzip.Reader](t)(gzip.NewReader(bytes.NewReader(body)))))
}

// Who replaces the lines that have changed has what who reads all has, wherever it begins and whatever it misses; what is
// kept for it has a bound.
func TestWhoFollowsMissesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(seeded(t), 0))
	const ids, kept, editions = 100, 60, 600
	there, free := make([]bool, ids), make([]bool, ids)
	type follower struct {
		copied
		position string
	}
	followers := []*follower{{copied: copied{}}, {copied: copied{}}, {copied: copied{}}}
	e := &edition{line: "QX7B2MLA", kept: kept}
	whole, parts := 0, 0
	for n := range editions {
		for range random.IntN(8) {
			i := random.IntN(ids)
			if i >= 80 { // some come and never return
				there[i] = n < kept
				continue
			}
			there[i] = random.IntN(3) > 0
			free[i] = random.IntN(2) == 0
		}
		var found []booking.Outlook
		for i := range ids {
			if there[i] {
				o := booking.Outlook{Place: &booking.Place{ID: fmt.Sprintf("l%02d", i)}, State: booking.Fresh, Next: booking.ToCall}
				if free[i] {
					o.First, o.Next = sunday, booking.ToBook
				}
				found = append(found, o)
			}
		}
		var err error
		if e, err = e.follow(found, "https://rdv.example.org", sunday.Add(time.Duration(n)*time.Minute)); err != nil {
			t.Fatal(err)
		}
		var all copied
		for i, f := range followers {
			if often := []int{1, 40, kept}[i]; random.IntN(often) > 0 && n < editions-1 {
				continue
			}
			if all == nil {
				all = copied{}
				all.read(t, unpacked(t, e.whole))
			}
			if lines, known := e.since(f.position); known {
				parts++
				f.position = f.read(t, e.json(false, lines))
			} else {
				whole++
				f.position = f.read(t, unpacked(t, e.whole))
			}
			if len(f.copied) != len(found) || fmt.Sprint(f.copied) != fmt.Sprint(all) {
				t.Fatalf("edition %d: follower %d has %d lines of %d", n, i, len(f.copied), len(found))
			}
		}
	}
	if parts < editions/2 || whole < 3 {
		t.Errorf("%d parts, %d wholes", parts, whole)
	}
	for _, position := range []string{
		fmt.Sprintf("%s-%d", e.line, e.number-kept), fmt.Sprintf("%s-%d", e.line, e.number+1), e.line + "-0", e.line, "", fmt.Sprintf("AAAAAAAA-%d", e.number),
	} {
		if _, known := e.since(position); known {
			t.Errorf("what has changed since %q is said to be known", position)
		}
	}
	if i := slices.IndexFunc(e.lines, func(l line) bool { return l.gone && l.id >= "l80" }); i >= 0 {
		t.Errorf("%s went long ago, and is kept", e.lines[i].id)
	}
}

// BenchmarkEdition makes the public file of 20,000 places, 500 of which have an agenda that was read anew.
func BenchmarkEdition(b *testing.B) {
	const places, bookable = 20_000, 500
	found := make([]booking.Outlook, places)
	for i := range found {
		id := fmt.Sprintf("structure-%05d-mediation", i)
		found[i] = booking.Outlook{Place: &booking.Place{ID: id, Aliases: []string{"mediation-numerique--" + id}, Zone: paris}, State: booking.NoAgenda, Next: booking.ToCall}
		if i%(places/bookable) == 0 {
			found[i].State, found[i].Next = booking.Fresh, booking.ToBook
		}
	}
	slices.SortFunc(found, func(a, b booking.Outlook) int { return strings.Compare(a.Place.ID, b.Place.ID) })
	var e *edition
	at := sunday
	for b.Loop() {
		at = at.Add(time.Minute)
		for i := range found {
			if found[i].Next == booking.ToBook {
				found[i].ObservedAt, found[i].First = at, at.Add(time.Hour)
			}
		}
		var err error
		if e, err = e.follow(found, "https://rdv.example.org", at); err != nil {
			b.Fatal(err)
		}
	}
	changed, _ := e.since(fmt.Sprintf("%s-%d", e.line, e.number-1))
	b.ReportMetric(float64(len(e.json(true, e.lines))), "json-B")
	b.ReportMetric(float64(len(e.whole)), "json.gz-B")
	b.ReportMetric(float64(len(e.table)), "csv.gz-B")
	b.ReportMetric(float64(len(packed(e.json(false, changed), gzip.BestSpeed))), "changed.gz-B")
}
