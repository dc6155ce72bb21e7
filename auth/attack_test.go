package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"hash"
	"math"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// attack is a token that must be refused.
type attack struct{ name, token string }

// attacks is the table of RFC 8725 and of what has gone wrong elsewhere.
func attacks(tb testing.TB, w *world) []attack {
	var list []attack
	for _, family := range []func(testing.TB, *world) []attack{
		algorithmAttacks, keyAttacks, headerAttacks, claimAttacks, behalfAttacks, timeAttacks, partnerAttacks, signatureAttacks, formAttacks,
	} {
		list = append(list, family(tb, w)...)
	}
	return list
}

func algorithmAttacks(tb testing.TB, w *world) []attack {
	var list []attack
	payload := w.payload().text()
	public := w.key().public
	good := w.signed(w.header().text(), payload)
	signature := good[strings.LastIndex(good, ".")+1:]
	for _, alg := range []string{"none", "None", "NONE", "nOnE"} {
		unsigned := encode(w.header().with(object{"alg": alg}).text()) + "." + encode(payload) + "."
		list = append(list, attack{"alg " + alg, unsigned}, attack{"alg " + alg + " with a signature", unsigned + signature})
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		tb.Fatal(err)
	}
	spki := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	for name, key := range map[string][]byte{
		"raw public key": public, "PEM": spki, "PEM without line end": []byte(strings.TrimSpace(string(spki))), "DER": der,
		"JWKS": publish([]signatureKey{w.key()}), "x of the JWK": []byte(jwkOf(public).X), "kid": []byte(w.key().kid), "nothing": {},
	} {
		list = append(list, attack{"HS256 with " + name, hmacSigned(w, "HS256", sha256.New, key)})
	}
	list = append(list,
		attack{"HS384 with raw public key", hmacSigned(w, "HS384", sha512.New384, public)},
		attack{"HS512 with raw public key", hmacSigned(w, "HS512", sha512.New, public)})
	for _, alg := range []any{"EdDSA ", "eddsa", "Ed25519", "RS256", "ES256", "PS256", "", 1, true, []string{"EdDSA"}, object{"a": 1}} {
		list = append(list, attack{fmt.Sprintf("alg %v", alg), w.signed(w.header().with(object{"alg": alg}).text(), payload)})
	}
	list = append(list, attack{"no alg", w.signed(w.header().with(object{"alg": nil}).text(), payload)})
	return append(list, foreignAlgorithms(tb, w)...)
}

func hmacSigned(w *world, alg string, sum func() hash.Hash, key []byte) string {
	text := encode(w.header().with(object{"alg": alg}).text()) + "." + encode(w.payload().text())
	mac := hmac.New(sum, key)
	mac.Write([]byte(text))
	return text + "." + encode(string(mac.Sum(nil)))
}

// modularKey is an RSA key of the attacker's, which takes long to make.
var modularKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// foreignAlgorithms are right signatures by keys of the attacker.
func foreignAlgorithms(tb testing.TB, w *world) []attack {
	elliptic, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	modular := modularKey()
	var list []attack
	for _, c := range []struct {
		method jwt.SigningMethod
		key    any
	}{
		{jwt.SigningMethodES256, elliptic}, {jwt.SigningMethodRS256, modular}, {jwt.SigningMethodPS256, modular},
	} {
		t := jwt.NewWithClaims(c.method, jwt.MapClaims(w.payload()))
		t.Header = w.header().with(object{"alg": c.method.Alg()})
		token, err := t.SignedString(c.key)
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, attack{c.method.Alg() + " by a foreign key", token})
	}
	return list
}

func keyAttacks(tb testing.TB, w *world) []attack {
	payload := w.payload().text()
	stranger := mustKeyring(tb, master(9)).signatures(0)[0]
	list := []attack{
		{"no kid", w.signed(w.header().with(object{"kid": nil}).text(), payload)},
		{"kid null", w.signed(`{"alg":"EdDSA","typ":"at+jwt","kid":null}`, payload)},
		{"signed by someone else", signedBy(stranger.private, w.header().with(object{"kid": stranger.kid}).text(), payload)},
		{"signed by someone else under our kid", signedBy(stranger.private, w.header().text(), payload)},
		{"kid of the previous key, signed by the current one", w.signed(w.header().with(object{"kid": w.previousKey().kid}).text(), payload)},
		{"kid of the current key, signed by the previous one", signedBy(w.previousKey().private, w.header().text(), payload)},
	}
	for _, kid := range []any{
		"", "unknown", 0, 1, true,
		[]string{w.key().kid},
		"../../../../dev/null", "/proc/self/environ",
		"' OR '1'='1", "x' UNION SELECT 'key", "|whoami", "https://attacker.example/jwks.json", w.key().kid + "\x00",
		strings.ToLower(w.key().kid), " " + w.key().kid,
	} {
		list = append(list, attack{fmt.Sprintf("kid %q", fmt.Sprint(kid)), w.signed(w.header().with(object{"kid": kid}).text(), payload)})
	}
	return list
}

func headerAttacks(tb testing.TB, w *world) []attack {
	payload := w.payload().text()
	stranger := mustKeyring(tb, master(9)).signatures(0)[0]
	kid := w.key().kid
	list := []attack{
		{"jwk of the attacker", signedBy(stranger.private, w.header().with(object{"jwk": jwkOf(stranger.public), "kid": nil}).text(), payload)},
		{"jwk of the attacker, with our kid", signedBy(stranger.private, w.header().with(object{"jwk": jwkOf(stranger.public)}).text(), payload)},
		{"alg twice", w.signed(`{"alg":"none","typ":"at+jwt","kid":"`+kid+`","alg":"EdDSA"}`, payload)},
		{"kid twice", w.signed(`{"alg":"EdDSA","typ":"at+jwt","kid":"x","kid":"`+kid+`"}`, payload)},
		{"typ twice", w.signed(`{"alg":"EdDSA","typ":"JWT","typ":"at+jwt","kid":"`+kid+`"}`, payload)},
		{"header is an array", w.signed(`["EdDSA"]`, payload)},
		{"header is null", w.signed(`null`, payload)},
		{"header is followed by another", w.signed(w.header().text()+w.header().text(), payload)},
		{"header is nothing", w.signed(``, payload)},
		{"no typ", w.signed(w.header().with(object{"typ": nil}).text(), payload)},
	}
	for name, value := range map[string]any{
		"crit": []string{"exp"}, "b64": false, "jku": "https://attacker.example/jwks.json", "jwk": jwkOf(w.key().public),
		"x5u": "https://attacker.example/x5u", "x5c": []string{"MIIB"}, "x5t": "AAAA", "cty": "JWT", "zip": "DEF", "iss": "other", "ALG": "none",
	} {
		list = append(list, attack{"header has " + name, w.signed(w.header().with(object{name: value}).text(), payload)})
	}
	for _, typ := range []any{"JWT", "jwt", "id_token", "AT+JWT", "application/at+jwt", "logout+jwt", "", 1, []string{"at+jwt"}} {
		list = append(list, attack{fmt.Sprintf("typ %v", typ), w.signed(w.header().with(object{"typ": typ}).text(), payload)})
	}
	return list
}

func claimAttacks(_ testing.TB, w *world) []attack {
	var list []attack
	add := func(name string, changes object) {
		list = append(list, attack{name, w.signed(w.header().text(), w.payload().with(changes).text())})
	}
	for _, name := range []string{"iss", "aud", "sub", "client_id", "iat", "exp", "jti"} {
		add("no "+name, object{name: nil})
		add(name+" is an object", object{name: object{"a": 1}})
		add(name+" is a boolean", object{name: true})
	}
	ours := w.settings.Audience
	for _, aud := range []any{
		"", "https://other.example", strings.ToUpper(ours), ours + "/", ours[:len(ours)-1], 1,
		[]string{ours},
		[]string{ours, "https://other.example"},
		[]string{"https://other.example", ours},
		[]string{},
		[]string{""},
	} {
		add(fmt.Sprintf("aud %q", aud), object{"aud": aud})
	}
	for _, iss := range []any{"", "https://attacker.example", w.settings.Issuer + "/", "http://passerelle.example", []string{w.settings.Issuer}} {
		add(fmt.Sprintf("iss %q", iss), object{"iss": iss})
	}
	add("sub of another partner", object{"sub": late})
	add("client_id of another partner", object{"client_id": late})
	add("sub and client_id empty", object{"sub": "", "client_id": ""})
	add("sub in capitals", object{"sub": strings.ToUpper(alpha)})
	add("jti empty", object{"jti": ""})
	add("scope unknown", object{"scope": "lieux:lire admin"})
	add("scope is a list", object{"scope": []string{"lieux:lire"}})

	raw := func(name, payload string) { list = append(list, attack{name, w.signed(w.header().text(), payload)}) }
	good := strings.TrimSuffix(w.payload().text(), "}")
	raw("sub twice", good+`,"sub":"`+alpha+`"}`)
	raw("exp twice, first past", `{"exp":1,`+w.payload().text()[1:])
	raw("scope twice", good+`,"scope":"rendezvous:ecrire"}`)
	raw("SCOPE beside scope", good+`,"SCOPE":"rendezvous:ecrire"}`)
	raw("Exp instead of exp", strings.Replace(w.payload().text(), `"exp"`, `"Exp"`, 1))
	raw("scope with a long s", good+`,"ſcope":"rendezvous:ecrire"}`)
	raw("payload is an array", `[`+w.payload().text()+`]`)
	raw("payload is null", `null`)
	raw("payload is nothing", ``)
	raw("payload is text", `"`+alpha+`"`)
	raw("payload is followed by another", w.payload().text()+w.payload().text())
	raw("payload is cut", good)
	raw("payload is not JSON", `sub=`+alpha)
	raw("payload is a token", w.signed(w.header().text(), w.payload().text()))
	raw("payload is a quoted token", `"`+w.signed(w.header().text(), w.payload().text())+`"`)
	return list
}

// behalfAttacks say for whom they are in other ways than ours.
func behalfAttacks(_ testing.TB, w *world) []attack {
	var list []attack
	for name, text := range map[string]string{
		"null": `null`, "a text": `"aidant-7"`, "a list": `[{"sub":"aidant-7"}]`, "empty": `{}`, "sub null": `{"sub":null}`, "sub a number": `{"sub":7}`,
		"sub empty": `{"sub":""}`, "sub twice": `{"sub":"aidant-7","sub":"aidant-8"}`, "SUB beside sub": `{"sub":"aidant-7","SUB":"aidant-8"}`,
		"SUB alone": `{"SUB":"aidant-8"}`, "a chain": `{"sub":"aidant-7","act":{"sub":"aidant-8"}}`, "another member": `{"sub":"aidant-7","iss":"x"}`,
		"an address": `{"sub":"aidant@example.org"}`, "a name": `{"sub":"Jeanne Martin"}`, "a telephone": `{"sub":"0612345678"}`,
		"too long": `{"sub":"` + strings.Repeat("a", maxPseudonym+1) + `"}`, "a partner": `{"sub":"` + late + `"}`, "an accent": `{"sub":"zoé"}`,
	} {
		payload := strings.TrimSuffix(w.payload().text(), "}") + `,"act":` + text + `}`
		list = append(list, attack{"act is " + name, w.signed(w.header().text(), payload)})
	}
	for _, sub := range []string{"personne@example.org", "Jeanne Martin", "+33612345678", "1850578006084", "https://x", strings.Repeat("a", maxPseudonym+1)} {
		list = append(list, attack{fmt.Sprintf("sub %q", sub), w.signed(w.header().text(), w.payload().with(object{"sub": sub}).text())})
	}
	return list
}

func timeAttacks(_ testing.TB, w *world) []attack {
	var list []attack
	add := func(name string, changes object) {
		list = append(list, attack{name, w.signed(w.header().text(), w.payload().with(changes).text())})
	}
	at := func(d time.Duration) int64 { return noon.Add(d).Unix() }
	add("expired an hour ago", object{"iat": at(-65 * time.Minute), "exp": at(-time.Hour)})
	add("expires now", object{"iat": at(-5 * time.Minute), "exp": at(0)})
	add("expired two seconds ago", object{"iat": at(-4 * time.Minute), "exp": at(-2 * time.Second)})
	add("lives for 5 min 1 s", object{"exp": at(5*time.Minute + time.Second)})
	add("lives for 10 min", object{"exp": at(10 * time.Minute)})
	add("lives for a century", object{"exp": at(100 * 365 * 24 * time.Hour)})
	add("lives for ever", object{"exp": int64(math.MaxInt64)})
	add("lifetime overflows", object{"iat": int64(math.MinInt64 / 2), "exp": int64(math.MaxInt64/2 + 10)})
	add("lifetime is negative", object{"iat": at(4 * time.Second), "exp": at(2 * time.Second)})
	add("exp zero", object{"exp": 0})
	add("exp negative", object{"exp": -1})
	add("exp is text", object{"exp": fmt.Sprint(at(time.Minute))})
	add("exp has a fraction", object{"exp": float64(at(time.Minute)) + 0.5})
	add("exp is a list", object{"exp": []int64{at(time.Minute)}})
	add("issued in a minute", object{"iat": at(time.Minute)})
	add("iat zero", object{"iat": 0})
	add("iat is text", object{"iat": fmt.Sprint(at(0))})
	add("not before tomorrow", object{"nbf": at(24 * time.Hour)})
	add("nbf is text", object{"nbf": "0"})
	list = append(list,
		attack{"exp has an exponent", w.signed(w.header().text(), strings.Replace(w.payload().text(), `"exp":`, `"exp":1e400,"x":`, 1))},
		attack{"exp is null", w.signed(w.header().text(), strings.Replace(w.payload().text(), `"exp":`, `"exp":null,"x":`, 1))},
		attack{"exp is beyond 64 bits", w.signed(w.header().text(), strings.Replace(w.payload().text(), `"exp":`, `"exp":18446744073709551617,"x":`, 1))})
	return list
}

func partnerAttacks(_ testing.TB, w *world) []attack {
	var list []attack
	for _, id := range []string{"partenaire_inconnu", revoked, late, alpha + "\x00", " " + alpha, "*", "%"} {
		list = append(list, attack{
			fmt.Sprintf("partner %q", id),
			w.signed(w.header().text(), w.payload().with(object{"sub": id, "client_id": id}).text()),
		})
	}
	return list
}

func signatureAttacks(_ testing.TB, w *world) []attack {
	good := w.signed(w.header().text(), w.payload().text())
	other := w.signed(w.header().text(), w.payload().with(object{"jti": "BBBB"}).text())
	cut := strings.LastIndex(good, ".")
	signing, signature := good[:cut], good[cut+1:]
	otherSignature := other[strings.LastIndex(other, ".")+1:]
	list := []attack{
		{"no signature", signing + "."},
		{"signature cut", good[:len(good)-2]},
		{"signature lengthened", good + "AA"},
		{"signature of zeros", signing + "." + encode(strings.Repeat("\x00", ed25519.SignatureSize))},
		{"signature of another token", signing + "." + otherSignature},
		{"signature plus the order of the curve", signing + "." + encode(addOrder(signature))},
		{"signature padded", good + "=="},
		{"line end in the signature", signing + "." + signature[:20] + "\n" + signature[20:]},
		{"line end after the signature", good + "\r\n"},
		{"line end before the header", "\n" + good},
		{"standard base64", strings.NewReplacer("-", "+", "_", "/").Replace(good) + "+"},
		{"payload tampered with", encode(w.header().text()) + "." + encode(w.payload().with(object{"scope": "rendezvous:ecrire"}).text()) + "." + signature},
		{"header tampered with", encode(" "+w.header().text()) + "." + encode(w.payload().text()) + "." + signature},
		{"header and payload exchanged", encode(w.payload().text()) + "." + encode(w.header().text()) + "." + signature},
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, good[len(good)-1])
	for spare := 1; spare < 16; spare += 5 { // the last character has four bits that say nothing
		list = append(list, attack{fmt.Sprintf("last character plus %d", spare), good[:len(good)-1] + alphabet[last+spare:last+spare+1]})
	}
	return list
}

// addOrder gives the other spelling of an Ed25519 signature, that a careless verifier takes too (RFC 8032, 8.4).
func addOrder(signature string) string {
	raw, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		panic(err)
	}
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	s := new(big.Int)
	for i := 63; i >= 32; i-- {
		s.Or(s.Lsh(s, 8), big.NewInt(int64(raw[i])))
	}
	s.Add(s, order)
	for i := 32; i < 64; i++ {
		raw[i] = byte(new(big.Int).And(s, big.NewInt(255)).Int64())
		s.Rsh(s, 8)
	}
	return string(raw)
}

func formAttacks(_ testing.TB, w *world) []attack {
	good := w.signed(w.header().text(), w.payload().text())
	return []attack{
		{"nothing", ""},
		{"two dots", ".."},
		{"one segment", strings.ReplaceAll(good, ".", "")},
		{"two segments", good[:strings.LastIndex(good, ".")]},
		{"four segments", good + ".AAAA"},
		{"five segments", good + ".AAAA.AAAA"},
		{"8 MB of dots", strings.Repeat(".", 8<<20)},
		{"8 MB of letters", strings.Repeat("a", 8<<20)},
		{"4 kB of dots", strings.Repeat(".", 4<<10)},
		{"deep header", encode(strings.Repeat("[", 2500)) + ".e30.AAAA"},
		{"over 4 kB, rightly signed", w.signed(w.header().text(), w.payload().with(object{"x": strings.Repeat("x", 4<<10)}).text())},
		{"a word before", "Bearer " + good},
		{"a space before", " " + good},
		{"a space after", good + " "},
		{"a NUL after", good + "\x00"},
		{"twice", good + good},
		{"twice with a comma", good + "," + good},
		{"JSON serialization", `{"payload":"` + encode(w.payload().text()) + `"}`},
		{"a secret", "prdv_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
	}
}
