package arch

import (
	"fmt"
	"go/version"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const workflow = ".github/workflows/ci.yml"

// TestTheForgesWorkflowCallsWhatExists reads what only the public forge can run.
func TestTheForgesWorkflowCallsWhatExists(t *testing.T) {
	for _, wrong := range faultsOfWorkflow(read(t, workflow)) {
		t.Error(wrong)
	}
}

func TestABrokenWorkflowIsSeen(t *testing.T) {
	right := read(t, workflow)
	for name, c := range map[string]struct{ from, to string }{
		"no YAML":                      {"jobs:", "jobs: ["},
		"a key that nobody reads":      {"    timeout-minutes: 120\n", "    timeout-minute: 120\n"},
		"a job without an end":         {"    timeout-minutes: 120\n", ""},
		"more than reading":            {"contents: read", "contents: write"},
		"rights of strangers' code":    {"  pull_request:\n", "  pull_request_target:\n"},
		"a job that takes more":        {"    timeout-minutes: 120\n", "    timeout-minutes: 120\n    permissions: {contents: write}\n"},
		"an action by its tag":         {"actions/checkout@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0 # v7.0.0", "actions/checkout@v7"},
		"an action without its name":   {"9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0 # v7.0.0", "9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0"},
		"a script that is not there":   {"bash .ci/run", "bash .ci/walk"},
		"a target that is not there":   {"make sbom", "make bill"},
		"a tool of any version":        {"govulncheck@v1.9.0", "govulncheck@latest"},
		"a tool of no version":         {"govulncheck@v1.9.0", "govulncheck"},
		"a command that nobody knows":  {"bash .ci/run", "curl https://example.org/run"},
		"a stranger's words in a line": {"bash .ci/run", "bash .ci/run ${{ github.head_ref }}"},
		"a Go that the tools refuse":   {"golang:1.26.8-bookworm", "golang:1.25.0-bookworm"},
		"an image of any version":      {"golang:1.26.8-bookworm", "golang:latest"},
		"a file of Go's version":       {"go-version-file: internal/tools/go.mod", "go-version-file: tools/go.mod"},
	} {
		if !strings.Contains(right, c.from) {
			t.Errorf("%s: %q is not in the workflow", name, c.from)
		} else if got := faultsOfWorkflow(strings.Replace(right, c.from, c.to, 1)); len(got) == 0 {
			t.Errorf("%s was not seen", name)
		}
	}
}

// pipeline is what we use of a workflow; it is read strictly.
type pipeline struct {
	Name        string
	On          map[string]any
	Permissions map[string]string
	Concurrency map[string]any
	Jobs        map[string]struct {
		RunsOn      string            `yaml:"runs-on"`
		Container   string            `yaml:"container"`
		Timeout     int               `yaml:"timeout-minutes"`
		Permissions map[string]string `yaml:"permissions"`
		Steps       []struct {
			Uses, If, Run string
			With          map[string]any
		}
	}
}

var (
	pinnedAction = regexp.MustCompile(`(?m)uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	pinnedGo     = regexp.MustCompile(`^golang:(\d+\.\d+\.\d+)-bookworm$`)
	toolsGo      = regexp.MustCompile(`(?m)^go (\S+)$`)
)

func faultsOfWorkflow(text string) []string {
	var p pipeline
	if err := yaml.UnmarshalWithOptions([]byte(text), &p, yaml.Strict()); err != nil {
		return []string{err.Error()}
	}
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if len(p.Permissions) != 1 || p.Permissions["contents"] != "read" {
		fault("permissions are %v: reading the contents is enough", p.Permissions)
	}
	if _, risky := p.On["pull_request_target"]; risky {
		fault("pull_request_target gives our rights to a stranger's code")
	}
	actions := 0
	for name, job := range p.Jobs {
		if job.RunsOn == "" || job.Timeout == 0 || len(job.Permissions) > 0 {
			fault("%s: a runner, an end and no rights of its own", name)
		}
		if job.Container != "" && !newEnough(job.Container) {
			fault("%s: %s is not the Go of internal/tools/go.mod", name, job.Container)
		}
		for _, step := range job.Steps {
			if step.Uses != "" {
				actions++
			}
			if file, ok := step.With["go-version-file"].(string); ok && !exists(file) {
				fault("%s: %s is not there", name, file)
			}
			if step.Run != "" && !callsWhatExists(step.Run) {
				fault("%s: %q", name, step.Run)
			}
		}
	}
	if pinned := len(pinnedAction.FindAllString(text, -1)); pinned != actions || actions == 0 {
		fault("%d of %d actions are pinned by a commit and say their version", pinned, actions)
	}
	return faults
}

// newEnough reports whether an image has a Go that the tools can be built with.
func newEnough(image string) bool {
	tools, err := os.ReadFile(filepath.Join(root, "internal", "tools", "go.mod"))
	has, needs := pinnedGo.FindStringSubmatch(image), toolsGo.FindSubmatch(tools)
	return err == nil && has != nil && needs != nil && version.Compare("go"+has[1], "go"+string(needs[1])) >= 0
}

// callsWhatExists reports whether one line of a shell calls a script or a target of ours, or a tool at its version.
func callsWhatExists(line string) bool {
	words := strings.Fields(line)
	if len(words) < 2 || strings.ContainsAny(line, "\n;&|`") || strings.Contains(line, "${{") {
		return false
	}
	switch words[0] {
	case "bash", "sh":
		return exists(words[1])
	case "make":
		text, err := os.ReadFile(filepath.Join(root, "Makefile"))
		return err == nil && regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(words[1])+`:`).Match(text)
	case "go":
		return len(words) > 2 && words[1] == "run" && exact.MatchString(words[2])
	case "apt-get", "git":
		return true
	case "cat":
		return words[1] == ".cache/passerelle.cdx.json"
	}
	return false
}

func exists(name string) bool {
	_, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
	return err == nil
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
