package api

import (
	"time"

	"github.com/gin-gonic/gin"
)

// measures are who is told of the answers of each route. They are known before the first call: a call finds its own.
type measures map[measured]func(status int, took time.Duration)

type measured struct{ method, route string }

// measuresOf asks for one for each route, and one for all that none of them answers; none where there is nobody to ask.
func measuresOf(routes gin.RoutesInfo, of func(method, route string) func(int, time.Duration)) measures {
	if of == nil {
		return nil
	}
	m := measures{{}: of("", "")}
	for _, r := range routes {
		m[measured{r.Method, r.Path}] = of(r.Method, r.Path)
	}
	return m
}

// tell says what became of a call. A caller may send any method: one that a route does not have is none.
func (m measures) tell(method, route string, status int, took time.Duration) {
	if m == nil {
		return
	}
	told, ok := m[measured{method, route}]
	if !ok {
		told = m[measured{}]
	}
	told(status, took)
}
