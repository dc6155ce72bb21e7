package directory

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// Options is what a Directory may use of the outside world, and what it must keep.
type Options struct {
	HTTP   *http.Client     // for sources that are URLs; its owner decides where it may go
	Now    func() time.Time // never nil
	Logger *slog.Logger     // nil discards
	// Keep tells that a place which vanished from its source must stay: it has an agenda or an appointment. It is asked
	// for the id and for each alias. Nil keeps none.
	Keep func(id string) bool
	// Canonical answers the canonical link of a prise_rdv, empty when there is none, so that a search by link finds
	// every writing of it. Nil compares what is written.
	Canonical func(prise string) string
	// AcceptLoss takes in a new reading even if more than a tenth of the places vanished.
	AcceptLoss bool
}

// Directory is a booking.Directory over the sources that it was opened with. It is safe for concurrent use; a search
// sees one reading, whole.
type Directory struct {
	o          Options
	refreshing sync.Mutex
	current    atomic.Pointer[state]
}

var _ booking.Directory = (*Directory)(nil)

// state is everything that one reading brought.
type state struct {
	*index
	sources  []source
	loadedAt time.Time
}

// Status says what a Directory holds, for an operator.
type Status struct {
	LoadedAt time.Time // when the places last changed
	Places   int
	Sources  []SourceStatus
	Notes    []Rejection // ids in several sources, aliases that two places share
}

// SourceStatus says what the last reading of a source brought.
type SourceStatus struct {
	Source string
	ReadAt time.Time // of what is served; a reading that failed does not change it
	Report Report
	Err    error // of the last attempt; nil when it went well
}

// Open reads the sources, each a path or an http(s) URL. Every one must be readable; the error joins those that are
// not. Of places with the same id the one of the first source is kept.
func Open(ctx context.Context, sources []string, o Options) (*Directory, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Directory{o: o}
	next := &state{loadedAt: o.Now()}
	var failures []error
	for _, address := range sources {
		fresh, _, err := source{address: address}.readAgain(ctx, o)
		if err != nil {
			failures = append(failures, err)
		}
		next.sources = append(next.sources, fresh)
	}
	if err := errors.Join(failures...); err != nil {
		return nil, err
	}
	next.index = newIndex(next.read(), o.Canonical)
	d.current.Store(next)
	d.log(next)
	return d, nil
}

// read lists the places of all sources.
func (s *state) read() []*booking.Place {
	var all []*booking.Place
	for i := range s.sources {
		all = append(all, s.sources[i].places...)
	}
	return all
}

// Places answers each id or alias with its place, in order; nil where it is unknown.
func (d *Directory) Places(ids ...string) []*booking.Place {
	now := d.current.Load()
	places := make([]*booking.Place, len(ids))
	for i, id := range ids {
		places[i] = now.find(id)
	}
	return places
}

// Some reports whether there is a place that is as asked. It looks at all of them.
func (d *Directory) Some(is func(*booking.Place) bool) bool {
	return slices.ContainsFunc(d.current.Load().places, is)
}

// Search lists every place that matches: by distance if the filter has a point, else by name.
func (d *Directory) Search(f booking.PlaceFilter) ([]booking.Found, error) {
	return d.current.Load().search(f)
}

// Status says what is served.
func (d *Directory) Status() Status {
	now := d.current.Load()
	status := Status{LoadedAt: now.loadedAt, Places: len(now.places), Notes: slices.Clone(now.notes)}
	for i := range now.sources {
		status.Sources = append(status.Sources, now.sources[i].status)
	}
	return status
}

// Refresh reads again the sources that changed and replaces all places at once. A source that cannot be read keeps
// its places. When more than a tenth of the places would vanish nothing changes, and the error is Refused.
func (d *Directory) Refresh(ctx context.Context) error {
	d.refreshing.Lock()
	defer d.refreshing.Unlock()
	old := d.current.Load()
	next := &state{index: old.index, sources: slices.Clone(old.sources), loadedAt: old.loadedAt}
	changed := map[int]source{}
	var failures []error
	for i, s := range old.sources {
		fresh, unchanged, err := s.readAgain(ctx, d.o)
		next.sources[i].status.Err = err
		if err != nil {
			failures = append(failures, err)
		} else if !unchanged {
			changed[i] = fresh
		}
	}
	if len(changed) > 0 {
		replaced, err := d.replace(next, changed)
		if err != nil {
			failures = append(failures, err)
			for i := range changed {
				next.sources[i].status.Err = err // and what it was read from is read again next time
			}
		} else {
			next = replaced
			d.log(next)
		}
	}
	d.current.Store(next)
	return errors.Join(failures...)
}

// replace answers the state with the changed sources in the place of what was read of them before, and the old
// places that must be kept.
func (d *Directory) replace(old *state, changed map[int]source) (*state, error) {
	next := &state{sources: slices.Clone(old.sources), loadedAt: d.o.Now()}
	for i, fresh := range changed {
		next.sources[i] = fresh
	}
	next.index = newIndex(next.read(), d.o.Canonical)
	served, vanished := 0, 0
	var kept []*booking.Place
	for _, p := range old.places {
		gone := next.find(p.ID) == nil
		if !p.OutsideSources {
			served++
			if gone {
				vanished++
			}
		}
		if gone && d.keeps(p) {
			outside := *p
			outside.OutsideSources = true
			kept = append(kept, &outside)
		}
	}
	if vanished*10 > served && !d.o.AcceptLoss {
		return nil, &booking.Error{
			Kind:   connectors.Refused,
			Code:   "trop_de_lieux_disparus",
			Detail: fmt.Sprintf("%d lieux sur %d ont disparu des sources : la nouvelle lecture est refusée, l'ancienne reste.", vanished, served),
			Err:    fmt.Errorf("directory: %d of %d places vanished", vanished, served),
		}
	}
	if len(kept) > 0 {
		next.index = newIndex(append(next.read(), kept...), d.o.Canonical)
	}
	return next, nil
}

func (d *Directory) keeps(p *booking.Place) bool {
	return d.o.Keep != nil && (d.o.Keep(p.ID) || slices.ContainsFunc(p.Aliases, d.o.Keep))
}

// Run refreshes at every interval until ctx ends. What fails is logged and tried again.
func (d *Directory) Run(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := d.Refresh(ctx); err != nil && ctx.Err() == nil {
				d.o.Logger.Error("places not refreshed", "error", err)
			}
		}
	}
}

// log counts; it never shows a row.
func (d *Directory) log(s *state) {
	for i := range s.sources {
		report := s.sources[i].status.Report
		d.o.Logger.Info("places read", "source", s.sources[i].status.Source, "rows", report.Rows, "places", report.Places,
			"rejected", len(report.Rejected), "warnings", len(report.Warnings))
	}
	d.o.Logger.Info("directory replaced", "places", len(s.places), "notes", len(s.notes))
}
