package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
	"passerelle/booking/volatile"
	"passerelle/booking/web"
)

// linksAnHour are the mails with a link that one address is sent: more would be somebody else's doing.
const linksAnHour = 5

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
		Store: g.ledger, Provider: provider, ByMail: g.config.Mail.Host != "", Key: key, Replays: g.volatile,
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
	tally := volatile.NewTally(g.volatile, g.keys.Derive("compteurs")[0], g.logger, g.now)
	s := web.SignIn{
		Desk: desk, ByMail: g.telling.mailer != nil,
		Allow: func(ctx context.Context, address string) bool {
			return tally.Allow(ctx, "courriel/"+address, volatile.Rate{Count: linksAnHour, Per: time.Hour, Burst: linksAnHour}).Allowed
		},
	}
	if g.config.Provider.Issuer != "" {
		s.Provider = g.config.Provider.Name
	}
	if m := g.telling.mailer; m != nil {
		s.SendLink, s.SendPlaceLink = m.SendSignIn, m.SendPlaceLink
	}
	return s, nil
}

// public is the address of the gateway, without a slash at its end.
func (g *gateway) public() string { return strings.TrimSuffix(g.config.PublicURL, "/") }
