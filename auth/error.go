package auth

import "errors"

// The errors that a caller may act on. What wraps them says why: that is for the log, and never for whoever sent
// the token. It holds no part of a token or of a secret.
var (
	// ErrInvalidToken: the token is not accepted (401).
	ErrInvalidToken = errors.New("auth: invalid token")
	// ErrScope: the scope is unknown, or was not granted (403).
	ErrScope = errors.New("auth: scope not granted")
	// ErrUnknownPartner: no partner has this ID.
	ErrUnknownPartner = errors.New("auth: unknown partner")
)
