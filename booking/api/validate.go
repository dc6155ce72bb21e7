package api

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

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
		if unknown := unknownParameters(route.Operation, c.Request); len(unknown) > 0 {
			s.refuse(c, invalid(unknown, nil))
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

// unknownParameters refuses a misspelt criterion: ignoring it would answer another question.
func unknownParameters(op *openapi3.Operation, r *http.Request) []booking.FieldError {
	var known []string
	for _, p := range op.Parameters {
		if p.Value.In == openapi3.ParameterInQuery {
			known = append(known, p.Value.Name)
		}
	}
	slices.Sort(known)
	var out []booking.FieldError
	for _, name := range slices.Sorted(maps.Keys(r.URL.Query())) {
		if !slices.Contains(known, name) {
			out = append(out, booking.FieldError{Name: shortened(name), Reason: "paramètre inconnu", Allowed: known})
		}
	}
	return out
}

func shortened(s string) string {
	if len(s) > 64 {
		return strings.ToValidUTF8(s[:64], "") + "…"
	}
	return s
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
	if errors.Is(err, openapi3filter.ErrInvalidRequired) {
		return []booking.FieldError{{Name: orBody(field), Reason: "obligatoire"}}
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
	case "pattern", "format":
		return "n'a pas la forme attendue"
	case "minLength":
		return "ne peut pas être vide"
	case "maxLength":
		return fmt.Sprintf("est trop long : %d caractères au plus", *s.MaxLength)
	case "maxItems":
		return fmt.Sprintf("a trop de valeurs : %d au plus", *s.MaxItems)
	case "minimum", "exclusiveMinimum":
		return "est trop petit"
	case "maximum", "exclusiveMaximum":
		return "est trop grand"
	}
	return "n'est pas valide"
}
