package contention

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Client is one caller with its own connection, which it keeps. It is used by one goroutine.
type Client struct {
	HTTP  *http.Client
	URL   string                 // of the gateway
	Token func() (string, error) // a fresh one

	token string
	asked time.Time
}

// NewClient makes a client whose calls take no longer than within.
func NewClient(url string, token func() (string, error), within time.Duration) *Client {
	return &Client{HTTP: &http.Client{Transport: &http.Transport{}, Timeout: within}, URL: url, Token: token}
}

// Close closes the connections.
func (c *Client) Close() { c.HTTP.CloseIdleConnections() }

// renewEvery is well within the life of a token.
const renewEvery = 3 * time.Minute

// Answer is what came back.
type Answer struct {
	Status int
	Body   []byte
}

// Call sends a call, with an Idempotency-Key unless key is empty. An error says that no answer came.
func (c *Client) Call(ctx context.Context, method, path, key string, body []byte) (Answer, error) {
	if now := time.Now(); c.token == "" || now.Sub(c.asked) > renewEvery {
		var err error
		if c.token, err = c.Token(); err != nil {
			return Answer{}, err
		}
		c.asked = now
	}
	r, err := http.NewRequestWithContext(ctx, method, c.URL+path, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	got, err := c.HTTP.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	return Answer{got.StatusCode, text}, err
}

// ID is the id that an answer carries.
func (a Answer) ID() (string, error) {
	var v struct{ ID string }
	if err := json.Unmarshal(a.Body, &v); err != nil || v.ID == "" {
		return "", fmt.Errorf("contention: %d without an id: %s", a.Status, a.Body)
	}
	return v.ID, nil
}

// Code is what a problem calls itself; empty when the answer is none.
func (a Answer) Code() string {
	var v struct{ Code string }
	if json.Unmarshal(a.Body, &v) != nil {
		return ""
	}
	return v.Code
}

// Demand is the body of a booking: of a slot ("creneau_id") or of a hold ("reservation_id"), for a person of that name.
func Demand(by, id, person string, seats int) []byte {
	return fmt.Appendf(nil, `{%q:%q,"nombre":%d,"usager":{"prenom":"P","nom":%q,"contact":"par_prescripteur"},`+
		`"prescripteur":{"prenom":"P","nom":"N","courriel":"aidant@example.org","qualite":"professionnel"},`+
		`"besoin":{"services":["Aide aux démarches administratives"]},`+
		`"consentement":{"mode":"oral","recueilli_le":"2026-01-05T09:00:00+01:00"}}`, by, id, seats, person)
}

// Together runs do for every index below n at once and waits for all.
func Together(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}
