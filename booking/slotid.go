package booking

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"

	"passerelle/connectors/interval"
)

// SlotRef is what a slot id carries.
type SlotRef struct {
	Place, Agenda, Motif string
	interval.Interval
}

// SlotSigner makes slot ids and reads them back. An id is base64url(version, start, length, MAC, names): opaque, the same on
// every reading of the same slot, and not to be made by anybody else. The names, of the place, the agenda and the motif, have a
// digest that nobody else knows (HMAC), and the MAC is the slot's times and that digest, one over the other, as one block (AES). The
// names come last, so that all slots of a motif share a digest and the end of their ids.
type SlotSigner struct {
	keys []slotKey // the first signs, all verify
}

// slotKey is one key: for names, and what it makes for times.
type slotKey struct {
	names []byte
	times cipher.Block
}

const (
	slotVersion = 3
	slotIDMax   = 1024

	// Where what comes before the names begins, in bytes. All of it is a multiple of three: base64 writes it apart from the names.
	slotStart  = 1             // Unix seconds, 48 bits with their sign
	slotLength = slotStart + 6 // seconds, 32 bits
	slotMAC    = slotLength + 4
	slotNames  = slotMAC + aes.BlockSize
)

// NewSlotSigner takes the current key, then the previous ones that are still believed.
func NewSlotSigner(keys ...[]byte) (*SlotSigner, error) {
	for _, k := range keys {
		if len(k) < 32 {
			return nil, errors.New("booking: a slot key has fewer than 32 bytes")
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("booking: no slot key")
	}
	s := &SlotSigner{}
	for _, k := range keys {
		times, err := aes.NewCipher(sum(k, []byte("times")))
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, slotKey{slices.Clone(k), times})
	}
	return s, nil
}

// ID signs a reference.
func (s *SlotSigner) ID(r SlotRef) string { return string(s.Of(r).append(nil, r.Interval)) }

// MotifSigner signs the slots of one motif in one agenda at one place.
type MotifSigner struct {
	names  string // as base64 has them
	digest [aes.BlockSize]byte
	times  cipher.Block
}

// Of is the signer of the place, the agenda and the motif of a reference.
func (s *SlotSigner) Of(r SlotRef) *MotifSigner {
	var b []byte
	for _, text := range []string{r.Place, r.Agenda, r.Motif} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	return &MotifSigner{base64.RawURLEncoding.EncodeToString(b), s.keys[0].digest(b), s.keys[0].times}
}

// append writes the id of what is then after b.
func (m *MotifSigner) append(b []byte, w interval.Interval) []byte {
	const size = (slotNames*8 + 5) / 6 // of all but the names, as base64 has it
	b = slices.Grow(b, size+max(slotNames, len(m.names)))
	id := b[len(b) : len(b)+size]
	raw := b[len(b)+size : len(b)+size+slotNames]
	writeTimes(raw, w, &m.digest, m.times)
	base64.RawURLEncoding.Encode(id, raw)
	return append(b[:len(b)+size], m.names...)
}

// Ref reads an id back. What this gateway did not sign is Invalid and names the field creneau_id.
func (s *SlotSigner) Ref(id string) (SlotRef, error) {
	forged := InvalidField("creneau_id", "n'est pas un créneau donné par cette passerelle")
	forged.Code = "creneau_invalide"
	if len(id) > slotIDMax {
		return SlotRef{}, forged
	}
	// What is read is written again: even the strict decoder skips line ends, and an id has one spelling.
	raw, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil || base64.RawURLEncoding.EncodeToString(raw) != id || len(raw) < slotNames || raw[0] != slotVersion {
		return SlotRef{}, forged
	}
	r, ok := decodeNames(raw[slotNames:])
	r.Interval = readTimes(raw)
	if !ok || r.Interval.Empty() || !s.signed(r.Interval, raw) {
		return SlotRef{}, forged
	}
	return r, nil
}

// signed reports whether one of the keys makes the same of the times and names of an id.
func (s *SlotSigner) signed(w interval.Interval, raw []byte) bool {
	for _, k := range s.keys {
		again := make([]byte, slotNames)
		digest := k.digest(raw[slotNames:])
		writeTimes(again, w, &digest, k.times)
		if hmac.Equal(again, raw[:slotNames]) {
			return true
		}
	}
	return false
}

// writeTimes writes when a slot is, and what proves it, into all that comes before the names.
func writeTimes(b []byte, w interval.Interval, digest *[aes.BlockSize]byte, times cipher.Block) {
	var start [8]byte
	binary.BigEndian.PutUint64(start[:], uint64(w.Start)) // #nosec G115 -- its bits, whatever its sign
	b[0] = slotVersion
	copy(b[slotStart:slotLength], start[2:])
	binary.BigEndian.PutUint32(b[slotLength:], uint32(w.End-w.Start)) // #nosec G115 -- seconds of an appointment
	mac := b[slotMAC:slotNames]
	copy(mac, digest[:])
	subtle.XORBytes(mac, mac, b[:slotMAC])
	times.Encrypt(mac, mac)
}

func readTimes(b []byte) interval.Interval {
	var start [8]byte
	copy(start[:], b[slotStart:slotLength])
	at := int64(binary.BigEndian.Uint64(start[:])) >> 16 // #nosec G115 -- its bits, with their sign
	return interval.Interval{Start: at, End: at + int64(binary.BigEndian.Uint32(b[slotLength:]))}
}

// digest is that of the names of an id. What it is of begins with the version, as "times" does not.
func (k slotKey) digest(names []byte) [aes.BlockSize]byte {
	return [aes.BlockSize]byte(sum(k.names, append([]byte{slotVersion}, names...)))
}

// sum is HMAC-SHA-256, of 32 bytes.
func sum(key, text []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return h.Sum(nil)
}

func decodeNames(b []byte) (r SlotRef, ok bool) {
	for _, text := range []*string{&r.Place, &r.Agenda, &r.Motif} {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) { // #nosec G115 -- size is at most len(b)
			return SlotRef{}, false
		}
		*text, b = string(b[size:size+int(n)]), b[size+int(n):] // #nosec G115 -- n is at most len(b)
	}
	return r, len(b) == 0
}
