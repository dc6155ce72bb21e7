package volatiletest

import (
	"testing"
	"time"
)

// TestEveryFaultIsSeen breaks a store in each way: the check that is named must see it, and pass when it is whole.
func TestEveryFaultIsSeen(t *testing.T) {
	checks := make(map[string]Check)
	for _, c := range Checks() {
		checks[c.Name] = c
	}
	for _, fault := range Faults() {
		t.Run(fault.Name, func(t *testing.T) {
			check, ok := checks[fault.Check]
			if !ok {
				t.Fatalf("there is no check %s", fault.Check)
			}
			if whole := Record(t, func(t testing.TB) { check.Run(t, InMemory(t)) }); len(whole) > 0 {
				t.Errorf("a whole store does not pass %s: %q", fault.Check, whole)
			}
			seen := Record(t, func(t testing.TB) {
				f := InMemory(t)
				f.Guard = 100 * time.Millisecond
				f.Store = fault.Break(f.Store)
				f.Other = f.Store
				check.Run(t, f)
			})
			if len(seen) == 0 {
				t.Errorf("%s does not see it", fault.Check)
			}
		})
	}
}
