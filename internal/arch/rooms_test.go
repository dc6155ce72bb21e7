package arch

// room is one row of the table of arrows: what the packages that match may import of ours, tests aside.
type room struct {
	packages string   // a path in the module; * is one element
	imports  []string // likewise
}

// rooms is the architecture. The first row that matches a package counts; a package that no row matches is refused:
// a new room is a decision, and its row belongs here and in docs/architecture.md.
var rooms = []room{
	{"cmd/*", []string{"config", "auth", "auth/signin", "connectors", "connectors/*", "booking", "booking/*"}},

	{"config", nil},
	{"auth", nil},
	{"auth/signin", nil},

	{"connectors/interval", nil},
	{"connectors/egress", nil},
	{"connectors/icalendar", []string{"connectors/interval"}},
	{"connectors", []string{"connectors/interval"}},
	{"connectors/linkcheck", []string{"connectors", "connectors/egress"}}, // of egress, what it refuses
	{"connectors/connectorstest", []string{"connectors", "connectors/interval"}},
	{"connectors/rdvsp/rdvsptest", nil},
	{"connectors/all", []string{"connectors", "connectors/*"}},
	{"connectors/*", []string{"connectors", "connectors/interval", "connectors/icalendar"}},

	{"booking", contract},
	{"booking/hours", []string{"connectors/interval"}},
	{"booking/directory", below()},
	{"booking/directory/*", below()},
	{"booking/agendas", below("booking/hours")},
	{"booking/availability", below("booking/hours")},
	{"booking/ledger", below("auth", "auth/signin")},
	{"booking/ledger/ledgertest", below("booking/ledger", "auth", "auth/signin", "internal/held")},
	{"booking/simulation", below()},
	{"booking/volatile", below()},
	{"booking/volatile/volatiletest", below("booking/volatile", "internal/held")},
	{"booking/events", below("connectors/icalendar")},
	{"booking/metrics", below()},
	{"booking/api", below("auth", "connectors/icalendar")},
	{"booking/web", below("auth/signin", "connectors/icalendar")},

	{"internal/arch", nil},
	{"internal/held", nil},
	{"internal/testservers", nil},
	{"internal/testservers/*", []string{"internal/testservers"}},
	{"internal/bench/ledger", nil},
	{"internal/bench/search", nil},
	{"internal/prove", nil},
	{"internal/prove/contention", []string{"auth", "connectors", "connectors/all", "booking", "booking/*", "internal/prove/gateway", "internal/prove/parts"}},
	{"internal/prove/parts", []string{"connectors", "booking", "booking/*"}},
	{"internal/prove/instances", nil},
	{"internal/prove/gateway", []string{"auth", "config", "booking", "booking/ledger"}},
	{"internal/prove/reading", []string{"internal/prove/gateway"}},
	{"internal/prove/pages", []string{"internal/prove", "internal/prove/gateway", "internal/testservers"}},
	{"internal/prove/*", nil},
}

// contract is what the whole domain may know of agendas.
var contract = []string{"connectors", "connectors/interval"}

// below is what a room under booking may import: the domain, the contract, and more where the table says so.
func below(more ...string) []string {
	return append(append([]string{"booking"}, contract...), more...)
}

// notMeant lists what a star in the rooms above does not mean: the list of connectors names kinds only.
var notMeant = map[string][]string{
	"connectors/all": {"connectors/egress", "connectors/icalendar", "connectors/interval", "connectors/linkcheck"},
}

// forTests are the packages that only tests import, and each other.
var forTests = []string{
	"internal/held", "internal/testservers", "internal/testservers/*", "connectors/connectorstest", "connectors/rdvsp/rdvsptest",
	"booking/ledger/ledgertest", "booking/volatile/volatiletest", "internal/prove", "internal/prove/contention", "internal/prove/gateway", "internal/prove/reading", "internal/prove/parts", "internal/prove/pages", "booking/simulation",
}

// library is a module, or packages of the standard library, that only some rooms may import.
type library struct {
	path  string // the import path, or the start of it up to a slash
	rooms []string
}

// libraries are all the modules of others that may be imported outside of tests, and where. A module that stands
// not here has not been decided upon: it needs a row here and a line in docs/decisions.
var libraries = []library{
	{"github.com/gin-gonic/gin", []string{"booking/api"}},
	{"github.com/getkin/kin-openapi", []string{"booking/api", "connectors/rdvsp/rdvsptest"}},
	{"github.com/oapi-codegen/runtime", []string{"booking/api"}},
	{"github.com/santhosh-tekuri/jsonschema", []string{"booking/api"}},
	{"github.com/redis/go-redis", []string{"booking/volatile"}},
	{"modernc.org/sqlite", []string{"booking/ledger"}},
	{"github.com/jackc/pgx", []string{"booking/ledger"}},
	{"database/sql", []string{"booking/ledger"}},
	{"github.com/golang-jwt/jwt", []string{"auth"}},
	{"github.com/coreos/go-oidc", []string{"auth/signin"}},
	{"golang.org/x/oauth2", []string{"auth/signin"}},
	{"github.com/emersion/go-ical", []string{"connectors/icalendar"}},
	{"github.com/goccy/go-yaml", []string{"config"}},
	{"golang.org/x/text", []string{"booking/directory", "booking/events", "connectors/rdvsp"}},
	{"golang.org/x/net", []string{"connectors/egress", "internal/testservers"}},
	{"github.com/wneessen/go-mail", []string{"booking/events"}},
	{"github.com/prometheus/client_golang", []string{"booking/metrics"}},
	{"github.com/prometheus/client_model", []string{"internal/testservers"}},
	{"github.com/prometheus/common", []string{"internal/testservers"}},
	{"github.com/emersion/go-smtp", []string{"internal/testservers"}},
	{"github.com/chromedp", []string{"internal/prove/pages"}}, // a browser is driven by proofs alone
}
