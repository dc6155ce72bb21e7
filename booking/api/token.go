package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"passerelle/auth"
)

// token answers POST /oauth/token (RFC 6749 §4.4, RFC 7523 §2.2). Its errors have the shape that every OAuth client knows.
func (s *server) token(c *gin.Context) {
	q, err := auth.ParseTokenRequest(c.Request)
	if err == nil && q.Assertion == "" && !s.takeClaimed(c, q.ClientID) {
		return
	}
	if err == nil {
		var t auth.Token
		if t, err = s.Tokens.ClientCredentials(c.Request.Context(), q); err == nil {
			c.Set(keyPartner, t.Partner)
			if q.Assertion != "" && !s.takeSigned(c, t.Partner) { // who signs is known now
				return
			}
			c.JSON(http.StatusOK, Jeton{
				AccessToken: t.AccessToken, TokenType: JetonTokenTypeBearer, ExpiresIn: int(t.ExpiresIn.Seconds()), Scope: t.Scopes.String(),
			})
			return
		}
	}
	refused, ok := errors.AsType[*auth.OAuthError](err)
	if !ok {
		s.refuse(c, err)
		return
	}
	s.Logger.Info("no token given", "err", err, "request_id", c.GetString(keyRequestID))
	switch refused.Status() {
	case http.StatusUnauthorized:
		c.Header("WWW-Authenticate", `Basic realm="passerelle"`)
	case http.StatusServiceUnavailable:
		c.Header("Retry-After", retryAfter(err))
	}
	c.JSON(refused.Status(), RefusOAuth{Error: refused.Code, ErrorDescription: text(refused.Description)})
}
