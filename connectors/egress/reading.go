package egress

import (
	"errors"
	"io"
	"net/http"
	"sync"
)

// reading is the body of an answer that says, once, how its reading ended: nil at its end, or where the caller closes it.
type reading struct {
	io.ReadCloser
	once sync.Once
	done func(error)
}

// whenRead calls done when the body of an answer was read.
func whenRead(r *http.Response, done func(error)) {
	if r.Body == nil || r.Body == http.NoBody {
		done(nil)
		return
	}
	r.Body = &reading{ReadCloser: r.Body, done: done}
}

func (r *reading) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		r.end(nil)
	case err != nil:
		r.end(err)
	}
	return n, err
}

func (r *reading) Close() error {
	err := r.ReadCloser.Close()
	r.end(nil)
	return err
}

func (r *reading) end(err error) { r.once.Do(func() { r.done(err) }) }

// closeBody closes the body of a request that is not sent, as a RoundTripper must.
func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}
