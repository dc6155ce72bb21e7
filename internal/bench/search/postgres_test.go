package search

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"passerelle/booking"
)

// compared is how many questions both sides must answer the same.
const compared = 300

// postgres compares the program, through HTTP and as JSON, with PostgreSQL that holds the same places and slots and is asked the
// same questions through as many connections as serve it best.
func postgres(t *testing.T, g *gate, s size) table {
	records, labels := g.records(t, s)
	p := newPeer(t, fill(t, records), labels)
	questions := g.ask(400)
	urls := make([]string, len(questions))
	for i, q := range questions {
		urls[i] = q.url()
	}
	g.sameAs(t, p, questions[:compared], urls)
	if !s.meant {
		return nil
	}
	best, most := 0, 0.0
	for _, n := range []int{2, 4, 8, 16, connections} {
		p.rate(t, questions, n, s.each/4) // each connection plans its own
		if r := p.rate(t, questions, n, s.each/2); r > most {
			best, most = n, r
		}
	}
	address, token := g.reach(t)
	var ratios, ours, theirs, costs []float64
	for range s.rounds {
		us := loadOn(t, g.process.PID(), address, token, urls, s.each)
		p.rate(t, questions, best, 0) // they are as many as they will be
		before := p.processorTime(t)
		them := p.rate(t, questions, best, s.each)
		costs = append(costs, (p.processorTime(t)-before).Seconds()/(them*s.each.Seconds())/us.cost)
		ratios, ours, theirs = append(ratios, us.rate/them), append(ours, us.rate), append(theirs, them)
	}
	return table{{
		what: "search, requests per second over PostgreSQL with earthdistance", measured: median(ratios), floor: 10, aim: 30,
		note: fmt.Sprintf("%.0f and %.0f a second; %d connections serve it best; it spends %.1f times the processor time", median(ours), median(theirs), best, median(costs)),
	}}
}

// sameAs fails where the two sides answer differently: another place, another slot, another order, another total.
func (g *gate) sameAs(t *testing.T, p *peer, questions []question, urls []string) {
	t.Helper()
	address, token := g.reach(t)
	places := 0
	for i, q := range questions {
		var ours, theirs []shown
		var found struct{ Total int }
		var total int
		for try := range 2 { // a slot may begin in between
			answer := get(t, address, token, urls[i])
			var err error
			if theirs, total, err = p.answer(t.Context(), q); err == nil {
				err = json.Unmarshal(answer, &found)
			}
			if err != nil {
				t.Fatal(err)
			}
			ours = shownIn(t, answer)
			if len(theirs) == 0 {
				total = 0
			}
			if found.Total == total && slices.EqualFunc(ours, theirs, shown.same) {
				break
			}
			if try > 0 {
				t.Fatalf("%s: it finds %d\n%v\nPostgreSQL %d\n%v", urls[i], found.Total, ours, total, theirs)
			}
		}
		places += len(ours)
	}
	if places < len(questions) {
		t.Errorf("%d questions show %d places only", len(questions), places)
	}
	t.Logf("%d questions, the same %d places with their slots", len(questions), places)
}

// rate is how many questions a second are answered through so many connections.
func (p *peer) rate(t *testing.T, questions []question, connections int, each time.Duration) float64 {
	t.Helper()
	p.db.SetMaxOpenConns(connections)
	p.db.SetMaxIdleConns(connections)
	var next atomic.Int64
	var work sync.WaitGroup
	failed, begun := make([]error, connections), time.Now()
	for i := range connections {
		work.Go(func() {
			for time.Since(begun) < each && failed[i] == nil {
				_, _, failed[i] = p.answer(t.Context(), questions[int(next.Add(1))%len(questions)])
			}
		})
	}
	work.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	return float64(next.Load()) / time.Since(begun).Seconds()
}

// processorTime is what those have had that serve the connections.
func (p *peer) processorTime(t *testing.T) (sum time.Duration) {
	t.Helper()
	rows, err := p.db.QueryContext(t.Context(), "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			t.Fatal(err)
		}
		sum += processorTime(t, pid)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return sum
}

// slot is one as the program shows it.
type slot struct {
	Start time.Time `json:"debut"`
	End   time.Time `json:"fin"`
	Motif struct{ ID string }
}

// records are all places and slots as the program itself says them, in the order of names, and the numbers of their labels.
func (g *gate) records(t *testing.T, s size) ([]record, map[string]int32) {
	t.Helper()
	address, token := g.reach(t)
	labels := map[string]int32{}
	var out []record
	for page := 1; len(out) < len(g.places); page++ {
		var list struct{ Items []listed }
		if err := json.Unmarshal(get(t, address, token, fmt.Sprintf("/v1/lieux?size=1000&page=%d", page)), &list); err != nil {
			t.Fatal(err)
		}
		if len(list.Items) == 0 {
			t.Fatalf("of %d places, it lists %d", len(g.places), len(out))
		}
		for _, l := range list.Items {
			out = append(out, l.record(labels))
		}
	}
	number := make(map[string]int, len(out))
	for i, r := range out {
		number[r.id] = i
	}
	until := time.Now().AddDate(0, 0, 16).Format(time.DateOnly) // searches look 14 days ahead
	for i := range s.agendas {
		r := &out[number[g.bookable(i, s.agendas).id]]
		var list struct {
			Slots []slot `json:"creneaux"`
		}
		if err := json.Unmarshal(get(t, address, token, "/v1/lieux/"+r.id+"/creneaux?fin="+until), &list); err != nil {
			t.Fatal(err)
		}
		r.slots = list.Slots
	}
	return out, labels
}

// listed is a place as the program lists it.
type listed struct {
	ID, Nom                     string
	Commune, Adresse, Telephone string
	Postal                      string `json:"code_postal"`
	INSEE                       string `json:"code_insee"`
	Latitude, Longitude         float64
	Services                    []string
	Programmes                  []string              `json:"dispositif_programmes_nationaux"`
	Action                      struct{ Type string } `json:"prochaine_action"`
}

func (l listed) record(labels map[string]int32) record {
	place := booking.Place{PostalCode: l.Postal, INSEE: l.INSEE}
	r := record{
		id: l.ID, name: l.Nom, commune: l.Commune, postal: l.Postal, department: place.Department(), address: l.Adresse, phone: l.Telephone,
		lat: l.Latitude, lon: l.Longitude, words: folded(l.Nom + " " + l.Commune), labels: []int32{},
		kind: map[string]int{"orienter": 1, "aucune": 3}[l.Action.Type],
	}
	if r.kind == 0 {
		r.kind = 2
	}
	for _, label := range append(l.Services, l.Programmes...) {
		if labels[label] == 0 {
			labels[label] = int32(len(labels) + 1)
		}
		r.labels = append(r.labels, labels[label])
	}
	return r
}

// folded is how words are compared: small, without accents, with "st" and "ste" in full.
func folded(s string) string {
	words := strings.FieldsFunc(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		switch w {
		case "st":
			words[i] = "saint"
		case "ste":
			words[i] = "sainte"
		}
	}
	return strings.NewReplacer("œ", "oe", "æ", "ae").Replace(strings.Join(words, " "))
}
