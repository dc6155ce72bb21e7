package auth

import "sync"

// bounded remembers so many things at most; it makes room by forgetting one at random.
type bounded[K comparable, V any] struct {
	max  int
	mu   sync.Mutex
	kept map[K]V
}

func newBounded[K comparable, V any](most int) *bounded[K, V] {
	return &bounded[K, V]{max: most, kept: make(map[K]V)}
}

func (b *bounded[K, V]) get(key K) (V, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	v, ok := b.kept[key]
	return v, ok
}

func (b *bounded[K, V]) set(key K, v V) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.kept[key]; !known && len(b.kept) >= b.max {
		for old := range b.kept {
			delete(b.kept, old)
			break
		}
	}
	b.kept[key] = v
}
