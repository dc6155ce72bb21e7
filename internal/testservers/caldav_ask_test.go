package testservers

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// answer is what a server said, read to its end.
type answer struct {
	question string
	status   int
	header   http.Header
	body     string
}

func (a answer) want(t *testing.T, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("%s answers %d, want %d\n%s", a.question, a.status, status, a.body)
	}
	return a
}

// wantSuccess is for what they answer in different ways: 201 or 204 to a change, 200 or 204 to a removal.
func (a answer) wantSuccess(t *testing.T) {
	t.Helper()
	if a.status != http.StatusOK && a.status != http.StatusCreated && a.status != http.StatusNoContent {
		t.Fatalf("%s answers %d\n%s", a.question, a.status, a.body)
	}
}

// ask sends one request as the user and follows no redirect. Headers are names and values in turn.
func (s *CalDAVServer) ask(t *testing.T, method, address, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if s.User != "" {
		req.SetBasicAuth(s.User, s.Password)
	}
	for pair := range slices.Chunk(headers, 2) {
		req.Header.Set(pair[0], pair[1])
	}
	alone := &http.Transport{DisableKeepAlives: true}
	resp, err := alone.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{question: method + " " + address, status: resp.StatusCode, header: resp.Header, body: string(text)}
}

// propfind asks for all that the tests want to know of a collection.
const propfind = `<propfind xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><prop>` +
	`<resourcetype/><current-user-principal/><c:calendar-home-set/></prop></propfind>`

// response is one part of a multistatus (RFC 4918, 14.24), in a shape that asks not whether a property was found.
type response struct {
	Href      string    `xml:"DAV: href"`
	Calendar  *struct{} `xml:"propstat>prop>resourcetype>calendar"`
	Principal string    `xml:"propstat>prop>current-user-principal>href"`
	Home      string    `xml:"propstat>prop>calendar-home-set>href"`
	Data      string    `xml:"propstat>prop>calendar-data"`
}

// askXML asks what is answered with a multistatus of at least one response, and nothing before it.
func (s *CalDAVServer) askXML(t *testing.T, method, address, depth, body string) []response {
	t.Helper()
	a := s.ask(t, method, address, body, "Depth", depth, "Content-Type", "application/xml").want(t, http.StatusMultiStatus)
	var multistatus struct {
		Responses []response `xml:"DAV: response"`
	}
	err := xml.Unmarshal([]byte(a.body), &multistatus)
	if err != nil || len(multistatus.Responses) == 0 || !strings.HasPrefix(a.body, "<") {
		t.Fatalf("%s: %v\n%s", a.question, err, a.body)
	}
	return multistatus.Responses
}

// at is the URL of a path that the server named; it must have named one.
func (s *CalDAVServer) at(t *testing.T, path string) string {
	t.Helper()
	if !strings.HasPrefix(path, "/") {
		t.Fatalf("the server named %q", path)
	}
	return strings.TrimSuffix(s.URL, "/") + path
}

func (s *CalDAVServer) host(t *testing.T) string { return parse(t, s.URL).Host }

func parse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
