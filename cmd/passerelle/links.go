package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"passerelle/booking"
	"passerelle/config"
	"passerelle/connectors"
	"passerelle/connectors/all"
	"passerelle/connectors/egress"
	"passerelle/connectors/linkcheck"
)

// linkFlags are those of "check --links".
type linkFlags struct {
	on, progress, strict, asJSON *bool
	journal                      *string
	age                          *time.Duration
}

func linkFlagsOf(f *flag.FlagSet) linkFlags {
	return linkFlags{
		on:       f.Bool("links", false, "regarde par le réseau si les liens de prise de rendez-vous sont vivants"),
		journal:  f.String("reprise", "", "avec --links : fichier où noter chaque résultat, et reprendre ; ce qui y est récent n'est pas redemandé"),
		age:      f.Duration("age", 24*time.Hour, "avec --links : âge auquel un résultat noté est redemandé ; un « inconnu » l'est toujours"),
		progress: f.Bool("progres", false, "avec --links : montre l'avancement, même quand la sortie d'erreur n'est pas un terminal"),
	}
}

// check refuses what would have no effect.
func (l linkFlags) check(f *flag.FlagSet) (err error) {
	f.Visit(func(given *flag.Flag) {
		if slices.Contains([]string{"reprise", "age", "progres"}, given.Name) && !*l.on {
			err = booking.InvalidField(given.Name, "ne vaut qu'avec --links")
		}
	})
	if *l.age < 0 {
		err = booking.InvalidField("age", "ne peut pas être négatif")
	}
	return err
}

// linkClient has more time than others have, for pages are slow, and lets pages of any size begin: none is read.
func linkClient(c config.Config) (*http.Client, error) {
	return egress.New(egress.Options{
		AllowHTTP: c.Egress.HTTPHosts, AllowAddresses: c.Egress.AllowedAddresses, Version: version, Logger: slog.New(slog.DiscardHandler),
		Timeout: 20 * time.Second, AnswerIn: 15 * time.Second, MaxBody: 1 << 40, PerHost: 1,
	})
}

// links checks the links of files over the network.
func (p program) links(ctx context.Context, paths []string, l linkFlags) error {
	c, err := p.configuration("")
	if err != nil {
		return err
	}
	client, err := linkClient(c)
	if err != nil {
		return err
	}
	o := linkcheck.Options{Client: client, Registry: all.Registry(), Now: p.now, Age: *l.age}
	if *l.journal != "" {
		if o.Journal, err = linkcheck.OpenJournal(*l.journal); err != nil {
			return err
		}
	}
	return errors.Join(p.checkLinks(ctx, o, paths, l), o.Journal.Close())
}

func (p program) checkLinks(ctx context.Context, o linkcheck.Options, paths []string, l linkFlags) error {
	var failures []error
	var sources []*linkSource
	var ask []string
	for _, path := range paths {
		s, err := readLinks(o.Registry, path)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		sources, ask = append(sources, s), append(ask, s.undecided()...)
	}
	slices.Sort(ask)
	ask = slices.Compact(ask)
	results := map[string]linkcheck.Result{}
	shown := p.progress(l, len(ask))
	err := linkcheck.Check(ctx, o, ask, func(r linkcheck.Result, hosts int) error {
		results[r.Link] = r
		shown.show(len(results), hosts)
		return nil
	})
	shown.end()
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrompu : tous les liens n'ont pas été regardés")
	}
	failures = append(failures, err)
	for _, s := range sources {
		s.settle(results)
		if err := p.reportLinks(s, *l.asJSON); err != nil {
			return err
		}
		if *l.strict {
			failures = append(failures, s.faults()...)
		}
	}
	return errors.Join(failures...)
}

// linkSource is one file, and the links in it.
type linkSource struct {
	path     string
	rejected int // rows
	places   int // that have a prise_rdv
	unlinked int // of them, those whose prise_rdv is no page that can be looked at
	links    []*publishedLink
}

// publishedLink is one link and the ids of the places that publish it. Without a verdict it was not looked at.
type publishedLink struct {
	result linkcheck.Result
	places []string
}

func readLinks(registry *connectors.Registry, path string) (*linkSource, error) {
	places, report, err := readPlaces(path)
	if err != nil {
		return nil, err
	}
	s := &linkSource{path: path, rejected: len(report.Rejected)}
	known := map[string]*publishedLink{} // by canonical link; by what is written where that is a secret
	for i := range places {
		raw := places[i].BookingURL
		if raw == "" {
			continue
		}
		s.places++
		shape := linkcheck.Shape(registry, raw)
		if shape.Link == "" && shape.Verdict == "" {
			s.unlinked++
			continue
		}
		key := cmp.Or(shape.Link, raw)
		if known[key] == nil {
			known[key] = &publishedLink{result: shape}
			s.links = append(s.links, known[key])
		}
		known[key].places = append(known[key].places, places[i].ID)
	}
	return s, nil
}

// undecided are the links whose text does not decide.
func (s *linkSource) undecided() (list []string) {
	for _, l := range s.links {
		if l.result.Verdict == "" {
			list = append(list, l.result.Link)
		}
	}
	return list
}

// settle takes over the results and sorts the links, those first that most need somebody.
func (s *linkSource) settle(results map[string]linkcheck.Result) {
	for _, l := range s.links {
		if r, ok := results[l.result.Link]; ok && l.result.Verdict == "" {
			l.result = r
		}
	}
	order := linkcheck.Verdicts()
	slices.SortStableFunc(s.links, func(a, b *publishedLink) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.result.Verdict), slices.Index(order, b.result.Verdict)),
			cmp.Compare(len(b.places), len(a.places)), strings.Compare(a.result.Link, b.result.Link),
		)
	})
}

// faults are what --strict fails for.
func (s *linkSource) faults() (list []error) {
	if s.rejected > 0 {
		list = append(list, rejectedRows(s.path, s.rejected))
	}
	n := 0
	for _, l := range s.links {
		if l.result.Verdict.ToMend() {
			n++
		}
	}
	if n > 0 {
		list = append(list, fmt.Errorf("%s : %d lien(s) à corriger", s.path, n))
	}
	return list
}

// linkLine is a line of "check --links --json" for a link that is not good.
type linkLine struct {
	Source  string            `json:"source"`
	Link    *string           `json:"lien"` // null where it is somebody's secret
	Verdict linkcheck.Verdict `json:"verdict"`
	Detail  string            `json:"detail"`
	Better  *string           `json:"adresse"` // to publish instead
	Places  []string          `json:"lieux"`
	At      *string           `json:"quand"` // null where the text of the link decides
}

// linkSummary is the last line of a source.
type linkSummary struct {
	Source   string                    `json:"source"`
	Places   int                       `json:"prise_rdv"`
	Unlinked int                       `json:"sans_lien"`
	Links    int                       `json:"liens"`
	Verdicts map[linkcheck.Verdict]int `json:"verdicts"`
	Left     int                       `json:"restants"`
}

// reportLinks shows what is not good, then a summary.
func (p program) reportLinks(s *linkSource, asJSON bool) error {
	sum := linkSummary{Source: s.path, Places: s.places, Unlinked: s.unlinked, Links: len(s.links), Verdicts: map[linkcheck.Verdict]int{}}
	for _, l := range s.links {
		if l.result.Verdict == "" {
			sum.Left++
			continue
		}
		sum.Verdicts[l.result.Verdict]++
		if l.result.Verdict == linkcheck.Good {
			continue
		}
		if !asJSON {
			fmt.Fprintf(p.out, "%s  %s\n", s.path, l)
			continue
		}
		line := linkLine{s.path, text(l.result.Link), l.result.Verdict, l.result.Detail, text(l.result.Better), l.places, nil}
		if !l.result.At.IsZero() {
			line.At = text(l.result.At.Format(time.RFC3339))
		}
		if err := p.line(line); err != nil {
			return err
		}
	}
	if asJSON {
		return p.line(sum)
	}
	_, err := fmt.Fprintln(p.out, sum)
	return err
}

// shownPlaces is how many ids of places a person is shown for one link; --json has them all.
const shownPlaces = 3

func (l *publishedLink) String() string {
	who := strings.Join(l.places, ", ")
	if len(l.places) > shownPlaces {
		who = fmt.Sprintf("%d lieux", len(l.places))
	}
	s := fmt.Sprintf("%-8s  %s  (%s)  %s", l.result.Verdict, cmp.Or(l.result.Link, "lien personnel, masqué"), who, l.result.Detail)
	if l.result.Better != "" {
		s += " Publiez plutôt : " + l.result.Better
	}
	return s
}

func (s linkSummary) String() string {
	var counts []string
	for _, v := range linkcheck.Verdicts() {
		if n := s.Verdicts[v]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, v))
		}
	}
	if s.Left > 0 {
		counts = append(counts, fmt.Sprintf("%d pas regardés", s.Left))
	}
	text := fmt.Sprintf("%s : %d lieux ont une prise de rendez-vous, %d liens", s.Source, s.Places, s.Links)
	if len(counts) > 0 {
		text += " (" + strings.Join(counts, ", ") + ")"
	}
	if s.Unlinked > 0 {
		text += fmt.Sprintf(" ; sans page à regarder : %d (passerelle resolve dit pourquoi)", s.Unlinked)
	}
	return text
}

// progress is what a person sees while she waits: one line that changes on a terminal, lines elsewhere.
type progress struct {
	to       io.Writer // nil shows nothing
	terminal bool
	total    int
}

func (p program) progress(l linkFlags, total int) progress {
	shown := progress{total: total, terminal: isTerminal(p.err)}
	if shown.terminal || *l.progress {
		shown.to = p.err
	}
	return shown
}

func (s progress) show(done, hosts int) {
	if s.to == nil {
		return
	}
	before, after := "", "\n"
	if s.terminal {
		before, after = "\r\x1b[K", ""
	}
	fmt.Fprintf(s.to, "%s%d/%d liens, hôtes restants : %d%s", before, done, s.total, hosts, after)
}

// end clears the line.
func (s progress) end() {
	if s.to != nil && s.terminal {
		fmt.Fprint(s.to, "\r\x1b[K")
	}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
