package caldav

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"passerelle/connectors"
)

// fetchMissing reads what is unread, some at a time.
func (a *agenda) fetchMissing(ctx context.Context, calendar *url.URL) error {
	var missing []string
	for _, path := range a.copy.paths() {
		if a.copy.Objects[path].ETag == "" {
			missing = append(missing, path)
		}
	}
	for some := range slices.Chunk(missing, batch) {
		if err := a.fetch(ctx, calendar, some); err != nil {
			return err
		}
	}
	return nil
}

// fetch reads objects: together, and what does not come so by itself.
func (a *agenda) fetch(ctx context.Context, calendar *url.URL, paths []string) error {
	hrefs := make([]string, len(paths))
	for i, path := range paths {
		hrefs[i] = a.copy.Objects[path].Href
	}
	m, err := a.server.properties(ctx, question{method: "REPORT", url: calendar, depth: "1", body: askObjects(hrefs)})
	switch {
	case errors.Is(err, connectors.ErrTooLong) && len(paths) > 1:
		half := len(paths) / 2
		if err := a.fetch(ctx, calendar, paths[:half]); err != nil {
			return err
		}
		return a.fetch(ctx, calendar, paths[half:])
	case errors.Is(err, connectors.ErrTooLong): // it is in doubt, the rest counts
		return nil
	case connectors.StatusOf(err) == http.StatusNotFound: // one of them is gone meanwhile: SabreDAV says so of all
	case err != nil:
		return err
	}
	for _, r := range m.Responses {
		if err := ctx.Err(); err != nil {
			return failed("read", connectors.Unavailable, err)
		}
		u, err := calendar.Parse(strings.TrimSpace(r.Href))
		if err != nil {
			continue // it is asked for by itself
		}
		have, asked := a.copy.Objects[u.Path]
		if said, ok := r.found(); asked && ok && said.Data != nil {
			a.copy.Objects[u.Path] = a.object(have.Href, said.ETag, *said.Data, a.copy.Span)
		}
	}
	for _, path := range paths {
		if a.copy.Objects[path].ETag == "" {
			if err := a.fetchOne(ctx, calendar, path); err != nil {
				return err
			}
		}
	}
	return nil
}

// fetchOne reads an object that the server lists and did not give. One that it does not give either way stays in doubt
// until it is listed no more.
func (a *agenda) fetchOne(ctx context.Context, calendar *url.URL, path string) error {
	have := a.copy.Objects[path]
	u, err := a.on(calendar, have.Href)
	if err != nil {
		return nil // it is on another server: in doubt
	}
	got, err := a.server.ask(ctx, question{method: http.MethodGet, url: u})
	switch {
	case errors.Is(err, connectors.ErrTooLong):
		return nil
	case err != nil:
		return failed("read", connectors.Unavailable, err)
	case got.status == http.StatusOK:
		a.copy.Objects[path] = a.object(have.Href, got.header.Get("ETag"), string(got.body), a.copy.Span)
	case got.status == http.StatusUnauthorized || got.status == http.StatusTooManyRequests || got.status >= 500:
		return got.refusal("read")
	}
	return nil
}
