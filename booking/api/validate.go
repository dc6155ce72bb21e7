package api

import (
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/gin-gonic/gin"

	"passerelle/booking"
)

// validate holds every request against the document and names each field that does not fit.
func (s *server) validate(doc *openapi3.T, parameters parameters, bodies bodies) gin.HandlerFunc {
	ops := operationsOf(doc)
	all := &openapi3filter.Options{MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
	exceptBody := *all
	exceptBody.ExcludeRequestBody = true
	return func(c *gin.Context) {
		route := ops.of(c)
		if route == nil || probe(c) || route.Operation.OperationID == "postToken" { // whose errors are OAuth's
			return
		}
		if err := wrongKey(route.Operation, c.Request); err != nil {
			s.refuse(c, err)
			return
		}
		query, wrong := parameters.wrongQuery(route.Operation, c.Request.URL.RawQuery)
		if why := wrongBody(route.Operation, c.Request); why != "" {
			wrong = append(wrong, booking.FieldError{Name: orBody(""), Reason: why})
		}
		if len(wrong) > 0 {
			s.refuse(c, invalid(wrong, nil))
			return
		}
		body := bodies.fits(route.Operation, c.Request)
		if parameters.fit(route.Operation, c, query) && (body || route.Operation.RequestBody == nil) {
			c.Request.Form = query
			return
		}
		values := make(map[string]string)
		for _, p := range c.Params {
			values[p.Key] = p.Value
		}
		options := all
		if body {
			options = &exceptBody
		}
		err := openapi3filter.ValidateRequest(c.Request.Context(), &openapi3filter.RequestValidationInput{
			Request: c.Request, PathParams: values, Options: options, Route: route,
		})
		if err != nil {
			s.refuse(c, invalid(explain(err, ""), err))
		}
	}
}

// idempotencyKey is the header that lets a call be repeated.
const idempotencyKey = "Idempotency-Key"

// wrongKey asks for the key of a call that changes something: its absence has a status of its own.
func wrongKey(op *openapi3.Operation, r *http.Request) error {
	if op.Parameters.GetByInAndName(openapi3.ParameterInHeader, idempotencyKey) == nil {
		return nil
	}
	switch given := r.Header.Values(idempotencyKey); {
	case len(given) == 0 || given[0] == "":
		return errNoKey
	case len(given) > 1:
		return invalid([]booking.FieldError{{Name: idempotencyKey, Reason: "ne se donne qu'une fois"}}, nil)
	}
	return nil
}

// wrongBody says what is wrong with a body before any of its fields is looked at; empty when nothing is.
func wrongBody(op *openapi3.Operation, r *http.Request) string {
	body, _ := r.Context().Value(bodyKey{}).([]byte)
	if op.RequestBody == nil || len(body) == 0 {
		return ""
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil || kind != "application/json":
		return "doit être du JSON, annoncé par l'en-tête « Content-Type: application/json »"
	case !utf8.Valid(body):
		return "n'est pas en UTF-8"
	case !json.Valid(body): // nor are two values one after the other
		return "n'est pas du JSON lisible"
	}
	return ""
}

// invalid is the refusal of a demand for these faults, by field, each once.
func invalid(list []booking.FieldError, cause error) error {
	slices.SortStableFunc(list, func(a, b booking.FieldError) int { return strings.Compare(a.Name, b.Name) })
	list = slices.CompactFunc(list, func(a, b booking.FieldError) bool { return a.Name == b.Name && a.Reason == b.Reason })
	names := make([]string, 0, len(list))
	for _, f := range list {
		if !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	return &refusal{
		status: http.StatusUnprocessableEntity, code: "champ_invalide", fields: list, err: cause,
		detail: "La demande n'est pas valide : " + strings.Join(names, ", ") + ".",
	}
}
