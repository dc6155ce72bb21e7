package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"passerelle/booking"
)

func (p program) todo(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "settle" {
		return p.todoSettle(ctx, args[1:])
	}
	return p.todoList(ctx, args)
}

// todoLine is a line of "todo --json". It holds no personal data.
type todoLine struct {
	ID     string `json:"id"`
	Place  string `json:"lieu_id"`
	Agenda string `json:"agenda"`
	Motif  string `json:"motif"`
	Start  string `json:"debut"`
	Since  string `json:"depuis"`
	Phone  string `json:"telephone"`
}

func (p program) todoList(ctx context.Context, args []string) error {
	f := p.flags("todo", "[--json]", `Montre les rendez-vous que seul un humain peut régler : l'agenda du lieu n'a pas dit ce qu'il en est. Appelez le lieu,
puis dites ce qu'il en est par « passerelle todo settle ID confirme|refuse|annule ».`)
	path := f.String("config", "", "fichier de configuration (YAML)")
	asJSON := f.Bool("json", false, "une ligne de JSON par rendez-vous")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	return p.inGateway(ctx, *path, func(g *gateway) error {
		list, err := g.ledger.Todo(ctx)
		if err != nil {
			return err
		}
		for _, a := range list {
			zone := g.zoneOfAgenda(a.Agenda)
			l := todoLine{
				ID: a.ID, Place: a.Place, Agenda: a.Agenda, Motif: a.Motif.Label, Since: a.Modified.In(zone).Format(time.RFC3339), Phone: g.phoneOf(a.Place),
			}
			if !a.Interval.Empty() {
				l.Start = a.StartTime().In(zone).Format(time.RFC3339)
			}
			if *asJSON {
				if err := p.line(l); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(p.out, "%s  %s (%s)  %s  %s  (depuis %s)\n", l.ID, l.Place, l.Phone, l.Motif, cmp.Or(l.Start, "heure inconnue"), l.Since)
		}
		return nil
	})
}

func (g *gateway) phoneOf(place string) string {
	if found := g.directory.Places(place); len(found) == 1 && found[0] != nil && found[0].Phone != "" {
		return found[0].Phone
	}
	return "téléphone inconnu"
}

func (p program) todoSettle(ctx context.Context, args []string) error {
	f := p.flags("todo settle", "ID confirme|refuse|annule", "Dit ce qu'un humain a appris d'un rendez-vous qu'aucune machine n'a pu régler.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	reason := f.String("reason", "", "raison, pour le prescripteur")
	if err := parse(f, args, 2, 2); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		a, err := g.service.SettleByHand(ctx, f.Arg(0), booking.Status(f.Arg(1)), booking.TheOperator, booking.Words(*reason))
		if err == nil {
			fmt.Fprintln(p.out, a.ID, a.Status.Wire())
		}
		return err
	})
}

// erase is how a person's right to be forgotten is carried out before its time.
func (p program) erase(ctx context.Context, args []string) error {
	f := p.flags("erase", "ID…", "Efface les données personnelles de rendez-vous, avant leur terme : leur clé est détruite, sauvegardes du registre comprises.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	if err := parse(f, args, 1, -1); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		for _, id := range f.Args() {
			if _, err := g.ledger.AnyAppointment(ctx, id); err != nil {
				return err
			}
			if err := g.ledger.Erase(ctx, id, string(booking.TheOperator)); err != nil {
				return err
			}
			fmt.Fprintln(p.out, id, "efface")
		}
		return nil
	})
}
