package egress

import (
	"compress/gzip"
	"io"
)

// An answer may not be decompressed to more than maxRatio times its size, once it is over freeBytes: that is
// more than any calendar is worth, and what a bomb needs.
const (
	maxRatio  = 100
	freeBytes = 1 << 20
)

// limited is a reader that fails, rather than ends, where the limit is passed: what is cut is never taken for
// what is whole.
type limited struct {
	from io.Reader
	max  int64
	read int64
	host string
}

func (l *limited) Read(p []byte) (int, error) {
	if l.read > l.max {
		return 0, l.refusal()
	}
	n, err := l.from.Read(p)
	l.read += int64(n)
	if over := l.read - l.max; over > 0 {
		return n - int(over), l.refusal()
	}
	return n, err
}

func (l *limited) refusal() error {
	return refuse(l.host, "réponse de plus de %d octets refusée", l.max)
}

// inflater decompresses gzip. It starts at the first Read, within the time that the caller gives to the body.
type inflater struct {
	packed *limited
	gzip   *gzip.Reader
	read   int64
}

func (i *inflater) Read(p []byte) (int, error) {
	if i.gzip == nil {
		r, err := gzip.NewReader(i.packed)
		if err != nil {
			return 0, err
		}
		i.gzip = r
	}
	n, err := i.gzip.Read(p)
	i.read += int64(n)
	if i.read > freeBytes && i.read > maxRatio*i.packed.read {
		return 0, refuse(i.packed.host, "réponse compressée plus de %d fois refusée", maxRatio)
	}
	return n, err
}

// body is what the caller reads. closed is told once how much came over the wire.
type body struct {
	io.Reader
	wire   io.Closer
	packed *limited
	closed func(bytes int64)
}

func (b *body) Close() error {
	if b.closed != nil {
		b.closed(b.packed.read)
		b.closed = nil
	}
	return b.wire.Close()
}
