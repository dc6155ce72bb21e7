package directory

import (
	"bytes"
	"cmp"
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"

	"passerelle/booking"
)

//go:embed communes/groups.tsv
var groupsTSV string

// group is a département, or an EPCI: communes that do together what one would do alone.
type group struct {
	code    string // of an EPCI its SIREN
	name    string
	key     string // see groupKey
	members string // INSEE codes of an EPCI's communes, the most populous first: text of the table
}

// groups are those of all France.
type groups struct {
	departments map[string]string // by groupKey: the code
	epcis       []group           // by SIREN
	of          []membership      // by commune
}

// membership is of a commune in an EPCI.
type membership struct {
	commune [5]byte // INSEE code
	epci    uint16  // which
}

// groupsTable reads the bundled table once.
var groupsTable = sync.OnceValue(func() *groups {
	g := &groups{departments: map[string]string{}, of: make([]membership, 0, 36_000)}
	for line := range strings.Lines(groupsTSV) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		switch {
		case strings.HasPrefix(line, "#"):
		case len(fields) == 3:
			for commune := range strings.SplitSeq(fields[2], " ") {
				g.of = append(g.of, membership{[5]byte([]byte(commune)), uint16(len(g.epcis))}) // #nosec G115 -- there are 1,254
			}
			g.epcis = append(g.epcis, group{fields[0], fields[1], groupKey(fields[1]), fields[2]})
		default:
			g.departments[groupKey(fields[1])] = fields[0]
		}
	}
	slices.SortFunc(g.of, func(a, b membership) int { return bytes.Compare(a.commune[:], b.commune[:]) })
	return g
})

// members lists the communes of an EPCI; none of one that is unknown.
func (g *groups) members(siren string) []string { return strings.Fields(g.epci(siren).members) }

// epci is the EPCI of a SIREN; the zero group where there is none.
func (g *groups) epci(siren string) group {
	at, ok := slices.BinarySearchFunc(g.epcis, siren, func(e group, siren string) int { return cmp.Compare(e.code, siren) })
	if !ok {
		return group{}
	}
	return g.epcis[at]
}

var (
	linking = regexp.MustCompile(`\b(de|du|des|d|la|le|les|l|et) `)
	kind    = regexp.MustCompile(`^(cc|ca|cu) `)
	longer  = strings.NewReplacer("communaute communes ", "cc ", "communaute agglomeration ", "ca ", "communaute urbaine ", "cu ")
)

// groupKey is what two writings of one group's name have in common: folded, without the words that link others, and
// with its kind for short.
func groupKey(name string) string {
	return longer.Replace(linking.ReplaceAllString(foldName(name), ""))
}

// mostGroups is how many EPCIs a name that is only the beginning of theirs may mean.
const mostGroups = 10

// epcisOf lists the EPCIs of a name: those called so, or else those whose name begins so, with their kind or without;
// of a département only, unless that is empty. It is that of their most populous commune.
func (g *groups) epcisOf(name, only string) []booking.Area {
	key := groupKey(name)
	if key == "" || kind.MatchString(key+" ") && !strings.Contains(key, " ") {
		return nil // a kind alone
	}
	var exact, beginning []group
	for _, e := range g.epcis {
		of := e.key
		if !kind.MatchString(key) {
			of = kind.ReplaceAllString(of, "")
		}
		if of == key {
			exact = append(exact, e)
		} else if strings.HasPrefix(of, key+" ") {
			beginning = append(beginning, e)
		}
	}
	if len(exact) == 0 {
		exact = beginning
	}
	slices.SortStableFunc(exact, func(a, b group) int { return cmp.Compare(a.key, b.key) })
	var out []booking.Area
	for _, e := range exact {
		department := (&booking.Place{INSEE: e.members[:5]}).Department()
		if only == "" || only == department {
			out = append(out, booking.Area{Label: e.name + " (" + department + ")", EPCI: e.code})
		}
	}
	return out[:min(len(out), mostGroups)]
}

// departmentOf answers the code of the département of a name, empty for none.
func (g *groups) departmentOf(name string) string {
	return g.departments[strings.TrimPrefix(groupKey(name), "departement ")]
}
