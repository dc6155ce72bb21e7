package search

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata"

	"passerelle/booking"
	"passerelle/booking/agendas"
	"passerelle/booking/availability"
	"passerelle/booking/directory"
	"passerelle/booking/ledger"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// now is a Sunday noon in Paris; no clocks are changed in the two months that follow.
var now = time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)

const places, agendasOfTown = 300, 120

var services = []string{"Aide aux démarches administratives", "Insertion professionnelle via le numérique", "Loisirs et créations numériques"}

// opening is when an agenda is open, as the standard writes it, and what that means.
type opening struct {
	hours    string
	weekdays []time.Weekday
	spans    [][2]int // minutes of the day
}

var openings = []opening{
	{"Mo-Fr 09:00-12:00", []time.Weekday{1, 2, 3, 4, 5}, [][2]int{{540, 720}}},
	{"Tu,Th 14:00-17:30", []time.Weekday{2, 4}, [][2]int{{840, 1050}}},
	{"Mo-Su 00:00-02:00", []time.Weekday{0, 1, 2, 3, 4, 5, 6}, [][2]int{{0, 120}}},
	{"Sa 10:00-11:00", []time.Weekday{6}, [][2]int{{600, 660}}},
}

// plainAgenda is an agenda of the test, and all that the loop knows of it.
type plainAgenda struct {
	id      string
	opening opening
	motifs  []booking.Motif
	busy    []interval.Interval
	fails   bool // always
	stale   bool // since it was read

	down *atomic.Bool // those that are stale answer no more
	kept map[string][]plainSlot
}

// Read implements connectors.Agenda.
func (a *plainAgenda) Read(_ context.Context, q connectors.Query) (connectors.Reading, error) {
	if a.fails || a.stale && a.down.Load() {
		return connectors.Reading{}, &connectors.Error{Op: "read", Kind: connectors.Unavailable, Err: errors.New("down")}
	}
	return connectors.Reading{Basis: connectors.Busy, Busy: interval.Cut(a.busy, q.Window)}, nil
}

// slots are all that a motif has at a place, from now to its horizon.
func (a *plainAgenda) slots(p *booking.Place, m booking.Motif) []plainSlot {
	if a.fails {
		return nil
	}
	key := p.Zone.String() + " " + m.ID
	if got, ok := a.kept[key]; ok {
		return got
	}
	var out []plainSlot
	here := now.In(p.Zone)
	for day := -1; day <= m.HorizonDays+1; day++ {
		midnight := time.Date(here.Year(), here.Month(), here.Day()+day, 0, 0, 0, 0, p.Zone)
		if !slices.Contains(a.opening.weekdays, midnight.Weekday()) {
			continue
		}
		for _, span := range a.opening.spans {
			closes := midnight.Add(time.Duration(span[1]) * time.Minute)
			for at := midnight.Add(time.Duration(span[0]) * time.Minute); !at.Add(m.Duration).After(closes); at = at.Add(m.Step) {
				x := interval.Of(at, at.Add(m.Duration+m.Buffer))
				if !at.After(now) || m.Notice > 0 && !at.After(now.Add(m.Notice)) || at.After(now.AddDate(0, 0, m.HorizonDays)) ||
					slices.ContainsFunc(a.busy, x.Overlaps) {
					continue
				}
				out = append(out, plainSlot{at.Unix(), at.Add(m.Duration).Unix(), m.ID, m.Seats, m.Modality.Remote()})
			}
		}
	}
	a.kept[key] = out
	return out
}

// town is all places, by name.
type town []*plainPlace

func newAgenda(r *rand.Rand, i int, down *atomic.Bool) *plainAgenda {
	a := &plainAgenda{
		id: fmt.Sprint("agenda-", i), opening: openings[r.IntN(len(openings))], fails: r.IntN(10) == 0, stale: r.IntN(6) == 0,
		down: down, kept: make(map[string][]plainSlot),
	}
	all := []booking.Motif{
		{ID: "seul", Label: "Seul"},
		{ID: "appel", Label: "Appel", Modality: booking.ByPhone, Duration: 30 * time.Minute, Notice: time.Duration(r.IntN(72)) * time.Hour},
		{ID: "groupe", Label: "Groupe", Group: true, Seats: 6, Duration: 45 * time.Minute, Buffer: 15 * time.Minute, HorizonDays: 5 + r.IntN(40)},
	}
	for len(a.motifs) == 0 {
		for _, m := range all {
			if r.IntN(2) == 0 {
				if r.IntN(2) == 0 {
					m.Services = []string{services[r.IntN(len(services))]}
				}
				a.motifs = append(a.motifs, m.Complete())
			}
		}
	}
	full := now.AddDate(0, 0, r.IntN(30)) // some have nothing for weeks
	a.busy = append(a.busy, interval.Of(now, full))
	for range r.IntN(60) {
		start := full.Add(time.Duration(r.IntN(60*24*4)) * 15 * time.Minute)
		a.busy = append(a.busy, interval.Of(start, start.Add(time.Duration(1+r.IntN(16))*15*time.Minute)))
	}
	a.busy = interval.Union(a.busy)
	return a
}

// newTown makes up places and agendas, and a Service of real parts to which they are all known.
func newTown(t *testing.T, r *rand.Rand) (*booking.Service, town) {
	t.Helper()
	folder, logger, key := t.TempDir(), slog.New(slog.DiscardHandler), bytes.Repeat([]byte{1}, 32)
	clock := &atomic.Int64{}
	clock.Store(now.Add(-5 * time.Minute).Unix())
	instant := func() time.Time { return time.Unix(clock.Load(), 0).UTC() }
	down := &atomic.Bool{}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(folder, "lieux.csv")
	check(os.WriteFile(path, rows(r), 0o600))
	where, err := directory.Open(t.Context(), []string{path}, directory.Options{Now: instant, Logger: logger})
	check(err)
	found, err := where.Search(booking.PlaceFilter{})
	check(err)
	var all town
	for _, f := range found {
		all = append(all, &plainPlace{Place: f.Place})
	}
	if len(all) != places {
		t.Fatalf("%d places were read", len(all))
	}
	var seeds []booking.Connection
	byID := make(map[string]*plainAgenda)
	for i := range agendasOfTown {
		a := newAgenda(r, i, down)
		byID[a.id] = a
		c := booking.Connection{
			Connection: connectors.Connection{Connector: "essai", Address: "https://essai.example.org/" + a.id}, Agenda: a.id,
			Motifs: a.motifs, Hours: a.opening.hours, Notice: "lieu@example.org",
		}
		for _, n := range r.Perm(places)[:1+r.IntN(3)] {
			c.Places = append(c.Places, all[n].ID)
			all[n].agendas = append(all[n].agendas, a)
		}
		seeds = append(seeds, c)
	}
	kept, err := ledger.Open(t.Context(), ledger.Options{Path: filepath.Join(folder, "r.db"), Keys: [][]byte{key}, Now: instant})
	check(err)
	t.Cleanup(func() { check(kept.Close()) })
	essai := connectors.Connector{Name: "essai", Open: func(c connectors.Connection, _ connectors.Env) (connectors.Agenda, error) {
		return byID[c.Address[strings.LastIndex(c.Address, "/")+1:]], nil
	}}
	set, err := agendas.Open(t.Context(), agendas.Options{Store: kept, Registry: connectors.NewRegistry(essai), Env: connectors.Env{Logger: logger, Now: instant}})
	check(err)
	check(set.Seed(t.Context(), seeds))
	reader := availability.New(availability.Options{Claims: kept, Logger: logger, Now: instant, HolidaysAsUsual: true})
	t.Cleanup(reader.Close)
	signer, err := booking.NewSlotSigner(key)
	check(err)
	s, err := booking.New(booking.Options{
		Directory: where, Agendas: set, Availability: reader, Ledger: kept, Slots: signer, Logger: logger, Now: instant, PersonKey: key, AnswerIn: time.Minute,
	})
	check(err)
	everything := booking.SlotSearch{PerPlace: 1, Page: 1, Size: places}
	_, err = s.SearchSlots(t.Context(), everything)
	check(err)
	down.Store(true)
	clock.Store(now.Unix())
	_, err = s.SearchSlots(t.Context(), everything) // those that answer are fresh again
	check(err)
	return s, all
}

// rows is the file of the places: in the Drôme and in La Réunion, some at one address, some of one name.
func rows(r *rand.Rand) []byte {
	var b bytes.Buffer
	b.WriteString("id,nom,commune,code_postal,adresse,latitude,longitude,telephone,horaires,services,frais_a_charge\n")
	lat, lon := 44.7, 5.0
	for i := range places {
		commune, code := "Crest", []string{"26400", "26150", "26000"}[r.IntN(3)]
		if i%5 > 0 { // else where the last one is
			lat, lon = 44.5+r.Float64(), 4.7+r.Float64()
		}
		if i%40 >= 35 {
			commune, code, lat, lon = "Saint-Denis", "97400", -20.9-r.Float64()/5, 55.4+r.Float64()/5
		} else if lat < 0 {
			lat, lon = 44.7, 5
		}
		phone, hours := "", ""
		if r.IntN(2) == 0 {
			phone = "+33465710001"
		}
		if r.IntN(2) == 0 {
			hours = "Mo-Fr 09:00-12:00"
		}
		offered := []string{}
		for _, label := range services {
			if r.IntN(2) == 0 {
				offered = append(offered, label)
			}
		}
		fmt.Fprintf(&b, "l%03d,Lieu %02d,%s,%s,1 rue,%.4f,%.4f,%s,%s,%s,%s\n", i, i%90, commune, code, lat, lon, phone, hours, strings.Join(offered, "|"), []string{"", "Gratuit"}[r.IntN(2)])
	}
	return b.Bytes()
}
