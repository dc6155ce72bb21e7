package held

import (
	"strings"
	"sync"
)

// Text is what was written so far, a log or a screen. A test may read it meanwhile.
type Text struct {
	mu sync.Mutex
	b  strings.Builder
}

// Write implements io.Writer.
func (t *Text) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(p)
}

func (t *Text) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}
