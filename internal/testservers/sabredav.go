package testservers

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

//go:embed sabredav.php
var sabreDAV []byte

// sabreDAVInstalled succeeds where PHP has the two things that sabredav.php needs.
const sabreDAVInstalled = `exit(extension_loaded("pdo_sqlite") && stream_resolve_include_path("Sabre/autoload.php") ? 0 : 1);`

// StartSabreDAV starts a SabreDAV, under PHP's own web server, that ends with the test. It answers several requests at
// once. Its read-only calendar is another person's, who lets the user read it: it is not in the user's home set.
func StartSabreDAV(t testing.TB) *CalDAVServer {
	t.Helper()
	path, err := exec.LookPath("php")
	if err != nil {
		absent(t, "php")
	}
	if err := exec.Command(path, "-r", sabreDAVInstalled).Run(); err != nil {
		absent(t, "SabreDAV, or SQLite for PHP,")
	}
	home := folder(t, "sabredav", nil)
	user := filepath.Base(home)
	script := filepath.Join(home, "index.php")
	if err := os.WriteFile(script, sabreDAV, 0o600); err != nil {
		t.Fatal(err)
	}
	s := &CalDAVServer{User: user, Password: calDAVPassword, program: program{
		path: path, folder: home, polite: syscall.SIGINT, death: syscall.SIGKILL, group: true,
		env: []string{"PHP_CLI_SERVER_WORKERS=4", "CALDAV_USER=" + user, "CALDAV_PASSWORD=" + calDAVPassword},
	}}
	setup := exec.Command(path, script)
	setup.Dir, setup.Env = home, append(environment(), s.program.env...)
	if out, err := setup.CombinedOutput(); err != nil {
		t.Fatalf("testservers: sabredav.php: %v\n%s", err, out)
	}
	return startCalDAV(t, s, "calendars/"+user+"/calendar/", "calendars/colleague-of-"+user+"/calendar/", func(port int) []string {
		return []string{"-S", address(port), script}
	})
}
