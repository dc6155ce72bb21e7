package api

import (
	"context"
	"errors"
	"net"
	"net/http"
)

// Serve is http.Server.Serve, on connections on which an answer that is written by hand leaves in one piece. net/http hands on what is
// longer than 4 KB in two: each is a call of the system, and wakes whoever reads; it was a twentieth of a search (measured). The
// server's ConnContext is set here.
func Serve(s *http.Server, l net.Listener) error {
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) }
	return s.Serve(listener{l})
}

type listener struct{ net.Listener }

// Accept implements net.Listener.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}

// conn is a connection that keeps back for a moment what is written. Who serves it is the only one who writes.
type conn struct {
	net.Conn
	keeps bool
	kept  []byte
}

// connKey is where Serve leaves a connection.
type connKey struct{}

// connOf is nil where the call came otherwise.
func connOf(ctx context.Context) *conn {
	c, _ := ctx.Value(connKey{}).(*conn)
	return c
}

// Write implements net.Conn.
func (c *conn) Write(b []byte) (int, error) {
	if c.keeps {
		c.kept = append(c.kept, b...)
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// CloseWrite lets net/http say that nothing more comes, and hear the rest of what the other side says.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// whole writes all of an answer's body, which leaves with its headers in one piece. It gathers them in what it is given, and gives
// that back.
func (c *conn) whole(w http.ResponseWriter, body, in []byte) (out []byte, err error) {
	flusher, ok := w.(http.Flusher)
	if c == nil || !ok {
		_, err = w.Write(body)
		return in, err
	}
	c.kept = in[:0]
	err = c.keep(func() error {
		_, err := w.Write(body)
		flusher.Flush()
		return err
	})
	out, c.kept = c.kept, nil
	if err == nil {
		_, err = c.Conn.Write(out)
	}
	if err != nil { // net/http has not seen it: what follows a part of an answer would be read as its rest
		err = errors.Join(err, c.Conn.Close())
	}
	return out, err
}

// keep keeps back what is written meanwhile.
func (c *conn) keep(write func() error) error {
	c.keeps = true
	defer func() { c.keeps = false }()
	return write()
}
