package testservers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Chromium is a browser without a window, of one test. It reaches loopback, and no name or address beyond it.
type Chromium struct {
	DevTools string // ws://127.0.0.1:port/…, where its debugging protocol is spoken

	program program
	process *process
}

// StartChromium starts a browser, with a profile of its own, that ends with the test.
func StartChromium(t testing.TB) *Chromium {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		absent(t, "chromium")
	}
	home := folder(t, "chromium", nil)
	profile := filepath.Join(home, "profile")
	c := &Chromium{program: program{
		path: path, folder: home,
		env:   []string{"HOME=" + home, "TMPDIR=."}, // its folder, in few letters: a socket's path has at most 107
		group: true, polite: syscall.SIGTERM, death: syscall.SIGKILL,
		args: []string{
			"--headless", "--accept-lang=fr", "--hide-scrollbars", "--user-data-dir=" + profile, "--remote-debugging-port=0",
			"--no-sandbox",                             // which root has not; it opens our pages alone
			"--no-zygote",                              // all of its processes are its own children
			"--disable-gpu", "--disable-dev-shm-usage", // containers have neither
			"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", // of addresses too
			"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-domain-reliability",
			"--disable-default-apps", "--disable-extensions", "--disable-breakpad", "--no-first-run", "--no-default-browser-check",
			"--disable-features=Translate,MediaRouter,OptimizationHints,SpareRendererForSitePerProcess",
			"about:blank",
		},
	}}
	t.Cleanup(func() { c.Stop(t) })
	if c.process, err = c.program.start(); err != nil {
		t.Fatal(err)
	}
	err = c.process.await(func() bool {
		// The port and the path, one below the other.
		said, err := os.ReadFile(filepath.Join(profile, "DevToolsActivePort"))
		port, path, whole := strings.Cut(string(said), "\n")
		c.DevTools = "ws://" + loopback + ":" + port + path
		return err == nil && whole && path != ""
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, logTail(home))
	}
	return c
}

// Stop ends the browser. It does nothing when it is down.
func (c *Chromium) Stop(t testing.TB) {
	t.Helper()
	if !c.process.end(c.program.polite) {
		t.Errorf("testservers: chromium had to be killed:\n%s", logTail(c.program.folder))
	}
	c.process = nil
}

// Axe is the script of the npm package axe-core, which says what of a page keeps people out. It is installed in the folder
// that PASSERELLE_ICALJS names.
func Axe(t testing.TB) string {
	t.Helper()
	script, err := os.ReadFile(filepath.Join(os.Getenv("PASSERELLE_ICALJS"), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		absent(t, "the npm package axe-core, in a folder that PASSERELLE_ICALJS names,")
	}
	return string(script)
}

// Lighthouse is the script of the npm package of that name, which node runs: it judges a page as it loads. It is installed
// where axe-core is.
func Lighthouse(t testing.TB) string {
	t.Helper()
	script := filepath.Join(os.Getenv("PASSERELLE_ICALJS"), "node_modules", "lighthouse", "cli", "index.js")
	_, err := os.Stat(script)
	if _, err2 := exec.LookPath("node"); err != nil || err2 != nil {
		absent(t, "the npm package lighthouse, in a folder that PASSERELLE_ICALJS names, and node")
	}
	return script
}

// DSFR is "dist" of the npm package @gouvfr/dsfr, installed where axe-core is.
func DSFR(t testing.TB) string {
	t.Helper()
	folder := filepath.Join(os.Getenv("PASSERELLE_ICALJS"), "node_modules", "@gouvfr", "dsfr", "dist")
	if _, err := os.Stat(folder); err != nil {
		absent(t, "the npm package @gouvfr/dsfr, in a folder that PASSERELLE_ICALJS names,")
	}
	return folder
}

// Wrk is the program of that name, Debian's package, which asks a server as fast as it answers.
func Wrk(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("wrk")
	if err != nil {
		absent(t, "wrk")
	}
	return path
}
