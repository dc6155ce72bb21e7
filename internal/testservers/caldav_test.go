package testservers

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var calDAVServers = []struct {
	name      string
	start     func(testing.TB) *CalDAVServer
	processes int  // that it consists of
	heedless  bool // it overwrites what is not to be there, and deletes what has changed
}{
	{"radicale", StartRadicale, 1, false},
	{"xandikos", StartXandikos, 1, false},
	{"sabredav", StartSabreDAV, 1 + 4 + 1, false}, // its workers, and the watch
	{"sogo", StartSOGo, 1 + sogoWorkers, true},
}

const event = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//passerelle//test//FR\r\nBEGIN:VEVENT\r\nUID:rdv@example.org\r\n" +
	"DTSTAMP:20261101T000000Z\r\nDTSTART:20261201T080000Z\r\nDTEND:20261201T083000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

func TestACalendarServerKeepsItsDataAndIsGoneAfterTheTest(t *testing.T) {
	t.Parallel()
	for _, server := range calDAVServers {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			var host string
			var pids []int
			t.Run("server", func(t *testing.T) {
				s := server.start(t)
				object := s.Calendar + "rdv.ics"
				s.ask(t, "PUT", object, event).want(t, http.StatusCreated)
				for name, end := range map[string]func(testing.TB){"Kill": s.Kill, "Stop": s.Stop} {
					host, pids = s.host(t), append(childrenOf(s.process.pid), s.process.pid)
					if runtime.GOOS == "linux" && len(pids) != server.processes {
						t.Errorf("before %s, it has the processes %v", name, pids)
					}
					end(t)
					if left := slices.DeleteFunc(pids, func(pid int) bool { return !runs(pid) }); len(left) > 0 {
						t.Errorf("after %s, the processes %v are left", name, left)
					}
					gone(t, host)
					end(t) // of what is down already
					s.Start(t)
					if got := s.ask(t, "GET", object, "").want(t, http.StatusOK).body; !strings.Contains(got, "UID:rdv@example.org") {
						t.Errorf("after %s, it has %q", name, got)
					}
				}
				host, pids = s.host(t), append(childrenOf(s.process.pid), s.process.pid)
			})
			if host != "" { // it was not skipped
				gone(t, host, pids...)
			}
		})
	}
}

func TestACalendarServerObeysConditionsAndFindsWhatItTook(t *testing.T) {
	t.Parallel()
	for _, server := range calDAVServers {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			s := server.start(t)
			object := s.Calendar + "rdv.ics"
			s.ask(t, "GET", object, "").want(t, http.StatusNotFound)
			s.ask(t, "PUT", object, event, "If-None-Match", "*").want(t, http.StatusCreated)
			refused, stillThere := http.StatusPreconditionFailed, http.StatusOK
			if server.heedless {
				refused, stillThere = http.StatusNoContent, http.StatusNotFound
			}
			s.ask(t, "PUT", object, event, "If-None-Match", "*").want(t, refused)
			s.ask(t, "PUT", object, event, "If-Match", `"another"`).want(t, http.StatusPreconditionFailed)

			const head = ` xmlns="urn:ietf:params:xml:ns:caldav" xmlns:d="DAV:"><d:prop><calendar-data/></d:prop>`
			path := parse(t, object).Path
			for how, question := range map[string]string{
				"calendar-query": `<filter><comp-filter name="VCALENDAR"><comp-filter name="VEVENT">` +
					`<time-range start="20261201T000000Z" end="20261202T000000Z"/></comp-filter></comp-filter></filter>`,
				"calendar-multiget": `<d:href>` + path + `</d:href>`,
			} {
				found := s.askXML(t, "REPORT", s.Calendar, "1", "<"+how+head+question+"</"+how+">")
				if len(found) != 1 || found[0].Href != path || !strings.Contains(found[0].Data, "UID:rdv@example.org") {
					t.Errorf("%s finds %+v", how, found)
				}
			}

			etag := s.ask(t, "GET", object, "").want(t, http.StatusOK).header.Get("ETag")
			s.ask(t, "PUT", object, event, "If-Match", etag).wantSuccess(t)
			s.ask(t, "DELETE", object, "", "If-Match", `"another"`).want(t, refused)
			etag = s.ask(t, "GET", object, "").want(t, stillThere).header.Get("ETag")
			if server.heedless {
				return
			}
			s.ask(t, "DELETE", object, "", "If-Match", etag).wantSuccess(t)
			s.ask(t, "GET", object, "").want(t, http.StatusNotFound)
		})
	}
}

func TestACalendarServerIsDiscovered(t *testing.T) {
	t.Parallel()
	for _, server := range calDAVServers {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			s := server.start(t)
			moved := s.ask(t, "PROPFIND", s.URL+".well-known/caldav", "")
			if moved.status/100 != 3 {
				t.Fatalf("%s answers %d", moved.question, moved.status)
			}
			root := parse(t, moved.header.Get("Location")).Path
			principal := s.askXML(t, "PROPFIND", s.at(t, root), "0", propfind)[0].Principal
			home := s.askXML(t, "PROPFIND", s.at(t, principal), "0", propfind)[0].Home
			var calendars []string
			for _, found := range s.askXML(t, "PROPFIND", s.at(t, home), "1", propfind) {
				if found.Calendar != nil {
					calendars = append(calendars, s.at(t, found.Href))
				}
			}
			if !slices.Contains(calendars, s.Calendar) {
				t.Errorf("%s, then %s, then %s, which has %q: want %s", root, principal, home, calendars, s.Calendar)
			}
		})
	}
}

func TestACalendarServerRefusesWhoMayNot(t *testing.T) {
	t.Parallel()
	for _, server := range calDAVServers {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			s := server.start(t)
			if s.User != "" {
				stranger := &CalDAVServer{User: s.User, Password: s.Password + "?"}
				for _, method := range []string{"PROPFIND", "GET", "PUT", "DELETE"} {
					refusal := stranger.ask(t, method, s.Calendar, "").want(t, http.StatusUnauthorized)
					if got := refusal.header.Get("WWW-Authenticate"); !strings.HasPrefix(strings.ToLower(got), "basic ") {
						t.Errorf("%s asks for %q", method, got)
					}
				}
			}
			if s.ReadOnly != "" {
				if found := s.askXML(t, "PROPFIND", s.ReadOnly, "0", propfind); found[0].Calendar == nil {
					t.Errorf("%s is no calendar", s.ReadOnly)
				}
				s.ask(t, "PUT", s.ReadOnly+"rdv.ics", event).want(t, http.StatusForbidden)
				s.ask(t, "GET", s.ReadOnly+"rdv.ics", "").want(t, http.StatusNotFound)
			}
		})
	}
}

func TestXandikosTakesChangesAfterAKillInTheMiddleOfOne(t *testing.T) {
	t.Parallel()
	s := StartXandikos(t)
	s.ask(t, "PUT", s.Calendar+"rdv.ics", event).want(t, http.StatusCreated)
	s.Kill(t)
	lock := filepath.Join(s.program.folder, "collections", parse(t, s.Calendar).Path, ".git", "index.lock")
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.Start(t)
	s.ask(t, "PUT", s.Calendar+"rdv.ics", strings.Replace(event, "T0830", "T0900", 1)).wantSuccess(t)
}
