package api

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"passerelle/connectors"
)

func TestEachAnswerIsMeasuredUnderItsRoute(t *testing.T) {
	d := newDoor(t)
	told, asked := make(map[string]int), make(map[string]int)
	d.parts.Measure = func(method, route string) func(int, time.Duration) {
		asked[method+" "+route]++
		return func(status int, took time.Duration) { told[fmt.Sprint(method, " ", route, " ", status, " ", took)]++ }
	}
	d.handler = must[http.Handler](t)(New(d.parts))
	d.diary.read = func(context.Context) (connectors.Reading, error) {
		d.wait(300 * time.Millisecond)
		return connectors.Reading{Basis: connectors.Busy}, nil
	}
	d.do(ask{path: "/v1/lieux/a"})
	d.do(ask{path: "/v1/lieux/b"})
	d.do(ask{path: "/v1/lieux/canari"})
	d.do(ask{path: "/v1/lieux/d/creneaux"})
	d.do(ask{method: "HEAD", path: "/v1/connecteurs"})
	d.do(ask{method: "CANARI", path: "/v1/lieux/a"})
	d.do(ask{path: "/canari"})
	want := map[string]int{
		"GET /v1/lieux/:id 200 0s": 2, "GET /v1/lieux/:id 404 0s": 1, "GET /v1/lieux/:id/creneaux 200 300ms": 1, "GET /v1/connecteurs 200 0s": 1,
		"  404 0s": 1, "  405 0s": 1,
	}
	if !maps.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
	for route, times := range asked {
		if times != 1 {
			t.Errorf("%s was asked for %d times", route, times)
		}
	}
}
