package config

import (
	"fmt"
	"log/slog"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// levels are the names of journal.niveau.
var levels = [...]struct {
	name  string
	level slog.Level
}{
	{"debug", slog.LevelDebug},
	{"info", slog.LevelInfo},
	{"avertissement", slog.LevelWarn},
	{"erreur", slog.LevelError},
}

func levelName(level slog.Level) string {
	for _, l := range levels {
		if l.level == level {
			return l.name
		}
	}
	return level.String()
}

// setScalar reads text into the leaf f. The reason is why it is refused, in French, or empty.
func setScalar(f field, text string) (reason string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "la valeur est vide"
	}
	if values := strings.Fields(f.tag.Get("oneof")); len(values) > 0 && !slices.Contains(values, text) {
		return quote(text) + " n'est pas une valeur connue : " + strings.Join(values, ", ")
	}
	switch target := f.value.Addr().Interface().(type) {
	case *string:
		*target = text
	case *SecretText:
		*target = SecretText(text)
	case *bool:
		*target, reason = parseBool(text)
	case *int:
		*target, reason = parseInt(text, f.tag)
	case *time.Duration:
		*target, reason = parseDuration(text, f)
	case *netip.Prefix:
		*target, reason = parsePrefix(text)
	case *MasterSecret:
		*target, reason = parseMasterSecret(text)
	case *slog.Level:
		for _, l := range levels {
			if l.name == text {
				*target = l.level
			}
		}
	case **time.Location:
		*target, reason = parseZone(text)
	default:
		panic(fmt.Sprintf("config: %s has a type that no text is read into", f.key)) // the schema is wrong, not its data
	}
	return reason
}

func parseBool(text string) (value bool, reason string) {
	switch text {
	case "true", "oui":
		return true, ""
	case "false", "non":
		return false, ""
	}
	return false, quote(text) + " n'est ni true (oui) ni false (non)"
}

func parseInt(text string, tag reflect.StructTag) (value int, reason string) {
	value, err := strconv.Atoi(text)
	if err != nil {
		return 0, quote(text) + " n'est pas un nombre entier"
	}
	low, high, bounded := strings.Cut(tag.Get("bounds"), "..")
	if bounded && (value < mustInt(low) || value > mustInt(high)) {
		return 0, fmt.Sprintf("%d n'est pas entre %s et %s", value, low, high)
	}
	return value, ""
}

// parseDuration takes a Go duration, or a whole number where the key ends in its unit.
func parseDuration(text string, f field) (value time.Duration, reason string) {
	written := text
	unit, example := unitOf(f.key)
	if _, err := strconv.Atoi(text); err == nil && unit != "" {
		written += unit
	}
	value, err := time.ParseDuration(written)
	if err != nil {
		return 0, quote(text) + " n'est pas une durée : écrivez " + example
	}
	low, high, bounded := strings.Cut(f.tag.Get("bounds"), "..")
	if bounded && (value < mustDuration(low) || value > mustDuration(high)) {
		return 0, quote(text) + " n'est pas entre " + low + " et " + high
	}
	return value, ""
}

// unitOf is the unit that ends a key, if one does, and how a duration may be written there.
func unitOf(key string) (unit, example string) {
	switch {
	case strings.HasSuffix(key, "_min"):
		return "m", "par exemple 45 (minutes) ou 45m"
	case strings.HasSuffix(key, "_h"):
		return "h", "par exemple 24 (heures) ou 24h"
	}
	return "", "par exemple 60s, 15m ou 1h"
}

// parsePrefix takes a range of addresses, or one address. The range of all addresses is refused: it would undo what
// its key protects from.
func parsePrefix(text string) (netip.Prefix, string) {
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		return netip.PrefixFrom(address, address.BitLen()), ""
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, quote(text) + " n'est pas une plage d'adresses : écrivez par exemple 10.0.0.0/8"
	}
	if prefix.Bits() == 0 {
		return netip.Prefix{}, quote(text) + " désigne toutes les adresses : nommez celles qu'il faut"
	}
	return prefix.Masked(), ""
}

// parseZone takes an IANA name. "Local" is refused: it would be the zone of whatever machine this runs on.
func parseZone(text string) (*time.Location, string) {
	zone, err := time.LoadLocation(text)
	if err != nil || text == "Local" {
		return nil, quote(text) + " n'est pas un fuseau horaire : écrivez par exemple Europe/Paris ou Indian/Reunion"
	}
	return zone, ""
}

// The bounds stand in the schema: a wrong one is a mistake in the program.
func mustInt(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return n
}

func mustDuration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return d
}
