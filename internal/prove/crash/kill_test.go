package crash

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"passerelle/internal/prove"
	"passerelle/internal/prove/gateway"
	"passerelle/internal/testservers"
)

// points are those of booking/ledger that a process passes with every booking.
var points = []string{"before-begin", "before-commit", "after-commit", "after-vault"}

// endings are n of them: a third at named points, a tenth while the program starts, the others at random.
func endings(n int, random *rand.Rand) []ending {
	var out []ending
	for i := range n {
		switch {
		case i%3 == 0 || i < len(points):
			out = append(out, ending{point: points[min(i, i/3+3)%len(points)], times: 15 + random.IntN(40)})
		case i%10 == 1 || i == n-1:
			out = append(out, ending{starts: true, after: time.Duration(random.IntN(startingIn*1000)) * time.Microsecond})
		default:
			out = append(out, ending{after: time.Duration(random.IntN(latest*1000)) * time.Microsecond})
		}
	}
	random.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

const (
	lanes   = 2  // sites at once
	perSite = 30 // kills of one site
	spare   = 250
)

// killed runs the endings on sites of its own and judges after each. Every second ledger is opened here before the
// program opens it again, the others while it serves.
func killed(t *testing.T, list []ending, random *rand.Rand, database func() string, tally *cuts) {
	t.Helper()
	var r *rig
	shipped, built := programs.Build(t), programs.Build(t, "failpoints")
	for n, e := range list {
		if r == nil || n%perSite == 0 || r.left() < spare {
			if r != nil {
				finish(t, r, tally)
			}
			var err error
			o := gateway.Options{Reader: programs.Reader(t), Program: shipped, Folder: t.TempDir(), Places: 4, Database: database()}
			if r, err = newRig(t.Context(), o, fmt.Sprintf("%s-%d", t.Name(), n), random); err != nil {
				t.Fatal(err)
			}
		}
		r.site.Program = shipped
		if e.point != "" {
			r.site.Program = built
		}
		err := r.live(t.Context(), e, r.judgeAndRepeat(tally))
		if e.starts {
			tally.add(e, 0, 0)
		} else {
			r.ended = e
		}
		if err == nil && n%2 == 0 {
			err = r.judge(t.Context(), tally)
		}
		if err != nil {
			t.Fatalf("kill %d, %v: %v", n, e, err)
		}
	}
	finish(t, r, tally)
}

// finish serves once more: every call is repeated, and the whole account is compared.
func finish(t *testing.T, r *rig, tally *cuts) {
	t.Helper()
	defer r.caller.Close()
	r.site.Program = programs.Build(t)
	r.serve(t)
	err := errors.Join(r.judge(t.Context(), tally), r.repeat(t.Context(), time.Time{}))
	v, wrong := r.compare(t.Context())
	if err := errors.Join(err, wrong, v.Err()); err != nil {
		t.Fatal(err)
	}
	if open, told := len(r.account.Open()), len(r.account.All()); open > 0 || told != v.Rows {
		t.Errorf("%d calls are still open; %d were told, %d are in the ledger", open, told, v.Rows)
	}
}

func TestWhatWasAcknowledgedOutlivesTheProgram(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		outlives(t, prove.Size(8, 300), func() string { return "" })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		server := testservers.StartPostgres(t)
		fresh := make(chan string, 64)
		for range min(cap(fresh), 2*lanes+prove.Size(4, 40)/perSite) {
			fresh <- server.NewDatabase(t)
		}
		outlives(t, prove.Size(4, 40), func() string { return <-fresh })
	})
}

func outlives(t *testing.T, n int, database func() string) {
	seed := rand.Uint64()
	t.Logf("seed %d, %d kills", seed, n)
	random := rand.New(rand.NewPCG(seed, 0))
	list, tally, began := endings(n, random), &cuts{}, time.Now()
	t.Run("lanes", func(t *testing.T) {
		for lane := range lanes {
			mine := list[lane*n/lanes : (lane+1)*n/lanes]
			t.Run(fmt.Sprint(lane), func(t *testing.T) {
				t.Parallel()
				killed(t, mine, rand.New(rand.NewPCG(seed, uint64(lane)+1)), database, tally)
			})
		}
	})
	tally.log(t)
	const enough = 10 // kills at one point: the writer has other work too, and some come there without a booking
	if c := tally.by["after-commit"]; c != nil && c[0] >= enough && c[2] == 0 {
		t.Error("at after-commit no call was cut off that had been done: the point is not where it says")
	}
	if c := tally.by["before-commit"]; c != nil && c[0] >= enough && c[1] == c[2] {
		t.Error("at before-commit no call was cut off that had not been done: the point is not where it says")
	}
	t.Logf("%d kills in %v", n, time.Since(began).Round(time.Second))
}
