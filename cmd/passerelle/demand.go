package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"strconv"

	"passerelle/booking"
	"passerelle/booking/directory"
)

func (p program) demandOf(ctx context.Context, args []string) error {
	f := p.flags("demand", "[--from MOIS] [--to MOIS] [--csv]", `Montre ce qui a été cherché par mois, EPCI et service, et le mieux que la recherche a trouvé : creneau (avec le délai, en jours,
du premier), lien, contact, rien, aucun_lieu. Un nombre de recherches sous cinq n'est pas dit. Un mois se lit fini, à partir du 2 du suivant.
Exemple : passerelle demand --from 2026-10 --to 2027-01 --csv > recherches.csv`)
	path := f.String("config", "", "fichier de configuration (YAML)")
	from := f.String("from", "", "premier mois : 2026-11, ou 2026-11-01 ; le dernier qui est fini par défaut")
	to := f.String("to", "", "fin, non comprise : 2026-12, ou 2026-12-01")
	asCSV := f.Bool("csv", false, "un tableau CSV, ses titres en tête")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		first, end := g.demand.LastMonth()
		var err error
		if *from != "" {
			if first, err = booking.ParseMonth("from", *from); err != nil {
				return err
			}
		}
		if *to != "" {
			if end, err = booking.ParseMonth("to", *to); err != nil {
				return err
			}
		}
		lines, err := g.demand.Report(ctx, first, end)
		switch {
		case err != nil:
			return err
		case *asCSV:
			return p.demandTable(lines)
		}
		for _, l := range lines {
			where := cmp.Or(directory.EPCIName(l.EPCI), l.EPCI, "EPCI inconnu")
			fmt.Fprintf(p.out, "%s  %s  %s  %s %s  %s\n", l.Month, where, cmp.Or(l.Service, "tout service"), l.Outcome, l.Wait, numberOf(l))
		}
		return nil
	})
}

func (p program) demandTable(lines []booking.DemandLine) error {
	w := csv.NewWriter(p.out)
	rows := [][]string{{"mois", "code_epci", "epci", "service", "resultat", "delai", "nombre"}}
	for _, l := range lines {
		rows = append(rows, []string{
			string(l.Month), l.EPCI, directory.EPCIName(l.EPCI), l.Service, string(l.Outcome), string(l.Wait), numberOf(l),
		})
	}
	return w.WriteAll(rows)
}

// numberOf is how many, as far as it is told.
func numberOf(l booking.DemandLine) string {
	if l.Few {
		return "<" + strconv.Itoa(booking.Fewest)
	}
	return strconv.Itoa(l.Number)
}
