package main

import (
	"context"
	"fmt"
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

func (p program) resolve(_ context.Context, args []string) error {
	f := p.flags("resolve", "[--json] URL…", `Dit quel connecteur reconnaît chaque lien, le lien canonique, les identifiants trouvés, et pourquoi.
Aucune requête n'est faite. Un lien personnel (avec un secret) est refusé et masqué.`)
	asJSON := f.Bool("json", false, "une ligne de JSON par lien")
	if err := parse(f, args, 1, -1); err != nil {
		return err
	}
	registry := all.Registry()
	for _, raw := range f.Args() {
		r := registry.Resolve(raw)
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
