package main

import (
	"crypto/rand"
	"fmt"

	"passerelle/booking"
	"passerelle/booking/directory"
	"passerelle/config"
	"passerelle/connectors"
)

// randomness is where secrets and identifiers come from.
var randomness = rand.Reader

// connections turns what a file declares into what the domain keeps.
func connections(seeds []config.AgendaSeed) ([]booking.Connection, error) {
	out := make([]booking.Connection, len(seeds))
	for i, s := range seeds {
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

func connection(s config.AgendaSeed) booking.Connection {
	reached := func(d config.DiarySeed) connectors.Connection {
		return connectors.Connection{Connector: d.Connector, Address: d.Address, Settings: d.Settings, Zone: s.Zone}
	}
	c := booking.Connection{
		Connection: reached(s.DiarySeed), Agenda: s.ID, Name: s.Name, Places: s.Places, Links: s.Links,
		Hours: s.Hours, Notice: s.Notice,
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
