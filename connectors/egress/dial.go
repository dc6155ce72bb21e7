package egress

import (
	"context"
	"net"
	"time"
)

// Dial connects, within the given time, to a server that the operator has named in the configuration: a mail relay is
// most often at a private address. What strangers wrote never comes here; it has New, which looks at the address.
func Dial(within time.Duration) func(ctx context.Context, network, address string) (net.Conn, error) {
	return (&net.Dialer{Timeout: within}).DialContext
}
