package main

import (
	"context"
	"fmt"
	"time"
)

func (p program) request(ctx context.Context, args []string) error {
	return p.action(ctx, "request", args, map[string]func(context.Context, []string) error{
		"list":   p.requestList,
		"accept": func(ctx context.Context, args []string) error { return p.decide(ctx, "accept", args) },
		"refuse": func(ctx context.Context, args []string) error { return p.decide(ctx, "refuse", args) },
	})
}

type requestLine struct {
	ID      string `json:"id"`
	Place   string `json:"lieu_id"`
	Agenda  string `json:"agenda"`
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
			l := requestLine{a.ID, a.Place, a.Agenda, a.StartTime().Format(time.RFC3339), a.Expires.Format(time.RFC3339)}
			if *asJSON {
				if err := p.line(l); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(p.out, "%s  %s  %s  (réponse avant %s)\n", l.ID, l.Place, l.Start, l.Expires)
		}
		return nil
	})
}

func (p program) decide(ctx context.Context, word string, args []string) error {
	f := p.flags("request "+word, "ID", "Répond à une demande à la place de la structure, qui l'a dit par ailleurs.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	reason := f.String("reason", "", "raison d'un refus, pour le prescripteur")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		a, err := g.service.Decide(ctx, f.Arg(0), word == "accept", *reason)
		if err == nil {
			fmt.Fprintln(p.out, a.ID, a.Status.Wire())
		}
		return err
	})
}
