package availability

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/internal/held"
)

var sealing = bytes.Repeat([]byte{1}, 32)

// keptTown is a town whose readings are kept in a file.
type keptTown struct {
	*town
	t    *testing.T
	file string
	log  held.Text
	key  []byte
}

func newKeptTown(t *testing.T, names ...string) *keptTown {
	tn, _ := newTown(names...)
	return &keptTown{town: tn, t: t, file: filepath.Join(t.TempDir(), "lectures"), key: sealing}
}

// run is a run of the program that knows what the one before kept.
func (k *keptTown) run() *Reader {
	k.t.Helper()
	seal, err := NewSeal(k.key)
	if err != nil {
		k.t.Fatal(err)
	}
	r := New(Options{Claims: claims{}, Logger: slog.New(slog.NewTextHandler(&k.log, nil)), Now: k.clock, Seal: seal, Build: "build"})
	r.Recall(k.file, k.find)
	k.t.Cleanup(r.Close)
	return r
}

func (k *keptTown) find(id string) (*booking.Agenda, bool) {
	for _, a := range k.list {
		if a.Agenda == id {
			return a, true
		}
	}
	return nil, false
}

func (k *keptTown) write(r *Reader) {
	k.t.Helper()
	if err := r.write(k.file); err != nil {
		k.t.Fatal(err)
	}
}

// known is what a search is told of an agenda without asking it.
func (k *keptTown) known(r *Reader, i int) booking.Availabilities {
	q := ask{}.query()
	q.Agenda, q.Known = k.list[i], true
	return r.Of(k.t.Context(), q)
}

func TestTheNextRunKnowsWhatTheLastOneKnew(t *testing.T) {
	k := newKeptTown(t, "one", "two")
	first := k.run()
	k.round(t.Context(), first)
	read := k.clock()
	k.later(40 * time.Second)
	k.write(first)
	k.fails["one"] = true

	second := k.run()
	for _, c := range []struct {
		later time.Duration
		state booking.State
		slots string
	}{{0, booking.Fresh, "09:00 10:00 11:00"}, {20 * time.Second, booking.Stale, "09:00 10:00 11:00"}, {14 * time.Minute, booking.Unknown, ""}} {
		k.later(c.later)
		got := k.known(second, 0)
		if got.State != c.state || show(got) != c.slots || !got.ObservedAt.Equal(read) {
			t.Errorf("at %v it is %s with %q as of %v, want %s with %q", k.clock(), got.State, show(got), got.ObservedAt, c.state, c.slots)
		}
	}
	if got := k.known(k.run(), 0); got.State != booking.Unknown || len(got.Slots) > 0 {
		t.Errorf("an old snapshot gives %s with %q", got.State, show(got))
	}
}

// What was fresh is not read at once, and what a booking asks is read whatever is known.
func TestAStartIsNoRush(t *testing.T) {
	k := newKeptTown(t, "one", "two", "three")
	r := k.run()
	k.round(t.Context(), r)
	k.later(30 * time.Second)
	k.write(r)
	r = k.run()
	if got := k.round(t.Context(), r); got != "" {
		t.Errorf("%q is read", got)
	}
	q := ask{live: true}.query()
	q.Agenda = k.list[0]
	if r.Of(t.Context(), q); k.reads["one"] != 2 {
		t.Errorf("who books is answered after %d readings", k.reads["one"])
	}
	k.later(10 * time.Minute)
	if got := k.round(t.Context(), r); len(strings.Fields(got)) != 3 {
		t.Errorf("after ten minutes %q is read", got)
	}
}

// The ledger is asked after the start: what was taken since the snapshot is not shown.
func TestClaimsAreNotInASnapshot(t *testing.T) {
	k := newKeptTown(t, "one")
	r := k.run()
	k.round(t.Context(), r)
	k.known(r, 0)
	k.write(r)
	r = k.run()
	r.Claims = claims{{Interval: span(23, "9:00", "10:00"), Session: "s", Seats: 1}}
	if got := show(k.known(r, 0)); got != "10:00 11:00" {
		t.Errorf("it shows %q", got)
	}
}

func TestASnapshotThatCannotBeBelievedIsPassedOver(t *testing.T) {
	rewrite := func(change func([]byte) []byte) func(*keptTown) {
		return func(k *keptTown) {
			b, err := os.ReadFile(k.file)
			if err == nil {
				err = os.WriteFile(k.file, change(b), 0o600)
			}
			if err != nil {
				k.t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		spoil func(*keptTown)
		says  string
	}{
		"damaged":                      {rewrite(func(b []byte) []byte { b[len(b)/2] ^= 1; return b }), "level=WARN"},
		"cut short":                    {rewrite(func(b []byte) []byte { return b[:len(b)/2] }), "level=WARN"},
		"empty":                        {rewrite(func([]byte) []byte { return nil }), "level=WARN"},
		"of another secret":            {func(k *keptTown) { k.key = bytes.Repeat([]byte{2}, 32) }, "level=WARN"},
		"of another connection":        {func(k *keptTown) { k.list[0].Version++ }, "agendas=1 rejected=1"},
		"of an agenda that is gone":    {func(k *keptTown) { k.list[0].Agenda = "another" }, "agendas=1 rejected=1"},
		"of a clock that went ahead":   {func(k *keptTown) { k.later(-time.Hour) }, "agendas=0 rejected=2"},
		"that is not there":            {func(k *keptTown) { _ = os.Remove(k.file) }, ""},
		"that cannot be read at all":   {func(k *keptTown) { _ = os.Remove(k.file); _ = os.Mkdir(k.file, 0o700) }, "level=WARN"},
		"but is whole, to be compared": {func(*keptTown) {}, "agendas=2 rejected=0"},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKeptTown(t, "one", "two")
			r := k.run()
			k.round(t.Context(), r)
			k.write(r)
			c.spoil(k)
			r = k.run()
			got, whole := k.known(r, 0), strings.HasPrefix(name, "but")
			if (got.State == booking.Fresh) != whole || (len(got.Slots) > 0) != whole {
				t.Errorf("it is %s with %q", got.State, show(got))
			}
			if text := k.log.String(); strings.Count(text, "\n") > 1 || !strings.Contains(text, c.says) || c.says == "" && text != "" {
				t.Errorf("it says %q, want one line with %q", text, c.says)
			}
		})
	}
}

// What is in the file is nobody else's to read, and what a crash left beside it goes.
func TestASnapshotIsWrittenWholeAndLastOfAll(t *testing.T) {
	k := newKeptTown(t, "one")
	r := k.run()
	k.round(t.Context(), r)
	ctx, end := context.WithCancel(t.Context())
	end()
	r.Keep(ctx, k.file, time.Hour)
	about, err := os.Stat(k.file)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(k.file)
	if about.Mode().Perm() != 0o600 || bytes.Contains(text, []byte("one")) {
		t.Errorf("it is %v and says %q", about.Mode(), text)
	}
	crashed := k.file + ".nouveau-1"
	if err := os.WriteFile(crashed, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if k.known(k.run(), 0).State != booking.Fresh {
		t.Error("it is not known")
	}
	if left, _ := filepath.Glob(k.file + "*"); len(left) != 1 {
		t.Errorf("left are %q", left)
	}
}

// A reading that is kept is never believed over a later one.
func TestWhatIsKeptNeverReplacesWhatIsNewer(t *testing.T) {
	k := newKeptTown(t, "one")
	r := k.run()
	k.round(t.Context(), r)
	d := r.diary(k.list[0])
	older, newer := kept(t, d.agenda, d.last), d.last
	newer.at = newer.at.Add(time.Millisecond)
	if r.believe(d, older, k.clock()) {
		t.Error("a reading is believed that is the one that is known")
	}
	if !r.believe(d, kept(t, d.agenda, newer), k.clock()) || r.believe(d, older, k.clock()) {
		t.Error("a newer reading is not believed, or the one before it again")
	}
	newer.at = k.clock().Add(ahead + time.Millisecond)
	if r.believe(d, kept(t, d.agenda, newer), k.clock()) {
		t.Error("a reading from the future is believed")
	}
}

// city is so many agendas whose readings are in a file, and how the next run recalls them.
func city(t testing.TB, agendas int) (r *Reader, file string, recall func() (known, other int, err error)) {
	t.Helper()
	seal, _ := NewSeal(sealing)
	o := Options{Claims: claims{}, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return monday }, Seal: seal}
	byID := make(map[string]*booking.Agenda, agendas)
	r, file = New(o), filepath.Join(t.TempDir(), "lectures")
	for i := range agendas {
		a := &booking.Agenda{Connection: booking.Connection{Agenda: fmt.Sprint("agenda-", i), Connection: connectors.Connection{Connector: "ics", Address: "https://a.example/", Zone: paris}}}
		byID[a.Agenda] = a
		r.diary(a).last = reading{at: monday, said: &said{window: window(horizon(a), monday), main: ordinary(uint64(i))}}
	}
	if err := r.write(file); err != nil {
		t.Fatal(err)
	}
	return r, file, func() (known, other int, err error) {
		return New(o).recall(file, func(id string) (*booking.Agenda, bool) { a, ok := byID[id]; return a, ok })
	}
}

// Each page is believed by itself, and a file that was cut is known to be.
func TestPagesBeforeADamagedOneAreBelieved(t *testing.T) {
	const agendas = 400
	r, file, recall := city(t, agendas)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(whole) < 3*fullPage {
		t.Fatalf("%d bytes are no three pages", len(whole))
	}
	end := len(whole) - len(r.Seal.close(make([]byte, size), snapshotOf, nil))
	damaged := bytes.Clone(whole)
	damaged[len(whole)/2] ^= 1
	for name, c := range map[string]struct {
		bytes    []byte
		from, to int
		wrong    bool
	}{
		"whole":                    {whole, agendas, agendas, false},
		"damaged in the middle":    {damaged, 1, agendas - 1, true},
		"cut in the middle":        {whole[:len(whole)/2], 1, agendas - 1, true},
		"cut before the last page": {whole[:end], agendas, agendas, true},
		"with too long a page":     {append([]byte{0, 0x40, 0, 0}, whole...), 0, 0, true},
	} {
		if err := os.WriteFile(file, c.bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		known, other, err := recall()
		if known < c.from || c.to < known || other > 0 || (err != nil) != c.wrong {
			t.Errorf("%s: %d are known, %d are others', %v", name, known, other, err)
		}
		if strings.HasPrefix(name, "with too long") && !errors.Is(err, errDamaged) { // or else it has taken the memory for it
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkRecall(b *testing.B) {
	const agendas = 4000
	r, file, recall := city(b, agendas)
	about, _ := os.Stat(file)
	b.ReportMetric(float64(about.Size()), "bytes")
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			_ = r.write(file)
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if n, _, err := recall(); err != nil || n != agendas {
				b.Fatal(n, err)
			}
		}
	})
}
