package signin

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"
)

// Identity is somebody, as whoever may say so says it.
type Identity struct {
	Issuer  string // of the provider that says it; empty: it is whoever reads the mail of Address
	Subject string // the name there that never changes; empty without a provider
	Address string // of mail, as ParseAddress writes it; with a provider it is what that says, and may be empty
	Name    string // of the person; may be empty
	Strong  bool   // more than a password was asked for (RFC 8176: mfa)
}

// Account is a person who has signed in (compte). Those of one person through a provider and by mail are two: that a
// provider names a mail address does not mean that its mail is read.
type Account struct {
	ID       string
	Issuer   string // as Identity
	Address  string
	Name     string
	Operator bool     // runs the gateway
	Places   []string // ids of the places that it answers for
	Created  time.Time
	Seen     time.Time // the last sign-in
}

// Session is a browser that somebody has signed in with.
type Session struct {
	Account Account
	Strong  bool
	Hint    string // id_token of the provider, which wants it back at the end; empty without one
	Expires time.Time
}

// SignIn is what opens a session.
type SignIn struct {
	Key      string // of the account: a digest of the identity
	Identity Identity
	Session  string // digest of its token
	Hint     string
	Expires  time.Time
	Link     string // digest of the link that is used up by it; empty without one
}

// Answering is that an account answers for a place from now on.
type Answering struct {
	Account, Place string
	By             string // who says so, for the audit
	Link           string // digest of the link that is used up by it; empty without one
}

// Store keeps what signing in needs. It has more than three methods because it is one thing: whoever forgets an account
// forgets its sessions.
type Store interface {
	// SignIn finds the account of a key or makes it, keeps what is said of it now, and opens a session. ErrUnknown: its link
	// has been used meanwhile, or its time is over, and nothing has happened.
	SignIn(ctx context.Context, s SignIn) (Account, error)
	// Session is ErrUnknown where there is none, or its time is over.
	Session(ctx context.Context, digest string) (Session, error)
	// Account is ErrUnknown where there is none.
	Account(ctx context.Context, id string) (Account, error)
	// SignOut ends a session and says what it was; ErrUnknown where there is none.
	SignOut(ctx context.Context, digest string) (Session, error)

	// KeepLink keeps what a link was sent for, until its time is over.
	KeepLink(ctx context.Context, digest string, l Link) error
	// Link is ErrUnknown where there is none, it was used, or its time is over.
	Link(ctx context.Context, digest string) (Link, error)

	// Approved reports whether the operator has approved one of these, each a digest of an address or of a domain.
	Approved(ctx context.Context, digests ...string) (bool, error)
	// AnswerFor makes an account answer for a place. Twice is no error; ErrUnknown where there is no such account, or its link
	// has been used meanwhile.
	AnswerFor(ctx context.Context, a Answering) error
}

// What a sign-in ends with when it does not succeed. Each is the person's to mend, but for ErrProvider and
// ErrOff.
var (
	ErrUnknown  = errors.New("signin: there is no such session, link or account, or its time is over")
	ErrState    = errors.New("signin: not what this browser was given, or too late")
	ErrDenied   = errors.New("signin: the person said no")
	ErrProvider = errors.New("signin: the provider does not answer as it should")
	ErrAddress  = errors.New("signin: not a mail address")
	ErrOff      = errors.New("signin: this way of signing in is not set up")
)

// mailbox is an address without comments or quotes: what stands in one may look like a domain that it is not.
var mailbox = regexp.MustCompile(`^[a-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$`)

// ParseAddress writes a mail address as it is compared: in lower case. It is ErrAddress for what is none, or is
// international: nobody could tell two that look alike.
func ParseAddress(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if len(text) > 254 || !mailbox.MatchString(text) {
		return "", ErrAddress
	}
	return text, nil
}
