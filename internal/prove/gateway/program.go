package gateway

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Programs builds the program once per set of build tags. One of them is in the TestMain of each package of proofs.
type Programs struct {
	Folder string // where they go

	mu    sync.Mutex
	built map[string]string
}

// Main runs the tests of a package, which build their programs in a folder that ends with them. It gives the exit code.
func Main(m *testing.M, p *Programs) int {
	folder, err := os.MkdirTemp("", "passerelle-programs-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	p.Folder = folder
	return m.Run()
}

// buildIn is a guard: the first build of a machine compiles SQLite.
const buildIn = 10 * time.Minute

// Build gives the path of the program, built with the tags.
func (p *Programs) Build(t testing.TB, tags ...string) string {
	t.Helper()
	return p.build(t, "passerelle/cmd/passerelle", tags...)
}

// Reader gives the path of the program that reads ledgers for a proof.
func (p *Programs) Reader(t testing.TB) string {
	t.Helper()
	return p.build(t, "passerelle/internal/prove/reading")
}

func (p *Programs) build(t testing.TB, source string, tags ...string) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	name := strings.Join(append([]string{path.Base(source)}, tags...), "-")
	if file, ok := p.built[name]; ok {
		return file
	}
	ctx, cancel := context.WithTimeout(t.Context(), buildIn)
	defer cancel()
	file := filepath.Join(p.Folder, name)
	out, err := exec.CommandContext(ctx, "go", "build", "-tags", strings.Join(tags, ","), "-o", file, source).CombinedOutput()
	if err != nil {
		t.Fatalf("gateway: build: %v\n%s", err, out)
	}
	if p.built == nil {
		p.built = make(map[string]string)
	}
	p.built[name] = file
	return file
}
