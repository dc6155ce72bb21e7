package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"passerelle/booking"
	"passerelle/config"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// agendaLine never shows the address of a feed: it is a secret.
type agendaLine struct {
	ID        string               `json:"id"`
	Name      string               `json:"nom"`
	Connector string               `json:"connecteur"`
	Guarantee connectors.Guarantee `json:"garantie"`
	Places    []string             `json:"lieux"`
	Links     []string             `json:"liens"`
	Motifs    []string             `json:"motifs"`
	Paused    bool                 `json:"en_pause"`
	Origin    booking.Origin       `json:"origine"`
	Version   int                  `json:"version"`
}

func (p program) agenda(ctx context.Context, args []string) error {
	return p.action(ctx, "agenda", args, map[string]func(context.Context, []string) error{
		"add": p.agendaAdd, "list": p.agendaList, "test": p.agendaTest, "consent": p.agendaConsent,
		"pause":  func(ctx context.Context, args []string) error { return p.agendaPause(ctx, "pause", args) },
		"resume": func(ctx context.Context, args []string) error { return p.agendaPause(ctx, "resume", args) },
	})
}

func (p program) agendaAdd(ctx context.Context, args []string) error {
	f := p.flags("agenda add", "FICHIER", `Raccorde les agendas que décrit un fichier YAML (la même forme que la clé « agendas » de la configuration),
ou remplace ceux qui portent le même id. Un agenda déjà raccordé sous un autre id reste le même : il gagne les lieux et motifs.`)
	path := f.String("config", "", "fichier de configuration (YAML)")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	data, err := os.ReadFile(f.Arg(0))
	if err != nil {
		return err
	}
	seeds, err := config.ParseAgendas(data)
	if err != nil {
		return err
	}
	if err := config.ReadFiles(seeds, os.ReadFile); err != nil {
		return err
	}
	return p.founder().inGateway(ctx, *path, func(g *gateway) error {
		declared, err := g.connections(seeds)
		if err != nil {
			return err
		}
		for _, c := range declared {
			c.Origin = booking.FromOperator
			kept, err := g.agendas.Put(ctx, c)
			if err != nil {
				return fmt.Errorf("%s : %w", c.Agenda, err)
			}
			fmt.Fprintln(p.out, kept)
			if kept != c.Agenda {
				fmt.Fprintf(p.err, "%s est le même agenda que %s : ses lieux et motifs y sont ajoutés\n", c.Agenda, kept)
			}
		}
		g.warnOfUnknownPlaces()
		return nil
	})
}

func (p program) agendaList(ctx context.Context, args []string) error {
	f := p.flags("agenda list", "[--json]", "")
	path := f.String("config", "", "fichier de configuration (YAML)")
	asJSON := f.Bool("json", false, "une ligne de JSON par agenda")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	return p.inGateway(ctx, *path, func(g *gateway) error {
		for _, a := range g.agendas.All() {
			l := agendaLine{
				ID: a.Agenda, Name: a.Name, Connector: a.Connector, Guarantee: a.Guarantee(), Places: orNone(a.Places), Links: orNone(a.Links),
				Motifs: []string{}, Paused: a.Paused, Origin: a.Origin, Version: a.Version,
			}
			for _, m := range a.Motifs {
				l.Motifs = append(l.Motifs, m.ID)
			}
			if *asJSON {
				if err := p.line(l); err != nil {
					return err
				}
				continue
			}
			state := ""
			if l.Paused {
				state = "  (en pause)"
			}
			fmt.Fprintf(p.out, "%s%s  %s, %s\n  lieux : %s\n  motifs : %s\n", l.ID, state, l.Connector, l.Guarantee,
				strings.Join(append(l.Places, l.Links...), ", "), strings.Join(l.Motifs, ", "))
		}
		return nil
	})
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (p program) agendaPause(ctx context.Context, word string, args []string) error {
	f := p.flags("agenda "+word, "ID", "Arrête (pause) ou reprend (resume) les réservations d'un agenda. Ses rendez-vous ne changent pas.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		if err := g.agendas.Pause(ctx, f.Arg(0), word == "pause"); err != nil {
			return err
		}
		fmt.Fprintln(p.out, "fait ; une passerelle en marche en tient compte dans les cinq secondes")
		return nil
	})
}

// consentFor is how long the link that asks for a consent is good.
const consentFor = 7 * 24 * time.Hour

func (p program) agendaConsent(ctx context.Context, args []string) error {
	f := p.flags("agenda consent", "ID", `Donne le lien, bon sept jours, par lequel un agent de la structure autorise la passerelle dans son logiciel de rendez-vous.
Transmettez-le-lui : qui l'ouvre peut autoriser la passerelle avec son propre compte.`)
	path := f.String("config", "", "fichier de configuration (YAML)")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	return p.inGateway(ctx, *path, func(g *gateway) error {
		links, err := g.consentLinks()
		if err != nil {
			return err
		}
		if _, err := g.service.Consent(f.Arg(0), g.config.PublicURL, "essai"); err != nil {
			return err
		}
		fmt.Fprintln(p.out, links.Link(f.Arg(0), p.now().Add(consentFor)))
		return nil
	})
}

func (p program) agendaTest(ctx context.Context, args []string) error {
	f := p.flags("agenda test", "ID", "Lit l'agenda maintenant et dit ce qu'il en est, sans rien réserver.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	return p.inGateway(ctx, *path, func(g *gateway) error {
		a, ok := g.agendas.ByID(f.Arg(0))
		if !ok {
			return fmt.Errorf("aucun agenda ne porte l'identifiant %s", f.Arg(0))
		}
		return p.testAgenda(ctx, a)
	})
}

// testPage says where an agenda leads that books on its own page, and whether its structure has let the gateway in.
func (p program) testPage(ctx context.Context, a *booking.Agenda) error {
	handoffer, ok := a.Diary.(connectors.Handoffer)
	if !ok {
		return errors.New("cet agenda ne mène à aucune page")
	}
	link, err := handoffer.Handoff(ctx, connectors.HandoffRequest{Prescriber: true})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s : oriente vers %s\n", a.Connector, link.URL)
	consenter, ok := a.Diary.(connectors.Consenter)
	if !ok {
		return nil
	}
	if err := consenter.Granted(ctx); err != nil {
		fmt.Fprintf(p.out, "%s : la passerelle n'y est pas autorisée : %s\n", a.Connector, explain(err))
		return fmt.Errorf("personne ne peut y être invité : transmettez à la structure le lien que donne « passerelle agenda consent %s »", a.Agenda)
	}
	fmt.Fprintf(p.out, "%s : la passerelle y est autorisée ; les personnes y sont invitées\n", a.Connector)
	return nil
}

// testAgenda reads each diary by itself, so that the one that fails is named.
func (p program) testAgenda(ctx context.Context, a *booking.Agenda) error {
	if a.Guarantee() == connectors.Handoff {
		return p.testPage(ctx, a)
	}
	now := p.now()
	q := connectors.Query{Window: interval.Of(now, now.AddDate(0, 0, 14))}
	zone := cmp.Or(a.Zone, time.UTC)
	diaries := append([]connectors.Agenda{a.Diary}, a.Beside...)
	names := []string{a.Connector}
	for _, b := range a.Connection.Beside {
		names = append(names, b.Connector+" (à côté)")
	}
	var failed error
	for i, d := range diaries {
		r, err := d.Read(ctx, q)
		if err != nil {
			fmt.Fprintf(p.out, "%s : lecture impossible : %s\n", names[i], explain(err))
			failed = errors.Join(failed, err)
			continue
		}
		fmt.Fprintf(p.out, "%s : lu ; sur 14 jours, %d plages occupées, %d plages ouvertes, %d doutes (heures : %s)\n", names[i], len(r.Busy), len(r.Open), len(r.Doubt), zone)
		for _, d := range r.Doubt {
			fmt.Fprintf(p.out, "  du %s au %s : %s\n", d.StartTime().In(zone).Format("02/01 15:04"), d.EndTime().In(zone).Format("02/01 15:04"), d.Reason)
		}
	}
	if failed != nil {
		return errors.New("l'agenda n'est pas lisible : ses lieux sont « inconnu »")
	}
	return nil
}
