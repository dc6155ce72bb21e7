package calendars

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"passerelle/connectors/interval"
	"passerelle/internal/testservers"
)

// foreign is an event that is not ours.
type foreign struct {
	interval.Interval
	done time.Time // when it was written, by the clock of the machine; zero while it is being written
}

// others write to the calendar as well: a program with events of its own. They never look at ours.
type others struct {
	server *testservers.CalDAVServer
	rand   *rand.Rand
	client *http.Client

	mu     sync.Mutex
	events map[string]foreign // by name
	made   int
	down   bool // the server is: nothing can be done
}

func newOthers(s *testservers.CalDAVServer, seed uint64) *others {
	return &others{
		server: s, rand: rand.New(rand.NewPCG(seed, 2)), events: make(map[string]foreign),
		client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
	}
}

// turn turns the server off, or on again, while the others ask nothing.
func (o *others) turn(down bool, do func(testing.TB), t *testing.T) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.down = down
	do(t)
}

func (o *others) ask(method, address string, body []byte, header map[string]string) (int, []byte, error) {
	req, err := http.NewRequest(method, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	if o.server.User != "" {
		req.SetBasicAuth(o.server.User, o.server.Password)
	}
	resp, err := o.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, text, err
}

// live adds, moves and deletes until the context ends.
func (o *others) live(ctx context.Context, t *testing.T) {
	for ctx.Err() == nil {
		if err := o.one(); err != nil {
			t.Errorf("the others: %v", err)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(5+o.rand.IntN(20)) * time.Millisecond):
		}
	}
}

func (o *others) one() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down {
		return nil
	}
	var names []string
	for name := range o.events {
		names = append(names, name)
	}
	if len(names) > 0 && (len(names) > 12 || o.rand.IntN(3) == 0) {
		name := names[o.rand.IntN(len(names))]
		if o.rand.IntN(2) == 0 {
			return o.write(name)
		}
		status, _, err := o.ask(http.MethodDelete, o.server.Calendar+name, nil, nil)
		if err == nil && status >= 300 {
			err = fmt.Errorf("%w: DELETE %d", errAnswer, status)
		}
		delete(o.events, name)
		return err
	}
	o.made++
	return o.write(fmt.Sprintf("autre-%d.ics", o.made))
}

// write puts an event, anywhere: also over one of ours, as people do.
func (o *others) write(name string) error {
	at := slot(o.rand.IntN(halves * someDays))
	at.Start += int64(o.rand.IntN(4)) * 600
	err := o.put(name, name+"@exemple.fr", at)
	o.events[name] = foreign{Interval: at, done: time.Now()}
	return err
}

func (o *others) put(name, uid string, at interval.Interval) error {
	const stamp = "20060102T150405Z"
	text := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//exemple//FR\r\nBEGIN:VEVENT\r\nUID:" + uid + "\r\nDTSTAMP:20260301T000000Z\r\n" +
		"DTSTART:" + at.StartTime().Format(stamp) + "\r\nDTEND:" + at.EndTime().Format(stamp) + "\r\nSUMMARY:Réunion\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	status, _, err := o.ask(http.MethodPut, o.server.Calendar+name, []byte(text), map[string]string{"Content-Type": "text/calendar; charset=utf-8"})
	if err == nil && status >= 300 {
		err = fmt.Errorf("%w: PUT %d", errAnswer, status)
	}
	return err
}

// texts are the objects that the calendar holds.
func (o *others) texts(t *testing.T) (all [][]byte) {
	t.Helper()
	status, text, err := o.ask("PROPFIND", o.server.Calendar, []byte(`<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>`), map[string]string{"Depth": "1", "Content-Type": "application/xml"})
	if err != nil || status != http.StatusMultiStatus {
		t.Fatalf("PROPFIND: %d, %v", status, err)
	}
	var list struct {
		Hrefs []string `xml:"response>href"`
	}
	if err := xml.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(o.server.Calendar)
	if err != nil {
		t.Fatal(err)
	}
	for _, href := range list.Hrefs {
		u, err := base.Parse(href)
		if err != nil || strings.HasSuffix(u.Path, "/") {
			continue
		}
		status, text, err := o.ask(http.MethodGet, u.String(), nil, nil)
		if err != nil || status != http.StatusOK {
			t.Fatalf("GET: %d, %v", status, err)
		}
		all = append(all, text)
	}
	return all
}

// shown is what the calendar holds, read by another reader than ours: intervals by UID.
func (o *others) shown(t *testing.T) map[string][]interval.Interval {
	t.Helper()
	out := make(map[string][]interval.Interval)
	for _, text := range o.texts(t) {
		calendar, err := ical.NewDecoder(bytes.NewReader(text)).Decode()
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		for _, e := range calendar.Events() {
			uid, err := e.Props.Text(ical.PropUID)
			if err != nil {
				t.Fatal(err)
			}
			start, err := e.DateTimeStart(time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			end, err := e.DateTimeEnd(time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			out[uid] = append(out[uid], interval.Of(start, end))
		}
	}
	return out
}
