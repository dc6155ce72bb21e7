package search

import (
	"fmt"
	"testing"
	"time"
)

// growth asks one question after the other in a tenth of the country, in all of it, and in ten times of it: the same kinds of
// questions, one place in five with an agenda. In the largest an agenda serves ten places: a configuration holds no more of them.
func growth(t *testing.T, g *gate, s size) table {
	if !s.meant {
		return nil
	}
	const turns = 300 // of each country in each round
	gates := []*gate{g.scaled(t, s.places/10, s.agendas/10, 1), g, g.scaled(t, 10*s.places, s.agendas, 10)}
	questions, waited := make([][]string, len(gates)), make([][]float64, len(gates))
	for i, g := range gates {
		questions[i] = g.questions(turns)
		g.answers(t, questions[i]) // known from now on
	}
	for range s.rounds {
		for turn := range turns {
			for i, g := range gates {
				address, token := g.reach(t)
				begun := time.Now()
				get(t, address, token, questions[i][turn])
				waited[i] = append(waited[i], time.Since(begun).Seconds())
			}
		}
	}
	tenth, whole, tenfold := median(waited[0]), median(waited[1]), median(waited[2])
	return table{{
		what:     fmt.Sprintf("a search at %d places over one at %d, median time", 10*s.places, s.places),
		measured: tenfold / whole, floor: 4, aim: 2, most: true,
		note: fmt.Sprintf("%.2f ms at %d, %.2f ms at %d, %.2f ms at %d", 1000*tenth, s.places/10, 1000*whole, s.places, 1000*tenfold, 10*s.places),
	}}
}

// scaled opens another country, of places as they are here. It ends with the test.
func (g *gate) scaled(t *testing.T, places, agendas, each int) *gate {
	t.Helper()
	like := samples{}
	for _, p := range g.places {
		like.rows = append(like.rows, p.sample)
	}
	c := newCountry(seed, places, like)
	return open(t, c, c.files(t, agendas, each), agendas*each)
}
