package search

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"
)

// The test binary is also the program that reads feeds with nothing but net/http, where the first variable names their server, the
// second how many they are, and the third in how long each is read once.
const readerOf, readerCount, readerIn = "PASSERELLE_BENCH_READER", "PASSERELLE_BENCH_READER_FEEDS", "PASSERELLE_BENCH_READER_IN"

// readersAtOnce is how many feeds it reads at once: as many as the program reads though nobody asks.
const readersAtOnce = 8

// startReader reads so many feeds in turn, each once in so long, in a process of its own, until the returned function ends it.
func startReader(t *testing.T, f *feeds, every time.Duration) (pid int, end func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self) // the end of the test ends it
	cmd.Env = append(os.Environ(), readerOf+"="+f.url, fmt.Sprintf("%s=%d", readerCount, len(f.each)), fmt.Sprintf("%s=%s", readerIn, every))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe() // and the death of this process
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid, sync.OnceFunc(func() {
		_ = in.Close()
		_ = cmd.Wait() // how it ends is no matter
	})
}

// readFeeds is that program. It keeps validators and shows them, as any reader of feeds does, and throws away what it reads. Each
// second it reads some, as the program does: one that never rests has warm caches, and no goroutine to wake.
func readFeeds() int {
	n, err := strconv.Atoi(os.Getenv(readerCount))
	in, wrong := time.ParseDuration(os.Getenv(readerIn))
	if err = errors.Join(err, wrong); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: readersAtOnce}}
	tags, next := make([]string, n), make(chan int)
	for range readersAtOnce {
		go func() {
			for i := range next {
				var err error
				if tags[i], err = readFeed(client, fmt.Sprintf("%s/%d.ics", os.Getenv(readerOf), i), tags[i]); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
			}
		}()
	}
	go func() {
		each := max(1, n*int(time.Second)/int(in))
		for i, tick := 0, time.Tick(time.Second); ; <-tick {
			for range each {
				next <- i
				i = (i + 1) % n
			}
		}
	}()
	_, _ = io.Copy(io.Discard, os.Stdin) // until its parent is gone, or wants no more
	return 0
}

// readFeed reads one to its end, unless it is as it was.
func readFeed(client *http.Client, address, known string) (tag string, err error) {
	r, err := http.NewRequest(http.MethodGet, address, http.NoBody)
	if err != nil {
		return "", err
	}
	if known != "" {
		r.Header.Set("If-None-Match", known)
	}
	answer, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.Header.Get("ETag"), err
}
