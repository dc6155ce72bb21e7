package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"passerelle/auth"
	"passerelle/config"
)

// newPartner is what "partner add --json" says; the secret is shown this once.
type newPartner struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret,omitempty"`
	Name   string `json:"nom"`
	Scopes string `json:"portees"`
}

type partnerLine struct {
	ID        string         `json:"client_id"`
	Name      string         `json:"nom"`
	Scopes    string         `json:"portees"`
	Territory auth.Territory `json:"territoire"` // empty: everywhere
	Secrets   int            `json:"secrets"`
	Keys      []string       `json:"cles"` // kid
	Created   string         `json:"cree_le"`
	Revoked   *string        `json:"revoque_le"`
}

func (p program) partner(ctx context.Context, args []string) error {
	return p.action(ctx, "partner", args, map[string]func(context.Context, []string) error{
		"add": p.partnerAdd, "list": p.partnerList, "revoke": p.partnerRevoke, "secret": p.partnerSecret, "key": p.partnerKey,
		"territory": p.partnerTerritory,
	})
}

func (p program) partnerAdd(ctx context.Context, args []string) error {
	f := p.flags("partner add", "[--scopes PORTÉES] [--key FICHIER.jwk] [--departements 26,07] [--lieux ID,ID] NOM", `Enregistre une plateforme partenaire. Son secret est montré une seule fois ; avec --key, elle n'en a pas et
signe ses demandes de jeton avec la clé dont voici la partie publique.`)
	path := f.String("config", "", "fichier de configuration (YAML)")
	scopes := f.String("scopes", auth.AllScopes().String(), "portées, séparées par des espaces")
	key := f.String("key", "", "clé publique (JWK), au lieu d'un secret")
	territory := territoryFlags(f)
	asJSON := f.Bool("json", false, "un objet JSON")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	var keys []auth.PartnerKey
	if *key != "" {
		read, err := readKey(*key)
		if err != nil {
			return err
		}
		keys = append(keys, read)
	}
	granted, err := auth.ParseScopes(*scopes)
	if err != nil {
		return fmt.Errorf("portées inconnues ; celles qui existent : %s", auth.AllScopes())
	}
	return p.founder().inOffice(ctx, *path, func(g *gateway) error {
		made, err := g.addPartner(ctx, auth.Partner{Name: f.Arg(0), Scopes: granted, Keys: keys, Territory: *territory})
		if err != nil {
			return err
		}
		if *asJSON {
			return p.line(made)
		}
		if made.Secret == "" {
			fmt.Fprintf(p.out, "client_id : %s\nkid       : %s\n", made.ID, keys[0].KID)
			return nil
		}
		fmt.Fprintf(p.out, "client_id     : %s\nclient_secret : %s\n\nLe secret n'est montré que cette fois : il n'est gardé nulle part.\n", made.ID, made.Secret)
		return nil
	})
}

// addPartner gives a secret to a partner that comes without a key.
func (g *gateway) addPartner(ctx context.Context, made auth.Partner) (newPartner, error) {
	made.ID, made.CreatedAt = auth.NewPartnerID(randomness), g.now()
	secret := ""
	if len(made.Keys) == 0 {
		secret = auth.NewSecret(randomness)
		made.SecretHashes = [][]byte{g.keys.HashSecret(secret)}
	}
	return newPartner{made.ID, secret, made.Name, made.Scopes.String()}, g.ledger.AddPartner(ctx, made)
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
			l := partnerLine{x.ID, x.Name, x.Scopes.String(), x.Territory, len(x.SecretHashes), make([]string, len(x.Keys)), x.CreatedAt.Format(time.RFC3339), nil}
			for i, k := range x.Keys {
				l.Keys[i] = k.KID
			}
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
			fmt.Fprintf(p.out, "%s  %s  (%s)  %s  agit : %s  secrets : %d  clés : %s\n", l.ID, l.Name, state, l.Scopes, where(l.Territory), l.Secrets, cmp.Or(strings.Join(l.Keys, " "), "aucune"))
		}
		return nil
	})
}

func (p program) partnerRevoke(ctx context.Context, args []string) error {
	f := p.flags("partner revoke", "[--tokens] CLIENT_ID", `Révoque un partenaire : ses jetons, ses secrets et ses clés ne valent plus rien, pour toujours. Avec --tokens, seuls les jetons donnés jusqu'à
maintenant ne valent plus rien ; il peut en demander d'autres.`)
	tokens := f.Bool("tokens", false, "seulement les jetons donnés jusqu'à maintenant")
	path := f.String("config", "", "fichier de configuration (YAML)")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		var err error
		if *tokens {
			err = g.endTokens(ctx, f.Arg(0))
		} else {
			err = g.ledger.RevokePartner(ctx, f.Arg(0), p.now())
		}
		if errors.Is(err, auth.ErrUnknownPartner) {
			return unknownPartner(f.Arg(0))
		}
		if err == nil {
			fmt.Fprintln(p.out, "révoqué ; une passerelle en marche en tient compte dans les dix secondes")
		}
		return err
	})
}

// endTokens refuses the tokens that a partner was given until now. Their date of issue is in whole seconds.
func (g *gateway) endTokens(ctx context.Context, id string) error {
	return g.ledger.ChangePartner(ctx, id, func(x *auth.Partner) error {
		x.NotBefore = g.now().Truncate(time.Second).Add(time.Second)
		return nil
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
	if g.founded {
		fmt.Fprintf(p.err, "%s n'avait pas de registre : un nouveau y commence\n", c.DataDir)
	}
	return errors.Join(do(g), g.Close())
}
