package hours

// state is what a rule says of a time.
type state uint8

const (
	unknown state = iota
	open
	closed
)

// join is how a rule meets those before it.
type join uint8

const (
	replace  join = iota // ";": it replaces the days that it names
	add                  // ",": it adds to them
	fallback             // "||": it speaks where they say closed
	either               // only a French sentence joins them: it may replace or add
)

// rule is one rule of a value: on some days, at some times, a state.
type rule struct {
	when     [][]selector // all of them hold, each by one of its alternatives; none: every day
	times    []span       // over midnight up to 48:00; none: the whole day
	state    state
	join     join
	refused  bool // not understood, but for its days
	sweeping bool // it first takes away what earlier rules say of its days
}

// on tells whether the rule is about day d.
func (r *rule) on(d day, a *almanac) answer {
	all := yes
	for _, alternatives := range r.when {
		one := no
		for _, s := range alternatives {
			one = max(one, s.on(d, a))
		}
		if all = min(all, one); all == no {
			break
		}
	}
	return all
}

// namesDays reports whether the rule itself says which days it is about.
func (r *rule) namesDays() bool {
	if len(r.when) == 0 {
		return false
	}
	_, borrowed := r.when[0][0].(earlier)
	return !borrowed
}

// overrules reports whether nothing of what earlier rules say of its days is sure to stay.
func (r *rule) overrules() bool {
	return r.sweeping || r.join == either && r.state != closed || r.state == closed && len(r.times) == 0 && r.join != fallback
}

// onDay lays the rule on a day that it is about.
func (r *rule) onDay(t timeline) timeline {
	switch {
	case r.sweeping:
		t = t[:0]
	case r.join == either && r.state != closed:
		for i := range t {
			t[i].state = unknown
		}
	}
	if len(r.times) == 0 {
		return r.lay(t, span{0, minutesPerDay, r.state})
	}
	for _, s := range r.times {
		s.to = min(s.to, minutesPerDay)
		t = r.lay(t, s)
	}
	return t
}

// onMorrow lays what runs over midnight on the day after one that the rule is about.
func (r *rule) onMorrow(t timeline) timeline { return r.morrow(t, r.lay) }

// overMorrow does so over all that was there: some readers of OSM forget after midnight that a rule is only a fallback.
func (r *rule) overMorrow(t timeline) timeline { return r.morrow(t, timeline.paint) }

func (r *rule) morrow(t timeline, lay func(timeline, span) timeline) timeline {
	for _, s := range r.times {
		if s.to > minutesPerDay {
			t = lay(t, span{max(0, s.from-minutesPerDay), s.to - minutesPerDay, s.state})
		}
	}
	return t
}

func (r *rule) lay(t timeline, s span) timeline {
	if r.join == fallback {
		return t.fill(s)
	}
	return t.paint(s)
}

// spills reports whether a span runs over midnight.
func (r *rule) spills() bool {
	for _, s := range r.times {
		if s.to > minutesPerDay {
			return true
		}
	}
	return false
}
