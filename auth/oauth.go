package auth

import "net/http"

// The error codes of the token endpoint (RFC 6749, section 5.2).
const (
	invalidRequest       = "invalid_request"
	invalidClient        = "invalid_client"
	invalidScope         = "invalid_scope"
	unsupportedGrantType = "unsupported_grant_type"
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
	if e.Code == invalidClient {
		return http.StatusUnauthorized
	}
	return http.StatusBadRequest
}
