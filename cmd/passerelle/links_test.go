package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/connectors/all"
	"passerelle/connectors/linkcheck"
	"passerelle/internal/held"
)

// internet answers for every host of the world, over TLS, from one server on loopback: a status by address, without its
// scheme; the target of a redirection after it; 404 for what is not there.
type internet struct {
	pages map[string]string

	mu    sync.Mutex
	asked []string
}

func (w *internet) ServeHTTP(rw http.ResponseWriter, q *http.Request) {
	w.mu.Lock()
	w.asked = append(w.asked, q.Method+" "+q.Host+q.URL.RequestURI())
	w.mu.Unlock()
	answer := w.pages[q.Host+q.URL.RequestURI()]
	if rules, ok := strings.CutPrefix(answer, "robots "); ok {
		_, _ = io.WriteString(rw, rules)
		return
	}
	code := http.StatusNotFound
	if _, err := fmt.Sscan(answer, &code); err == nil {
		if _, to, ok := strings.Cut(answer, " "); ok {
			rw.Header().Set("Location", to)
		}
	}
	rw.WriteHeader(code)
}

// options reach it, wherever a link leads, and wait for nothing.
func (w *internet) options(t *testing.T) linkcheck.Options {
	t.Helper()
	server := httptest.NewUnstartedServer(w)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // certificates are linkcheck's tests
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if strings.HasSuffix(address, ":80") {
				return nil, errors.New("there is no http here")
			}
			return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return linkcheck.Options{
		Client: &http.Client{Transport: transport}, Registry: all.Registry(), Now: func() time.Time { return monday },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

// checkLinks is "check --links" with o in place of the network.
func (x *terminal) checkLinks(ctx context.Context, o linkcheck.Options, args ...string) (out, errs string, err error) {
	x.t.Helper()
	f := flag.NewFlagSet("check", flag.ContinueOnError)
	l := linkFlagsOf(f)
	l.strict, l.asJSON = f.Bool("strict", false, ""), f.Bool("json", false, "")
	if err := parse(f, append([]string{"--links"}, args...), 1, -1); err != nil {
		x.t.Fatal(err)
	}
	var shown, warned held.Text
	o.Age = *l.age
	if *l.journal != "" {
		if o.Journal, err = linkcheck.OpenJournal(*l.journal); err != nil {
			x.t.Fatal(err)
		}
		defer o.Journal.Close()
	}
	err = x.program(&shown, &warned).checkLinks(ctx, o, f.Args(), l)
	return shown.String(), warned.String(), err
}

const placesWithLinks = `id,nom,commune,code_postal,adresse,prise_rdv
l1,Lieu,Die,26150,1 rue,https://a.example.org/rdv
l2,Lieu,Die,26150,1 rue, HTTPS://A.example.org/rdv
l3,Lieu,Die,26150,1 rue,https://a.example.org/rdv
l4,Lieu,Die,26150,1 rue,https://a.example.org:443/rdv
l5,Lieu,Die,26150,1 rue,https://b.example.org/rdv
l6,Lieu,Die,26150,1 rue,https://c.example.org/rdv
l7,Lieu,Die,26150,1 rue,https://www.rdv-aide-numerique.fr/org/12/mediatheque
l8,Lieu,Die,26150,1 rue,https://www.doctolib.fr/
l9,Lieu,Die,26150,1 rue,https://www.rdv-solidarites.fr/users/rdvs/1?invitation_token=CANARI99
l10,Lieu,Die,26150,1 rue,http://d.example.org/rdv
l11,Lieu,Die,26150,1 rue,https://e.example.org/rdv
l12,Lieu,Die,26150,1 rue,oui
l13,Lieu,Die,26150,1 rue,
,Sans id,Die,26150,1 rue,https://jamais.example.org/
l14,Lieu,Die,26150,1 rue,https://f.example.org/rdv
`

func someInternet() *internet {
	return &internet{pages: map[string]string{
		"b.example.org/rdv": "301 https://b.example.org/rendez-vous", "b.example.org/rendez-vous": "200",
		"c.example.org/rdv":                     "503",
		"www.rdv-aide-numerique.fr/robots.txt":  "robots User-agent: *\nDisallow: /\nAllow: /$\n",
		"d.example.org/rdv":                     "200",
		"e.example.org/rdv":                     "200",
		"f.example.org/rdv":                     "301 /rdv?token=CANARI99",
		"f.example.org/rdv?token=CANARI99":      "200",
		"www.rdv-aide-numerique.fr/org/12":      "200",
		"www.rdv-aide-numerique.fr/prendre_rdv": "200",
	}}
}

func TestEveryLinkThatIsNotGoodIsReported(t *testing.T) {
	x := newTerminal(t)
	t.Chdir(t.TempDir())
	if err := os.WriteFile("lieux.csv", []byte(placesWithLinks), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, err := x.checkLinks(t.Context(), someInternet().options(t), "--reprise", "liens.jsonl", "lieux.csv")
	want := `lieux.csv  secret    lien personnel, masqué  (l9)  Ce lien est personnel (invitation, rendez-vous ou agenda de quelqu'un) : il ne doit être ni utilisé ni publié. Publiez l'adresse de l'organisation : https://…/org/…
lieux.csv  mort      https://a.example.org/rdv  (4 lieux)  Le site a.example.org répond que cette page n'existe pas (404).
lieux.csv  redirige  https://b.example.org/rdv  (l5)  Le site b.example.org dit que cette page a changé d'adresse pour toujours. Publiez plutôt : https://b.example.org/rendez-vous
lieux.csv  redirige  https://f.example.org/rdv  (l14)  Le site f.example.org dit que cette page a changé d'adresse pour toujours. La nouvelle n'est pas de celles qui se publient.
lieux.csv  accueil   https://www.doctolib.fr/  (l8)  Page d'accueil d'un logiciel ou d'un service : elle ne mène pas à la page du lieu.
lieux.csv  http      http://d.example.org/rdv  (l10)  Le lien est en http, alors que le site répond en https. Publiez plutôt : https://d.example.org/rdv
lieux.csv  inconnu   https://c.example.org/rdv  (l6)  Le site c.example.org est en panne (503).
lieux.csv  interdit  https://www.rdv-aide-numerique.fr/org/12  (l7)  Le robots.txt de www.rdv-aide-numerique.fr interdit aux programmes de regarder cette adresse : elle n'a pas été regardée.
lieux.csv : 13 lieux ont une prise de rendez-vous, 9 liens (1 secret, 1 mort, 2 redirige, 1 accueil, 1 http, 1 inconnu, 1 interdit, 1 bon) ; sans page à regarder : 1 (passerelle resolve dit pourquoi)
`
	if out != want || errs != "" || err != nil {
		t.Errorf("got\n%s%s%v\nwant\n%s", out, errs, err, want)
	}
	journal, err := os.ReadFile("liens.jsonl")
	if err != nil || strings.Count(string(journal), "\n") != 7 || strings.Contains(string(journal), "CANARI99") {
		t.Errorf("%s, %v", journal, err)
	}
}

func TestLinksAsJSON(t *testing.T) {
	x := newTerminal(t)
	file := x.file("lieux.csv", placesWithLinks)
	out, _, err := x.checkLinks(t.Context(), someInternet().options(t), "--json", file)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err != nil || len(lines) != 9 || strings.Contains(out, "CANARI99") {
		t.Fatalf("%s%v", out, err)
	}
	secret, dead, moved := lineOf[linkLine](t, lines[0]), lineOf[linkLine](t, lines[1]), lineOf[linkLine](t, lines[2])
	if secret.Verdict != linkcheck.Personal || secret.Link != nil || secret.At != nil || !slices.Equal(secret.Places, []string{"l9"}) {
		t.Errorf("%+v", secret)
	}
	if dead.Source != file || *dead.Link != "https://a.example.org/rdv" || !slices.Equal(dead.Places, []string{"l1", "l2", "l3", "l4"}) || *dead.At != "2026-11-23T07:00:00Z" || dead.Better != nil {
		t.Errorf("%+v", dead)
	}
	if *moved.Better != "https://b.example.org/rendez-vous" {
		t.Errorf("%+v", moved)
	}
	sum := lineOf[linkSummary](t, lines[8])
	if sum.Places != 13 || sum.Unlinked != 1 || sum.Links != 9 || sum.Left != 0 || sum.Verdicts[linkcheck.Good] != 1 || sum.Verdicts[linkcheck.Moved] != 2 {
		t.Errorf("%+v", sum)
	}
}

func TestTwoFilesShareWhatIsAsked(t *testing.T) {
	x := newTerminal(t)
	const head = "id,nom,commune,code_postal,adresse,prise_rdv\n"
	one := x.file("un.csv", head+"l1,Lieu,Die,26150,1 rue,https://a.example.org/rdv\n")
	two := x.file("deux.csv", head+"m1,Lieu,Die,26150,1 rue,https://a.example.org/rdv\n,Sans id,Die,26150,1 rue,\n")
	w := &internet{}
	out, _, err := x.checkLinks(t.Context(), w.options(t), one, filepath.Join(t.TempDir(), "none.csv"), two)
	if err == nil || !strings.Contains(err.Error(), "none.csv") || !strings.Contains(out, one+"  mort") || !strings.Contains(out, two+"  mort") {
		t.Errorf("%s%v", out, err)
	}
	if want := []string{"GET a.example.org/robots.txt", "HEAD a.example.org/rdv", "GET a.example.org/rdv"}; !slices.Equal(w.asked, want) {
		t.Errorf("asked %q, want %q", w.asked, want)
	}
	_, _, err = x.checkLinks(t.Context(), w.options(t), "--strict", one, two)
	if err == nil || strings.Count(err.Error(), "1 lien(s) à corriger") != 2 || !strings.Contains(err.Error(), two+" : 1 ligne(s) refusée(s)") {
		t.Errorf("--strict: %v", err)
	}
}

func TestAnInterruptedCheckLeavesWhatItFound(t *testing.T) {
	x := newTerminal(t)
	file, journal := x.file("lieux.csv", placesWithLinks), filepath.Join(t.TempDir(), "liens.jsonl")
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	w := someInternet()
	o := w.options(t)
	o.Hosts = 1
	pauses := 0
	o.Sleep = func(ctx context.Context, _ time.Duration) error {
		if pauses++; pauses == 4 { // d.example.org needs one, a.example.org two; b.example.org is in the middle
			interrupt()
		}
		return ctx.Err()
	}
	out, _, err := x.checkLinks(ctx, o, "--reprise", journal, file)
	if err == nil || !strings.Contains(err.Error(), "interrompu") || !strings.Contains(out, "mort") || !strings.Contains(out, "5 pas regardés") || strings.Contains(out, "inconnu") {
		t.Errorf("interrupted:\n%s%v", out, err)
	}
	if text, err := os.ReadFile(journal); err != nil || strings.Count(string(text), "\n") != 2 {
		t.Errorf("%s, %v", text, err)
	}
	o = w.options(t)
	w.asked = nil
	out, errs, err := x.checkLinks(t.Context(), o, "--progres", "--reprise", journal, file)
	if err != nil || !strings.Contains(out, "1 mort, 2 redirige, 1 accueil, 1 http, 1 inconnu, 1 interdit, 1 bon") {
		t.Errorf("again:\n%s%v", out, err)
	}
	for _, q := range w.asked {
		if strings.Contains(q, "a.example.org") || strings.Contains(q, "d.example.org") {
			t.Errorf("%s, which is known", q)
		}
	}
	if lines := strings.Split(errs, "\n"); len(lines) != 8 || lines[0] != "1/7 liens, hôtes restants : 5" || lines[6] != "7/7 liens, hôtes restants : 0" {
		t.Errorf("progress:\n%s", errs)
	}
}

func TestProgressOnATerminalIsOneLine(t *testing.T) {
	var b strings.Builder
	s := progress{to: &b, terminal: true, total: 2}
	s.show(1, 1)
	s.show(2, 0)
	s.end()
	if want := "\r\x1b[K1/2 liens, hôtes restants : 1\r\x1b[K2/2 liens, hôtes restants : 0\r\x1b[K"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "x"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if isTerminal(file) || isTerminal(&b) {
		t.Error("a file is no terminal")
	}
}

// The whole command, where no name can be looked for.
func TestCheckLinksAsItIsCalled(t *testing.T) {
	resolver := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no network") }}
	t.Cleanup(func() { net.DefaultResolver = resolver })
	x := newTerminal(t)
	file := x.file("lieux.csv", placesWithLinks)
	out := x.ok("check", "--links", file)
	if !strings.Contains(out, "(1 secret, 1 accueil, 1 http, 6 inconnu)") || !strings.Contains(out, "que la passerelle ne suit pas") {
		t.Errorf("%s", out)
	}
	code, out, errs := x.run("check", "--links", "--strict", "--json", "--reprise", filepath.Join(t.TempDir(), "liens.jsonl"), file)
	if code != 1 || !strings.Contains(errs, "à corriger") || strings.Contains(out+errs, "CANARI99") {
		t.Errorf("--strict: exit %d\n%s%s", code, out, errs)
	}
	for _, args := range [][]string{
		{"--reprise", "x", file},
		{"--age", "1h", file},
		{"--progres", file},
		{"--links", "--age", "-1h", file},
		{"--links", "--reprise", file, file}, // a file of places is no journal
		{"--links", filepath.Join(t.TempDir(), "none.csv")},
	} {
		if code, out, errs := x.run(append([]string{"check"}, args...)...); code != 1 || errs == "" || out != "" {
			t.Errorf("%v: exit %d, %q, %q", args, code, out, errs)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != placesWithLinks {
		t.Errorf("the file of places was written to: %v", err)
	}
}

func TestEveryRealLinkGetsAVerdict(t *testing.T) {
	file := filepath.Join("..", "..", "..", "shared", "data", "lieux-paca-2023-05.csv")
	if _, err := os.Stat(file); err != nil {
		t.Skip("the file of real places is not here")
	}
	w := &internet{pages: map[string]string{
		"www.rdv-aide-numerique.fr/robots.txt":                          "robots User-agent: *\nDisallow: /\nAllow: /$\n",
		"www.udaf83.fr/les-services-aux-familles/conseiller-numerique/": "301 https://www.udaf83.fr/conseiller-numerique/",
		"www.udaf83.fr/conseiller-numerique/":                           "200",
		"anpep.fr/":                                                     "200",
		"openagenda.com/robots.txt":                                     "500",
		"avenir-84.org/":                                                "403",
		"letierslieudecarpentras.fr/robots":                             "200",
	}}
	x := newTerminal(t)
	journal := filepath.Join(t.TempDir(), "liens.jsonl")
	out, _, err := x.checkLinks(t.Context(), w.options(t), "--json", "--reprise", journal, file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	sum := lineOf[linkSummary](t, lines[len(lines)-1])
	if got := fmt.Sprint(sum.Places, sum.Links, sum.Unlinked, sum.Left, sum.Verdicts); got != "47 11 0 0 map[bon:1 inconnu:2 interdit:5 mort:2 redirige:1]" {
		t.Errorf("summary: %s", got)
	}
	places := 2 // anpep.fr, which is good
	for _, line := range lines[:len(lines)-1] {
		places += len(lineOf[linkLine](t, line).Places)
	}
	text, err := os.ReadFile(journal)
	if err != nil || strings.Count(string(text), "\n") != 11 || places != 47 {
		t.Errorf("%d places have a verdict, want 47; the journal:\n%s%v", places, text, err)
	}
	for _, q := range w.asked {
		if strings.Contains(q, "rdv-aide-numerique.fr/org") {
			t.Errorf("%s, which robots.txt forbids", q)
		}
	}
}
