package rdvsptest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// parameter is the one of that name, or nil. Where no schema is given, a list may come under the name with brackets.
func parameter(op *openapi3.Operation, in, name string) *openapi3.Parameter {
	for _, ref := range op.Parameters {
		p := ref.Value
		if p.In == in && (strings.EqualFold(p.Name, name) || p.Schema == nil && p.Name+"[]" == name) {
			return p
		}
	}
	return nil
}

func schemaOf(p *openapi3.Parameter) *openapi3.Schema {
	if p.Schema == nil {
		return nil
	}
	return p.Schema.Value
}

// typed is what stands in an address, as the type that the schema wants, or as it stands when it is not of it.
func typed(schema *openapi3.Schema, values []string) any {
	last := values[len(values)-1]
	switch {
	case schema == nil:
	case schema.Type.Is("array"):
		return anys(values)
	case schema.Type.Is("integer"):
		if n, err := strconv.Atoi(last); err == nil {
			return float64(n)
		}
	case schema.Type.Is("boolean"):
		if b, err := strconv.ParseBool(last); err == nil {
			return b
		}
	}
	return last
}

func wrongPath(op *openapi3.Operation, q *http.Request) []string {
	var wrong []string
	for _, ref := range op.Parameters {
		p := ref.Value
		if p.In != "path" {
			continue
		}
		for _, w := range wrongValue(schemaOf(p), typed(schemaOf(p), []string{q.PathValue(p.Name)})) {
			wrong = append(wrong, "{"+p.Name+"} "+w)
		}
	}
	return wrong
}

func wrongHeaders(op *openapi3.Operation, q *http.Request) []string {
	var wrong []string
	for _, ref := range op.Parameters {
		if p := ref.Value; p.In == "header" && p.Required && q.Header.Get(p.Name) == "" {
			wrong = append(wrong, fmt.Sprintf("the header %s is missing", p.Name))
		}
	}
	return wrong
}

// wrongBody holds the fields of a body against the parameters: the documents list them as if they were in the query, and
// ask in words that they be in the body; what must be there may be in either.
func wrongBody(op *openapi3.Operation, q *http.Request, body []byte) []string {
	var fields map[string]any
	if len(body) > 0 {
		if err := json.Unmarshal(body, &fields); err != nil {
			return nil // said already
		}
	}
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		p := parameter(op, "query", name)
		if p == nil {
			p = parameter(op, "query", name+"[]")
		}
		if p == nil || q.Method == http.MethodGet {
			wrong = append(wrong, fmt.Sprintf("the field %s is not documented", name))
			continue
		}
		for _, w := range wrongValue(schemaOf(p), fields[name]) {
			wrong = append(wrong, name+" "+w)
		}
	}
	for _, ref := range op.Parameters {
		p := ref.Value
		_, inBody := fields[strings.TrimSuffix(p.Name, "[]")]
		if p.In == "query" && p.Required && !inBody && !q.URL.Query().Has(p.Name) {
			wrong = append(wrong, fmt.Sprintf("the parameter %s is missing", p.Name))
		}
	}
	return wrong
}
