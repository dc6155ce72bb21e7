package api

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// parameters are those of each operation with their schemas compiled once, as bodies are: a call whose parameters surely fit is
// not looked at again. kin-openapi took a fifth of a search to compile them (measured).
type parameters map[*openapi3.Operation][]parameter

type parameter struct {
	*openapi3.Parameter
	schema *jsonschema.Schema
	extent *extent  // all that its schema asks of a number; nil where it asks for anything else
	preset []string // its default, as it is written in an address; none where there is none
}

// compileParameters finds each schema where the document has it: at the operation, or among the shared ones.
func compileParameters(doc *openapi3.T, compile func(pointer string) (*jsonschema.Schema, error)) (parameters, error) {
	out := make(parameters)
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			for i, ref := range op.Parameters {
				at := strings.TrimPrefix(ref.Ref, "#")
				if at == "" {
					at = fmt.Sprintf("/paths/%s/%s/parameters/%d", pointerOf(path), strings.ToLower(method), i)
				}
				schema, err := compile(at + "/schema")
				if err != nil {
					return nil, err
				}
				p := parameter{Parameter: ref.Value, schema: schema, extent: extentOf(ref.Value.Schema.Value)}
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

// fits reports whether what is given is surely what the schema asks for. Numbers are compared here: the library makes a fraction of
// each, which took half of its time (measured).
func (p *parameter) fits(given []string) bool {
	value, ok := typed(p.Schema.Value, given)
	if n, is := value.(json.Number); ok && is && p.extent != nil {
		f, err := n.Float64()
		return err == nil && p.extent.holds(f)
	}
	return ok && p.schema.Validate(value) == nil
}

// extent is the numbers from least to most that are above another.
type extent struct{ above, least, most float64 }

func (b *extent) holds(f float64) bool { return f > b.above && b.least <= f && f <= b.most }

// extentOf is nil for a schema of anything but a number, or that asks for more.
func extentOf(schema *openapi3.Schema) *extent {
	if !schema.Type.Is(openapi3.TypeNumber) && !schema.Type.Is(openapi3.TypeInteger) {
		return nil
	}
	var asks map[string]any
	if text, err := schema.MarshalJSON(); err != nil || json.Unmarshal(text, &asks) != nil {
		return nil
	}
	b := &extent{math.Inf(-1), math.Inf(-1), math.Inf(1)}
	for keyword, value := range asks {
		number, _ := value.(float64)
		switch keyword {
		case "type", "format", "default":
		case "exclusiveMinimum":
			b.above = number
		case "minimum":
			b.least = number
		case "maximum":
			b.most = number
		default:
			return nil
		}
	}
	return b
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

// wholeNumber and number are as JSON writes them.
var (
	wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,15})$`)
	number      = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,20})?$`)
)

// typed gives texts the type that a schema names; not ok where they are not plainly of it.
func typed(schema *openapi3.Schema, given []string) (value any, ok bool) {
	if schema.Type.Is(openapi3.TypeArray) {
		list := make([]any, len(given))
		for i := range given {
			if list[i], ok = typed(schema.Items.Value, given[i:i+1]); !ok {
				return nil, false
			}
		}
		return list, len(list) > 0
	}
	if len(given) != 1 || given[0] == "" {
		return nil, false
	}
	switch text := given[0]; {
	case schema.Type.Is(openapi3.TypeString):
		return text, true
	case schema.Type.Is(openapi3.TypeInteger) && wholeNumber.MatchString(text), schema.Type.Is(openapi3.TypeNumber) && number.MatchString(text):
		return json.Number(text), true
	case schema.Type.Is(openapi3.TypeBoolean) && (text == "true" || text == "false"):
		return text == "true", true
	}
	return nil, false
}
