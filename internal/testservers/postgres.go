package testservers

import (
	"bytes"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// PostgresServer is a PostgreSQL of one test. Its methods are called from one goroutine at a time.
type PostgresServer struct {
	Addr string // host:port, the same for its whole life

	bin       string // the folder of its programs
	program   program
	process   *process
	databases int
}

// Postgres starts a server for the test and returns the URL of an empty database.
func Postgres(t testing.TB) string {
	t.Helper()
	return StartPostgres(t).NewDatabase(t)
}

// StartPostgres starts an empty server that ends with the test: UTF-8, the C locale, UTC, no password on loopback,
// fsync on. Settings are "name=value", as postgres takes them after -c; a later one replaces ours.
func StartPostgres(t testing.TB, settings ...string) *PostgresServer {
	t.Helper()
	s := &PostgresServer{bin: postgresPrograms(t)}
	as := unprivileged(t, "postgres")
	home := folder(t, "postgres", as)
	s.program.folder = home
	// The data of a test need not survive the machine while initdb writes it; what the server commits does.
	initdb := exec.Command(filepath.Join(s.bin, "initdb"), "--pgdata", s.data(), "--username", "postgres", "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
	initdb.Dir, initdb.Env, initdb.SysProcAttr = home, environment(), attributes(as, 0)
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("testservers: initdb: %v\n%s", err, out)
	}
	t.Cleanup(func() { s.end(t) })
	for range ports {
		port := freePort(t)
		s.Addr = address(port)
		s.program = program{
			path: filepath.Join(s.bin, "postgres"), args: postgresArguments(s.data(), port, settings), folder: home, as: as,
			polite: syscall.SIGINT, death: syscall.SIGQUIT,
		}
		if err := s.start(); err == nil {
			return s
		}
	}
	t.Fatalf("testservers: postgres does not start:\n%s", logTail(home))
	return nil
}

func postgresArguments(data string, port int, settings []string) []string {
	args := []string{"-D", data}
	for _, s := range append([]string{
		"listen_addresses=" + loopback, "port=" + strconv.Itoa(port), "unix_socket_directories=",
		"max_connections=200", "fsync=on", "timezone=UTC", "log_timezone=UTC",
	}, settings...) {
		args = append(args, "-c", s)
	}
	return args
}

// NewDatabase makes an empty database and returns its URL.
func (s *PostgresServer) NewDatabase(t testing.TB) string {
	t.Helper()
	s.databases++
	name := "test" + strconv.Itoa(s.databases)
	if out, err := s.psql("CREATE DATABASE " + name); err != nil {
		t.Fatalf("testservers: CREATE DATABASE: %v\n%s", err, out)
	}
	return s.url(name)
}

func (s *PostgresServer) url(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Host: s.Addr, Path: "/" + database, RawQuery: "sslmode=disable"}
	return u.String()
}

func (s *PostgresServer) data() string { return filepath.Join(s.program.folder, "data") }

func (s *PostgresServer) psql(statement string) ([]byte, error) {
	cmd := exec.Command(filepath.Join(s.bin, "psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
		"--dbname", s.url("postgres"), "--command", statement)
	cmd.Env = environment()
	return cmd.CombinedOutput()
}

// Stop ends the server in order: sessions are cut off, everything is written. It does nothing when it is down.
func (s *PostgresServer) Stop(t testing.TB) {
	t.Helper()
	s.process.end(s.program.polite)
	s.process = nil
}

// Start starts it again, at the same address, and returns when it answers. It does nothing when it runs.
func (s *PostgresServer) Start(t testing.TB) {
	t.Helper()
	if s.process.alive() {
		return
	}
	if err := s.start(); err != nil {
		t.Fatalf("testservers: postgres does not start again: %v\n%s", err, logTail(s.program.folder))
	}
}

// Kill ends the server and all its sessions at once, with SIGKILL: nobody gets an answer, and Start has to recover.
func (s *PostgresServer) Kill(t testing.TB) {
	t.Helper()
	if s.process.alive() {
		killFamily(s.process)
	}
	s.process = nil
}

func (s *PostgresServer) start() error {
	p, err := s.program.start()
	if err != nil {
		return err
	}
	err = p.await(func() bool {
		out, err := s.psql("SHOW data_directory") // it is ours: the port may be another's
		return err == nil && string(bytes.TrimSpace(out)) == s.data()
	})
	if err != nil {
		p.end(syscall.SIGQUIT)
		return err
	}
	s.process = p
	return nil
}

// end ends the server, and frees the shared memory that a killed one leaves behind.
func (s *PostgresServer) end(t testing.TB) {
	s.Stop(t)
	left, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return // it ended in order
	}
	lines := strings.Split(string(left), "\n")
	if len(lines) < 7 {
		return
	}
	if memory := strings.Fields(lines[6]); len(memory) == 2 { // "key id"
		_ = exec.Command("ipcrm", "--shmem-id", memory[1]).Run()
	}
}
