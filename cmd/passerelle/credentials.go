package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"passerelle/auth"
)

// newSecret is what "partner secret add --json" says; the secret is shown this once.
type newSecret struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
}

func (p program) partnerSecret(ctx context.Context, args []string) error {
	return p.action(ctx, "partner", args, map[string]func(context.Context, []string) error{
		"add": p.secretAdd, "remove": p.secretRemove,
	})
}

func (p program) partnerKey(ctx context.Context, args []string) error {
	return p.action(ctx, "partner", args, map[string]func(context.Context, []string) error{
		"add": p.keyAdd, "remove": p.keyRemove,
	})
}

func (p program) secretAdd(ctx context.Context, args []string) error {
	f := p.flags("partner secret add", "[--json] CLIENT_ID", `Donne un second secret à un partenaire, montré une seule fois : les deux valent, jusqu'à « partner secret remove ». Un secret se remplace ainsi
sans que rien s'arrête.`)
	path := f.String("config", "", "fichier de configuration (YAML)")
	asJSON := f.Bool("json", false, "un objet JSON")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	secret := auth.NewSecret(randomness)
	return p.inOffice(ctx, *path, func(g *gateway) error {
		err := g.changePartner(ctx, f.Arg(0), func(x *auth.Partner) error { return x.AddSecret(g.keys.HashSecret(secret)) })
		if err != nil {
			return err
		}
		if *asJSON {
			return p.line(newSecret{f.Arg(0), secret})
		}
		fmt.Fprintf(p.out, "client_secret : %s\n\nLe secret n'est montré que cette fois. Quand la plateforme s'en sert : passerelle partner secret remove %s\n", secret, f.Arg(0))
		return nil
	})
}

func (p program) secretRemove(ctx context.Context, args []string) error {
	f := p.flags("partner secret remove", "[--newest] CLIENT_ID", "Retire le plus ancien secret d'un partenaire ; avec --newest, le plus récent.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	newest := f.Bool("newest", false, "le plus récent, pas le plus ancien")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		return p.removed(g.changePartner(ctx, f.Arg(0), func(x *auth.Partner) error { return x.RemoveSecret(*newest) }), f.Arg(0))
	})
}

func (p program) keyAdd(ctx context.Context, args []string) error {
	f := p.flags("partner key add", "CLIENT_ID FICHIER.jwk", `Ajoute une clé publique avec laquelle la plateforme signe ses demandes de jeton (private_key_jwt) : un JWK, Ed25519 ou P-256. Trois au plus
à la fois. Sans « kid », la clé est nommée par son empreinte (RFC 7638).`)
	path := f.String("config", "", "fichier de configuration (YAML)")
	if err := parse(f, args, 2, 2); err != nil {
		return err
	}
	key, err := readKey(f.Arg(1))
	if err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		if err := g.changePartner(ctx, f.Arg(0), func(x *auth.Partner) error { return x.AddKey(key) }); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "kid : %s\nalg : %s\n", key.KID, key.Alg)
		return nil
	})
}

func (p program) keyRemove(ctx context.Context, args []string) error {
	f := p.flags("partner key remove", "CLIENT_ID KID", "Retire une clé publique d'un partenaire.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	if err := parse(f, args, 2, 2); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		return p.removed(g.changePartner(ctx, f.Arg(0), func(x *auth.Partner) error { return x.RemoveKey(f.Arg(1)) }), f.Arg(0))
	})
}

func (p program) removed(err error, partner string) error {
	if err == nil {
		fmt.Fprintf(p.out, "retiré. Les jetons déjà donnés finissent en cinq minutes au plus ; pour les arrêter : passerelle partner revoke --tokens %s\n", partner)
	}
	return err
}

// readKey reads a public key. What the file holds is in no error: it may be a private key.
func readKey(path string) (auth.PartnerKey, error) {
	file, err := os.Open(path)
	if err != nil {
		return auth.PartnerKey{}, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, 64<<10))
	if err != nil {
		return auth.PartnerKey{}, err
	}
	key, err := auth.ParsePartnerKey(text)
	switch {
	case errors.Is(err, auth.ErrPrivateKey):
		return key, fmt.Errorf("%s contient une clé privée : personne d'autre que la plateforme ne doit l'avoir. Demandez-lui d'en faire une autre, et sa partie publique seule", path)
	case err != nil:
		return key, fmt.Errorf("%s n'est pas une clé publique JWK, de type OKP (Ed25519) ou EC (P-256), pour signer : %s", path, strings.TrimPrefix(err.Error(), "auth: "))
	}
	return key, nil
}

// changePartner changes the secrets and keys of a partner, or says in words why it cannot.
func (g *gateway) changePartner(ctx context.Context, id string, change func(*auth.Partner) error) error {
	err := g.ledger.ChangePartner(ctx, id, change)
	switch {
	case errors.Is(err, auth.ErrUnknownPartner):
		return unknownPartner(id)
	case errors.Is(err, auth.ErrTooMany):
		return fmt.Errorf("ce partenaire en a déjà autant qu'il peut (%d secrets, %d clés) : retirez-en d'abord", auth.MaxSecrets, auth.MaxKeys)
	case errors.Is(err, auth.ErrKeyNameUsed):
		return errors.New("ce partenaire a déjà une clé de ce nom (kid)")
	case errors.Is(err, auth.ErrNotFound):
		return errors.New("ce partenaire n'en a pas")
	case errors.Is(err, auth.ErrLast):
		return fmt.Errorf("c'est tout ce qu'il a pour s'identifier : donnez-lui d'abord un autre secret ou une autre clé, ou révoquez-le (passerelle partner revoke %s)", id)
	}
	return err
}

func unknownPartner(id string) error {
	return fmt.Errorf("aucun partenaire ne porte l'identifiant %s", id)
}
