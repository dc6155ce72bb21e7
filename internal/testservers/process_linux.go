package testservers

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// attributes: a group of its own, so that an interrupt from the keyboard reaches the test binary alone and the server
// is ended through it.
func attributes(as *account, death syscall.Signal) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: death}
	if as != nil {
		a.Credential = &syscall.Credential{Uid: as.uid, Gid: as.gid}
	}
	return a
}

// killFamily ends a process and its children with SIGKILL, as a machine that fails would. The process is stopped first,
// so that it starts no more of them.
func killFamily(p *process) {
	p.signal(syscall.SIGSTOP)
	children := childrenOf(p.pid)
	p.signal(syscall.SIGKILL)
	for _, c := range children {
		_ = syscall.Kill(c, syscall.SIGKILL)
	}
	<-p.ended
	awaitEnd(children)
}

func childrenOf(pid int) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var out []int
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if _, parent := statOf(child); parent == pid {
			out = append(out, child)
		}
	}
	return out
}

// statOf is the state letter of a process and its parent; 0 when there is no such process.
func statOf(pid int) (state byte, parent int) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0
	}
	// The name stands in parentheses and may hold anything; what follows the last one is "S 1234 …".
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 2 {
		return 0, 0
	}
	parent, _ = strconv.Atoi(string(fields[1]))
	return fields[0][0], parent
}

// runs says whether a process of ours or of another is there and not a corpse.
func runs(pid int) bool {
	state, _ := statOf(pid)
	return state != 0 && state != 'Z' && state != 'X'
}
