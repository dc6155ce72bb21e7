package config

import (
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode/utf8"
)

const (
	leastSecret   = 32 // bytes of a master secret
	leastDistinct = 8  // bytes that differ in it: fewer are a placeholder or a keyboard row, not chance
	masked        = "[masqué]"
)

// MasterSecret is the bytes that every key of the program is derived from. It never prints.
type MasterSecret []byte

// parseMasterSecret takes base64 (standard or URL alphabet, padded or not) of at least 32 bytes, or else any text of
// at least 32 characters as it stands. The reason of a refusal never shows the text.
func parseMasterSecret(text string) (secret MasterSecret, reason string) {
	if strings.ContainsAny(text, " \t\r\n") {
		return nil, "un secret ne contient pas d'espace"
	}
	secret = decodeBase64(text)
	if len(secret) < leastSecret {
		secret = MasterSecret(text)
		if utf8.RuneCountInString(text) < leastSecret {
			return nil, "trop court : il faut 32 octets en base64, ou 32 caractères tirés au hasard ; « openssl rand -base64 32 » en donne"
		}
	}
	if distinct(secret) < leastDistinct || distinct([]byte(text)) < leastDistinct {
		return nil, "ce texte n'est pas tiré au hasard ; « openssl rand -base64 32 » en donne un"
	}
	return secret, ""
}

func distinct(data []byte) int {
	seen := make(map[byte]bool)
	for _, b := range data {
		seen[b] = true
	}
	return len(seen)
}

func decodeBase64(text string) []byte {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	decoded, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return decoded
}

// Format prints "[masqué]" whatever the verb.
func (MasterSecret) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, masked) }

// MarshalText keeps the secret out of JSON, YAML and structured logs.
func (MasterSecret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// SecretText is a password, or an address that holds one. It never prints.
type SecretText string

// Format prints "[masqué]" whatever the verb.
func (SecretText) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, masked) }

// MarshalText keeps the text out of JSON, YAML and structured logs.
func (SecretText) MarshalText() ([]byte, error) { return []byte(masked), nil }

// String names the connector alone.
func (d DiarySeed) String() string { return "agenda " + d.Connector }

// Format prints String whatever the verb: a %+v of a field would show the address.
func (d DiarySeed) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, d.String()) }

// MarshalText is String too.
func (d DiarySeed) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String names the agenda and its connector.
func (a AgendaSeed) String() string { return "agenda " + a.ID + " (" + a.Connector + ")" }

// Format prints String whatever the verb.
func (a AgendaSeed) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, a.String()) }

// MarshalText is String too.
func (a AgendaSeed) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// LogValue shows the settings without secrets, and the agendas by id.
func (c Config) LogValue() slog.Value {
	agendas := make([]string, len(c.Agendas))
	for i, a := range c.Agendas {
		agendas[i] = a.ID
	}
	return slog.GroupValue(
		slog.String("ecoute", c.Listen),
		slog.String("url_publique", c.PublicURL),
		slog.Bool("secret", len(c.Secret) > 0),
		slog.Int("secrets_precedents", len(c.PreviousSecrets)),
		slog.String("donnees", c.DataDir),
		slog.Bool("base", c.Database != ""),
		slog.Bool("redis", c.Redis != ""),
		slog.Int("lieux", len(c.Sources)), // an address may hold a key of its owner
		slog.Duration("relecture", c.Reread),
		slog.Duration("reservation", c.HoldFor),
		slog.Duration("fraicheur", c.Fresh),
		slog.Duration("peremption", c.Stale),
		slog.Group("journal", slog.String("niveau", levelName(c.Log.Level)), slog.String("format", c.Log.Format)),
		slog.Group("egress",
			slog.Any("hotes_http", c.Egress.HTTPHosts), slog.Any("adresses_autorisees", c.Egress.AllowedAddresses)),
		slog.Any("proxys_de_confiance", c.TrustedProxies),
		slog.Bool("jours_feries_fermes", c.ClosedOnHolidays),
		slog.Group("conservation", slog.Int("rendez_vous_j", c.Keep.Appointments), slog.Int("refus_j", c.Keep.Refusals)),
		slog.Group("courriel", slog.String("serveur", c.Mail.Host), slog.Int("port", c.Mail.Port), slog.String("securite", c.Mail.Security)),
		slog.Bool("sms", c.SMS.Address != ""), // an address may hold a key of its owner
		slog.Any("agendas", agendas),
	)
}

// String is LogValue as text.
func (c Config) String() string { return c.LogValue().String() }

// Format prints String whatever the verb.
func (c Config) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, c.String()) }

// MarshalText is String too, so that no encoder prints the fields.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
