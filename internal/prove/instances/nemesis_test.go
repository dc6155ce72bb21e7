package instances

import (
	"context"
	"math/rand/v2"
	"testing"
)

// nemesis does something to the servers again and again while the crowd asks, each at its turn and in another order.
type nemesis struct {
	t      *testing.T
	random *rand.Rand
	redis  *lying
	fleet  fleet
	did    deeds
}

// deeds counts what it did.
type deeds struct{ Emptied, Killed, Promoted, Late, Stopped, Cut int }

const deedsInAll = 40 // of a long run

// beside lets the crowd make its attempts and acts beside it, once whenever so many were made.
func (n *nemesis) beside(c *crowd, attempts int) {
	ctx, cancel := context.WithCancel(n.t.Context())
	defer cancel()
	every := max(25, attempts/deedsInAll)
	now := make(chan struct{}, 1)
	c.step = func(attempt int) {
		if attempt%every == 0 {
			select {
			case now <- struct{}{}:
			default: // it is busy
			}
		}
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.run(ctx, attempts)
	}()
	var list []func()
	parted := false
	for {
		select {
		case <-ended:
			return
		case <-now:
		}
		if parted { // what was written since is not in the replica
			parted = false
			n.promote()
			continue
		}
		if len(list) == 0 {
			list = []func(){
				n.empty, n.empty, n.stop, n.kill,
				func() {
					parted = n.redis.settle(ctx) && n.redis.part(ctx)
				},
			}
			n.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		}
		list[0]()
		list = list[1:]
	}
}

func (n *nemesis) empty() {
	if n.redis.empty(n.t.Context()) {
		n.did.Emptied++
	}
}

// promote kills the primary; the replica that was cut off takes its place.
func (n *nemesis) promote() {
	n.did.Killed++
	if n.redis.turn(n.t) {
		n.did.Promoted++
	} else {
		n.did.Late++
	}
}

func (n *nemesis) stop() {
	i := n.fleet[n.random.IntN(len(n.fleet))]
	if err := i.stop(); err != nil {
		n.t.Error(err)
	}
	n.again(i)
	n.did.Stopped++
}

func (n *nemesis) kill() {
	i := n.fleet[n.random.IntN(len(n.fleet))]
	if err := i.process.Kill(); err != nil {
		n.t.Error(err)
	}
	n.again(i)
	n.did.Cut++
}

func (n *nemesis) again(i *instance) {
	if err := i.start(); err != nil {
		n.t.Error(err)
	}
}
