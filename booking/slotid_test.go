package booking

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

func signer(t testing.TB, keys ...byte) *SlotSigner {
	t.Helper()
	var all [][]byte
	for _, k := range keys {
		all = append(all, bytes.Repeat([]byte{k}, 32))
	}
	s, err := NewSlotSigner(all...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var someRef = SlotRef{Place: "Coop-numérique_1__x", Agenda: "tour", Motif: "m", Interval: interval.Interval{Start: 1795424400, End: 1795428000}}

func TestASlotIDCarriesItsReference(t *testing.T) {
	s := signer(t, 1)
	for _, r := range []SlotRef{someRef, {Interval: interval.Interval{Start: -5, End: 1}}, {Place: strings.Repeat("p", 300), Interval: interval.Interval{End: 1}}} {
		id := s.ID(r)
		if got, err := s.Ref(id); err != nil || got != r {
			t.Errorf("Ref(ID(%v)) = %v, %v", r, got, err)
		}
		if id != s.ID(r) {
			t.Error("two ids of one slot differ")
		}
	}
}

// A slot of a motif has the id of its reference, wherever it is written, and what is named otherwise has other ids.
func TestSlotsOfAMotifHaveTheIDsOfTheirReferences(t *testing.T) {
	s := signer(t, 1)
	seen := make(map[string]bool)
	for _, of := range []SlotRef{
		{Place: "a", Agenda: "bc", Motif: "m"},
		{Place: "ab", Agenda: "c", Motif: "m"},
		{Place: "ab", Agenda: "c", Motif: "n"},
		{Place: strings.Repeat("é", 200), Agenda: "c", Motif: "n"},
		{},
	} {
		motif := &PlacedMotif{Place: of.Place, Agenda: of.Agenda, Motif: &Motif{ID: of.Motif}, Signer: s.Of(of)}
		written, whole := make([]byte, 3), "\x00\x00\x00"
		for i := range int64(5) {
			x := Slot{Interval: interval.Interval{Start: i * 1e9, End: i*1e9 + 1800}, PlacedMotif: motif}
			id := x.ID()
			if got, err := s.Ref(id); id != s.ID(x.Ref()) || err != nil || got != x.Ref() || seen[id] {
				t.Errorf("%v is signed as %q, which reads as %v, %v", x.Ref(), id, got, err)
			}
			seen[id] = true
			if written, whole = x.AppendID(written), whole+id; string(written) != whole {
				t.Errorf("after others it is written %q, want %q", written, whole)
			}
		}
	}
	if x := (Slot{PlacedMotif: &PlacedMotif{}}); x.ID() != "" {
		t.Errorf("unsigned it is %q", x.ID())
	}
}

func TestAForgedSlotIDIsRefused(t *testing.T) {
	s := signer(t, 1)
	id := s.ID(someRef)
	raw, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		t.Fatal(err)
	}
	forged := map[string]string{
		"empty": "", "no base64": "é", "too long": strings.Repeat("A", 5000), "another key": signer(t, 2).ID(someRef),
		"padded": id + "=", "broken into lines": id[:9] + "\r\n" + id[9:], "cut": id[:len(id)-4], "only a MAC": base64.RawURLEncoding.EncodeToString(raw[len(raw)-17:]),
	}
	for i := range raw { // every byte counts
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		forged["byte "+string(rune('0'+i))] = base64.RawURLEncoding.EncodeToString(changed)
	}
	for name, f := range forged {
		_, err := s.Ref(f)
		e, ok := err.(*Error)
		if !ok || e.Kind != connectors.Invalid || e.Code != "creneau_invalide" || e.Fields[0].Name != "creneau_id" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASlotIDOutlivesANewKey(t *testing.T) {
	if _, err := signer(t, 2, 1).Ref(signer(t, 1).ID(someRef)); err != nil {
		t.Errorf("signed with the previous key: %v", err)
	}
	if _, err := signer(t, 2).Ref(signer(t, 1).ID(someRef)); err == nil {
		t.Error("a key that is gone is still believed")
	}
}

func TestASlotKeyMustBeLong(t *testing.T) {
	if _, err := NewSlotSigner(make([]byte, 16)); err == nil {
		t.Error("a short key was taken")
	}
	if _, err := NewSlotSigner(); err == nil {
		t.Error("no key was taken")
	}
}

func FuzzSlotRef(f *testing.F) {
	s := signer(f, 1)
	f.Add(s.ID(someRef))
	f.Add("")
	f.Fuzz(func(t *testing.T, id string) {
		if r, err := s.Ref(id); err == nil && s.ID(r) != id {
			t.Errorf("%q reads as %v, whose id is another", id, r)
		}
	})
}
