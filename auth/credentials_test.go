package auth

import (
	"errors"
	"fmt"
	"testing"
)

// A secret is replaced without a moment at which neither the old nor the new one is right.
func TestASecretIsReplacedWithoutAGap(t *testing.T) {
	w, s, _ := service(t)
	k := w.settings.Keyring
	ask := func(secret string) error {
		_, err := s.ClientCredentials(t.Context(), TokenRequest{ClientID: "muet", Secret: secret})
		return err
	}
	p := w.partners["muet"]
	change := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		w.partners["muet"] = p
	}
	change(p.AddSecret(k.HashSecret("ancien")))
	change(p.AddSecret(k.HashSecret("nouveau")))
	if ask("ancien") != nil || ask("nouveau") != nil {
		t.Error("while both are there, one of them is refused")
	}
	if err := p.AddSecret(k.HashSecret("trop")); !errors.Is(err, ErrTooMany) {
		t.Errorf("a third secret: %v", err)
	}
	change(p.RemoveSecret(false))
	if ask("ancien") == nil || ask("nouveau") != nil {
		t.Error("not the older one was removed")
	}
	if err := p.RemoveSecret(false); !errors.Is(err, ErrLast) {
		t.Errorf("the last credential was removed: %v", err)
	}
	change(p.AddSecret(k.HashSecret("divulgue")))
	change(p.RemoveSecret(true))
	if ask("divulgue") == nil || ask("nouveau") != nil {
		t.Error("not the newer one was removed")
	}
}

func TestKeysOfAPartnerAreFewAndNamed(t *testing.T) {
	var p Partner
	key := func(i int) PartnerKey { return edwards(fmt.Sprint("k", i), byte(i)).public(t) }
	if err := p.RemoveKey("k1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
	for i := range MaxKeys {
		if err := p.AddKey(key(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.AddKey(key(MaxKeys)); !errors.Is(err, ErrTooMany) {
		t.Errorf("a key too many: %v", err)
	}
	before := p.Keys
	if err := p.RemoveKey("k1"); err != nil || len(before) != MaxKeys || before[1].KID != "k1" {
		t.Errorf("%v; or whoever had the list lost a key", err)
	}
	if err := p.AddKey(key(0)); !errors.Is(err, ErrKeyNameUsed) {
		t.Errorf("two keys of one name: %v", err)
	}
	if err := errors.Join(p.RemoveKey("k0")); err != nil {
		t.Fatal(err)
	}
	if err := p.RemoveKey("k2"); !errors.Is(err, ErrLast) {
		t.Errorf("the last credential was removed: %v", err)
	}
	if err := errors.Join(p.AddSecret([]byte{1}), p.RemoveKey("k2")); err != nil || len(p.Keys) != 0 {
		t.Errorf("a partner with a secret keeps its last key: %v", err)
	}
	if err := p.RemoveSecret(false); !errors.Is(err, ErrLast) {
		t.Errorf("got %v", err)
	}
}
