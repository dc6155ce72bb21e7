package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"passerelle/booking/volatile"
)

// finding is one line of "doctor --json": something that was looked at, how it is, and what to do about it.
type finding struct {
	What   string `json:"sujet"`
	State  string `json:"etat"` // bon, attention, mauvais
	Detail string `json:"detail"`
}

const (
	good    = "bon"
	warning = "attention"
	bad     = "mauvais"
)

func (p program) doctor(ctx context.Context, args []string) error {
	f := p.flags("doctor", "[--json]", "Examine la configuration, le registre et ce dont ils dépendent. Le code de sortie est 1 si quelque chose est mauvais.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	asJSON := f.Bool("json", false, "une ligne de JSON par sujet")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	failed := false
	err := p.withLedger(ctx, *path, func(g *gateway) error {
		for _, n := range g.examine(ctx) {
			failed = failed || n.State == bad
			if *asJSON {
				if err := p.line(n); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(p.out, "%-10s %-12s %s\n", n.State, n.What, n.Detail)
		}
		return nil
	})
	if err == nil && failed {
		err = fmt.Errorf("quelque chose est mauvais")
	}
	return err
}

func (g *gateway) examine(ctx context.Context) []finding {
	out := []finding{g.examineConfig()}
	out = append(out, g.examineLedger(ctx)...)
	return append(out, g.examineDisk(), g.examineRedis(ctx), g.examineMail())
}

func (g *gateway) examineConfig() finding {
	if err := g.config.CheckServe(); err != nil {
		return finding{"configuration", bad, err.Error()}
	}
	if len(g.config.Sources) == 0 {
		return finding{"configuration", bad, "aucun fichier de lieux : donnez la clé « lieux »"}
	}
	return finding{"configuration", good, "complète"}
}

func (g *gateway) examineLedger(ctx context.Context) []finding {
	c, err := g.ledger.Check(ctx)
	if err != nil {
		return []finding{{"registre", bad, "le registre est abîmé : " + err.Error() + " ; arrêtez la passerelle et remettez une sauvegarde"}}
	}
	out := []finding{{"registre", good, fmt.Sprintf("%s, entier ; %d rendez-vous, aucun chevauchement", c.Engine, c.Appointments)}}
	count := func(what string, n int, state, text string) {
		if n > 0 {
			out = append(out, finding{what, state, fmt.Sprintf(text, n)})
		}
	}
	count("clés", c.Unreadable, bad, "%d rendez-vous dont les données n'ont plus de clé : remettez une sauvegarde des clés de moins de sept jours")
	count("à traiter", c.Todo, warning, "%d rendez-vous que seul un humain peut régler : passerelle todo")
	count("agendas", c.Overdue, warning, "%d écritures dues à des agendas attendent depuis plus de cinq minutes : la passerelle tourne-t-elle ?")
	count("messages", c.Notices, warning, "%d messages attendent d'être envoyés : passerelle outbox")
	count("messages", c.Failed, warning, "%d messages n'ont pu être remis à personne : passerelle outbox --all")
	count("webhooks", c.Webhooks, warning, "%d webhooks n'aboutissent pas")
	return out
}

// examineDisk measures what a durable commit waits for.
func (g *gateway) examineDisk() finding {
	if g.config.Database != "" {
		return finding{"disque", good, "la durabilité est l'affaire de PostgreSQL : synchronous_commit doit être « on »"}
	}
	name := filepath.Join(g.config.DataDir, ".examen")
	file, err := os.Create(name)
	if err != nil {
		return finding{"disque", bad, "le dossier de données ne peut pas être écrit : " + err.Error()}
	}
	defer os.Remove(name)
	defer file.Close()
	const times = 10
	began := g.now()
	for range times {
		if _, err := file.Write(make([]byte, 4096)); err != nil {
			return finding{"disque", bad, err.Error()}
		}
		if err := file.Sync(); err != nil {
			return finding{"disque", bad, err.Error()}
		}
	}
	each := g.now().Sub(began) / times
	state := good
	if each > 50*time.Millisecond {
		state = warning
	}
	return finding{"disque", state, fmt.Sprintf("une écriture durable prend %s", each.Round(10*time.Microsecond))}
}

func (g *gateway) examineRedis(ctx context.Context) finding {
	if g.config.Redis == "" && g.config.Database != "" {
		return finding{"redis", warning, "aucun : si plusieurs instances se partagent la base, l'assertion d'une plateforme qui signe peut servir une fois par instance"}
	}
	if g.config.Redis == "" {
		return finding{"redis", good, "aucun : ce qui peut se perdre est en mémoire, pour une seule instance"}
	}
	volatile.LogTo(g.logger)
	client, err := volatile.Connect(string(g.config.Redis))
	if err != nil {
		return finding{"redis", bad, "son adresse ne peut pas être comprise"}
	}
	defer client.Close()
	if err := client.Ping(ctx).Err(); err != nil {
		return finding{"redis", warning, "il ne répond pas : les instances travaillent en double, et les plateformes qui signent n'ont pas de jeton"}
	}
	return finding{"redis", good, "il répond"}
}

func (g *gateway) examineMail() finding {
	if g.config.Mail.Host == "" {
		return finding{"courriel", warning, "aucun serveur : les messages attendent, et personne n'est prévenu par la passerelle"}
	}
	return finding{"courriel", good, "par " + g.config.Mail.Host}
}
