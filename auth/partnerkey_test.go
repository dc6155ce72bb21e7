package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// The keys of RFC 8037, appendix A.2, and of RFC 7517, appendix A.1.
const (
	edwardsX = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
	nistX    = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"
	nistY    = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"
)

func edwardsJWK() object { return object{"kty": "OKP", "crv": "Ed25519", "x": edwardsX} }
func nistJWK() object    { return object{"kty": "EC", "crv": "P-256", "x": nistX, "y": nistY} }

func TestParsePartnerKey(t *testing.T) {
	for _, c := range []struct {
		name     string
		jwk      string
		kid, alg string
	}{
		// The thumbprint is that of RFC 8037, appendix A.3.
		{"Ed25519, named by its thumbprint", edwardsJWK().text(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", EdDSA},
		{"Ed25519", edwardsJWK().with(object{"kid": "k", "use": "sig", "alg": "EdDSA", "key_ops": []string{"verify"}}).text(), "k", EdDSA},
		{"Ed25519 by the name of RFC 9864", edwardsJWK().with(object{"kid": "k", "alg": "Ed25519"}).text(), "k", EdDSA},
		{"P-256", nistJWK().with(object{"kid": "k", "use": "sig", "alg": "ES256"}).text(), "k", ES256},
		{"with a line end", nistJWK().with(object{"kid": "k"}).text() + "\n", "k", ES256},
	} {
		k, err := ParsePartnerKey([]byte(c.jwk))
		if err != nil || k.KID != c.kid || k.Alg != c.alg {
			t.Errorf("%s: got %+v, %v", c.name, k, err)
			continue
		}
		kept, err := json.Marshal(k)
		if err != nil {
			t.Fatal(err)
		}
		var again PartnerKey
		if err := json.Unmarshal(kept, &again); err != nil || !reflect.DeepEqual(again, k) {
			t.Errorf("%s: kept as %s: %+v, %v", c.name, kept, again, err)
		}
	}
}

func TestBadKeysAreRefused(t *testing.T) {
	for name, jwk := range map[string]string{
		"nothing": "", "not JSON": "key", "null": "null", "an array": "[]", "empty": "{}", "a set": `{"keys":[` + edwardsJWK().text() + `]}`,
		"a PEM": "-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n", "followed by another": edwardsJWK().text() + edwardsJWK().text(),
		"too long":                     edwardsJWK().with(object{"kid": strings.Repeat("k", maxKeyFile)}).text(),
		"kid too long":                 edwardsJWK().with(object{"kid": strings.Repeat("k", maxKID+1)}).text(),
		"kid empty":                    edwardsJWK().with(object{"kid": ""}).text(),
		"kid a number":                 edwardsJWK().with(object{"kid": 1}).text(),
		"RSA":                          object{"kty": "RSA", "n": "AQAB", "e": "AQAB"}.text(),
		"another curve of OKP":         edwardsJWK().with(object{"crv": "X25519"}).text(),
		"Ed448":                        edwardsJWK().with(object{"crv": "Ed448"}).text(),
		"another curve of EC":          nistJWK().with(object{"crv": "P-384"}).text(),
		"secp256k1":                    nistJWK().with(object{"crv": "secp256k1"}).text(),
		"Ed25519 as EC":                edwardsJWK().with(object{"kty": "EC"}).text(),
		"Ed25519 with y":               edwardsJWK().with(object{"y": nistY}).text(),
		"no crv":                       edwardsJWK().with(object{"crv": nil}).text(),
		"no x":                         edwardsJWK().with(object{"x": nil}).text(),
		"no y":                         nistJWK().with(object{"y": nil}).text(),
		"x cut":                        edwardsJWK().with(object{"x": edwardsX[:40]}).text(),
		"x padded":                     edwardsJWK().with(object{"x": edwardsX + "="}).text(),
		"x broken into lines":          edwardsJWK().with(object{"x": edwardsX[:9] + "\n" + edwardsX[9:]}).text(),
		"x with spare bits":            edwardsJWK().with(object{"x": edwardsX[:42] + "p"}).text(),
		"off the curve":                nistJWK().with(object{"y": nistX}).text(),
		"at infinity":                  nistJWK().with(object{"x": encode(strings.Repeat("\x00", 32)), "y": encode(strings.Repeat("\x00", 32))}).text(),
		"for encryption":               edwardsJWK().with(object{"use": "enc"}).text(),
		"for another algorithm":        nistJWK().with(object{"alg": "ES384"}).text(),
		"Ed25519 for ES256":            edwardsJWK().with(object{"alg": "ES256"}).text(),
		"to sign with":                 edwardsJWK().with(object{"key_ops": []string{"sign"}}).text(),
		"to sign and verify with":      edwardsJWK().with(object{"key_ops": []string{"verify", "sign"}}).text(),
		"with a certificate":           nistJWK().with(object{"x5c": []string{"MIIB"}}).text(),
		"with the address of another":  nistJWK().with(object{"x5u": "https://attacker.example"}).text(),
		"x twice":                      strings.Replace(edwardsJWK().text(), "{", `{"x":"`+edwardsX+`",`, 1),
		"X beside x":                   edwardsJWK().with(object{"X": edwardsX}).text(),
		"use as a list":                edwardsJWK().with(object{"use": []string{"sig"}}).text(),
		"a symmetric key, by its type": object{"kty": "oct"}.text(),
	} {
		if k, err := ParsePartnerKey([]byte(jwk)); err == nil || errors.Is(err, ErrPrivateKey) {
			t.Errorf("%s: got %+v, %v", name, k, err)
		}
	}
}

func TestAPrivateKeyIsRefusedAndNotRepeated(t *testing.T) {
	for _, member := range privateMembers {
		for _, jwk := range []object{edwardsJWK(), nistJWK(), {"kty": "RSA"}, {"kty": "oct"}} {
			k, err := ParsePartnerKey([]byte(jwk.with(object{member: "tresor"}).text()))
			if !errors.Is(err, ErrPrivateKey) || strings.Contains(fmt.Sprint(err, k), "tresor") {
				t.Errorf("%s: got %+v, %v", member, k, err)
			}
		}
	}
}

func FuzzParsePartnerKey(f *testing.F) {
	f.Add([]byte(edwardsJWK().text()))
	f.Add([]byte(nistJWK().with(object{"kid": "k", "use": "sig", "key_ops": []string{"verify"}}).text()))
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := ParsePartnerKey(text)
		if err != nil {
			return
		}
		kept, err := json.Marshal(k)
		if err != nil {
			t.Fatal(err)
		}
		var again PartnerKey
		if err := json.Unmarshal(kept, &again); err != nil || !reflect.DeepEqual(again, k) {
			t.Errorf("%q is kept as %s: %+v, %v", text, kept, again, err)
		}
	})
}
