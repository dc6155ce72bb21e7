package events

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// LinkSigner makes the links by which somebody without an account acts on one thing (answers a request, lets the gateway
// into an agenda), and reads them back. A link ends in base64url(version, id of the thing, end, MAC): it says nothing of
// anybody, and nobody else can make it. Who has the link may act; that it was opened decides nothing, because programs
// open the links of a mail before people do.
type LinkSigner struct {
	base string   // up to the token
	keys [][]byte // the first signs; all verify
}

const (
	linkVersion = 1
	linkMACSize = 16
	linkMax     = 256 // characters of a token
)

// NewLinkSigner takes the public address of the gateway, the path of the pages ("/demandes/"), the current key, then the
// previous ones that are still believed. No two kinds of pages share a key.
func NewLinkSigner(publicURL, path string, keys ...[]byte) (*LinkSigner, error) {
	u, err := url.Parse(publicURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("events: the public URL is not the address of a site")
	}
	if len(keys) == 0 {
		return nil, errors.New("events: no key for links")
	}
	for _, k := range keys {
		if len(k) < 32 {
			return nil, errors.New("events: a key for links has fewer than 32 bytes")
		}
	}
	return &LinkSigner{base: strings.TrimSuffix(publicURL, "/") + path, keys: keys}, nil
}

// Link is good until it expires (to the second).
func (s *LinkSigner) Link(id string, expires time.Time) string {
	return s.base + s.token(id, expires)
}

func (s *LinkSigner) token(id string, expires time.Time) string {
	return s.sealed(encodeLink(id, expires.Unix()))
}

func (s *LinkSigner) sealed(body []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(body, linkMAC(s.keys[0], body)...))
}

// Read says what a token is for. One that this gateway did not make is NotFound; one whose time is over
// at now is Refused (lien_expire).
func (s *LinkSigner) Read(token string, now time.Time) (string, error) {
	forged := &booking.Error{Kind: connectors.NotFound, Code: "lien_inconnu", Detail: "Ce lien ne vient pas de cette passerelle, ou il est incomplet."}
	if len(token) > linkMax {
		return "", forged
	}
	// What is read is written again: even the strict decoder skips line ends, and a link has one spelling.
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || base64.RawURLEncoding.EncodeToString(raw) != token || len(raw) <= linkMACSize {
		return "", forged
	}
	body, mac := raw[:len(raw)-linkMACSize], raw[len(raw)-linkMACSize:]
	if !s.signed(body, mac) {
		return "", forged
	}
	id, expires, ok := decodeLink(body)
	if !ok {
		return "", forged
	}
	if now.Unix() >= expires {
		return "", &booking.Error{Kind: connectors.Refused, Code: "lien_expire", Detail: "Ce lien est arrivé à son terme.", Err: fmt.Errorf("events: link for %s", id)}
	}
	return id, nil
}

// signed tries every key, whether or not one has matched: how long it takes says nothing.
func (s *LinkSigner) signed(body, mac []byte) bool {
	signed := false
	for _, k := range s.keys {
		signed = hmac.Equal(mac, linkMAC(k, body)) || signed
	}
	return signed
}

// linkMAC names its purpose: a key that also signs something else would not make links.
func linkMAC(key, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("passerelle answer\x00"))
	h.Write(body)
	return h.Sum(nil)[:linkMACSize]
}

func encodeLink(id string, expires int64) []byte {
	b := binary.AppendUvarint([]byte{linkVersion}, uint64(len(id)))
	return binary.AppendVarint(append(b, id...), expires)
}

func decodeLink(b []byte) (id string, expires int64, ok bool) {
	if len(b) == 0 || b[0] != linkVersion {
		return "", 0, false
	}
	b = b[1:]
	n, size := binary.Uvarint(b)
	if size <= 0 || n == 0 || n > uint64(len(b)-size) { // #nosec G115 -- size is at most len(b)
		return "", 0, false
	}
	id, b = string(b[size:size+int(n)]), b[size+int(n):] // #nosec G115 -- n is at most len(b)
	expires, size = binary.Varint(b)
	return id, expires, size > 0 && size == len(b)
}
