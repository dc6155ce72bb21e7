package rdvsptest

import (
	"net"
	"net/http"
	"strconv"
)

// What one address may ask of /api/v1/ in a window of time.
const (
	requestsPerWindow = 50
	windowSeconds     = 60
)

// window counts the requests of each address since its start. Windows do not slide: they begin at the whole minute.
type window struct {
	start int64 // Unix time
	count map[string]int
}

// limited is the refusal of a request that is one too many, or the zero answer.
func (s *Server) limited(r route, c *call) answer {
	if s.o.Unlimited || !r.ofAPI() {
		return answer{}
	}
	now := s.now().Unix()
	start := now - now%windowSeconds
	if s.limit.count == nil || s.limit.start != start {
		s.limit = window{start: start, count: make(map[string]int)}
	}
	address, _, _ := net.SplitHostPort(c.RemoteAddr)
	s.limit.count[address]++
	if s.limit.count[address] <= requestsPerWindow {
		return answer{}
	}
	return tooMany(windowSeconds - now%windowSeconds)
}

// tooMany says how many seconds to wait. Only a refusal says anything of the limit.
func tooMany(wait int64) answer {
	return refusal(http.StatusTooManyRequests, "Limite d'appels API atteinte. Merci de patienter.").
		with("RateLimit-Limit", strconv.Itoa(requestsPerWindow)).
		with("RateLimit-Remaining", "0").
		with("Retry-After", strconv.FormatInt(wait, 10))
}
