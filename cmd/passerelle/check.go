package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"passerelle/booking"
	"passerelle/booking/directory"
	"passerelle/connectors"
	"passerelle/connectors/all"
)

// checked is what "check --json" says of a file.
type checked struct {
	Places     int            `json:"lieux"`
	Rejected   int            `json:"rejetes"`
	Booking    int            `json:"prise_rdv"`
	Connectors map[string]int `json:"connecteurs"`
	Rejections []rejection    `json:"rejets"`
	Warnings   []rejection    `json:"avertissements"`
}

type rejection struct {
	Line   int    `json:"ligne"`
	Column string `json:"colonne"`
	Value  string `json:"valeur"`
	Reason string `json:"raison"`
}

// noConnector counts the places whose prise_rdv nobody recognises.
const noConnector = "aucun"

// shownWarnings is how many warnings a person is shown; --json has them all.
const shownWarnings = 20

func (p program) check(ctx context.Context, args []string) error {
	f := p.flags("check", "[--json] [--strict] [--links [--reprise FICHIER] [--age D] [--progres]] FICHIER…", `Lit un fichier au standard des lieux de médiation numérique (CSV ou JSON) et dit ce qui ne va pas.
Avec --links, regarde plutôt si chaque lien de prise de rendez-vous est vivant, par le réseau, poliment.
Le code de sortie est 1 quand un fichier ne peut pas être lu ; avec --strict, aussi quand une ligne est refusée,
ou quand un lien est à corriger.`)
	strict := f.Bool("strict", false, "échoue dès qu'une ligne est refusée ou qu'un lien est à corriger")
	asJSON := f.Bool("json", false, "un objet JSON par fichier ; avec --links, une ligne par lien à signaler, puis le bilan")
	links := linkFlagsOf(f)
	links.strict, links.asJSON = strict, asJSON
	if err := parse(f, args, 1, -1); err != nil {
		return err
	}
	if err := links.check(f); err != nil {
		return err
	}
	if *links.on {
		return p.links(ctx, f.Args(), links)
	}
	var failures []error
	for _, path := range f.Args() {
		c, err := checkFile(path)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		if *asJSON {
			err = p.line(c)
		} else {
			p.report(path, c)
		}
		if err != nil {
			return err
		}
		if *strict && c.Rejected > 0 {
			failures = append(failures, rejectedRows(path, c.Rejected))
		}
	}
	return errors.Join(failures...)
}

func rejectedRows(path string, n int) error {
	return fmt.Errorf("%s : %d ligne(s) refusée(s)", path, n)
}

func readPlaces(path string) ([]*booking.Place, directory.Report, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, directory.Report{}, err
	}
	defer file.Close()
	places, report, err := directory.Read(file, path)
	if err != nil {
		return nil, report, errors.New(path + " : " + explain(err))
	}
	return places, report, nil
}

func checkFile(path string) (checked, error) {
	places, report, err := readPlaces(path)
	if err != nil {
		return checked{}, err
	}
	c := checked{
		Places: len(places), Rejected: len(report.Rejected), Connectors: make(map[string]int),
		Rejections: rejections(report.Rejected), Warnings: rejections(report.Warnings),
	}
	registry := all.Registry()
	for _, p := range places {
		c.count(registry, p)
	}
	return c, nil
}

func (c *checked) count(registry *connectors.Registry, p *booking.Place) {
	if p.BookingURL == "" {
		return
	}
	c.Booking++
	r := registry.Resolve(p.BookingURL)
	if r.Connector == "" {
		r.Connector = noConnector
	}
	c.Connectors[r.Connector]++
	if r.Secret {
		c.Warnings = append(c.Warnings, rejection{Column: "prise_rdv", Value: p.ID, Reason: r.Reason})
	}
}

// rejections never shows somebody's secret: a link is redacted whatever its column.
func rejections(list []directory.Rejection) []rejection {
	out := make([]rejection, len(list))
	for i, r := range list {
		out[i] = rejection{r.Line, r.Column, connectors.Redact(r.Value), r.Reason}
	}
	return out
}

func (p program) report(path string, c checked) {
	fmt.Fprintf(p.out, "%s\n  %d lieux lus, %d lignes refusées, %d avertissements\n  %d lieux ont un lien de prise de rendez-vous :\n",
		path, c.Places, c.Rejected, len(c.Warnings), c.Booking)
	names := make([]string, 0, len(c.Connectors))
	for name := range c.Connectors {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return c.Connectors[b] - c.Connectors[a] })
	for _, name := range names {
		fmt.Fprintf(p.out, "    %-6s %d\n", name, c.Connectors[name])
	}
	for _, r := range c.Rejections {
		fmt.Fprintln(p.out, "  refusée :", r)
	}
	for i, r := range c.Warnings {
		if i == shownWarnings {
			fmt.Fprintf(p.out, "  … et %d autres avertissements (--json les donne tous)\n", len(c.Warnings)-i)
			break
		}
		fmt.Fprintln(p.out, "  avertissement :", r)
	}
}

func (r rejection) String() string {
	s := r.Reason
	if r.Column != "" {
		s = r.Column + " « " + r.Value + " » : " + s
	}
	if r.Line > 0 {
		s = fmt.Sprintf("ligne %d, %s", r.Line, s)
	}
	return s
}
