package simulation

import "time"

// temper is how one seed is: what happens often in one hardly happens in the next, so that rare meetings are met.
type temper struct {
	crash, hangUp, human int           // in a thousand
	lost                 int           // the ledger, to its caller; likewise
	out                  int           // an agenda cannot be opened for a while; likewise
	lag                  time.Duration // between a write and who reads it
	lull                 int           // how often time goes by, in a thousand
	beside               int           // how many act at once
	calls                int           // how many are launched
	starts               int           // of slots on a day: few make a crowd
	soon                 int           // how many of them are for today, in a thousand
	only                 int           // the agenda that most calls are for; negative means any
	kinds                [kinds]int
	fates                [fates]int
}

// kind is what is launched.
type kind int

const (
	aBooking kind = iota
	aRepeat
	aHold
	aCancellation
	aMove
	aPresence
	aDecision
	aReconciler
	aSweeper
	aWatcher
	aRetainer
	kinds int = iota
)

// Weights of a seed without a temper.
var (
	usualKinds = [kinds]int{22, 12, 7, 9, 9, 4, 6, 18, 3, 9, 1}
	usualFates = [fates]int{52, 9, 12, 10, 5, 6, 6}
)

// draw makes a temper: half of the seeds are for one agenda, a quarter begin shortly before the first appointments.
func (w *world) draw() temper {
	t := temper{
		crash:  []int{0, 10, 10, 40}[w.IntN(4)],
		hangUp: []int{0, 8, 25}[w.IntN(3)],
		human:  []int{0, 12, 12, 40}[w.IntN(4)],
		lost:   []int{0, 0, 20}[w.IntN(3)],
		out:    []int{0, 0, 0, 8}[w.IntN(4)],
		lag:    []time.Duration{0, 0, 45 * time.Second}[w.IntN(3)],
		lull:   []int{20, 84, 84, 250}[w.IntN(4)],
		beside: 2 + w.IntN(6), calls: 20 + w.IntN(40), starts: 1 + w.IntN(5), soon: 300, only: -1,
		kinds: usualKinds, fates: usualFates,
	}
	if w.chance(500) {
		t.only = w.IntN(len(w.agendas))
	}
	if w.chance(250) { // the first appointments are about to begin
		t.soon, w.now = 800, w.now.Add(w.between(2*time.Hour, 3*time.Hour))
	}
	for range 3 {
		t.kinds[w.IntN(kinds)] *= w.IntN(4)
		t.fates[w.IntN(fates)] *= w.IntN(4)
	}
	t.kinds[aBooking] = max(t.kinds[aBooking], 10)
	return t
}

// pick draws one of several by their weights.
func (s *Scheduler) pick(weights []int) int {
	sum := 0
	for _, n := range weights {
		sum += n
	}
	n := s.IntN(max(1, sum))
	for i, weight := range weights {
		if n -= weight; n < 0 {
			return i
		}
	}
	return 0
}
