package booking

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"passerelle/connectors/interval"
)

// SlotRef is what a slot id carries.
type SlotRef struct {
	Place, Agenda, Motif string
	interval.Interval
}

// SlotSigner makes slot ids and reads them back. An id is base64url(version, reference, MAC): opaque, the same on
// every reading of the same slot, and not to be made by anybody else. What names the place, the agenda and the motif makes a key of
// its own (HMAC), under which the slot's times are one block (AES): a page of slots makes one key, and each of its ids is cheap.
type SlotSigner struct {
	keys [][]byte // the first signs, all verify
}

const (
	slotVersion = 2
	slotMACSize = aes.BlockSize
	slotTimes   = 5 + 3 // bytes of the start of a slot and of its length, for a hundred years and a day
	slotIDMax   = 1024
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
		s.keys = append(s.keys, slices.Clone(k))
	}
	return s, nil
}

// ID signs a reference.
func (s *SlotSigner) ID(r SlotRef) string {
	named := appendNames([]byte{slotVersion}, r)
	return base64.RawURLEncoding.EncodeToString(appendTimes(named, slotBlock(s.keys[0], named), r.Interval))
}

// Sign gives each of the slots its id. Neighbours of the same place, agenda and motif share their key.
func (s *SlotSigner) Sign(slots []Slot) {
	var named, one, id []byte
	var under cipher.Block
	var all strings.Builder // one text, of which each id is a part
	ends := make([]int, len(slots))
	for i := range slots {
		x := &slots[i]
		if i == 0 || x.Place != slots[i-1].Place || x.Agenda != slots[i-1].Agenda || x.Motif.ID != slots[i-1].Motif.ID {
			named = appendNames([]byte{slotVersion}, x.Ref())
			under = slotBlock(s.keys[0], named)
			all.Grow((len(slots) - i) * base64.RawURLEncoding.EncodedLen(len(named)+slotTimes+slotMACSize))
		}
		one = appendTimes(append(one[:0], named...), under, x.Interval)
		id = base64.RawURLEncoding.AppendEncode(id[:0], one)
		all.Write(id)
		ends[i] = all.Len()
	}
	text, from := all.String(), 0
	for i := range slots {
		slots[i].ID, from = text[from:ends[i]], ends[i]
	}
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
	if err != nil || base64.RawURLEncoding.EncodeToString(raw) != id || len(raw) < 1+slotMACSize || raw[0] != slotVersion {
		return SlotRef{}, forged
	}
	r, ok := decodeSlotRef(raw[1 : len(raw)-slotMACSize])
	if !ok || !s.signed(r, raw) {
		return SlotRef{}, forged
	}
	return r, nil
}

// signed reports whether raw is the reference as one of the keys signs it.
func (s *SlotSigner) signed(r SlotRef, raw []byte) bool {
	for _, k := range s.keys {
		named := appendNames([]byte{slotVersion}, r)
		if hmac.Equal(appendTimes(named, slotBlock(k, named), r.Interval), raw) {
			return true
		}
	}
	return false
}

// appendNames writes what names where and what a slot is of.
func appendNames(b []byte, r SlotRef) []byte {
	for _, text := range []string{r.Place, r.Agenda, r.Motif} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	return b
}

// appendTimes writes when a slot is, and what proves it.
func appendTimes(b []byte, under cipher.Block, w interval.Interval) []byte {
	b = binary.AppendVarint(b, w.Start)
	b = binary.AppendVarint(b, w.End-w.Start)
	mac := len(b)
	b = binary.BigEndian.AppendUint64(b, uint64(w.Start)) // #nosec G115 -- its bits, whatever its sign
	b = binary.BigEndian.AppendUint64(b, uint64(w.End))   // #nosec G115 -- as above
	under.Encrypt(b[mac:], b[mac:])
	return b
}

// slotBlock is the cipher of what is named so.
func slotBlock(key, named []byte) cipher.Block {
	h := hmac.New(sha256.New, key)
	h.Write(named)
	block, _ := aes.NewCipher(h.Sum(nil)) // of 32 bytes, which is a length that it takes
	return block
}

func decodeSlotRef(b []byte) (SlotRef, bool) {
	var texts [3]string
	for i := range texts {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) { // #nosec G115 -- size is at most len(b)
			return SlotRef{}, false
		}
		texts[i], b = string(b[size:size+int(n)]), b[size+int(n):] // #nosec G115 -- n is at most len(b)
	}
	start, size := binary.Varint(b)
	if size <= 0 {
		return SlotRef{}, false
	}
	b = b[size:]
	length, size := binary.Varint(b)
	if size <= 0 || size != len(b) || length <= 0 {
		return SlotRef{}, false
	}
	return SlotRef{texts[0], texts[1], texts[2], interval.Interval{Start: start, End: start + length}}, true
}
