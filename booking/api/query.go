package api

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"passerelle/booking"
)

// wrongQuery finds what the validator lets pass in silence, and what would then answer another question than the one
// that was asked: a query that cannot be read, a name that the document does not have, a single value given twice.
func wrongQuery(op *openapi3.Operation, r *http.Request) []booking.FieldError {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return []booking.FieldError{{Name: "(adresse)", Reason: "ses paramètres ne sont pas lisibles : tout signe particulier s'écrit %XX"}}
	}
	known := queryParameters(op)
	var out []booking.FieldError
	for _, name := range slices.Sorted(maps.Keys(query)) {
		p := known[name]
		switch {
		case p == nil:
			names := slices.Sorted(maps.Keys(known))
			out = append(out, booking.FieldError{Name: shortened(name), Reason: "paramètre inconnu", Allowed: names})
		case len(query[name]) > 1 && !p.Schema.Value.Type.Is(openapi3.TypeArray):
			out = append(out, booking.FieldError{Name: name, Reason: "ne se donne qu'une fois"})
		case slices.ContainsFunc(query[name], unprintable):
			out = append(out, booking.FieldError{Name: name, Reason: "contient un caractère de contrôle, ou n'est pas en UTF-8"})
		}
	}
	return out
}

func queryParameters(op *openapi3.Operation) map[string]*openapi3.Parameter {
	known := make(map[string]*openapi3.Parameter)
	for _, p := range op.Parameters {
		if p.Value.In == openapi3.ParameterInQuery {
			known[p.Value.Name] = p.Value
		}
	}
	return known
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
