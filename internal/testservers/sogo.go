package testservers

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// sogoConfig is read by every SOGo, and ends one that may not read it. Our arguments stand before what it says.
const sogoConfig = "/etc/sogo/sogo.conf"

// StartSOGo starts a SOGo, with a PostgreSQL of its own, that ends with the test. It answers several requests at once. Its
// read-only calendar is another person's, who lets everybody read it: it is not in the user's home set.
//
// It runs without memcached: it asks its database every time.
func StartSOGo(t testing.TB) *CalDAVServer {
	t.Helper()
	path, err := exec.LookPath("sogod")
	if err != nil {
		path = "/usr/sbin/sogod" // which is not in everybody's PATH
	}
	if _, err := os.Stat(path); err != nil {
		absent(t, "sogod")
	}
	as := unprivileged(t, "sogo")
	if config, err := os.Open(sogoConfig); err == nil {
		_ = config.Close()
	} else if !os.IsNotExist(err) {
		absent(t, "sogod, for an account that may read "+sogoConfig+",")
	}
	home := folder(t, "sogo", as)
	user := filepath.Base(home)
	colleague := "colleague-of-" + user
	database := StartPostgres(t, "fsync=off") // it outlives every SOGo
	if out, err := database.psql(fmt.Sprintf(sogoUsers, user, colleague, calDAVPassword)); err != nil {
		t.Fatalf("testservers: the users of SOGo: %v\n%s", err, out)
	}
	s := &CalDAVServer{User: user, Password: calDAVPassword, program: program{
		// Its workers obey SIGTERM when something wakes them, which may take half a minute, and the end of their watchdog
		// within a second or two. Its front has waited for their answers by then.
		path: path, folder: home, as: as, polite: syscall.SIGKILL, death: syscall.SIGKILL,
	}}
	startCalDAV(t, s, sogoHome(user)+"personal/", sogoHome(colleague)+"personal/", func(port int) []string {
		s.front = &front{own: address(port), behind: address(freePort(t))}
		return sogoArguments(home, database.Addr, s.front.behind)
	})
	owner := CalDAVServer{User: colleague, Password: calDAVPassword, Calendar: s.ReadOnly}
	if !owner.answers(&http.Client{Timeout: answerGuard}) { // her calendar is made when she asks for it
		t.Fatalf("testservers: SOGo makes no calendar:\n%s", logTail(home))
	}
	return s
}

func sogoHome(user string) string { return "SOGo/dav/" + user + "/Calendar/" }

// sogoUsers is the table of those who may sign in, in the columns that SOGo reads.
const sogoUsers = `CREATE TABLE users (c_uid text PRIMARY KEY, c_name text, c_password text, c_cn text, mail text);
INSERT INTO users SELECT name, name, '%[3]s', name, name || '@example.org' FROM unnest(ARRAY['%[1]s', '%[2]s']) AS name`

// sogoArguments: property lists of GNUstep. Whoever may sign in may read what is public in the calendars of others. Nobody
// is sent a mail, and no server but the database is asked.
func sogoArguments(home, database, own string) []string {
	table := func(name string) string { return "postgresql://postgres:none@" + database + "/postgres/" + name }
	return []string{
		"-WOPort", own, "-WOWorkersCount", strconv.Itoa(sogoWorkers), "-WOListenQueueSize", "128", "-WONoDetach", "YES", "-WOLogFile", "-",
		"-WOPidFile", filepath.Join(home, "pid"), "-SOGoMemcachedHost", filepath.Join(home, "no-memcached"), "-SOGoTimeZone", "UTC",
		"-SOGoProfileURL", table("sogo_user_profile"), "-OCSFolderInfoURL", table("sogo_folder_info"),
		"-OCSSessionsFolderURL", table("sogo_sessions_folder"), "-SOGoEnableEMailAlarms", "NO",
		"-SOGoAppointmentSendEMailNotifications", "NO", "-SOGoCalendarDefaultRoles", "(PublicViewer)",
		"-SOGoUserSources", `({type = sql; id = users; viewURL = "` + table("users") +
			`"; canAuthenticate = YES; isAddressBook = NO; userPasswordAlgorithm = plain;})`,
	}
}

const sogoWorkers = 3
