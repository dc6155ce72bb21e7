package auth

import "net/http"

// The error codes of the token endpoint (RFC 6749, section 5.2; the last one is of section 4.1.2.1).
const (
	invalidRequest         = "invalid_request"
	invalidClient          = "invalid_client"
	invalidScope           = "invalid_scope"
	unsupportedGrantType   = "unsupported_grant_type"
	temporarilyUnavailable = "temporarily_unavailable"
)

// OAuthError is a refusal by the token endpoint.
type OAuthError struct {
	Code        string // error
	Description string // error_description: French in ASCII, which is all that RFC 6749 allows there
	Err         error  // why, for the log; may be nil
}

func (e *OAuthError) Error() string {
	text := "auth: " + e.Code + ": " + e.Description
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *OAuthError) Unwrap() error { return e.Err }

// Status is the HTTP status of the answer. A 401 comes with "WWW-Authenticate: Basic".
func (e *OAuthError) Status() int {
	switch e.Code {
	case invalidClient:
		return http.StatusUnauthorized
	case temporarilyUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}
