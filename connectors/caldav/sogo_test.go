package caldav

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"passerelle/internal/testservers"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// SOGo answers a PROPFIND at the address that people know with a web page.
func TestTheAddressOfThePagesLeadsToTheCalendarToo(t *testing.T) {
	s := newSite(t, testservers.StartSOGo)
	s.write(t, s.Calendar+"a.ics", "a@exemple.fr", hour(9))
	for _, from := range []string{s.URL + "SOGo", s.URL + "SOGo/", s.URL + "SOGo/dav/"} {
		a, _ := reach(t, env(), from, s.account())
		if r := read(t, a, day); !slices.Equal(r.Busy, []interval.Interval{hour(9)}) {
			t.Errorf("from %s: busy = %v", from, r.Busy)
		}
	}
}

// SOGo writes over it although it is told not to.
func TestARetryDoesNotUndoWhatAHumanMoved(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		calendar := s.calendar(t)
		a, _ := reach(t, env(), calendar, s.account())
		ask := connectors.Request{Reference: "rdv_1", Slot: connectors.Slot{Interval: hour(9)}, Title: "Rendez-vous"}
		made, err := a.Book(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		base, _ := url.Parse(calendar)
		event, err := base.Parse(made.Upstream)
		if err != nil {
			t.Fatal(err)
		}
		s.write(t, event.String(), connectors.UIDOf("rdv_1"), hour(11))
		if _, err := a.Book(t.Context(), ask); connectors.KindOf(err) != connectors.OutcomeUnknown {
			t.Errorf("Book: %v", err)
		}
		if r := read(t, a, day); len(r.Own) != 1 || r.Own[0].Interval != hour(11) {
			t.Errorf("own = %+v", r.Own)
		}
	})
}

// SOGo's token is a time in seconds, and an event may be committed later than one that is as old or younger.
func TestAnEventThatWasBeingWrittenWhenATokenWasGivenIsSeen(t *testing.T) {
	const second = 1_795_000_000
	written := map[string]int{"/cal/a.ics": second}
	a := told(t, func(ask string, r *http.Request) (int, string) {
		if ask != "sync" {
			return http.StatusMultiStatus, multi(data("/cal/a.ics", "a", 9) + data("/cal/b.ics", "b", 11))
		}
		var question struct {
			Token int `xml:"DAV: sync-token"`
		}
		if err := xml.NewDecoder(r.Body).Decode(&question); err != nil {
			t.Error(err)
		}
		changed := ""
		for path, at := range written {
			if at > question.Token {
				changed += fmt.Sprintf(entry, path)
			}
		}
		return http.StatusMultiStatus, multi(changed + fmt.Sprintf("<d:sync-token>%d</d:sync-token>", second))
	})
	read(t, a, day)
	written["/cal/b.ics"] = second
	if r := read(t, a, day); len(r.Busy) != 2 {
		t.Errorf("busy = %v", r.Busy)
	}
}
