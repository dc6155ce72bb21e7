package connectors

import (
	"bytes"
	"sync"
)

// Desks are where documents are read that are looked at and thrown away, thousands a minute: the next one is read in the memory
// of one before. The zero value is ready.
type Desks struct{ pool sync.Pool }

// Desk is lent for the reading of one document.
type Desk struct {
	document bytes.Buffer
	said     versioned // what it says
	Tool     any       // whatever who translates keeps for the next document, of whichever feed; nil on a new desk
}

// lend gives a desk, a new one where none is free.
func (d *Desks) lend() *Desk {
	if d != nil {
		if desk, free := d.pool.Get().(*Desk); free {
			return desk
		}
	}
	return new(Desk)
}

// takeBack is for a desk at which nothing is read any more.
func (d *Desks) takeBack(desk *Desk) {
	if d == nil || desk.document.Cap() > 2*foretold || cap(desk.said) > foretold { // few documents need so much
		return
	}
	desk.document.Reset()
	d.pool.Put(desk)
}
