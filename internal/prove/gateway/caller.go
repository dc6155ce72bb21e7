package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Caller is a partner's tool. It goes with the partner from one process of the site to the next: tokens and slots stay
// good. It is safe for concurrent use.
type Caller struct {
	HTTP    *http.Client
	Partner Partner

	mu    sync.Mutex
	url   string // of the process that serves now
	token string
	renew time.Time // when another is to be asked for
	good  time.Time // until when it may be used
}

const (
	answerIn   = 30 * time.Second // a guard: until an answer comes
	goodFor    = 4 * time.Minute  // well within the life of a token
	renewAfter = 3 * time.Minute
	renewAgain = 10 * time.Second // after another was asked for: it may be refused
)

// NewCaller makes the tool of a partner.
func NewCaller(p Partner) *Caller {
	return &Caller{Partner: p, HTTP: &http.Client{Timeout: answerIn, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

// Close closes its connections.
func (c *Caller) Close() { c.HTTP.CloseIdleConnections() }

// Turn makes it call another address.
func (c *Caller) Turn(url string) {
	c.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.url = url
}

// Reach is where to call, and with which token. While one call asks for another token, the others go on with the one there is;
// so does that one where it is refused.
func (c *Caller) Reach(ctx context.Context) (address, token string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch now := time.Now(); {
	case now.After(c.good):
		token, err := c.grant(ctx, c.url)
		if err != nil {
			return "", "", err
		}
		c.take(token)
	case now.After(c.renew):
		c.renew = now.Add(renewAgain)
		address := c.url
		c.mu.Unlock()
		token, err := c.grant(ctx, address)
		c.mu.Lock()
		if err == nil {
			c.take(token)
		}
	}
	return c.url, c.token, nil
}

func (c *Caller) take(token string) {
	now := time.Now()
	c.token, c.renew, c.good = token, now.Add(renewAfter), now.Add(goodFor)
}

// grant asks for a token.
func (c *Caller) grant(ctx context.Context, address string) (string, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.Partner.ID}, "client_secret": {c.Partner.Secret}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a, err := c.do(r)
	if err != nil {
		return "", err
	}
	if token := a.Text("access_token"); token != "" {
		return token, nil
	}
	return "", fmt.Errorf("gateway: %s instead of a token", a)
}

// Answer is what came back.
type Answer struct {
	Status   int
	Replayed bool // Idempotency-Replayed
	Body     []byte
}

// Text is the string at a key of the answer's object; empty when there is none.
func (a Answer) Text(key string) string {
	var v map[string]any
	if json.Unmarshal(a.Body, &v) != nil {
		return ""
	}
	text, _ := v[key].(string)
	return text
}

func (a Answer) String() string {
	return fmt.Sprintf("%d %s%s", a.Status, a.Text("code"), a.Text("statut"))
}

func (c *Caller) do(r *http.Request) (Answer, error) {
	got, err := c.HTTP.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	return Answer{got.StatusCode, got.Header.Get("Idempotency-Replayed") == "true", body}, err
}

// Call sends one call. An error says that no answer came, or not all of it.
func (c *Caller) Call(ctx context.Context, method, path, key string, body []byte) (Answer, error) {
	address, token, err := c.Reach(ctx)
	if err != nil {
		return Answer{}, err
	}
	r, err := http.NewRequestWithContext(ctx, method, address+path, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	r.GetBody = nil // with it, the transport repeats what has an Idempotency-Key by itself
	r.Header.Set("Authorization", "Bearer "+token)
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
		r.Header.Set("Content-Type", "application/json")
	}
	return c.do(r)
}

// Book asks for what the intention says, with its key.
func (c *Caller) Book(ctx context.Context, i Intention) (Answer, error) {
	return c.Call(ctx, http.MethodPost, "/v1/rendez-vous", i.Key, i.Body())
}

// Slots lists the free slots of the places for the next days, from tomorrow on.
func (c *Caller) Slots(ctx context.Context, now time.Time, days int, places ...string) ([]string, error) {
	var out []string
	window := url.Values{
		"debut": {now.AddDate(0, 0, 1).Format(time.DateOnly)}, "fin": {now.AddDate(0, 0, 1+days).Format(time.DateOnly)},
	}
	for _, place := range places {
		a, err := c.Call(ctx, http.MethodGet, "/v1/lieux/"+place+"/creneaux?"+window.Encode(), "", nil)
		if err != nil {
			return nil, err
		}
		var v struct {
			Slots []struct{ ID string } `json:"creneaux"`
		}
		if err := json.Unmarshal(a.Body, &v); err != nil || a.Status != http.StatusOK {
			return nil, fmt.Errorf("gateway: slots of %s: %d", place, a.Status)
		}
		for _, s := range v.Slots {
			out = append(out, s.ID)
		}
	}
	return out, nil
}
