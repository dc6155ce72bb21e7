package testservers

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
)

const (
	startGuard  = 60 * time.Second      // until a server answers; they take less than one, but machines are slow
	endGuard    = 20 * time.Second      // until a server that was asked to end has ended; then it is killed
	askEvery    = 10 * time.Millisecond // whether a server answers
	insistEvery = time.Second           // that a server is to end
	ports       = 5                     // that are tried before giving up: another program may take one first
	loopback    = "127.0.0.1"           // where all of them listen
	tailBytes   = 4 << 10               // of a server's log, in the message of a failure
)

// account is whom a program runs as; nil is who runs the test.
type account struct{ uid, gid uint32 }

// program says how a server is started, and ended.
type program struct {
	path   string
	args   []string
	folder string   // where it runs, and where its output goes: the file log
	env    []string // besides what all get
	as     *account
	group  bool // its children outlive it: signals go to its whole group, which ends with it

	polite syscall.Signal // asks it to end: clients are cut off, data is written
	death  syscall.Signal // sent by the kernel when the test binary dies (Linux)
}

// watched runs a program with a watch beside it, in the same group: a shell that waits for the end of its input, which
// comes when the program was waited for or the test binary died, and kills what is left of the group. The death signal
// would not do: no child of the program's gets one.
const watched = `exec 3<&0 </dev/null; { read -r _ <&3; kill -KILL 0; } & exec "$0" "$@" 3<&-`

// process is a program that runs.
type process struct {
	pid   int
	group bool          // as its program says
	ended chan struct{} // closed once it has ended and was waited for
}

// start starts the program on a thread of its own, which lives as long as the process does: the kernel sends the death
// signal when the thread that started a process ends, not when the whole parent does.
func (p program) start() (*process, error) {
	log, err := os.OpenFile(filepath.Join(p.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("testservers: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(p.path, p.args...)
	if p.group {
		cmd = exec.Command("/bin/sh", append([]string{"-c", watched, p.path}, p.args...)...)
		if _, err := cmd.StdinPipe(); err != nil { // closed by Wait
			return nil, fmt.Errorf("testservers: %w", err)
		}
	}
	cmd.Dir, cmd.Env = p.folder, append(environment(), p.env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = attributes(p.as, p.death)
	run := &process{group: p.group, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this function
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in its log
			close(run.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("testservers: start %s: %w", filepath.Base(p.path), err)
	}
	run.pid = cmd.Process.Pid
	return run, nil
}

// end sends the signal, again and again, and kills the process when that does not end it: then it was not in order. No
// child is left: those of a group get the signal too, others end by themselves.
func (p *process) end(s syscall.Signal) (inOrder bool) {
	if p == nil {
		return true
	}
	children := childrenOf(p.pid)
	inOrder = p.insist(s)
	if !inOrder {
		p.signal(syscall.SIGKILL)
		<-p.ended
	}
	awaitEnd(children)
	return inOrder
}

// awaitEnd waits until none of them runs.
func awaitEnd(pids []int) {
	for _, pid := range pids {
		for runs(pid) {
			time.Sleep(askEvery)
		}
	}
}

// insist sends the signal until the process has ended; false says that it never did. Radicale misses one that comes
// just after an answer.
func (p *process) insist(s syscall.Signal) bool {
	guard := time.NewTimer(endGuard)
	defer guard.Stop()
	again := time.NewTicker(insistEvery)
	defer again.Stop()
	for {
		p.signal(s)
		select {
		case <-p.ended:
			return true
		case <-guard.C:
			return false
		case <-again.C:
		}
	}
}

// signal does nothing once the process was waited for: its number may be another's by then.
func (p *process) signal(s syscall.Signal) {
	if !p.alive() {
		return
	}
	to := p.pid
	if p.group {
		to = -to
	}
	_ = syscall.Kill(to, s)
}

func (p *process) alive() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// await asks until the server answers; an error says why it never will.
func (p *process) await(answers func() bool) error {
	guard := time.NewTimer(startGuard)
	defer guard.Stop()
	again := time.NewTicker(askEvery)
	defer again.Stop()
	for !answers() {
		select {
		case <-p.ended:
			return fmt.Errorf("testservers: it ended instead of answering")
		case <-guard.C:
			return fmt.Errorf("testservers: no answer within %v", startGuard)
		case <-again.C:
		}
	}
	return nil
}

// absent skips the test for want of a program; in CI it fails it, because a skip there would be a guarantee unproved.
func absent(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what + " is not here, and in CI it must be")
	}
	t.Skip(what + " is not here")
}

// environment is all that a server gets of ours: no variable of the machine (PGPORT…) changes what a test proves.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}

// folder makes a folder that the account may enter; t.TempDir is closed to others than who runs the test.
func folder(t testing.TB, kind string, as *account) string {
	t.Helper()
	name, err := os.MkdirTemp("", "passerelle-"+kind+"-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(name); err != nil {
			t.Errorf("testservers: %v", err)
		}
	})
	if as != nil {
		if err := os.Chown(name, int(as.uid), int(as.gid)); err != nil {
			t.Fatal(err)
		}
	}
	return name
}

// freePort is one that was free just now.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// FreeAddress is one on loopback that nobody listened at just now: a program is told its own before it does.
func FreeAddress(t testing.TB) string {
	t.Helper()
	return address(freePort(t))
}

func address(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }

// logTail is the end of what a server has written.
func logTail(folder string) string {
	text, err := os.ReadFile(filepath.Join(folder, "log"))
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(text[max(0, len(text)-tailBytes):]))
}
