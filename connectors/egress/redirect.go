package egress

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const maxRedirects = 3

// portable are the headers that may follow a redirection to another host: none says who we are or what we know.
var portable = []string{"Accept", "Accept-Language", "Accept-Encoding", "If-None-Match", "If-Modified-Since"}

// checkRedirect is asked before each hop; where the hop leads is judged like any other request. A redirection of
// anything but a GET or a HEAD is not followed and the caller gets it as the answer: to follow it would send what
// was written to somebody else, or turn a write into a read that looks like success.
func checkRedirect(next *http.Request, via []*http.Request) error {
	last := via[len(via)-1]
	if last.Method != http.MethodGet && last.Method != http.MethodHead {
		return http.ErrUseLastResponse
	}
	if len(via) > maxRedirects {
		return refuse(next.URL.Hostname(), "plus de %d redirections", maxRedirects)
	}
	if last.URL.Scheme == "https" && next.URL.Scheme != "https" {
		return refuse(next.URL.Hostname(), "redirection de https vers %s refusée", next.URL.Scheme)
	}
	next.Header.Del("Referer") // it would tell the secret address of an agenda
	elsewhere := func(r *http.Request) bool { return origin(r.URL) != origin(next.URL) }
	if slices.ContainsFunc(via, elsewhere) {
		for name := range next.Header {
			if !slices.Contains(portable, name) {
				next.Header.Del(name)
			}
		}
	}
	return nil
}

// origin is what credentials belong to.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = u.Scheme
	}
	if port == "443" {
		port = "https"
	}
	return net.JoinHostPort(strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), port)
}
