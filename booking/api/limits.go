package api

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"passerelle/auth"
	"passerelle/booking"
)

// Limits are how much callers may ask for. The zero value counts nothing, and lets everybody in.
type Limits struct {
	// Allow takes one call from what may be done so often in a minute, and always answers. What it counts by holds
	// addresses.
	Allow func(ctx context.Context, what string, perMinute int) Verdict

	Reads, Writes int // a minute, of a partner
	Checks        int // of slots, of a partner: each reads agendas
	Tokens        int // of an address
	Public        int // of an address, where no token is asked for
	Unknown       int // ids that are not a partner's, and tokens of an address that are refused

	InFlight int           // requests that are answered at once; zero: any number
	EnterIn  time.Duration // how long one waits for its turn, before it is refused
}

// Verdict is the answer to one call.
type Verdict struct {
	Allowed    bool
	Remaining  int           // calls that would be allowed at this moment
	RetryAfter time.Duration // until the next call is allowed; zero when this one was
	ResetAfter time.Duration // until all of them are there again
}

// tokensOfClient is how many times more tokens a client_id is given than one address is, so that no single address can
// use up what a partner has.
const tokensOfClient = 5

// count is something of somebody's that is counted. Its name is that of the policy in the header RateLimit-Policy.
type count struct {
	name      string
	of        string // a partner, an address
	perMinute int
}

// spend takes one call from a count and says so in the answer (draft-ietf-httpapi-ratelimit-headers-10: q calls in a
// window of w seconds, of which r are left, and all of them again in t seconds).
func (s *server) spend(c *gin.Context, n count) Verdict {
	if s.Limits.Allow == nil {
		return Verdict{Allowed: true}
	}
	v := s.Limits.Allow(c.Request.Context(), n.name+"/"+n.of, n.perMinute)
	h, name := c.Writer.Header(), `"`+n.name+`";`
	h["Ratelimit-Policy"] = append(h["Ratelimit-Policy"], name+"q="+strconv.Itoa(n.perMinute)+";w=60")
	h["Ratelimit"] = append(h["Ratelimit"], name+"r="+strconv.Itoa(v.Remaining)+";t="+strconv.Itoa(seconds(v.ResetAfter)))
	return v
}

// take spends, and refuses the call when nothing is left.
func (s *server) take(c *gin.Context, n count) bool {
	v := s.spend(c, n)
	if !v.Allowed {
		s.refuse(c, tooMany(v.RetryAfter))
	}
	return v.Allowed
}

// takeClaimed takes one of the tokens that may be asked for under a client_id, whoever says that it is its own.
func (s *server) takeClaimed(c *gin.Context, client string) bool {
	return s.take(c, count{"jetons-client", client, tokensOfClient * s.Limits.Tokens})
}

// takeSigned takes one of the tokens of a partner that has signed for it: no name that others send is counted there.
func (s *server) takeSigned(c *gin.Context, partner string) bool {
	return s.take(c, count{"jetons-signes", partner, tokensOfClient * s.Limits.Tokens})
}

func tooMany(wait time.Duration) error {
	return &refusal{
		status: http.StatusTooManyRequests, code: "trop_de_demandes", detail: "Trop de demandes en peu de temps : réessayez dans un instant.", wait: wait,
	}
}

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// count counts a call: for the partner whose token it has, else for the address that it comes from.
func (s *server) count(c *gin.Context) {
	switch partner := c.GetString(keyPartner); {
	case probe(c):
	case c.FullPath() == "/oauth/token":
		s.take(c, count{"jetons", address(c), s.Limits.Tokens})
	case partner == "":
		s.take(c, count{"publiques", address(c), s.Limits.Public})
	case c.FullPath() == checkPath:
		s.take(c, count{"verifications", partner, s.Limits.Checks})
	case c.Request.Method == http.MethodGet:
		s.take(c, count{"lectures", partner, s.Limits.Reads})
	default:
		s.take(c, count{"ecritures", partner, s.Limits.Writes})
	}
}

// probe reports whether a call asks how the process does: that is always answered.
func probe(c *gin.Context) bool { return c.FullPath() == "/livez" || c.FullPath() == "/readyz" }

// address is where a call comes from, as the trusted proxies say it. An IPv6 network of 64 bits is one caller: each has
// at least so many.
func address(c *gin.Context) string {
	a, err := netip.ParseAddr(c.ClientIP())
	if err != nil {
		return "" // a proxy that says nothing readable: all of its callers are one
	}
	if a = a.Unmap(); a.Is4() {
		return a.String()
	}
	return netip.PrefixFrom(a.WithZone(""), 64).Masked().String()
}

// guesses are the partners that have asked for too many ids that are not theirs, and until when they are not heard. It
// holds partners only, who are few.
type guesses struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// hear refuses a call by id of a partner that guesses: before anything is looked up, or a right guess would show.
func (s *server) hear(c *gin.Context) {
	if !byID(c) {
		return
	}
	s.guesses.mu.Lock()
	until := s.guesses.until[c.GetString(keyPartner)]
	s.guesses.mu.Unlock()
	if wait := until.Sub(s.Now()); wait > 0 {
		s.refuse(c, tooMany(wait))
	}
}

// byID reports whether a call names something that only one partner may know of. Ids of places are public.
func byID(c *gin.Context) bool {
	return c.GetString(keyPartner) != "" && strings.Contains(c.FullPath(), "/:id") && !strings.HasPrefix(c.FullPath(), "/v1/lieux/")
}

// unknownID reports whether an id in the path is nobody's whom the partner knows. A place that is not found is no guess.
func unknownID(err error) bool {
	e, ok := errors.AsType[*booking.Error](err)
	return ok && (e.Code == "rendez_vous_inconnu" || e.Code == "webhook_inconnu")
}

// guessed counts what looks like a guess, and replaces its refusal by another when there were too many. A token cannot
// be guessed, so a good one is heard whatever else its address sends.
func (s *server) guessed(c *gin.Context, err error) error {
	if errors.Is(err, auth.ErrInvalidToken) || errors.Is(err, errNoToken) {
		if v := s.spend(c, count{"inconnus", address(c), s.Limits.Unknown}); !v.Allowed {
			return tooMany(v.RetryAfter)
		}
		return err
	}
	if !byID(c) || !unknownID(err) {
		return err
	}
	partner := c.GetString(keyPartner)
	v := s.spend(c, count{"inconnus", partner, s.Limits.Unknown})
	if v.Allowed {
		return err
	}
	s.guesses.mu.Lock()
	defer s.guesses.mu.Unlock()
	if s.guesses.until == nil {
		s.guesses.until = make(map[string]time.Time)
	}
	s.guesses.until[partner] = s.Now().Add(v.RetryAfter)
	return tooMany(v.RetryAfter)
}
