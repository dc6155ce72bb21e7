package directory

import (
	_ "embed"
	"regexp"
	"strings"
	"sync"

	"passerelle/booking"
)

//go:generate node communes/generate.mjs
//go:embed communes/communes.tsv
var communesTSV string

// communes deduces INSEE codes. An empty code in one of its maps is an ambiguous one.
type communes struct {
	served     map[string]string   // postal code, space, name → INSEE code
	alone      map[string]string   // postal code → INSEE code, when it serves one commune only
	department map[string]string   // département of the postal code, space, name → INSEE code
	names      map[string]string   // of all France: name → each place of that name, as "26 Crest", tabs between them
	at         map[string][]string // postal code → INSEE codes of all its communes
	districts  map[string]string   // INSEE code of an arrondissement of a city → its name
}

// communesTable reads the bundled table once.
var communesTable = sync.OnceValue(func() *communes {
	c := &communes{map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}, map[string][]string{}, map[string]string{}}
	for line := range strings.Lines(communesTSV) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		postalCode, rest, _ := strings.Cut(strings.TrimSpace(line), "\t")
		for commune := range strings.SplitSeq(rest, "\t") {
			code, names, _ := strings.Cut(commune, " ")
			c.add(postalCode, code, strings.Split(names, "|"))
		}
	}
	return c
})

func (c *communes) add(postalCode, code string, names []string) {
	agree(c.alone, postalCode, code, false)
	c.at[postalCode] = append(c.at[postalCode], code)
	if city := cityOf(code); city.code != "" {
		c.districts[code] = names[0]
		names = append(names, city.name)
	}
	for _, name := range names {
		key := communeKey(name)
		c.remember(key, (&booking.Place{INSEE: code}).Department()+" "+name)
		agree(c.served, postalCode+" "+key, code, false)
		agree(c.department, postalDepartment(postalCode)+" "+key, code, true)
	}
}

// remember notes a commune of a name, once a département.
func (c *communes) remember(key, commune string) {
	department, _, _ := strings.Cut(commune, " ")
	switch known := c.names[key]; {
	case known == "":
		c.names[key] = commune
	case !strings.HasPrefix(known, department+" ") && !strings.Contains(known, "\t"+department+" "):
		c.names[key] = known + "\t" + commune
	}
}

// agree notes a code under a key. Two that differ are ambiguous, unless they are arrondissements of one city and
// the city is precise enough.
func agree(m map[string]string, key, code string, cities bool) {
	known, ok := m[key]
	switch {
	case !ok:
		m[key] = code
	case known == code:
	case cities && cityOf(code).code != "" && (known == cityOf(code).code || cityOf(known) == cityOf(code)):
		m[key] = cityOf(code).code
	default:
		m[key] = ""
	}
}

// deduce answers the INSEE code of the commune so named at a postal code; empty when that is ambiguous, unknown or
// contradictory. Between the arrondissements of a city the postal code decides.
func (c *communes) deduce(postalCode, commune string) string {
	key := communeKey(commune)
	if code, ok := c.served[postalCode+" "+key]; ok {
		return code
	}
	alone, real := c.alone[postalCode]
	switch {
	case !real: // a CEDEX, which belongs to no commune: the name decides
		return c.department[postalDepartment(postalCode)+" "+key]
	case c.names[key] != "": // another commune: the row contradicts itself
		return ""
	}
	return alone // a hamlet, or a slip of the pen
}

var (
	short          = strings.NewReplacer(" lez ", " les ", " s ", " sur ") // "Villeneuve-lez-Avignon", "Boulogne s/Mer"
	cedex          = regexp.MustCompile(` cedex.*$`)
	arrondissement = regexp.MustCompile(`^(paris|lyon|marseille) 0*(\d+) ?(er|e|eme|nd|nde)?( arr(ondissement)?)?$`)
)

// communeKey is what two writings of one commune's name have in common: folded, without CEDEX, without a leading
// article, with "les" for "lez" and "sur" for "s/", and with "11e" however the number of an arrondissement is written.
func communeKey(name string) string {
	key := cedex.ReplaceAllString(short.Replace(foldName(name)), "")
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
		if code := c.served[postalCode+" "+communeKey(city.name)]; insee == city.code && code != "" {
			codes = append(codes, code)
		}
	}
	return codes
}
