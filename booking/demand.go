package booking

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Sought is all that is kept of a search: where, what for, and what came of it. Nothing says who searched, nor by what.
type Sought struct {
	EPCI    string // SIREN of the group of communes; empty where the search lies in none, or in several
	Service string // of the standard; empty where none was asked for
	Outcome Outcome
	Wait    Wait
}

// Outcome (resultat) is the best that a search has found. Its value is its wire name.
type Outcome string

// The outcomes, the best first.
const (
	FoundSlot    Outcome = "creneau"    // a place with a slot in the time that was asked for
	FoundLink    Outcome = "lien"       // no slot, but a page where somebody may book
	FoundContact Outcome = "contact"    // nor that, but somebody to call, to write to or to go to
	FoundNothing Outcome = "rien"       // places, and nothing that can be done at any of them
	FoundNoPlace Outcome = "aucun_lieu" // no place
)

// Wait (delai) is how many days pass before the first slot, of all that were found. Its value is its wire name: the letter
// keeps spreadsheets from taking it for a date.
type Wait string

// waits are the bands: up to so many days, the last without end. Without a slot there is none.
var waits = []struct {
	days int
	band Wait
}{{1, "0-1j"}, {3, "2-3j"}, {7, "4-7j"}, {14, "8-14j"}, {30, "15-30j"}, {1 << 30, "31j+"}}

// waitBetween counts the days of the calendar from one instant to another, on the clock of a place.
func waitBetween(from, to time.Time, zone *time.Location) Wait {
	number := func(t time.Time) int64 {
		y, m, d := t.In(zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
	}
	days := int(number(to) - number(from))
	for _, w := range waits {
		if days <= w.days {
			return w.band
		}
	}
	return ""
}

// Searches is how many times something was sought: on a day when they are counted, in a month when they are read.
type Searches struct {
	When string // YYYY-MM-DD, or YYYY-MM; in Paris
	Sought
	Number int
}

// Demands is where searches are counted for good.
type Demands interface {
	// AddSearches adds what a batch has counted, by day. A batch that was added already changes nothing: who does not know
	// whether it was asks again.
	AddSearches(ctx context.Context, batch string, counted []Searches) error
	// SearchesIn sums up the days in [from, to) (YYYY-MM-DD) by month: by when and what, without what was never sought.
	SearchesIn(ctx context.Context, from, to string) ([]Searches, error)
}

// Limits of a Demand.
const (
	mostSought   = 10_000 // kinds of searches that are counted between two flushes
	soughtAtOnce = 500    // written in one transaction: bookings wait for it
)

// Demand counts searches in memory, and hands over to the ledger what it has counted. A crash loses what was counted since.
// It is safe for concurrent use.
type Demand struct {
	DemandOptions
	paris *time.Location

	mu     sync.Mutex
	since  map[daily]int // counted since the last flush
	beyond int           // not counted, for there were too many kinds

	flushing sync.Mutex
	batches  []batch // taken, and not known to be kept
}

type daily struct {
	day string
	Sought
}

type batch struct {
	id      string
	counted []Searches
}

// DemandOptions are the parts of a Demand. All are needed.
type DemandOptions struct {
	Kept   Demands
	Logger *slog.Logger
	Now    func() time.Time
	Random io.Reader
}

// NewDemand begins to count.
func NewDemand(o DemandOptions) (*Demand, error) {
	if o.Kept == nil || o.Logger == nil || o.Now == nil || o.Random == nil {
		return nil, errors.New("booking: a part of the demand is missing")
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return nil, fmt.Errorf("booking: %w", err)
	}
	return &Demand{DemandOptions: o, paris: paris, since: make(map[daily]int)}, nil
}

// add counts a search, once for each service that it asks for.
func (d *Demand) add(services []string, what Sought) {
	day := d.Now().In(d.paris).Format(time.DateOnly)
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, service := range services {
		if slices.Contains(services[:i], service) {
			continue
		}
		what.Service = service
		key := daily{day, what}
		if _, known := d.since[key]; !known && len(d.since) >= mostSought {
			d.beyond++
			continue
		}
		d.since[key]++
	}
}

// Flush hands over what was counted: first what an earlier flush could not, under the same name, so that it counts once
// whether or not it was kept. Nothing more is taken before that is done: memory is bounded while the ledger does not answer.
func (d *Demand) Flush(ctx context.Context) error {
	d.flushing.Lock()
	defer d.flushing.Unlock()
	if err := d.send(ctx); err != nil {
		return err
	}
	if err := d.take(); err != nil {
		return err
	}
	return d.send(ctx)
}

func (d *Demand) send(ctx context.Context) error {
	for len(d.batches) > 0 {
		b, open := &d.batches[0], string(d.open())
		n := len(b.counted)
		b.counted = slices.DeleteFunc(b.counted, func(s Searches) bool { return s.When < open }) // what may have been read stays as it is
		if n -= len(b.counted); n > 0 {
			d.Logger.Warn("searches are not counted: they could not be kept before their month was over", "rows", n)
		}
		if err := d.Kept.AddSearches(ctx, b.id, b.counted); err != nil {
			return err
		}
		d.batches = d.batches[1:]
	}
	return nil
}

// take makes batches of what was counted. All that may fail is done before anything is taken.
func (d *Demand) take() error {
	var salt [16]byte
	if _, err := io.ReadFull(d.Random, salt[:]); err != nil {
		return fmt.Errorf("booking: %w", err)
	}
	d.mu.Lock()
	since, beyond := d.since, d.beyond
	d.since, d.beyond = make(map[daily]int), 0
	d.mu.Unlock()
	if beyond > 0 {
		d.Logger.Warn("searches are not counted: too many kinds of them at once", "rows", beyond)
	}
	all := make([]Searches, 0, len(since))
	for key, n := range since {
		all = append(all, Searches{key.day, key.Sought, n})
	}
	slices.SortFunc(all, bySought) // all instances in one order: they do not wait for each other crosswise
	for part := range slices.Chunk(all, soughtAtOnce) {
		d.batches = append(d.batches, batch{fmt.Sprint(hex.EncodeToString(salt[:]), "-", len(d.batches)), part})
	}
	return nil
}

func bySought(a, b Searches) int {
	return cmp.Or(cmp.Compare(a.When, b.When), cmp.Compare(a.EPCI, b.EPCI), cmp.Compare(a.Service, b.Service),
		cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Wait, b.Wait))
}
