package availability

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"passerelle/booking"
)

// A snapshot is every reading that may be shown, in one sealed file: a run of the program knows from its beginning what the one
// before knew at its end. It may be lost: what it would have said is read again from the agendas. What the ledger holds is not in it.
const (
	snapshotOf   = "snapshot 1" // what the file is sealed as; another layout is another number
	mostSnapshot = 256 << 20    // bytes
	onItsWay     = ".nouveau-*" // the end of files that are not yet in place
)

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
	room := 0
	if last, err := os.Stat(file); err == nil {
		room = int(min(last.Size()+last.Size()/16, mostSnapshot))
	}
	fresh, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+onItsWay)
	if err != nil {
		return fmt.Errorf("availability: snapshot: %w", err)
	}
	_, err = fresh.Write(r.Seal.close(snapshotOf, r.snapshot(room)))
	if err = errors.Join(err, fresh.Close()); err == nil {
		err = os.Rename(fresh.Name(), file)
	}
	if err != nil {
		_ = os.Remove(fresh.Name()) // it is worth nothing
		return fmt.Errorf("availability: snapshot: %w", err)
	}
	return nil
}

// snapshot is the agenda and the reading, each behind its length, of all that may still be shown: in so many bytes, about.
func (r *Reader) snapshot(room int) (out []byte) {
	r.mu.Lock()
	all := make([]*diary, 0, len(r.diaries))
	for _, d := range r.diaries {
		all = append(all, d)
	}
	r.mu.Unlock()
	now, one := r.Now(), []byte(nil)
	out = make([]byte, 0, room)
	for _, d := range all {
		d.mu.Lock()
		last := d.last
		d.mu.Unlock()
		if last.at.IsZero() || now.Sub(last.at) >= r.StaleAfter {
			continue
		}
		var err error
		if one, err = encodeAs(one[:0], d.label(), last); err != nil {
			r.Logger.Warn("a reading is not kept for the next run", "agenda", d.agenda.Agenda, "err", err)
			continue
		}
		out = append(binary.AppendUvarint(out, uint64(len(d.agenda.Agenda))), d.agenda.Agenda...)
		out = append(binary.AppendUvarint(out, uint64(len(one))), one...)
	}
	return out
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
		r.Logger.Warn("what agendas had said before is passed over: they are read again", "err", err)
	default:
		r.Logger.Info("agendas are known as they were read before", "agendas", known, "rejected", other)
	}
}

func (r *Reader) recall(file string, find func(id string) (*booking.Agenda, bool)) (known, other int, err error) {
	about, err := os.Stat(file)
	if err != nil {
		return 0, 0, fmt.Errorf("availability: snapshot: %w", err)
	}
	if about.Size() > mostSnapshot {
		return 0, 0, fmt.Errorf("availability: a snapshot of %d bytes", about.Size())
	}
	sealed, err := os.ReadFile(file) // #nosec G304 -- the operator's data folder
	if err != nil {
		return 0, 0, fmt.Errorf("availability: snapshot: %w", err)
	}
	b, err := r.Seal.open(snapshotOf, sealed)
	if err != nil {
		return 0, 0, err
	}
	now := r.Now()
	for p := (parser{b: b}); p.left() > 0; {
		id, one := p.text(), p.bytes(p.count(1))
		if p.wrong {
			return known, other, errDamaged
		}
		if a, there := find(id); there && r.believe(r.diary(a), one, now) {
			known++
		} else {
			other++
		}
	}
	return known, other, nil
}

// ahead is how far the clock of who has read may be before ours.
const ahead = 5 * time.Second

// believe takes in a kept reading, unless it is of another connection, from the future, or not newer than what is known.
func (r *Reader) believe(d *diary, kept []byte, now time.Time) bool {
	got, err := decode(kept, d.agenda, r.Build)
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
	if !got.at.Before(d.tried) {
		d.failed, d.failing, d.tried = nil, 0, got.at
	}
	return true
}
