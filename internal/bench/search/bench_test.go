package search

import (
	"fmt"
	"os"
	"testing"
	"time"

	"passerelle/internal/prove/gateway"
)

var programs gateway.Programs

func TestMain(m *testing.M) {
	if os.Getenv(readerOf) != "" {
		os.Exit(readFeeds())
	}
	os.Exit(gateway.Main(m, &programs))
}

// seed is that of the country.
const seed = 20261126

// size says how much is measured.
type size struct {
	meant           bool // or else only that both sides of each comparison answer the same
	places, agendas int
	rounds          int // of each comparison
	each            time.Duration
}

// sizeOf is what PASSERELLE_BENCH asks for.
func sizeOf() size {
	if os.Getenv("PASSERELLE_BENCH") == "" {
		return size{places: 500, agendas: 100}
	}
	return size{meant: true, places: 20_000, agendas: 4_000, rounds: 5, each: 4 * time.Second}
}

// TestTheTable measures one row after the other, all of them even where one cannot be, and prints them: it fails where a floor
// is missed. Without PASSERELLE_BENCH it is small, and says nothing of speed.
func TestTheTable(t *testing.T) {
	s := sizeOf()
	like := readSamples(t)
	c := newCountry(seed, s.places, like)
	g := open(t, c, c.files(t, s.agendas, 1), s.agendas)
	var rows table
	for _, m := range []struct {
		name    string
		measure func(*testing.T, *gate, size) table
	}{
		{"searches", searches},
		{"slots", slots},
		{"memory", memory},
		{"PostgreSQL", postgres},
		{"growth", growth},
		{"starts", starts},
		{"refreshes", refreshes},
		{"isolation", isolation},
	} {
		t.Run(m.name, func(t *testing.T) {
			measured := m.measure(t, g, s)
			if !s.meant {
				return
			}
			for _, r := range measured {
				t.Log(r)
			}
			rows = append(rows, measured...)
		})
	}
	if s.meant {
		rows.print(os.Stdout, fmt.Sprintf("%d places made from %s, %d of them with an agenda", s.places, like.origin, s.agendas))
		rows.judge(t)
	}
}

// searches compares those that aidants make.
func searches(t *testing.T, g *gate, s size) table {
	return overBare(t, g, s, g.questions(400),
		row{what: "search, requests per second over bare gin", floor: 0.35, aim: 0.7},
		row{what: "search, p99 over bare gin", floor: 3, aim: 1.5, most: true})
}

// slots compares the slots of one place.
func slots(t *testing.T, g *gate, s size) table {
	urls := make([]string, 200)
	for i := range urls {
		urls[i] = "/v1/lieux/" + g.bookable(i%s.agendas, s.agendas).id + "/creneaux"
	}
	return overBare(t, g, s, urls,
		row{what: "a place's slots, requests per second over bare gin", floor: 0.5, aim: 0.8},
		row{what: "a place's slots, p99 over bare gin", floor: 3, aim: 1.5, most: true})
}
