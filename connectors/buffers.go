package connectors

import (
	"bytes"
	"sync"
)

// Buffers are what documents are read into that are looked at and thrown away, thousands a minute. The zero value is ready.
type Buffers struct{ pool sync.Pool }

// lend gives an empty one. Where there are none to lend, it is new.
func (b *Buffers) lend() *bytes.Buffer {
	if b != nil {
		if buffer, kept := b.pool.Get().(*bytes.Buffer); kept {
			return buffer
		}
	}
	return new(bytes.Buffer)
}

// takeBack is for what was lent, once nobody looks at its bytes any more.
func (b *Buffers) takeBack(buffer *bytes.Buffer) {
	if b == nil || buffer.Cap() > 2*foretold { // mostly there would be too much of it
		return
	}
	buffer.Reset()
	b.pool.Put(buffer)
}
