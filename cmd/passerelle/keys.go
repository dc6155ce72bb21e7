package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"passerelle/auth"
)

// keyLine is one line of "keys list --json".
type keyLine struct {
	KID        string  `json:"kid"`
	Generation int     `json:"generation"`
	State      string  `json:"etat"` // a_venir, signe, publiee, retiree
	Published  *string `json:"publiee_le"`
	SignsFrom  *string `json:"signe_a_partir_de"`
	EndsAt     *string `json:"signe_jusqu_a"`
	RetiredAt  *string `json:"retiree_le"`
}

func (p program) keysOf(ctx context.Context, args []string) error {
	return p.action(ctx, "keys", args, map[string]func(context.Context, []string) error{
		"list": p.keysList, "rotate": p.keysRotate,
	})
}

func (p program) keysRotate(ctx context.Context, args []string) error {
	f := p.flags("keys rotate", "[--delay DURÉE]", `Prévoit une nouvelle clé pour signer les jetons. Elle est publiée tout de suite, signe au bout du délai, et l'ancienne reste publiée le temps
que ses jetons finissent. Rien à redémarrer : chaque instance le lit dans le registre.`)
	path := f.String("config", "", "fichier de configuration (YAML)")
	delay := f.Duration("delay", auth.DefaultDelay, "temps entre sa publication et sa première signature")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	if *delay < auth.MinDelay {
		return fmt.Errorf("le délai est d'une minute au moins : il faut que toutes les instances connaissent la clé avant qu'elle signe")
	}
	return p.withLedger(ctx, *path, func(g *gateway) error {
		made, err := g.ledger.Rotate(ctx, func(list []auth.Generation) (auth.Generation, error) {
			return auth.NextGeneration(list, p.now(), *delay)
		})
		if errors.Is(err, auth.ErrRotating) {
			return errors.New("une rotation est déjà prévue et n'a pas encore pris effet : voyez « passerelle keys list »")
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "kid : %s\nElle est publiée, et signera à partir du %s.\n", g.keys.KID(made.Number), made.SignsFrom.Format(time.RFC3339))
		return nil
	})
}

func (p program) keysList(ctx context.Context, args []string) error {
	f := p.flags("keys list", "[--json]", "Montre les clés qui signent les jetons : passées, présente et à venir.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	asJSON := f.Bool("json", false, "une ligne de JSON par clé")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	return p.withLedger(ctx, *path, func(g *gateway) error {
		list, err := g.ledger.Generations(ctx)
		if err != nil {
			return err
		}
		for _, t := range auth.Terms(list) {
			l := keyLine{g.keys.KID(t.Number), t.Number, stateOfKey(t, p.now()), moment(t.PublishedAt), moment(t.SignsFrom), moment(t.EndsAt), moment(t.RetiredAt)}
			if *asJSON {
				if err := p.line(l); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(p.out, "%d  %s  %s%s%s\n", l.Generation, l.KID, keyStates[l.State], since(" à partir du ", t.SignsFrom), since(", retirée le ", t.RetiredAt))
		}
		return nil
	})
}

var keyStates = map[string]string{"a_venir": "publiée, signera", "signe": "signe", "publiee": "ne signe plus, encore publiée ; signait", "retiree": "ne vaut plus ; signait"}

func stateOfKey(t auth.Term, now time.Time) string {
	switch {
	case t.Retired(now):
		return "retiree"
	case t.Signs(now):
		return "signe"
	case now.Before(t.SignsFrom):
		return "a_venir"
	}
	return "publiee"
}

func since(words string, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return words + at.Format(time.RFC3339)
}

func moment(at time.Time) *string {
	if at.IsZero() {
		return nil
	}
	return text(at.Format(time.RFC3339))
}
