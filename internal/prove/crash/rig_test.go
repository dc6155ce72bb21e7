package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/internal/prove/gateway"
)

var programs gateway.Programs

func TestMain(m *testing.M) { os.Exit(gateway.Main(m, &programs)) }

const (
	callers    = 4                // at once
	latest     = 150              // milliseconds of load, at most, until a kill
	startingIn = 90               // milliseconds within which a start is killed
	pointIn    = 30 * time.Second // a guard: until a process comes to its point
)

// rig is one site with its callers and what they were told.
type rig struct {
	site    *gateway.Site
	caller  *gateway.Caller
	account *gateway.Account
	name    string
	random  *rand.Rand
	slots   []string
	next    atomic.Int64

	since  time.Time // what was told from then on has not been repeated
	ended  ending    // of the last process that served
	judged bool      // what it left behind
}

// serve starts the program, until the test ends.
func (r *rig) serve(t *testing.T) {
	t.Helper()
	p, err := r.site.Serve(r.caller, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Kill() })
}

// newRig makes a site, a partner, and reads the slots that there are.
func newRig(ctx context.Context, o gateway.Options, name string, random *rand.Rand) (*rig, error) {
	site, err := gateway.NewSite(o)
	if err != nil {
		return nil, err
	}
	r := &rig{site: site, account: gateway.NewAccount(), name: name, random: random, judged: true}
	if r.caller, r.slots, err = site.Prepare(ctx, 7); err != nil {
		return nil, err
	}
	random.Shuffle(len(r.slots), func(i, j int) { r.slots[i], r.slots[j] = r.slots[j], r.slots[i] })
	return r, nil
}

// left is how many slots nobody has asked for.
func (r *rig) left() int { return len(r.slots) - int(r.next.Load()) }

func (r *rig) want() (gateway.Intention, bool) {
	n := int(r.next.Add(1)) - 1
	if n >= len(r.slots) {
		return gateway.Intention{}, false
	}
	return gateway.Want(r.name, n, r.slots[n]), true
}

// load books, callers at once, until no answer comes or stop is closed. What was answered otherwise than with an
// acknowledgement is an error, unless it is allowed.
func (r *rig) load(ctx context.Context, stop <-chan struct{}, allowed func(gateway.Answer) bool) error {
	errs := make([]error, callers)
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for errs[c] == nil {
				select {
				case <-stop:
					return
				default:
				}
				i, ok := r.want()
				if !ok {
					return
				}
				r.account.Asked(i)
				a, err := r.caller.Book(ctx, i)
				switch {
				case err != nil:
					return // cut off
				case a.Status == http.StatusCreated && !a.Replayed:
					errs[c] = r.account.Told(i, a)
				case allowed == nil || !allowed(a):
					errs[c] = fmt.Errorf("crash: a new booking was answered %v", a)
				default:
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// ending is how a process ends.
type ending struct {
	point  string        // the program stops itself there…
	times  int           // … when it comes there for the so manieth time
	after  time.Duration // or it is killed so long after it serves…
	starts bool          // … or after it was launched
}

func (e ending) String() string {
	switch {
	case e.point != "":
		return e.point
	case e.starts:
		return "while it starts"
	}
	return "at random"
}

// live runs one process to its ending. before is done with it first; it may be cut off as well.
func (r *rig) live(ctx context.Context, e ending, before func(context.Context) error, more ...string) error {
	if e.point != "" {
		more = append(more, fmt.Sprintf("PASSERELLE_FAILPOINT=%s:%d", e.point, e.times))
	}
	p, err := r.site.Launch(nil, more...)
	if err != nil {
		return err
	}
	defer func() { _ = p.Kill() }()
	if e.starts {
		<-time.After(e.after)
		return p.Kill()
	}
	url, err := p.Serves()
	if err != nil {
		return err
	}
	if url == "" {
		return fmt.Errorf("crash: it ended before it served:\n%s", p.Log())
	}
	r.caller.Turn(url)
	if before != nil {
		if err := before(ctx); err != nil {
			return errors.Join(err, p.Kill())
		}
	}
	r.since, r.judged = time.Now(), false
	failed := make(chan error, 1)
	go func() { failed <- r.load(ctx, p.Ended(), nil) }()
	guard := pointIn
	if e.point == "" {
		guard = e.after
	}
	select {
	case <-p.Ended():
	case <-time.After(guard):
		if e.point != "" {
			err = fmt.Errorf("crash: it never came to %s", e.point)
		}
	}
	return errors.Join(err, p.Kill(), <-failed)
}

// repeat sends every call again that was cut off, and those that were told since: each must now be one appointment, and
// the same one. A call that is cut off again stays open.
func (r *rig) repeat(ctx context.Context, since time.Time) error {
	var errs []error
	for _, t := range r.account.All() {
		if t.At.Before(since) {
			continue
		}
		a, err := r.caller.Book(ctx, t.Intention)
		if err != nil {
			return nil
		}
		if a.Status != http.StatusCreated || !a.Replayed {
			errs = append(errs, fmt.Errorf("crash: the key of %s is answered %v, replayed %v", t.Reference, a, a.Replayed))
			continue
		}
		errs = append(errs, r.account.Told(t.Intention, a))
	}
	for _, i := range r.account.Open() {
		a, err := r.caller.Book(ctx, i)
		if err != nil {
			return errors.Join(errs...)
		}
		if a.Status != http.StatusCreated {
			errs = append(errs, fmt.Errorf("crash: what was cut off is answered %v when it is repeated (%s)", a, i.Reference))
			continue
		}
		errs = append(errs, r.account.Told(i, a))
	}
	return errors.Join(errs...)
}

// compare reads the ledger.
func (r *rig) compare(ctx context.Context) (gateway.Verdict, error) {
	rows, err := r.site.Holds(ctx, r.caller.Partner.ID)
	if err != nil {
		return gateway.Verdict{}, err
	}
	return r.account.Compare(rows), nil
}

// judge compares once after each process that served.
func (r *rig) judge(ctx context.Context, tally *cuts) error {
	if r.judged {
		return nil
	}
	r.judged = true
	v, err := r.compare(ctx)
	tally.add(r.ended, len(r.account.Open()), v.Kept)
	return errors.Join(err, v.Err())
}

// judgeAndRepeat is what is done with a process before it is put under load.
func (r *rig) judgeAndRepeat(tally *cuts) func(context.Context) error {
	return func(ctx context.Context) error {
		return errors.Join(r.judge(ctx, tally), r.repeat(ctx, r.since))
	}
}

// cuts counts, by how processes ended, the calls that were cut off and those of them that had been done.
type cuts struct {
	mu    sync.Mutex
	by    map[string]*[3]int // endings, calls cut off, done
	named []string
}

func (c *cuts) add(e ending, open, kept int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = make(map[string]*[3]int)
	}
	n := c.by[e.String()]
	if n == nil {
		n = new([3]int)
		c.by[e.String()] = n
		c.named = append(c.named, e.String())
	}
	n[0], n[1], n[2] = n[0]+1, n[1]+open, n[2]+kept
}

func (c *cuts) log(t *testing.T) {
	slices.Sort(c.named)
	for _, name := range c.named {
		n := c.by[name]
		t.Logf("%-16s %4d kills, %5d calls cut off, %5d of them done", name, n[0], n[1], n[2])
	}
}
