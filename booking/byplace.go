package booking

import "sync/atomic"

// ByPlace keeps what was worked out of places, by their numbers: searches ask the same of hundreds of them. It is for one
// reading of the directory at a time; of another it begins anew, so that the one before is not kept alive.
type ByPlace[T any] struct {
	rows atomic.Pointer[[]rowOf[T]]
}

// rowOf is for one place, the first that asks, and is its own from then on.
type rowOf[T any] struct {
	place atomic.Pointer[Place]
	value atomic.Pointer[T]
}

// Of gives what work says of a place, as it was said before where it was: nobody changes it. Work may be asked twice at once, and
// what it says must hold for as long as the place and the table do.
func (t *ByPlace[T]) Of(p *Place, work func() *T) *T {
	if p.Number == 0 { // of no reading, and asked for once
		return work()
	}
	row := t.row(p.Number)
	if !row.isOf(p) {
		t.rows.Store(nil)
		if row = t.row(p.Number); !row.isOf(p) { // somebody still looks at another reading
			return work()
		}
	}
	known := row.value.Load()
	if known == nil {
		known = work()
		row.value.Store(known)
	}
	return known
}

func (r *rowOf[T]) isOf(p *Place) bool {
	return r.place.Load() == p || r.place.CompareAndSwap(nil, p)
}

// row is that of a number. What is put there is lost at times: when the table grows, or is emptied.
func (t *ByPlace[T]) row(number int) *rowOf[T] {
	before := t.rows.Load()
	if before != nil && number < len(*before) {
		return &(*before)[number]
	}
	rows := make([]rowOf[T], number+number/2+1)
	if before != nil {
		for i := range *before {
			rows[i].place.Store((*before)[i].place.Load())
			rows[i].value.Store((*before)[i].value.Load())
		}
	}
	t.rows.CompareAndSwap(before, &rows)
	return &rows[number]
}
