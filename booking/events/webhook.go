package events

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"passerelle/booking"
)

const (
	webhookIDSize = 16   // bytes: 128 random bits
	maxWebhookURL = 2048 // bytes
)

// NewWebhook makes a webhook with its own keys; asymmetric adds those of the signature v1a. Where it begins in the
// partner's log is the ledger's to say. allowHTTP names hosts (no ports) that may be reached over http, at any port and
// by an IP address; it is egress that enforces this for every request, and where a name leads. An address that would
// be refused there is refused here, where somebody reads why: booking.Error, Invalid, field url.
func NewWebhook(partner, address string, asymmetric bool, random io.Reader, now time.Time, allowHTTP ...string) (booking.Webhook, error) {
	if reason := objection(address, allowHTTP); reason != "" {
		return booking.Webhook{}, booking.InvalidField("url", reason)
	}
	id, err := drawKey(random, webhookIDSize)
	if err != nil {
		return booking.Webhook{}, err
	}
	w := booking.Webhook{ID: hex.EncodeToString(id), Partner: partner, URL: address, Created: now}
	if w.Secret, err = NewSecret(random); err != nil {
		return booking.Webhook{}, err
	}
	if asymmetric {
		if w.Seed, err = drawKey(random, ed25519.SeedSize); err != nil {
			return booking.Webhook{}, err
		}
	}
	return w, nil
}

// objection says in French what is wrong with an address; empty when nothing is. It quotes nothing of it.
func objection(address string, allowHTTP []string) string {
	if len(address) > maxWebhookURL {
		return fmt.Sprintf("a plus de %d caractères", maxWebhookURL)
	}
	u, err := url.Parse(address)
	if err != nil || u.Opaque != "" || u.Hostname() == "" {
		return "n'est pas une adresse complète (https://…)"
	}
	host := strings.ToLower(u.Hostname())
	allowed := slices.ContainsFunc(allowHTTP, func(a string) bool { return strings.EqualFold(strings.Trim(a, "[]"), host) })
	switch {
	case u.User != nil:
		return "contient un identifiant ou un mot de passe"
	case strings.Contains(address, "#"):
		return "contient un fragment (#…), qui n'est jamais envoyé"
	case u.Scheme == "http" && allowed:
		return ""
	case u.Scheme != "https":
		return "doit commencer par https://"
	case allowed:
		return ""
	case u.Port() != "" && u.Port() != "443" && u.Port() != "8443":
		return "doit être au port 443 ou 8443"
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return "doit avoir un nom d'hôte, non une adresse IP"
	}
	return ""
}

// webhookMessage is what a partner receives: thin, so that whoever reads it on its way, or receives it by mistake, learns
// nothing of a person. The rest is read with a token.
type webhookMessage struct {
	Type      string      `json:"type"`
	Timestamp time.Time   `json:"timestamp"` // of the change, not of the attempt
	Data      webhookData `json:"data"`
}

type webhookData struct {
	Appointment string `json:"rendez_vous_id"`
	Status      string `json:"statut"`
	Version     int    `json:"version"`
	Position    int64  `json:"position"`
}

// webhookBody depends on the entry only: every attempt at it sends the same bytes.
func webhookBody(e booking.Entry) ([]byte, error) {
	body, err := json.Marshal(webhookMessage{e.Type(), e.At.UTC(), webhookData{e.Appointment, e.Status.Wire(), e.Version, e.Position}})
	if err != nil {
		return nil, fmt.Errorf("events: write a message: %w", err)
	}
	return body, nil
}

// webhookMessageID is the same over all attempts, and when the log is told again from a date.
func webhookMessageID(webhook string, position int64) string {
	return fmt.Sprintf("evt_%s_%d", webhook, position)
}
