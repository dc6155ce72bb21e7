package linkcheck

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"passerelle/connectors"
)

// Options are what a check needs of the world.
type Options struct {
	Client   *http.Client // of package egress; its redirections are not used
	Registry *connectors.Registry
	Now      func() time.Time                           // nil means time.Now
	Sleep    func(context.Context, time.Duration) error // nil waits; ends with the context's error
	Hosts    int                                        // asked at the same time; zero means 8
	Journal  *Journal                                   // results of earlier runs, and of this one; nil means none
	Age      time.Duration                              // from which on a result of the journal is asked for again
}

// run is one Check.
type run struct {
	client   *http.Client
	registry *connectors.Registry
	now      func() time.Time
	sleep    func(context.Context, time.Duration) error
	together int // hosts

	mu    sync.Mutex // guards the maps
	hosts map[string]*host
	sites map[string]func() (robots, error)
}

// Check gives a result for each of the links, which are canonical (see Shape) and distinct, and tells it to found as
// it comes, one at a time, with how many hosts have links left. What the journal has fresh results of comes first; new
// results are in the journal before they are told. An error of found, or of the journal, ends the check and is
// returned; so is the cause of the context's end, and then what was in the middle is neither told nor written.
func Check(ctx context.Context, o Options, links []string, found func(r Result, hosts int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r := newRun(o)
	var kept []Result
	var ask []string
	now := r.now()
	for _, link := range links {
		if result, fresh := o.Journal.Fresh(link, now, o.Age); fresh {
			kept = append(kept, result)
		} else {
			ask = append(ask, link)
		}
	}
	queues := byHost(ask)
	for _, result := range kept {
		if err := found(result, len(queues)); err != nil {
			return err
		}
	}

	var telling sync.Mutex
	left := len(queues)
	tell := func(result Result, last bool) {
		telling.Lock()
		defer telling.Unlock()
		if last {
			left--
		}
		if ctx.Err() != nil {
			return
		}
		err := o.Journal.Append(result)
		if err == nil {
			err = found(result, left)
		}
		if err != nil {
			stop(err)
		}
	}
	r.ask(ctx, queues, tell)
	return context.Cause(ctx)
}

// ask looks at the links of each queue in turn, several queues at the same time.
func (r *run) ask(ctx context.Context, queues [][]string, tell func(result Result, last bool)) {
	work := make(chan []string, len(queues))
	for _, queue := range queues {
		work <- queue
	}
	close(work)
	var group sync.WaitGroup
	for range min(r.together, len(queues)) {
		group.Go(func() {
			for queue := range work {
				for i, link := range queue {
					if ctx.Err() != nil {
						return
					}
					tell(r.check(ctx, link), i == len(queue)-1)
				}
			}
		})
	}
	group.Wait()
}

func newRun(o Options) *run {
	client := *o.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	r := &run{
		client: &client, registry: o.Registry, now: o.Now, sleep: o.Sleep, together: o.Hosts,
		hosts: map[string]*host{}, sites: map[string]func() (robots, error){},
	}
	if r.now == nil {
		r.now = time.Now
	}
	if r.sleep == nil {
		r.sleep = sleep
	}
	if r.together <= 0 {
		r.together = 8
	}
	return r
}

// byHost sorts links by host, the host with most of them first: it takes the longest.
func byHost(links []string) [][]string {
	place := map[string]int{}
	var queues [][]string
	for _, link := range links {
		name := ""
		if u, err := url.Parse(link); err == nil {
			name = u.Hostname()
		}
		at, known := place[name]
		if !known {
			at = len(queues)
			place[name], queues = at, append(queues, nil)
		}
		queues[at] = append(queues[at], link)
	}
	slices.SortStableFunc(queues, func(a, b []string) int { return len(b) - len(a) })
	return queues
}

// check gives the verdict on one link.
func (r *run) check(ctx context.Context, link string) Result {
	result := Shape(r.registry, link)
	u, err := url.Parse(result.Link)
	switch {
	case result.Verdict != "":
	case err != nil || result.Link == "":
		result.Verdict, result.Detail = Unknown, "Ce n'est pas l'adresse d'une page."
	default:
		look := r.follow
		if u.Scheme == "http" {
			look = r.unencrypted
		}
		o := look(ctx, u)
		result.Verdict, result.Detail, result.Better = o.verdict, o.detail, o.better
	}
	result.At = r.now().UTC()
	return result
}
