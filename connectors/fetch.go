package connectors

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"
)

// Validators name the copy of a document that its reader holds (RFC 9110 §8.8), as its server wrote them.
type Validators struct {
	ETag         string
	LastModified string
}

// Document is what a server answered. When Unchanged, the reader's copy still holds and Body is nil.
type Document struct {
	Body        []byte
	Unchanged   bool
	ContentType string
	Validators  Validators
	SourceAt    time.Time // Last-Modified: what the server says of the document's age; UTC, or zero
}

// Fetch is one conditional GET. The zero Validators fetch unconditionally. A body beyond limit bytes, or one that
// ends too early, is no document.
//
// Errors are *Error: of the kind that the status says (KindOfStatus), with RetryAfter, or else Unavailable. The
// address of a feed is often a secret, so their texts name its host and nothing more of it.
func Fetch(ctx context.Context, client *http.Client, address string, known Validators, limit int64) (Document, error) {
	u, err := url.Parse(address)
	if err != nil {
		return Document{}, fetchError(Invalid, "", errors.New("the address cannot be read")) // the cause would hold it
	}
	f := newFetcher(client)
	return f.fetch(ctx, u, known, limit, new(bytes.Buffer))
}

// fetcher is a client whose time is the deadline of a context: one that keeps its own takes two goroutines and a timer for each
// request, where its transport is not that of net/http.
type fetcher struct {
	client http.Client   // without
	within time.Duration // zero: as long as the context lets it
}

func newFetcher(client *http.Client) fetcher {
	f := fetcher{*client, client.Timeout}
	f.client.Timeout = 0
	return f
}

// fetch reads the body of the answer into a buffer, whose it then is.
func (f *fetcher) fetch(ctx context.Context, u *url.URL, known Validators, limit int64, into *bytes.Buffer) (Document, error) {
	if end, ends := ctx.Deadline(); f.within > 0 && !(ends && time.Until(end) <= f.within) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.within)
		defer cancel()
	}
	host := u.Host
	req := (&http.Request{Method: http.MethodGet, URL: u, Host: host, Header: make(http.Header, 2), Body: http.NoBody}).WithContext(ctx)
	if known.ETag != "" {
		req.Header.Set("If-None-Match", known.ETag)
	}
	if known.LastModified != "" {
		req.Header.Set("If-Modified-Since", known.LastModified)
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return Document{}, fetchError(Unavailable, host, Discreet(err))
	}
	defer resp.Body.Close()

	doc := Document{
		ContentType: resp.Header.Get("Content-Type"),
		Validators:  Validators{resp.Header.Get("Etag"), resp.Header.Get("Last-Modified")},
		SourceAt:    sourceAge(resp.Header),
	}
	switch {
	case resp.StatusCode == http.StatusNotModified && known != (Validators{}):
		doc.Unchanged, doc.Validators = true, known
		return doc, nil
	case resp.StatusCode != http.StatusOK:
		e := fetchError(KindOfStatus(resp.StatusCode), host, Status(resp.StatusCode))
		e.RetryAfter = RetryAfter(resp.Header)
		return Document{}, e
	}
	if doc.Body, err = readBody(resp, limit, into); err != nil {
		return Document{}, fetchError(Unavailable, host, err)
	}
	return doc, nil
}

func fetchError(kind Kind, host string, cause error) *Error {
	return &Error{Op: "read", Kind: kind, Err: fmt.Errorf("fetch %s: %w", host, cause)}
}

// addressParts are what may hold part of an address in the text of an error of net/http: quoted text, URLs, paths.
var addressParts = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[a-z]+://\S*|(?:^|\s)/\S*`)

// Discreet is the cause of a failed request without the address, which net/http puts into its errors: that of the
// request, and those of the redirections. That a context ended is kept for errors.Is; nothing else of the cause is.
func Discreet(err error) error {
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			return ended
		}
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	return errors.New(addressParts.ReplaceAllString(err.Error(), "…"))
}

// sourceAge is what a server says of a document's age.
func sourceAge(h http.Header) time.Time {
	said := h.Get("Last-Modified")
	if said == "" {
		return time.Time{}
	}
	t, err := http.ParseTime(said)
	if err != nil {
		return time.Time{} // Date is when the server answered: it says nothing of what it answered with
	}
	return t.UTC()
}

// longestRetry bounds what a server may ask for.
const longestRetry = 24 * time.Hour

// RetryAfter reads Retry-After (RFC 9110 §10.2.3): seconds, or a date, which is counted from the answer's own Date.
func RetryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, longestRetry)
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return max(0, min(until.Sub(now), longestRetry))
}
