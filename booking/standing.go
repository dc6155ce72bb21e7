package booking

import (
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"passerelle/connectors"
)

// Reading is how the agendas of one connector are read. What is counted by state are those that are kept read: a draft is not,
// nor one that is a link.
type Reading struct {
	Agendas   int             // declared, whatever they are
	States    map[State]int   // how they stand now; NoAgenda: never read, nor tried
	Ages      []time.Duration // of what is known of each, the youngest first; without those of which nothing is
	Succeeded time.Time       // when the last reading began that succeeded; zero: none has
	Took      []time.Duration // of the last readings that succeeded, a bounded number of them, the shortest first
	Readings  uint64          // of diaries, that succeeded
	Failures  []Failure       // by host, then kind; of hosts that an agenda is declared at now
	Due       int             // agendas that it is time to read again, and that are not being read
	Reading   int             // agendas that are being read
	FreeTimes int             // how often the free time of an agenda at one of its places is kept
}

// Failure counts the readings that failed at one host, for one reason.
type Failure struct {
	Host  string // as Host gives it
	Kind  connectors.Kind
	Count uint64
}

// Quantile gives the smallest of a sorted list that so large a part of it is not greater than; zero of an empty list.
func Quantile(sorted []time.Duration, part float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	at := int(math.Ceil(part*float64(len(sorted)))) - 1
	return sorted[min(max(at, 0), len(sorted)-1)]
}

// Host names the server that an agenda is reached at: nothing else of its address, which may be a secret. Empty for one that
// is kept here.
func Host(c connectors.Connection) string {
	u, err := url.Parse(c.Address)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// Hosts lists the servers that the agendas of a connector are reached at, those beside others too; of all connectors, where
// it has no name.
func Hosts(agendas []*Agenda, connector string) []string {
	seen := make(map[string]bool)
	for _, a := range agendas {
		for _, c := range append([]connectors.Connection{a.Connection.Connection}, a.Connection.Beside...) {
			if connector != "" && c.Connector != connector {
				continue
			}
			if host := Host(c); host != "" {
				seen[host] = true
			}
		}
	}
	hosts := make([]string, 0, len(seen))
	for host := range seen {
		hosts = append(hosts, host)
	}
	slices.Sort(hosts)
	return hosts
}

// Breaker (disjoncteur) is whether a server is asked, or left alone because it fails. Its value is its wire name.
type Breaker string

// The breakers, from the best to the worst.
const (
	BreakerClosed Breaker = "ferme"     // it is asked
	BreakerHalf   Breaker = "a_l_essai" // the next request shows whether it is asked again
	BreakerOpen   Breaker = "ouvert"    // it is left alone
)

// Breakers lists them all.
func Breakers() []Breaker { return []Breaker{BreakerClosed, BreakerHalf, BreakerOpen} }

// Waiting is what the ledger holds that somebody has still to do. All instances that share a ledger see the same.
type Waiting struct {
	Notices  map[Channel]int           // messages that are due to people; a reminder is from its hour on
	Oldest   map[Channel]time.Duration // how long the oldest of them has waited, reminders apart
	Events   int                       // of the log, that a webhook has still to be told of; each counts for each webhook
	Failing  int                       // webhooks that do not get through, or are given up
	Debts    int                       // owed to agendas
	Overdue  int                       // of those, due for longer than it should take
	Doubtful map[Status]int            // appointments whose outcome is looked for, by us or by people (Status.Doubtful)
}
