package events

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"time"

	"passerelle/booking"
)

// The headers of Standard Webhooks 1.0.
const (
	headerID        = "webhook-id"        // the same over all attempts at one message
	headerTimestamp = "webhook-timestamp" // of this attempt, Unix seconds
	headerSignature = "webhook-signature" // one or more, with a space between
)

// How the standard writes keys, so that whoever finds one knows what it is.
const (
	secretPrefix = "whsec_"
	publicPrefix = "whpk_"
)

// secretSize is in bytes: as long as the HMAC's hash. The standard asks for 24 to 64.
const secretSize = 32

// NewSecret draws the key of the signature v1.
func NewSecret(random io.Reader) ([]byte, error) {
	return drawKey(random, secretSize)
}

// Secret is the key of a webhook's signatures v1 as its partner is told it: "whsec_" and base64. It is to be shown to
// nobody else, and not to be logged.
func Secret(w booking.Webhook) string {
	return secretPrefix + base64.StdEncoding.EncodeToString(w.Secret)
}

// PublicKey is by what a partner verifies the signatures v1a of a webhook, and can make none: "whpk_" and base64. It
// is empty for a webhook without them.
func PublicKey(w booking.Webhook) string {
	if len(w.Seed) != ed25519.SeedSize {
		return ""
	}
	public := ed25519.NewKeyFromSeed(w.Seed).Public().(ed25519.PublicKey)
	return publicPrefix + base64.StdEncoding.EncodeToString(public)
}

// signature is the header of that name: v1 always, v1a if the webhook has a seed. Both sign "id.timestamp.body"; an id
// holds no dot, so that none of the three can be stretched into the next.
func signature(w booking.Webhook, id string, at time.Time, body []byte) string {
	text := append([]byte(id+"."+unixSeconds(at)+"."), body...)
	mac := hmac.New(sha256.New, w.Secret)
	mac.Write(text)
	header := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if len(w.Seed) == ed25519.SeedSize {
		signed := ed25519.Sign(ed25519.NewKeyFromSeed(w.Seed), text)
		header += " v1a," + base64.StdEncoding.EncodeToString(signed)
	}
	return header
}

func unixSeconds(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

func drawKey(random io.Reader, bytes int) ([]byte, error) {
	out := make([]byte, bytes)
	if _, err := io.ReadFull(random, out); err != nil {
		return nil, fmt.Errorf("events: draw a key: %w", err)
	}
	return out, nil
}
