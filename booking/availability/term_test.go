package availability

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestReadingsThatBeginTogetherEndTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parent, end := context.WithCancel(t.Context())
		own := term{lasts: 10 * time.Second}
		first := own.from(parent)
		time.Sleep(time.Second)
		if own.from(parent) != first {
			t.Error("a second later they have a context of their own")
		}
		time.Sleep(time.Millisecond)
		second := own.from(parent)
		if until, _ := second.Deadline(); time.Until(until) != own.lasts {
			t.Errorf("later still there are %v left", time.Until(until))
		}
		end()
		time.Sleep(own.lasts - time.Second - time.Millisecond)
		synctest.Wait()
		if !errors.Is(first.Err(), context.DeadlineExceeded) || second.Err() != nil {
			t.Errorf("after their time, the first ended with %v, the second with %v", first.Err(), second.Err())
		}
	})
}
