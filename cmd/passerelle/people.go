package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
	"passerelle/booking/volatile"
	"passerelle/booking/web"
)

// openDesk makes where people sign in: through the provider, if there is one, and by mail, if mail is sent.
func (g *gateway) openDesk(ctx context.Context) (*signin.Desk, error) {
	key, err := g.ledger.Secret(ctx, "comptes")
	if err != nil {
		return nil, err
	}
	provider, err := g.provider()
	if err != nil {
		return nil, err
	}
	return signin.New(signin.Options{
		Store: g.ledger, Provider: provider, ByMail: g.config.Mail.Host != "" || g.terminal != nil, Key: key, Replays: g.volatile,
		Publishes: g.publishes, Now: g.now, Random: randomness,
	})
}

// provider is nil where there is none.
func (g *gateway) provider() (*signin.Provider, error) {
	c := g.config.Provider
	if c.Issuer == "" {
		return nil, nil
	}
	client, err := client(g.config, g.logger, g.now)
	if err != nil {
		return nil, err
	}
	return signin.NewProvider(signin.ProviderOptions{
		Issuer: c.Issuer, ID: c.ID, Secret: string(c.Secret), Name: c.Name, Signed: c.Signed,
		Back: g.config.PublicURL + "/connexion/retour", Home: g.config.PublicURL + "/connexion", HTTP: client, Now: g.now,
	})
}

// publishes reports whether the standard's file publishes an address for a place, or for any place.
func (g *gateway) publishes(place, address string) bool {
	of := func(p *booking.Place) bool {
		return slices.ContainsFunc(p.Emails, func(published string) bool { return strings.EqualFold(strings.TrimSpace(published), address) })
	}
	if place == "" {
		return g.directory.Some(of)
	}
	p := g.place(place)
	return p != nil && of(p)
}

// signInPages is what the pages of signing in need.
func (g *gateway) signInPages(ctx context.Context) (web.SignIn, error) {
	desk, err := g.openDesk(ctx)
	if err != nil {
		return web.SignIn{}, err
	}
	s := web.SignIn{Desk: desk, Operator: g.config.Mail.Operator, Allow: g.linksAllowed()}
	if m := g.telling.mailer; m != nil {
		s.SendLink, s.SendPlaceLink = m.SendSignIn, m.SendPlaceLink
	} else if g.terminal != nil {
		s.SendLink, s.SendPlaceLink = g.showLink, g.showPlaceLink
	}
	return s, nil
}

func (g *gateway) showLink(_ context.Context, to, link string) error {
	_, err := fmt.Fprintf(g.terminal, "\nConnexion de %s : %s\n", to, link)
	return err
}

func (g *gateway) showPlaceLink(_ context.Context, to, link, who, place string) error {
	_, err := fmt.Fprintf(g.terminal, "\nÀ %s : %s demande à répondre de %s : %s\n", to, who, place, link)
	return err
}

// Links that are mailed in an hour, evenly, or all at once after a rest.
const (
	linksOfOneToOne = 5  // that one asker has sent to one address
	linksOfOne      = 30 // that one asker has sent; behind one address there may be a whole town hall
	linksToOne      = 30 // that an address is sent, whoever asks
)

// linksAllowed counts them. Whoever asks for somebody else's address uses up his own.
func (g *gateway) linksAllowed() func(ctx context.Context, p signin.Purpose, asker, to string) bool {
	return func(ctx context.Context, p signin.Purpose, asker, to string) bool {
		for _, n := range []struct {
			of      string
			perHour int
		}{{asker + "/" + to, linksOfOneToOne}, {asker, linksOfOne}, {"/" + to, linksToOne}} {
			if !g.tally.Allow(ctx, "lien/"+string(p)+"/"+n.of, volatile.Rate{Count: n.perHour, Per: time.Hour, Burst: n.perHour}).Allowed {
				return false
			}
		}
		return true
	}
}

// Tries to find an appointment by its code in an hour: of one who answers the telephone, and of all at one code, so that nobody
// finds a name by trying.
const (
	triesOfAccount = 5
	triesAtCode    = 10
)

func (g *gateway) codesAllowed() func(ctx context.Context, account, start string) bool {
	return func(ctx context.Context, account, start string) bool {
		of := func(what string, most int) bool {
			return g.tally.Allow(ctx, "code/"+what, volatile.Rate{Count: most, Per: time.Hour, Burst: most}).Allowed
		}
		return of("compte/"+account, triesOfAccount) && (start == "" || of("de/"+start, triesAtCode))
	}
}
