package gateway

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"syscall"
	"time"
)

const (
	serveIn = 3 * time.Minute // a guard: until it serves
	endIn   = 2 * time.Minute // a guard: until a process that was killed, or that ends by itself, has ended
	logTail = 8 << 10         // bytes of its output that are kept for a failure
)

// Process is one run of the program.
type Process struct {
	process *os.Process
	ended   chan struct{}
	journal string // the file that it writes to, as under a service manager: nobody reads along, at the cost of what is measured
}

// launch starts a command on a thread of its own, which lives as long as it does: the kernel's signal at the death of
// the parent comes when that thread ends.
func launch(folder, path string, args, env []string) (*Process, error) {
	journal, err := os.CreateTemp(folder, "journal-*")
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	defer journal.Close()
	p := &Process{ended: make(chan struct{}), journal: journal.Name()}
	cmd := exec.Command(path, args...)
	cmd.Env, cmd.SysProcAttr = env, attributes()
	cmd.Stdout, cmd.Stderr = journal, journal
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

var served = regexp.MustCompile(`(?m)the gateway serves.* ecoute=(127\.0\.0\.1:[0-9]+).*\n`)

// Serves waits until it serves and gives its address; empty when it ended before.
func (p *Process) Serves() (url string, err error) {
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(serveIn); time.Now().Before(end); {
		select {
		case <-p.ended:
			return "", nil
		case <-look.C:
		}
		text, err := os.ReadFile(p.journal)
		if err != nil {
			return "", fmt.Errorf("gateway: %w", err)
		}
		if m := served.FindSubmatch(text); m != nil {
			return "http://" + string(m[1]), nil
		}
	}
	return "", fmt.Errorf("gateway: it does not serve:\n%s", p.Log())
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

// Stop asks it to end (SIGTERM), and waits until it is gone.
func (p *Process) Stop() error {
	return errors.Join(p.process.Signal(syscall.SIGTERM), p.Wait())
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
func (p *Process) Log() string {
	text, err := os.ReadFile(p.journal)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-logTail):])
}
