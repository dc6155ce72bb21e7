package testservers

import (
	"net/http"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// CalDAVServer is a calendar server of one test. Its methods are called from one goroutine at a time.
type CalDAVServer struct {
	URL      string // of its root, the same for its whole life
	Calendar string // URL of a collection that User may write; empty at first, for VEVENT
	ReadOnly string // URL of an empty collection that User may only read; "" where the server cannot have one

	User, Password string // for Basic authentication; "" where the server asks nobody who they are

	program program
	process *process
	front   *front       // that it stands behind; nil where it stands alone
	repair  func() error // what a Kill broke, before it starts again; nil where nothing breaks
}

// CalDAVServers start the calendar servers that there are, by name.
func CalDAVServers() map[string]func(testing.TB) *CalDAVServer {
	return map[string]func(testing.TB) *CalDAVServer{
		"radicale": StartRadicale, "xandikos": StartXandikos, "sabredav": StartSabreDAV, "sogo": StartSOGo,
	}
}

const (
	// calDAVPassword has what a client may get wrong: a colon, a space, and more than ASCII.
	calDAVPassword = "sésame : ouvre-toi"

	answerGuard = 10 * time.Second // for one answer of a server that starts
)

// startCalDAV tries ports until one is really free. The paths of the collections have no slash at their start, and the
// name of the server's folder in them: whoever answers for that is ours, and no other server that took the port.
func startCalDAV(t testing.TB, s *CalDAVServer, calendar, readOnly string, arguments func(port int) []string) *CalDAVServer {
	t.Helper()
	s.program.env = append(s.program.env, "HOME="+s.program.folder) // no .gitconfig, no Python package of the account's
	t.Cleanup(func() { s.Stop(t) })
	for range ports {
		port := freePort(t)
		s.URL = "http://" + address(port) + "/"
		s.Calendar = s.URL + calendar
		if readOnly != "" {
			s.ReadOnly = s.URL + readOnly
		}
		s.program.args = arguments(port)
		if err := s.start(); err == nil {
			return s
		}
	}
	t.Fatalf("testservers: %s does not start:\n%s", s.name(), logTail(s.program.folder))
	return nil
}

// Stop ends the server in order: what it is answering, it answers. It does nothing when it is down.
func (s *CalDAVServer) Stop(t testing.TB) {
	t.Helper()
	s.front.end()
	if !s.process.end(s.program.polite) {
		t.Errorf("testservers: %s had to be killed:\n%s", s.name(), logTail(s.program.folder))
	}
	s.process = nil
}

// Start starts it again, at the same address and with its data, and returns when it answers. It does nothing when it
// runs.
func (s *CalDAVServer) Start(t testing.TB) {
	t.Helper()
	if s.process.alive() {
		return
	}
	if s.repair != nil {
		if err := s.repair(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.start(); err != nil {
		t.Fatalf("testservers: %s does not start again: %v\n%s", s.name(), err, logTail(s.program.folder))
	}
}

// Kill ends the server at once, with SIGKILL.
func (s *CalDAVServer) Kill(t testing.TB) {
	t.Helper()
	s.front.close()
	if s.process.alive() {
		killFamily(s.process)
	}
	s.process = nil
}

func (s *CalDAVServer) name() string { return filepath.Base(s.program.path) }

func (s *CalDAVServer) start() error {
	if err := s.front.open(); err != nil {
		return err
	}
	p, err := s.program.start()
	if err != nil {
		s.front.close()
		return err
	}
	// Every question has a connection of its own: none is left open that the server would have to wait for.
	client := &http.Client{Timeout: answerGuard, Transport: &http.Transport{DisableKeepAlives: true}}
	if err := p.await(func() bool { return s.answers(client) }); err != nil {
		s.front.close()
		p.end(syscall.SIGKILL)
		return err
	}
	s.process = p
	return nil
}

// answers says whether the calendar is there and opens to the user.
func (s *CalDAVServer) answers(client *http.Client) bool {
	req, err := http.NewRequest("PROPFIND", s.Calendar, nil)
	if err != nil {
		return false
	}
	req.Header.Set("Depth", "0")
	if s.User != "" {
		req.SetBasicAuth(s.User, s.Password)
	}
	answer, err := client.Do(req)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusMultiStatus
}
