package linkcheck

import (
	"math/rand/v2"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func address(t testing.TB, path string) *url.URL {
	t.Helper()
	u, err := url.Parse("https://lieu.example.org" + path)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestTheLongestRuleThatMatchesDecides(t *testing.T) {
	for name, c := range map[string]struct {
		rules         string // of "*"
		allows, bars  []string
		allowsNothing bool
	}{
		"no rule":                   {rules: "", allows: []string{"/", "/a"}},
		"an empty one":              {rules: "Disallow:", allows: []string{"/", "/a"}},
		"everything":                {rules: "Disallow: /", bars: []string{"/", "/a", "/a?b", "/robots.txt2"}, allows: []string{"/robots.txt"}},
		"everything, by a star":     {rules: "Disallow: *", bars: []string{"/", "/a"}},
		"a start":                   {rules: "Disallow: /fish", bars: []string{"/fish", "/fish.html", "/fish/salmon", "/fishheads", "/fish?id=1"}, allows: []string{"/", "/Fish", "/catfish", "/?id=fish"}},
		"a folder":                  {rules: "Disallow: /fish/", bars: []string{"/fish/", "/fish/a?b"}, allows: []string{"/fish", "/fish.html"}},
		"a star in the middle":      {rules: "Disallow: /*.php", bars: []string{"/index.php", "/a/b.php?c", "/a.php/"}, allows: []string{"/", "/windows.PHP"}},
		"a star at the end":         {rules: "Disallow: /a*", bars: []string{"/a", "/ab"}, allows: []string{"/b"}},
		"the end":                   {rules: "Disallow: /*.php$", bars: []string{"/a.php", "/a/b.php", "/a.php?x=.php"}, allows: []string{"/a.php?b", "/a.php/", "/a.php5"}},
		"the front page alone":      {rules: "Disallow: /\nAllow: /$", bars: []string{"/org/12", "/?a"}, allows: []string{"/"}},
		"two stars, and an end":     {rules: "Disallow: /a*b*c$", bars: []string{"/abc", "/axbxc", "/abcbc"}, allows: []string{"/abcx", "/acb", "/bc"}},
		"pieces do not overlap":     {rules: "Disallow: /ab*ba$", bars: []string{"/abba", "/ab-ba"}, allows: []string{"/aba"}},
		"a dollar in the middle":    {rules: "Disallow: /a$b", bars: []string{"/a$b", "/a%24b"}, allows: []string{"/a"}},
		"an encoded dollar":         {rules: "Disallow: /a%24", bars: []string{"/a$", "/a$b"}, allows: []string{"/a"}},
		"an encoded star":           {rules: "Disallow: /a-%2A.html", bars: []string{"/a-*.html"}, allows: []string{"/a-b.html"}},
		"Allow is longer":           {rules: "Disallow: /folder\nAllow: /folder/page", allows: []string{"/folder/page", "/folder/page2"}, bars: []string{"/folder/", "/folder"}},
		"Disallow is longer":        {rules: "Allow: /page\nDisallow: /*.html", allows: []string{"/page"}, bars: []string{"/page.html"}},
		"a tie":                     {rules: "Disallow: /page\nAllow: /page", allows: []string{"/page"}},
		"a tie, the other way":      {rules: "Allow: /page\nDisallow: /page", allows: []string{"/page"}},
		"the dollar is an octet":    {rules: "Allow: /page\nDisallow: /page$", bars: []string{"/page"}, allows: []string{"/page2"}},
		"a query":                   {rules: "Disallow: /a?b=c", bars: []string{"/a?b=c", "/a?b=cd"}, allows: []string{"/a", "/a?b", "/a?x&b=c"}},
		"a parameter anywhere":      {rules: "Disallow: /*?*b=", bars: []string{"/a?b=", "/a?x&b=1"}, allows: []string{"/a", "/b=1"}},
		"an empty query":            {rules: "Disallow: /a?", bars: []string{"/a?", "/a?b"}, allows: []string{"/a"}},
		"delimiters in a query":     {rules: "Disallow: /foo/bar?baz=https://foo.bar", bars: []string{"/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar"}},
		"and encoded in the rule":   {rules: "Disallow: /foo/bar?baz=https%3a%2f%2ffoo.bar", bars: []string{"/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar"}},
		"a slash is no %2F":         {rules: "Disallow: /a/b", bars: []string{"/a/b"}, allows: []string{"/a%2Fb"}},
		"letters beyond ASCII":      {rules: "Disallow: /foo/bar/ツ", bars: []string{"/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84", "/foo/bar/ツ"}},
		"and encoded in the rule ":  {rules: "Disallow: /foo/bar/%E3%83%84", bars: []string{"/foo/bar/ツ"}},
		"letters that need nothing": {rules: "Disallow: /foo/bar/%62%61%7A", bars: []string{"/foo/bar/baz", "/foo/bar/%62az"}},
		"a rule without a slash":    {rules: "Disallow: fish", allows: []string{"/fish"}},
		"blanks and case":           {rules: " \tDISallow \t: \t/a \t", bars: []string{"/a"}},
		"a comment":                 {rules: "Disallow: /a # but not /b\n#Disallow: /c", bars: []string{"/a"}, allows: []string{"/b", "/c"}},
		"a blank in a rule":         {rules: "Disallow: /a b", bars: []string{"/a%20b"}, allows: []string{"/a"}},
		"what is no record":         {rules: "Disallow /a\nhello\n: /b\nDisallow: /c", bars: []string{"/c"}, allows: []string{"/a", "/b"}},
	} {
		got := parseRobots("User-agent: *\n"+c.rules, Agent)
		for _, path := range c.allows {
			if !got.allowed(address(t, path)) {
				t.Errorf("%s: %q bars %s", name, c.rules, path)
			}
		}
		for _, path := range c.bars {
			if got.allowed(address(t, path)) {
				t.Errorf("%s: %q allows %s", name, c.rules, path)
			}
		}
	}
	if !(robots{}).allowed(&url.URL{Scheme: "https", Host: "lieu.example.org"}) || parseRobots("User-agent: *\nDisallow: /", Agent).allowed(&url.URL{Scheme: "https", Host: "lieu.example.org"}) {
		t.Error("no path is not the front page")
	}
}

func TestWhichGroupsAreForUs(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		allowed bool // of /a
	}{
		"nothing":                       {"", true},
		"everybody":                     {"User-agent: *\nDisallow: /a", false},
		"everybody but us":              {"User-agent: *\nDisallow: /a\n\nUser-agent: Passerelle-RDV\nDisallow: /b", true},
		"us, first":                     {"User-agent: Passerelle-RDV\nDisallow: /b\n\nUser-agent: *\nDisallow: /a", true},
		"us alone":                      {"User-agent: Passerelle-RDV\nDisallow: /a\n\nUser-agent: *\nAllow: /a", false},
		"us, in another case":           {"USER-AGENT: PASSERELLE-rdv\nDisallow: /a", false},
		"us, with a version":            {"User-agent: Passerelle-RDV/1.0 (x)\nDisallow: /a", false},
		"us, twice":                     {"User-agent: Passerelle-RDV\nDisallow: /b\n\nUser-agent: autre\nDisallow: /\n\nUser-agent: Passerelle-RDV\nDisallow: /a", false},
		"us, without a rule":            {"User-agent: *\nDisallow: /a\n\nUser-agent: Passerelle-RDV", true},
		"others":                        {"User-agent: autre\nDisallow: /a", true},
		"a longer name":                 {"User-agent: Passerelle-RDV-autre\nDisallow: /a", true},
		"a shorter name":                {"User-agent: Passerelle\nDisallow: /a", true},
		"us and others":                 {"User-agent: autre\nUser-agent: Passerelle-RDV\nDisallow: /a", false},
		"us and others, with a gap":     {"User-agent: Passerelle-RDV\n\n\nUser-agent: autre\nDisallow: /a", false},
		"us, then others":               {"User-agent: Passerelle-RDV\nAllow: /\nUser-agent: autre\nDisallow: /a", true},
		"an empty rule ends the names":  {"User-agent: Passerelle-RDV\nDisallow:\nUser-agent: autre\nDisallow: /a", true},
		"a sitemap does not":            {"User-agent: Passerelle-RDV\nSitemap: https://x/\nUser-agent: autre\nDisallow: /a", false},
		"a rule of nobody":              {"Disallow: /a", true},
		"a name that is none":           {"User-agent:\nDisallow: /a", true},
		"a star that is a name":         {"User-agent: *bot\nDisallow: /a", true},
		"a star and a comment":          {"User-agent: * # tous\nDisallow: /a", false},
		"a byte order mark":             {"\ufeffUser-agent: *\nDisallow: /a", false},
		"line ends of the Mac":          {"User-agent: *\rDisallow: /a\r", false},
		"line ends of Windows":          {"User-agent: *\r\nDisallow: /a\r\n", false},
		"a page":                        {"<!DOCTYPE html>\n<title>Disallow: /a</title>", true},
		"beyond what is read":           {strings.Repeat("#", longestRobots) + "\nUser-agent: *\nDisallow: /a", true},
		"within what is read":           {strings.Repeat("#", longestRobots-40) + "\nUser-agent: *\nDisallow: /a\n" + strings.Repeat("#", 99), false},
		"cut in the middle of a rule":   {strings.Repeat("#", longestRobots-36) + "\nUser-agent: *\nAllow: /\nDisallow: /" + "abcdef", true},
		"cut before the first line end": {strings.Repeat("x", longestRobots+9), true},
	} {
		if got := parseRobots(c.text, Agent).allowed(address(t, "/a")); got != c.allowed {
			t.Errorf("%s: allowed %v, want %v", name, got, c.allowed)
		}
	}
}

// FuzzRobots compares with a second reading, which is slow and shares nothing with the first.
func FuzzRobots(f *testing.F) {
	for _, rules := range []string{"Disallow: /a*b$", "Allow: /%61*?x=%2f\nDisallow: /", "Disallow: /*\nAllow: /*/$", "Disallow: /é?u=:/@\nCrawl-delay: 3", "Disallow: /%2a$$\nAllow: *%"} {
		f.Add("User-agent: *\n"+rules, "/a/b?x=/")
		f.Add("User-agent: passerelle-rdv\nUser-agent: x\r"+rules+"\nUser-agent: *\nDisallow: /", "/%2A$?u=%3A/@")
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		u, err := url.Parse("https://lieu.example.org" + path)
		if err != nil || u.Host != "lieu.example.org" || len(text) > 2000 || len(path) > 200 {
			return
		}
		if got, want := parseRobots(text, Agent).allowed(u), slowlyAllowed(text, Agent, u); got != want {
			t.Errorf("%q allows %q: %v, want %v", text, u.RequestURI(), got, want)
		}
	})
}

// FuzzRules draws rules and paths from few characters, so that they match more often than not.
func FuzzRules(f *testing.F) {
	for seed := range uint64(2000) {
		f.Add(seed)
	}
	characters := strings.Split("/ a b * $ ? : @ % %2F %2a %61 %3A é ~", " ")
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		draw := func(most int) string {
			drawn := "/"
			for range random.IntN(most) {
				drawn += characters[random.IntN(len(characters))]
			}
			return drawn
		}
		text := "User-agent: *\n"
		for range 3 {
			text += []string{"Allow: ", "Disallow: "}[random.IntN(2)] + draw(6) + "\n"
		}
		path := draw(9)
		u, err := url.Parse("https://lieu.example.org" + path)
		if err != nil {
			return // a percent sign that escapes nothing
		}
		if got, want := parseRobots(text, Agent).allowed(u), slowlyAllowed(text, Agent, u); got != want {
			t.Errorf("%q allows %q: %v, want %v", text, path, got, want)
		}
	})
}

var (
	record   = regexp.MustCompile(`^[ \t]*([A-Za-z-]*?)[ \t]*:[ \t]*((?s:.*?))[ \t]*$`)
	lineEnd  = regexp.MustCompile(`\r|\n`)
	comment  = regexp.MustCompile(`(?s)#.*`)
	escape   = regexp.MustCompile(`^%[0-9A-Fa-f]{2}`)
	plain    = regexp.MustCompile(`^[A-Za-z0-9._~-]$`)
	everyone = regexp.MustCompile(`^\*($| )`)
)

// slowlyAllowed reads all the groups first, and asks afterwards.
func slowlyAllowed(text, agent string, u *url.URL) bool {
	type group struct {
		agents []string
		rules  [][2]string
	}
	var groups []*group
	text = strings.TrimPrefix(text, "\ufeff")
	for _, line := range lineEnd.Split(text, -1) {
		line = comment.ReplaceAllString(line, "")
		m := record.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		switch key, value := strings.ToLower(m[1]), m[2]; key {
		case "user-agent":
			if len(groups) == 0 || len(groups[len(groups)-1].rules) > 0 {
				groups = append(groups, &group{})
			}
			groups[len(groups)-1].agents = append(groups[len(groups)-1].agents, value)
		case "allow", "disallow":
			if len(groups) > 0 {
				groups[len(groups)-1].rules = append(groups[len(groups)-1].rules, [2]string{key, value})
			}
		}
	}
	pick := func(meant *regexp.Regexp) (rules [][2]string, found bool) {
		for _, g := range groups {
			for _, a := range g.agents {
				if meant.MatchString(a) {
					rules, found = append(rules, g.rules...), true
					break
				}
			}
		}
		return rules, found
	}
	rules, found := pick(regexp.MustCompile(`(?i-s:^` + agent + `($|[^a-z_-]))`))
	if !found {
		rules, _ = pick(everyone)
	}
	path := u.RequestURI()
	if path == "/robots.txt" {
		return true
	}
	best, allow := -1, true
	for _, r := range rules {
		if r[1] == "" {
			continue
		}
		length, ok := slowlyMatches(r[1], path)
		if ok && (length > best || length == best && r[0] == "allow") {
			best, allow = length, r[0] == "allow"
		}
	}
	return allow
}

// octet is one character of a path, or of a pattern, where star is any number of any.
type octet struct {
	value byte
	bare  bool // it stands for itself, as a delimiter does
	star  bool
}

func octets(text string, pattern bool) (list []octet) {
	for len(text) > 0 {
		one, n := octet{value: text[0]}, 1
		if m := escape.FindString(text); m != "" {
			decoded, _ := url.PathUnescape(m)
			one.value, n = decoded[0], 3
		} else {
			one.bare = strings.Contains(":/?#[]@!&'()+,;=", string(rune(text[0])))
			one.star = pattern && text[0] == '*'
		}
		if plain.MatchString(string(rune(one.value))) && one.value < 0x80 {
			one.bare = true
		}
		list, text = append(list, one), text[n:]
	}
	return list
}

// inQuery makes delimiters after the first question mark plain characters.
func inQuery(list []octet) []octet {
	out, query := append([]octet(nil), list...), false
	for i, o := range out {
		if query && o.bare && strings.Contains(":/?#[]@", string(rune(o.value))) {
			out[i].bare = false
		}
		query = query || o.value == '?' && o.bare
	}
	return out
}

func slowlyMatches(pattern, path string) (length int, ok bool) {
	anchored := strings.HasSuffix(pattern, "$")
	p := octets(strings.TrimSuffix(pattern, "$"), true)
	for _, o := range p {
		length += 3
		if o.bare || o.star {
			length -= 2
		}
	}
	if anchored {
		length++
	} else {
		p = append(p, octet{star: true})
	}
	s := octets(path, false)
	return length, table(p, s) || table(inQuery(p), inQuery(s))
}

// table fills in which starts of the pattern match which starts of the path.
func table(p, s []octet) bool {
	match := make([][]bool, len(p)+1)
	for i := range match {
		match[i] = make([]bool, len(s)+1)
		for j := range match[i] {
			switch {
			case i == 0:
				match[i][j] = j == 0
			case p[i-1].star:
				match[i][j] = match[i-1][j] || j > 0 && match[i][j-1]
			default:
				match[i][j] = j > 0 && match[i-1][j-1] && p[i-1] == s[j-1]
			}
		}
	}
	return match[len(p)][len(s)]
}
