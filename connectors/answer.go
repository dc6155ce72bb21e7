package connectors

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Status is an HTTP status as the cause of an error.
type Status int

func (s Status) Error() string { return fmt.Sprintf("status %d", int(s)) }

// StatusOf is the answer behind an error; zero when there was none.
func StatusOf(err error) int {
	s, _ := errors.AsType[Status](err)
	return int(s)
}

// ErrTooLong is an answer beyond what is read of one.
var ErrTooLong = errors.New("the answer is too long")

// foretold is up to how many bytes an answer is believed to be as long as it says, before it has come.
const foretold = 1 << 20

// ReadBody reads the body of an answer whole: ErrTooLong beyond limit bytes. No text of an error holds the address.
func ReadBody(resp *http.Response, limit int64) ([]byte, error) {
	return readBody(resp, limit, new(bytes.Buffer))
}

// readBody gives bytes of the buffer.
func readBody(resp *http.Response, limit int64, read *bytes.Buffer) ([]byte, error) {
	if said := min(resp.ContentLength, limit, foretold); said > 0 {
		read.Grow(int(said) + bytes.MinRead)
	}
	_, err := read.ReadFrom(io.LimitReader(resp.Body, limit+1))
	body := read.Bytes()
	switch {
	case err != nil:
		return nil, fmt.Errorf("the answer ends too early: %w", Discreet(err))
	case int64(len(body)) > limit:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLong, limit)
	}
	return body, nil
}
