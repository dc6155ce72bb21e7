package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
func (s *server) validate(doc *openapi3.T) gin.HandlerFunc {
	ops := operationsOf(doc)
	options := &openapi3filter.Options{MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
	return func(c *gin.Context) {
		route := ops.of(c)
		if route == nil || route.Operation.OperationID == "postToken" { // whose errors are OAuth's
			return
		}
		wrong := wrongQuery(route.Operation, c.Request)
		if why := wrongBody(route.Operation, c.Request); why != "" {
			wrong = append(wrong, booking.FieldError{Name: orBody(""), Reason: why})
		}
		if len(wrong) > 0 {
			s.refuse(c, invalid(wrong, nil))
			return
		}
		values := make(map[string]string)
		for _, p := range c.Params {
			values[p.Key] = p.Value
		}
		err := openapi3filter.ValidateRequest(c.Request.Context(), &openapi3filter.RequestValidationInput{
			Request: c.Request, PathParams: values, Options: options, Route: route,
		})
		if err != nil {
			s.refuse(c, invalid(explain(err, ""), err))
		}
	}
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

func invalid(list []booking.FieldError, cause error) error {
	slices.SortStableFunc(list, func(a, b booking.FieldError) int { return strings.Compare(a.Name, b.Name) })
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

// explain turns what the validator found into fields and reasons of our own; its texts are never passed on.
func explain(err error, field string) []booking.FieldError {
	switch e := err.(type) {
	case openapi3.MultiError:
		var out []booking.FieldError
		for _, one := range e {
			out = append(out, explain(one, field)...)
		}
		return out
	case *openapi3filter.RequestError:
		if e.Parameter != nil {
			field = e.Parameter.Name
		}
		if e.Err == nil {
			return []booking.FieldError{{Name: orBody(field), Reason: "obligatoire"}}
		}
		return explain(e.Err, field)
	case *openapi3.SchemaError:
		return ofSchema(e, field)
	case *openapi3filter.ParseError:
		if field == "" {
			return []booking.FieldError{{Name: "(corps)", Reason: "n'est pas du JSON lisible"}}
		}
		return []booking.FieldError{{Name: field, Reason: "n'est pas du type attendu"}}
	}
	switch {
	case errors.Is(err, openapi3filter.ErrInvalidRequired):
		return []booking.FieldError{{Name: orBody(field), Reason: "obligatoire"}}
	case errors.Is(err, openapi3filter.ErrInvalidEmptyValue):
		return []booking.FieldError{{Name: orBody(field), Reason: "ne peut pas être vide"}}
	}
	if inner := errors.Unwrap(err); inner != nil {
		return explain(inner, field)
	}
	return []booking.FieldError{{Name: orBody(field), Reason: "n'est pas valide"}}
}

func orBody(field string) string {
	if field == "" {
		return "(corps)"
	}
	return field
}

func ofSchema(e *openapi3.SchemaError, field string) []booking.FieldError {
	path := e.JSONPointer()
	if field != "" {
		path = []string{field} // a parameter: which of its values does not matter
	}
	if object, ok := e.Value.(map[string]any); ok && e.SchemaField == "properties" && e.Schema != nil {
		return unknownFields(object, e.Schema, path)
	}
	f := booking.FieldError{Name: orBody(strings.Join(path, ".")), Reason: reason(e)}
	if e.Schema != nil && e.SchemaField == "enum" {
		for _, v := range e.Schema.Enum {
			f.Allowed = append(f.Allowed, fmt.Sprint(v))
		}
	}
	return []booking.FieldError{f}
}

// unknownFields names each field that the document does not know: the validator names only the object.
func unknownFields(object map[string]any, schema *openapi3.Schema, path []string) []booking.FieldError {
	var out []booking.FieldError
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if _, known := schema.Properties[name]; !known {
			out = append(out, booking.FieldError{Name: strings.Join(append(slices.Clone(path), shortened(name)), "."), Reason: "champ inconnu"})
		}
	}
	return out
}

// notAnInstant also helps who forgot that a plus sign means a space in an address.
const notAnInstant = "n'est pas un instant avec décalage (2026-12-01T09:00:00+01:00 ; dans une adresse, + s'écrit %2B)"

func reason(e *openapi3.SchemaError) string {
	s := e.Schema
	if s == nil {
		return "n'est pas valide"
	}
	switch e.SchemaField {
	case "required":
		return "obligatoire"
	case "type":
		return "n'est pas du type attendu"
	case "enum":
		return "n'est pas une des valeurs possibles"
	case "nullable":
		return "ne peut pas être null"
	case "format":
		if s.Format == "date-time" {
			return notAnInstant
		}
		return "n'a pas la forme attendue"
	case "pattern":
		return "n'a pas la forme attendue : " + s.Pattern
	case "minLength":
		return "ne peut pas être vide"
	case "maxLength":
		return fmt.Sprintf("est trop long : %d caractères au plus", *s.MaxLength)
	case "maxItems":
		return fmt.Sprintf("a trop de valeurs : %d au plus", *s.MaxItems)
	case "minimum":
		return fmt.Sprintf("est trop petit : %v au moins", *s.Min)
	case "maximum":
		return fmt.Sprintf("est trop grand : %v au plus", *s.Max)
	case "exclusiveMinimum":
		return "est trop petit"
	}
	return "n'est pas valide"
}
