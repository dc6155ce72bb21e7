package api

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
)

// parameters are those of each operation, with what their schemas ask for worked out once: a call whose parameters surely fit is
// not looked at again. kin-openapi took a fifth of a search to compile them, and a validator that had them compiled a twentieth
// (measured).
type parameters map[*openapi3.Operation][]parameter

type parameter struct {
	*openapi3.Parameter
	fits   check
	preset []string // its default, as it is written in an address; none where there is none
}

// check reports whether what is given surely is what a schema asks for.
type check func(given []string) bool

func compileParameters(doc *openapi3.T) (parameters, error) {
	out := make(parameters)
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for _, ref := range op.Parameters {
				fits, err := checkOf(ref.Value.Schema.Value)
				if err != nil {
					return nil, fmt.Errorf("api: openapi.yaml: %s: %w", ref.Value.Name, err)
				}
				p := parameter{Parameter: ref.Value, fits: fits}
				if preset := ref.Value.Schema.Value.Default; preset != nil {
					p.preset = []string{fmt.Sprint(preset)}
				}
				out[op] = append(out[op], p)
			}
		}
	}
	return out, nil
}

// fit reports whether all parameters of a call are surely what its operation asks for; what is left out of the query has its default then.
// Whatever leaves a doubt does not fit.
func (known parameters) fit(op *openapi3.Operation, c *gin.Context, query url.Values) bool {
	for i := range known[op] {
		p := &known[op][i]
		given := p.given(c, query)
		if len(given) == 0 && !p.Required {
			if len(p.preset) > 0 {
				query[p.Name] = p.preset
			}
			continue
		}
		if !p.fits(given) {
			return false
		}
	}
	return true
}

// given is what a call says of a parameter.
func (p *parameter) given(c *gin.Context, query url.Values) []string {
	switch p.In {
	case openapi3.ParameterInQuery:
		return query[p.Name]
	case openapi3.ParameterInHeader:
		return c.Request.Header[http.CanonicalHeaderKey(p.Name)]
	case openapi3.ParameterInPath:
		return []string{c.Param(p.Name)}
	}
	return []string{""} // which fits nothing
}

// checkOf refuses a schema that asks for anything that is not looked at here.
func checkOf(schema *openapi3.Schema) (check, error) {
	var known []string
	var fits check
	var err error
	switch {
	case schema.Type.Is(openapi3.TypeArray):
		known = []string{"items", "maxItems"}
		fits, err = listCheck(schema)
	case schema.Type.Is(openapi3.TypeString):
		known = []string{"minLength", "maxLength", "pattern", "enum", "format"}
		fits, err = textCheck(schema)
	case schema.Type.Is(openapi3.TypeInteger):
		known = []string{"minimum", "maximum", "format"}
		fits = numberCheck(schema, wholeNumber)
	case schema.Type.Is(openapi3.TypeNumber):
		known = []string{"minimum", "maximum", "exclusiveMinimum", "format"}
		fits = numberCheck(schema, number)
	case schema.Type.Is(openapi3.TypeBoolean):
		fits = func(given []string) bool { return len(given) == 1 && (given[0] == "true" || given[0] == "false") }
	}
	if err != nil {
		return nil, err
	}
	var asks map[string]any
	text, err := schema.MarshalJSON()
	if err == nil {
		err = json.Unmarshal(text, &asks)
	}
	known = append(known, "type", "default", "description", "title", "example")
	for keyword := range asks {
		if !slices.Contains(known, keyword) {
			return nil, fmt.Errorf("%s is not looked at", keyword)
		}
	}
	return fits, err
}

func listCheck(schema *openapi3.Schema) (check, error) {
	one, err := checkOf(schema.Items.Value)
	if err != nil {
		return nil, err
	}
	most := math.MaxInt
	if schema.MaxItems != nil {
		most = int(*schema.MaxItems) // #nosec G115 -- of a few hundred
	}
	return func(given []string) bool {
		for i := range given {
			if !one(given[i : i+1]) {
				return false
			}
		}
		return 0 < len(given) && len(given) <= most
	}, nil
}

func textCheck(schema *openapi3.Schema) (check, error) {
	pattern, err := regexp.Compile(schema.Pattern)
	if err != nil {
		return nil, err
	}
	instant := schema.Format == "date-time"
	if schema.Format != "" && !instant {
		return nil, fmt.Errorf("the format %s is not looked at", schema.Format)
	}
	least, most := int(schema.MinLength), math.MaxInt // #nosec G115 -- of a few thousand
	if schema.MaxLength != nil {
		most = int(*schema.MaxLength) // #nosec G115 -- as above
	}
	return func(given []string) bool {
		if len(given) != 1 || given[0] == "" {
			return false
		}
		text := given[0]
		if instant {
			if _, err := time.Parse(time.RFC3339, text); err != nil {
				return false
			}
		}
		length := utf8.RuneCountInString(text)
		return least <= length && length <= most && (schema.Pattern == "" || pattern.MatchString(text)) &&
			(len(schema.Enum) == 0 || slices.Contains(schema.Enum, any(text)))
	}, nil
}

// wholeNumber and number are as JSON writes them.
var (
	wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,15})$`)
	number      = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,20})?$`)
)

func numberCheck(schema *openapi3.Schema, written *regexp.Regexp) check {
	above, least, most := math.Inf(-1), math.Inf(-1), math.Inf(1)
	if schema.ExclusiveMin.Value != nil {
		above = *schema.ExclusiveMin.Value
	}
	if schema.Min != nil {
		least = *schema.Min
	}
	if schema.Max != nil {
		most = *schema.Max
	}
	return func(given []string) bool {
		if len(given) != 1 || !written.MatchString(given[0]) {
			return false
		}
		f, err := strconv.ParseFloat(given[0], 64)
		return err == nil && f > above && least <= f && f <= most
	}
}
