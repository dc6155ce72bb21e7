package auth

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// The example of RFC 8037, appendix A.3.
func TestThumbprintIsThatOfTheRFC(t *testing.T) {
	public, err := hex.DecodeString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := thumbprint(public), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Another label would lose every secret, token and slot that was given out: these values never change.
func TestDerivedKeysNeverChange(t *testing.T) {
	k := mustKeyring(t, master(1))
	for what, c := range map[string]struct{ got, want string }{
		"kid":    {k.KID(0), "hQIJB1e8AeerGli8h4f_h5SqaqCv-jZEDsRsixzHrSU"},
		"secret": {hex.EncodeToString(k.HashSecret("prdv_x")), "55bd20e739595a2a1794b8a3db6b1c49a08ddb01502c0bc92ab45a2acb00b72b"},
		"room":   {hex.EncodeToString(k.Derive("slots")[0]), "e67d4612314c1da49b8cba3c334220c7e15edfba9e06b7cc65af03c3231cfcc7"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", what, c.got, c.want)
		}
	}
}

func TestEveryPurposeHasItsOwnKey(t *testing.T) {
	k := mustKeyring(t, master(1), master(2))
	seen := make(map[string]string)
	add := func(name string, key []byte) {
		if other, twice := seen[string(key)]; twice {
			t.Errorf("%s and %s have the same key", name, other)
		}
		seen[string(key)] = name
	}
	for i, key := range k.keys {
		for _, generation := range []int{0, 1, 2, 10} {
			add(fmt.Sprint("signature ", i, generation), k.signatures(generation)[i].private.Seed())
		}
		add(fmt.Sprint("pepper ", i), key.pepper)
		add(fmt.Sprint("master ", i), key.master)
	}
	for _, label := range []string{"slots", "persons", "token signature", "partner secret", "auth/token signature", ""} {
		for i, key := range k.Derive(label) {
			add(fmt.Sprint(label, " ", i), key)
		}
	}
}

func TestDeriveGivesTheCurrentKeyFirst(t *testing.T) {
	k, old := mustKeyring(t, master(1), master(2), master(3)), mustKeyring(t, master(3))
	keys := k.Derive("slots")
	if len(keys) != 3 || !bytes.Equal(keys[0], mustKeyring(t, master(1)).Derive("slots")[0]) || !bytes.Equal(keys[2], old.Derive("slots")[0]) {
		t.Errorf("got %x", keys)
	}
}

func TestKeyringRefusesBadMasterSecrets(t *testing.T) {
	for name, masters := range map[string][][]byte{
		"short":          {master(1)[1:]},
		"empty":          {nil},
		"short previous": {master(1), []byte("x")},
		"twice":          {master(1), master(2), master(2)},
		"current twice":  {master(1), master(1)},
	} {
		if _, err := NewKeyring(masters[0], masters[1:]...); err == nil || !strings.HasPrefix(err.Error(), "auth: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeyringKeepsItsOwnCopyOfAMasterSecret(t *testing.T) {
	m := master(1)
	k := mustKeyring(t, m)
	before := k.Derive("slots")[0]
	clear(m)
	if !bytes.Equal(before, k.Derive("slots")[0]) {
		t.Error("the caller changed the keys")
	}
}

func TestJWKSPublishesEveryPublicKeyAndNothingElse(t *testing.T) {
	w, s, _ := service(t)
	k := w.settings.Keyring
	text, err := s.JWKS(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) != 2 {
		t.Fatalf("%d keys", len(set.Keys))
	}
	for i, jwk := range set.Keys {
		x, err := base64.RawURLEncoding.DecodeString(jwk["x"])
		if err != nil || !ed25519.PublicKey(x).Equal(k.signatures(0)[i].public) {
			t.Errorf("key %d: x is %s", i, jwk["x"])
		}
		if jwk["kty"] != "OKP" || jwk["crv"] != "Ed25519" || jwk["use"] != "sig" || jwk["alg"] != "EdDSA" || jwk["kid"] != thumbprint(x) || len(jwk) != 6 {
			t.Errorf("key %d: %v", i, jwk)
		}
	}
}

func TestAKeyringNeverPrintsItsKeys(t *testing.T) {
	k := mustKeyring(t, master(1), master(2))
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		fmt.Fprintf(&out, verb+"\n", k)
		fmt.Fprintf(&out, verb+"\n", struct{ K *Keyring }{k})
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "k", k)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "k", k)
	for _, secret := range []string{
		string(master(1)), hex.EncodeToString(master(1)), fmt.Sprint(master(1))[1:20], hex.EncodeToString(k.keys[0].pepper), fmt.Sprint(k.keys[0].pepper)[1:20],
	} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q is printed in\n%s", secret, out.String())
		}
	}
}

func TestSecretsAreRandomAndCanBeFoundByScanners(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	shape := regexp.MustCompile(`^prdv_[A-Za-z0-9_-]{43}$`)
	one, two := NewSecret(random), NewSecret(random)
	if one == two || !shape.MatchString(one) {
		t.Errorf("got %s and %s", one, two)
	}
	id := NewPartnerID(random)
	if !regexp.MustCompile(`^partenaire_[a-z2-7]{26}$`).MatchString(id) || id == NewPartnerID(random) {
		t.Errorf("got %s", id)
	}
}

func TestNoSecretWithoutRandomness(t *testing.T) {
	for name, make := range map[string]func(){
		"secret":  func() { NewSecret(strings.NewReader("short")) },
		"partner": func() { NewPartnerID(strings.NewReader("short")) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("made without randomness")
				}
			}()
			make()
		})
	}
}

func TestASecretIsCheckedByItsHash(t *testing.T) {
	k := mustKeyring(t, master(1), master(2))
	hash, previous := k.HashSecret("prdv_a"), mustKeyring(t, master(2)).HashSecret("prdv_a")
	for _, c := range []struct {
		name   string
		hash   []byte
		secret string
		want   bool
	}{
		{"right", hash, "prdv_a", true},
		{"right, under a previous master secret", previous, "prdv_a", true},
		{"wrong", hash, "prdv_b", false},
		{"empty", hash, "", false},
		{"no hash", nil, "prdv_a", false},
		{"hash cut", hash[:31], "prdv_a", false},
		{"hash as secret", hash, string(hash), false},
		{"under a master secret that is gone", mustKeyring(t, master(3)).HashSecret("prdv_a"), "prdv_a", false},
	} {
		if got := k.checkSecrets([][]byte{c.hash}, c.secret); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
