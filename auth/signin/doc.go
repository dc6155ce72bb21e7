// Package signin is how people sign in to the pages: through a provider (OpenID Connect Core 1.0, the authorization code
// flow), or by a link sent to their mail address. It also knows what that lets them do: book, answer for a place, run the
// gateway.
//
// It owns what a sign-in is made of (states, links, sessions, the digests under which they are kept) and what is checked
// of a provider's answers. It must not know how pages look, how a mail is sent or how anything is kept: a Store does
// that. Nothing here writes a log, and no error holds a token or an address.
//
// Three rules hold throughout. A token is random, 256 bits, and only its digest is kept. Signing in always makes a new
// session, so that none which somebody else has put there becomes one. And whatever a browser brings back is believed
// only with the cookie of the visit that it was given out to.
package signin
