package signin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strings"
)

const tokenBytes = 32

// NewToken makes 256 random bits, as text. It panics if random fails: there is no going on without.
func NewToken(random io.Reader) string {
	return base64.RawURLEncoding.EncodeToString(randomBytes(random, tokenBytes))
}

func randomBytes(random io.Reader, n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(random, b); err != nil {
		panic("signin: no randomness: " + err.Error())
	}
	return b
}

// isToken reports whether text could be a token: no other is looked up.
func isToken(text string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return err == nil && len(b) == tokenBytes
}

// ofSession is what the digest of a session is of; those of links are of their purposes, so that none is another.
const ofSession = "session"

// Digest is what is kept of a token. There is nothing to guess in 256 random bits: a plain hash will do.
func Digest(of, token string) string {
	sum := sha256.Sum256([]byte(of + "\x00" + token))
	return hex.EncodeToString(sum[:])
}

// keyed is a digest of what may be guessed, such as an address: only who has the key can try.
func keyed(key []byte, parts ...string) []byte {
	mac := hmac.New(sha256.New, key)
	for _, p := range parts {
		mac.Write([]byte(p))
		mac.Write([]byte{0})
	}
	return mac.Sum(nil)
}

// FormToken is what a form of a page must bring back (CSRF): it follows from the cookie of the visit or of the session,
// which no other site knows.
func FormToken(cookie string) string { return Proof(cookie, "formulaire") }

// CheckFormToken reports whether a form came from a page that this browser was given.
func CheckFormToken(cookie, given string) bool { return CheckProof(cookie, "formulaire", given) }

// Proof is what a browser that was shown something brings back to say so: it follows from its cookie, and from nothing that
// is kept.
func Proof(cookie, of string) string {
	return base64.RawURLEncoding.EncodeToString(keyed([]byte(cookie), of))
}

// CheckProof reports whether this browser was shown it.
func CheckProof(cookie, of, given string) bool {
	return isToken(cookie) && hmac.Equal([]byte(Proof(cookie, of)), []byte(given))
}

// NewVisit is the cookie of a browser that has not signed in.
func NewVisit() string { return NewToken(rand.Reader) }

// IsVisit reports whether a cookie could be one of ours.
func IsVisit(cookie string) bool { return isToken(cookie) }

// LocalPath is a page of ours that one may be sent back to, or "" for what leads, or may lead, elsewhere.
func LocalPath(path string) string {
	if len(path) > 512 || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		return ""
	}
	if strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) {
		return "" // browsers take a backslash for a slash, and drop what they do not see
	}
	return path
}
