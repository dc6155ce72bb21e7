package main

import (
	"context"
	"flag"
	"fmt"
	"regexp"
	"strings"

	"passerelle/auth"
)

// departement is a code: two digits, 2A, 2B, or three digits overseas.
var departement = regexp.MustCompile(`^([0-9]{2}|2[AB]|9[78][0-9])$`)

// territoryFlags reads where a partner may act; without them, everywhere.
func territoryFlags(f *flag.FlagSet) *auth.Territory {
	t := &auth.Territory{}
	f.Func("departements", "codes des départements où il agit, séparés par des virgules ; partout sans cela ni --lieux", func(raw string) error {
		for _, code := range parted(raw) {
			if !departement.MatchString(code) {
				return fmt.Errorf("%q n'est pas un code de département, comme 26, 2A ou 974", code)
			}
			t.Departments = append(t.Departments, code)
		}
		return nil
	})
	f.Func("lieux", "identifiants des lieux où il agit, séparés par des virgules", func(raw string) error {
		t.Places = append(t.Places, parted(raw)...)
		return nil
	})
	return t
}

// parted are the parts of a list that say something.
func parted(raw string) (parts []string) {
	for part := range strings.SplitSeq(raw, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

func (p program) partnerTerritory(ctx context.Context, args []string) error {
	f := p.flags("partner territory", "[--departements 26,07] [--lieux ID,ID] CLIENT_ID", `Dit où un partenaire agit : aux lieux de ces départements, et à ces lieux-là ; sans option, partout. Les autres lieux n'existent
pas pour lui. Ses rendez-vous déjà pris restent les siens.`)
	territory := territoryFlags(f)
	path := f.String("config", "", "fichier de configuration (YAML)")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		err := g.changePartner(ctx, f.Arg(0), func(x *auth.Partner) error { x.Territory = *territory; return nil })
		if err != nil {
			return err
		}
		fmt.Fprintln(p.out, "fait ; une passerelle en marche en tient compte dans les dix secondes")
		return nil
	})
}

// where says in words where a partner may act.
func where(t auth.Territory) string {
	if t.Everywhere() {
		return "partout"
	}
	return strings.Join(append(t.Departments, t.Places...), ", ")
}
