package egress

import (
	"net/http"
	"time"
)

// call is a request on its way through the layers. What is worked out of it on the way in is worked out once.
type call struct {
	*http.Request           // as it is sent: its address in normal form, its headers no longer the caller's
	to            *server   // that it is for
	host          string    // of that, without its port
	start         time.Time // of this try
	inflate       bool      // gzip was asked for here, so it is undone here
}

// layer is a part of a client between the policy and the network.
type layer interface {
	send(c call) (*http.Response, error)
}
