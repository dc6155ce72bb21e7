package directory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// file is a source on disk whose every writing has a new time.
type file struct {
	t     *testing.T
	path  string
	write int
}

func newFile(t *testing.T, ids ...string) *file {
	t.Helper()
	f := &file{t: t, path: filepath.Join(t.TempDir(), "lieux.csv")}
	f.set(ids...)
	return f
}

func (f *file) set(ids ...string) { f.t.Helper(); f.text(csvOf(ids...)) }

func (f *file) text(text string) {
	f.t.Helper()
	if err := os.WriteFile(f.path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
	f.write++
	at := time.Date(2026, 1, 1, 0, f.write, 0, 0, time.UTC)
	if err := os.Chtimes(f.path, at, at); err != nil {
		f.t.Fatal(err)
	}
}

func csvOf(ids ...string) string {
	text := header + "\n"
	for _, id := range ids {
		text += id + ",Lieu " + id + ",Die,26150,A\n"
	}
	return text
}

func twenty(except ...string) []string {
	var list []string
	for i := range 20 {
		if id := fmt.Sprintf("p%02d", i); !slices.Contains(except, id) {
			list = append(list, id)
		}
	}
	return list
}

func open(t *testing.T, o Options, sources ...string) *Directory {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	}
	d, err := Open(t.Context(), sources, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func refresh(t *testing.T, d *Directory) {
	t.Helper()
	if err := d.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestPlacesAreAnsweredInOrder(t *testing.T) {
	d := open(t, Options{}, newFile(t, "a__b", "c").path)
	places := d.Places("c", "zzz", "b", "c")
	if len(places) != 4 || places[0].ID != "c" || places[1] != nil || places[2].ID != "a__b" || places[3] != places[0] {
		t.Errorf("%+v", places)
	}
}

func TestTheFirstSourceWins(t *testing.T) {
	first, second := newFile(t, "a", "b"), newFile(t, "b", "c")
	second.text(strings.ReplaceAll(csvOf("b", "c"), "Lieu", "Autre"))
	d := open(t, Options{}, first.path, second.path)
	status := d.Status()
	if got := d.Places("b")[0].Name; got != "Lieu b" || status.Places != 3 || len(status.Notes) != 1 || status.Notes[0].Value != "b" {
		t.Errorf("b is %q, status %+v", got, status)
	}
	if len(status.Sources) != 2 || status.Sources[1].Report.Places != 2 || status.Sources[1].Source != second.path {
		t.Errorf("%+v", status.Sources)
	}
}

func TestOpenNamesEverySourceThatCannotBeRead(t *testing.T) {
	good := newFile(t, "a")
	bad := newFile(t, "a")
	bad.text("nothing")
	_, err := Open(t.Context(), []string{good.path, bad.path, "missing.csv", "https://lieux.example/a.csv?key=secret"}, Options{Now: time.Now})
	for _, want := range []string{bad.path, "missing.csv", "https://lieux.example/a.csv"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	if strings.Contains(fmt.Sprint(err), "secret") {
		t.Errorf("%v shows a secret", err)
	}
}

func TestAFileThatDidNotChangeIsNotReadAgain(t *testing.T) {
	f := newFile(t, twenty()...)
	d := open(t, Options{}, f.path)
	before := d.Places("p03")[0]
	refresh(t, d)
	if d.Places("p03")[0] != before {
		t.Error("read again though neither time nor size changed")
	}
	f.set(twenty()...)
	refresh(t, d)
	if d.Places("p03")[0] == before {
		t.Error("not read again though it changed")
	}
}

func TestARefreshThatLosesMoreThanATenthIsRefused(t *testing.T) {
	f := newFile(t, twenty()...)
	d := open(t, Options{}, f.path)
	f.set(twenty("p00", "p01", "p02")...)
	for range 2 { // it stays refused while it stays so
		err := d.Refresh(t.Context())
		if connectors.KindOf(err) != connectors.Refused {
			t.Fatalf("3 of 20 lost: %v", err)
		}
		if d.Places("p00")[0] == nil || d.Status().Places != 20 || d.Status().Sources[0].Err == nil {
			t.Errorf("%+v", d.Status())
		}
	}
	f.set(twenty("p00", "p01")...)
	refresh(t, d)
	if d.Places("p00")[0] != nil || d.Status().Places != 18 || d.Status().Sources[0].Err != nil {
		t.Errorf("2 of 20 lost: %+v", d.Status())
	}
}

func TestALossThatIsAccepted(t *testing.T) {
	f := newFile(t, twenty()...)
	d := open(t, Options{AcceptLoss: true}, f.path)
	f.set("p00")
	refresh(t, d)
	if n := d.Status().Places; n != 1 {
		t.Errorf("%d places", n)
	}
}

func TestAPlaceThatIsNeededStays(t *testing.T) {
	f := newFile(t, append(twenty(), "u__v")...)
	needed := "v" // an agenda knows the place by an alias
	d := open(t, Options{Keep: func(id string) bool { return id == needed }}, f.path)
	f.set(twenty("p00")...)
	refresh(t, d)
	kept := d.Places("u__v")[0]
	if kept == nil || !kept.OutsideSources || d.Places("p00")[0] != nil || d.Status().Places != 20 {
		t.Fatalf("kept %+v, %+v", kept, d.Status())
	}
	f.set(twenty("p00", "p01")...)
	refresh(t, d)
	if d.Places("v")[0] == nil {
		t.Error("lost at the second reading")
	}
	f.set(append(twenty("p00", "p01"), "u__v")...)
	refresh(t, d)
	if back := d.Places("v")[0]; back == nil || back.OutsideSources {
		t.Errorf("back in the file: %+v", back)
	}
	f.set(twenty("p00", "p01")...)
	refresh(t, d)
	needed = ""
	f.set(twenty("p00", "p01")...)
	refresh(t, d)
	if d.Places("v")[0] != nil {
		t.Error("stays though nobody needs it")
	}
}

func TestMergedAndSplitPlacesHaveNotVanished(t *testing.T) {
	f := newFile(t, "a", "b", "c__d")
	d := open(t, Options{Keep: func(string) bool { return true }}, f.path)
	f.set("a__b", "c")
	refresh(t, d)
	for old, now := range map[string]string{"a": "a__b", "b": "a__b", "c__d": "c"} {
		if p := d.Places(old)[0]; p == nil || p.ID != now || p.OutsideSources {
			t.Errorf("%s is %+v, want %s", old, p, now)
		}
	}
	if n := d.Status().Places; n != 2 {
		t.Errorf("%d places", n)
	}
}

func TestASourceThatFailsKeepsItsPlaces(t *testing.T) {
	first, second := newFile(t, "a"), newFile(t, "b")
	d := open(t, Options{}, first.path, second.path)
	first.text("<html>panne</html>")
	second.set("b", "c")
	if err := d.Refresh(t.Context()); err == nil {
		t.Error("no error")
	}
	if p := d.Places("a", "c"); p[0] == nil || p[1] == nil {
		t.Errorf("%v: one source stopped the other", p)
	}
	if s := d.Status().Sources; s[0].Err == nil || s[1].Err != nil || s[0].Report.Places != 1 {
		t.Errorf("%+v", s)
	}
	first.set("a")
	refresh(t, d)
	if d.Status().Sources[0].Err != nil {
		t.Error("the error stays")
	}
}

func TestAURLIsReadConditionally(t *testing.T) {
	for _, test := range []struct{ validator, question, value string }{
		{"ETag", "If-None-Match", `"v1"`},
		{"Last-Modified", "If-Modified-Since", "Mon, 05 Jan 2026 10:00:00 GMT"},
	} {
		t.Run(test.validator, func(t *testing.T) {
			bodies, status := 0, http.StatusOK
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case status != http.StatusOK:
					w.WriteHeader(status)
				case r.Header.Get(test.question) == test.value:
					w.WriteHeader(http.StatusNotModified)
				default:
					bodies++
					w.Header().Set(test.validator, test.value)
					fmt.Fprint(w, csvOf("a", "b"))
				}
			}))
			defer server.Close()
			d := open(t, Options{HTTP: server.Client()}, server.URL+"/lieux.csv")
			refresh(t, d)
			if bodies != 1 || d.Places("a")[0] == nil {
				t.Errorf("read %d times", bodies)
			}
			status = http.StatusServiceUnavailable
			if err := d.Refresh(t.Context()); connectors.KindOf(err) != connectors.Unavailable || !strings.Contains(err.Error(), "503") {
				t.Errorf("%v", err)
			}
			if d.Places("a")[0] == nil {
				t.Error("places lost with the server")
			}
		})
	}
}

func TestABodyThatBreaksOffChangesNothing(t *testing.T) {
	broken := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if broken {
			w.Header().Set("Content-Length", "100000")
		}
		fmt.Fprint(w, csvOf(twenty()...))
	}))
	defer server.Close()
	d := open(t, Options{HTTP: server.Client()}, server.URL)
	broken = true
	if err := d.Refresh(t.Context()); connectors.KindOf(err) != connectors.Unavailable {
		t.Errorf("%v", err)
	}
}

func TestSearchesSeeOneReadingWhole(t *testing.T) {
	f := newFile(t, twenty()...)
	d := open(t, Options{}, f.path)
	var readers sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	for range 4 {
		readers.Go(func() {
			for ctx.Err() == nil {
				found, err := d.Search(booking.PlaceFilter{})
				if err != nil || len(found) != 20 {
					t.Errorf("%d places, %v", len(found), err)
					return
				}
				marks := map[string]bool{}
				for _, f := range found {
					marks[f.Place.Address] = true
				}
				if len(marks) != 1 {
					t.Errorf("a mix of readings: %v", marks)
				}
			}
		})
	}
	for i := range 20 {
		f.text(strings.ReplaceAll(csvOf(twenty()...), ",A\n", fmt.Sprintf(",A%d\n", i)))
		refresh(t, d)
	}
	stop()
	readers.Wait()
}

func TestRunRefreshesUntilItsContextEnds(t *testing.T) {
	f := newFile(t, "a")
	var log bytes.Buffer
	d := open(t, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}, f.path)
	f.set("a", "b")
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		d.Run(ctx, time.Millisecond)
		close(done)
	}()
	for d.Places("b")[0] == nil {
		time.Sleep(time.Millisecond)
	}
	stop()
	<-done
	if text := log.String(); !strings.Contains(text, "places=2") || strings.Contains(text, "Lieu") {
		t.Errorf("log: %s", text)
	}
}

func TestAFacetThatIsUnknownIsInvalid(t *testing.T) {
	_, err := open(t, Options{}, newFile(t, "a").path).Search(booking.PlaceFilter{Fees: []string{"x"}})
	if refused, ok := errors.AsType[*booking.Error](err); !ok || !slices.Equal(refused.Fields[0].Allowed, Labels("frais_a_charge")) {
		t.Errorf("%v", err)
	}
}
