package power

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// sector is what a disk writes whole.
const sector = 512

// disk is what a disk holds while a record is played: what is safe, and what was written and not synced. Names of files
// and their sizes go with their content.
type disk struct {
	safe    map[string][]byte
	waiting map[string][]*act
	acts    []*act // still to come, by their beginning
	syncing []*act
	told    []string // ids that were acknowledged
}

// newDisk begins with the files as they lie in a folder.
func newDisk(folder string, acts []*act) (*disk, error) {
	d := &disk{safe: make(map[string][]byte), waiting: make(map[string][]*act), acts: acts}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(folder, f))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		d.safe[f] = text
	}
	return d, nil
}

// play goes on to a line of the record, which is not played any more.
func (d *disk) play(line int) {
	for len(d.acts) > 0 && d.acts[0].begin <= line {
		a := d.acts[0]
		d.acts = d.acts[1:]
		d.finish(a.begin)
		switch a.kind {
		case writes, cuts:
			d.waiting[a.file] = append(d.waiting[a.file], a)
		case syncs:
			d.syncing = append(d.syncing, a)
		case answers:
			d.told = append(d.told, a.id)
		}
	}
	d.finish(line)
}

// finish makes safe what a sync that has returned found written when it began.
func (d *disk) finish(line int) {
	d.syncing = slices.DeleteFunc(d.syncing, func(s *act) bool {
		if s.end > line {
			return false
		}
		d.waiting[s.file] = slices.DeleteFunc(d.waiting[s.file], func(w *act) bool {
			if w.end > s.begin {
				return false
			}
			d.safe[s.file] = w.done(d.safe[s.file], 0, len(w.data))
			return true
		})
		return true
	})
}

// done does to a file what the act does, as far as bytes from to to of its data go.
func (a *act) done(text []byte, from, to int) []byte {
	start, end := int(a.at)+from, int(a.at)+to
	if need := end - len(text); need > 0 {
		text = append(text, make([]byte, need)...)
	}
	if a.kind == cuts {
		return text[:end]
	}
	copy(text[start:], a.data[from:to])
	return text
}

// image writes the files as they may be after the power failed now: all that is safe, and of what waits, each write or
// not; torn, each sector of it or not.
func (d *disk) image(folder string, random *rand.Rand, torn bool) error {
	for _, f := range files {
		text := slices.Clone(d.safe[f])
		for _, w := range d.waiting[f] {
			if !torn || w.kind == cuts {
				if random.IntN(2) == 0 {
					text = w.done(text, 0, len(w.data))
				}
				continue
			}
			for from := 0; from < len(w.data); {
				to := min(len(w.data), from+sector-int(w.at+int64(from))%sector)
				if random.IntN(2) == 0 {
					text = w.done(text, from, to)
				}
				from = to
			}
		}
		path := filepath.Join(folder, f)
		if text == nil {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			continue
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	for _, f := range files { // the index of a log lives in memory
		if err := os.Remove(filepath.Join(folder, f[:len(f)-len(filepath.Ext(f))]+".db-shm")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
