package rdvsp

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"passerelle/connectors"
)

// Consent is the page of the instance on which an agent of the organisation says yes. It sends him back with a code.
func (c *consented) Consent(back, state string) (string, error) {
	page := c.api.root.JoinPath("oauth/authorize")
	page.RawQuery = url.Values{
		"client_id": {c.keys.id}, "redirect_uri": {back}, "response_type": {"code"}, "scope": {"write"}, "state": {state},
	}.Encode()
	return page.String(), nil
}

// Granted also asks whether the agent works in the organisation: to others, its lists are empty.
func (c *consented) Granted(ctx context.Context) error {
	to, err := c.where(ctx, "granted")
	if err != nil {
		return err
	}
	return c.works(ctx, "granted", to.organisation)
}

// Agree takes the code for tokens, and keeps them in place of those that there were once they are known to be those of an
// agent who works in the organisation. Refused: he does not. Misconfigured: the application itself is not known there.
// Unavailable: whether the code is used up is not known; the agent consents again. With an error nothing is changed.
func (c *consented) Agree(ctx context.Context, back, code string) error {
	if c.keys.kept == nil {
		return failed("agree", connectors.Internal, errors.New("nothing keeps what is granted"))
	}
	to, err := c.where(ctx, "agree")
	if err != nil {
		return err
	}
	given, err := c.exchange(ctx, back, code)
	if err != nil {
		return err
	}
	trial := c.keys.apart()
	if err := trial.keep(ctx, "agree", given); err != nil {
		return err
	}
	err = (&consented{api: c.api, keys: trial}).works(ctx, "agree", to.organisation)
	switch {
	case errors.Is(err, errElsewhere):
		return failed("agree", connectors.Refused, err)
	case err != nil:
		return err
	}
	if given, err = trial.load(ctx, "agree"); err != nil { // they may have been renewed
		return err
	}
	leave, err := c.keys.enter(ctx, "agree")
	if err != nil {
		return err
	}
	defer leave()
	return c.keys.keep(ctx, "agree", given)
}

// exchange is the code for what it grants.
func (c *consented) exchange(ctx context.Context, back, code string) (grant, error) {
	given, err := c.keys.request(ctx, "agree", url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {back}})
	switch {
	case connectors.StatusOf(err) == http.StatusUnauthorized:
		return grant{}, failed("agree", connectors.Misconfigured, errors.New("the application is not known there, or its secret is another"))
	case refusedGrant(err):
		return grant{}, failed("agree", connectors.Refused, errors.New("the code is not, or no longer, good"))
	}
	return given, err
}
