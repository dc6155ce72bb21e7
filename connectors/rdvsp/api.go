package rdvsp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"passerelle/connectors"
)

// longestAnswer is what is read of an answer, in bytes: some ten thousand slots, or of a person seventy workshops of twenty.
const longestAnswer = 2 << 20

// api asks one instance. It follows no redirection: what says who we are goes to no other host.
type api struct {
	client *http.Client
	root   *url.URL
}

func newAPI(client *http.Client, root *url.URL) api { return api{client: staying(client), root: root} }

// staying is a client that follows no redirection.
func staying(client *http.Client) *http.Client {
	stays := *client
	stays.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &stays
}

// question is one request.
type question struct {
	op, method string
	path       string // under the root
	query      url.Values
	header     http.Header // who asks
	body       any         // url.Values are sent as a form, anything else as JSON; nil: nothing
	harmless   bool        // done or not, nothing is booked by it: without an answer it is Unavailable
	refusal    any         // what a refusal says is read into it, as far as it can be
}

// lost is what a question without an answer is.
func (q question) lost() connectors.Kind {
	if q.method == http.MethodGet || q.harmless {
		return connectors.Unavailable
	}
	return connectors.OutcomeUnknown
}

// ask makes the request and reads the answer whole. A definite no is of the kind that its status says. No error holds
// the address, what was sent or what was answered.
func (a api) ask(ctx context.Context, q question, into any) error {
	req, err := q.request(ctx, a.root)
	if err != nil {
		return failed(q.op, connectors.Internal, errors.New("the question cannot be asked"))
	}
	resp, err := a.client.Do(req)
	if err != nil {
		return failed(q.op, q.lost(), connectors.Discreet(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return q.refused(resp)
	}
	text, err := connectors.ReadBody(resp, longestAnswer)
	switch {
	case err != nil:
		return failed(q.op, q.lost(), err)
	case json.Unmarshal(text, into) != nil:
		return failed(q.op, q.lost(), errors.New("the answer is no JSON of the contract"))
	}
	return nil
}

func (q question) request(ctx context.Context, root *url.URL) (*http.Request, error) {
	var text []byte
	kind := ""
	switch body := q.body.(type) {
	case nil:
	case url.Values:
		text, kind = []byte(body.Encode()), "application/x-www-form-urlencoded"
	default:
		var err error
		if text, err = json.Marshal(body); err != nil {
			return nil, err
		}
		kind = "application/json"
	}
	to := root.JoinPath(q.path) // #nosec G125 -- made of words of ours and numbers
	to.RawQuery = q.query.Encode()
	req, err := http.NewRequestWithContext(ctx, q.method, to.String(), bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if q.header != nil {
		req.Header = q.header.Clone()
	}
	req.Header.Set("Accept", "application/json")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req, nil
}

func (q question) refused(resp *http.Response) error {
	if q.refusal != nil {
		if text, err := connectors.ReadBody(resp, longestAnswer); err == nil {
			_ = json.Unmarshal(text, q.refusal) // a refusal that says nothing is one all the same
		}
	}
	kind := connectors.KindOfStatus(resp.StatusCode)
	if kind == connectors.Unavailable {
		kind = q.lost()
	}
	e := failed(q.op, kind, connectors.Status(resp.StatusCode))
	e.RetryAfter = connectors.RetryAfter(resp.Header)
	return e
}

func failed(op string, kind connectors.Kind, cause error) *connectors.Error {
	return &connectors.Error{Op: op, Kind: kind, Err: fmt.Errorf("rdvsp: %w", cause)}
}
