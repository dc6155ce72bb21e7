package rdvsptest

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// call is a request with its parameters in one heap, as the software has them: those of the query, and those of a body
// in JSON or of a form. A name that ends with [] is a list.
type call struct {
	*http.Request
	given map[string]any
	agent *Agent // who asks, once it is known
}

// newCall reads the parameters, and says what is wrong with their form.
func newCall(q *http.Request, body []byte) (*call, []string) {
	c := &call{Request: q, given: make(map[string]any)}
	c.take(q.URL.Query())
	if q.Method != http.MethodGet && q.URL.RawQuery != "" && strings.HasPrefix(q.URL.Path, "/api/v1/") {
		return c, []string{q.Method + " " + q.URL.Path + ": what is written belongs in the body, and not in the address"}
	}
	kind, _, _ := mime.ParseMediaType(q.Header.Get("Content-Type"))
	switch {
	case len(body) == 0:
	case kind == "application/json":
		if err := json.Unmarshal(body, &c.given); err != nil {
			return c, []string{q.Method + " " + q.URL.Path + ": the body is no object in JSON"}
		}
	case kind == "application/x-www-form-urlencoded" && !strings.HasPrefix(q.URL.Path, "/api/"):
		if form, err := url.ParseQuery(string(body)); err == nil {
			c.take(form)
		}
	default:
		return c, []string{fmt.Sprintf("%s %s: a body of type %q, and not application/json", q.Method, q.URL.Path, kind)}
	}
	return c, nil
}

func (c *call) take(values map[string][]string) {
	for name, list := range values {
		if short, many := strings.CutSuffix(name, "[]"); many {
			c.given[short] = anys(list)
		} else {
			c.given[name] = list[len(list)-1]
		}
	}
}

func anys(list []string) []any {
	all := make([]any, len(list))
	for i, s := range list {
		all[i] = s
	}
	return all
}

func (c *call) text(name string) string {
	switch v := c.given[name].(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// flag is a boolean, or otherwise if it was not given.
func (c *call) flag(name string, otherwise bool) bool {
	switch v := c.given[name].(type) {
	case bool:
		return v
	case string:
		return v == "true"
	}
	return otherwise
}

// number is an identifier that was given, or 0, which identifies nothing.
func (c *call) number(name string) int { return asNumber(c.given[name]) }

func asNumber(v any) int {
	switch v := v.(type) {
	case float64:
		return int(v)
	case string:
		n, _ := strconv.Atoi(v)
		return n
	}
	return 0
}

// numbers are the identifiers of a list, or the one that was given.
func (c *call) numbers(name string) []int {
	switch v := c.given[name].(type) {
	case nil:
		return nil
	case []any:
		list := make([]int, len(v))
		for i := range v {
			list[i] = asNumber(v[i])
		}
		return list
	default:
		return []int{asNumber(v)}
	}
}

func (c *call) texts(name string) []string {
	var list []string
	many, _ := c.given[name].([]any)
	for _, v := range many {
		if s, ok := v.(string); ok {
			list = append(list, s)
		}
	}
	return list
}

// inside is the call as it would be if the parameters of one of its objects were all of them.
func (c *call) inside(name string) *call {
	given, _ := c.given[name].(map[string]any)
	return &call{Request: c.Request, given: given, agent: c.agent}
}

// id is a number of the path, or 0.
func (c *call) id(name string) int {
	n, _ := strconv.Atoi(c.PathValue(name))
	return n
}

// moment reads a date or a time, which is in Paris where it does not say; ok is false when it is missing or no time.
func (c *call) moment(name string, paris *time.Location) (at time.Time, ok bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", stampLayout, "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, c.text(name), paris); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
