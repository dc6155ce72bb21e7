//go:build !linux

package testservers

import "syscall"

// attributes: a server that outlives a killed test binary is Linux's to prevent, and so is running as another account.
func attributes(*account, syscall.Signal) *syscall.SysProcAttr { return nil }

// killFamily ends a process; its children end when they see that it is gone.
func killFamily(p *process) {
	p.signal(syscall.SIGQUIT)
	<-p.ended
}

func childrenOf(int) []int { return nil } // unknown

func runs(pid int) bool { return syscall.Kill(pid, 0) == nil }
