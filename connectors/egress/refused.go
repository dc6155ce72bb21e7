package egress

import "fmt"

// Refused is a request, or an answer, that the rules of this package do not let through. Trying again changes
// nothing: the address, or the settings of the gateway, must change.
type Refused struct {
	Host   string // the host asked, without its port; it may be empty when the URL has none
	Reason string // one sentence in French for the operator; no path and no query
}

func (e *Refused) Error() string {
	if e.Host == "" {
		return "egress: " + e.Reason
	}
	return "egress: " + e.Host + ": " + e.Reason
}

func refuse(host, reason string, args ...any) *Refused {
	return &Refused{Host: host, Reason: fmt.Sprintf(reason, args...)}
}
