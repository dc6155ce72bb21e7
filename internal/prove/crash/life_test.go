package crash

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // zones must not depend on the machine

	"passerelle/booking"
	"passerelle/booking/agendas"
	"passerelle/booking/availability"
	"passerelle/booking/directory"
	"passerelle/booking/ledger"
	"passerelle/connectors"
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
	close  func() // lets its files go, and may be called again
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC), diary: newDiary(), folder: t.TempDir()}
	text := "id,nom,commune,code_postal,adresse,latitude,longitude,horaires\nd,Lieu D,Allex,26400,1 rue,44.7672,4.9192,24/7\n"
	if err := os.WriteFile(w.places(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// places is the standard's file.
func (w *world) places() string { return filepath.Join(w.folder, "lieux.csv") }

// begin starts a process on the files of the one before, as they lie on the disk: that one has not closed them.
func (w *world) begin(t *testing.T, before *life) *life {
	t.Helper()
	w.lives++
	l := &life{folder: filepath.Join(w.folder, fmt.Sprint(w.lives))}
	err := os.Mkdir(l.folder, 0o700)
	if before != nil {
		err = errors.Join(err, copyFiles(before.folder, l.folder))
	}
	if err = errors.Join(err, w.open(t, l)); err != nil {
		t.Fatal(err)
	}
	return l
}

// goOn begins a process instead of one that was cut off, of which nothing stays: hundreds of them would fill a disk.
func (w *world) goOn(t *testing.T, before *life) *life {
	t.Helper()
	l := w.begin(t, before)
	before.close()
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

func (w *world) open(t *testing.T, l *life) (err error) {
	now := func() time.Time { return w.now }
	key, logger := bytes.Repeat([]byte{1}, 32), slog.New(slog.DiscardHandler)
	l.ledger, err = ledger.Open(t.Context(), ledger.Options{Path: filepath.Join(l.folder, "registre.db"), Keys: [][]byte{key}, Now: now})
	if err != nil {
		return err
	}
	l.close = sync.OnceFunc(func() { _ = l.ledger.Close() })
	t.Cleanup(l.close)
	reader := availability.New(availability.Options{Claims: l.ledger, Logger: logger, Now: now})
	t.Cleanup(reader.Close)
	set, err := w.agendas(t, agendas.Options{Store: l.ledger, Env: connectors.Env{HTTP: &http.Client{}, Logger: logger, Now: now}})
	if err != nil {
		return err
	}
	places, err := directory.Open(t.Context(), []string{w.places()}, directory.Options{Now: now, Logger: logger})
	if err != nil {
		return err
	}
	slots, err := booking.NewSlotSigner(key)
	if err != nil {
		return err
	}
	l.Service, err = booking.New(booking.Options{
		Directory: places, Agendas: set, Availability: reader, Ledger: l.ledger, Slots: slots, Logger: logger, Now: now, PersonKey: key,
	})
	return err
}

// agendas is one agenda: the diary.
func (w *world) agendas(t *testing.T, o agendas.Options) (*agendas.Set, error) {
	o.Registry = connectors.NewRegistry(connectors.Connector{
		Name: "journal", Open: func(connectors.Connection, connectors.Env) (connectors.Agenda, error) { return w.diary, nil },
	})
	set, err := agendas.Open(t.Context(), o)
	if err != nil {
		return nil, err
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return nil, err
	}
	return set, set.Seed(t.Context(), []booking.Connection{{
		Connection: connectors.Connection{Connector: "journal", Address: "https://journal.example.org/1", Zone: paris},
		Agenda:     "journal", Places: []string{"d"}, Notice: "d@example.org", Motifs: []booking.Motif{{ID: "m", Label: "M"}},
	}})
}
