package volatile

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	listenQuiet = 5 * time.Second        // after that long without a word a connection that listens is asked for one
	listenAgain = 200 * time.Millisecond // between two attempts to connect
)

// Wake implements Signals.
func (r *Redis) Wake(ctx context.Context, topic string) error {
	if err := checkKey("a topic", topic); err != nil {
		return err
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	if err := r.client.Publish(ctx, r.key("wake", topic), "").Err(); err != nil {
		return fmt.Errorf("volatile: wake: %w", err)
	}
	return nil
}

// Listen implements Signals. It does not wait for Redis: the first wake-up says that it listens.
func (r *Redis) Listen(ctx context.Context, topic string) (<-chan struct{}, error) {
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
	heard := make(chan struct{}, 1)
	r.listeners.Go(func() {
		defer close(heard)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(r.ctx, cancel)()
		for ctx.Err() == nil {
			r.hear(ctx, r.key("wake", topic), heard)
			pause(ctx, listenAgain)
		}
	})
	return heard, nil
}

// hear listens on one connection until that fails, or is silent although it was asked to speak, or ctx ends.
func (r *Redis) hear(ctx context.Context, channel string, heard chan struct{}) {
	sub := r.client.Subscribe(ctx)
	defer sub.Close()
	defer context.AfterFunc(ctx, func() { _ = sub.Close() })() // ends a read that waits
	if err := sub.Subscribe(ctx, channel); err != nil {
		return
	}
	asked := false
	for {
		message, err := sub.ReceiveTimeout(ctx, r.quiet)
		if silent(err) && !asked {
			if sub.Ping(ctx) != nil {
				return
			}
			asked = true
			continue
		}
		if err != nil {
			return
		}
		asked = false
		if _, pong := message.(*redis.Pong); !pong {
			nudge(heard) // a message, or that listening has begun
		}
	}
}

// silent says whether a read ended because nothing came.
func silent(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
