package testservers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// StartRadicale starts a Radicale that ends with the test. Both its calendars are in the user's home set.
func StartRadicale(t testing.TB) *CalDAVServer {
	t.Helper()
	path, err := exec.LookPath("radicale")
	if err != nil {
		absent(t, "radicale")
	}
	home := folder(t, "radicale", nil)
	user := filepath.Base(home)
	for name, text := range map[string]string{
		"config": radicaleConfig(home),
		"users":  user + ":" + calDAVPassword + "\n",
		"rights": radicaleRights,
		"collections/collection-root/" + user + "/calendar/.Radicale.props": radicaleCalendar,
		"collections/collection-root/" + user + "/readonly/.Radicale.props": radicaleCalendar,
	} {
		file := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := &CalDAVServer{User: user, Password: calDAVPassword, program: program{
		path: path, folder: home, polite: syscall.SIGTERM, death: syscall.SIGKILL,
	}}
	return startCalDAV(t, s, user+"/calendar/", user+"/readonly/", func(port int) []string {
		return []string{"--config", filepath.Join(home, "config"), "--server-hosts", address(port)}
	})
}

// radicaleConfig: a wrong password is answered without the usual delay, which is there against guessing.
func radicaleConfig(home string) string {
	return fmt.Sprintf(`[auth]
type = htpasswd
htpasswd_filename = %[1]s/users
htpasswd_encryption = plain
delay = 0
[rights]
type = from_file
file = %[1]s/rights
[storage]
filesystem_folder = %[1]s/collections
[web]
type = none
`, home)
}

const (
	// The first section that fits decides. Capitals are for collections that are not calendars.
	radicaleRights = `[readonly]
user = .+
collection = {user}/readonly
permissions = r
[calendars]
user = .+
collection = {user}/[^/]+
permissions = rw
[root and home]
user = .+
collection = ({user})?
permissions = R
`
	radicaleCalendar = `{"tag": "VCALENDAR", "C:supported-calendar-component-set": "VEVENT"}`
)
