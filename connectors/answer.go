package connectors

import (
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

// ReadBody reads the body of an answer whole: ErrTooLong beyond limit bytes. No text of an error holds the address.
func ReadBody(resp *http.Response, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the answer ends too early: %w", Discreet(err))
	case int64(len(body)) > limit:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLong, limit)
	}
	return body, nil
}
