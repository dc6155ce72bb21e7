package booking

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The first of many are those of all of them in order, however few are wanted, and none is lost.
func TestTheFirstAreThoseOfTheWholeOrder(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for range 2000 {
		seen := make([]glance, random.IntN(300))
		for i := range seen {
			seen[i] = glance{far: float64(random.IntN(3)), first: random.Int64N(20), kind: uint8(random.IntN(4)), found: int32(i)}
		}
		random.Shuffle(len(seen), func(i, j int) { seen[i], seen[j] = seen[j], seen[i] })
		want := slices.SortedFunc(slices.Values(seen), glance.compare)
		n := 1 + random.IntN(40)
		putFirst(seen, n)
		if n = min(n, len(want)); !slices.Equal(seen[:n], want[:n]) {
			t.Fatalf("the first %d of %d: %v, want %v", n, len(want), seen, want[:n])
		}
		if slices.SortFunc(seen, glance.compare); !slices.Equal(seen, want) {
			t.Fatalf("of %v there is left %v", want, seen)
		}
	}
}
