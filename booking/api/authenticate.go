package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/gin-gonic/gin"

	"passerelle/auth"
)

// operations finds what the document says of a gin route.
type operations map[string]*routers.Route

func operationsOf(doc *openapi3.T) operations {
	out := make(operations)
	for path, item := range doc.Paths.Map() {
		route := strings.NewReplacer("{", ":", "}", "").Replace(path)
		for method, op := range item.Operations() {
			out[method+" "+route] = &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: op}
		}
	}
	return out
}

// of is nil for a route that the document does not describe.
func (o operations) of(c *gin.Context) *routers.Route {
	return o[c.Request.Method+" "+c.FullPath()]
}

// scopesOf is what the document asks of a token; nil where no token is needed.
func scopesOf(op *openapi3.Operation) []string {
	if op.Security == nil {
		return nil
	}
	var scopes []string
	for _, requirement := range *op.Security {
		scopes = append(scopes, requirement["jeton"]...)
	}
	return scopes
}

type principalKey struct{}

// authenticate asks for a token wherever the document does, before anything else of the request is looked at.
func (s *server) authenticate(doc *openapi3.T) gin.HandlerFunc {
	ops := operationsOf(doc)
	return func(c *gin.Context) {
		route := ops.of(c)
		if route == nil {
			return
		}
		scopes := scopesOf(route.Operation)
		if len(scopes) == 0 {
			return
		}
		token, ok := bearer(c.GetHeader("Authorization"))
		if !ok {
			s.refuse(c, errNoToken)
			return
		}
		p, err := s.Verifier.Verify(c.Request.Context(), token)
		if err != nil {
			s.refuse(c, err)
			return
		}
		c.Set(keyPartner, p.Partner)
		for _, scope := range scopes {
			if !p.Has(auth.Scope(scope)) {
				c.Header("WWW-Authenticate", `Bearer realm="passerelle", error="insufficient_scope", scope="`+scope+`"`)
				s.refuse(c, scopeMissing(scope))
				return
			}
		}
		c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), principalKey{}, p))
	}
}

func bearer(header string) (string, bool) {
	scheme, token, ok := strings.Cut(header, " ")
	return token, ok && strings.EqualFold(scheme, "Bearer") && token != ""
}

// partner is who calls. The routes that use it are those that authenticate lets nobody else into.
func partner(ctx context.Context) string {
	p, _ := ctx.Value(principalKey{}).(auth.Principal)
	return p.Partner
}

func (s *server) tokenRefused(c *gin.Context, err error) {
	c.Header("WWW-Authenticate", `Bearer realm="passerelle", error="invalid_token"`)
	if errors.Is(err, errNoToken) {
		c.Header("WWW-Authenticate", `Bearer realm="passerelle"`)
	}
	s.write(c, http.StatusUnauthorized, Probleme{
		Code: "jeton_invalide", Detail: "Le jeton manque, n'est plus valable ou n'est pas de cette passerelle : demandez-en un autre.",
	})
}
