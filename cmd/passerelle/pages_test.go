package main

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"passerelle/internal/testservers"
)

var (
	pagePattern = regexp.MustCompile(`(?m)^\s*"((?:GET |POST )?/[^"]*)":`)
	pathValue   = regexp.MustCompile(`\{[^}]*\}`)
)

// Every page that there is can be reached through the doors of the program: the API hands over the paths that it knows of.
func TestEveryPageIsReached(t *testing.T) {
	source, err := os.ReadFile("../../booking/web/routes.go")
	if err != nil {
		t.Fatal(err)
	}
	x := newTerminal(t)
	address := testservers.FreeAddress(t)
	x.env["PASSERELLE_LIEUX"], x.env["PASSERELLE_ECOUTE"] = x.file("lieux.csv", somePlaces), address
	_, stop := x.start("the gateway serves", "serve")
	defer stop()
	v := &visitor{t, "http://" + address, make(map[string]string)}
	patterns := pagePattern.FindAllStringSubmatch(string(source), -1)
	if len(patterns) < 50 {
		t.Fatalf("%d patterns are read", len(patterns))
	}
	for _, p := range patterns {
		method, path, found := strings.Cut(p[1], " ")
		if !found {
			method, path = http.MethodGet, p[1]
		}
		answer, text := v.ask(method, pathValue.ReplaceAllString(strings.TrimSuffix(path, "{$}"), "x"), nil)
		if kind := answer.Header.Get("Content-Type"); strings.Contains(kind, "json") {
			t.Errorf("%s is answered by the API: %d %s", p[1], answer.StatusCode, text)
		}
	}
}
