package rdvsptest

import (
	"fmt"
	"net/http"
	"net/url"
)

// Hosts says which instance stands behind a host, as the name service does: several hosts may share one. It is the
// transport of a client that asks for public addresses and never leaves the machine; https is as http there.
type Hosts map[string]*Server

// RoundTrip asks the instance, which still sees the host that was asked for.
func (h Hosts) RoundTrip(q *http.Request) (*http.Response, error) {
	s, known := h[q.URL.Host]
	if !known {
		return nil, fmt.Errorf("rdvsptest: nothing stands behind %s", q.URL.Host)
	}
	there, err := url.Parse(s.URL)
	if err != nil {
		return nil, err
	}
	sent := q.Clone(q.Context())
	sent.Host = q.URL.Host
	sent.Header.Set(forwardedScheme, q.URL.Scheme)
	sent.URL.Scheme, sent.URL.Host = there.Scheme, there.Host
	answer, err := s.Client().Transport.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	answer.Request = q
	return answer, nil
}
