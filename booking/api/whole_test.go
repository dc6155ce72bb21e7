package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// counted counts what is written on the connections that it gives, and how often one is closed for writing; after so many writes
// those that follow fail.
type counted struct {
	net.Listener
	accepted, writes, halves atomic.Int64
	fails                    int64 // from this write on; 0: never
}

type countedConn struct {
	*net.TCPConn
	of *counted
}

func (c *counted) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c.accepted.Add(1)
	return countedConn{conn.(*net.TCPConn), c}, nil
}

func (c countedConn) Write(b []byte) (int, error) {
	if n := c.of.writes.Add(1); c.of.fails > 0 && n >= c.of.fails {
		n, _ := c.TCPConn.Write(b[:len(b)/2])
		return n, errors.New("the network fails")
	}
	return c.TCPConn.Write(b)
}

func (c countedConn) CloseWrite() error {
	c.of.halves.Add(1)
	return c.TCPConn.CloseWrite()
}

// served serves a handler on loopback, as the program does, until the test ends.
func served(t *testing.T, h http.Handler) (*counted, string) {
	t.Helper()
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	c := &counted{Listener: l}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() { _ = Serve(server, c) }()
	t.Cleanup(func() { _ = server.Close() })
	return c, "http://" + l.Addr().String()
}

// sizes writes an answer of as many bytes as the query says, through whole.
func sizes(w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.Atoi(r.URL.RawQuery)
	w.Header().Set("Content-Length", strconv.Itoa(n))
	_, _ = connOf(r.Context()).whole(w, bytes.Repeat([]byte("x"), n), nil)
}

func TestAnAnswerLeavesInOnePiece(t *testing.T) {
	c, address := served(t, http.HandlerFunc(sizes))
	for i, n := range []int{1, 2000, 3500, 4096, 5000, 9000, 200_000} {
		for _, method := range []string{"GET", "HEAD"} {
			before := c.writes.Load()
			r := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), method, fmt.Sprint(address, "/?", n), http.NoBody))
			got := must[*http.Response](t)(http.DefaultClient.Do(r))
			body := must[[]byte](t)(io.ReadAll(got.Body))
			_ = got.Body.Close()
			if want := map[string]int{"GET": n, "HEAD": 0}[method]; len(body) != want || got.ContentLength != int64(n) {
				t.Errorf("%s of %d: %d bytes, announced %d", method, n, len(body), got.ContentLength)
			}
			if writes := c.writes.Load() - before; writes != 1 {
				t.Errorf("%s of %d: %d writes", method, n, writes)
			}
		}
		if c.accepted.Load() != 1 {
			t.Fatalf("after %d answers %d connections were needed", 2*(i+1), c.accepted.Load())
		}
	}
}

// What follows half an answer would be taken for its other half.
func TestAConnectionEndsWithAnAnswerThatIsCut(t *testing.T) {
	c, address := served(t, http.HandlerFunc(sizes))
	c.fails = 1
	client := http.Client{Timeout: time.Minute} // a guard
	got, err := client.Get(address + "/?9000")
	if err == nil {
		_, err = io.ReadAll(got.Body)
		_ = got.Body.Close()
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		t.Errorf("half an answer ends in %v", err)
	}
	if c.writes.Load() != 1 {
		t.Errorf("%d writes", c.writes.Load())
	}
}

// A caller who still sends hears why it is refused: net/http closes one direction first.
func TestOneDirectionIsClosedFirst(t *testing.T) {
	c, address := served(t, http.HandlerFunc(sizes))
	body := io.LimitReader(endless{}, 300<<10) // more than net/http reads of what nobody asked for
	got, err := http.Post(address+"/?10", "text/plain", body)
	if err == nil {
		_ = got.Body.Close()
	}
	for end := time.Now().Add(time.Minute); c.halves.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the connection was not closed for writing first")
		}
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

// The two answers that are asked for most leave so.
func TestSlotsLeaveInOnePiece(t *testing.T) {
	d := newDoor(t)
	c, address := served(t, d.handler)
	for _, path := range []string{"/v1/lieux/a/creneaux", "/v1/creneaux?creneaux_par_lieu=10&fin=2026-12-15"} {
		for range 2 {
			before := c.writes.Load()
			r := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), "GET", address+path, http.NoBody))
			r.Header.Set("Authorization", "Bearer "+d.token)
			got := must[*http.Response](t)(http.DefaultClient.Do(r))
			body := must[[]byte](t)(io.ReadAll(got.Body))
			_ = got.Body.Close()
			if writes := c.writes.Load() - before; got.StatusCode != 200 || len(body) < 4096 || writes != 1 {
				t.Errorf("%s: %d, %d bytes in %d writes", path, got.StatusCode, len(body), writes)
			}
		}
	}
}
