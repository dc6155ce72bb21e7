package testservers

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// SentinelMaster is the name under which a Sentinel watches the server that it was given.
const SentinelMaster = "passerelle"

// StartSentinel starts a Sentinel that watches the server at masterAddr and its replicas. It decides alone (quorum 1),
// holds a server for dead after half a second of silence, and promotes a replica then.
func StartSentinel(t testing.TB, masterAddr string) *RedisServer {
	t.Helper()
	host, port, err := net.SplitHostPort(masterAddr)
	if err != nil {
		t.Fatal(err)
	}
	return startRedis(t, "sentinel", func(home string, own int) []string {
		file := filepath.Join(home, "sentinel.conf") // it writes there what it learns
		text := fmt.Sprintf(`port %d
bind %s
dir %s
sentinel monitor %[4]s %s %s 1
sentinel down-after-milliseconds %[4]s 500
sentinel failover-timeout %[4]s 2000
`, own, loopback, home, SentinelMaster, host, port)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{file, "--sentinel"}
	})
}
