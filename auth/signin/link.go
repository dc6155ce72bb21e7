package signin

import (
	"context"
	"time"
)

// Link is what a mail with a link was sent for. Its token is in the mail alone.
type Link struct {
	For     Purpose
	Address string // that it was sent to
	Back    string // For SigningIn: path of the page to go back to
	Account string // For APlace: whose account is to answer for it
	Place   string // For APlace: its id
	Expires time.Time
}

// Purpose is what a link is for. A link is good for nothing else: its digest depends on it.
type Purpose string

// The purposes.
const (
	SigningIn Purpose = "connexion"
	APlace    Purpose = "lieu"
)

// How long links are good.
const (
	signInFor = 15 * time.Minute
	placeFor  = 7 * 24 * time.Hour // the mailbox of a place is read by whoever is there
)

// Invite makes the token of a link by which whoever reads the mail of an address signs in. Everybody may ask: what an
// account may do is another question.
func (d *Desk) Invite(ctx context.Context, address, back string) (token string, err error) {
	if !d.ByMail {
		return "", ErrOff
	}
	address, err = ParseAddress(address)
	if err != nil {
		return "", err
	}
	return d.link(ctx, Link{For: SigningIn, Address: address, Back: back, Expires: d.Now().Add(signInFor)})
}

// AskForPlace makes the token of a link by which an account becomes one that answers for a place. It is to be sent to an
// address that the standard's file publishes for that place (courriels), and to no other.
func (d *Desk) AskForPlace(ctx context.Context, account, place, address string) (token string, err error) {
	if !d.ByMail {
		return "", ErrOff
	}
	address, err = ParseAddress(address)
	if err != nil {
		return "", err
	}
	return d.link(ctx, Link{For: APlace, Address: address, Account: account, Place: place, Expires: d.Now().Add(placeFor)})
}

func (d *Desk) link(ctx context.Context, l Link) (token string, err error) {
	token = NewToken(d.Random)
	return token, d.Store.KeepLink(ctx, Digest(string(l.For), token), l)
}

// Link says what a link is for, and leaves it as it is: programs open the links of mails before people do.
func (d *Desk) Link(ctx context.Context, p Purpose, token string) (Link, error) {
	l, _, err := d.find(ctx, p, token)
	return l, err
}

func (d *Desk) find(ctx context.Context, p Purpose, token string) (l Link, kept string, err error) {
	if !isToken(token) {
		return Link{}, "", ErrUnknown
	}
	kept = Digest(string(p), token)
	l, err = d.Store.Link(ctx, kept)
	return l, kept, err
}

// ByLink signs in whoever has a link. It is good once.
func (d *Desk) ByLink(ctx context.Context, token string) (session, back string, err error) {
	l, kept, err := d.find(ctx, SigningIn, token)
	if err != nil {
		return "", "", err
	}
	session, err = d.enter(ctx, Identity{Address: l.Address}, "", kept)
	return session, l.Back, err
}

// byThePlace is who says that an account answers for a place, where a link says it: whoever reads the mail of the place.
const byThePlace = "structure"

// GrantPlace makes the account that asked answer for the place. It is ErrUnknown when the place no longer publishes the
// address that the link was sent to.
func (d *Desk) GrantPlace(ctx context.Context, token string) error {
	l, kept, err := d.find(ctx, APlace, token)
	if err != nil {
		return err
	}
	if !d.Publishes(l.Place, l.Address) {
		return ErrUnknown
	}
	return d.Store.AnswerFor(ctx, Answering{Account: l.Account, Place: l.Place, By: byThePlace, Link: kept})
}
