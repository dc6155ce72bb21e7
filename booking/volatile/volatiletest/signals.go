package volatiletest

import (
	"context"
	"testing"
	"time"
)

func wakeUpsArrive(t testing.TB, f Fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	listen := must[<-chan struct{}](t)
	here := listen(f.Store.Listen(ctx, t.Name()))
	there := listen(f.Other.Listen(ctx, t.Name()))
	elsewhere := listen(f.Other.Listen(ctx, t.Name()+"-other"))
	for _, c := range []<-chan struct{}{here, there, elsewhere} {
		f.woken(t, c, "when listening begins")
	}
	for i := range 3 {
		fine(t, f.either(i).Wake(ctx, t.Name()))
		f.woken(t, here, "from one client")
		f.woken(t, there, "from the other client")
	}
	// Wake-ups that nobody takes are one, and hold nobody up.
	for range 100 {
		fine(t, f.Store.Wake(ctx, t.Name()))
	}
	f.woken(t, here, "many at once")
	f.woken(t, there, "many at once")
	select {
	case <-elsewhere:
		t.Error("a wake-up went to another topic")
	default:
	}
}

func listeningEnds(t testing.TB, f Fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := must[<-chan struct{}](t)(f.Store.Listen(ctx, t.Name()))
	f.woken(t, c, "when listening begins")
	cancel()
	f.closed(t, c)
	fine(t, f.Store.Wake(t.Context(), t.Name())) // nobody listens: no harm
}

// closed waits for the end of a channel of wake-ups.
func (f Fixture) closed(t testing.TB, c <-chan struct{}) {
	t.Helper()
	ended := time.After(f.Guard)
	for {
		select {
		case _, open := <-c:
			if !open {
				return
			}
		case <-ended:
			t.Fatal("the channel is not closed")
		}
	}
}
