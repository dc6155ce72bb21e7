package auth

import (
	"context"
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"time"
)

// Partner is a platform that calls the API with tokens of its own.
type Partner struct {
	ID           string   // the client_id: public, made by NewPartnerID
	Name         string   // for people
	Scopes       Scopes   // the most that a token of its may carry
	SecretHashes [][]byte // Keyring.HashSecret, older first: one, two while it is being replaced, or none
	Keys         []PartnerKey
	Territory    Territory
	CreatedAt    time.Time
	NotBefore    time.Time // tokens issued before that instant are refused; zero refuses none
	RevokedAt    time.Time // from that instant on nothing of it is accepted; zero while it is not revoked
}

// Revoked reports whether the partner is revoked at the instant now.
func (p Partner) Revoked(now time.Time) bool {
	return !p.RevokedAt.IsZero() && !now.Before(p.RevokedAt)
}

// Partners finds partners by ID. An ID that nobody has is ErrUnknownPartner; any other error means that the store
// failed, and says nothing about the partner.
type Partners interface {
	Partner(ctx context.Context, id string) (Partner, error)
}

const partnerPrefix = "partenaire_"

// NewPartnerID makes a client_id of 128 random bits. It panics if random fails: without randomness nothing here
// may go on.
func NewPartnerID(random io.Reader) string {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mustRead(random, 16))
	return partnerPrefix + strings.ToLower(text)
}

func mustRead(random io.Reader, n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(random, b); err != nil {
		panic(fmt.Sprintf("auth: no randomness: %v", err))
	}
	return b
}
