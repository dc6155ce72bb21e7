//go:build failpoints

package ledger

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// points is built in with the tag failpoints only, for the proofs in internal/prove. Variables of the environment say
// where the program ends, and which promise it breaks so that a proof is seen to fail:
//
//	PASSERELLE_FAILPOINT=after-commit:12     SIGKILL to itself, the twelfth time that the ledger comes there
//	PASSERELLE_FAULT_SYNCHRONOUS=NORMAL      SQLite's pragma, instead of FULL
//	PASSERELLE_FAULT_ACKNOWLEDGED=20ms       a booking is acknowledged so long before its commit (SQLite)
type points struct{ *plan }

type plan struct {
	at    point
	left  atomic.Int64
	early time.Duration
}

func planned(o *Options) points {
	if s := os.Getenv("PASSERELLE_FAULT_SYNCHRONOUS"); s != "" {
		o.synchronous = s
	}
	p := &plan{}
	if text := os.Getenv("PASSERELLE_FAILPOINT"); text != "" {
		at, times, _ := strings.Cut(text, ":")
		n, err := strconv.ParseInt(times, 10, 64)
		if err != nil {
			panic(fmt.Sprintf("ledger: PASSERELLE_FAILPOINT=%s: %v", text, err))
		}
		p.at = point(at)
		p.left.Store(n)
	}
	if text := os.Getenv("PASSERELLE_FAULT_ACKNOWLEDGED"); text != "" {
		var err error
		if p.early, err = time.ParseDuration(text); err != nil {
			panic(fmt.Sprintf("ledger: PASSERELLE_FAULT_ACKNOWLEDGED=%s: %v", text, err))
		}
	}
	return points{p}
}

// reach ends the process, as nothing but the kernel can: no deferred call runs, nothing is flushed.
func (p points) reach(at point) {
	if p.plan == nil || p.at != at || p.left.Add(-1) != 0 {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// executed is called when a batch is done and not kept yet. The planted fault tells everybody that it is.
func (p points) executed(batch []*job) {
	p.reach(beforeCommit)
	if p.plan == nil || p.early == 0 {
		return
	}
	for _, j := range batch {
		close(j.done)
		j.done = make(chan struct{}) // for the writer, which closes it again
	}
	time.Sleep(p.early)
}
