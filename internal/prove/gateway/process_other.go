//go:build !linux

package gateway

import "syscall"

func attributes() *syscall.SysProcAttr { return nil }
