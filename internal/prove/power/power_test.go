package power

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/internal/prove"
	"passerelle/internal/prove/gateway"
)

var programs gateway.Programs

func TestMain(m *testing.M) { os.Exit(gateway.Main(m, &programs)) }

const (
	callers  = 4
	judges   = 3                // of images, at once
	recordIn = 30 * time.Second // a guard: until strace has written its last line
)

// recorded is one life of the program under strace.
type recorded struct {
	site    *gateway.Site
	partner string
	base    string // folder: the files as they were before
	acts    []*act
	lines   int
	told    map[string]gateway.Told // by the appointment's id
}

// traceable skips where processes may not be traced; in CI that is a failure.
func traceable(t *testing.T) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "strace", "-f", "-o", filepath.Join(t.TempDir(), "x"), "-e", "trace=fsync", "true").CombinedOutput()
	if err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("strace cannot trace here, and in CI it must: %v\n%s", err, out)
	}
	t.Skipf("strace cannot trace here: %v", err)
}

// record runs the program under strace for so many bookings and kills it in the middle of more.
func record(t *testing.T, program string, bookings int, random *rand.Rand, more ...string) recorded {
	t.Helper()
	traceable(t)
	folder := t.TempDir()
	site, err := gateway.NewSite(gateway.Options{Reader: programs.Reader(t), Program: program, Folder: folder, Places: 2})
	if err != nil {
		t.Fatal(err)
	}
	caller, slots, err := site.Prepare(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	defer caller.Close()
	random.Shuffle(len(slots), func(i, j int) { slots[i], slots[j] = slots[j], slots[i] })
	r := recorded{site: site, partner: caller.Partner.ID, base: filepath.Join(folder, "avant"), told: make(map[string]gateway.Told)}
	if err := os.CopyFS(r.base, os.DirFS(site.Data())); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "record")
	// -D: the program keeps its place as our child, strace is its tracer and ends after it.
	p, err := site.Serve(caller, []string{"strace", "-D", "-f", "-yy", "--seccomp-bpf", "-s", "1000000", "-o", file, "-e", "trace=" + calls}, more...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Kill() }()
	account, err := book(t.Context(), caller, slots, bookings, p)
	if err = errors.Join(err, p.Wait()); err != nil {
		t.Fatal(err)
	}
	complete(t, file)
	if r.acts, r.lines, err = readRecord(file, site.Data()); err != nil {
		t.Fatal(err)
	}
	for _, x := range account.All() {
		r.told[x.ID] = x
	}
	if n := count(r.acts, answers); n < bookings {
		t.Fatalf("%d bookings were asked for, and the record has %d answers", bookings, n)
	}
	t.Logf("%d writes, %d syncs, %d acknowledgements", count(r.acts, writes), count(r.acts, syncs), count(r.acts, answers))
	return r
}

// book asks for so many bookings, callers at once, then kills the program while they go on.
func book(ctx context.Context, caller *gateway.Caller, slots []string, bookings int, p *gateway.Process) (*gateway.Account, error) {
	account := gateway.NewAccount()
	var next, done atomic.Int64
	errs := make([]error, callers)
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for errs[c] == nil {
				n := int(next.Add(1)) - 1
				if n >= len(slots) {
					errs[c] = errors.New("power: no slot is left")
					return
				}
				i := gateway.Want("courant", n, slots[n])
				a, err := caller.Book(ctx, i)
				if err != nil {
					return // it was killed
				}
				if a.Status != http.StatusCreated {
					errs[c] = fmt.Errorf("power: a booking was answered %v", a)
					return
				}
				errs[c] = account.Told(i, a)
				if done.Add(1) == int64(bookings) {
					errs[c] = errors.Join(errs[c], p.Kill())
				}
			}
		})
	}
	wg.Wait()
	return account, errors.Join(append(errs, p.Kill())...)
}

// complete waits until strace has written that the program is gone.
func complete(t *testing.T, file string) {
	t.Helper()
	guard := time.NewTimer(recordIn)
	defer guard.Stop()
	for {
		text, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		pid, _, _ := strings.Cut(string(text[:min(len(text), 40)]), " ")
		if regexp.MustCompile(`(?m)^` + pid + ` +\+\+\+ killed by SIGKILL`).Match(text[max(0, len(text)-2000):]) {
			return
		}
		select {
		case <-guard.C:
			t.Fatal("strace does not end")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// judged rebuilds n images and says how many have lost an acknowledged booking; err is the first thing that is wrong.
func judged(t *testing.T, r recorded, n int, random *rand.Rand) (lost int, err error) {
	t.Helper()
	var answered []int
	for _, a := range r.acts {
		if a.kind == answers {
			answered = append(answered, a.begin)
		}
	}
	moments := make([]int, n)
	for i := range moments {
		if moments[i] = 1 + random.IntN(r.lines); i%2 == 0 { // the hardest: an answer has just left
			moments[i] = answered[random.IntN(len(answered))] + random.IntN(3)
		}
	}
	slices.Sort(moments)
	d, err := newDisk(r.base, r.acts)
	if err != nil {
		t.Fatal(err)
	}
	free := make(chan string, judges)
	for range judges {
		free <- t.TempDir()
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i, moment := range moments {
		d.play(moment)
		folder, told := <-free, slices.Clip(d.told)
		if err := d.image(folder, random, i%4 < 2); err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			wrong := r.holds(t.Context(), folder, told)
			free <- folder
			mu.Lock()
			defer mu.Unlock()
			if wrong != nil {
				lost++
				err = errors.Join(err, fmt.Errorf("line %d: %w", moment, wrong))
			}
		})
	}
	wg.Wait()
	return lost, err
}

// holds opens an image and compares it with what was acknowledged.
func (r recorded) holds(ctx context.Context, folder string, ids []string) error {
	rows, err := r.site.HoldsIn(ctx, folder, r.partner)
	if err != nil {
		return err
	}
	var told []gateway.Told
	for _, id := range ids {
		x, known := r.told[id]
		if known {
			told = append(told, x)
		} else if !slices.ContainsFunc(rows, func(a booking.Appointment) bool { return a.ID == id }) {
			return errors.New("power: an answer left whose appointment is not there; the kill was faster than its reading")
		}
	}
	return gateway.Against(rows, told, nil).Err()
}

func TestEveryAnswerLeavesAfterItsSync(t *testing.T) {
	rounds := prove.Size(1, 1)
	bookings, images := prove.Size(10, 150)/rounds, prove.Size(20, 1000)/rounds
	for range rounds {
		seed := rand.Uint64()
		random := rand.New(rand.NewPCG(seed, 0))
		t.Logf("seed %d, %d bookings, %d images", seed, bookings, images)
		r := record(t, programs.Build(t), bookings, random)
		if early := unsynced(r.acts); len(early) > 0 {
			t.Errorf("%d of %d answers left before their transaction was synced", len(early), count(r.acts, answers))
		}
		began := time.Now()
		if lost, err := judged(t, r, images, random); err != nil {
			t.Errorf("%d of %d images: %.2000v", lost, images, err)
		}
		t.Logf("%d images in %v", images, time.Since(began).Round(time.Second))
	}
}

// Planted fault: SQLite with synchronous=NORMAL, which syncs its log now and then only.
func TestALedgerThatDoesNotSyncIsSeen(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	rounds := prove.Size(1, 1)
	bookings, images := prove.Size(10, 60)/rounds, prove.Size(20, 100)/rounds
	r := record(t, programs.Build(t, "failpoints"), bookings, random, "PASSERELLE_FAULT_SYNCHRONOUS=NORMAL")
	early := unsynced(r.acts)
	lost, _ := judged(t, r, images, random)
	t.Logf("%d of %d answers before their sync; %d of %d images have lost a booking", len(early), count(r.acts, answers), lost, images)
	if len(early) == 0 || lost == 0 {
		t.Error("planted fault: it passes")
	}
}
