package volatile

import (
	"context"
	"maps"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// cutter is a TCP proxy in front of a Redis that loses answers: the server has carried the command out, and its client
// sees the connection end.
type cutter struct {
	addr, to string

	mu    sync.Mutex
	dice  *rand.Rand
	odds  float64 // that an answer is lost with its connection
	mute  bool    // answers are lost and connections stay
	conns map[net.Conn]struct{}
	all   sync.WaitGroup
}

// connections are those that stand.
func (c *cutter) connections() map[net.Conn]struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.conns)
}

func newCutter(t *testing.T, to string, seed uint64, odds float64) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{
		addr: l.Addr().String(), to: to, odds: odds,
		dice: rand.New(rand.NewPCG(seed, 1)), conns: make(map[net.Conn]struct{}),
	}
	c.all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			c.all.Go(func() { c.serve(client) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		c.cutAll()
		c.all.Wait()
	})
	return c
}

func (c *cutter) serve(client net.Conn) {
	defer c.forget(client)
	server, err := net.Dial("tcp", c.to)
	if err != nil {
		return
	}
	defer c.forget(server)
	c.keep(client, server)
	c.all.Go(func() {
		defer c.forget(server)
		pass(server, client, func() (bool, bool) { return true, true })
	})
	pass(client, server, c.fate)
}

// pass copies what comes in pieces; the fate of each says whether it goes on, and whether the connection does.
func pass(to, from net.Conn, fate func() (forward, stay bool)) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		forward, stay := fate()
		if forward {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if !stay {
			return
		}
	}
}

func (c *cutter) fate() (forward, stay bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mute {
		return false, true
	}
	if c.dice.Float64() < c.odds {
		return false, false
	}
	return true, true
}

func (c *cutter) keep(conns ...net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range conns {
		c.conns[conn] = struct{}{}
	}
}

func (c *cutter) forget(conn net.Conn) {
	_ = conn.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.conns, conn)
}

// cutAll ends the connections of the moment.
func (c *cutter) cutAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.conns {
		_ = conn.Close()
	}
}

// silence makes it swallow every answer, or no longer.
func (c *cutter) silence(yes bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mute = yes
}

// through is a dialer that reaches each server by way of its cutter.
func through(cutters ...*cutter) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		for _, c := range cutters {
			if c.to == addr {
				addr = c.addr
			}
		}
		return (&net.Dialer{Timeout: time.Second}).DialContext(ctx, network, addr)
	}
}
