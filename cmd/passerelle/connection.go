package main

import (
	"crypto/rand"
	"fmt"
	"time"

	"passerelle/booking"
	"passerelle/booking/directory"
	"passerelle/config"
	"passerelle/connectors"
)

// randomness is where secrets and identifiers come from.
var randomness = rand.Reader

// connections turns what a file declares into what the domain keeps. An agenda without a time zone has that of its
// places; one whose places nobody knows must say it.
func (g *gateway) connections(seeds []config.AgendaSeed) ([]booking.Connection, error) {
	out := make([]booking.Connection, len(seeds))
	for i, s := range seeds {
		if s.Zone == nil {
			if s.Zone = g.zoneOf(s.Places); s.Zone == nil {
				return nil, fmt.Errorf("agenda %s : donnez « fuseau », car aucun de ses lieux n'est dans les fichiers de la clé « lieux »", s.ID)
			}
		}
		out[i] = connection(s)
		for j, m := range out[i].Motifs {
			services, err := directory.Services("services", m.Services)
			if err != nil {
				return nil, fmt.Errorf("agenda %s, motif %s : %w", s.ID, m.ID, err)
			}
			out[i].Motifs[j].Services = services
		}
	}
	return out, nil
}

// zoneOf is the zone of the first place that is known.
func (g *gateway) zoneOf(ids []string) *time.Location {
	for _, p := range g.directory.Places(ids...) {
		if p != nil {
			return p.Zone
		}
	}
	return nil
}

// warnOfUnknownPlaces says which agendas serve places that no source has: a slip that nobody would see otherwise.
func (g *gateway) warnOfUnknownPlaces() {
	for _, a := range g.agendas.All() {
		for i, p := range g.directory.Places(a.Places...) {
			if p == nil {
				g.logger.Warn("an agenda serves a place that no source has", "agenda", a.Agenda, "lieu", a.Places[i])
			}
		}
	}
}

func connection(s config.AgendaSeed) booking.Connection {
	reached := func(d config.DiarySeed) connectors.Connection {
		return connectors.Connection{Connector: d.Connector, Address: d.Address, Settings: d.Settings, Zone: s.Zone}
	}
	c := booking.Connection{
		Connection: reached(s.DiarySeed), Agenda: s.ID, Name: s.Name, Places: s.Places, Links: s.Links,
		Hours: s.Hours, Notice: s.Notice, Tells: booking.Teller(s.Tells), NamesPerson: s.NamesPerson,
	}
	for _, b := range s.Beside {
		c.Beside = append(c.Beside, reached(b))
	}
	for _, m := range s.Motifs {
		c.Motifs = append(c.Motifs, booking.Motif{
			ID: m.ID, Label: m.Label, Services: m.Services, Duration: m.Duration, Step: m.Step, Buffer: m.Buffer,
			Modality: booking.Modality(m.Modality), Group: m.Group, Seats: m.Seats, Notice: m.Notice, HorizonDays: m.HorizonDays,
			CancelUntil: m.CancelUntil, Validation: booking.Validation(m.Validation), Conditions: m.Conditions,
			Instructions: m.Instructions, Bring: m.Bring, Required: m.Required, Reception: m.Reception, Upstream: m.Upstream,
		})
	}
	return c
}
