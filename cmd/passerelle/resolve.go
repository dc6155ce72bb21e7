package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"passerelle/connectors"
	"passerelle/connectors/all"
)

// resolved is a line of "resolve --json".
type resolved struct {
	URL       string            `json:"url"`
	Connector *string           `json:"connecteur"`
	Mode      connectors.Mode   `json:"mode"`
	Link      *string           `json:"lien"`
	IDs       map[string]string `json:"identifiants"`
	Secret    bool              `json:"secret"`
	Reason    string            `json:"raison"`
}

func (p program) resolve(ctx context.Context, args []string) error {
	f := p.flags("resolve", "[--ask] [--json] URL…", `Dit quel connecteur reconnaît chaque lien, le lien canonique, les identifiants trouvés, et pourquoi.
Sans --ask, aucune requête n'est faite. Un lien personnel (avec un secret) est refusé et masqué.`)
	asJSON := f.Bool("json", false, "une ligne de JSON par lien")
	ask := f.Bool("ask", false, "demander au logiciel où mène le lien, s'il en dit plus que l'adresse (aucune page n'est lue)")
	if err := parse(f, args, 1, -1); err != nil {
		return err
	}
	registry := all.Registry()
	look := func(raw string) connectors.Resolution { return registry.Resolve(raw) }
	if *ask {
		env, err := p.outside()
		if err != nil {
			return err
		}
		look = func(raw string) connectors.Resolution { return located(ctx, registry, raw, env) }
	}
	for _, raw := range f.Args() {
		r := look(raw)
		shown := connectors.Redact(raw)
		if *asJSON {
			if err := p.line(resolved{shown, text(r.Connector), r.Mode, text(r.Link), orEmpty(r.IDs), r.Secret, r.Reason}); err != nil {
				return err
			}
			continue
		}
		p.show(shown, r)
	}
	return nil
}

// outside is what a connector may use of the world, for a command that needs nothing else of the gateway.
func (p program) outside() (connectors.Env, error) {
	c, err := p.configuration("")
	if err != nil {
		return connectors.Env{}, err
	}
	logger := slog.New(slog.DiscardHandler)
	client, err := client(c, logger, p.now)
	return connectors.Env{HTTP: client, Logger: logger, Now: p.now}, err
}

// located is what a link leads to; where that cannot be known, what it says by itself, and why no more.
func located(ctx context.Context, r *connectors.Registry, raw string, env connectors.Env) connectors.Resolution {
	found, err := r.Locate(ctx, raw, env)
	if err != nil {
		found.Reason += " " + unlocated(err)
	}
	return found
}

func unlocated(err error) string {
	switch connectors.KindOf(err) {
	case connectors.NotFound:
		return "Demandé à son logiciel, ce lien ne mène plus à rien."
	case connectors.Unsupported:
		return "Demandé à son logiciel, ce lien mène ailleurs qu'à une page publique."
	}
	return "Son logiciel n'a pas dit où mène ce lien : " + err.Error()
}

func (p program) show(shown string, r connectors.Resolution) {
	name := r.Connector
	if name == "" {
		name = "aucun connecteur"
	}
	fmt.Fprintf(p.out, "%s\n  %s, mode %s : %s\n", shown, name, r.Mode, r.Reason)
	if r.Link != "" {
		fmt.Fprintf(p.out, "  lien : %s\n", r.Link)
	}
	for _, k := range slices.Sorted(maps.Keys(r.IDs)) {
		fmt.Fprintf(p.out, "  %s : %s\n", k, r.IDs[k])
	}
}

// text is nil where there is nothing to say.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
