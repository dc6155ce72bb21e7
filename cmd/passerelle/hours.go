package main

import (
	"context"

	"passerelle/booking/hours"
)

// readHours is a line of "hours". Intervals are in Unix seconds, half-open, sorted and disjoint.
type readHours struct {
	Value      string              `json:"valeur"`
	Understood hours.Understanding `json:"lu"`
	Open       [][2]int64          `json:"ouvert"`
	Reason     string              `json:"raison"`
}

func (p program) hours(_ context.Context, args []string) error {
	f := p.flags("hours", "[--from T] [--to T] [--zone Z] [--insee CODE] VALEUR…", `Lit des horaires (colonne « horaires » du standard, syntaxe OSM) et dit quand c'est ouvert : une ligne de JSON par valeur.
Ce qui n'est pas certain n'est jamais donné pour ouvert.`)
	w := windowOf(f)
	insee := f.String("insee", "75056", "commune ou département, pour ses jours fériés")
	closed := f.Bool("closed-on-holidays", false, "fermé les jours fériés quand la valeur n'en dit rien (ce que fait la passerelle)")
	if err := parse(f, args, 1, -1); err != nil {
		return err
	}
	window, zone, err := w.read(p.now())
	if err != nil {
		return err
	}
	for _, value := range f.Args() {
		s := hours.Parse(value)
		open, _ := s.Open(window, zone, hours.Calendar{Territory: *insee, HolidaysAsUsual: !*closed})
		l := readHours{value, s.Understood(), make([][2]int64, len(open)), s.Reason()}
		for i, o := range open {
			l.Open[i] = [2]int64{o.Start, o.End}
		}
		if err := p.line(l); err != nil {
			return err
		}
	}
	return nil
}
