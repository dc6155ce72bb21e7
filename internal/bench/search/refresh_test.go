package search

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// refreshes compares the processor time of a reading of a feed by the program with that of its bytes by nothing but net/http:
// both read each feed as often, beside each other, each its own server of the same feeds. What the program does besides, whether it
// reads feeds or not (it keeps them for a next run, too), is what another takes meanwhile that knows as many and reads none.
func refreshes(t *testing.T, _ *gate, s size) (rows table) {
	n := s.agendas
	forUs, forBare := startFeeds(t, n), startFeeds(t, n)
	fresh, rounds, often := time.Second, 1, int64(1)
	if s.meant {
		fresh, rounds, often = 5*time.Second, 3, 4
	}
	g := openFeeds(t, n, forUs.address, "PASSERELLE_FRAICHEUR", fresh.String())
	address, token := g.reach(t)
	for page := range (n + 99) / 100 { // what people are shown is read as often as that
		get(t, address, token, fmt.Sprintf("/v1/creneaux?limite=100&page=%d", page+1))
	}
	forIdle := startFeeds(t, n)
	idle := openFeeds(t, n, forIdle.address) // nobody is shown what it knows
	bare, end := startReader(t, forBare, fresh)
	defer end()
	for _, m := range []struct {
		way        int32
		settled    int64 // after so many readings of each feed, they go on alike
		what       string
		floor, aim float64
	}{
		{changed, 1, "a feed that has changed, processor time over bare net/http", 3, 2},
		{unchanged, 2, "a feed that has not (304), processor time over bare net/http", 1.3, 1.1},
		{same, 1, "a feed that has not (no validators), processor time over bare net/http", 1.3, 1.1},
	} {
		if !s.meant && m.way != unchanged {
			continue
		}
		for _, f := range []*feeds{forUs, forBare} {
			f.way.Store(m.way)
		}
		await(t, m.settled, forUs, forBare)
		var us, them, ratios []float64 // seconds a feed
		for range rounds {
			resting := begin(t, idle.process.PID(), forIdle)
			ours, theirs := begin(t, g.process.PID(), forUs), begin(t, bare, forBare)
			await(t, often, forUs, forBare)
			rest := resting.rest(t)
			us, them = append(us, ours.perFeed(t, rest).Seconds()), append(them, theirs.perFeed(t, 0).Seconds())
			ratios = append(ratios, us[len(us)-1]/them[len(them)-1])
		}
		if s.meant {
			rows = append(rows, row{
				what: m.what, measured: median(ratios), floor: m.floor, aim: m.aim, most: true,
				note: fmt.Sprintf("%.1f and %.1f µs, without what another took which reads none; %.2f to %.2f", 1e6*median(us), 1e6*median(them), slices.Min(ratios), slices.Max(ratios)),
			})
		}
	}
	g.settle(t, n)
	return rows
}

// openFeeds opens a country in which each place has an agenda, at the address of a feed.
func openFeeds(t *testing.T, n int, address func(i int) string, more ...string) *gate {
	t.Helper()
	c := newCountry(seed, n, samples{rows: invented()})
	env := c.filesWith(t, n, 1, func(i int) string {
		return fmt.Sprintf(`connecteur: ics, adresse: "%s", horaires: "Mo-Fr 09:00-18:00"`, address(i))
	})
	env["PASSERELLE_EGRESS_HOTES_HTTP"], env["PASSERELLE_EGRESS_ADRESSES_AUTORISEES"] = "127.0.0.1", "127.0.0.0/8"
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return open(t, c, env, n)
}

// await waits until every feed of each server was asked so often from now on.
func await(t *testing.T, times int64, servers ...*feeds) {
	t.Helper()
	type due struct {
		asked *atomic.Int64
		until int64
	}
	var left []due
	for _, f := range servers {
		for i := range f.each {
			left = append(left, due{&f.each[i], f.each[i].Load() + times})
		}
	}
	const patience = 2 * time.Minute // a guard
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if left = slices.DeleteFunc(left, func(d due) bool { return d.asked.Load() >= d.until }); len(left) == 0 {
			return
		}
	}
	t.Fatalf("%d feeds were not asked %d times", len(left), times)
}

// stretch is a time in which a process reads feeds.
type stretch struct {
	pid        int
	feeds      *feeds
	spent      time.Duration
	read, sent int64
}

func begin(t *testing.T, pid int, f *feeds) stretch {
	t.Helper()
	return stretch{pid, f, processorTime(t, pid), f.all.Load(), f.sent.Load()}
}

// rest is what a process has spent since that was to read none, or hardly any.
func (s stretch) rest(t *testing.T) time.Duration {
	t.Helper()
	if read := s.feeds.all.Load() - s.read; read > int64(len(s.feeds.each)/100) {
		t.Errorf("%d feeds were read meanwhile by who was to read none", read)
	}
	return processorTime(t, s.pid) - s.spent
}

// perFeed is what the process has spent on a feed since, without the rest of what it does. All were answered in the same way, or
// the test fails.
func (s stretch) perFeed(t *testing.T, rest time.Duration) time.Duration {
	t.Helper()
	spent, read, sent := processorTime(t, s.pid)-s.spent-rest, s.feeds.all.Load()-s.read, s.feeds.sent.Load()-s.sent
	want := read
	if s.feeds.way.Load() == unchanged {
		want = 0
	}
	if d := sent - want; d < -readersAtOnce || readersAtOnce < d { // what is under way is counted already
		t.Errorf("of %d answers, %d were texts", read, sent)
	}
	return spent / time.Duration(read)
}
