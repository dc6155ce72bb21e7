package api

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"passerelle/booking"
)

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
		if each, ok := errors.AsType[openapi3.MultiError](e.Origin); ok { // it only sums up what is wrong inside
			return explain(each, field)
		}
		return ofSchema(e, field)
	case *openapi3filter.ParseError:
		if field == "" {
			return []booking.FieldError{{Name: orBody(field), Reason: "n'est pas du JSON lisible"}}
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

// orBody names what is wrong with no field in particular.
func orBody(field string) string {
	if field == "" {
		return "(corps)"
	}
	return field
}

// ofSchema names the field by its path in the body, or else the parameter. There are two validators below, one for
// bodies whose schema refers to others: what they say of a missing or an unknown field differs.
func ofSchema(e *openapi3.SchemaError, field string) []booking.FieldError {
	path := e.JSONPointer()
	if field != "" {
		path = []string{field} // a parameter: which of its values does not matter
	}
	if object, ok := e.Value.(map[string]any); ok && e.Schema != nil {
		switch e.SchemaField {
		case "properties", "additionalProperties":
			return unknownFields(object, e.Schema, path)
		case "required":
			return missingFields(object, e.Schema, path)
		}
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

// missingFields names each field that must be given. The path may already be that of one.
func missingFields(object map[string]any, schema *openapi3.Schema, path []string) []booking.FieldError {
	var missing []string
	for _, name := range schema.Required {
		if _, there := object[name]; !there {
			missing = append(missing, name)
		}
	}
	if n := len(path); n > 0 && slices.Contains(missing, path[n-1]) {
		path, missing = path[:n-1], path[n-1:]
	}
	out := make([]booking.FieldError, len(missing))
	for i, name := range missing {
		out[i] = booking.FieldError{Name: strings.Join(append(slices.Clone(path), name), "."), Reason: "obligatoire"}
	}
	return out
}

// notAnInstant also helps who forgot that a plus sign means a space in an address.
const notAnInstant = "n'est pas un instant avec décalage (2026-12-01T09:00:00+01:00 ; dans une adresse, + s'écrit %2B)"

// reason says in French what the keyword of a schema asks for.
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
