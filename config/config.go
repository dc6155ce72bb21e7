package config

import (
	"log/slog"
	"net/netip"
	"time"
)

// Config is everything that the program may be told. Its tags are the schema: key is the name in the YAML file,
// bounds what a value must lie between (both included), oneof the values that there are.
type Config struct {
	Listen           string         `key:"ecoute"`       // host:port
	PublicURL        string         `key:"url_publique"` // no trailing slash; empty when it is unknown
	Secret           MasterSecret   `key:"secret"`       // empty when none is given: see CheckServe
	PreviousSecrets  []MasterSecret `key:"secrets_precedents"`
	DataDir          string         `key:"donnees"` // of the SQLite ledger
	Sources          []string       `key:"lieux"`   // of the standard's file: paths and https URLs
	Reread           time.Duration  `key:"relecture" bounds:"1m..168h"`
	HoldFor          time.Duration  `key:"reservation" bounds:"1m..20m"`
	Fresh            time.Duration  `key:"fraicheur" bounds:"1s..15m"`  // how long a reading is used without asking again
	Stale            time.Duration  `key:"peremption" bounds:"1m..24h"` // how long a reading may still be shown, as stale
	Log              Log            `key:"journal"`
	Egress           Egress         `key:"egress"`
	TrustedProxies   []netip.Prefix `key:"proxys_de_confiance"` // whose X-Forwarded-For is believed
	ClosedOnHolidays bool           `key:"jours_feries_fermes"` // where opening hours do not speak of public holidays
	Agendas          []AgendaSeed   `key:"agendas"`
}

// Log is how the program logs.
type Log struct {
	Level  slog.Level `key:"niveau" oneof:"debug info avertissement erreur"`
	Format string     `key:"format" oneof:"texte json"`
}

// Egress is where outgoing requests may go beyond https to public addresses.
type Egress struct {
	HTTPHosts        []string       `key:"hotes_http"`          // names or IP addresses, lower case, reached over plain http at any port
	AllowedAddresses []netip.Prefix `key:"adresses_autorisees"` // private ones that may be reached
}

// defaults is what an empty file says.
func defaults() Config {
	return Config{
		Listen:           "127.0.0.1:8080",
		DataDir:          "./donnees",
		Reread:           time.Hour,
		HoldFor:          10 * time.Minute,
		Fresh:            time.Minute,
		Stale:            15 * time.Minute,
		Log:              Log{Level: slog.LevelInfo, Format: "texte"},
		ClosedOnHolidays: true,
	}
}
