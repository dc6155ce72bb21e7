package gateway

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"sync"
	"time"
)

const (
	serveIn   = 3 * time.Minute // a guard: until it serves
	endIn     = 2 * time.Minute // a guard: until a process that was killed, or that ends by itself, has ended
	inheritIn = 2 * time.Second // how long the end waits for whoever else holds its output
	logTail   = 8 << 10         // bytes of its output that are kept for a failure
)

// Process is one run of the program.
type Process struct {
	process *os.Process
	ended   chan struct{}
	serves  chan struct{} // closed once url is there
	output  *output
}

// launch starts a command on a thread of its own, which lives as long as it does: the kernel's signal at the death of
// the parent comes when that thread ends.
func launch(path string, args, env []string) (*Process, error) {
	p := &Process{ended: make(chan struct{}), serves: make(chan struct{})}
	p.output = &output{served: func() { close(p.serves) }}
	cmd := exec.Command(path, args...)
	cmd.Env, cmd.SysProcAttr, cmd.WaitDelay = env, attributes(), inheritIn
	cmd.Stdout, cmd.Stderr = p.output, p.output
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this function
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is what the proof did to it
			close(p.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("gateway: start: %w", err)
	}
	p.process = cmd.Process
	return p, nil
}

// Serves waits until it serves and gives its address; empty when it ended before.
func (p *Process) Serves() (url string, err error) {
	guard := time.NewTimer(serveIn)
	defer guard.Stop()
	select {
	case <-p.serves:
		return p.output.address(), nil
	case <-p.ended:
		return "", nil
	case <-guard.C:
		return "", fmt.Errorf("gateway: it does not serve:\n%s", p.Log())
	}
}

// PID is what the system calls it.
func (p *Process) PID() int { return p.process.Pid }

// Ended is closed once the process is gone.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Kill ends it with SIGKILL and waits until it is gone.
func (p *Process) Kill() error {
	_ = p.process.Kill() // it may have ended by itself
	return p.Wait()
}

// Wait waits until it is gone.
func (p *Process) Wait() error {
	guard := time.NewTimer(endIn)
	defer guard.Stop()
	select {
	case <-p.ended:
		return nil
	case <-guard.C:
		return fmt.Errorf("gateway: it does not end:\n%s", p.Log())
	}
}

// Log is the end of what it wrote.
func (p *Process) Log() string { return p.output.tail() }

var served = regexp.MustCompile(`the gateway serves.* ecoute=(127\.0\.0\.1:[0-9]+)`)

// output looks for the line that says where the program serves.
type output struct {
	mu     sync.Mutex
	text   []byte
	url    string
	served func()
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, p...)
	if o.url == "" {
		if m := served.FindSubmatch(o.text); m != nil && bytes.HasSuffix(o.text, []byte("\n")) {
			o.url = "http://" + string(m[1])
			o.served()
		}
	}
	if extra := len(o.text) - 2*logTail; extra > 0 {
		o.text = append(o.text[:0], o.text[len(o.text)-logTail:]...)
	}
	return len(p), nil
}

func (o *output) address() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.url
}

func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text[max(0, len(o.text)-logTail):])
}
