package volatiletest

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"passerelle/booking/volatile"
)

// Fixture is a store to test and its surroundings.
type Fixture struct {
	Store volatile.Store
	Other volatile.Store // a second client of what the first keeps; the same one, where there can be but one

	Now     func() time.Time      // the clock that Advance moves
	Advance func(d time.Duration) // lets at least d pass; exactly d when the clock is held
	Forget  func()                // everything that is kept is gone
	Guard   time.Duration         // against a hang: how long news are waited for
}

// Check is one thing that callers may count on.
type Check struct {
	Name string
	Run  func(t testing.TB, f Fixture)
}

// Checks are all of them. They use keys of their own and may share one store, in this order: the last one closes it.
func Checks() []Check {
	return []Check{
		{"AValueIsKeptUntilItExpires", valueExpires},
		{"AValueIsTheCallersOwn", valueIsCopied},
		{"ABurstAndThenOneCallPerInterval", burstThenOnePerInterval},
		{"ConcurrentCallersNeverExceedTheRate", concurrentCallersStayWithin},
		{"ARateThatBecomesFasterIsNotHeldUp", rateMayChange},
		{"EveryKeyHasARateOfItsOwn", ratesAreApart},
		{"AnIdIsNewOnce", onceIsOnce},
		{"AnIdIsNewToOneOfSixtyFourConcurrentCallers", onceAmongMany},
		{"AnIdIsNewAgainAfterItsTime", onceExpires},
		{"ALeaseIsExclusiveAndRenewedByItsHolder", leaseIsExclusive},
		{"ALeaseIsTakenByOneOfSixtyFourConcurrentHolders", leaseAmongMany},
		{"ALeaseEnds", leaseExpires},
		{"ALeaseIsReleasedByItsHolderOnly", leaseIsReleasedByItsHolder},
		{"NewsArriveAtEveryClientInOrder", newsArrive},
		{"FollowingEndsWithItsContext", followingEnds},
		{"ACancelledContextIsRefused", cancelledContextIsRefused},
		{"WhatIsOutOfBoundsIsRefused", outOfBoundsIsRefused},
		{"ForgettingEverythingBreaksNothing", forgettingBreaksNothing},
		{"ClosingEndsFollowingAndRefusesCalls", closingEnds},
	}
}

// Run runs the suite against the store of one fixture.
func Run(t *testing.T, open func(t testing.TB) Fixture) {
	t.Helper()
	f := open(t)
	for _, c := range Checks() {
		t.Run(c.Name, func(t *testing.T) { c.Run(t, f) })
	}
}

const (
	many  = 64        // concurrent callers
	long  = time.Hour // a ttl that does not end during a test
	brief = 60 * time.Millisecond
)

// together calls f n times at once and returns how often it was true.
func together(t testing.TB, n int, f func(i int) (bool, error)) int {
	t.Helper()
	var all sync.WaitGroup
	start := make(chan struct{})
	yes, failed := make(chan bool, n), make(chan error, n)
	for i := range n {
		all.Go(func() {
			<-start
			ok, err := f(i)
			if err != nil {
				failed <- err
			}
			yes <- ok
		})
	}
	close(start)
	all.Wait()
	close(yes)
	close(failed)
	for err := range failed {
		t.Errorf("concurrently: %v", err)
	}
	count := 0
	for ok := range yes {
		if ok {
			count++
		}
	}
	return count
}

// either is the one store or the other: both are to agree.
func (f Fixture) either(i int) volatile.Store {
	if i%2 == 0 {
		return f.Store
	}
	return f.Other
}

func must[V any](t testing.TB) func(V, error) V {
	return func(v V, err error) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func fine(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func name(t testing.TB, i int) string { return t.Name() + "-" + strconv.Itoa(i) }
