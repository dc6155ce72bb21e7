package overload

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"passerelle/internal/prove/gateway"
)

// kind is what a call is for.
type kind int

const (
	booking kind = iota
	rereading
	search
	kinds
)

func (k kind) String() string { return [...]string{"bookings", "rereadings", "searches"}[k] }

// mix is what every ten calls are for: one booking, one appointment that is read again, eight searches.
var mix = [10]kind{booking, search, search, search, search, rereading, search, search, search, search}

// tally is what became of the calls of a kind.
type tally struct {
	sent    int
	served  int // 2xx, 409
	refused int // 503 surcharge, 429
	times   []time.Duration
}

func (t tally) share() float64 { return float64(t.served) / float64(max(1, t.sent)) }

// p99 is what one served call in a hundred took longer than.
func (t tally) p99() time.Duration {
	if len(t.times) == 0 {
		return 0
	}
	slices.Sort(t.times)
	return t.times[len(t.times)*99/100].Round(time.Millisecond)
}

// load is callers of one partner, and what they were answered.
type load struct {
	caller   *gateway.Caller
	account  *gateway.Account
	slots    []string
	searched string // the path of a search
	known    string // the path of an appointment

	mu      sync.Mutex
	calls   int
	booked  int // intentions
	by      [kinds]tally
	strange map[string]int // answers that nobody should see
	broken  []error        // of the calls without an answer
	turned  []string       // references of the bookings that were refused for overload
	now     int            // outstanding
	peak    int
}

// send makes the next call of the mix.
func (l *load) send(ctx context.Context) {
	k, i := l.next()
	began := time.Now()
	var a gateway.Answer
	var err error
	switch k {
	case booking:
		a, err = l.caller.Book(ctx, i)
	case rereading:
		a, err = l.caller.Call(ctx, http.MethodGet, l.known, "", nil)
	case search:
		a, err = l.caller.Call(ctx, http.MethodGet, l.searched, "", nil)
	}
	l.note(k, i, a, err, time.Since(began))
}

func (l *load) next() (kind, gateway.Intention) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := mix[l.calls%len(mix)]
	l.calls++
	l.by[k].sent++
	l.now++
	l.peak = max(l.peak, l.now)
	if k != booking {
		return k, gateway.Intention{}
	}
	n := l.booked
	l.booked++
	slot := n - n/5
	if n%5 == 4 { // one in five asks for a slot that somebody has asked for
		slot = n / 2
	}
	i := gateway.Want("surcharge", n, l.slots[slot%len(l.slots)])
	l.account.Asked(i)
	return k, i
}

func (l *load) note(k kind, i gateway.Intention, a gateway.Answer, err error, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now--
	t := &l.by[k]
	switch {
	case err != nil:
		l.broken = append(l.broken, err)
	case a.Status/100 == 2, a.Status == http.StatusConflict:
		t.served++
		t.times = append(t.times, took)
	case a.Status == http.StatusTooManyRequests, a.Status == http.StatusServiceUnavailable && a.Text("code") == "surcharge": // read of refusals alone: who searches gets much
		t.refused++
		if k == booking {
			l.turned = append(l.turned, i.Reference)
		}
	default:
		l.strange[a.String()]++
	}
	if k != booking || err != nil {
		return
	}
	if a.Status == http.StatusCreated {
		if wrong := l.account.Told(i, a); wrong != nil {
			l.strange[wrong.Error()]++
		}
		return
	}
	l.account.Refused(i)
}

// outstanding is how many calls have no answer yet, and how many were refused for overload.
func (l *load) outstanding() (now, refused int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.by {
		refused += t.refused
	}
	return l.now, refused
}

// capacity sends so many calls, a few at once, and gives how many were answered in a second.
func (l *load) capacity(ctx context.Context, calls, atOnce int) float64 {
	began := time.Now()
	var wg sync.WaitGroup
	for range atOnce {
		wg.Go(func() {
			for range calls / atOnce {
				l.send(ctx)
			}
		})
	}
	wg.Wait()
	return float64(calls) / time.Since(began).Seconds()
}

// offer sends calls at a rate, whatever becomes of those before, until done says so; it waits for the last answer.
func (l *load) offer(ctx context.Context, perSecond float64, done func(sent int, since time.Duration) bool) (sent int) {
	began := time.Now()
	var wg sync.WaitGroup
	defer wg.Wait()
	for ; !done(sent, time.Since(began)) && ctx.Err() == nil; sent++ {
		time.Sleep(time.Duration(float64(sent)/perSecond*float64(time.Second)) - time.Since(began))
		wg.Go(func() { l.send(ctx) })
	}
	return sent
}
