package rdvsp

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/rdvsp/rdvsptest"
)

// invites makes several people known, of whom the even ones book.
func (h *house) invites(t testing.TB, many int) (links []string) {
	t.Helper()
	for i := range many {
		link := h.invite(t, connectors.Person{FirstName: "P", LastName: fmt.Sprint("N", i)})
		if i%2 == 0 {
			h.herselfBooks(h.userOf(t, link), 900)
		}
		links = append(links, link.Upstream)
	}
	return links
}

// fails has the question for one person go wrong.
func (h *house) fails(t testing.TB, link string, f rdvsptest.Fault) {
	t.Helper()
	user := h.userOf(t, connectors.Link{Upstream: link})
	h.Break("GET /api/v1/rdvs", func(w http.ResponseWriter, r *http.Request, work http.Handler) {
		if r.URL.Query().Get("user_id") != fmt.Sprint(user) {
			work.ServeHTTP(w, r)
			return
		}
		f(w, r, work)
	}, 0)
}

func linksOf(outcomes []connectors.Outcome) (links []string) {
	for _, o := range outcomes {
		links = append(links, o.Link)
	}
	return links
}

// Nobody's appointments are read but theirs who were invited: a question each, and one for all that were empty.
func TestEachPersonIsOneQuestion(t *testing.T) {
	h := newHouse(t, nil)
	links := h.invites(t, 12)
	for range 500 {
		h.agentBooks(h.AddUser(rdvsptest.User{FirstName: "A", LastName: "B"}).ID, 900)
	}
	h.asked = nil
	got, err := h.agenda.Follow(t.Context(), links)
	if err != nil || len(got) != 6 {
		t.Errorf("%v, %v", linksOf(got), err)
	}
	if n := h.count("/api/v1/rdvs"); n != 12 {
		t.Errorf("%d questions for the appointments of twelve people", n)
	}
	if n := h.count("/api/v1/organisations"); n != 1 {
		t.Errorf("%d questions whether the agent works there", n)
	}
}

func TestWhereAllHaveBookedTheAgentIsNotAskedAbout(t *testing.T) {
	h := newHouse(t, nil)
	link := h.invite(t, denise)
	h.books(t, link, at(900))
	h.asked = nil
	h.follow(t, link)
	if n := h.count("/api/v1/organisations"); n != 0 {
		t.Errorf("%d questions whether the agent works there", n)
	}
}

// Of who could not be asked nothing is known; the rest is told.
func TestOnePersonWhoCannotBeAskedAbout(t *testing.T) {
	for name, f := range map[string]rdvsptest.Fault{
		"a fault of the server": rdvsptest.Status(http.StatusInternalServerError), "no answer": rdvsptest.Lose, "half an answer": rdvsptest.Cut, "a page": rdvsptest.Garbage,
		"a start that is none": replaced(`"starts_at":"2026`, `"starts_at":"le 2026`),
		"made at no time":      replaced(`"created_at":"2026-12-07 08:00:00 +0100","created_by"`, `"created_at":null,"created_by"`),
	} {
		h := newHouse(t, nil)
		links := h.invites(t, 6)
		h.fails(t, links[2], f)
		got, err := h.agenda.Follow(t.Context(), links)
		wantKind(t, name, err, connectors.Unavailable)
		if want := []string{links[0], links[4]}; fmt.Sprint(linksOf(got)) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", name, linksOf(got), want)
		}
	}
}

// replaced is an answer with another text in it.
func replaced(old, text string) rdvsptest.Fault {
	return func(w http.ResponseWriter, r *http.Request, work http.Handler) {
		answer := httptest.NewRecorder()
		work.ServeHTTP(answer, r)
		said := strings.ReplaceAll(answer.Body.String(), old, text)
		if said == answer.Body.String() {
			panic("nothing is replaced")
		}
		_, _ = io.WriteString(w, said)
	}
}

// The software has said that it is enough: nobody else is asked, and those who were left out come first the next time.
func TestTooManyQuestionsEndThePass(t *testing.T) {
	h := newHouse(t, nil)
	links := h.invites(t, 6)
	h.fails(t, links[2], rdvsptest.Status(http.StatusTooManyRequests))
	h.asked = nil
	got, err := h.agenda.Follow(t.Context(), links)
	wantKind(t, "Follow", err, connectors.RateLimited)
	if e, ok := err.(*connectors.Error); !ok || e.RetryAfter != 60*time.Second {
		t.Errorf("it was said when to come back: %#v", err)
	}
	if n := h.count("/api/v1/rdvs"); n != 3 || fmt.Sprint(linksOf(got)) != fmt.Sprint(links[:1]) {
		t.Errorf("%d questions, %v", n, linksOf(got))
	}
	h.fails(t, links[0], rdvsptest.Status(http.StatusTooManyRequests))
	got, err = h.agenda.Follow(t.Context(), links)
	wantKind(t, "the next pass", err, connectors.RateLimited)
	if want := []string{links[2], links[4]}; fmt.Sprint(linksOf(got)) != fmt.Sprint(want) {
		t.Errorf("the next pass: %v, want %v", linksOf(got), want)
	}
}

// More than the software answers in a minute: everybody has her turn.
func TestManyPeopleInSeveralMinutes(t *testing.T) {
	h := newHouse(t, nil)
	links := h.invites(t, 110)
	told := make(map[string]bool)
	for pass := 1; pass <= 3; pass++ {
		h.limit(50)
		got, err := h.agenda.Follow(t.Context(), links)
		wantKind(t, fmt.Sprint("pass ", pass), err, connectors.RateLimited)
		for _, o := range got {
			told[o.Link] = true
		}
	}
	if len(told) != 55 {
		t.Errorf("of %d of 55 was told", len(told))
	}
}

// limit is how many questions for appointments are answered from now on.
func (h *house) limit(left int) {
	h.Break("GET /api/v1/rdvs", func(w http.ResponseWriter, r *http.Request, work http.Handler) {
		if left--; left < 0 {
			work = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { rdvsptest.Status(http.StatusTooManyRequests)(w, r, nil) })
		}
		work.ServeHTTP(w, r)
	}, 0)
}

// A page of her appointments bears all who take part in them, twice.
func TestManyWorkshopsOfManyPeople(t *testing.T) {
	h := newHouse(t, nil)
	link := h.invite(t, denise)
	var users []int
	for i := range 20 {
		users = append(users, h.AddUser(rdvsptest.User{FirstName: "P", LastName: fmt.Sprint("N", i), Email: fmt.Sprintf("p%d@exemple.fr", i), Phone: "0612345678"}).ID)
	}
	for i := range 40 {
		h.joins(t, link, h.workshop(900+i, users...))
	}
	h.Break("GET /api/v1/rdvs", replaced(`"created_at":"2026-12-07 08:00:00 +0100","created_by"`, `"created_at":null,"created_by"`), 0) // it is not needed
	if got, known := h.follow(t, link); !known || got.Fate != connectors.Booked {
		t.Errorf("%+v", got)
	}
}
