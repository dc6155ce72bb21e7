package testservers

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestPostgresAnswersAndIsGoneAfterTheTest(t *testing.T) {
	t.Parallel()
	var addr string
	var pids []int
	t.Run("server", func(t *testing.T) {
		s := StartPostgres(t, "max_connections=17")
		first, second := s.NewDatabase(t), s.NewDatabase(t)
		if first == second {
			t.Errorf("two databases have the URL %s", first)
		}
		for setting, want := range map[string]string{"max_connections": "17", "fsync": "on", "server_encoding": "UTF8"} {
			if got := query(t, s, "SHOW "+setting); got != want {
				t.Errorf("%s is %s, want %s", setting, got, want)
			}
		}
		addr, pids = s.Addr, append(childrenOf(s.process.pid), s.process.pid)
		if runtime.GOOS == "linux" && len(pids) < 3 {
			t.Errorf("a running server has the processes %v", pids)
		}
	})
	gone(t, addr, pids...)
}

func TestWhatWasCommittedSurvivesAKill(t *testing.T) {
	t.Parallel()
	s := StartPostgres(t)
	query(t, s, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
	children := childrenOf(s.process.pid)
	s.Kill(t)
	gone(t, s.Addr, children...)
	s.Start(t)
	if got := query(t, s, "SELECT n FROM kept"); got != "7" {
		t.Errorf("got %q", got)
	}
	if log := logTail(s.program.folder); !strings.Contains(log, "not properly shut down") {
		t.Errorf("a kill was an orderly end:\n%s", log)
	}
	s.Stop(t)
	s.Start(t)
	if got := query(t, s, "SELECT n FROM kept"); got != "7" {
		t.Errorf("got %q after an orderly end", got)
	}
}

func TestRedisAnswersAndIsGoneAfterTheTest(t *testing.T) {
	t.Parallel()
	var addr string
	var pid int
	t.Run("server", func(t *testing.T) {
		s := StartRedis(t)
		s.Do(t, "SET", "k", "v")
		if got := s.Do(t, "GET", "k"); got != "v" {
			t.Errorf("got %q", got)
		}
		s.Kill(t)
		s.Kill(t) // of what is down already
		s.Start(t)
		if got := s.Do(t, "GET", "k"); got != "" {
			t.Errorf("a server that keeps nothing kept %q", got)
		}
		addr, pid = s.Addr, s.process.pid
	})
	gone(t, addr, pid)
}

func TestASentinelPromotesTheReplica(t *testing.T) {
	t.Parallel()
	master := StartRedis(t)
	host, port, err := net.SplitHostPort(master.Addr)
	if err != nil {
		t.Fatal(err)
	}
	replica := StartRedis(t, "--replicaof", host+" "+port)
	eventually(t, "the replica follows", func() bool {
		return replica.Says("master_link_status:up", "INFO", "replication")
	})
	sentinel := StartSentinel(t, master.Addr)
	eventually(t, "the Sentinel has seen the replica", func() bool {
		return sentinel.Says("slaves=1", "INFO", "sentinel")
	})
	master.Kill(t)
	eventually(t, "the replica is promoted", func() bool {
		return replica.Says("role:master", "INFO", "replication")
	})
}

func TestEveryNodeOfAClusterKnowsWhereAKeyIs(t *testing.T) {
	t.Parallel()
	nodes := StartRedisCluster(t)
	refused := 0
	for _, addr := range nodes {
		out, err := redisDo(addr, "SET", "k", "v")
		if err != nil && !strings.HasPrefix(out, "MOVED ") {
			t.Errorf("%s: %v %s", addr, err, out)
		}
		if strings.HasPrefix(out, "MOVED ") {
			refused++
			if to := strings.Fields(out)[2]; !slices.Contains(nodes, to) {
				t.Errorf("%s sends to %s, which is not one of %v", addr, to, nodes)
			}
		}
	}
	if refused != 2 {
		t.Errorf("%d of 3 nodes said that the key is elsewhere, want 2", refused)
	}
}

// orphaned, in the environment, makes the test below start a server, say what it consists of and wait to be killed.
const orphaned = "PASSERELLE_TEST_ORPHANED"

func TestNoServerOutlivesAKilledTest(t *testing.T) {
	t.Parallel()
	if attributes(nil, 1) == nil {
		t.Skip("only Linux tells a process that its parent died")
	}
	for kind, start := range map[string]func(testing.TB){
		"postgres": func(t testing.TB) { StartPostgres(t) },
		"redis":    func(t testing.TB) { StartRedis(t) },
		"radicale": func(t testing.TB) { StartRadicale(t) },
		"xandikos": func(t testing.TB) { StartXandikos(t) },
		"sabredav": func(t testing.TB) { StartSabreDAV(t) },
		"sogo":     func(t testing.TB) { StartSOGo(t) },
		"oidc":     func(t testing.TB) { StartOIDC(t, oidcCallback) },
		"chromium": func(t testing.TB) { StartChromium(t) },
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			start(t) // skips where there is none
			if os.Getenv(orphaned) != "" {
				for _, server := range childrenOf(os.Getpid()) {
					for _, pid := range append(childrenOf(server), server) {
						fmt.Println("process", pid)
					}
				}
				fmt.Println("kill")
				<-t.Context().Done() // never: it is killed
			}
			gone(t, "", pidsOfAKilledTest(t)...)
		})
	}
}

// pidsOfAKilledTest runs this test in a binary of its own and kills that, with SIGKILL, once its server runs.
func pidsOfAKilledTest(t *testing.T) []int {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-test.v", "-test.run=^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$")
	folders, err := os.MkdirTemp("", "passerelle-killed-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folders) })
	if err := os.Chmod(folders, 0o755); err != nil { // for the accounts that servers run as
		t.Fatal(err)
	}
	cmd.Env = append(os.Environ(), orphaned+"=yes", "TMPDIR="+folders)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pids []int
	for lines := bufio.NewScanner(out); lines.Scan(); {
		switch what, value, _ := strings.Cut(lines.Text(), " "); what {
		case "process":
			pid, err := strconv.Atoi(value)
			if err != nil {
				t.Fatal(err)
			}
			if runs(pid) { // it may have been for one question only
				pids = append(pids, pid)
			}
		case "kill":
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
	if len(pids) == 0 {
		t.Fatal("it started no server")
	}
	return pids
}

func TestAMissingProgramFailsInCIOnly(t *testing.T) {
	for _, ci := range []string{"true", ""} {
		t.Setenv("CI", ci)
		r := &recorder{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			absent(r, "a program")
		}()
		<-done
		if r.fatal != (ci == "true") || r.skipped == r.fatal {
			t.Errorf("CI=%q: fatal %v, skipped %v", ci, r.fatal, r.skipped)
		}
	}
}

// recorder notes how a test would have ended.
type recorder struct {
	testing.TB
	fatal, skipped bool
}

func (r *recorder) Helper()      {}
func (r *recorder) Skip(...any)  { r.skipped = !r.fatal }
func (r *recorder) Fatal(...any) { r.fatal = true }

func query(t *testing.T, s *PostgresServer, statement string) string {
	t.Helper()
	out, err := s.psql(statement)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// gone checks that nobody listens and that no process runs. The kernel ends them in its own time.
func gone(t *testing.T, addr string, pids ...int) {
	t.Helper()
	for _, pid := range pids {
		eventually(t, "process "+strconv.Itoa(pid)+" has ended", func() bool { return !runs(pid) })
	}
	if addr == "" {
		return
	}
	if c, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
		_ = c.Close()
		t.Errorf("%s still answers", addr)
	}
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	p := &process{ended: make(chan struct{})}
	if err := p.await(holds); err != nil {
		t.Fatalf("not so: %s: %v", what, err)
	}
}
