package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"passerelle/booking"
)

func (p program) request(ctx context.Context, args []string) error {
	return p.action(ctx, "request", args, map[string]func(context.Context, []string) error{
		"list":   p.requestList,
		"show":   p.requestShow,
		"accept": func(ctx context.Context, args []string) error { return p.decide(ctx, "accept", args) },
		"refuse": func(ctx context.Context, args []string) error { return p.decide(ctx, "refuse", args) },
	})
}

type requestLine struct {
	ID      string `json:"id"`
	Place   string `json:"lieu_id"`
	Agenda  string `json:"agenda"`
	Motif   string `json:"motif"`
	Start   string `json:"debut"`
	Expires string `json:"expire_le"`
}

func (p program) requestList(ctx context.Context, args []string) error {
	f := p.flags("request list", "[--json]", "Montre les demandes auxquelles une structure doit encore répondre.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	asJSON := f.Bool("json", false, "une ligne de JSON par demande")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		waiting, err := g.ledger.Requests(ctx)
		if err != nil {
			return err
		}
		for _, a := range waiting {
			zone := g.zoneOfAgenda(a.Agenda)
			l := requestLine{
				a.ID, a.Place, a.Agenda, a.Motif.Label, a.StartTime().In(zone).Format(time.RFC3339), a.Expires.In(zone).Format(time.RFC3339),
			}
			if *asJSON {
				if err := p.line(l); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(p.out, "%s  %s  %s  %s  (réponse avant %s)\n", l.ID, l.Place, l.Motif, l.Start, l.Expires)
		}
		return nil
	})
}

// requestShow prints what the structure must know to answer: the one place where a terminal shows personal data.
func (p program) requestShow(ctx context.Context, args []string) error {
	f := p.flags("request show", "ID", "Montre une demande entière, avec la personne et le prescripteur, pour la transmettre à la structure.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		a, err := g.ledger.AnyAppointment(ctx, f.Arg(0))
		if err != nil {
			return err
		}
		zone, d := g.zoneOfAgenda(a.Agenda), a.Details
		fmt.Fprintf(p.out, "%s  %s\nlieu : %s\nmotif : %s, le %s\n", a.ID, a.Status.Wire(), a.Place, a.Motif.Label, a.StartTime().In(zone).Format("02/01/2006 à 15:04"))
		if agenda, ok := g.agendas.ByID(a.Agenda); ok {
			fmt.Fprintf(p.out, "structure : %s\n", agenda.Notice)
		}
		if d == nil {
			return nil
		}
		fmt.Fprintf(p.out, "personne : %s %s %s %s\nbesoin : %s %s\nprescripteur : %s %s %s %s %s\n",
			string(d.Beneficiary.FirstName), string(d.Beneficiary.LastName), string(d.Beneficiary.Phone), string(d.Beneficiary.Email),
			strings.Join(d.Need.Services, ", "), string(d.Need.Details), string(d.Prescriber.FirstName), string(d.Prescriber.LastName),
			d.Prescriber.StructureName, string(d.Prescriber.Email), string(d.Prescriber.Phone))
		return nil
	})
}

// zoneOfAgenda is the wall clock of an agenda; UTC once it is gone.
func (g *gateway) zoneOfAgenda(id string) *time.Location {
	if a, ok := g.agendas.ByID(id); ok && a.Zone != nil {
		return a.Zone
	}
	return time.UTC
}

func (p program) decide(ctx context.Context, word string, args []string) error {
	f := p.flags("request "+word, "ID", "Répond à une demande à la place de la structure, qui l'a dit par ailleurs.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	reason := f.String("reason", "", "raison d'un refus, pour le prescripteur")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	return p.inGateway(ctx, *path, func(g *gateway) error { // a yes may have to be written to the agenda of a place
		a, err := g.service.Decide(ctx, f.Arg(0), word == "accept", booking.Words(*reason))
		if err == nil {
			fmt.Fprintln(p.out, a.ID, a.Status.Wire())
		}
		return err
	})
}
