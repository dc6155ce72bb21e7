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
	"passerelle/booking"
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

// scopes is what a token must have for a call; nil where none is needed.
func (o operations) scopes(c *gin.Context) []string {
	if route := o.of(c); route != nil {
		return scopesOf(route.Operation)
	}
	return nil
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

// keyPrincipal is where authenticate leaves who calls. gin finds it in a context, too.
const keyPrincipal = "principal"

// authenticate asks for a token wherever the document does, before anything else of the request is looked at.
func (s *server) authenticate(doc *openapi3.T) gin.HandlerFunc {
	ops := operationsOf(doc)
	return func(c *gin.Context) {
		if len(ops.scopes(c)) == 0 {
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
		c.Set(keyPrincipal, p)
	}
}

// authorize asks whether the token allows what is asked for.
func (s *server) authorize(doc *openapi3.T) gin.HandlerFunc {
	ops := operationsOf(doc)
	return func(c *gin.Context) {
		p := principal(c)
		for _, scope := range ops.scopes(c) {
			if !p.Has(auth.Scope(scope)) {
				c.Header("WWW-Authenticate", `Bearer realm="passerelle", error="insufficient_scope", scope="`+scope+`"`)
				s.refuse(c, scopeMissing(scope))
				return
			}
		}
	}
}

func bearer(header string) (string, bool) {
	scheme, token, ok := strings.Cut(header, " ")
	return token, ok && strings.EqualFold(scheme, "Bearer") && token != ""
}

// principal is who calls, and for whom. The routes that use it are those that authenticate lets nobody else into.
func principal(ctx context.Context) auth.Principal {
	p, _ := ctx.Value(keyPrincipal).(auth.Principal)
	return p
}

// serviceFor is the service as far as it is the caller's: a partner's territory bounds every place that it can name.
func (s *server) serviceFor(ctx context.Context) *booking.Service {
	t := principal(ctx).Territory
	if t.Everywhere() {
		return s.Service
	}
	return s.Service.Within(booking.Territory(t))
}

func partner(ctx context.Context) string { return principal(ctx).Partner }

func (s *server) tokenRefused(c *gin.Context, err error) {
	c.Header("WWW-Authenticate", `Bearer realm="passerelle", error="invalid_token"`)
	if errors.Is(err, errNoToken) {
		c.Header("WWW-Authenticate", `Bearer realm="passerelle"`)
	}
	s.write(c, http.StatusUnauthorized, Probleme{
		Code: "jeton_invalide", Detail: "Le jeton manque, n'est plus valable ou n'est pas de cette passerelle : demandez-en un autre.",
	})
}
