package volatile

import "context"

// Wake implements Signals.
func (m *Memory) Wake(ctx context.Context, topic string) error {
	if err := checkKey("a topic", topic); err != nil {
		return err
	}
	if err := m.lock(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	for c := range m.waiting[topic] {
		nudge(c)
	}
	return nil
}

// Listen implements Signals.
func (m *Memory) Listen(ctx context.Context, topic string) (<-chan struct{}, error) {
	if err := checkKey("a topic", topic); err != nil {
		return nil, err
	}
	if err := m.lock(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	c := make(chan struct{}, 1)
	nudge(c)
	if m.waiting[topic] == nil {
		m.waiting[topic] = make(map[chan struct{}]struct{})
	}
	m.waiting[topic][c] = struct{}{}
	context.AfterFunc(ctx, func() { m.leave(topic, c) })
	return c, nil
}

// leave closes the channel unless Close has done so.
func (m *Memory) leave(topic string, c chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, listens := m.waiting[topic][c]; !listens {
		return
	}
	close(c)
	delete(m.waiting[topic], c)
	if len(m.waiting[topic]) == 0 {
		delete(m.waiting, topic)
	}
}

// Close implements Store.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	for _, all := range m.waiting {
		for c := range all {
			close(c)
		}
	}
	clear(m.waiting)
	for _, all := range m.follows {
		for c := range all {
			close(c)
		}
	}
	clear(m.follows)
	m.empty()
	return nil
}

// nudge leaves a wake-up in the channel, unless there is one that nobody has taken.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
