package main

import (
	"context"
	"time"

	"passerelle/booking/availability"
	"passerelle/booking/volatile"
)

// What instances call their readings in the Redis that they share.
const (
	readingOf  = "lecture/" // and the agenda: its reading, and whose turn it is to read it
	readingsOf = "lectures" // the news of them
)

// board shows readings through what may be lost.
type board struct{ store volatile.Store }

var _ availability.Board = board{}

func (b board) Put(ctx context.Context, agenda string, reading []byte, ttl time.Duration) error {
	if err := b.store.Set(ctx, readingOf+agenda, reading, ttl); err != nil {
		return err
	}
	return b.store.Tell(ctx, readingsOf, agenda)
}

func (b board) Get(ctx context.Context, agenda string) ([]byte, error) {
	reading, there, err := b.store.Get(ctx, readingOf+agenda)
	if err != nil || !there {
		return nil, err
	}
	return reading, nil
}

func (b board) Follow(ctx context.Context) (<-chan string, error) {
	return b.store.Follow(ctx, readingsOf)
}

// turns are leases of this instance.
type turns struct {
	leases   volatile.Leases
	instance string
}

var _ availability.Turns = turns{}

func (t turns) Take(ctx context.Context, agenda string, ttl time.Duration) (bool, error) {
	return t.leases.Lease(ctx, readingOf+agenda, t.instance, ttl)
}

func (t turns) Give(ctx context.Context, agenda string) error {
	return t.leases.Release(ctx, readingOf+agenda, t.instance)
}
