package connectors

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"passerelle/connectors/interval"
)

// Feed is a published document that is read again and again, and translated only when it has changed. It remembers
// the validators of its last reading, not the document. It is safe for concurrent use.
type Feed struct {
	client  *http.Client
	address *url.URL
	limit   int64
	meaning string // everything but the document and the window that a reading depends on

	mu   sync.Mutex
	last copyOf
}

// copyOf is a reading that was made of the document, as far as it must be known to say that it still holds.
type copyOf struct {
	version    string
	window     interval.Interval
	validators Validators
}

// NewFeed is the document at the address of a connection, of at most limit bytes. Its readings depend on nothing else
// than the document, the window, and the zone and settings of the connection. An address that is not that of a feed
// is Invalid; the error does not hold it.
func NewFeed(c Connection, env Env, limit int64) (*Feed, error) {
	u, err := url.Parse(strings.TrimSpace(c.Address))
	if err != nil { // the cause would hold the address
		return nil, &Error{Op: "open", Kind: Invalid, Err: errors.New("adresse: it cannot be read")}
	}
	over, ok := FeedURL(u)
	switch {
	case !ok || u.Host == "":
		return nil, &Error{Op: "open", Kind: Invalid, Err: errors.New("adresse: it is not the address of a feed (https, http or webcal)")}
	case env.HTTP == nil:
		return nil, &Error{Op: "open", Kind: Internal, Err: errors.New("no HTTP client")}
	}
	return &Feed{client: env.HTTP, address: over, limit: limit, meaning: c.Zone.String() + " " + string(c.Settings)}, nil
}

// Read fetches the document, unless it has not changed since the reading that the caller holds of the same window,
// and has it translated. The version of the reading, and its age, are set here. A document that cannot be translated
// is Unavailable.
func (f *Feed) Read(ctx context.Context, q Query, translate func(document []byte) (Reading, error)) (Reading, error) {
	held := f.held(q)
	doc, err := fetch(ctx, f.client, f.address, held.validators, f.limit)
	if err != nil {
		return Reading{}, err
	}
	if doc.Unchanged {
		return Reading{Unchanged: true}, nil
	}
	version := f.versionOf(doc.Body, q.Window)
	if version == held.version {
		f.hold(copyOf{version, q.Window, doc.Validators})
		return Reading{Unchanged: true}, nil
	}
	r, err := translate(doc.Body)
	if err != nil {
		return Reading{}, &Error{Op: "read", Kind: Unavailable, Err: fmt.Errorf("%d bytes of %q: %w", len(doc.Body), doc.ContentType, err)}
	}
	f.hold(copyOf{version, q.Window, doc.Validators})
	r.Version, r.SourceAt = version, doc.SourceAt
	return r, nil
}

// held is the copy that the caller holds, if it is the last one made here and of the same window; or else nothing.
func (f *Feed) held(q Query) copyOf {
	f.mu.Lock()
	defer f.mu.Unlock()
	if q.Known == "" || q.Known != f.last.version || q.Window != f.last.window {
		return copyOf{}
	}
	return f.last
}

func (f *Feed) hold(c copyOf) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = c
}

// versionOf depends on all that a reading depends on, so that equal versions are equal readings.
func (f *Feed) versionOf(document []byte, w interval.Interval) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d %q ", w.Start, w.End, f.meaning)
	h.Write(document)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// FeedURL is the address of a feed as it is fetched: webcal, which is a habit and no protocol, over https. It is not
// ok for another scheme than webcal, https and http.
func FeedURL(u *url.URL) (*url.URL, bool) {
	over := *u
	switch u.Scheme {
	case "http", "https":
	case "webcal":
		over.Scheme = "https"
	default:
		return nil, false
	}
	return &over, true
}

// FeedResolution is what the address of a feed is to whoever finds it in a file: no page to send anybody to, and a
// secret when it alone opens somebody's own calendar (what Redact finds in it, or credentials). The reasons are
// sentences in French.
func FeedResolution(over *url.URL, reason, secretReason string) Resolution {
	link := over.String()
	if over.User != nil || Redact(link) != link {
		return Resolution{Mode: ByContact, Secret: true, Reason: secretReason}
	}
	return Resolution{Mode: ByContact, Link: link, Reason: reason}
}
