package search

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
)

// starts kills the program, and measures from its exec until it answers a search as it did before.
func starts(t *testing.T, g *gate, s size) table {
	busiest := g.towns[0]
	asked := question{lat: rounded(busiest.lat), lon: rounded(busiest.lon), radiusKM: 30}.url()
	address, token := g.reach(t)
	want := shownIn(t, get(t, address, token, asked))
	if len(want) != 20 || !slices.ContainsFunc(want, func(x shown) bool { return len(x.starts) == 3 }) {
		t.Fatalf("the question shows too little: %v", want)
	}
	var took []float64
	for range max(1, s.rounds) {
		took = append(took, g.restart(t, asked, want).Seconds())
	}
	return table{{
		what: "from exec to the first correct search, from CSV", measured: median(took), floor: 1.5, aim: 0.7, unit: " s", most: true,
		note: fmt.Sprintf("%.2f to %.2f s in %d starts", slices.Min(took), slices.Max(took), len(took)),
	}}
}

// restart kills the program and starts it again; it gives the time from there until the question was answered right.
func (g *gate) restart(t *testing.T, asked string, want []shown) time.Duration {
	t.Helper()
	if err := g.process.Kill(); err != nil {
		t.Fatal(err)
	}
	_, token := g.reach(t)
	begun := time.Now()
	process, err := g.site.Serve(g.caller, nil)
	if err != nil {
		t.Fatal(err)
	}
	g.process = process
	address, _ := g.reach(t)
	const patience = time.Minute // a guard
	for time.Since(begun) < patience {
		if slices.EqualFunc(shownIn(t, get(t, address, token, asked)), want, shown.same) {
			return time.Since(begun)
		}
	}
	t.Fatalf("it does not answer as before: %v", want)
	return 0
}

// shown is a place of an answer, with its first slots.
type shown struct {
	id     string
	starts []int64 // Unix seconds
}

func (s shown) same(as shown) bool { return s.id == as.id && slices.Equal(s.starts, as.starts) }

// shownIn reads the answer to a search.
func shownIn(t *testing.T, answer []byte) []shown {
	t.Helper()
	var read struct {
		Items []struct {
			ID    string `json:"lieu_id"`
			Slots []struct {
				Start time.Time `json:"debut"`
			} `json:"creneaux"`
		}
	}
	if err := json.Unmarshal(answer, &read); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	out := make([]shown, len(read.Items))
	for i, item := range read.Items {
		out[i].id = item.ID
		for _, s := range item.Slots {
			out[i].starts = append(out[i].starts, s.Start.Unix())
		}
	}
	return out
}
