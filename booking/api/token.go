package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"passerelle/auth"
)

// token answers POST /oauth/token (RFC 6749 §4.4). Its errors have the shape that every OAuth client knows.
func (s *server) token(c *gin.Context) {
	q, err := auth.ParseTokenRequest(c.Request)
	if err == nil {
		var t auth.Token
		if t, err = s.Tokens.ClientCredentials(c.Request.Context(), q.ClientID, q.Secret, q.Scope); err == nil {
			c.Set(keyPartner, q.ClientID)
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
	if refused.Status() == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", `Basic realm="passerelle"`)
	}
	c.JSON(refused.Status(), RefusOAuth{Error: refused.Code, ErrorDescription: text(refused.Description)})
}
