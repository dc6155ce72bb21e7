package rdvsptest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// contract is what the software says of its API, in documents of several dates. A nil contract says nothing.
type contract struct {
	documents []contractDocument
	except    []exception
}

type contractDocument struct {
	name       string
	operations map[string]*openapi3.Operation // by "GET /path/{parameter}"
}

// contractFiles are the documents, beside the module.
var contractFiles = map[string]string{
	"2024-10":      "rdvsp-api-2024-10.json",
	"2025-09":      "rdvsp-api-2025-09.json",
	"visioplainte": "rdvsp-visioplainte-api.json",
}

// documents are read once for all the instances of a run: they never change, and take long under the race detector.
var documents = sync.OnceValues(readContract)

// readContract finds the documents from wherever the test runs; nil where there are none.
func readContract() (*contract, error) {
	folder, err := contractFolder()
	if folder == "" || err != nil {
		return nil, err
	}
	c := &contract{except: exceptions}
	for _, name := range []string{"2024-10", "2025-09", "visioplainte"} {
		text, err := os.ReadFile(filepath.Join(folder, contractFiles[name]))
		if err != nil {
			return nil, err
		}
		read, err := openapi3.NewLoader().LoadFromData(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", contractFiles[name], err)
		}
		d := contractDocument{name: name, operations: make(map[string]*openapi3.Operation)}
		for path, item := range read.Paths.Map() {
			for method, operation := range item.Operations() {
				d.operations[method+" /"+strings.TrimPrefix(path, "/")] = operation // some of theirs lack the slash
			}
		}
		c.documents = append(c.documents, d)
	}
	return c, nil
}

func contractFolder() (string, error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(root) == root {
			return "", nil
		}
		root = filepath.Dir(root)
	}
	folder := filepath.Join(root, "..", "shared", "contracts")
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return folder, nil
}

// request says what of a request the documents do not allow.
func (c *contract) request(pattern string, q *http.Request, body []byte) []string {
	return c.each(pattern, func(op *openapi3.Operation) []string {
		wrong := wrongPath(op, q)
		wrong = append(wrong, wrongHeaders(op, q)...)
		wrong = append(wrong, wrongQuery(op, q.URL.Query())...)
		return append(wrong, wrongBody(op, q, body)...)
	})
}

// response says what of an answer they do not allow.
func (c *contract) response(pattern string, a answer) []string {
	return c.each(pattern, func(op *openapi3.Operation) []string {
		said := op.Responses.Status(a.status)
		if said == nil {
			return []string{fmt.Sprintf("%d is not documented", a.status)}
		}
		media := said.Value.Content.Get("application/json")
		if media == nil || media.Schema == nil || a.body == nil {
			return nil
		}
		var wrong []string
		for _, w := range wrongJSON(media.Schema.Value, a.text) {
			wrong = append(wrong, fmt.Sprintf("%d: %s", a.status, w))
		}
		return wrong
	})
}

// each asks every document that has the route, and leaves out what is known to be otherwise.
func (c *contract) each(pattern string, check func(*openapi3.Operation) []string) []string {
	if c == nil {
		return nil
	}
	var wrong []string
	for _, d := range c.documents {
		op := d.operations[pattern]
		if op == nil {
			continue
		}
		for _, w := range check(op) {
			if said := d.name + " " + pattern + ": " + w; !known(c.except, said) {
				wrong = append(wrong, said)
			}
		}
	}
	return wrong
}

// wrongJSON lists what of a text does not fit a schema, each with its place.
func wrongJSON(schema *openapi3.Schema, text []byte) []string {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return []string{err.Error()}
	}
	return wrongValue(schema, value)
}

func wrongValue(schema *openapi3.Schema, value any) []string {
	if schema == nil {
		return nil
	}
	return flatten(schema.VisitJSON(value, openapi3.MultiErrors()))
}

func flatten(err error) []string {
	var many openapi3.MultiError
	var one *openapi3.SchemaError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &many) && len(many) > 0:
		var all []string
		for _, e := range many {
			all = append(all, flatten(e)...)
		}
		return all
	case errors.As(err, &one):
		return []string{"/" + strings.Join(one.JSONPointer(), "/") + ": " + one.Reason}
	}
	return []string{err.Error()}
}

// wrongQuery: a parameter that nobody documents is read by nobody, which a client does not see.
func wrongQuery(op *openapi3.Operation, query url.Values) []string {
	var wrong []string
	for name, values := range query {
		p := parameter(op, "query", name)
		if p == nil {
			wrong = append(wrong, fmt.Sprintf("the parameter %s is not documented", name))
			continue
		}
		for _, w := range wrongValue(schemaOf(p), typed(schemaOf(p), values)) {
			wrong = append(wrong, name+" "+w)
		}
	}
	slices.Sort(wrong)
	return wrong
}
