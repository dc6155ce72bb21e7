package availability

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// A kept reading is a reading as bytes, for after the process and for other instances. They hold times, versions, ids of places
// and names of motifs, and of our own events the reference where it is one that we give. They hold no more, so that they have
// neither personal data nor a secret in them:
//
//   - the reference of an event is whatever somebody has written into a calendar. One that we never give is left out, and its
//     event is busy time, which an event that the ledger does not know is anyway;
//   - the version of an event of ours (an ETag) and the identifier of a slot are other people's words too, and what is free does
//     not depend on them: whoever books or cancels reads anew;
//   - of a doubt the time is enough: its reason is for a structure that looks at its agenda now.
const (
	keptFormat  = 1
	mostKept    = 1_000_000 // bytes of a reading; a larger one is not kept
	longestText = 1 << 10   // bytes of a version, of the name of a motif, of the id of a place
)

// errNotKept is of a reading that is too large, or of words that are too long.
var errNotKept = errors.New("availability: the reading is too large to be kept")

// errOther is of bytes that are a reading of another connection than the one that is asked for.
var errOther = errors.New("availability: the reading is of another connection")

// errDamaged is of bytes that are none.
var errDamaged = errors.New("availability: the bytes are no reading")

// label is what every kept reading of an agenda begins with: a mark of all that a reading depends on but the agenda itself (its
// connection, and its version, which may come again after a restore), and one of the program: another build may understand otherwise
// what an agenda says.
type label [1 + connectionMark + buildMark]byte

const connectionMark, buildMark = 16, 8 // bytes of each

func labelOf(a *booking.Agenda, build string) (l label) {
	h := sha256.New()
	fmt.Fprintf(h, "%q %d %q", a.Agenda, a.Version, upstream(a))
	for _, c := range append([]connectors.Connection{a.Connection.Connection}, a.Connection.Beside...) {
		fmt.Fprintf(h, " %q %q %q %q", c.Connector, c.Address, c.Settings, c.Zone)
	}
	program := sha256.Sum256([]byte(build))
	l[0] = keptFormat
	copy(l[1:], h.Sum(nil)[:connectionMark])
	copy(l[1+connectionMark:], program[:buildMark])
	return l
}

// encode writes a reading that succeeded behind b.
func encode(b []byte, of label, got reading) ([]byte, error) {
	w := writer{b: append(b, of[:]...)}
	w.time(got.at)
	w.time(got.sourceAt)
	w.span(got.said.window)
	w.reading(got.said.main)
	w.count(len(got.said.beside))
	for _, r := range got.said.beside {
		w.reading(r)
	}
	if w.tooLong || len(w.b)-len(b) > mostKept {
		return b, errNotKept
	}
	return w.b, nil
}

// decode reads what encode wrote of the same connection, with so many beside it. What another build has understood is believed as
// long as it may be shown, but an agenda is not asked whether that still holds.
func decode(b []byte, of label, beside int) (reading, error) {
	p := parser{b: b}
	switch {
	case len(b) > mostKept || !bytes.Equal(p.bytes(1), of[:1]):
		return reading{}, errDamaged
	case !bytes.Equal(p.bytes(connectionMark), of[1:1+connectionMark]):
		return reading{}, errOther
	}
	same := bytes.Equal(p.bytes(buildMark), of[1+connectionMark:])
	got := reading{at: p.time(), sourceAt: p.time(), window: p.span()}
	got.said = &said{window: got.window}
	got.said.main = p.reading(same)
	if p.count(8) != beside {
		return reading{}, errDamaged
	}
	for range beside {
		got.said.beside = append(got.said.beside, p.reading(same))
	}
	if p.wrong || p.left() > 0 || got.at.IsZero() {
		return reading{}, errDamaged
	}
	return got, nil
}

// writer writes numbers of any length, times as what lies between them.
type writer struct {
	b       []byte
	before  int64 // the last end
	tooLong bool  // a text
}

func (w *writer) number(n int64)   { w.b = binary.AppendVarint(w.b, n) }
func (w *writer) count(n int)      { w.b = binary.AppendUvarint(w.b, uint64(n)) } // #nosec G115 -- a length
func (w *writer) time(t time.Time) { w.number(t.UnixMilli()) }

func (w *writer) text(s string) {
	w.tooLong = w.tooLong || len(s) > longestText
	w.count(len(s))
	w.b = append(w.b, s...)
}

func (w *writer) span(i interval.Interval) {
	w.number(i.Start - w.before)
	w.number(i.End - i.Start)
	w.before = i.End
}

func (w *writer) spans(list []interval.Interval) {
	w.count(len(list))
	b, before := w.b, w.before // most of a reading is this
	for _, i := range list {
		b = binary.AppendVarint(binary.AppendVarint(b, i.Start-before), i.End-i.Start)
		before = i.End
	}
	w.b, w.before = b, before
}

func (w *writer) reading(r connectors.Reading) {
	w.b = append(w.b, byte(r.Basis))
	w.text(r.Version)
	w.time(r.SourceAt)
	busy, own := r.Busy, make([]connectors.Own, 0, len(r.Own))
	for _, o := range r.Own {
		if _, ok := ours(o.Reference); ok {
			own = append(own, o)
		} else {
			busy = append(busy[:len(busy):len(busy)], o.Interval)
		}
	}
	w.spans(busy)
	w.spans(r.Open)
	w.spans(connectors.SpansOf(r.Doubt))
	w.count(len(own))
	for _, o := range own {
		reference, _ := ours(o.Reference)
		w.b = append(w.b, reference...)
		w.span(o.Interval)
	}
	w.count(len(r.Stops))
	for _, s := range r.Stops {
		w.text(s.Place)
		w.span(s.Interval)
	}
	w.count(len(r.Slots))
	for _, s := range r.Slots {
		w.text(s.Motif)
		w.span(s.Interval)
		w.number(int64(s.Seats))
	}
}

// ours gives the bytes of a reference as we give them (booking.Appointment.ID).
func ours(reference string) ([]byte, bool) {
	b, err := hex.DecodeString(reference)
	return b, err == nil && len(b) == 16 && hex.EncodeToString(b) == reference
}

// parser reads what a writer wrote. Once something is wrong it gives nothing any more. What it makes is bounded by what it reads:
// a list is not longer than its bytes allow.
type parser struct {
	b      []byte
	at     int // of the next byte
	before int64
	wrong  bool
}

func (p *parser) left() int { return len(p.b) - p.at }

func (p *parser) refuse() { p.at, p.wrong = len(p.b), true }

func (p *parser) bytes(n int) []byte {
	if n > p.left() {
		p.refuse()
		return nil
	}
	p.at += n
	return p.b[p.at-n : p.at]
}

func (p *parser) number() int64 {
	n, length := binary.Varint(p.b[p.at:])
	if length <= 0 {
		p.refuse()
		return 0
	}
	p.at += length
	return n
}

// count is how many things follow, each of at least so many bytes.
func (p *parser) count(least int) int {
	n, length := binary.Uvarint(p.b[p.at:])
	if length <= 0 || n > uint64(p.left()/least) { // #nosec G115 -- what is left of a slice
		p.refuse()
		return 0
	}
	p.at += length
	return int(n) // #nosec G115 -- it is less than the length of a slice
}

// size is how many bytes follow.
func (p *parser) size() int {
	b := p.bytes(size)
	if len(b) < size {
		return 0
	}
	return int(binary.BigEndian.Uint32(b))
}

func (p *parser) time() time.Time { return time.UnixMilli(p.number()).UTC() }
func (p *parser) text() string    { return string(p.bytes(p.count(1))) }

func (p *parser) span() interval.Interval {
	start := p.before + p.number()
	p.before = start + p.number()
	return interval.Interval{Start: start, End: p.before}
}

func (p *parser) spans() []interval.Interval {
	return listOf(p, 2, (*parser).span)
}

// listOf gives nil where there is nothing, as connectors do.
func listOf[T any](p *parser, least int, one func(*parser) T) []T {
	n := p.count(least)
	if n == 0 {
		return nil
	}
	out := make([]T, n)
	for i := range out {
		out[i] = one(p)
	}
	return out
}

// reading gives its version only to the build that has understood it.
func (p *parser) reading(same bool) (r connectors.Reading) {
	if basis := p.bytes(1); len(basis) == 1 {
		r.Basis = connectors.Basis(basis[0])
	}
	if r.Basis < connectors.Busy || r.Basis > connectors.Slots {
		p.refuse()
	}
	if version := p.text(); same {
		r.Version = version
	}
	r.SourceAt = p.time()
	r.Busy, r.Open = p.spans(), p.spans()
	r.Doubt = listOf(p, 2, func(p *parser) connectors.Doubt { return connectors.Doubt{Interval: p.span()} })
	r.Own = listOf(p, 18, func(p *parser) connectors.Own {
		return connectors.Own{Reference: hex.EncodeToString(p.bytes(16)), Interval: p.span()}
	})
	r.Stops = listOf(p, 3, func(p *parser) connectors.Stop { return connectors.Stop{Place: p.text(), Interval: p.span()} })
	r.Slots = listOf(p, 4, func(p *parser) connectors.Slot {
		return connectors.Slot{Motif: p.text(), Interval: p.span(), Seats: int(p.number())}
	})
	return r
}
