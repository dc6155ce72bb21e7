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

// follow reads a stream from its end on until that fails or ctx ends. Identifiers go by the clock of the server: those of a
// stream that begins anew, after a FLUSHALL or in a replica, come after those that were read.
func (r *Redis) follow(ctx context.Context, stream string, news chan<- string) {
	end, err := r.client.XRevRangeN(ctx, stream, "+", "-", 1).Result()
	if err != nil || !send(ctx, news, "") {
		return
	}
	read := "0-0"
	if len(end) > 0 {
		read = end[0].ID
	}
	for ctx.Err() == nil {
		got, err := r.client.XRead(ctx, &redis.XReadArgs{Streams: []string{stream, read}, Count: newsOnce, Block: newsWait}).Result()
		switch {
		case errors.Is(err, redis.Nil): // nothing is new
			continue
		case err != nil:
			return
		}
		for _, entry := range got[0].Messages {
			what, _ := entry.Values[newsText].(string) // somebody else's entry: anything may have changed
			if !send(ctx, news, what) {
				return
			}
			read = entry.ID
		}
	}
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
