package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
)

type accountLine struct {
	ID       string   `json:"id"`
	Provider string   `json:"fournisseur"` // empty: by mail
	Address  string   `json:"courriel"`
	Name     string   `json:"nom"`
	MayBook  bool     `json:"peut_reserver"`
	Operator bool     `json:"exploitant"`
	Places   []string `json:"lieux"`
	Seen     string   `json:"vu_le"`
}

func (p program) account(ctx context.Context, args []string) error {
	return p.action(ctx, "account", args, map[string]func(context.Context, []string) error{
		"list": p.accountList, "approve": p.accountApprove, "operator": p.accountOperator, "place": p.accountPlace, "erase": p.accountErase,
	})
}

func (p program) accountList(ctx context.Context, args []string) error {
	f := p.flags("account list", "[--waiting] [--json]", "Liste les personnes qui se sont connectées aux pages. Avec --waiting, celles qui ne peuvent pas encore réserver.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	waiting := f.Bool("waiting", false, "seulement celles qui ne peuvent pas encore réserver")
	asJSON := f.Bool("json", false, "une ligne de JSON par compte")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	return p.atDesk(ctx, *path, func(g *gateway, desk *signin.Desk) error {
		list, err := g.ledger.Accounts(ctx)
		if err != nil {
			return err
		}
		for _, a := range list {
			may, err := desk.MayBook(ctx, a)
			if err != nil {
				return err
			}
			if *waiting && may {
				continue
			}
			if err := p.accountShown(a, may, *asJSON); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p program) accountShown(a signin.Account, may, asJSON bool) error {
	if asJSON {
		return p.line(accountLine{a.ID, a.Issuer, a.Address, a.Name, may, a.Operator, append([]string{}, a.Places...), a.Seen.Format(time.RFC3339)})
	}
	state := "attend"
	if may {
		state = "peut réserver"
	}
	if a.Operator {
		state += ", exploitant"
	}
	_, err := fmt.Fprintf(p.out, "%s  %s  (%s)  par : %s  lieux : %s  vu le %s\n", a.ID, strings.TrimSpace(a.Name+" "+a.Address), state,
		cmp.Or(a.Issuer, "courriel"), cmp.Or(strings.Join(a.Places, ", "), "aucun"), a.Seen.Format(time.DateOnly))
	return err
}

func (p program) accountApprove(ctx context.Context, args []string) error {
	f := p.flags("account approve", "[--remove] [ADRESSE|@DOMAINE…]", `Permet de réserver à qui se connecte avec cette adresse de courriel, ou avec une adresse de ce domaine. Sans argument, liste ce
qui est approuvé.`)
	path := f.String("config", "", "fichier de configuration (YAML)")
	remove := f.Bool("remove", false, "ne le permet plus")
	if err := parse(f, args, 0, 100); err != nil {
		return err
	}
	approvals := make([]string, f.NArg())
	for i, text := range f.Args() {
		var err error
		if approvals[i], err = signin.ParseApproval(text); err != nil {
			return fmt.Errorf("« %s » n'est ni une adresse de courriel ni un domaine (@example.org)", text)
		}
	}
	return p.atDesk(ctx, *path, func(g *gateway, desk *signin.Desk) error {
		if len(approvals) == 0 {
			list, err := g.ledger.Approvals(ctx)
			for _, what := range list {
				fmt.Fprintln(p.out, what)
			}
			return err
		}
		for _, what := range approvals {
			do := func() error { return g.ledger.Approve(ctx, desk.Approval(what), what) }
			if *remove {
				do = func() error { return g.ledger.Disapprove(ctx, desk.Approval(what)) }
			}
			switch err := do(); {
			case errors.Is(err, signin.ErrUnknown):
				return fmt.Errorf("%s n'est pas approuvé", what)
			case err != nil:
				return err
			}
		}
		return nil
	})
}

func (p program) accountOperator(ctx context.Context, args []string) error {
	f := p.flags("account operator", "[--remove] COMPTE", `Fait d'un compte celui d'un exploitant. Il ne peut agir comme tel que connecté par le fournisseur d'identité, avec plus qu'un mot
de passe.`)
	path := f.String("config", "", "fichier de configuration (YAML)")
	remove := f.Bool("remove", false, "il ne l'est plus")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	return p.onAccount(ctx, *path, func(g *gateway) error { return g.ledger.SetOperator(ctx, f.Arg(0), !*remove) })
}

func (p program) accountPlace(ctx context.Context, args []string) error {
	f := p.flags("account place", "[--remove] COMPTE LIEU", "Dit qu'un compte répond d'un lieu, quand le lieu n'a pas pu le dire lui-même.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	remove := f.Bool("remove", false, "il n'en répond plus")
	if err := parse(f, args, 2, 2); err != nil {
		return err
	}
	return p.onAccount(ctx, *path, func(g *gateway) error {
		if *remove {
			return g.ledger.AnswerForNoMore(ctx, f.Arg(0), f.Arg(1))
		}
		place := g.place(f.Arg(1))
		if place == nil {
			return fmt.Errorf("aucun lieu ne porte l'identifiant %s", f.Arg(1))
		}
		return g.ledger.AnswerFor(ctx, signin.Answering{Account: f.Arg(0), Place: place.ID, By: string(booking.TheOperator)})
	})
}

func (p program) accountErase(ctx context.Context, args []string) error {
	f := p.flags("account erase", "COMPTE", "Efface un compte, ses connexions et ses lieux. Qui se connecte de nouveau est un autre.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	return p.onAccount(ctx, *path, func(g *gateway) error { return g.ledger.EraseAccount(ctx, f.Arg(0)) })
}

func (p program) atDesk(ctx context.Context, path string, do func(*gateway, *signin.Desk) error) error {
	return p.inGateway(ctx, path, func(g *gateway) error {
		desk, err := g.openDesk(ctx)
		if err != nil {
			return err
		}
		return do(g, desk)
	})
}

// onAccount says in words that there is no such account, or that it does not have what was to be taken from it.
func (p program) onAccount(ctx context.Context, path string, do func(*gateway) error) error {
	err := p.inGateway(ctx, path, do)
	if errors.Is(err, signin.ErrUnknown) {
		return errors.New("il n'y a pas de tel compte, ou il n'a pas ce qui devait lui être retiré : « passerelle account list » les montre")
	}
	return err
}
