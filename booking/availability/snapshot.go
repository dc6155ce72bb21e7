package availability

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"passerelle/booking"
)

// A snapshot is every reading that may be shown, in one file: a run of the program knows from its beginning what the one before
// knew at its end. It may be lost: what it would have said is read again from the agendas. What the ledger holds is not in it.
//
// It is written in pages, each sealed by itself behind its length; so neither who writes nor who reads it ever has it whole. The
// last page is empty.
const (
	snapshotOf = "snapshot 2" // what its pages are sealed as; another layout is another number
	fullPage   = 64 << 10     // bytes from which on a page takes no more readings
	mostPage   = 2 * mostKept // bytes of one, sealed
	onItsWay   = ".nouveau-*" // the end of files that are not yet in place
)

// size comes before what it is the size of, which may then be written before it is known.
const size = 4

// Keep writes a snapshot into the file every so often, and the last one when ctx ends.
func (r *Reader) Keep(ctx context.Context, file string, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for last := false; !last; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			last = true
		}
		if err := r.write(file); err != nil {
			r.Logger.Warn("what agendas have said was not kept for the next run", "err", err)
		}
	}
}

// write replaces the file whole. It need not be on disk yet: a machine that stops takes it along.
func (r *Reader) write(file string) error {
	fresh, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+onItsWay)
	if err != nil {
		return fmt.Errorf("availability: snapshot: %w", err)
	}
	err = r.snapshot(fresh)
	if err = errors.Join(err, fresh.Close()); err == nil {
		err = os.Rename(fresh.Name(), file)
	}
	if err != nil {
		_ = os.Remove(fresh.Name()) // it is worth nothing
		return fmt.Errorf("availability: snapshot: %w", err)
	}
	return nil
}

// snapshot writes all that may still be shown: of each the agenda and the reading, each behind its length.
func (r *Reader) snapshot(to io.Writer) error {
	r.mu.Lock()
	all := slices.Collect(maps.Values(r.diaries))
	r.mu.Unlock()
	now, page, sealed := r.Now(), make([]byte, 0, fullPage+fullPage/16), []byte(nil)
	flush := func() (err error) {
		sealed = r.Seal.close(append(sealed[:0], make([]byte, size)...), snapshotOf, page)
		binary.BigEndian.PutUint32(sealed, uint32(len(sealed)-size)) // #nosec G115 -- mostPage at most
		_, err = to.Write(sealed)
		page = page[:0]
		return err
	}
	for _, d := range all {
		d.mu.Lock()
		last := d.last
		d.mu.Unlock()
		if last.at.IsZero() || now.Sub(last.at) >= r.StaleAfter {
			continue
		}
		var err error
		if page, err = appendKept(page, d, last); err != nil {
			r.Logger.Warn("a reading is not kept for the next run", "agenda", d.agenda.Agenda, "err", err)
			continue
		}
		if len(page) >= fullPage {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if len(page) > 0 {
		if err := flush(); err != nil {
			return err
		}
	}
	return flush()
}

// appendKept appends the agenda and the reading, or nothing.
func appendKept(page []byte, d *diary, last reading) ([]byte, error) {
	id := d.agenda.Agenda
	begun := append(binary.AppendUvarint(page, uint64(len(id))), id...)
	begun = append(begun, make([]byte, size)...)
	from := len(begun)
	whole, err := encode(begun, d.label, last)
	if err != nil {
		return page, err
	}
	binary.BigEndian.PutUint32(whole[from-size:], uint32(len(whole)-from)) // #nosec G115 -- mostKept at most
	return whole, nil
}

// Recall believes a snapshot, for as long as a reading may be shown; find gives the agendas of today. It is for before anybody
// asks. A file that is not one of ours is passed over, and so is an agenda whose connection has changed since.
func (r *Reader) Recall(file string, find func(id string) (*booking.Agenda, bool)) {
	left, _ := filepath.Glob(file + onItsWay) // by a crash
	for _, name := range left {
		_ = os.Remove(name)
	}
	known, other, err := r.recall(file, find)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		r.Logger.Warn("what agendas had said before is passed over, from where it cannot be believed: they are read again", "agendas", known, "err", err)
	default:
		r.Logger.Info("agendas are known as they were read before", "agendas", known, "rejected", other)
	}
}

func (r *Reader) recall(file string, find func(id string) (*booking.Agenda, bool)) (known, other int, err error) {
	from, err := os.Open(file) // #nosec G304 -- the operator's data folder
	if err != nil {
		return 0, 0, fmt.Errorf("availability: snapshot: %w", err)
	}
	defer from.Close()
	now := r.Now()
	for {
		page, err := r.readPage(from)
		if err != nil || len(page) == 0 {
			return known, other, err
		}
		for p := (parser{b: page}); p.left() > 0; {
			id, one := p.text(), p.bytes(p.size())
			if p.wrong {
				return known, other, errDamaged
			}
			if a, there := find(id); there && r.believe(r.diary(a), one, now) {
				known++
			} else {
				other++
			}
		}
	}
}

// readPage opens the next page; it is empty where it is the last.
func (r *Reader) readPage(from io.Reader) ([]byte, error) {
	var length [size]byte
	if _, err := io.ReadFull(from, length[:]); err != nil {
		return nil, fmt.Errorf("availability: snapshot: %w", err)
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > mostPage {
		return nil, errDamaged
	}
	sealed := make([]byte, n)
	if _, err := io.ReadFull(from, sealed); err != nil {
		return nil, fmt.Errorf("availability: snapshot: %w", err)
	}
	return r.Seal.open(snapshotOf, sealed)
}

// ahead is how far the clock of who has read may be before ours.
const ahead = 5 * time.Second

// believe takes in a kept reading, unless it is of another connection, from the future, or not newer than what is known.
func (r *Reader) believe(d *diary, kept []byte, now time.Time) bool {
	got, err := decode(kept, d.label, len(d.agenda.Connection.Beside))
	if err != nil || got.at.Sub(now) > ahead {
		return false
	}
	return d.adopt(got)
}

// adopt keeps the reading of another time or instance as if it had been made here.
func (d *diary) adopt(got reading) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !got.at.After(d.last.at) {
		return false
	}
	if reflect.DeepEqual(got.said, d.last.said) { // what was worked out from it stands
		got.said = d.last.said
	}
	d.last, d.waiting = got, time.Time{}
	d.shelf.outdate(got.said)
	if !got.at.Before(d.tried) {
		d.failed, d.failing, d.tried = nil, 0, got.at
	}
	return true
}
