package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
)

//go:embed docs.html
var docsTemplate string

// section is the operations of a tag, as the page shows them.
type section struct {
	Name, Description string
	Operations        []operation
}

type operation struct {
	Method, Path string
	*openapi3.Operation
	Scopes []string
}

func (s *server) showDocs(c *gin.Context) {
	text, err := s.docs()
	if err != nil {
		s.refuse(c, err)
		return
	}
	c.Data(http.StatusOK, "text/html; charset=utf-8", text)
}

// page renders the document for people, once: no script, no network.
func page(doc *openapi3.T) ([]byte, error) {
	t, err := template.New("docs").Funcs(template.FuncMap{"prose": prose, "type": typeOf, "json": indented}).Parse(docsTemplate)
	if err != nil {
		return nil, fmt.Errorf("api: docs: %w", err)
	}
	var b bytes.Buffer
	err = t.Execute(&b, map[string]any{"Info": doc.Info, "Sections": sections(doc), "Schemas": doc.Components.Schemas, "Problems": problems})
	if err != nil {
		return nil, fmt.Errorf("api: docs: %w", err)
	}
	return b.Bytes(), nil
}

func sections(doc *openapi3.T) []section {
	var out []section
	for _, tag := range doc.Tags {
		s := section{Name: tag.Name, Description: tag.Description}
		for _, path := range doc.Paths.InMatchingOrder() {
			for method, op := range doc.Paths.Find(path).Operations() {
				if slices.Contains(op.Tags, tag.Name) {
					s.Operations = append(s.Operations, operation{method, path, op, scopesOf(op)})
				}
			}
		}
		slices.SortFunc(s.Operations, func(a, b operation) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
		out = append(out, s)
	}
	return out
}

// prose turns the little Markdown of the document (paragraphs, **strong**, `code`) into HTML, everything else escaped.
func prose(s string) template.HTML {
	if s = template.HTMLEscapeString(strings.TrimSpace(s)); s == "" {
		return ""
	}
	for _, mark := range []struct{ sign, tag string }{{"**", "strong"}, {"`", "code"}} {
		parts := strings.Split(s, mark.sign)
		for i := 1; i+1 < len(parts); i += 2 {
			parts[i] = "<" + mark.tag + ">" + parts[i] + "</" + mark.tag + ">"
		}
		s = strings.Join(parts, "")
	}
	return template.HTML("<p>" + strings.ReplaceAll(s, "\n\n", "</p><p>") + "</p>") // #nosec G203 -- escaped above
}

// indented writes an example of the document.
func indented(v any) (string, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	return string(text), err
}

// typeOf says a schema in a few words.
func typeOf(ref *openapi3.SchemaRef) string {
	if ref == nil || ref.Value == nil {
		return ""
	}
	if ref.Ref != "" {
		return ref.Ref[strings.LastIndex(ref.Ref, "/")+1:]
	}
	v := ref.Value
	switch {
	case v.Type != nil && v.Type.Includes("array"):
		return "liste de " + typeOf(v.Items)
	case len(v.Enum) > 0:
		values := make([]string, 0, len(v.Enum))
		for _, e := range v.Enum {
			values = append(values, fmt.Sprint(e))
		}
		return strings.ReplaceAll(strings.Join(values, " · "), "<nil>", "null")
	case len(v.OneOf) > 0:
		return typesOf(v.OneOf, " ou ")
	case len(v.AllOf) > 0:
		return typesOf(v.AllOf, " + ")
	case v.Type.Is("object") && v.Properties["items"] != nil: // a page of a list
		return "items : " + typeOf(v.Properties["items"])
	case v.Type != nil:
		return strings.Join(v.Type.Slice(), " ou ")
	}
	return "objet"
}

func typesOf(refs openapi3.SchemaRefs, between string) string {
	var types []string
	for _, r := range refs {
		types = append(types, typeOf(r))
	}
	return strings.Join(types, between)
}
