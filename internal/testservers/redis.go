package testservers

import (
	"bytes"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// RedisServer is a Redis, or a Sentinel, of one test. Its methods are called from one goroutine at a time.
type RedisServer struct {
	Addr string // host:port, the same for its whole life

	program program
	process *process
}

// StartRedis starts an empty server that ends with the test and keeps nothing on disk. Arguments are redis-server's
// own ("--replicaof", "127.0.0.1 6379"); a later one replaces ours.
func StartRedis(t testing.TB, args ...string) *RedisServer {
	t.Helper()
	return startRedis(t, "redis", func(home string, port int) []string {
		return append(redisArguments(home, port), args...)
	})
}

func redisArguments(home string, port int) []string {
	return []string{
		"--port", strconv.Itoa(port), "--bind", loopback, "--dir", home, "--daemonize", "no",
		"--save", "", "--appendonly", "no",
	}
}

// startRedis tries ports until one is really free.
func startRedis(t testing.TB, kind string, arguments func(home string, port int) []string) *RedisServer {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		absent(t, "redis-server")
	}
	if _, err := exec.LookPath("redis-cli"); err != nil {
		absent(t, "redis-cli")
	}
	home := folder(t, kind, nil)
	s := &RedisServer{}
	t.Cleanup(func() { s.Stop(t) })
	for range ports {
		port := freePort(t)
		s.Addr = address(port)
		s.program = program{
			path: path, args: arguments(home, port), folder: home,
			polite: syscall.SIGTERM, death: syscall.SIGKILL,
		}
		if err := s.start(); err == nil {
			return s
		}
	}
	t.Fatalf("testservers: redis does not start:\n%s", logTail(home))
	return nil
}

// Stop ends the server in order. It does nothing when it is down.
func (s *RedisServer) Stop(t testing.TB) {
	t.Helper()
	s.process.end(s.program.polite)
	s.process = nil
}

// Start starts it again, at the same address, and returns when it answers: empty, unless it was told to persist. It
// does nothing when it runs.
func (s *RedisServer) Start(t testing.TB) {
	t.Helper()
	if s.process.alive() {
		return
	}
	if err := s.start(); err != nil {
		t.Fatalf("testservers: redis does not start again: %v\n%s", err, logTail(s.program.folder))
	}
}

// Kill ends the server at once, with SIGKILL.
func (s *RedisServer) Kill(t testing.TB) {
	t.Helper()
	s.process.end(syscall.SIGKILL)
	s.process = nil
}

// Do sends one command through redis-cli and returns what that prints. An error of Redis fails the test.
func (s *RedisServer) Do(t testing.TB, command ...string) string {
	t.Helper()
	out, err := redisDo(s.Addr, command...)
	if err != nil {
		t.Fatalf("testservers: redis %s: %v\n%s", command[0], err, out)
	}
	return out
}

// Says says whether what redis-cli prints for a command contains want. It does not while there is no answer: a Sentinel
// that promotes a server closes the connections of its clients.
func (s *RedisServer) Says(want string, command ...string) bool {
	out, err := redisDo(s.Addr, command...)
	return err == nil && strings.Contains(out, want)
}

func (s *RedisServer) start() error {
	p, err := s.program.start()
	if err != nil {
		return err
	}
	err = p.await(func() bool {
		return s.Says("process_id:"+strconv.Itoa(p.pid)+"\r\n", "INFO", "server") // the port may be another's
	})
	if err != nil {
		p.end(syscall.SIGKILL)
		return err
	}
	s.process = p
	return nil
}

func redisDo(addr string, command ...string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	cmd := exec.Command("redis-cli", append([]string{"-e", "-h", host, "-p", port}, command...)...)
	cmd.Env = environment()
	out, err := cmd.CombinedOutput()
	return string(bytes.TrimSpace(out)), err
}
