package connectors

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Kind is what a caller may act on.
type Kind uint8

// The kinds. The zero value is Internal: an error that nobody classified is our fault.
const (
	Internal       Kind = iota // our fault
	Invalid                    // the person's data, or the question, is refused
	NotFound                   // unknown place, slot or appointment
	SlotTaken                  // lost the race
	Changed                    // a human changed the event meanwhile
	Refused                    // too late to cancel or move, closed
	Unsupported                // this agenda cannot do that
	Misconfigured              // our credentials are refused upstream
	RateLimited                // upstream 429
	Unavailable                // a read failed
	OutcomeUnknown             // a write was sent and no answer came
	kinds                      // how many there are
)

var kindNames = [kinds]string{
	"internal", "invalid", "not found", "slot taken", "changed", "refused", "unsupported",
	"misconfigured", "rate limited", "unavailable", "outcome unknown",
}

// Kinds lists every kind, for the tables and tests that must know them all.
func Kinds() []Kind {
	all := make([]Kind, kinds)
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}

func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Error is the one error of connectors: a kind for the machine, a cause for the log. The cause never reaches a
// client and holds no secret and no personal data.
type Error struct {
	Op         string // "read", "book", "cancel"…
	Kind       Kind
	RetryAfter time.Duration // what the source asked for; zero when it said nothing
	Err        error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Op + ": " + e.Kind.String()
	}
	return e.Op + ": " + e.Kind.String() + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the outermost classified error in err. A context that ended counts as Unavailable:
// whoever sends a write says OutcomeUnknown itself.
func KindOf(err error) Kind {
	if k, ok := errors.AsType[interface {
		error
		ErrorKind() Kind
	}](err); ok {
		return k.ErrorKind()
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return Unavailable
	}
	return Internal
}

// ErrorKind is how KindOf finds the kind; the domain's own errors have it too.
func (e *Error) ErrorKind() Kind { return e.Kind }

// KindOfStatus classifies an HTTP status that refused a read. For a write, what is not a clear no (a 4xx) is
// OutcomeUnknown, and the caller says so.
func KindOfStatus(status int) Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return Misconfigured
	case http.StatusNotFound, http.StatusGone:
		return NotFound
	case http.StatusConflict, http.StatusPreconditionFailed:
		return Changed
	case http.StatusTooManyRequests:
		return RateLimited
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return Invalid
	}
	return Unavailable
}
