package volatiletest

import (
	"context"
	"testing"
	"time"

	"passerelle/booking/volatile"
)

// next waits for a piece of news.
func (f Fixture) next(t testing.TB, news <-chan string) string {
	t.Helper()
	select {
	case got, open := <-news:
		if !open {
			t.Fatal("the news have ended")
		}
		return got
	case <-time.After(f.Guard):
		t.Fatal("no news")
	}
	return ""
}

// hears waits for this one.
func (f Fixture) hears(t testing.TB, news <-chan string, want string) {
	t.Helper()
	if got := f.next(t, news); got != want {
		t.Fatalf("heard %q, want %q", got, want)
	}
}

func newsArrive(t testing.TB, f Fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	follow := must[<-chan string](t)
	fine(t, f.Store.Tell(ctx, t.Name(), "before anybody follows"))
	here := follow(f.Store.Follow(ctx, t.Name()))
	there := follow(f.Other.Follow(ctx, t.Name()))
	elsewhere := follow(f.Other.Follow(ctx, t.Name()+"-other"))
	for _, news := range []<-chan string{here, there, elsewhere} {
		f.hears(t, news, "")
	}
	for i := range 300 {
		fine(t, f.either(i).Tell(ctx, t.Name(), name(t, i)))
	}
	for i := range 300 {
		f.hears(t, here, name(t, i))
		f.hears(t, there, name(t, i))
	}
	select {
	case what := <-elsewhere:
		t.Errorf("%q went to another topic", what)
	default:
	}
	if err := f.Store.Tell(ctx, t.Name(), ""); err == nil {
		t.Error("news of nothing are taken")
	}
}

func followingEnds(t testing.TB, f Fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	news := must[<-chan string](t)(f.Store.Follow(ctx, t.Name()))
	f.hears(t, news, "")
	cancel()
	end := time.After(f.Guard)
	for open := true; open; {
		select {
		case _, open = <-news:
		case <-end:
			t.Fatal("the channel is not closed")
		}
	}
	fine(t, f.Store.Tell(t.Context(), t.Name(), "what")) // nobody follows: no harm
}

// mute tells nobody.
type mute struct{ volatile.Store }

func (m mute) Tell(context.Context, string, string) error { return nil }
