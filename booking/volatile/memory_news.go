package volatile

import (
	"context"
	"errors"
)

// Tell implements News.
func (m *Memory) Tell(ctx context.Context, topic, what string) error {
	if err := errors.Join(checkKey("a topic", topic), checkKey("a piece of news", what)); err != nil {
		return err
	}
	if err := m.lock(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	for c := range m.follows[topic] {
		say(c, what)
	}
	return nil
}

// Follow implements News.
func (m *Memory) Follow(ctx context.Context, topic string) (<-chan string, error) {
	if err := checkKey("a topic", topic); err != nil {
		return nil, err
	}
	if err := m.lock(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	c := make(chan string, MaxNews)
	c <- ""
	if m.follows[topic] == nil {
		m.follows[topic] = make(map[chan string]struct{})
	}
	m.follows[topic][c] = struct{}{}
	context.AfterFunc(ctx, func() { m.unfollow(topic, c) })
	return c, nil
}

// unfollow closes the channel unless Close has done so.
func (m *Memory) unfollow(topic string, c chan string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, follows := m.follows[topic][c]; !follows {
		return
	}
	close(c)
	delete(m.follows[topic], c)
	if len(m.follows[topic]) == 0 {
		delete(m.follows, topic)
	}
}

// Close implements Store.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	for _, all := range m.follows {
		for c := range all {
			close(c)
		}
	}
	clear(m.follows)
	m.empty()
	return nil
}

// say is for who has the lock, and so is the only one to send. A channel that is full is emptied: anything may have changed.
func say(c chan string, what string) {
	for {
		select {
		case c <- what:
			return
		default:
		}
		for empty := false; !empty; {
			select {
			case <-c:
			default:
				empty = true
			}
		}
		what = ""
	}
}
