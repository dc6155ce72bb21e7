package gateway

import "syscall"

// attributes: a group of its own, so that an interrupt from the keyboard reaches the test binary alone; and it dies with
// the thread that started it.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
