package main

import (
	"context"
	"fmt"
	"time"

	"passerelle/booking"
)

// outboxLine is a line of "outbox --json". It holds no personal data: only who is told, of what, and how.
type outboxLine struct {
	ID          int64               `json:"id"`
	Appointment string              `json:"rendez_vous"`
	To          booking.Actor       `json:"a"`
	About       booking.Topic       `json:"objet"`
	Channel     booking.Channel     `json:"canal"`
	State       booking.NoticeState `json:"etat"`
	Created     string              `json:"cree_le"`
	Due         string              `json:"prevu_le"`
}

func (p program) outbox(ctx context.Context, args []string) error {
	f := p.flags("outbox", "[--all] [--json]", "Montre les messages qui attendent d'être envoyés, du plus ancien au plus récent.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	everything := f.Bool("all", false, "montre aussi ceux qui n'attendent plus")
	asJSON := f.Bool("json", false, "une ligne de JSON par message")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		list, err := g.ledger.Notices(ctx, !*everything)
		if err != nil {
			return err
		}
		for _, n := range list {
			l := outboxLine{n.ID, n.Appointment, n.To, n.About, n.Channel, n.State, n.Created.Format(time.RFC3339), n.Due.Format(time.RFC3339)}
			if *asJSON {
				if err := p.line(l); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(p.out, "%d  %s  à %s par %s : %s (%s)  %s\n", l.ID, l.Due, l.To, l.Channel, l.About, l.State, l.Appointment)
		}
		return nil
	})
}
