package availability

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestAGateLetsSoManyThroughAndTheNextWhenOneLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := make(gate, 2)
		brief, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for i, want := range []error{nil, nil, context.DeadlineExceeded} {
			if err := g.enter(brief); !errors.Is(err, want) {
				t.Errorf("%d before it: %v", i, err)
			}
		}
		time.AfterFunc(time.Hour, g.leave)
		if err := g.enter(t.Context()); err != nil {
			t.Errorf("once one has left: %v", err)
		}
	})
}
