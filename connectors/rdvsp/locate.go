package rdvsp

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"passerelle/connectors"
)

// mostHops is how many pages are asked for one address. An organisation that went to another instance is three
// redirects away: to the search here, to its page there, to the search there.
const mostHops = 4

// locate asks where an address leads: to the organisation, the motif and the department as the API numbers them, on the
// instance where they are now. Of an organisation that went to another instance, Link is its page there.
//
// The robots.txt of the software closes its pages to crawlers. This crawls nothing: it is one question about one link
// that a structure published for people to follow, and whoever keeps the answer asks again after days. No page is read,
// only where it redirects to; redirects are followed by hand, and only to hosts of the software.
//
// An address that says all that it leads to is not asked about. NotFound: it leads nowhere any more. Unsupported: to
// something else than a public page of the software. A redirect to somebody's own link is told as Secret, without it.
func locate(ctx context.Context, found connectors.Resolution, env connectors.Env) (connectors.Resolution, error) {
	if found.Secret || !leadsOn(found) {
		return found, nil
	}
	if env.HTTP == nil {
		return found, failed("locate", connectors.Internal, errors.New("no HTTP client"))
	}
	client, here, told, moved := staying(env.HTTP), found, found, false
	told.IDs = maps.Clone(found.IDs)
	for range mostHops {
		to, err := redirect(ctx, client, here.Link)
		if err != nil {
			return found, err
		}
		if to == nil { // a page: there is no more to know
			return told, nil
		}
		next, err := public(to.String())
		switch {
		case next.Secret:
			next.Connector = found.Connector
			return next, nil
		case err != nil:
			return found, failed("locate", connectors.Unsupported, errors.New("the link leads to something else than a public page of the software"))
		case next.Home:
			return found, failed("locate", connectors.NotFound, errors.New("the link leads to the front page"))
		}
		arrived := moved && isSearch(next)
		if next.IDs[idInstance] != here.IDs[idInstance] { // what the other instance called them means nothing there
			told.IDs, told.Link, moved = make(map[string]string), next.Link, true
		}
		maps.Copy(told.IDs, next.IDs)
		if arrived { // where it went; nobody moves twice
			return told, nil
		}
		here = next
	}
	return found, failed("locate", connectors.Unavailable, errors.New("the redirects do not end"))
}

// leadsOn reports whether there is more to know of an address than it says: the page of an organisation or of a motif
// redirects to a search, and a search to where its organisation went.
func leadsOn(found connectors.Resolution) bool {
	u, err := url.Parse(found.Link)
	if err != nil || found.Home {
		return false
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return slices.Contains([]string{"", "org", "motif", "resin", strings.TrimPrefix(search, "/")}, first)
}

func isSearch(found connectors.Resolution) bool {
	u, err := url.Parse(found.Link)
	return err == nil && u.Path == search
}

// redirect asks a page where it leads; nil: nowhere else. Its body is not read.
func redirect(ctx context.Context, client *http.Client, link string) (*url.URL, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return nil, failed("locate", connectors.Internal, errors.New("the address cannot be asked"))
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, failed("locate", connectors.Unavailable, connectors.Discreet(err))
	}
	defer resp.Body.Close()
	switch status := resp.StatusCode; {
	case status >= 200 && status <= 299:
		return nil, nil
	case status >= 300 && status <= 399:
		to, err := resp.Location()
		if err != nil {
			return nil, failed("locate", connectors.Unavailable, errors.New("a redirect leads to no address")) // the cause would hold it
		}
		return to, nil
	case status == http.StatusNotFound, status == http.StatusGone:
		return nil, failed("locate", connectors.NotFound, connectors.Status(status))
	case status == http.StatusTooManyRequests:
		e := failed("locate", connectors.RateLimited, connectors.Status(status))
		e.RetryAfter = connectors.RetryAfter(resp.Header)
		return nil, e
	default:
		return nil, failed("locate", connectors.Unavailable, connectors.Status(status))
	}
}
