package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"hash"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// assertionAttacks is the table of RFC 8725 and of rfc7523bis, against the token endpoint.
func assertionAttacks(tb testing.TB, c *court) []attack {
	var list []attack
	for _, family := range []func(testing.TB, *court) []attack{
		forgedAlgorithms, forgedKeys, forgedHeaders, forgedAudiences, forgedClaims, forgedTimes, forgedSignatures, forgedForms,
	} {
		list = append(list, family(tb, c)...)
	}
	return list
}

// say is a claim with a right signature by the Ed25519 key.
func (c *court) say(changes object) string {
	return c.ed.signed(c.ed.header().text(), c.claim().with(changes).text())
}

// head is a header with a right signature.
func (c *court) head(changes object) string {
	return c.ed.signed(c.ed.header().with(changes).text(), c.claim().text())
}

func forgedAlgorithms(tb testing.TB, c *court) []attack {
	var list []attack
	good := c.say(nil)
	signature := good[strings.LastIndex(good, ".")+1:]
	for _, alg := range []string{"none", "None", "NONE", "nOnE"} {
		unsigned := encode(c.ed.header().with(object{"alg": alg}).text()) + "." + encode(c.claim().text()) + "."
		list = append(list, attack{"alg " + alg, unsigned}, attack{"alg " + alg + " with a signature", unsigned + signature})
	}
	for _, s := range []signatory{c.ed, c.ec} {
		k := s.public(tb)
		der, err := x509.MarshalPKIXPublicKey(k.public)
		if err != nil {
			tb.Fatal(err)
		}
		jwk, err := k.MarshalJSON()
		if err != nil {
			tb.Fatal(err)
		}
		for name, key := range map[string][]byte{
			"PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), "DER": der, "JWK": jwk, "x": []byte(k.jwk.X),
			"raw x": decode(tb, k.jwk.X), "kid": []byte(s.kid), "client_id": []byte(signs), "nothing": {},
		} {
			list = append(list, attack{s.alg + " key: HS256 with " + name, hmacOf(c, s, "HS256", sha256.New, key)})
		}
		list = append(list, attack{s.alg + " key: HS512 with raw x", hmacOf(c, s, "HS512", sha512.New, decode(tb, k.jwk.X))})
	}
	for _, alg := range []any{"EdDSA ", "eddsa", "Ed25519", "Ed448", "RS256", "ES256", "PS256", "ES256K", "", 1, []string{"EdDSA"}} {
		list = append(list, attack{fmt.Sprintf("alg %v", alg), c.head(object{"alg": alg})})
	}
	list = append(list, attack{"no alg", c.head(object{"alg": nil})},
		attack{"EdDSA on a P-256 key", c.ec.signed(c.ec.header().with(object{"alg": EdDSA}).text(), c.claim().text())})
	return append(list, otherAlgorithms(tb, c)...)
}

func hmacOf(c *court, s signatory, alg string, sum func() hash.Hash, key []byte) string {
	text := encode(s.header().with(object{"alg": alg}).text()) + "." + encode(c.claim().text())
	mac := hmac.New(sum, key)
	mac.Write([]byte(text))
	return text + "." + encode(string(mac.Sum(nil)))
}

// otherAlgorithms are right signatures by algorithms that we do not take: by the partner's own P-256 key, and by keys
// of the attacker.
func otherAlgorithms(tb testing.TB, c *court) []attack {
	var list []attack
	for _, alg := range []struct {
		name string
		size int
		sum  func([]byte) []byte
	}{
		{"ES384", 48, func(b []byte) []byte { s := sha512.Sum384(b); return s[:] }},
		{"ES512", 66, func(b []byte) []byte { s := sha512.Sum512(b); return s[:] }},
	} {
		text := encode(c.ec.header().with(object{"alg": alg.name}).text()) + "." + encode(c.claim().text())
		list = append(list, attack{alg.name + " by the P-256 key", text + "." + encode(halves(c.ec.curve, alg.sum([]byte(text)), alg.size))})
	}
	modular := modularKey()
	wide, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range []struct {
		method jwt.SigningMethod
		key    any
	}{{jwt.SigningMethodRS256, modular}, {jwt.SigningMethodPS256, modular}, {jwt.SigningMethodES384, wide}} {
		t := jwt.NewWithClaims(f.method, jwt.MapClaims(c.claim()))
		t.Header = c.ec.header().with(object{"alg": f.method.Alg()})
		text, err := t.SignedString(f.key)
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, attack{f.method.Alg() + " by a foreign key", text})
	}
	return list
}

func forgedKeys(tb testing.TB, c *court) []attack {
	stranger, ours := edwards("ed-1", 22), c.key()
	claim := c.claim().text()
	strangers := jwkOf(stranger.public(tb).public.(ed25519.PublicKey))
	list := []attack{
		{"no kid", c.head(object{"kid": nil})},
		{"kid null", c.ed.signed(`{"alg":"EdDSA","typ":"JWT","kid":null}`, claim)},
		{"a stranger under our kid", stranger.signed(stranger.header().text(), claim)},
		{"another partner's key under its own kid", c.foreign.signed(c.foreign.header().text(), claim)},
		{"another partner's key under the kid of this one", c.foreign.signed(c.ed.header().text(), claim)},
		{"own key in the name of another partner", c.say(object{"iss": other, "sub": other})},
		{"own key and the other's kid, in its name", c.ed.signed(c.foreign.header().text(), c.claim().with(object{"iss": other, "sub": other}).text())},
		{"the gateway's key under its kid", signedBy(ours.private, c.ed.header().with(object{"kid": ours.kid}).text(), claim)},
		{"the gateway's key under the kid of the partner", signedBy(ours.private, c.ed.header().text(), claim)},
		{"kid of the other own key", c.ed.signed(c.ed.header().with(object{"kid": c.ec.kid}).text(), claim)},
		{"jwk of the attacker", stranger.signed(stranger.header().with(object{"jwk": strangers}).text(), claim)},
		{"jwk of the attacker, no kid", stranger.signed(stranger.header().with(object{"jwk": strangers, "kid": nil}).text(), claim)},
		{"an access token of ours", c.issue(tb, alpha, ReadPlaces)},
		{"an access token of this partner", c.issue(tb, signs, ReadPlaces)},
	}
	for _, kid := range []any{
		"", "unknown", 0, true,
		[]string{"ed-1"},
		"../../dev/null", "' OR '1'='1", "|whoami", "https://attacker.example/jwks.json",
		"ed-1\x00", "ED-1", " ed-1", c.ed.public(tb).jwk.thumbprint(),
	} {
		list = append(list, attack{fmt.Sprintf("kid %q", fmt.Sprint(kid)), c.head(object{"kid": kid})})
	}
	return list
}

func forgedHeaders(tb testing.TB, c *court) []attack {
	claim := c.claim().text()
	list := []attack{
		{"alg twice", c.ed.signed(`{"alg":"none","typ":"JWT","kid":"ed-1","alg":"EdDSA"}`, claim)},
		{"kid twice", c.ed.signed(`{"alg":"EdDSA","typ":"JWT","kid":"x","kid":"ed-1"}`, claim)},
		{"typ twice", c.ed.signed(`{"alg":"EdDSA","typ":"at+jwt","typ":"JWT","kid":"ed-1"}`, claim)},
		{"header is an array", c.ed.signed(`["EdDSA"]`, claim)},
		{"header is null", c.ed.signed(`null`, claim)},
		{"header is nothing", c.ed.signed(``, claim)},
		{"header is followed by another", c.ed.signed(c.ed.header().text()+c.ed.header().text(), claim)},
		{"no typ", c.head(object{"typ": nil})},
	}
	for name, value := range map[string]any{
		"crit": []string{"exp"}, "b64": false, "jku": "https://attacker.example/jwks.json", "jwk": jwkOf(c.ed.public(tb).public.(ed25519.PublicKey)), "x5u": "https://attacker.example/x5u",
		"x5c": []string{"MIIB"}, "x5t": "AAAA", "cty": "JWT", "zip": "DEF", "iss": signs, "ALG": "none",
	} {
		list = append(list, attack{"header has " + name, c.head(object{name: value})})
	}
	for _, typ := range []any{"at+jwt", "jwt", "id_token", "dpop+jwt", "CLIENT-AUTHENTICATION+JWT", "", 1, []string{"JWT"}} {
		list = append(list, attack{fmt.Sprintf("typ %v", typ), c.head(object{"typ": typ})})
	}
	return list
}

func forgedAudiences(_ testing.TB, c *court) []attack {
	var list []attack
	ours := c.settings.Issuer
	for _, aud := range []any{
		nil, "", 1, true,
		object{"a": ours},
		ours + "/", strings.ToUpper(ours), ours[:len(ours)-1], " " + ours, strings.Replace(ours, "https", "http", 1),
		ours + "/oauth/token", c.settings.Audience, "https://attacker.example", signs,
		[]string{ours},
		[]string{ours, "https://attacker.example"},
		[]string{ours + "/oauth/token"},
		[]string{},
	} {
		list = append(list, attack{fmt.Sprintf("aud %q", aud), c.say(object{"aud": aud})})
	}
	return list
}

func forgedClaims(_ testing.TB, c *court) []attack {
	var list []attack
	for _, name := range []string{"iss", "sub", "jti"} {
		for what, value := range map[string]any{"missing": nil, "empty": "", "a number": 1, "a list": []string{signs}, "an object": object{"a": signs}} {
			list = append(list, attack{name + " is " + what, c.say(object{name: value})})
		}
	}
	for name, changes := range map[string]object{
		"iss is another partner": {"iss": other}, "sub is another partner": {"sub": other}, "sub in capitals": {"iss": strings.ToUpper(signs), "sub": strings.ToUpper(signs)},
		"iss is the gateway": {"iss": c.settings.Issuer}, "an unknown partner": {"iss": "partenaire_inconnu", "sub": "partenaire_inconnu"},
		"a revoked partner": {"iss": closed, "sub": closed}, "a partner without keys": {"iss": alpha, "sub": alpha}, "any partner": {"iss": "%", "sub": "%"},
		"iss and sub empty": {"iss": "", "sub": ""},
	} {
		list = append(list, attack{name, c.say(changes)})
	}
	good := strings.TrimSuffix(c.claim().text(), "}")
	for name, payload := range map[string]string{
		"sub twice": good + `,"sub":"` + signs + `"}`, "aud twice": `{"aud":"https://attacker.example",` + good[1:] + "}", "exp twice": `{"exp":1,` + good[1:] + "}",
		"jti twice": good + `,"jti":"J2"}`, "JTI beside jti": good + `,"JTI":"J2"}`, "AUD beside aud": good + `,"AUD":"x"}`, "ſub beside sub": good + `,"ſub":"` + other + `"}`,
		"payload is an array": "[" + good + "}]", "payload is null": "null", "payload is nothing": "", "payload is text": `"` + signs + `"`, "payload is cut": good,
		"payload is followed by another": good + "}" + good + "}", "payload is an assertion": c.say(nil), "payload is a quoted assertion": `"` + c.say(nil) + `"`,
		"payload is followed by a letter": good + "}x",
	} {
		list = append(list, attack{name, c.ed.signed(c.ed.header().text(), payload)})
	}
	return list
}

func forgedTimes(_ testing.TB, c *court) []attack {
	var list []attack
	at := func(d time.Duration) int64 { return noon.Add(d).Unix() }
	for name, changes := range map[string]object{
		"exp missing": {"exp": nil}, "expired an hour ago": {"iat": at(-2 * time.Hour), "exp": at(-time.Hour)}, "expires now": {"exp": at(0)},
		"expired two seconds ago": {"iat": at(-time.Minute), "exp": at(-2 * time.Second)}, "61 s ahead": {"exp": at(61 * time.Second)}, "five minutes ahead": {"exp": at(5 * time.Minute)},
		"a year ahead": {"exp": at(365 * 24 * time.Hour)}, "for ever": {"exp": int64(math.MaxInt64)}, "exp zero": {"exp": 0}, "exp negative": {"exp": int64(math.MinInt64)},
		"exp is text": {"exp": fmt.Sprint(at(30 * time.Second))}, "exp has a fraction": {"exp": float64(at(30*time.Second)) + 0.5}, "exp is a list": {"exp": []int64{at(30 * time.Second)}},
		"exp is a boolean": {"exp": true}, "issued in a minute": {"iat": at(time.Minute), "exp": at(60 * time.Second)}, "iat is text": {"iat": "0"},
		"not before half a minute": {"nbf": at(30 * time.Second)}, "nbf is text": {"nbf": "0"},
	} {
		list = append(list, attack{name, c.say(changes)})
	}
	return list
}

func forgedSignatures(tb testing.TB, c *court) []attack {
	var list []attack
	for _, s := range []signatory{c.ed, c.ec} {
		good := s.signed(s.header().text(), c.claim().text())
		another := s.signed(s.header().text(), c.claim().with(object{"jti": "J9"}).text())
		cut := strings.LastIndex(good, ".")
		signing, signature := good[:cut], good[cut+1:]
		raw := decode(tb, signature)
		for name, text := range map[string]string{
			"no signature": signing + ".", "signature cut": good[:len(good)-2], "signature lengthened": good + "AA", "signature padded": good + "==",
			"signature of zeros": signing + "." + encode(strings.Repeat("\x00", 64)), "signature of another": signing + another[strings.LastIndex(another, "."):],
			"halves exchanged": signing + "." + encode(string(raw[32:])+string(raw[:32])), "line end in the signature": signing + "." + signature[:9] + "\n" + signature[9:],
			"line end after": good + "\n", "payload tampered with": encode(s.header().text()) + "." + encode(c.claim().with(object{"jti": "J8"}).text()) + "." + signature,
			"header tampered with": encode(" "+s.header().text()) + "." + encode(c.claim().text()) + "." + signature, "spare bits": spareBits(good),
		} {
			list = append(list, attack{s.alg + ": " + name, text})
		}
		if s.alg == EdDSA {
			list = append(list, attack{"EdDSA: plus the order of the curve", signing + "." + encode(addOrder(signature))})
			continue
		}
		der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])})
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, attack{"ES256: in DER", signing + "." + encode(string(der))})
	}
	return list
}

// spareBits changes the bits of the last character that say nothing.
func spareBits(text string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, text[len(text)-1])
	return text[:len(text)-1] + alphabet[last+1:last+2]
}

func forgedForms(_ testing.TB, c *court) []attack {
	good := c.say(nil)
	return []attack{
		{"two dots", ".."},
		{"one segment", strings.ReplaceAll(good, ".", "")},
		{"two segments", good[:strings.LastIndex(good, ".")]},
		{"four segments", good + ".AAAA"},
		{"five segments", good + ".AAAA.AAAA"},
		{"8 MB of dots", strings.Repeat(".", 8<<20)},
		{"8 MB of letters", strings.Repeat("a", 8<<20)},
		{"8 MB, rightly signed", c.say(object{"x": strings.Repeat("x", 8<<20)})},
		{"over 4 kB, rightly signed", c.say(object{"x": strings.Repeat("x", 4<<10)})},
		{"4 kB of dots", strings.Repeat(".", 4<<10)},
		{"deep header", encode(strings.Repeat("[", 2500)) + ".e30.AAAA"},
		{"a word before", "Bearer " + good},
		{"a space before", " " + good},
		{"a space after", good + " "},
		{"a NUL after", good + "\x00"},
		{"twice", good + good},
		{"JSON serialization", `{"payload":"` + encode(c.claim().text()) + `"}`},
		{"a secret", "prdv_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
	}
}
