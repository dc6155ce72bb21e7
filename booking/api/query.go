package api

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/oapi-codegen/runtime"

	"passerelle/booking"
)

// query is what the address asks for, as validate has read it, with the defaults of what it does not.
func query(c *gin.Context) url.Values {
	if c.Request.Form != nil {
		return c.Request.Form
	}
	return c.Request.URL.Query()
}

// bindQuery is the runtime's, but for what a call may give and does not: it made something of each of twenty parameters.
func bindQuery(style string, explode, required bool, name string, query url.Values, into any, o runtime.BindQueryParameterOptions) error {
	if !required && len(query[name]) == 0 {
		return nil
	}
	return runtime.BindQueryParameterWithOptions(style, explode, required, name, query, into, o)
}

// wrongQuery finds what the validator lets pass in silence, and what would then answer another question than the one
// that was asked: a query that cannot be read, a name that the document does not have, a single value given twice.
func (known parameters) wrongQuery(op *openapi3.Operation, raw string) (url.Values, []booking.FieldError) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, []booking.FieldError{{Name: "(adresse)", Reason: "ses paramètres ne sont pas lisibles : tout signe particulier s'écrit %XX"}}
	}
	var out []booking.FieldError
	for name, given := range query {
		p := known.inQuery(op, name)
		switch {
		case p == nil:
			out = append(out, booking.FieldError{Name: shortened(name), Reason: "paramètre inconnu", Allowed: known.namesInQuery(op)})
		case len(given) > 1 && !p.Schema.Value.Type.Is(openapi3.TypeArray):
			out = append(out, booking.FieldError{Name: name, Reason: "ne se donne qu'une fois"})
		case slices.ContainsFunc(given, unprintable):
			out = append(out, booking.FieldError{Name: name, Reason: "contient un caractère de contrôle, ou n'est pas en UTF-8"})
		}
	}
	return query, out
}

// inQuery is nil for a name that the document does not have.
func (known parameters) inQuery(op *openapi3.Operation, name string) *parameter {
	for i, p := range known[op] {
		if p.In == openapi3.ParameterInQuery && p.Name == name {
			return &known[op][i]
		}
	}
	return nil
}

func (known parameters) namesInQuery(op *openapi3.Operation) []string {
	var names []string
	for _, p := range known[op] {
		if p.In == openapi3.ParameterInQuery {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names
}

// unprintable reports whether a line of text holds what no line of text holds.
func unprintable(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl)
}

// shortened keeps what a caller made up from filling an answer.
func shortened(s string) string {
	const most = 64
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strings.ToValidUTF8(s, "�")
}
