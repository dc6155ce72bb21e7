package signin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// sessionFor is how long one stays signed in (ProConnect's rule).
const sessionFor = 12 * time.Hour

// Options are the parts of a Desk. All are needed but Provider.
type Options struct {
	Store    Store
	Provider *Provider // nil: there is none
	ByMail   bool      // whether links can be sent
	Key      []byte    // 32 bytes, the same on every instance, for as long as accounts are kept
	Replays  Replays
	// Publishes reports whether the standard's file publishes an address for a place; for any place when that is empty.
	Publishes func(place, address string) bool
	Now       func() time.Time
	Random    io.Reader
}

// Replays knows the ids that were seen, on every instance.
type Replays interface {
	// Once is true the first time that an id is seen within the ttl. An error says nothing.
	Once(ctx context.Context, id string, ttl time.Duration) (bool, error)
}

// Desk is where people sign in and out, and where one asks what they may do.
type Desk struct{ Options }

// New checks the parts.
func New(o Options) (*Desk, error) {
	if o.Store == nil || o.Replays == nil || o.Publishes == nil || o.Now == nil || o.Random == nil || len(o.Key) != 32 {
		return nil, errors.New("signin: a part is missing")
	}
	return &Desk{o}, nil
}

// ToProvider is the address at the provider where a visitor signs in; she comes back to the provider's Back, and then to
// the page back.
func (d *Desk) ToProvider(ctx context.Context, visit, back string) (address string, err error) {
	if d.Provider == nil {
		return "", ErrOff
	}
	if !isToken(visit) {
		return "", ErrState
	}
	return d.Provider.begin(ctx, d.begin(visit, back))
}

// Answer is what the browser brings back from the provider (RFC 6749 §4.1.2, RFC 9207).
type Answer struct {
	State  string // state
	Code   string // code; empty where the answer is no
	Issuer string // iss; empty where the provider does not send it
	Error  string // error; empty where the answer is yes
}

// errorCode is a code of RFC 6749 §4.1.2.1, or of another standard: nothing else that a browser brings is written down.
var errorCode = regexp.MustCompile(`^[a-z_]{1,40}$`)

// FromProvider signs in whom the provider has sent back. An answer is good once, in the browser that asked.
func (d *Desk) FromProvider(ctx context.Context, visit string, a Answer) (session, back string, err error) {
	if d.Provider == nil {
		return "", "", ErrOff
	}
	try, err := d.resume(visit, a.State)
	switch {
	case err != nil:
		return "", "", err
	case a.Issuer != "" && a.Issuer != d.Provider.Issuer: // an answer of another provider (mix-up)
		return "", "", ErrState
	case a.Error == "access_denied":
		return "", try.back, ErrDenied
	case errorCode.MatchString(a.Error):
		return "", try.back, fmt.Errorf("%w: it answers %s", ErrProvider, a.Error)
	case a.Code == "":
		return "", try.back, fmt.Errorf("%w: it answers nothing", ErrProvider)
	}
	who, hint, err := d.Provider.finish(ctx, a.Code, try)
	if err != nil {
		return "", try.back, err
	}
	// Asked last: only who has signed in at the provider fills the store.
	sum := sha256.Sum256([]byte(a.State))
	first, err := d.Replays.Once(ctx, "connexion/"+hex.EncodeToString(sum[:]), stateFor+time.Minute)
	switch {
	case err != nil:
		return "", try.back, fmt.Errorf("signin: whether the answer was seen before is not known: %w", err)
	case !first:
		return "", try.back, ErrState
	}
	session, err = d.enter(ctx, who, hint, "")
	return session, try.back, err
}

// enter opens a session, always a new one.
func (d *Desk) enter(ctx context.Context, who Identity, hint, link string) (session string, err error) {
	session = NewToken(d.Random)
	key := keyed(d.Key, "provider", who.Issuer, who.Subject)
	if who.Issuer == "" {
		key = keyed(d.Key, "mail", who.Address)
	}
	_, err = d.Store.SignIn(ctx, SignIn{
		Key: hex.EncodeToString(key), Identity: who, Session: Digest(ofSession, session), Hint: hint, Expires: d.Now().Add(sessionFor), Link: link,
	})
	return session, err
}

// Who is the session of a cookie; ErrUnknown when there is none any more.
func (d *Desk) Who(ctx context.Context, session string) (Session, error) {
	if !isToken(session) {
		return Session{}, ErrUnknown
	}
	return d.Store.Session(ctx, Digest(ofSession, session))
}

// Account is one by its id; ErrUnknown where there is none.
func (d *Desk) Account(ctx context.Context, id string) (Account, error) {
	return d.Store.Account(ctx, id)
}

// SignOut ends a session. provider says that the person has another one there, without whose end the next one at the same
// computer is her; farewell is the page that ends it, and is empty where the provider has none or does not say.
func (d *Desk) SignOut(ctx context.Context, session string) (provider bool, farewell string, err error) {
	if !isToken(session) {
		return false, "", ErrUnknown
	}
	ended, err := d.Store.SignOut(ctx, Digest(ofSession, session))
	if err != nil || ended.Account.Issuer == "" {
		return false, "", err
	}
	if d.Provider == nil || ended.Account.Issuer != d.Provider.Issuer {
		return true, "", nil
	}
	return true, d.Provider.farewell(ctx, ended.Hint, NewToken(d.Random)), nil
}

// MayBook reports whether an account may book for people: a provider answers for her, the operator has approved her
// address or its domain, or a place publishes the address. Others wait for the operator.
func (d *Desk) MayBook(ctx context.Context, a Account) (bool, error) {
	if a.Issuer != "" || a.Operator || len(a.Places) > 0 || d.Publishes("", a.Address) {
		return true, nil
	}
	_, domain, _ := strings.Cut(a.Address, "@")
	return d.Store.Approved(ctx, d.Approval(a.Address), d.Approval("@"+domain))
}

// Approval is the digest under which the operator's approval of an address, or of all those of a domain ("@mairie.fr"), is
// kept.
func (d *Desk) Approval(what string) string {
	return hex.EncodeToString(keyed(d.Key, "approved", what))
}

// MayRun reports whether a session may do what only the operator does: the account is one, and more than a password was
// asked for.
func (s Session) MayRun() bool { return s.Account.Operator && s.Strong && s.Account.Issuer != "" }

// ErrApproval says that something is neither a mail address nor a domain.
var ErrApproval = errors.New("signin: neither a mail address nor a domain")

// ParseApproval writes an address, or a domain behind an @, as it is compared.
func ParseApproval(text string) (string, error) {
	text = strings.TrimSpace(text)
	if domain, ok := strings.CutPrefix(text, "@"); ok {
		address, err := ParseAddress("x@" + domain)
		if err != nil {
			return "", ErrApproval
		}
		return strings.TrimPrefix(address, "x"), nil
	}
	address, err := ParseAddress(text)
	if err != nil {
		return "", ErrApproval
	}
	return address, nil
}
