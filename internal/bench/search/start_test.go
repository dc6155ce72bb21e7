package search

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// readings is what the program keeps of agendas for its next run, in the folder of its data.
const readings = "lectures"

// starts ends the program, and measures from its next exec until it answers a search as it did before: with nothing but the file of
// places and its ledger, and with what it has kept of agendas too.
func starts(t *testing.T, g *gate, s size) (rows table) {
	busiest := g.towns[0]
	asked := question{lat: rounded(busiest.lat), lon: rounded(busiest.lon), radiusKM: 30}.url()
	address, token := g.reach(t)
	want := shownIn(t, get(t, address, token, asked))
	if len(want) != 20 || !slices.ContainsFunc(want, func(x shown) bool { return len(x.starts) == 3 }) {
		t.Fatalf("the question shows too little: %v", want)
	}
	for _, m := range []struct {
		what       string
		kept       bool
		floor, aim float64
	}{
		{"from exec to the first correct search, from CSV", false, 1.5, 0.7},
		{"from exec to the first correct search, with the readings of the last run", true, 0.3, 0.1},
	} {
		var took, spent []float64
		for range max(1, s.rounds/2) {
			wall, processor := g.restart(t, m.kept, asked, want)
			took, spent = append(took, wall.Seconds()), append(spent, processor.Seconds())
		}
		rows = append(rows, row{
			what: m.what, measured: median(took), floor: m.floor, aim: m.aim, unit: " s", most: true,
			note: fmt.Sprintf("median of %d, %.2f s of processor time", len(took), median(spent)),
		})
	}
	return rows
}

// restart ends the program in order and starts it again; it gives the time until the question was answered right, and what the
// processors spent on it.
func (g *gate) restart(t *testing.T, kept bool, asked string, want []shown) (wall, processor time.Duration) {
	t.Helper()
	err := g.process.Stop()
	if file := filepath.Join(g.site.Data(), readings); err == nil && kept {
		_, err = os.Stat(file)
	} else if err == nil {
		err = os.Remove(file)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, token := g.reach(t)
	begun := time.Now()
	// Agendas are in the ledger, where structures have put them: the file that has declared them here, all at once, is not read again.
	if g.process, err = g.site.Serve(g.caller, nil, "PASSERELLE_CONFIG="); err != nil {
		t.Fatal(err)
	}
	address, _ := g.reach(t)
	const patience = time.Minute // a guard
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if slices.EqualFunc(shownIn(t, get(t, address, token, asked)), want, shown.same) {
			return time.Since(begun), processorTime(t, g.process.PID())
		}
	}
	t.Fatalf("it does not answer as before: %v", want)
	return 0, 0
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
