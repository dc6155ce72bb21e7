package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"passerelle/auth"
	"passerelle/config"
)

// newPartner is what "partner add --json" says; the secret is shown this once.
type newPartner struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
	Name   string `json:"nom"`
	Scopes string `json:"portees"`
}

type partnerLine struct {
	ID      string  `json:"client_id"`
	Name    string  `json:"nom"`
	Scopes  string  `json:"portees"`
	Created string  `json:"cree_le"`
	Revoked *string `json:"revoque_le"`
}

func (p program) partner(ctx context.Context, args []string) error {
	return p.action(ctx, "partner", args, map[string]func(context.Context, []string) error{
		"add": p.partnerAdd, "list": p.partnerList, "revoke": p.partnerRevoke,
	})
}

func (p program) partnerAdd(ctx context.Context, args []string) error {
	f := p.flags("partner add", "[--scopes PORTÉES] NOM", "Enregistre une plateforme partenaire. Son secret est montré une seule fois.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	scopes := f.String("scopes", auth.AllScopes().String(), "portées, séparées par des espaces")
	asJSON := f.Bool("json", false, "un objet JSON")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	granted, err := auth.ParseScopes(*scopes)
	if err != nil {
		return fmt.Errorf("portées inconnues ; celles qui existent : %s", auth.AllScopes())
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		made, err := g.addPartner(ctx, f.Arg(0), granted)
		if err != nil {
			return err
		}
		if *asJSON {
			return p.line(made)
		}
		fmt.Fprintf(p.out, "client_id     : %s\nclient_secret : %s\n\nLe secret n'est montré que cette fois : il n'est gardé nulle part.\n", made.ID, made.Secret)
		return nil
	})
}

func (g *gateway) addPartner(ctx context.Context, name string, scopes auth.Scopes) (newPartner, error) {
	secret := auth.NewSecret(randomness)
	made := auth.Partner{
		ID: auth.NewPartnerID(randomness), Name: name, Scopes: scopes,
		SecretHashes: [][]byte{g.keys.HashSecret(secret)}, CreatedAt: g.now(),
	}
	return newPartner{made.ID, secret, name, scopes.String()}, g.ledger.AddPartner(ctx, made)
}

func (p program) partnerList(ctx context.Context, args []string) error {
	f := p.flags("partner list", "[--json]", "")
	path := f.String("config", "", "fichier de configuration (YAML)")
	asJSON := f.Bool("json", false, "une ligne de JSON par partenaire")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		list, err := g.ledger.Partners(ctx)
		if err != nil {
			return err
		}
		for _, x := range list {
			l := partnerLine{x.ID, x.Name, x.Scopes.String(), x.CreatedAt.Format(time.RFC3339), nil}
			if !x.RevokedAt.IsZero() {
				l.Revoked = text(x.RevokedAt.Format(time.RFC3339))
			}
			if *asJSON {
				if err := p.line(l); err != nil {
					return err
				}
				continue
			}
			state := "actif"
			if l.Revoked != nil {
				state = "révoqué le " + *l.Revoked
			}
			fmt.Fprintf(p.out, "%s  %s  (%s)  %s\n", l.ID, l.Name, state, l.Scopes)
		}
		return nil
	})
}

func (p program) partnerRevoke(ctx context.Context, args []string) error {
	f := p.flags("partner revoke", "CLIENT_ID", "Révoque un partenaire : ses jetons et son secret ne valent plus rien.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		err := g.ledger.RevokePartner(ctx, f.Arg(0), p.now())
		if errors.Is(err, auth.ErrUnknownPartner) {
			return fmt.Errorf("aucun partenaire ne porte l'identifiant %s", f.Arg(0))
		}
		if err == nil {
			fmt.Fprintln(p.out, "révoqué ; une passerelle en marche en tient compte dans les dix secondes")
		}
		return err
	})
}

// inOffice opens what an operator's command needs, and closes it whatever happens. Places and the file's agendas are
// left alone: a command acts on what is kept.
func (p program) inOffice(ctx context.Context, path string, do func(*gateway) error) error {
	c, err := p.configuration(path)
	if err != nil {
		return err
	}
	c.Sources, c.Agendas, c.Log.Level = nil, nil, max(c.Log.Level, slog.LevelWarn)
	return p.with(ctx, c, do)
}

// inGateway opens the places too.
func (p program) inGateway(ctx context.Context, path string, do func(*gateway) error) error {
	c, err := p.configuration(path)
	if err != nil {
		return err
	}
	c.Log.Level = max(c.Log.Level, slog.LevelWarn)
	return p.with(ctx, c, do)
}

func (p program) with(ctx context.Context, c config.Config, do func(*gateway) error) error {
	g, err := p.open(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(do(g), g.Close())
}
