package api

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// gate lets so many requests in at once, and keeps some waiting in each of two lines, for a short time: what comes
// when a line is full, or has waited in vain, is refused. What is urgent goes first, and finds places that are never
// given to anything else.
type gate struct {
	places int // in all
	shared int // of them, those that what is not urgent may have
	wait   time.Duration

	mu       sync.Mutex
	inside   int
	ordinary int // of those inside
	waiting  [2][]chan struct{}
}

// The lines of a gate.
const (
	urgentLine = iota
	ordinaryLine
)

// kept is the part of the places that is never given to what is not urgent: one in so many.
const kept = 4

// lines are how many wait in each, for each place. Who goes first waits little in a long one.
var lines = [...]int{urgentLine: 4, ordinaryLine: 1}

// newGate is nil, which lets everybody in, without places.
func newGate(places int, wait time.Duration) *gate {
	if places <= 0 {
		return nil
	}
	return &gate{places: places, shared: places - max(1, places/kept), wait: wait}
}

// enter waits for a place. Whoever gets one calls leave when it is done.
func (g *gate) enter(ctx context.Context, line int) (leave func(), ok bool) {
	if g == nil {
		return func() {}, true
	}
	leave = func() { g.leave(line) }
	turn, ok := g.queue(line)
	if turn == nil {
		return leave, ok
	}
	timer := time.NewTimer(g.wait)
	defer timer.Stop()
	select {
	case <-turn:
		return leave, true
	case <-timer.C:
	case <-ctx.Done():
	}
	return leave, !g.giveUp(line, turn)
}

// queue takes a place, or one in the line: turn is then closed when it has come to a place.
func (g *gate) queue(line int) (turn chan struct{}, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.room(line) {
		g.take(line)
		return nil, true
	}
	if len(g.waiting[line]) >= lines[line]*g.places || g.wait <= 0 {
		return nil, false
	}
	turn = make(chan struct{})
	g.waiting[line] = append(g.waiting[line], turn)
	return turn, false
}

// giveUp leaves the line. It is false when the turn has just come.
func (g *gate) giveUp(line int, turn chan struct{}) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting[line], turn)
	if i < 0 {
		return false
	}
	g.waiting[line] = slices.Delete(g.waiting[line], i, i+1)
	return true
}

func (g *gate) room(line int) bool {
	return g.inside < g.places && (line == urgentLine || g.ordinary < g.shared)
}

func (g *gate) take(line int) {
	g.inside++
	if line == ordinaryLine {
		g.ordinary++
	}
}

// leave gives the place to who waits, urgent first.
func (g *gate) leave(line int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if line == ordinaryLine {
		g.ordinary--
	}
	for next := range g.waiting {
		if len(g.waiting[next]) > 0 && g.room(next) {
			close(g.waiting[next][0])
			g.waiting[next] = g.waiting[next][1:]
			g.take(next)
			return
		}
	}
}

// errBusy is what is refused when there are more requests than can be answered.
var errBusy = &refusal{
	status: http.StatusServiceUnavailable, code: "surcharge", detail: "La passerelle reçoit trop de demandes à la fois : réessayez dans un instant.",
}

// admit lets a request in, or refuses it. Its body has been read by then: who sends slowly takes no place.
func (s *server) admit(c *gin.Context) {
	if probe(c) {
		return
	}
	leave, ok := s.gate.enter(c.Request.Context(), lineOf(c))
	if !ok {
		s.refuse(c, errBusy)
		return
	}
	defer leave()
	c.Next()
}

// lineOf: what changes something goes first, what people and other software say, and whatever settles a doubt: an
// appointment that is read again. Searches and lists can be asked again.
func lineOf(c *gin.Context) int {
	switch path := c.FullPath(); {
	case path == "/v1/rendez-vous/:id", slices.Contains(promptPaths, path):
		return urgentLine
	case c.Request.Method == http.MethodGet, path == checkPath, slices.Contains(pagePaths, path): // signing in waits for others' servers
		return ordinaryLine
	}
	return urgentLine
}
