package ledger

import (
	"context"
	"maps"
	"slices"
	"time"
)

// OnClaims has f called with each agenda whose time has changed hands, before the call that changed it returns, and by
// FollowClaims soon after another process did; with "" where it may be any. f must not wait, and must not call the ledger.
func (l *Ledger) OnClaims(f func(agenda string)) {
	l.hearing.Lock()
	defer l.hearing.Unlock()
	l.hearers = append(l.hearers, f)
}

func (l *Ledger) claimsChanged(agendas ...string) {
	l.hearing.Lock()
	hearers := slices.Clone(l.hearers)
	l.hearing.Unlock()
	for _, agenda := range agendas {
		for _, f := range hearers {
			f(agenda)
		}
	}
}

// write is the store's; afterwards it says whose time has changed, even where the answer to the commit was lost.
func (l *Ledger) write(ctx context.Context, do func(*session) error) error {
	var touched []string
	err := l.store.write(ctx, func(s *session) error {
		s.touched = nil
		defer func() { touched = s.touched }()
		return do(s)
	})
	slices.Sort(touched)
	l.claimsChanged(slices.Compact(touched)...)
	return err
}

const (
	// late is for how long an entry of the log may be missing that others have overtaken: its id was given before theirs, its
	// transaction commits after them, or never. None of ours takes a quarter of it.
	late = 4 * writeIn
	// behindAtFirst is how far before the end of the log the first look begins, for those that are under way then.
	behindAtFirst = 1000
	// lookIn is what one look may take: a connection may hang while searches have others.
	lookIn = time.Second
)

// follower reads the log in the order of ids, which is not that of commits: what is below floor is known, and of what is
// above it the ids that were seen, and when they were first.
type follower struct {
	floor int64
	above map[int64]time.Time
}

// FollowClaims looks every so often for what other processes have changed, until ctx ends. While it cannot look, nothing is
// believed.
func (l *Ledger) FollowClaims(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	var f *follower
	for {
		look, cancel := context.WithTimeout(ctx, lookIn)
		f = l.follow(look, f)
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// follow looks once; without a follower it begins one.
func (l *Ledger) follow(ctx context.Context, f *follower) *follower {
	if f == nil {
		var last int64
		if _, err := l.read.first(ctx, []any{&last}, "SELECT coalesce(max(id), 0) FROM log"); err != nil {
			l.claimsChanged("")
			return nil
		}
		f = &follower{floor: max(0, last-behindAtFirst), above: make(map[int64]time.Time)}
		l.claimsChanged("") // what came before is not looked through
	}
	now := l.now()
	var agendas []string
	err := l.read.rows(ctx, func(r rowScanner) error {
		var id int64
		var agenda string
		if err := r.Scan(&id, &agenda); err != nil {
			return err
		}
		if _, seen := f.above[id]; !seen {
			f.above[id] = now
			agendas = append(agendas, agenda)
		}
		return nil
	}, "SELECT log.id, a.agenda FROM log JOIN appointments a ON a.id = log.appointment WHERE log.id > ? ORDER BY log.id", f.floor)
	if err != nil {
		l.claimsChanged("")
		return nil
	}
	f.advance(now)
	slices.Sort(agendas)
	l.claimsChanged(slices.Compact(agendas)...)
	return f
}

// advance moves the floor over what has been seen, and over what is missing below an id that was seen long ago.
func (f *follower) advance(now time.Time) {
	for _, id := range slices.Sorted(maps.Keys(f.above)) {
		if id > f.floor+1 && now.Sub(f.above[id]) < late {
			return
		}
		f.floor = id
		delete(f.above, id)
	}
}
