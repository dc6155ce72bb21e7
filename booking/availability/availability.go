package availability

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"passerelle/booking"
	"passerelle/booking/hours"
	"passerelle/connectors/interval"
)

// Reader answers booking.Availability. It keeps the last reading of each agenda.
type Reader struct {
	Options
	mu       sync.Mutex
	diaries  map[string]*diary // by agenda
	reads    sync.WaitGroup
	gate     gate     // of all readings
	bySource sync.Map // horaires as written → *hours.Schedule
	opens    sync.Map // opensAt → opening
	alone    alone
	record   record // of what became of readings
}

// Options are what a Reader needs. All but those with a default.
type Options struct {
	Claims          Claims
	Slots           *booking.SlotSigner // what slots get their ids from; nil: they have none
	Logger          *slog.Logger
	Now             func() time.Time // default time.Now
	FreshFor        time.Duration    // a reading answers for so long without a new one; default 1 minute
	StaleAfter      time.Duration    // and, where reading fails, for so long as "perime"; default 15 minutes
	ReadIn          time.Duration    // what one reading may take; default 10 seconds
	HolidaysAsUsual bool             // hours that do not mention public holidays hold on those days too
	Seal            *Seal            // of kept readings; nil: nothing is kept
	Build           string           // tells this program from another that may understand otherwise what an agenda says
	Board           Board            // what instances have read; nil: this one is alone
	Turns           Turns            // of who reads an agenda; there where there is a Board
}

var _ booking.Availability = (*Reader)(nil)

// readings is how many agendas are read at once: a feed may be 20 MB.
const readings = 16

// readingsOfOne is how many of them may be of one agenda: however many wish to book in one that hangs, the others are read.
const readingsOfOne = 4

// New fills in the defaults.
func New(o Options) *Reader {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.FreshFor == 0 {
		o.FreshFor = time.Minute
	}
	if o.StaleAfter == 0 {
		o.StaleAfter = 15 * time.Minute
	}
	if o.ReadIn == 0 {
		o.ReadIn = 10 * time.Second
	}
	r := &Reader{Options: o, diaries: make(map[string]*diary), gate: make(gate, readings)}
	o.Claims.OnClaims(r.forget)
	return r
}

// forget is for when the ledger holds something else of an agenda; of any, where it has no name.
func (r *Reader) forget(agenda string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d := r.diaries[agenda]; d != nil {
		d.shelf.forget()
	}
	if agenda == "" {
		for _, d := range r.diaries {
			d.shelf.forget()
		}
	}
}

// Close waits for the readings that are under way.
func (r *Reader) Close() { r.reads.Wait() }

// Of implements booking.Availability.
func (r *Reader) Of(ctx context.Context, q booking.AvailabilityQuery) booking.Availabilities {
	now, d := r.Now(), r.diary(q.Agenda)
	read, state := r.readFor(ctx, d, q, now)
	return r.answer(q, now, read, state, func() (*free, error) { return r.free(ctx, d, q, read.said, now) })
}

// answer cuts the slots that a question asks for from a reading; freely gives the free time, of a reading that succeeded.
func (r *Reader) answer(q booking.AvailabilityQuery, now time.Time, read reading, state booking.State, freely func() (*free, error)) booking.Availabilities {
	out := booking.Availabilities{State: state, ObservedAt: read.at, SourceAt: read.sourceAt, Err: read.err}
	if state == booking.Unknown {
		out.Empty = booking.SourceFailed
		return out
	}
	free, err := freely()
	if err != nil {
		r.Logger.Warn("the free time of an agenda is not known", "agenda", q.Agenda.Agenda, "lieu", q.Place.ID, "err", err)
		out.State, out.Empty, out.Err = booking.Unknown, booking.SourceFailed, err
		return out
	}
	why := booking.Closed
	for i := range q.Motifs {
		slots, reason := free.first(q, &q.Motifs[i], now)
		if len(out.Slots) == 0 {
			out.Slots = slots
		} else {
			out.Slots = append(out.Slots, slots...)
		}
		why = booking.Milder(why, reason)
	}
	if len(out.Slots) == 0 {
		out.Empty = why
		if why == booking.SourceFailed || len(interval.Cut(free.doubt, q.Window)) > 0 {
			out.State, out.Empty = booking.Unknown, booking.SourceFailed
		}
	}
	return out
}

// Opening implements booking.Availability.
func (r *Reader) Opening(p *booking.Place, w interval.Interval) (open []interval.Interval, known bool) {
	if p.Hours == "" || p.Zone == nil {
		return nil, false
	}
	open, unknown := r.schedule(p.Hours).Open(w, p.Zone, r.calendar(p))
	return open, len(unknown) == 0
}

// NextOpening implements booking.Availability.
func (r *Reader) NextOpening(p *booking.Place, t time.Time) (time.Time, bool) {
	if p.Hours == "" || p.Zone == nil {
		return time.Time{}, false
	}
	at := opensAt{p.Hours, r.calendar(p).Territory, p.Zone.String()}
	if known, ok := r.opens.Load(at); ok && known.(opening).holds(t) {
		return known.(opening).after(t).In(p.Zone), true
	}
	w := interval.Of(t, t.AddDate(0, 0, 14))
	open, _ := r.schedule(p.Hours).Open(w, p.Zone, r.calendar(p))
	if len(open) == 0 {
		return time.Time{}, false
	}
	r.opens.Store(at, opening{t.Unix(), open[0]})
	return open[0].StartTime().In(p.Zone), true
}

// opensAt is what an opening is known by: many places keep the same hours.
type opensAt struct {
	hours, territory, zone string
}

// opening is the first time that somebody is let in from an instant on, which it is for every later instant up to its end.
type opening struct {
	since int64
	interval.Interval
}

func (o opening) holds(t time.Time) bool { return o.since <= t.Unix() && t.Unix() < o.End }

func (o opening) after(t time.Time) time.Time { return time.Unix(max(o.Start, t.Unix()), 0) }

func (r *Reader) schedule(value string) *hours.Schedule {
	if s, ok := r.bySource.Load(value); ok {
		return s.(*hours.Schedule)
	}
	s, _ := r.bySource.LoadOrStore(value, hours.Parse(value))
	return s.(*hours.Schedule)
}

func (r *Reader) calendar(p *booking.Place) hours.Calendar {
	territory := p.INSEE
	if territory == "" {
		territory = p.Department()
	}
	return hours.Calendar{Territory: territory, HolidaysAsUsual: r.HolidaysAsUsual}
}

// openHours is when the agenda's hours, or else the place's, let somebody in; and when that is not known.
func (r *Reader) openHours(q booking.AvailabilityQuery, w interval.Interval) (open, unknown []interval.Interval, err error) {
	value := q.Agenda.Hours
	if value == "" {
		value = q.Place.Hours
	}
	if value == "" || q.Place.Zone == nil {
		return nil, nil, booking.ErrNoHours
	}
	s := r.schedule(value)
	if s.Understood() == hours.Nothing {
		return nil, nil, booking.ErrNoHours
	}
	open, unknown = s.Open(w, q.Place.Zone, r.calendar(q.Place))
	return open, unknown, nil
}

// WorkingDay implements booking.Availability. What is asked on a Saturday is asked on Monday morning.
func (r *Reader) WorkingDay(p *booking.Place, t time.Time) time.Time {
	zone := p.Zone
	if zone == nil {
		zone = time.UTC
	}
	at, works := t.In(zone), r.workdays(p)
	if !works(at) {
		for !works(at) {
			at = at.AddDate(0, 0, 1)
		}
		at = booking.Midnight(at, zone)
	}
	for at = at.AddDate(0, 0, 1); !works(at); {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// workdays tells the days on which people work where a place is: a day that may be a holiday there is none.
func (r *Reader) workdays(p *booking.Place) func(time.Time) bool {
	territory := r.calendar(p).Territory
	return func(t time.Time) bool {
		if t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
			return false
		}
		for _, h := range hours.Holidays(territory, t.Year()) {
			if h.Month == t.Month() && h.Day == t.Day() {
				return false
			}
		}
		return true
	}
}
