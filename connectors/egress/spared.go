package egress

// Spared is a request that was not sent, to spare a server that is in trouble or has enough to do for us. Nothing is
// wrong with the request: later it may be sent.
type Spared struct {
	Host   string // the host asked, without its port
	Reason string // one sentence in French for the operator
}

func (e *Spared) Error() string { return "egress: " + e.Host + ": " + e.Reason }
