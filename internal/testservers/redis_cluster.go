package testservers

import (
	"net"
	"strconv"
	"strings"
	"testing"
)

// slotsOfCluster are the hash slots of every Redis Cluster.
const slotsOfCluster = 16384

// StartRedisCluster starts three masters without replicas, each with a third of the slots, and returns their addresses
// once all of them say that the cluster is whole (two seconds: a master waits that long before it takes writes).
func StartRedisCluster(t testing.TB) []string {
	t.Helper()
	const nodes = 3
	var servers [nodes]*RedisServer
	var bus [nodes]string
	for i := range servers {
		servers[i] = startRedis(t, "cluster", func(home string, port int) []string {
			bus[i] = strconv.Itoa(freePort(t)) // the usual one, ours and 10000, may not exist
			return append(redisArguments(home, port), "--cluster-enabled", "yes", "--cluster-port", bus[i],
				"--cluster-node-timeout", "2000")
		})
	}
	addresses := make([]string, nodes)
	for i, s := range servers {
		addresses[i] = s.Addr
		first, last := i*slotsOfCluster/nodes, (i+1)*slotsOfCluster/nodes-1
		s.Do(t, "CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1))
		s.Do(t, "CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(first), strconv.Itoa(last))
		if i > 0 {
			host, port, err := net.SplitHostPort(servers[0].Addr)
			if err != nil {
				t.Fatal(err)
			}
			s.Do(t, "CLUSTER", "MEET", host, port, bus[0])
		}
	}
	for _, s := range servers {
		err := s.process.await(func() bool {
			out, err := redisDo(s.Addr, "CLUSTER", "INFO")
			return err == nil && strings.Contains(out, "cluster_state:ok") &&
				strings.Contains(out, "cluster_known_nodes:"+strconv.Itoa(nodes)) && allLinked(s)
		})
		if err != nil {
			t.Fatalf("testservers: the cluster does not form: %v\n%s", err, logTail(s.program.folder))
		}
	}
	return addresses
}

// allLinked says whether a node speaks with every other; before, it may name them without their right addresses.
func allLinked(s *RedisServer) bool {
	out, err := redisDo(s.Addr, "CLUSTER", "NODES")
	return err == nil && !strings.Contains(out, "handshake") && !strings.Contains(out, "disconnected")
}
