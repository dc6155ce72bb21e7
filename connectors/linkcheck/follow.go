package linkcheck

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"passerelle/connectors"
)

const (
	maxHops = 5       // redirections that are followed
	enough  = 4 << 10 // bytes of a page that are taken off the line, unread
)

// follow looks at an address and at those it leads to. Where all the redirections from the start are permanent, the
// last of them gives the better address; what comes after a temporary one is nobody's address.
func (r *run) follow(ctx context.Context, start *url.URL) outcome {
	at, moved, forever := start, start, true
	for range maxHops + 1 {
		answer, err := r.look(ctx, at)
		if err != nil {
			return failed(at.Hostname(), err)
		}
		if !redirects(answer.status) {
			return r.arrived(start, moved, judge(at.Hostname(), answer.status))
		}
		next, err := target(at, answer.location)
		if err != nil {
			return failed(at.Hostname(), err)
		}
		if sentHome(r.registry, start, next) {
			return outcome{verdict: Dead, detail: "Le logiciel " + start.Hostname() + " renvoie cette adresse à sa page d'accueil : la page du lieu n'y est plus."}
		}
		forever = forever && (answer.status == http.StatusMovedPermanently || answer.status == http.StatusPermanentRedirect)
		if forever {
			moved = next
		}
		at = next
	}
	return failed(at.Hostname(), errTooFar)
}

// look asks for one address, if its site allows.
func (r *run) look(ctx context.Context, u *url.URL) (reply, error) {
	rules, err := r.rules(ctx, u)
	if err != nil {
		return reply{}, &noRobots{err}
	}
	if !rules.allowed(u) {
		return reply{}, errForbidden
	}
	head, err := http.NewRequestWithContext(ctx, http.MethodHead, u.String(), nil)
	if err != nil {
		return reply{}, err
	}
	answer, err := r.request(head, rules.pause, nil)
	if err != nil && !reached(err) || err == nil && !slices.Contains(unsure, answer.status) {
		return answer, err
	}
	get := head.Clone(ctx)
	get.Method = http.MethodGet
	get.Header.Set("Accept-Encoding", "identity") // what is not read need not be decoded
	return r.request(get, rules.pause, skim)
}

// unsure are the answers to HEAD that say nothing of what GET would bring.
var unsure = []int{http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented}

// skim takes the start of a page off the line, so that a short page leaves the connection fit for the next request.
func skim(answer *http.Response) error {
	_, _ = io.CopyN(io.Discard, answer.Body, enough) // the status has said all
	return nil
}

// arrived is the verdict where the last answer is o: a link that moved is Moved only if its new address is good.
func (r *run) arrived(start, moved *url.URL, o outcome) outcome {
	if o.verdict != Good || moved == start {
		return o
	}
	better := r.shown(moved)
	if better == start.String() {
		return o
	}
	o.verdict, o.better = Moved, better
	o.detail = "Le site " + start.Hostname() + " dit que cette page a changé d'adresse pour toujours."
	if better == "" {
		o.detail += " La nouvelle n'est pas de celles qui se publient."
	}
	return o
}

// shown is the canonical link of an address that a site sent, empty where it must not be published.
func (r *run) shown(u *url.URL) string {
	found, ok := r.registry.Recognise(u)
	if !ok || found.Secret || connectors.Redact(u.String()) != u.String() {
		return ""
	}
	return found.Link
}

func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// target is where a redirection leads, in one form: small letters in the host, no default port, the fragment of
// where it comes from if it has none (RFC 9110 §10.2.2).
func target(from *url.URL, location string) (*url.URL, error) {
	to, err := from.Parse(location)
	if err != nil || location == "" || to.Scheme != "http" && to.Scheme != "https" || to.Hostname() == "" {
		return nil, errNowhere
	}
	if strings.ContainsFunc(to.Host, func(c rune) bool { return !unicode.IsGraphic(c) }) {
		return nil, errNowhere // names of hosts are shown
	}
	to.Host = strings.ToLower(to.Host)
	to.Host = strings.TrimSuffix(to.Host, map[string]string{"http": ":80", "https": ":443"}[to.Scheme])
	to.Host = strings.TrimSuffix(to.Host, ".")
	if to.Fragment == "" {
		to.Fragment, to.RawFragment = from.Fragment, from.RawFragment
	}
	return to, nil
}

// unencrypted is the verdict on an http link. Its https twin is looked at first; the link itself only where there is
// no twin, and where the client lets http through.
func (r *run) unencrypted(ctx context.Context, u *url.URL) outcome {
	twin := *u
	twin.Scheme, twin.Host = "https", strings.TrimSuffix(u.Host, ":80")
	over := r.follow(ctx, &twin)
	switch {
	case over.verdict == Good || over.verdict == Moved:
		better := over.better
		if over.verdict == Good {
			better = r.shown(&twin)
		}
		return outcome{verdict: Unencrypted, detail: "Le lien est en http, alors que le site répond en https.", better: better}
	case !silent(over.err) && !(over.verdict == Dead && over.err == nil):
		return over
	}
	bare := r.follow(ctx, u)
	switch {
	case bare.verdict == Good:
		bare.verdict, bare.detail = Unencrypted, "Le lien ne répond qu'en http. En https : "+over.detail
	case refused(bare.err):
		bare.verdict, bare.detail = Unencrypted, "Le lien est en http, que la passerelle ne suit pas (egress.hotes_http) : il n'a pas été regardé. En https : "+over.detail
	}
	return bare
}
