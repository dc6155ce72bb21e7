package volatile

import (
	"container/heap"
	"time"
)

// table keeps values until they expire, and no more of them than its limit: when there is no room, what expires first
// goes first. It has no lock.
type table[V any] struct {
	limit   int // of the costs together
	cost    int
	entries map[string]*entry[V]
	soonest byExpiry[V]
}

type entry[V any] struct {
	key     string
	value   V
	cost    int
	expires time.Time
	at      int // in the heap
}

func newTable[V any](limit int) *table[V] {
	return &table[V]{limit: limit, entries: make(map[string]*entry[V])}
}

func (t *table[V]) get(key string, now time.Time) (V, bool) {
	e := t.entries[key]
	if e == nil || !now.Before(e.expires) {
		var none V
		return none, false
	}
	return e.value, true
}

// put keeps the value until expires; now is when what has expired is dropped. A value that costs more than the limit is
// not kept at all.
func (t *table[V]) put(key string, value V, cost int, expires, now time.Time) {
	t.drop(key)
	for len(t.soonest) > 0 && (!now.Before(t.soonest[0].expires) || t.cost+cost > t.limit) {
		t.drop(t.soonest[0].key)
	}
	if cost > t.limit {
		return
	}
	e := &entry[V]{key: key, value: value, cost: cost, expires: expires}
	t.entries[key] = e
	t.cost += cost
	heap.Push(&t.soonest, e)
}

// full drops what has expired and reports whether the next value would take the place of a live one.
func (t *table[V]) full(now time.Time) bool {
	for len(t.soonest) > 0 && !now.Before(t.soonest[0].expires) {
		t.drop(t.soonest[0].key)
	}
	return t.cost >= t.limit
}

func (t *table[V]) drop(key string) {
	e := t.entries[key]
	if e == nil {
		return
	}
	heap.Remove(&t.soonest, e.at)
	delete(t.entries, key)
	t.cost -= e.cost
}

// byExpiry is a heap, the entry that expires first on top.
type byExpiry[V any] []*entry[V]

func (h byExpiry[V]) Len() int           { return len(h) }
func (h byExpiry[V]) Less(i, j int) bool { return h[i].expires.Before(h[j].expires) }

func (h byExpiry[V]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}

func (h *byExpiry[V]) Push(x any) {
	e := x.(*entry[V])
	e.at = len(*h)
	*h = append(*h, e)
}

func (h *byExpiry[V]) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return e
}
