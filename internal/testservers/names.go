package testservers

import (
	"context"
	"encoding/hex"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// nameServer is a DNS server. "a-7f000001.example.org" has the address that its first label spells.
type nameServer struct {
	mu      sync.Mutex
	answers map[string][]netip.Addr
	asked   map[string]int
}

// StartNameServer starts one on loopback that ends with the test, and gives a resolver that asks it. Each of answers is what
// a name has, one address after the other at each question, and the last from then on.
func StartNameServer(t testing.TB, answers map[string][]netip.Addr) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &nameServer{answers: answers, asked: make(map[string]int)}
	var done sync.WaitGroup
	done.Go(func() { s.serve(conn) })
	t.Cleanup(func() { _ = conn.Close(); done.Wait() })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (s *nameServer) serve(conn net.PacketConn) {
	buffer := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		var question dnsmessage.Message
		if question.Unpack(buffer[:n]) != nil || len(question.Questions) != 1 {
			continue
		}
		answer, err := s.answer(question)
		if err == nil {
			_, _ = conn.WriteTo(answer, from)
		}
	}
}

func (s *nameServer) answer(m dnsmessage.Message) ([]byte, error) {
	q := m.Questions[0]
	out := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true},
		Questions: m.Questions,
	}
	a, ok := s.address(strings.TrimSuffix(q.Name.String(), "."), q.Type)
	header := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
	switch {
	case !ok:
		out.RCode = dnsmessage.RCodeNameError
	case a.Is4() && q.Type == dnsmessage.TypeA:
		out.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: a.As4()}}}
	case a.Is6() && q.Type == dnsmessage.TypeAAAA:
		out.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}}}
	}
	return out.Pack()
}

func (s *nameServer) address(name string, kind dnsmessage.Type) (netip.Addr, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if list := s.answers[name]; len(list) > 0 {
		turn := min(s.asked[name], len(list)-1)
		if kind == dnsmessage.TypeA {
			s.asked[name]++
		}
		return list[turn], true
	}
	label, _, _ := strings.Cut(strings.TrimPrefix(name, "a-"), ".")
	raw, err := hex.DecodeString(label)
	a, ok := netip.AddrFromSlice(raw)
	return a, err == nil && ok
}

// Named is a host name that every name server of a test resolves to a.
func Named(a netip.Addr) string { return "a-" + hex.EncodeToString(a.AsSlice()) + ".example.org" }
