package main

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/internal/held"
)

// fill gives every text of a value words of its own, and every time a day.
func fill(v reflect.Value, name string, words *[]string) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)))
		*words = append(*words, "20/11/2026 à 10:00")
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), name+"."+v.Type().Field(i).Name, words)
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), fmt.Sprint(name, i), words)
		}
	default:
		v.SetString("canari" + name)
		*words = append(*words, "canari"+name)
	}
}

// Whoever asks what is kept of her is answered from here: a field that is added and not shown is one that she is not told of.
func TestAllThatIsKeptOfAPersonIsShown(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	var d booking.Details
	var words []string
	fill(reflect.ValueOf(&d).Elem(), "", &words)
	var out strings.Builder
	describe(&out, d, paris)
	for _, w := range words {
		if !strings.Contains(out.String(), w) {
			t.Errorf("%q is not shown", w)
		}
	}
	out.Reset()
	if describe(&out, booking.Details{}, paris); out.Len() > 0 {
		t.Errorf("of nothing: %q", out.String())
	}
}

func TestATimeThatIsNotKnownIsNoTimeIn1970(t *testing.T) {
	x := newTerminal(t)
	x.env["PASSERELLE_LIEUX"] = x.file("lieux.csv", somePlaces)
	x.ok("agenda", "add", x.file("a.yaml", someAgendas))
	var out, errs held.Text
	p := x.program(&out, &errs)
	c, err := p.configuration("")
	if err != nil {
		t.Fatal(err)
	}
	var id string
	err = p.with(t.Context(), c, func(g *gateway) error {
		r, err := g.service.Orient(t.Context(), booking.Call{Partner: "p", Key: "k"}, booking.Orientation{Place: "l2"})
		id = r.Appointment.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	shown := x.ok("request", "show", id)
	x.step(id, booking.Accept)
	x.step(id, booking.GiveUp)
	for _, text := range []string{shown, x.ok("todo")} {
		if !strings.Contains(text, "heure inconnue") || strings.Contains(text, "1970") {
			t.Error(text)
		}
	}
	if l := lineOf[todoLine](t, x.ok("todo", "--json")); l.ID != id || l.Start != "" {
		t.Errorf("todo: %+v", l)
	}
}
