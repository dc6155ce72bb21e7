package directory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// source is a file of the standard and what was last read of it.
type source struct {
	address string // path or URL
	places  []*booking.Place
	status  SourceStatus

	// What tells that it has not changed since.
	etag, lastModified string    // of a URL
	modified           time.Time // of a path
	size               int64
}

// readAgain answers the source as it is now; unchanged when it says itself that it is as it was.
func (s source) readAgain(ctx context.Context, o Options) (fresh source, unchanged bool, err error) {
	if isURL(s.address) {
		return s.fetch(ctx, o)
	}
	return s.open(o)
}

func isURL(address string) bool {
	lower := strings.ToLower(address)
	return strings.HasPrefix(lower, "https://") || strings.HasPrefix(lower, "http://")
}

// name is the address without what may be secret in it.
func (s source) name() string {
	if !isURL(s.address) {
		return s.address
	}
	u, err := url.Parse(s.address)
	if err != nil {
		return "URL"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

func (s source) open(o Options) (source, bool, error) {
	file, err := os.Open(s.address)
	if err != nil {
		return s, false, s.unreachable("fichier introuvable ou illisible", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return s, false, s.unreachable("fichier illisible", err)
	}
	if s.places != nil && info.ModTime().Equal(s.modified) && info.Size() == s.size {
		return s, true, nil
	}
	fresh := source{address: s.address, modified: info.ModTime(), size: info.Size()}
	return fresh, false, fresh.fill(file, o)
}

func (s source) fetch(ctx context.Context, o Options) (source, bool, error) {
	if o.HTTP == nil {
		return s, false, s.unreachable("aucun client HTTP n'est donné", errors.New("no HTTP client"))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address, nil)
	if err != nil {
		return s, false, s.unreachable("adresse mal formée", err)
	}
	request.Header.Set("Accept", "text/csv, application/json;q=0.9, */*;q=0.1")
	if s.etag != "" {
		request.Header.Set("If-None-Match", s.etag)
	}
	if s.lastModified != "" {
		request.Header.Set("If-Modified-Since", s.lastModified)
	}
	response, err := o.HTTP.Do(request)
	if err != nil {
		return s, false, s.unreachable("le serveur ne répond pas", withoutAddress(err))
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusNotModified && s.places != nil:
		return s, true, nil
	case response.StatusCode != http.StatusOK:
		return s, false, s.unreachable("le serveur répond "+response.Status, fmt.Errorf("status %s", response.Status))
	}
	fresh := source{address: s.address, etag: response.Header.Get("ETag"), lastModified: response.Header.Get("Last-Modified")}
	return fresh, false, fresh.fill(response.Body, o)
}

func (s *source) fill(r io.Reader, o Options) error {
	places, report, err := Read(r, s.name())
	s.status = SourceStatus{Source: s.name(), ReadAt: o.Now(), Report: report}
	s.places = places
	return err
}

func (s source) unreachable(why string, cause error) error {
	return &booking.Error{
		Kind:   connectors.Unavailable,
		Code:   "source_injoignable",
		Detail: fmt.Sprintf("La source « %s » n'a pas pu être lue : %s.", s.name(), why),
		Err:    fmt.Errorf("directory: %s: %w", s.name(), cause),
	}
}

// withoutAddress takes the URL, whose query may be secret, out of an error of net/http.
func withoutAddress(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
