package caldav

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"passerelle/connectors"
)

// listing is what a server says of the objects of a calendar: all of them, or those that changed.
type listing struct {
	objects map[string]object // by path, with Href and ETag
	gone    []string
	token   string
	whole   bool
	named   bool // the calendar itself is in the answer
}

// changes asks what has changed since the last time, or else for everything.
func (a *agenda) changes(ctx context.Context, calendar *url.URL) (listing, error) {
	if token := a.copy.Token; token != "" && a.now().Sub(a.copy.Listed) < relist {
		l, err := a.sync(ctx, calendar, since(token))
		switch {
		case err == nil && l.token != "":
			return l, nil
		case err != nil && !forgets(err):
			return l, err
		}
	}
	var l listing
	var err error
	if !a.copy.Lists {
		l, err = a.sync(ctx, calendar, "")
		if err == nil && l.token == "" || cannot(err) {
			a.copy.Lists, a.copy.saved = true, false
		} else if err != nil {
			return l, err
		}
	}
	if a.copy.Lists {
		if l, err = a.list(ctx, calendar); err != nil {
			return l, err
		}
	}
	l.whole, l.gone = true, nil
	for path := range a.copy.Objects {
		if _, there := l.objects[path]; !there {
			l.gone = append(l.gone, path)
		}
	}
	return l, nil
}

// since is the token to ask with. SOGo's is the time, in seconds, of the last change that it saw: one of that second or
// before, which was still being written, would never be told of. So it is asked from somewhat before.
func since(token string) string {
	const somewhat, earliest = 60, 1_000_000_000 // a smaller number counts something else
	second, err := strconv.ParseInt(token, 10, 64)
	if err != nil || second < earliest {
		return token
	}
	return strconv.FormatInt(second-somewhat, 10)
}

// forgets: the server does not know the token any more (RFC 6578 §3.8, and what servers answer instead: Xandikos, 500).
func forgets(err error) bool {
	switch connectors.StatusOf(err) {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusConflict, http.StatusGone, http.StatusPreconditionFailed,
		http.StatusInternalServerError, http.StatusInsufficientStorage:
		return true
	}
	return false
}

// cannot: the server has no such report (RFC 3253 §3.6, and what servers answer instead). That the password is wrong, or
// that the calendar is not there, shows when it is listed.
func cannot(err error) bool {
	switch connectors.StatusOf(err) {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusConflict,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusNotImplemented:
		return true
	}
	return false
}

// sync is a sync-collection report, all its pages.
func (a *agenda) sync(ctx context.Context, calendar *url.URL, token string) (listing, error) {
	l := listing{objects: make(map[string]object)}
	for range mostPages {
		m, err := a.server.properties(ctx, question{method: "REPORT", url: calendar, depth: "0", body: askChanges(token)})
		if err != nil {
			return l, err
		}
		cut, err := l.add(calendar, m)
		if err != nil {
			return l, err
		}
		switch l.token = strings.TrimSpace(m.SyncToken); {
		case !cut:
			return l, nil
		case l.token == "" || l.token == token: // the rest cannot be asked for
			return l, failed("read", connectors.Unavailable, connectors.Status(http.StatusNotImplemented))
		}
		token = l.token
	}
	return l, failed("read", connectors.Unavailable, errors.New("the changes have no end"))
}

// list is all objects and their ETags.
func (a *agenda) list(ctx context.Context, calendar *url.URL) (listing, error) {
	l := listing{objects: make(map[string]object)}
	m, err := a.server.properties(ctx, question{method: "PROPFIND", url: calendar, depth: "1", body: []byte(askETags)})
	if err != nil {
		return l, err
	}
	switch cut, err := l.add(calendar, m); {
	case err != nil:
		return l, err
	case cut:
		return l, failed("read", connectors.Unavailable, errors.New("the list of objects is cut"))
	case !l.named:
		return l, failed("read", connectors.Unavailable, errors.New("the list of objects is not of this calendar"))
	}
	return l, nil
}

// add takes in what an answer says of objects; later answers hold. cut: the server says that there are more. What it says
// against the calendar as a whole is an error: it is not that nothing is there.
func (l *listing) add(calendar *url.URL, m multistatus) (cut bool, err error) {
	for _, r := range m.Responses {
		href := strings.TrimSpace(r.Href)
		path, written := href, href
		if u, err := calendar.Parse(href); err == nil {
			// By its path: behind a proxy, a server may call itself otherwise than we do.
			path, written = u.Path, u.EscapedPath()
		}
		switch said, ok := r.found(); {
		case statusOf(r.Status) == "507":
			cut = true
		case strings.TrimSuffix(path, "/") == strings.TrimSuffix(calendar.Path, "/"): // the calendar itself
			l.named = true
			if code, _ := strconv.Atoi(statusOf(r.Status)); code >= http.StatusMultipleChoices {
				return false, (answer{status: code}).refusal("read")
			}
		case r.gone():
			delete(l.objects, path)
			l.gone = append(l.gone, path)
		case ok && said.Type.Collection != nil:
		default: // without an ETag, or with nothing but an error, it is there and must be read
			l.objects[path] = object{Href: written, ETag: said.ETag}
			l.gone = slices.DeleteFunc(l.gone, func(p string) bool { return p == path })
		}
	}
	return cut, nil
}
