package directory

import (
	"cmp"
	_ "embed"
	"hash/maphash"
	"iter"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:generate node communes/generate.mjs
//go:embed communes/communes.tsv
var communesTSV string

// communes finds those of a postal code, and those of a name, in the bundled table. The table is text, and stays it: 36,000
// communes as maps of strings take more room than all the places of the country.
type communes struct {
	lines     []uint32          // where the line of each postal code starts, in order
	seed      maphash.Seed      // of the hashes
	named     []uint64          // of each name: the hash of its key, then where it stands; sorted
	districts map[string]string // INSEE code of an arrondissement of a city → its name
}

// listed is a commune as it stands under one postal code.
type listed struct {
	postalCode, code, name string
}

// communesTable reads the bundled table once.
var communesTable = sync.OnceValue(func() *communes {
	c := &communes{seed: maphash.MakeSeed(), districts: make(map[string]string)}
	for at := 0; at < len(communesTSV); {
		line, _, _ := strings.Cut(communesTSV[at:], "\n")
		if !strings.HasPrefix(line, "#") {
			c.lines = append(c.lines, offset(at))
			c.addLine(at, line)
		}
		at += len(line) + 1
	}
	c.lines, c.named = slices.Clone(c.lines), slices.Clone(c.named)
	slices.Sort(c.named)
	return c
})

func offset(at int) uint32 { return uint32(at) } // #nosec G115 -- the table is below a megabyte

// addLine notes the names on a line that starts there. A city stands where its arrondissements do.
func (c *communes) addLine(at int, line string) {
	for field := range strings.SplitSeq(line, "\t") {
		code, names, _ := strings.Cut(field, " ")
		first := at + len(code) + 1
		if city := cityOf(code); city.code != "" && names != "" { // a postal code may look like that of an arrondissement
			c.districts[code], _, _ = strings.Cut(names, "|")
			c.addName(first, city.name)
		}
		for from := first; names != ""; {
			var name string
			name, names, _ = strings.Cut(names, "|")
			c.addName(from, name)
			from += len(name) + 1
		}
		at += len(field) + 1
	}
}

func (c *communes) addName(at int, name string) {
	c.named = append(c.named, c.hash(communeKey(name))|uint64(offset(at)))
}

// hash has nothing where the place in the text goes.
func (c *communes) hash(key string) uint64 { return maphash.String(c.seed, key) &^ math.MaxUint32 }

// called yields the communes of a name, in the order of the table.
func (c *communes) called(key string) iter.Seq[listed] {
	return func(yield func(listed) bool) {
		hash := c.hash(key)
		from, _ := slices.BinarySearch(c.named, hash)
		for _, n := range c.named[from:] {
			if n&^math.MaxUint32 != hash {
				return
			}
			l := c.at(uint32(n & math.MaxUint32))
			if communeKey(l.name) != key { // it stands here for its city, or has the hash of another
				l.name = cityOf(l.code).name
			}
			if l.name != "" && communeKey(l.name) == key && !yield(l) {
				return
			}
		}
	}
}

// at reads the commune whose name stands there.
func (c *communes) at(name uint32) listed {
	line, there := slices.BinarySearch(c.lines, name)
	if !there {
		line--
	}
	before := communesTSV[c.lines[line]:name]
	field := before[strings.LastIndexByte(before, '\t')+1:]
	end := strings.IndexAny(communesTSV[name:], "|\t\n")
	return listed{before[:5], field[:5], communesTSV[name : int(name)+end]}
}

// served lists the INSEE codes of a postal code; none of a CEDEX, which belongs to no commune.
func (c *communes) served(postalCode string) (codes []string) {
	line, ok := slices.BinarySearchFunc(c.lines, postalCode, func(at uint32, code string) int { return cmp.Compare(communesTSV[at:at+5], code) })
	if !ok {
		return nil
	}
	text, _, _ := strings.Cut(communesTSV[c.lines[line]:], "\n")
	_, communes, _ := strings.Cut(text, "\t")
	for commune := range strings.SplitSeq(communes, "\t") {
		codes = append(codes, commune[:5])
	}
	return codes
}

// among is the code that those communes of a name have which are meant; ok tells that there are any. It is empty where codes
// differ, unless they are arrondissements of one city and the city is precise enough.
func (c *communes) among(key string, meant func(listed) bool, cities bool) (code string, ok bool) {
	for l := range c.called(key) {
		switch city := cityOf(l.code).code; {
		case !meant(l), ok && code == l.code:
		case !ok:
			code, ok = l.code, true
		case cities && city != "" && (code == city || cityOf(code).code == city):
			code = city
		default:
			return "", true
		}
	}
	return code, ok
}

// there is the INSEE code of the commune of a name at a postal code; empty where it is ambiguous.
func (c *communes) there(postalCode, key string) (code string, ok bool) {
	return c.among(key, func(l listed) bool { return l.postalCode == postalCode }, false)
}

// deduce answers the INSEE code of the commune so named at a postal code; empty when that is ambiguous, unknown or
// contradictory. Between the arrondissements of a city the postal code decides.
func (c *communes) deduce(postalCode, commune string) string {
	key := communeKey(commune)
	if code, ok := c.there(postalCode, key); ok {
		return code
	}
	served := c.served(postalCode)
	if len(served) == 0 { // a CEDEX: the name decides
		code, _ := c.among(key, func(l listed) bool { return postalDepartment(l.postalCode) == postalDepartment(postalCode) }, true)
		return code
	}
	for range c.called(key) { // another commune: the row contradicts itself
		return ""
	}
	if slices.ContainsFunc(served, func(code string) bool { return code != served[0] }) {
		return ""
	}
	return served[0] // a hamlet, or a slip of the pen
}

var (
	short          = strings.NewReplacer(" lez ", " les ", " s ", " sur ") // "Villeneuve-lez-Avignon", "Boulogne s/Mer"
	arrondissement = regexp.MustCompile(`^(paris|lyon|marseille) 0*(\d+) ?(er|e|eme|nd|nde)?( arr(ondissement)?)?$`)
)

// communeKey is what two writings of one commune's name have in common: folded, without CEDEX, without a leading
// article, with "les" for "lez" and "sur" for "s/", and with "11e" however the number of an arrondissement is written.
func communeKey(name string) string {
	key := foldName(name)
	if strings.Contains(key, " lez ") || strings.Contains(key, " s ") { // few are
		key = short.Replace(key)
	}
	key, _, _ = strings.Cut(key, " cedex")
	if m := arrondissement.FindStringSubmatch(key); m != nil {
		return m[1] + " " + m[2] + "e arrondissement"
	}
	for _, article := range []string{"l ", "le ", "la ", "les "} {
		if rest, ok := strings.CutPrefix(key, article); ok {
			return rest
		}
	}
	return key
}

// postalDepartment is the département that a postal code names; Corsica is one.
func postalDepartment(postalCode string) string {
	switch {
	case len(postalCode) < 3:
		return postalCode
	case postalCode[:2] == "97", postalCode[:2] == "98":
		return postalCode[:3]
	}
	return postalCode[:2]
}

// city is a commune whose arrondissements have INSEE codes of their own.
type city struct {
	code, name, first, last string
}

var cities = []city{
	{"75056", "Paris", "75101", "75120"},
	{"69123", "Lyon", "69381", "69389"},
	{"13055", "Marseille", "13201", "13216"},
}

// cityOf answers the city of an arrondissement's code; the zero city for any other code.
func cityOf(code string) city {
	for _, c := range cities {
		if c.first <= code && code <= c.last {
			return c
		}
	}
	return city{}
}

// coveredBy lists the codes by which a search by commune finds a place: its own, that of its city, and where the file
// gives the city only, that of the arrondissement which its postal code names.
func (c *communes) coveredBy(insee, postalCode string) []string {
	if insee == "" {
		return nil
	}
	codes := []string{insee}
	if city := cityOf(insee); city.code != "" {
		codes = append(codes, city.code)
	}
	for _, city := range cities {
		if insee != city.code {
			continue
		}
		if code, _ := c.there(postalCode, communeKey(city.name)); code != "" {
			codes = append(codes, code)
		}
	}
	return codes
}
