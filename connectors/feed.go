package connectors

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"net/url"
	"strings"
	"sync"
	"time"

	"passerelle/connectors/interval"
)

// Feed is a published document that is read again and again, and translated only when it has changed. It remembers
// the validators of its last reading, not the document. It is safe for concurrent use.
type Feed struct {
	fetcher  fetcher
	url      *url.URL
	limit    int64
	zone     *time.Location // this and the settings are everything but the document and the window that a reading depends on
	settings []byte
	seed     maphash.Seed // of the sums of documents: nobody can choose one that has the sum of another
	desks    *Desks

	mu   sync.Mutex
	last copyOf
}

// copyOf is a reading that was made of the document, as far as it must be known to say that it still holds.
type copyOf struct {
	version    string
	window     interval.Interval
	validators Validators
	sum        uint64 // of the document
	sourceAt   time.Time
}

func (c copyOf) unchanged() Reading { return Reading{Unchanged: true, SourceAt: c.sourceAt} }

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
	return &Feed{
		fetcher: newFetcher(env.HTTP), url: over, limit: limit, zone: c.Zone, settings: c.Settings,
		seed: maphash.MakeSeed(), desks: env.Desks,
	}, nil
}

// Read fetches the document, unless it has not changed since the reading that the caller holds of the same window,
// and has it translated. The version of the reading, and its age, are set here. A document that cannot be translated
// is Unavailable. One that means what the last one did is unchanged, too: some servers stamp each answer with its time.
//
// The document lies on a desk that the next one will lie on: a reading must keep nothing of either.
func (f *Feed) Read(ctx context.Context, q Query, translate func(document []byte, desk *Desk) (Reading, error)) (Reading, error) {
	desk := f.desks.lend()
	r, err := f.readAt(ctx, desk, q, translate)
	f.desks.takeBack(desk) // but after a panic, which may leave anything on it
	return r, err
}

func (f *Feed) readAt(ctx context.Context, desk *Desk, q Query, translate func([]byte, *Desk) (Reading, error)) (Reading, error) {
	held := f.held(q)
	doc, err := f.fetcher.fetch(ctx, f.url, held.validators, f.limit, &desk.document)
	if err != nil {
		return Reading{}, err
	}
	if doc.Unchanged {
		return held.unchanged(), nil
	}
	got := copyOf{held.version, q.Window, doc.Validators, maphash.Bytes(f.seed, doc.Body), doc.SourceAt}
	if held.version != "" && got.sum == held.sum {
		f.hold(got)
		return got.unchanged(), nil
	}
	r, err := translate(doc.Body, desk)
	if err != nil {
		return Reading{}, &Error{Op: "read", Kind: Unavailable, Err: fmt.Errorf("%d bytes of %q: %w", len(doc.Body), doc.ContentType, err)}
	}
	got.version = f.versionOf(r, q.Window, &desk.said)
	f.hold(got)
	if got.version == held.version {
		return got.unchanged(), nil
	}
	r.Version, r.SourceAt = got.version, doc.SourceAt
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

// versionOf depends on all that a reading says, and on what it depends on but for the document, so that equal versions are
// equal readings, in this run of the program and in any other. It is written down in the memory of one before.
func (f *Feed) versionOf(r Reading, w interval.Interval, v *versioned) string {
	*v = (*v)[:0]
	v.span(w)
	v.text(f.zone.String())
	v.text(string(f.settings))
	v.number(int64(r.Basis))
	v.spans(r.Busy)
	v.spans(r.Open)
	v.number(int64(len(r.Stops)))
	for _, s := range r.Stops {
		v.span(s.Interval)
		v.text(s.Place)
	}
	v.number(int64(len(r.Slots)))
	for _, s := range r.Slots {
		v.span(s.Interval)
		v.text(s.Motif)
		v.number(int64(s.Seats))
		v.text(s.Upstream)
	}
	v.number(int64(len(r.Own)))
	for _, o := range r.Own {
		v.span(o.Interval)
		v.text(o.Reference)
		v.text(o.Version)
	}
	v.number(int64(len(r.Doubt)))
	for _, d := range r.Doubt {
		v.span(d.Interval)
		v.text(d.Reason)
	}
	sum := sha256.Sum256(*v)
	return hex.EncodeToString(sum[:16])
}

// versioned is a reading as the bytes that its version is of: each list and text behind its length, so that no two readings
// are the same bytes.
type versioned []byte

func (v *versioned) number(n int64) { *v = binary.AppendVarint(*v, n) }

func (v *versioned) text(s string) { *v = append(binary.AppendVarint(*v, int64(len(s))), s...) }

func (v *versioned) span(i interval.Interval) {
	v.number(i.Start)
	v.number(i.End - i.Start)
}

func (v *versioned) spans(list []interval.Interval) {
	b := binary.AppendVarint(*v, int64(len(list)))
	before := int64(0) // a little number is little to hash
	for _, i := range list {
		b = binary.AppendVarint(binary.AppendVarint(b, i.Start-before), i.End-i.Start)
		before = i.End
	}
	*v = b
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
