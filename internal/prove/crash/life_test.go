package crash

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // zones must not depend on the machine

	"passerelle/booking"
	"passerelle/booking/ledger"
	"passerelle/connectors"
	"passerelle/internal/prove/parts"
)

// world is what outlives processes: a clock, an agenda elsewhere, the files.
type world struct {
	now    time.Time
	diary  *diary
	folder string
	lives  int
}

// life is one process, as far as it books: the parts, on files that outlive it.
type life struct {
	*booking.Service
	ledger *ledger.Ledger
	folder string
	span   *span
}

// span is a test as far as a life goes: what is opened in it is closed when the life ends, at the latest with the test.
type span struct {
	*testing.T
	last []func()
}

func (s *span) Cleanup(f func()) { s.last = append(s.last, f) }

func (s *span) end() {
	for _, f := range slices.Backward(s.last) {
		f()
	}
	s.last = nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{now: time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC), diary: newDiary(), folder: t.TempDir()}
}

// begin starts a process on the files of the one before, as they lie on the disk: that one has not closed them.
func (w *world) begin(t *testing.T, before *life) *life {
	t.Helper()
	w.lives++
	l := &life{folder: filepath.Join(w.folder, fmt.Sprint(w.lives)), span: &span{T: t}}
	t.Cleanup(l.span.end)
	err := os.Mkdir(l.folder, 0o700)
	if before != nil {
		err = errors.Join(err, copyFiles(before.folder, l.folder))
	}
	if err != nil {
		t.Fatal(err)
	}
	w.open(l)
	return l
}

// goOn begins a process instead of one that was cut off, of which nothing stays: hundreds of them would fill a disk.
func (w *world) goOn(t *testing.T, before *life) *life {
	t.Helper()
	l := w.begin(t, before)
	before.span.end()
	if err := os.RemoveAll(before.folder); err != nil {
		t.Fatal(err)
	}
	return l
}

func copyFiles(from, to string) error {
	for _, name := range []string{"registre.db", "registre.db-wal", "cles.db", "cles.db-wal"} {
		text, err := os.ReadFile(filepath.Join(from, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err = errors.Join(err, os.WriteFile(filepath.Join(to, name), text, 0o600)); err != nil {
			return err
		}
	}
	return nil
}

// open puts the parts together, with one agenda: the diary.
func (w *world) open(l *life) {
	l.span.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		l.span.Fatal(err)
	}
	l.Service, l.ledger = parts.Open(l.span, parts.Options{
		Now: func() time.Time { return w.now }, Places: []string{"d"}, Kept: ledger.Options{Path: filepath.Join(l.folder, "registre.db")},
		Connectors: []connectors.Connector{{
			Name: "journal", Open: func(connectors.Connection, connectors.Env) (connectors.Agenda, error) { return w.diary, nil },
		}},
		Connections: []booking.Connection{{
			Connection: connectors.Connection{Connector: "journal", Address: "https://journal.example.org/1", Zone: paris},
			Agenda:     "journal", Places: []string{"d"}, Notice: "d@example.org", Motifs: []booking.Motif{{ID: "m", Label: "M"}},
		}},
	})
}
