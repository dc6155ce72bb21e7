package once

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"passerelle/booking"
	"passerelle/internal/prove/gateway"
)

const (
	workers    = 6
	twins      = 3                     // of one call, at once
	leaveIn    = 3000                  // microseconds, at most, until a caller leaves before the answer
	persistIn  = time.Minute           // a guard: until a call is answered
	persistAll = 20 * time.Millisecond // how often it is tried
)

// callers are those of one partner.
type callers struct {
	caller  *gateway.Caller
	account *gateway.Account
	calls   atomic.Int64 // sent, answered or not
	cut     atomic.Int64 // not answered
	started atomic.Int64 // intentions
	goOn    bool         // whatever is answered wrongly
}

func (c *callers) book(ctx context.Context, i gateway.Intention) (gateway.Answer, error) {
	c.calls.Add(1)
	a, err := c.caller.Book(ctx, i)
	if err != nil {
		c.cut.Add(1)
	}
	return a, err
}

// persist repeats a call until it is answered: the program may be killed meanwhile. "In progress" is no answer yet.
func (c *callers) persist(ctx context.Context, call func() (gateway.Answer, error)) (gateway.Answer, error) {
	guard := time.NewTimer(persistIn)
	defer guard.Stop()
	for {
		a, err := call()
		if err == nil && a.Text("code") != "demande_en_cours" {
			return a, nil
		}
		select {
		case <-ctx.Done():
			return a, ctx.Err()
		case <-guard.C:
			return a, fmt.Errorf("once: no answer within %v: %v, %w", persistIn, a, err)
		case <-time.After(persistAll):
		}
	}
}

// demand is an intention and how its callers behave.
type demand struct {
	gateway.Intention
	held   bool // the slot is held first
	leaves bool // the first caller leaves before the answer
	random *rand.Rand
}

// pursue does all that callers do about one intention.
func (c *callers) pursue(ctx context.Context, d demand) error {
	c.started.Add(1)
	if d.held {
		if err := c.hold(ctx, &d); err != nil {
			return err
		}
	}
	c.account.Asked(d.Intention)
	if d.leaves {
		short, cancel := context.WithTimeout(ctx, time.Duration(d.random.IntN(leaveIn))*time.Microsecond)
		a, err := c.book(short, d.Intention)
		cancel()
		if err == nil {
			if err := c.told(d, a); err != nil {
				return err
			}
		}
	}
	if err := c.together(ctx, d); err != nil {
		return err
	}
	a, err := c.persist(ctx, func() (gateway.Answer, error) { return c.book(ctx, d.Intention) })
	if err != nil {
		return err
	}
	if !a.Replayed {
		return fmt.Errorf("once: %s, repeated, is answered %v as if it were new", d.Reference, a)
	}
	return errors.Join(c.told(d, a), c.otherwise(ctx, d))
}

func (c *callers) told(d demand, a gateway.Answer) error {
	if a.Status != http.StatusCreated {
		return fmt.Errorf("once: %s is answered %v", d.Reference, a)
	}
	return c.account.Told(d.Intention, a)
}

// together sends the same call several times at once.
func (c *callers) together(ctx context.Context, d demand) error {
	errs := make([]error, twins)
	var wg sync.WaitGroup
	for n := range twins {
		wg.Go(func() {
			a, err := c.persist(ctx, func() (gateway.Answer, error) { return c.book(ctx, d.Intention) })
			if errs[n] = err; err == nil {
				errs[n] = c.told(d, a)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// hold keeps the slot, twice with one key: one hold.
func (c *callers) hold(ctx context.Context, d *demand) error {
	body, err := json.Marshal(map[string]string{"creneau_id": d.Slot})
	if err != nil {
		return err
	}
	for range 2 {
		a, err := c.persist(ctx, func() (gateway.Answer, error) {
			c.calls.Add(1)
			return c.caller.Call(ctx, http.MethodPost, "/v1/reservations", d.Key+"-reserver", body)
		})
		if err != nil {
			return err
		}
		id := a.Text("id")
		if a.Status != http.StatusCreated || id == "" || d.Hold != "" && d.Hold != id {
			return fmt.Errorf("once: the hold of %s is answered %v", d.Reference, a)
		}
		d.Hold = id
	}
	return nil
}

// otherwise gives the key to another demand, and the demand another key: both are refused.
func (c *callers) otherwise(ctx context.Context, d demand) error {
	other := d.Intention
	other.Last += " autre"
	a, err := c.persist(ctx, func() (gateway.Answer, error) { return c.book(ctx, other) })
	if err != nil {
		return err
	}
	if a.Status != http.StatusUnprocessableEntity || a.Text("code") != "cle_reutilisee" {
		return fmt.Errorf("once: the key of %s with another demand is answered %v", d.Reference, a)
	}
	if d.Phone == "" {
		return nil // nobody can know that it is the same person
	}
	again := d.Intention
	again.Key, again.Reference, again.Hold = d.Key+"-neuve", d.Reference+"-neuve", ""
	if a, err = c.persist(ctx, func() (gateway.Answer, error) { return c.book(ctx, again) }); err != nil {
		return err
	}
	if code := a.Text("code"); a.Status != http.StatusConflict || code != "creneau_pris" && code != "rendez_vous_double" {
		return fmt.Errorf("once: %s with a new key is answered %v", d.Reference, a)
	}
	return nil
}

// demands makes so many, in an order that chance gives. A slot of a group session is asked for by several.
func demands(n int, single, group []string, random *rand.Rand) ([]demand, error) {
	const ofOneSession = 7
	if n > len(single) || n/ofOneSession >= len(group) {
		return nil, fmt.Errorf("once: %d and %d slots are not enough for %d intentions", len(single), len(group), n)
	}
	out := make([]demand, n)
	for i := range out {
		d := demand{Intention: gateway.Want("seule", i, single[i]), leaves: random.IntN(4) == 0, held: random.IntN(8) == 0}
		if random.IntN(2) == 0 {
			d.Slot = group[i/ofOneSession]
			if random.IntN(2) == 0 {
				d.Phone = ""
			}
		}
		d.random = rand.New(rand.NewPCG(random.Uint64(), 0))
		out[i] = d
	}
	random.Shuffle(n, func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out, nil
}

// all pursues the demands, workers at once, and gives the first thing that is wrong.
func (c *callers) all(ctx context.Context, list []demand) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for ctx.Err() == nil {
				n := int(next.Add(1)) - 1
				if n >= len(list) {
					return
				}
				if err := c.pursue(ctx, list[n]); err != nil && !c.goOn {
					stop(err)
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// doubles are the intentions with more than one appointment.
func doubles(rows []booking.Appointment) []string {
	v := gateway.Against(rows, nil, nil)
	slices.Sort(v.Double)
	return v.Double
}
