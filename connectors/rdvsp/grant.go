package rdvsp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"passerelle/connectors"
)

const (
	// tokensLast is how long a token is good where the answer does not say.
	tokensLast = 2 * time.Hour
	// renewEarly is how long before its end a token is renewed: clocks differ, and questions take time.
	renewEarly = time.Minute
)

// grant is what an agent's consent gave, as Env.Grant keeps it.
type grant struct {
	Application string `json:"application"` // that it was given to, at Root: to no other is it shown
	Root        string `json:"root"`
	Access      string `json:"access"`
	Refresh     string `json:"refresh"`
	Expires     int64  `json:"expires"` // Unix time
}

// keys are the tokens of one agenda. They are kept for all instances of the program, any of which may renew them: what
// is kept is read before every question, and again before a renewal is given up.
type keys struct {
	api        api
	id, secret string // of the application
	kept       connectors.State
	now        func() time.Time
	turn       chan struct{} // of the one who may change them
}

// apart are keys of the same application that are tried before they count: they are kept nowhere but there.
func (k *keys) apart() *keys {
	apart := *k
	apart.kept, apart.turn = &aside{}, make(chan struct{}, 1)
	return &apart
}

// aside is a State that ends with who holds it.
type aside struct{ text []byte }

func (a *aside) Load(context.Context) ([]byte, error) { return a.text, nil }

func (a *aside) Save(_ context.Context, text []byte) error {
	a.text = text
	return nil
}

// token gives an access token that is good now. stale is one that was just refused; empty: none was.
func (k *keys) token(ctx context.Context, op, stale string) (string, error) {
	leave, err := k.enter(ctx, op)
	if err != nil {
		return "", err
	}
	defer leave()
	held, err := k.load(ctx, op)
	switch {
	case err != nil:
		return "", err
	case held.Access == "":
		return "", failed(op, connectors.Misconfigured, errors.New("nobody of the structure has let the gateway in yet"))
	case k.good(held, stale):
		return held.Access, nil
	}
	renewed, err := k.renew(ctx, op, held)
	if err == nil {
		return renewed.Access, nil
	}
	if connectors.KindOf(err) != connectors.Misconfigured {
		return "", err
	}
	if held, missed := k.load(ctx, op); missed == nil && k.good(held, stale) { // renewed elsewhere meanwhile
		return held.Access, nil
	}
	return "", err
}

// enter waits for the turn.
func (k *keys) enter(ctx context.Context, op string) (leave func(), err error) {
	select {
	case k.turn <- struct{}{}:
		return func() { <-k.turn }, nil
	case <-ctx.Done():
		return nil, failed(op, connectors.Unavailable, ctx.Err())
	}
}

func (k *keys) good(g grant, stale string) bool {
	return g.Access != "" && g.Access != stale && k.now().Add(renewEarly).Unix() < g.Expires
}

func (k *keys) renew(ctx context.Context, op string, held grant) (grant, error) {
	over := errors.New("the consent is over: somebody of the structure must let the gateway in again")
	if held.Refresh == "" {
		return grant{}, failed(op, connectors.Misconfigured, over)
	}
	renewed, err := k.request(ctx, op, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {held.Refresh}})
	switch {
	case refusedGrant(err):
		return grant{}, failed(op, connectors.Misconfigured, over)
	case err != nil:
		return grant{}, err
	}
	return renewed, k.keep(ctx, op, renewed)
}

// refusedGrant is a definite no to a code or a token: all that is below 500 but for too many requests.
func refusedGrant(err error) bool {
	status := connectors.StatusOf(err)
	return status >= 400 && status <= 499 && status != http.StatusTooManyRequests
}

// request asks for tokens (RFC 6749 §4.1.3, §6).
func (k *keys) request(ctx context.Context, op string, form url.Values) (grant, error) {
	form.Set("client_id", k.id)
	form.Set("client_secret", k.secret)
	var answer struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Seconds int64  `json:"expires_in"`
	}
	asked := k.now()
	err := k.api.ask(ctx, question{op: op, method: http.MethodPost, path: "oauth/token", body: form, harmless: true}, &answer)
	switch {
	case err != nil:
		return grant{}, err
	case answer.Access == "":
		return grant{}, failed(op, connectors.Unavailable, errors.New("the answer holds no token"))
	case answer.Seconds <= 0:
		answer.Seconds = int64(tokensLast / time.Second)
	}
	if answer.Refresh == "" {
		answer.Refresh = form.Get("refresh_token") // the one that was used goes on (§6)
	}
	return grant{
		Application: k.id, Root: k.api.root.String(), Access: answer.Access, Refresh: answer.Refresh, Expires: asked.Unix() + answer.Seconds,
	}, nil
}

// keep puts tokens in the place of those that there were. Tokens that cannot be kept are not used: those before them are
// good until then.
func (k *keys) keep(ctx context.Context, op string, given grant) error {
	text, err := json.Marshal(given)
	if err == nil {
		err = k.kept.Save(context.WithoutCancel(ctx), text) // that the caller has gone must not lose it
	}
	if err != nil {
		return failed(op, connectors.Unavailable, errors.New("what is granted cannot be kept"))
	}
	return nil
}

// load is what is kept, if it was granted to this application there.
func (k *keys) load(ctx context.Context, op string) (grant, error) {
	if k.kept == nil {
		return grant{}, nil
	}
	text, err := k.kept.Load(ctx)
	var held grant
	switch {
	case err != nil:
		return grant{}, failed(op, connectors.Unavailable, errors.New("what was granted cannot be read"))
	case len(text) == 0:
		return grant{}, nil
	case json.Unmarshal(text, &held) != nil:
		return grant{}, failed(op, connectors.Internal, errors.New("what was granted is not understood"))
	case held.Application != k.id || held.Root != k.api.root.String():
		return grant{}, nil
	}
	return held, nil
}
