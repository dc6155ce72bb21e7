package instances

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"passerelle/internal/prove/gateway"
)

const (
	workers  = 24
	perSlot  = 8 // attempts at each slot, by as many workers
	repeated = 3 // how often a call without an answer is sent again, with its key
)

// door is where the n-th attempt of a worker is sent. An error says that no answer came.
type door func(ctx context.Context, turn int, method, path, key string, body []byte) (gateway.Answer, error)

// crowd asks for the same slots at the same time, directly or through holds, at every door, and gives nothing back: of
// each slot, one is promised.
type crowd struct {
	ask     door
	name    string
	slots   []string
	account *gateway.Account
	step    func(attempt int) // told of every attempt before it is made

	holdsOnly bool

	next atomic.Int64
	mu   sync.Mutex
	tally
}

// tally counts what the callers were answered.
type tally struct {
	promised map[string][]string // by slot: the holds and appointments that were acknowledged, each person's once
	booked   int
	refused  int
	silent   int // calls without an answer, or with a 5xx
	open     int // attempts that had no answer at all in the end
	wrong    []error
}

func newCrowd(name string, slots []string, ask door) *crowd {
	return &crowd{
		ask: ask, name: name, slots: slots, account: gateway.NewAccount(), step: func(int) {},
		tally: tally{promised: make(map[string][]string)},
	}
}

// run makes so many attempts, of all workers together.
func (c *crowd) run(ctx context.Context, attempts int) {
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				n := int(c.next.Add(1))
				if n > attempts || ctx.Err() != nil {
					return
				}
				c.step(n)
				c.attempt(ctx, n)
			}
		})
	}
	wg.Wait()
}

// attempt is one person's: every third goes through a hold.
func (c *crowd) attempt(ctx context.Context, n int) {
	slot := c.slots[n/perSlot%len(c.slots)]
	i := gateway.Want(c.name, n, slot)
	body, holds := i.Body(), ""
	if n%3 == 0 || c.holdsOnly {
		got, ok := c.say(ctx, n, "/v1/reservations", "garde-"+i.Key, fmt.Appendf(nil, `{"creneau_id":%q}`, slot))
		if !ok {
			return
		}
		holds = got.Text("id")
		c.promise(slot, holds)
		if c.holdsOnly {
			return
		}
		body = bytes.Replace(body, []byte(`"creneau_id":"`+slot+`"`), []byte(`"reservation_id":"`+holds+`"`), 1)
	}
	c.account.Asked(i)
	got, ok := c.say(ctx, n, "/v1/rendez-vous", i.Key, body)
	if !ok {
		return
	}
	if err := c.account.Told(i, got); err != nil {
		c.fault(err)
		return
	}
	id := got.Text("id")
	if holds == "" {
		c.promise(slot, id)
	} else if id != holds {
		c.fault(fmt.Errorf("hold %s became appointment %s", holds, id))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.booked++
}

// say sends a call until it has an answer, to the next door each time, with the same key. False: it was refused, or
// nobody knows.
func (c *crowd) say(ctx context.Context, turn int, path, key string, body []byte) (gateway.Answer, bool) {
	for again := range 1 + repeated {
		got, err := c.ask(ctx, turn+again, http.MethodPost, path, key, body)
		switch {
		case err != nil || got.Status >= http.StatusInternalServerError:
			c.mu.Lock()
			c.silent++
			c.mu.Unlock()
			continue
		case got.Status == http.StatusCreated:
			return got, true
		case got.Status != http.StatusConflict || got.Text("code") != "creneau_pris":
			c.fault(fmt.Errorf("%s: %v", path, got))
			return got, false
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.refused++
		return got, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open++
	return gateway.Answer{}, false
}

func (c *crowd) promise(slot, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.promised[slot] = append(c.promised[slot], id)
}

func (c *crowd) fault(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, err)
}

// doubles counts the slots that were promised to two.
func (t *tally) doubles() (n int) {
	for _, ids := range t.promised {
		if len(ids) > 1 {
			n++
		}
	}
	return n
}
