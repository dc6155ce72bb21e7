package booking

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The first turns of many are those of all of them in order, however few are wanted.
func TestTheFirstTurnsAreThoseOfTheWholeOrder(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for range 2000 {
		turns := make([]turn, random.IntN(300))
		for i := range turns {
			turns[i] = turn{far: float64(random.IntN(3)), first: random.Int64N(20), kind: uint8(random.IntN(4)), found: int32(i)}
		}
		random.Shuffle(len(turns), func(i, j int) { turns[i], turns[j] = turns[j], turns[i] })
		want := slices.SortedFunc(slices.Values(turns), turn.compare)
		n := 1 + random.IntN(40)
		got := firstTurns(turns, n)
		if n = min(n, len(want)); len(got) < n || !slices.Equal(got[:n], want[:n]) {
			t.Fatalf("the first %d of %d: %v, want %v", n, len(want), got, want[:n])
		}
	}
}
