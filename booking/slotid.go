package booking

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash"
	"slices"
	"sync"

	"passerelle/connectors/interval"
)

// SlotRef is what a slot id carries.
type SlotRef struct {
	Place, Agenda, Motif string
	interval.Interval
}

// SlotSigner makes slot ids and reads them back. An id is base64url(version, reference, MAC): opaque, the same on
// every reading of the same slot, and not to be made by anybody else.
type SlotSigner struct {
	keys []*sync.Pool // of hash.Hash, each ready with its key; the first signs, all verify
}

const (
	slotVersion = 1
	slotMACSize = 16
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
		key := slices.Clone(k)
		s.keys = append(s.keys, &sync.Pool{New: func() any { return hmac.New(sha256.New, key) }})
	}
	return s, nil
}

// ID signs a reference.
func (s *SlotSigner) ID(r SlotRef) string {
	b := []byte{slotVersion}
	for _, text := range []string{r.Place, r.Agenda, r.Motif} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	b = binary.AppendVarint(b, r.Start)
	b = binary.AppendVarint(b, r.End-r.Start)
	return base64.RawURLEncoding.EncodeToString(append(b, slotMAC(s.keys[0], b)...))
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
	body, mac := raw[:len(raw)-slotMACSize], raw[len(raw)-slotMACSize:]
	if !s.signed(body, mac) {
		return SlotRef{}, forged
	}
	r, ok := decodeSlotRef(body[1:])
	if !ok {
		return SlotRef{}, forged
	}
	return r, nil
}

func (s *SlotSigner) signed(body, mac []byte) bool {
	for _, k := range s.keys {
		if hmac.Equal(mac, slotMAC(k, body)) {
			return true
		}
	}
	return false
}

func slotMAC(key *sync.Pool, body []byte) []byte {
	h := key.Get().(hash.Hash)
	defer key.Put(h)
	h.Reset()
	h.Write(body)
	return h.Sum(nil)[:slotMACSize]
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
