package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"passerelle/booking"
	"passerelle/booking/availability"
	"passerelle/connectors"
	"passerelle/connectors/all"
	"passerelle/connectors/interval"
)

// slotLine is a line of "slots --json".
type slotLine struct {
	Start string `json:"debut"`
	End   string `json:"fin"`
}

func (p program) slots(ctx context.Context, args []string) error {
	f := p.flags("slots", "[--hours H] [--duration D] [--days N] [--zone Z] [--openings] [--json] URL", `Lit un agenda ICS (https ou webcal) et montre ce qui y est libre, dans les horaires donnés.
Exemple : passerelle slots --hours "Mo-Fr 09:00-12:00" --duration 45m https://agenda.example.org/agenda.ics`)
	hours := f.String("hours", "Mo-Fr 09:00-12:00,14:00-17:00", "horaires d'ouverture (syntaxe OSM)")
	duration := time.Hour
	f.Func("duration", "durée d'un rendez-vous : 45m, 1h30m, ou un nombre de minutes (1h par défaut)", func(raw string) (err error) {
		duration, err = minutes(raw)
		return err
	})
	days := f.Int("days", 14, "nombre de jours, à partir de maintenant")
	zone := f.String("zone", "Europe/Paris", "fuseau des horaires")
	openings := f.Bool("openings", false, "les événements de l'agenda sont les disponibilités")
	asJSON := f.Bool("json", false, "une ligne de JSON par créneau")
	if err := parse(f, args, 1, 1); err != nil {
		return err
	}
	if *days < 1 || *days > 366 {
		return booking.InvalidField("days", "de 1 à 366")
	}
	q, err := p.icsQuery(f.Arg(0), *zone, *hours, *openings)
	if err != nil {
		return err
	}
	m := booking.Motif{Duration: duration, HorizonDays: *days}.Complete()
	now := p.now()
	q.Agenda.Motifs, q.Motifs = []booking.Motif{m}, []booking.Motif{m}
	q.Window = interval.Of(now, now.AddDate(0, 0, *days))
	reader := availability.New(availability.Options{Claims: noClaims{}, Logger: slog.New(slog.DiscardHandler), Now: p.now})
	defer reader.Close()
	return p.printSlots(reader.Of(ctx, q), q.Place.Zone, *asJSON)
}

// minutes reads a duration of an appointment; a bare number is of minutes.
func minutes(raw string) (time.Duration, error) {
	d, err := time.ParseDuration(raw)
	if n, plain := strconv.Atoi(raw); plain == nil {
		d, err = time.Duration(n)*time.Minute, nil
	}
	if err != nil || d < 5*time.Minute || d > 12*time.Hour {
		return 0, errors.New("de 5 minutes à 12 heures sont attendues, comme 45m")
	}
	return d, nil
}

func (p program) icsQuery(address, zone, hours string, openings bool) (booking.AvailabilityQuery, error) {
	where, err := time.LoadLocation(zone)
	if err != nil || zone == "" || zone == "Local" {
		return booking.AvailabilityQuery{}, booking.InvalidField("zone", "n'est pas un fuseau IANA, comme Europe/Paris ou Indian/Reunion")
	}
	c, err := p.configuration("")
	if err != nil {
		return booking.AvailabilityQuery{}, err
	}
	if named(address) { // whoever types an address of this machine means it; a redirection to one is still refused
		c.Egress.AllowedAddresses = append(c.Egress.AllowedAddresses, loopback()...)
		c.Egress.HTTPHosts = append(c.Egress.HTTPHosts, "127.0.0.1", "localhost", "::1")
	}
	logger := slog.New(slog.DiscardHandler)
	client, err := client(c, logger, p.now)
	if err != nil {
		return booking.AvailabilityQuery{}, err
	}
	connector, _ := all.Registry().Lookup("ics")
	reached := connectors.Connection{Connector: "ics", Address: address, Zone: where}
	if openings {
		reached.Settings = json.RawMessage(`{"ouvertures": "toutes"}`)
	}
	diary, err := connector.Open(reached, connectors.Env{HTTP: client, Logger: logger, Now: p.now})
	if err != nil {
		return booking.AvailabilityQuery{}, err
	}
	return booking.AvailabilityQuery{
		Agenda: &booking.Agenda{Connection: booking.Connection{Connection: reached, Agenda: "ics", Hours: hours}, Diary: diary},
		Place:  &booking.Place{ID: "ics", Zone: where},
	}, nil
}

func (p program) printSlots(a booking.Availabilities, zone *time.Location, asJSON bool) error {
	if a.State == booking.Unknown {
		if a.Err != nil {
			return fmt.Errorf("disponibilité inconnue : %w", a.Err)
		}
		return fmt.Errorf("disponibilité inconnue : une partie de l'agenda n'est pas comprise")
	}
	for _, s := range a.Slots {
		start, end := s.StartTime().In(zone), s.EndTime().In(zone)
		if !asJSON {
			fmt.Fprintln(p.out, start.Format("2006-01-02 15:04"), "→", end.Format("15:04"))
			continue
		}
		if err := p.line(slotLine{start.Format(time.RFC3339), end.Format(time.RFC3339)}); err != nil {
			return err
		}
	}
	if len(a.Slots) == 0 && !asJSON {
		fmt.Fprintf(p.out, "aucun créneau libre (%s)\n", a.Empty)
	}
	return nil
}

// named reports whether an address names this machine itself.
func named(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

func loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// noClaims is the ledger of an agenda that is only looked at.
type noClaims struct{}

func (noClaims) Claimed(context.Context, string, interval.Interval, string) ([]booking.Claimed, error) {
	return nil, nil
}

func (noClaims) OnClaims(func(string)) {}

func (noClaims) Known(context.Context, string, []connectors.Own) ([]connectors.Own, error) {
	return nil, nil
}
