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
	Metrics          string         `key:"metriques"`    // host:port, never Listen; empty: none are published
	PublicURL        string         `key:"url_publique"` // no trailing slash; empty when it is unknown
	Secret           MasterSecret   `key:"secret"`       // empty when none is given: see CheckServe
	PreviousSecrets  []MasterSecret `key:"secrets_precedents"`
	DataDir          string         `key:"donnees"` // of the SQLite ledger
	Database         SecretText     `key:"base"`    // postgres://…; empty means SQLite
	Redis            SecretText     `key:"redis"`   // what may be lost, shared by several instances; empty keeps it in memory
	Sources          []string       `key:"lieux"`   // of the standard's file: paths and https URLs
	Reread           time.Duration  `key:"relecture" bounds:"1m..168h"`
	HoldFor          time.Duration  `key:"reservation" bounds:"1m..20m"`
	Fresh            time.Duration  `key:"fraicheur" bounds:"1s..15m"`  // how long a reading is used without asking again
	Stale            time.Duration  `key:"peremption" bounds:"1m..24h"` // how long a reading may still be shown, as stale
	Log              Log            `key:"journal"`
	Egress           Egress         `key:"egress"`
	TrustedProxies   []netip.Prefix `key:"proxys_de_confiance"` // whose X-Forwarded-For is believed
	ClosedOnHolidays bool           `key:"jours_feries_fermes"` // where opening hours do not speak of public holidays
	Limits           Limits         `key:"limites"`
	Keep             Keep           `key:"conservation"`
	Mail             Mail           `key:"courriel"`
	SMS              SMS            `key:"sms"`
	Provider         Provider       `key:"fournisseur"`
	Map              Map            `key:"carte"`
	DSFR             DSFR           `key:"dsfr"`
	Agendas          []AgendaSeed   `key:"agendas"`
}

// Limits are how much callers may ask for. Rates are calls a minute, evenly spread, or all of them at once after a rest.
type Limits struct {
	Reads    int `key:"lectures_par_minute" bounds:"1..1000000"`      // of a partner
	Writes   int `key:"ecritures_par_minute" bounds:"1..1000000"`     // of a partner
	Checks   int `key:"verifications_par_minute" bounds:"1..1000000"` // of slots, of a partner
	Tokens   int `key:"jetons_par_minute" bounds:"1..1000000"`        // of an address; of a client_id, five times as many
	Public   int `key:"publiques_par_minute" bounds:"1..1000000"`     // of an address, where no token is asked for
	Unknown  int `key:"inconnus_par_minute" bounds:"1..1000000"`      // ids that are not a partner's, tokens of an address that are refused
	InFlight int `key:"simultanees" bounds:"8..100000"`               // requests that are answered at once
}

// Keep is for how long personal data is kept.
type Keep struct {
	Appointments int `key:"rendez_vous_j" bounds:"1..365"` // days after the appointment
	Refusals     int `key:"refus_j" bounds:"1..365"`       // days after a refusal
}

// Mail is how people are told.
type Mail struct {
	Host     string     `key:"serveur"` // empty: no mail is sent, messages wait
	Port     int        `key:"port" bounds:"1..65535"`
	Security string     `key:"securite" oneof:"starttls tls aucun"`
	User     string     `key:"utilisateur"`
	Password SecretText `key:"mot_de_passe"`
	Sender   string     `key:"expediteur"` // address that mails come from
	Name     string     `key:"nom"`        // and its name
	Operator string     `key:"exploitant"` // address of the operator
}

// Map is the map of search results; without tiles there is none.
type Map struct {
	Tiles  string `key:"tuiles"`  // address of a tile, with {z}, {x} and {y}
	Credit string `key:"mention"` // whose map it is, as its owner wants it said
}

// DSFR is the design system of the State, which only its own sites may wear; without a folder pages have their own style.
type DSFR struct {
	Folder string `key:"dossier"`  // "dist" of the package @gouvfr/dsfr
	Entity string `key:"intitule"` // who speaks, as the State's mark writes it; "|" between its lines
}

// SMS is what carries short messages. It is all of it, or nothing.
type SMS struct {
	Address string     `key:"adresse"` // empty: none are sent
	Token   SecretText `key:"jeton"`
	Sender  string     `key:"expediteur"` // what telephones show
}

// Provider is where people of public bodies sign in (OpenID Connect).
type Provider struct {
	Issuer string     `key:"emetteur"` // as it calls itself; empty: people sign in by mail alone
	ID     string     `key:"client_id"`
	Secret SecretText `key:"client_secret"`
	Name   string     `key:"nom"`            // what people call it
	Signed bool       `key:"reponse_signee"` // what it says of a person is signed
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
		Limits:           Limits{Reads: 6000, Writes: 600, Checks: 60, Tokens: 60, Public: 600, Unknown: 60, InFlight: 200},
		Keep:             Keep{Appointments: 30, Refusals: 7},
		Mail:             Mail{Port: 587, Security: "starttls", Name: "Passerelle RDV"},
		Provider:         Provider{Name: "ProConnect", Signed: true},
	}
}
