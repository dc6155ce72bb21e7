package caldav

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"passerelle/connectors"
)

// longestAnswer is what is read of one answer, in bytes.
const longestAnswer = 20 << 20

// server is how requests are made.
type server struct {
	http          *http.Client
	authorization string
}

// answer is what a server said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// question is one request. A zero field asks nothing.
type question struct {
	method string
	url    *url.URL
	depth  string // of a PROPFIND or REPORT (RFC 4918 §10.2)
	match  string // If-Match: an ETag
	absent bool   // If-None-Match: *
	typ    string // Content-Type of the body
	body   []byte
}

// ask sends a request and gives what was answered, whatever the status. An error means that there was no whole answer:
// its text holds neither address nor password.
func (s *server) ask(ctx context.Context, q question) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, q.method, q.url.String(), bytes.NewReader(q.body))
	if err != nil {
		return answer{}, errors.New("the address cannot be asked")
	}
	set := func(name, value string) {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	set("Authorization", s.authorization)
	set("Depth", q.depth)
	set("If-Match", q.match)
	set("Content-Type", q.typ)
	if q.absent {
		set("If-None-Match", "*")
	}
	if q.method == "PROPFIND" || q.method == "REPORT" {
		req.Header["Idempotency-Key"] = nil // not sent: it lets net/http repeat what a closed connection swallowed
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return answer{}, connectors.Discreet(err)
	}
	defer resp.Body.Close()
	body, err := connectors.ReadBody(resp, longestAnswer)
	return answer{status: resp.StatusCode, header: resp.Header, body: body}, err
}

// properties asks for a multistatus (RFC 4918 §13).
func (s *server) properties(ctx context.Context, q question) (multistatus, error) {
	q.typ = "application/xml; charset=utf-8"
	got, err := s.ask(ctx, q)
	if err != nil {
		return multistatus{}, failed("read", connectors.Unavailable, err)
	}
	if got.status != http.StatusMultiStatus {
		return multistatus{}, got.refusal("read")
	}
	return parseMultistatus(got.body)
}

// done: what was asked for is carried out (RFC 9110 §9.3.4, §9.3.5). Other successes are none: a 202 may come to nothing,
// and a 207 holds the refusal.
func (a answer) done() bool {
	return a.status == http.StatusOK || a.status == http.StatusCreated || a.status == http.StatusNoContent
}

// notDone: the server says of an event that it was not written, perhaps because a try before this one wrote it. 207 is what
// Xandikos answers then.
func (a answer) notDone() bool {
	return a.status == http.StatusPreconditionFailed || a.status == http.StatusConflict || a.status == http.StatusMultiStatus
}

// gone: there is nothing at the address.
func (a answer) gone() bool { return a.status == http.StatusNotFound || a.status == http.StatusGone }

// refusal is an answer that is none of those that were hoped for. Of a read, what is no clear word is Unavailable.
func (a answer) refusal(op string) *connectors.Error {
	kind := connectors.KindOfStatus(a.status)
	switch a.status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		kind = connectors.Misconfigured // the address is another
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		kind = connectors.Misconfigured // a web page: no calendar is there
	}
	e := failed(op, kind, connectors.Status(a.status))
	e.RetryAfter = connectors.RetryAfter(a.header)
	return e
}

// refusalOfWrite is refusal for a write: what is no clear no may have been done.
func (a answer) refusalOfWrite(op string) *connectors.Error {
	e := a.refusal(op)
	switch {
	case a.status == http.StatusRequestEntityTooLarge, a.status == http.StatusInsufficientStorage:
		e.Kind = connectors.Refused
	case e.Kind == connectors.NotFound: // the calendar is not there
		e.Kind = connectors.Misconfigured
	case e.Kind == connectors.Unavailable: // also a success that is none for this request
		e.Kind = connectors.OutcomeUnknown
	}
	return e
}

// failed is an error of this connector.
func failed(op string, kind connectors.Kind, cause error) *connectors.Error {
	return &connectors.Error{Op: op, Kind: kind, Err: fmt.Errorf("caldav: %w", cause)}
}

// at gives an error the name of what was asked for, whatever was being done for it.
func at(op string, err error) error {
	if e, ok := errors.AsType[*connectors.Error](err); ok {
		named := *e
		named.Op = op
		return &named
	}
	return failed(op, connectors.KindOf(err), err)
}
