package booking

import "sync/atomic"

// ByPlace keeps what was worked out of places, by their numbers: searches ask the same of hundreds of them. It is for one
// reading of the directory at a time; of another it begins anew, so that the one before is not kept alive.
type ByPlace[T any] struct {
	rows atomic.Pointer[[]atomic.Pointer[rowOf[T]]]
}

type rowOf[T any] struct {
	place *Place
	value T
}

// Of gives what work says of a place, as it was said before where it was: nobody changes it. Work may be asked twice at once, and
// what it says must hold for as long as the place and the table do.
func (t *ByPlace[T]) Of(p *Place, work func() T) *T {
	if p.Number == 0 { // of no reading, and asked for once
		once := work()
		return &once
	}
	row := t.row(p.Number)
	known := row.Load()
	if known != nil && known.place == p {
		return &known.value
	}
	if known != nil {
		t.rows.Store(nil)
		row = t.row(p.Number)
	}
	known = &rowOf[T]{place: p, value: work()}
	row.Store(known)
	return &known.value
}

// row is that of a number. What is put there is lost at times: when the table grows, or is emptied.
func (t *ByPlace[T]) row(number int) *atomic.Pointer[rowOf[T]] {
	before := t.rows.Load()
	if before != nil && number < len(*before) {
		return &(*before)[number]
	}
	rows := make([]atomic.Pointer[rowOf[T]], number+number/2+1)
	if before != nil {
		for i := range *before {
			rows[i].Store((*before)[i].Load())
		}
	}
	t.rows.CompareAndSwap(before, &rows)
	return &rows[number]
}
