package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"passerelle/booking"
)

func (p program) request(ctx context.Context, args []string) error {
	return p.action(ctx, "request", args, map[string]func(context.Context, []string) error{
		"list":   p.requestList,
		"show":   p.requestShow,
		"accept": func(ctx context.Context, args []string) error { return p.decide(ctx, "accept", args) },
		"refuse": func(ctx context.Context, args []string) error { return p.decide(ctx, "refuse", args) },
	})
}

type requestLine struct {
	ID      string `json:"id"`
	Place   string `json:"lieu_id"`
	Agenda  string `json:"agenda"`
	Motif   string `json:"motif"`
	Start   string `json:"debut"`
	Expires string `json:"expire_le"`
}

func (p program) requestList(ctx context.Context, args []string) error {
	f := p.flags("request list", "[--json]", "Montre les demandes auxquelles une structure doit encore répondre.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	asJSON := f.Bool("json", false, "une ligne de JSON par demande")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		waiting, err := g.ledger.Requests(ctx)
		if err != nil {
			return err
		}
		for _, a := range waiting {
			zone := g.zoneOfAgenda(a.Agenda)
			l := requestLine{
				a.ID, a.Place, a.Agenda, a.Motif.Label, a.StartTime().In(zone).Format(time.RFC3339), a.Expires.In(zone).Format(time.RFC3339),
			}
			if *asJSON {
				if err := p.line(l); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(p.out, "%s  %s  %s  %s  (réponse avant %s)\n", l.ID, l.Place, l.Motif, l.Start, l.Expires)
		}
		return nil
	})
}

// requestShow prints all that is kept of an appointment: the one place where a terminal shows personal data.
func (p program) requestShow(ctx context.Context, args []string) error {
	f := p.flags("request show", "ID", "Montre tout d'un rendez-vous, avec la personne et le prescripteur, pour le transmettre à la structure, ou à la personne.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	return p.inOffice(ctx, *path, func(g *gateway) error {
		a, err := g.ledger.AnyAppointment(ctx, f.Arg(0))
		if err != nil {
			return err
		}
		zone := g.zoneOfAgenda(a.Agenda)
		when := "heure inconnue"
		if !a.Interval.Empty() {
			when = "le " + a.StartTime().In(zone).Format("02/01/2006 à 15:04")
		}
		fmt.Fprintf(p.out, "%s  %s\nlieu : %s\nmotif : %s, %s\n", a.ID, a.Status.Wire(), a.Place, a.Motif.Label, when)
		if agenda, ok := g.agendas.ByID(a.Agenda); ok {
			fmt.Fprintf(p.out, "structure : %s\n", agenda.Notice)
		}
		if a.Details != nil {
			describe(p.out, *a.Details, zone)
		}
		return nil
	})
}

// describe writes all that is kept of the persons of an appointment.
func describe(w io.Writer, d booking.Details, zone *time.Location) {
	consent := ""
	if !d.Consent.At.IsZero() {
		consent = d.Consent.At.In(zone).Format("le 02/01/2006 à 15:04")
	}
	b, p := d.Beneficiary, d.Prescriber
	for _, l := range []struct {
		name string
		said []string
	}{
		{"personne", []string{string(b.FirstName), string(b.LastName), string(b.Phone), string(b.Email)}},
		{"adresse", []string{string(b.Address)}},
		{"langue", []string{b.Language}},
		{"prévenue par", []string{string(b.Contact)}},
		{"référence", []string{b.Reference}},
		{"besoin", append(slices.Clone(d.Need.Services), string(d.Need.Details))},
		{"accueil", d.Reception},
		{"prescripteur", []string{string(p.FirstName), string(p.LastName), p.Quality, string(p.Email), string(p.Phone)}},
		{"structure du prescripteur", []string{p.StructureName, p.StructureSIRET}},
		{"consentement", []string{d.Consent.Mode, consent, d.Consent.Reference}},
		{"raison de la fin", []string{string(d.EndReason)}},
		{"page", []string{string(d.Page)}},
	} {
		said := slices.DeleteFunc(slices.Clone(l.said), func(s string) bool { return s == "" })
		if len(said) > 0 {
			fmt.Fprintf(w, "%s : %s\n", l.name, strings.Join(said, ", "))
		}
	}
}

// zoneOfAgenda is the wall clock of an agenda; UTC once it is gone.
func (g *gateway) zoneOfAgenda(id string) *time.Location {
	if a, ok := g.agendas.ByID(id); ok && a.Zone != nil {
		return a.Zone
	}
	return time.UTC
}

func (p program) decide(ctx context.Context, word string, args []string) error {
	f := p.flags("request "+word, "ID", "Répond à une demande à la place de la structure, qui l'a dit par ailleurs.")
	path := f.String("config", "", "fichier de configuration (YAML)")
	reason := f.String("reason", "", "raison d'un refus, pour le prescripteur")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	return p.inGateway(ctx, *path, func(g *gateway) error { // a yes may have to be written to the agenda of a place
		a, err := g.service.Decide(ctx, f.Arg(0), word == "accept", booking.Words(*reason))
		if err == nil {
			fmt.Fprintln(p.out, a.ID, a.Status.Wire())
		}
		return err
	})
}
