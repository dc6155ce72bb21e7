package contention

import (
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// The judge of the other tests, on histories whose verdict is known.
func TestTheJudge(t *testing.T) {
	list := motifs()
	alone, long, group := wantOf(list[0], 900, 1), wantOf(list[3], 0, 1), wantOf(list[5], 0, 3)
	op := func(from, to int64, c call, a answer) porcupine.Operation {
		return porcupine.Operation{Call: from, Return: to, Input: c, Output: a}
	}
	takes := func(id string, w want) call { return call{kind: take, id: id, want: w} }
	for name, c := range map[string]struct {
		history []porcupine.Operation
		double  bool
		unjust  int
	}{
		"two that overlap":               {[]porcupine.Operation{op(0, 9, takes("a", alone), done), op(0, 9, takes("b", long), done)}, true, 0},
		"the second was refused":         {[]porcupine.Operation{op(0, 9, takes("a", alone), done), op(0, 9, takes("", long), refused)}, false, 0},
		"refused before it was taken":    {[]porcupine.Operation{op(5, 9, takes("a", alone), done), op(0, 3, takes("", alone), refused)}, false, 1},
		"given back in between":          {[]porcupine.Operation{op(0, 2, takes("a", alone), done), op(3, 9, call{kind: free, id: "a"}, done), op(3, 9, takes("b", alone), done)}, false, 0},
		"taken before it was given back": {[]porcupine.Operation{op(0, 2, takes("a", alone), done), op(3, 5, takes("b", alone), done), op(6, 9, call{kind: free, id: "a"}, done)}, true, 0},
		"seats enough":                   {[]porcupine.Operation{op(0, 2, takes("a", group), done), op(3, 4, takes("b", wantOf(list[5], 0, 2)), done)}, false, 0},
		"a seat too many":                {[]porcupine.Operation{op(0, 2, takes("a", group), done), op(0, 2, takes("b", group), done)}, true, 0},
		"a move within its own time":     {[]porcupine.Operation{op(0, 2, takes("a", long), done), op(3, 4, call{kind: shift, id: "a", next: "b", want: wantOf(list[3], 1800, 1)}, done)}, false, 0},
		"a move onto another":            {[]porcupine.Operation{op(0, 2, takes("a", long), done), op(0, 2, takes("c", wantOf(list[0], 7200, 1)), done), op(3, 4, call{kind: shift, id: "a", next: "b", want: wantOf(list[3], 7200, 1)}, done)}, true, 0},
		"the buffer of another":          {[]porcupine.Operation{op(0, 2, takes("a", wantOf(list[2], 0, 1)), done), op(3, 4, takes("b", wantOf(list[0], 2700, 1)), done)}, true, 0},
	} {
		if v := judge(c.history); v.double != c.double || v.unjust != c.unjust || v.unknown {
			t.Errorf("%s: %v", name, v)
		}
	}
}

// The islands of a diary share nothing: what is taken in one blocks nothing of another.
func TestIslandsAreApart(t *testing.T) {
	var reach int64
	for _, m := range motifs() {
		reach = max(reach, int64(m.Buffer.Seconds()))
	}
	zone, err := Zone()
	if err != nil {
		t.Fatal(err)
	}
	list := islands(time.Date(2026, 1, 5, 9, 0, 0, 0, zone), zone)
	for i := 1; i < len(list); i++ {
		if list[i].Start < list[i-1].End+reach {
			t.Errorf("island %d begins %d seconds after the one before ends", i, list[i].Start-list[i-1].End)
		}
	}
	if len(list) != islandsInDay*(lastDay-firstDay+1) || roundsApart > len(list) {
		t.Errorf("%d islands", len(list))
	}
}
