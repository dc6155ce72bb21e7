package connectors

import (
	"context"
	"net/http"
	"time"
)

// Handoffer is an agenda whose booking a human finishes on its own page.
type Handoffer interface {
	Handoff(ctx context.Context, r HandoffRequest) (Link, error)
}

// HandoffRequest is what is known when a person is sent on.
type HandoffRequest struct {
	Reference  string
	Place      string // id of the place that she is to come to, one of those that the agenda serves
	Address    string // of that place, in one line: street, city, postal code; empty where one of them is not known
	Motif      string // upstream motif, if one was chosen
	Prescriber bool   // an aidant opens the page for somebody else
}

// Link is a page that a human finishes a booking on.
type Link struct {
	URL string // of an Inviter it is the person's own: a secret
	// Upstream is the agenda's own identifier of whom it is for; empty where nobody can be followed. It is opaque but for
	// this: what stands before its "@", or all of it where there is none, names the person, and is in all her links.
	Upstream  string
	ExpiresAt time.Time // zero when the link does not expire
}

// Inviter is an agenda that must know who comes: it makes her known over there and gets a page of her own. Nothing is
// booked by it, so that what may or may not have been applied is Unavailable; she may then be known there twice.
type Inviter interface {
	Invite(ctx context.Context, r HandoffRequest, who Person) (Link, error)
}

// Follower is an agenda that tells what became of the links that it gave.
type Follower interface {
	// Follow says what became of each (Link.Upstream). All links of one person come together, so that what she booked can be
	// given to the right one. Those of which nothing is known yet are left out. With an error, what
	// is said holds all the same, and of what is left out nothing is known.
	Follow(ctx context.Context, links []string) ([]Outcome, error)
}

// Outcome is what became of a link.
type Outcome struct {
	Link        string      // its Upstream
	Appointment Appointment // as the agenda keeps it now; Reference is empty
	Fate        Fate
}

// Fate is how an appointment that was booked on the agenda's own page stands there.
type Fate uint8

// The fates. The zero value is none of them.
const (
	Booked    Fate = iota + 1
	Withdrawn      // the person, or who booked for her, ended it
	Revoked        // the structure ended it
	Attended       // she came
	Missed         // she did not come
)

// Receiver is an agenda whose software calls when something changes. What it says is a hint: it is read again (Follow)
// before it is believed.
type Receiver interface {
	// Receive reads one call and names the people that it is about, as their links do: each is what stands before the "@"
	// of a Link.Upstream, or all of one that has none. Some may be nobody's whom we sent there. None: the call is about
	// nothing that changes an appointment. Refused: it is not signed by that software. Invalid: it is signed, and not
	// understood. It asks no network.
	Receive(ctx context.Context, h http.Header, body []byte) (people []string, err error)
}

// Consenter is an agenda that somebody of the structure must let the gateway into (OAuth 2.0, RFC 6749 §4.1). What is
// granted is kept in Env.Grant.
type Consenter interface {
	// Consent is the page on which that person agrees. It sends her browser to back with a code and the state.
	Consent(back, state string) (page string, err error)
	// Agree takes the code to that software and keeps what it grants. Refused: the code is not, or no longer, good, or it is
	// of somebody who cannot let the gateway into this agenda; what was granted before stays.
	Agree(ctx context.Context, back, code string) error
	// Granted asks whether what was granted is good now. Misconfigured: nobody agreed yet, or it was taken back.
	Granted(ctx context.Context) error
}
