package linkcheck

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/connectors/egress"
)

const (
	page = "https://lieu.example.org/rdv"
	org  = "https://www.rdv-aide-numerique.fr/org/12"
)

// A host that the client leaves alone for a while is not a page that is gone; and another method would do no better.
func TestWhatIsHeldBackProvesNothing(t *testing.T) {
	held := &egress.Spared{Host: "lieu.example.org", Reason: "…"}
	o := failed("lieu.example.org", held)
	if o.verdict != Unknown || !strings.Contains(o.detail, "pour le moment") || reached(held) {
		t.Errorf("got %+v, tried again %t", o, reached(held))
	}
}

func TestEveryVerdict(t *testing.T) {
	ok := status(http.StatusOK)
	for name, c := range map[string]struct {
		link   string // page when empty
		pages  map[string]http.HandlerFunc
		clear  []string // hosts that http is allowed to
		want   Verdict
		better string
		says   string
	}{
		"a page that answers":                {pages: map[string]http.HandlerFunc{page: ok}, want: Good},
		"with nothing in it":                 {pages: map[string]http.HandlerFunc{page: status(http.StatusNoContent)}, want: Good},
		"HEAD is not allowed":                {pages: map[string]http.HandlerFunc{page: byMethod(status(405), ok)}, want: Good},
		"HEAD is not implemented":            {pages: map[string]http.HandlerFunc{page: byMethod(status(501), ok)}, want: Good},
		"HEAD is forbidden":                  {pages: map[string]http.HandlerFunc{page: byMethod(status(403), ok)}, want: Good},
		"HEAD finds nothing":                 {pages: map[string]http.HandlerFunc{page: byMethod(status(404), ok)}, want: Good},
		"HEAD is hung up on":                 {pages: map[string]http.HandlerFunc{page: byMethod(hangUp, ok)}, want: Good},
		"a long page":                        {pages: map[string]http.HandlerFunc{page: byMethod(status(405), text(strings.Repeat("x", 1<<20)))}, want: Good},
		"a page in a coding of its own":      {pages: map[string]http.HandlerFunc{page: byMethod(status(405), coded)}, want: Good},
		"not found":                          {pages: nil, want: Dead, says: "404"},
		"gone":                               {pages: map[string]http.HandlerFunc{page: status(410)}, want: Dead, says: "410"},
		"HEAD answers, the page is gone":     {pages: map[string]http.HandlerFunc{page: byMethod(status(403), status(410))}, want: Dead, says: "410"},
		"a name that does not exist":         {link: "https://inexistant.example.org/rdv", want: Dead, says: "inexistant.example.org n'existe pas"},
		"a name that cannot be looked for":   {link: "https://dns-en-panne.example.org/rdv", want: Unknown, says: "cherché"},
		"a certificate out of date":          {link: "https://expire.example.org/rdv", want: Dead, says: "expiré"},
		"a certificate of another name":      {link: "https://autre-nom.example.org/rdv", want: Dead, says: "autre site"},
		"a certificate signed by itself":     {link: "https://auto-signe.example.org/rdv", want: Dead, says: "lui-même"},
		"a certificate of we know not whom":  {link: "https://autorite-inconnue.example.org/rdv", want: Unknown, says: "autorité"},
		"a private address":                  {link: "https://prive.example.org/rdv", want: Unknown, says: "adresse privée refusée"},
		"an error of the server":             {pages: map[string]http.HandlerFunc{page: status(500)}, want: Unknown, says: "500"},
		"a server at rest":                   {pages: map[string]http.HandlerFunc{page: status(503)}, want: Unknown, says: "503"},
		"forbidden":                          {pages: map[string]http.HandlerFunc{page: status(403)}, want: Unknown, says: "403"},
		"to those who sign in":               {pages: map[string]http.HandlerFunc{page: status(401)}, want: Unknown, says: "401"},
		"too many requests":                  {pages: map[string]http.HandlerFunc{page: status(429)}, want: Unknown, says: "429"},
		"a teapot":                           {pages: map[string]http.HandlerFunc{page: status(418)}, want: Unknown, says: "418"},
		"hung up on":                         {pages: map[string]http.HandlerFunc{page: hangUp}, want: Unknown, says: "n'a pas répondu"},
		"robots.txt forbids":                 {pages: map[string]http.HandlerFunc{"https://lieu.example.org/robots.txt": text("User-agent: *\nDisallow: /"), page: ok}, want: Forbidden, says: "robots.txt"},
		"robots.txt forbids us":              {pages: map[string]http.HandlerFunc{"https://lieu.example.org/robots.txt": text("User-agent: passerelle-rdv\nDisallow: /rdv\n\nUser-agent: *\nAllow: /"), page: ok}, want: Forbidden},
		"robots.txt forbids others":          {pages: map[string]http.HandlerFunc{"https://lieu.example.org/robots.txt": text("User-agent: autre\nDisallow: /"), page: ok}, want: Good},
		"robots.txt is forbidden":            {pages: map[string]http.HandlerFunc{"https://lieu.example.org/robots.txt": status(403), page: ok}, want: Good},
		"robots.txt is in pieces":            {pages: map[string]http.HandlerFunc{"https://lieu.example.org/robots.txt": hangUp, page: ok}, want: Unknown, says: "robots.txt"},
		"robots.txt is out of order":         {pages: map[string]http.HandlerFunc{"https://lieu.example.org/robots.txt": status(503), page: ok}, want: Unknown, says: "503"},
		"robots.txt asks to slow down":       {pages: map[string]http.HandlerFunc{"https://lieu.example.org/robots.txt": status(429), page: ok}, want: Unknown, says: "429"},
		"robots.txt in a coding of its own":  {pages: map[string]http.HandlerFunc{"https://lieu.example.org/robots.txt": coded, page: ok}, want: Unknown, says: "codage"},
		"robots.txt that stops in the midst": {pages: map[string]http.HandlerFunc{"https://lieu.example.org/robots.txt": cut, page: ok}, want: Unknown, says: "robots.txt"},
		"robots.txt is elsewhere":            {pages: map[string]http.HandlerFunc{"https://lieu.example.org/robots.txt": redirect(302, "https://www.example.org/r"), "https://www.example.org/r": text("User-agent: *\nDisallow: /"), page: ok}, want: Forbidden},
		"robots.txt is nowhere":              {pages: map[string]http.HandlerFunc{"https://lieu.example.org/robots.txt": redirect(302, "/robots.txt"), page: ok}, want: Good},

		"moved":                            {pages: map[string]http.HandlerFunc{page: redirect(301, "/new"), "https://lieu.example.org/new": ok}, want: Moved, better: "https://lieu.example.org/new"},
		"moved twice":                      {pages: map[string]http.HandlerFunc{page: redirect(301, "/a"), "https://lieu.example.org/a": redirect(308, "https://WWW.example.org:443/b"), "https://www.example.org/b": ok}, want: Moved, better: "https://www.example.org/b"},
		"moved, then sent on for today":    {pages: map[string]http.HandlerFunc{page: redirect(301, "/a"), "https://lieu.example.org/a": redirect(302, "/b"), "https://lieu.example.org/b": redirect(301, "/c"), "https://lieu.example.org/c": ok}, want: Moved, better: "https://lieu.example.org/a"},
		"sent on for today":                {pages: map[string]http.HandlerFunc{page: redirect(302, "/a"), "https://lieu.example.org/a": redirect(301, "/b"), "https://lieu.example.org/b": ok}, want: Good},
		"moved to the same place":          {link: page + "#haut", pages: map[string]http.HandlerFunc{page: redirect(301, "/rdv?x"), page + "?x": redirect(301, "/rdv/"), page + "/": ok}, want: Moved, better: page + "/#haut"},
		"moved to itself":                  {link: org, pages: map[string]http.HandlerFunc{org: redirect(301, "/org/12/mediatheque"), org + "/mediatheque": ok}, want: Good},
		"moved to what is not there":       {pages: map[string]http.HandlerFunc{page: redirect(301, "/a")}, want: Dead, says: "404"},
		"moved to a name that is not":      {pages: map[string]http.HandlerFunc{page: redirect(301, "https://inexistant.example.org/")}, want: Dead, says: "inexistant"},
		"moved to what does not answer":    {pages: map[string]http.HandlerFunc{page: redirect(301, "/a"), "https://lieu.example.org/a": status(500)}, want: Unknown, says: "500"},
		"moved to a mail address":          {pages: map[string]http.HandlerFunc{page: redirect(301, "mailto:a@example.org")}, want: Unknown, says: "adresse d'une page"},
		"moved to nowhere":                 {pages: map[string]http.HandlerFunc{page: status(301)}, want: Unknown, says: "adresse d'une page"},
		"moved to what cannot be read":     {pages: map[string]http.HandlerFunc{page: redirect(301, "https://[::1")}, want: Unknown},
		"moved to http":                    {pages: map[string]http.HandlerFunc{page: redirect(301, "http://lieu.example.org/a")}, want: Unknown, says: "http sans chiffrement"},
		"moved to this machine":            {pages: map[string]http.HandlerFunc{page: redirect(301, "https://prive.example.org/")}, want: Unknown, says: "adresse privée"},
		"as far as is followed":            {pages: chain(5), want: Moved, better: "https://lieu.example.org/5"},
		"further than is followed":         {pages: chain(6), want: Unknown, says: "plus de 5"},
		"in a circle":                      {pages: map[string]http.HandlerFunc{page: redirect(302, page)}, want: Unknown, says: "plus de 5"},
		"moved to what names a secret":     {pages: map[string]http.HandlerFunc{page: redirect(301, "/a?token=CANARI99"), "https://lieu.example.org/a?token=CANARI99": ok}, want: Moved, says: "publient"},
		"moved to a personal page":         {link: org, pages: map[string]http.HandlerFunc{org: redirect(301, "/prdv?tkn=CANARI99"), "https://www.rdv-aide-numerique.fr/prdv?tkn=CANARI99": ok}, want: Moved, says: "publient"},
		"an organisation that is there":    {link: org, pages: map[string]http.HandlerFunc{org: redirect(302, "/prendre_rdv?public_link_organisation_id=12"), "https://www.rdv-aide-numerique.fr/prendre_rdv?public_link_organisation_id=12": ok}, want: Good},
		"an organisation that is no more":  {link: org, pages: map[string]http.HandlerFunc{org: redirect(302, "/"), "https://www.rdv-aide-numerique.fr/": ok}, want: Dead, says: "page d'accueil"},
		"an organisation moved for good":   {link: org, pages: map[string]http.HandlerFunc{org: redirect(301, "https://rdv.anct.gouv.fr/"), "https://rdv.anct.gouv.fr/": ok}, want: Dead, says: "page d'accueil"},
		"a page that leads to its own top": {pages: map[string]http.HandlerFunc{page: redirect(302, "/"), "https://lieu.example.org/": ok}, want: Good},
		"RDV Service Public as it is":      {link: org, pages: map[string]http.HandlerFunc{"https://www.rdv-aide-numerique.fr/robots.txt": text("User-agent: *\nDisallow: /\nAllow: /$\nAllow: /mentions_legales\n"), org: ok}, want: Forbidden},

		"a front page of RDV Service Public": {link: "https://www.rdv-solidarites.fr/", want: Home},
		"a front page of Doctolib":           {link: "https://www.doctolib.fr/", want: Home},
		"over http too":                      {link: "http://www.doctolib.fr/", want: Home},

		"http with a twin":                   {link: "http://lieu.example.org/rdv", pages: map[string]http.HandlerFunc{page: ok}, want: Unencrypted, better: page},
		"http with a twin that moved":        {link: "http://lieu.example.org/rdv", pages: map[string]http.HandlerFunc{page: redirect(301, "/new"), "https://lieu.example.org/new": ok}, want: Unencrypted, better: "https://lieu.example.org/new"},
		"http whose twin may not be seen":    {link: "http://lieu.example.org/rdv", pages: map[string]http.HandlerFunc{"https://lieu.example.org/robots.txt": text("User-agent: *\nDisallow: /")}, want: Forbidden},
		"http whose twin is out of order":    {link: "http://lieu.example.org/rdv", pages: map[string]http.HandlerFunc{page: status(500)}, want: Unknown, says: "500"},
		"http whose twin's robots are":       {link: "http://lieu.example.org/rdv", pages: map[string]http.HandlerFunc{"https://lieu.example.org/robots.txt": status(500)}, want: Unknown, says: "500"},
		"http of a name that is not":         {link: "http://inexistant.example.org/", want: Dead, says: "n'existe pas"},
		"http that may not be followed":      {link: "http://expire.example.org/rdv", want: Unencrypted, says: "pas été regardé. En https : Le certificat"},
		"http whose twin is not there":       {link: "http://lieu.example.org/rdv", want: Unencrypted, says: "404"},
		"http alone":                         {link: "http://expire.example.org/rdv", clear: []string{"expire.example.org"}, pages: map[string]http.HandlerFunc{"http://expire.example.org/rdv": ok}, want: Unencrypted, says: "qu'en http"},
		"http alone, and dead":               {link: "http://expire.example.org/rdv", clear: []string{"expire.example.org"}, want: Dead, says: "404"},
		"http alone, and robots.txt forbids": {link: "http://expire.example.org/rdv", clear: []string{"expire.example.org"}, pages: map[string]http.HandlerFunc{"http://expire.example.org/robots.txt": text("User-agent: *\nDisallow: /")}, want: Forbidden},
		"http that moved to https elsewhere": {link: "http://expire.example.org/rdv", clear: []string{"expire.example.org"}, pages: map[string]http.HandlerFunc{"http://expire.example.org/rdv": redirect(301, page), page: ok}, want: Moved, better: page},
		"http at a private address":          {link: "http://prive.example.org/rdv", want: Unknown, says: "adresse privée"},

		"what is no page":    {link: "mailto:a@example.org", want: Unknown},
		"what is no address": {link: "https://[::1", want: Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.pages, egress.Options{AllowHTTP: c.clear})
			link := c.link
			if link == "" {
				link = page
			}
			var got Result
			if err := Check(t.Context(), w.options(), []string{link}, func(r Result, hosts int) error {
				if got.Verdict != "" || hosts != 0 {
					t.Errorf("told again, or %d hosts left", hosts)
				}
				got = r
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if got.Verdict != c.want || got.Better != c.better || got.Detail == "" || !strings.Contains(got.Detail, c.says) {
				t.Errorf("%s: %+v\nwant %s %q, and %q in it\n%s", link, got, c.want, c.better, c.says, strings.Join(w.requests(), "\n"))
			}
			if !got.At.Equal(w.clock()) || strings.Contains(fmt.Sprint(got), "CANARI99") || strings.Contains(got.Detail, "/rdv") {
				t.Errorf("%+v", got)
			}
			if c.want == Forbidden && slices.Contains(w.requests(), "HEAD "+link) {
				t.Errorf("it was looked at all the same: %v", w.requests())
			}
			if c.want == Home && len(w.requests()) > 0 {
				t.Errorf("its text decides, and it was asked for: %v", w.requests())
			}
		})
	}
}

// coded answers in a coding that nobody asked for.
func coded(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "br")
	_, _ = w.Write([]byte("\x8b\x00\x80x\x03"))
}

// cut promises more than it sends.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = w.Write([]byte("User-agent: *\n"))
}

// chain is a page and n permanent redirections behind it.
func chain(n int) map[string]http.HandlerFunc {
	pages := map[string]http.HandlerFunc{}
	from := page
	for i := range n {
		to := fmt.Sprintf("https://lieu.example.org/%d", i+1)
		pages[from] = redirect(301, to)
		from = to
	}
	pages[from] = status(http.StatusOK)
	return pages
}

func TestWhereARedirectionLeadsIsLookedAtOnlyIfItsSiteAllows(t *testing.T) {
	w := newWorld(t, map[string]http.HandlerFunc{
		page:                                 redirect(301, "https://www.example.org/a"),
		"https://www.example.org/robots.txt": text("User-agent: *\nDisallow: /a"),
		"https://www.example.org/a":          status(http.StatusOK),
	}, egress.Options{})
	if r := w.check(page)[page]; r.Verdict != Forbidden || r.Better != "" || !strings.Contains(r.Detail, "www.example.org") {
		t.Errorf("%+v", r)
	}
	want := []string{"GET https://lieu.example.org/robots.txt", "HEAD " + page, "GET https://www.example.org/robots.txt"}
	if got := w.requests(); !slices.Equal(got, want) {
		t.Errorf("requests %q, want %q", got, want)
	}
}

func TestSilenceProvesNothing(t *testing.T) {
	w := newWorld(t, map[string]http.HandlerFunc{page: silence}, egress.Options{AnswerIn: 300 * time.Millisecond})
	if r := w.check(page)[page]; r.Verdict != Unknown {
		t.Errorf("%+v", r)
	}
}

func TestAPageIsNotRead(t *testing.T) {
	const much = 64 << 20 // more than what connections hold on their way
	sent := make(chan int, 1)
	w := newWorld(t, map[string]http.HandlerFunc{page: byMethod(status(405), func(rw http.ResponseWriter, _ *http.Request) {
		n := 0
		for piece := make([]byte, 64<<10); n < much; n += len(piece) {
			if _, err := rw.Write(piece); err != nil {
				break
			}
		}
		sent <- n
	})}, egress.Options{Timeout: time.Minute, MaxBody: 1 << 40})
	if r := w.check(page)[page]; r.Verdict != Good {
		t.Errorf("%+v", r)
	}
	if n := <-sent; n >= much {
		t.Errorf("%d bytes were taken", n)
	}
}

func TestASecretIsNeverAskedFor(t *testing.T) {
	w := newWorld(t, nil, egress.Options{})
	r := w.check("https://www.rdv-solidarites.fr/users/rdvs/1?invitation_token=CANARI99")[""]
	if r.Verdict != Personal || strings.Contains(fmt.Sprint(r), "CANARI99") || len(w.requests()) > 0 {
		t.Errorf("%+v, %v", r, w.requests())
	}
}
