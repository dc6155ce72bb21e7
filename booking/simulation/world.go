package simulation

import (
	"context"
	"encoding/binary"
	"log/slog"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// Parts are what a planted fault replaces; the zero value is the world as it should be.
type Parts struct {
	Ledger LedgerOptions                       // Step, Unprotected, Unversioned
	Wrap   func(booking.Ledger) booking.Ledger // stands between the Service and the ledger
	Liar   func(op string, err error) error    // what the Service hears of an agenda's answer
}

// epoch is when every run begins: a Monday, 9 o'clock UTC.
var epoch = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// world is one run.
type world struct {
	*Scheduler
	*booking.Service
	ledger   *Ledger
	diaries  []*diary
	agendas  []*booking.Agenda
	places   []*booking.Place
	watching *booking.Agenda // the one that Watch looks at
	judge    *judge
	signer   *booking.SlotSigner
	intents  []*intent
	serial   int
	temper   temper
}

func newWorld(seed uint64, p Parts) (*world, error) {
	signer, err := booking.NewSlotSigner(make([]byte, 32))
	if err != nil {
		return nil, err
	}
	w := &world{Scheduler: newScheduler(seed, epoch), signer: signer}
	options := p.Ledger
	options.Now, options.Committed = w.Now, func(steps []Taken) { w.judge.committed(steps) }
	w.ledger = NewLedger(options)
	w.judge = newJudge(w)
	w.open(p)
	w.temper = w.draw()
	var to booking.Ledger = w.ledger
	if p.Wrap != nil {
		to = p.Wrap(to)
	}
	front := gated{w.Scheduler, to, w.judge, &w.temper.lost}
	w.Service, err = booking.New(booking.Options{
		Directory: directory{w}, Agendas: connected{w}, Availability: free{w.Scheduler, front}, Ledger: front, Slots: w.signer,
		Logger: slog.New(slog.DiscardHandler), Now: w.Scheduler.Now, Random: (*random)(w.Scheduler), PersonKey: make([]byte, 32), Operator: true,
		BookIn: answerIn,
	})
	return w, err
}

// random gives ids from the seed.
type random Scheduler

func (r *random) Read(p []byte) (int, error) {
	for i := 0; i < len(p); i += 8 {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], r.Uint64())
		copy(p[i:], b[:])
	}
	return len(p), nil
}

// open makes an agenda of every kind, and the places that they serve.
func (w *world) open(p Parts) {
	motif := booking.Motif{ID: "seul", Buffer: 10 * time.Minute, CancelUntil: 30 * time.Minute}.Complete()
	plain := booking.Motif{ID: "seul"}.Complete()
	group := booking.Motif{ID: "atelier", Group: true, Seats: 3}.Complete()
	approved := booking.Motif{ID: "valide", Validation: booking.ByStructure}.Complete()
	for i, kind := range []struct {
		id               string
		place            string
		identity, strict bool
		motifs           []booking.Motif
		as               func(*diary) connectors.Agenda
	}{
		{"interne", "a", false, false, []booking.Motif{plain, group}, func(d *diary) connectors.Agenda { return native{reading{d}} }},
		{"carnet", "a", true, false, []booking.Motif{plain, approved, group}, func(d *diary) connectors.Agenda { return searching{freeing{taking{reading{d}}}} }},
		{"strict", "b", true, true, []booking.Motif{motif}, func(d *diary) connectors.Agenda { return keeping{searching{freeing{taking{reading{d}}}}} }},
		{"simple", "c", false, false, []booking.Motif{plain}, func(d *diary) connectors.Agenda { return freeing{taking{reading{d}}} }},
		{"muet", "c", false, false, []booking.Motif{plain}, func(d *diary) connectors.Agenda { return taking{reading{d}} }},
		{"lu", "d", false, false, []booking.Motif{motif}, func(d *diary) connectors.Agenda { return reading{d} }},
	} {
		d := newDiary(w.Scheduler, kind.id, &w.temper.fates, &w.temper.lag)
		d.identity, d.refuses = kind.identity, kind.strict
		if p.Liar != nil {
			d.liar = p.Liar
		}
		w.diaries = append(w.diaries, d)
		a := &booking.Agenda{Diary: kind.as(d)}
		a.Agenda, a.Places, a.Motifs, a.Notice = kind.id, []string{kind.place}, kind.motifs, "structure@example.org"
		if i == 2 {
			a.Tells = booking.SourceTells
		}
		w.agendas = append(w.agendas, a)
	}
	for _, id := range []string{"a", "b", "c", "d"} {
		w.places = append(w.places, &booking.Place{ID: id, Name: "Lieu " + id, Zone: time.UTC})
	}
}

// diaryOf finds the diary of an agenda.
func (w *world) diaryOf(agenda string) *diary {
	for _, d := range w.diaries {
		if d.id == agenda {
			return d
		}
	}
	return nil
}

type directory struct{ *world }

func (d directory) Places(ids ...string) []*booking.Place {
	out := make([]*booking.Place, len(ids))
	for i, id := range ids {
		for _, p := range d.places {
			if p.ID == id {
				out[i] = p
			}
		}
	}
	return out
}

func (directory) Areas(string) []booking.Area { return nil }

func (directory) Counts(booking.PlaceFilter, string) ([]booking.Count, error) { return nil, nil }

func (directory) EPCI(booking.PlaceFilter) string { return "" }

func (directory) Search(booking.PlaceFilter) ([]booking.Found, error) { return nil, nil }

func (directory) Services(_ string, labels []string) ([]string, error) { return labels, nil }

type connected struct{ *world }

func (c connected) OfPlace(p *booking.Place) *booking.Terms {
	var out []*booking.Agenda
	for _, a := range c.agendas {
		if a.Places[0] == p.ID && !c.diaryOf(a.Agenda).out {
			out = append(out, a)
		}
	}
	return booking.NewTerms(out, connectors.Resolution{})
}

func (c connected) ByID(id string) (*booking.Agenda, bool) {
	for _, a := range c.agendas {
		if a.Agenda == id && !c.diaryOf(id).out {
			return a, true
		}
	}
	return nil, false
}

// All is the one that Watch is to look at: it would look at several side by side.
func (c connected) All() []*booking.Agenda {
	if c.watching == nil || c.diaryOf(c.watching.Agenda).out {
		return nil
	}
	return []*booking.Agenda{c.watching}
}

func (connected) Connectors() []string { return nil }

func (connected) Resolve(string) connectors.Resolution { return connectors.Resolution{} }

// free is availability at its plainest: every half hour is open; what is busy, in doubt or claimed is not.
type free struct {
	*Scheduler
	claims booking.Claims
}

// Of reads when it is asked to book. Other slots, for who lost one, are no part of what is judged.
func (f free) Of(ctx context.Context, q booking.AvailabilityQuery) booking.Availabilities {
	if !q.Live {
		return booking.Availabilities{State: booking.Fresh, Empty: booking.Full}
	}
	m := &q.Motifs[0]
	x := booking.Slot{
		Interval:    interval.Interval{Start: q.Window.Start, End: q.Window.Start + int64(m.Duration.Seconds())},
		PlacedMotif: &booking.PlacedMotif{Place: q.Place.ID, Agenda: q.Agenda.Agenda, Motif: m, Books: true}, Seats: m.Seats,
	}
	whole := x.Interval
	whole.End += int64(m.Buffer.Seconds())
	blocked, err := f.blocked(ctx, q, x, whole)
	switch {
	case err != nil:
		return booking.Availabilities{State: booking.Unknown, Empty: booking.SourceFailed, Err: err}
	case blocked:
		return booking.Availabilities{State: booking.Fresh, Empty: booking.Full, ObservedAt: f.now}
	}
	return booking.Availabilities{State: booking.Fresh, Slots: []booking.Slot{x}, ObservedAt: f.now}
}

func (f free) blocked(ctx context.Context, q booking.AvailabilityQuery, x booking.Slot, whole interval.Interval) (bool, error) {
	r, err := q.Agenda.Diary.Read(ctx, connectors.Query{Window: whole})
	if err != nil {
		return false, err
	}
	if len(r.Doubt) > 0 {
		return false, &connectors.Error{Op: "read", Kind: connectors.Unavailable}
	}
	busy := r.Busy
	if len(r.Own) > 0 {
		known, err := f.claims.Known(ctx, q.Agenda.Agenda, r.Own)
		if err != nil {
			return false, err
		}
		for _, o := range r.Own {
			ours := false
			for _, k := range known {
				ours = ours || k == o
			}
			if !ours {
				busy = append(busy, o.Interval)
			}
		}
	}
	claimed, err := f.claims.Claimed(ctx, q.Agenda.Agenda, whole, q.Except)
	if err != nil {
		return false, err
	}
	for _, c := range claimed {
		if c.Overlaps(whole) && (!x.Motif.Group || c.Session != booking.SessionOf(x) || c.Seats >= x.Motif.Seats) {
			return true, nil
		}
	}
	return len(interval.Cut(busy, whole)) > 0, nil
}

func (free) Readings([]*booking.Agenda) map[string]booking.Reading { return nil }

func (f free) Check(ctx context.Context, _ *booking.Agenda, questions []booking.AvailabilityQuery) []booking.Availabilities {
	out := make([]booking.Availabilities, len(questions))
	for i, q := range questions {
		out[i] = f.Of(ctx, q)
	}
	return out
}

func (free) Explain(context.Context, booking.AvailabilityQuery) ([]booking.Stretch, error) {
	return nil, nil
}

func (free) Opening(*booking.Place, interval.Interval) ([]interval.Interval, bool) { return nil, false }

func (free) NextOpening(*booking.Place, time.Time) (time.Time, bool) { return time.Time{}, false }

func (free) WorkingDay(_ *booking.Place, t time.Time) time.Time { return t.Add(24 * time.Hour) }
