package volatile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	newsWait  = 500 * time.Millisecond // of one question for news: the end of a context does not cut it short
	newsOnce  = 100                    // pieces of news in one answer
	newsText  = "quoi"                 // the field of an entry
	newsAgain = 200 * time.Millisecond // between two attempts to follow
)

// Tell implements News. What a topic keeps is bounded, not how long: what is told is for who follows now.
func (r *Redis) Tell(ctx context.Context, topic, what string) error {
	if err := errors.Join(checkKey("a topic", topic), checkKey("a piece of news", what)); err != nil {
		return err
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	entry := redis.XAddArgs{Stream: r.key("news", topic), MaxLen: MaxNews, Approx: true, Values: []string{newsText, what}}
	if err := r.client.XAdd(ctx, &entry).Err(); err != nil {
		return fmt.Errorf("volatile: tell: %w", err)
	}
	return nil
}

// Follow implements News. It does not wait for Redis: the first piece of news says that it follows.
func (r *Redis) Follow(ctx context.Context, topic string) (<-chan string, error) {
	if err := checkKey("a topic", topic); err != nil {
		return nil, err
	}
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, ErrClosed
	}
	news := make(chan string)
	r.followers.Go(func() {
		defer close(news)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(r.ctx, cancel)()
		for ctx.Err() == nil {
			r.follow(ctx, r.key("news", topic), news)
			pause(ctx, newsAgain)
		}
	})
	return news, nil
}

// follow reads a stream from its end on until that fails, ctx ends, or the stream has begun anew since: after a FLUSHALL, or in a
// replica that had less of it. Identifiers go by the clock of the server: those of a new one mostly come after those that were
// read, but not within the same millisecond, nor where that clock is behind.
func (r *Redis) follow(ctx context.Context, stream string, news chan<- string) {
	last, err := r.newest(ctx, stream)
	if err != nil || !send(ctx, news, "") {
		return
	}
	for ctx.Err() == nil {
		got, err := r.client.XRead(ctx, &redis.XReadArgs{Streams: []string{stream, last.id}, Count: newsOnce, Block: newsWait}).Result()
		switch {
		case errors.Is(err, redis.Nil): // nothing is new, it seems
			if newest, err := r.newest(ctx, stream); err != nil || newest != last {
				return
			}
			continue
		case err != nil:
			return
		}
		for _, m := range got[0].Messages {
			last = toldIn(m) // one that is somebody else's says nothing: anything may have changed
			if !send(ctx, news, last.what) {
				return
			}
		}
	}
}

// told is an entry of a stream.
type told struct{ id, what string }

func toldIn(m redis.XMessage) told {
	what, _ := m.Values[newsText].(string)
	return told{m.ID, what}
}

// newest is the last entry of a stream; before the first of any where there is none.
func (r *Redis) newest(ctx context.Context, stream string) (told, error) {
	got, err := r.client.XRevRangeN(ctx, stream, "+", "-", 1).Result()
	if err != nil || len(got) == 0 {
		return told{id: "0-0"}, err
	}
	return toldIn(got[0]), nil
}

func send(ctx context.Context, news chan<- string, what string) bool {
	select {
	case news <- what:
		return true
	case <-ctx.Done():
		return false
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
