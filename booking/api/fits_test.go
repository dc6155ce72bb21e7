package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/gin-gonic/gin"
)

// What fits at a glance is what kin-openapi lets pass, and what is left out becomes the same default.
func TestWhatFitsIsWhatTheDocumentAsksFor(t *testing.T) {
	doc, err := load(document)
	if err != nil {
		t.Fatal(err)
	}
	known, err := compileParameters(doc)
	if err != nil {
		t.Fatal(err)
	}
	gin.SetMode(gin.ReleaseMode)
	values := []string{
		"", "0", "1", "01", "+1", "-1", "5", "100", "101", "1000000", "1e1", "1.5", "44.7286", "-0", "0x10", "NaN", "Inf", "9007199254740993", " 1", "1 ",
		"true", "TRUE", "distance", "date", "autre", "26400", "2A004", "12345678901234", "a", "é", strings.Repeat("x", 300), "a,b", "2026-12-01",
		"2026-12-01T09:00:00+01:00", "2026-12-01 09:00", "%", "null", "[]", "confirme", "https://exemple.example/x",
	}
	fitting, judged := 0, 0
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			route := operationsOf(doc)[method+" "+strings.NewReplacer("{", ":", "}", "").Replace(path)]
			for _, p := range known[op] {
				for _, value := range values {
					ask := func() *gin.Context {
						c, _ := gin.CreateTestContext(httptest.NewRecorder())
						query := url.Values{}
						c.Request = httptest.NewRequest(method, "/", http.NoBody)
						c.Request.Header.Set(idempotencyKey, "cle-1")
						for _, each := range known[op] {
							given := value
							if each.Name != p.Name {
								if each.In == "query" {
									continue
								}
								given = "80b57c92017cfa07c5451b7a6f6a11dc"
							}
							switch each.In {
							case "query":
								query.Add(each.Name, given)
							case "path":
								c.Params = append(c.Params, gin.Param{Key: each.Name, Value: given})
							case "header":
								c.Request.Header.Set(each.Name, given)
							}
						}
						c.Request.URL.RawQuery = query.Encode()
						return c
					}
					judged++
					ours, theirs := ask(), ask()
					got := ours.Request.URL.Query()
					if !known.fit(op, ours, got) {
						continue
					}
					fitting++
					params := make(map[string]string)
					for _, given := range theirs.Params {
						params[given.Key] = given.Value
					}
					err := openapi3filter.ValidateRequest(context.Background(), &openapi3filter.RequestValidationInput{
						Request: theirs.Request, PathParams: params, Route: route,
						Options: &openapi3filter.Options{ExcludeRequestBody: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
					})
					if err != nil {
						t.Errorf("%s %s: %s=%q fits, and is refused: %v", method, path, p.Name, value, err)
					}
					if want := theirs.Request.URL.Query(); !reflect.DeepEqual(got, want) {
						t.Errorf("%s %s: %s=%q becomes %v, want %v", method, path, p.Name, value, got, want)
					}
				}
			}
		}
	}
	t.Logf("%d of %d fit", fitting, judged)
	if fitting < judged/10 {
		t.Error("hardly anything fits")
	}
}
