package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

const calendarOfOne = "/structure/lieux/lieu-1/calendrier"

var calendarAddress = regexp.MustCompile(`value="(http[^"]+/calendriers/([A-Za-z0-9_-]{43})\.ics)"`)

// calendarMade makes the private address of lieu-1, and is its path.
func (b *browser) calendarMade() string {
	b.h.t.Helper()
	got := b.submit(b.get(calendarOfOne), calendarOfOne, "adresse", "faire")
	found := calendarAddress.FindStringSubmatch(got.raw)
	if got.status != 200 || found == nil {
		b.h.t.Fatalf("no address: %d %s", got.status, got.body)
	}
	b.h.secret = append(b.h.secret, found[2])
	return strings.TrimPrefix(found[1], b.h.url)
}

// subscribe reads an address as a program does.
func (h *house) subscribe(path, known string) (*http.Response, string) {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, h.url+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	if known != "" {
		r.Header.Set("If-None-Match", known)
	}
	answer, err := (&http.Client{}).Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer, string(must(io.ReadAll(answer.Body)))
}

type subscribed struct {
	Name   string
	Events []struct {
		UID, Summary, Location, URL, Status string
		Start, End                          int64
	}
}

// readBy has ical.js read a calendar: the npm package, installed in the folder that PASSERELLE_ICALJS names.
func readBy(t *testing.T, text string) (out subscribed) {
	t.Helper()
	folder := os.Getenv("PASSERELLE_ICALJS")
	if folder == "" {
		t.Skip("PASSERELLE_ICALJS does not name a folder with the npm package ical.js")
	}
	node := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "calendar_judge.mjs"), folder)
	node.Stdin, node.Stderr = strings.NewReader(text), os.Stderr
	if err := json.Unmarshal(must(node.Output()), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAPlacesCalendarSaysWhenAndNotWho(t *testing.T) {
	c := newCounter(t)
	b := c.keeper()
	path := b.calendarMade()
	answer, text := c.subscribe(path, "")
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/calendar; charset=utf-8" || answer.Header.Get("Cache-Control") != "private, max-age=300" {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
	if got := readBy(t, text); len(got.Events) != 0 || got.Name != "Rendez-vous : Lieu" {
		t.Errorf("an empty calendar is read as %+v", got)
	}
	aidant := c.aidant()
	sheet, ended := aidant.taken(0), aidant.taken(3)
	id := strings.TrimPrefix(sheet, "/mes-rendez-vous/")
	aidant.submit(aidant.get(ended), ended+"/annulation", "par", "usager")
	known := answer.Header.Get("ETag")
	answer, text = c.subscribe(path, known)
	if answer.StatusCode != 200 || answer.Header.Get("ETag") == known {
		t.Errorf("what has changed is not told: %d", answer.StatusCode)
	}
	a := must(c.service.Ledger.AnyAppointment(t.Context(), id))
	got := readBy(t, text)
	if len(got.Events) != 1 {
		t.Fatalf("%+v", got)
	}
	if e := got.Events[0]; e.UID != connectors.UIDOf(a.Chain) || e.Summary != "Accompagnement — Confirmé" || e.URL != c.url+StructurePath+id || e.Status != "CONFIRMED" || e.Start != a.Start || e.End != a.End {
		t.Errorf("%+v of %v", e, a.Interval)
	}
	for _, of := range []string{"Zo", "Nomdefamille", "39 98", "3998", "retraite", "Camille", "Aidante", "exemple.fr"} {
		if strings.Contains(text, of) {
			t.Errorf("the calendar says %q:\n%s", of, text)
		}
	}
	for _, match := range []string{answer.Header.Get("ETag"), `"x", ` + answer.Header.Get("ETag"), "W/" + answer.Header.Get("ETag")} {
		if again, text := c.subscribe(path, match); again.StatusCode != http.StatusNotModified || text != "" || again.Header.Get("ETag") != answer.Header.Get("ETag") {
			t.Errorf("what is known is told again for %s: %d %s", match, again.StatusCode, text)
		}
	}

	for ahead, want := range map[int]bool{179: true, 183: false} {
		c.later(-time.Duration(ahead-7) * 24 * time.Hour)
		if _, text := c.subscribe(path, ""); strings.Contains(text, "VEVENT") != want {
			t.Errorf("what is %d days ahead is shown: %t", ahead, !want)
		}
		c.later(time.Duration(ahead-7) * 24 * time.Hour)
	}
	c.later(36 * 24 * time.Hour)
	if _, text := c.subscribe(path, ""); !strings.Contains(text, "la personne est-elle venue") {
		t.Errorf("a month later:\n%s", text)
	}
	c.later(10 * 24 * time.Hour)
	if _, text := c.subscribe(path, ""); strings.Contains(text, "VEVENT") {
		t.Errorf("it goes further back than a month:\n%s", text)
	}
}

// An appointment that is being moved stands once, where it still is: two events of one UID would be one of them.
func TestAPlacesCalendarHasAMoveOnce(t *testing.T) {
	c := newCounter(t, booking.Motif{ID: "m", Label: "Accompagnement", Duration: time.Hour, Validation: booking.ByStructure})
	b, aidant := c.keeper(), c.aidant()
	id := strings.TrimPrefix(aidant.taken(0), "/mes-rendez-vous/")
	path := b.calendarMade()
	if got := readBy(t, second(c.subscribe(path, ""))); len(got.Events) != 1 || got.Events[0].Summary != "Accompagnement — À accepter ou à refuser" || got.Events[0].Status != "TENTATIVE" {
		t.Errorf("a request: %+v", got)
	}
	a := must(c.service.Decide(t.Context(), id, true, ""))
	moved := must(c.service.Move(t.Context(), booking.Call{Partner: a.Partner, Actor: booking.ThePrescriber, Key: "k"}, id, aidant.slot(5).Get("creneau"))).Appointment
	if got := readBy(t, second(c.subscribe(path, ""))); len(got.Events) != 1 || got.Events[0].Start != a.Start {
		t.Errorf("while it is being moved: %+v", got)
	}
	must(c.service.Decide(t.Context(), moved.ID, true, ""))
	if got := readBy(t, second(c.subscribe(path, ""))); len(got.Events) != 1 || got.Events[0].Start != moved.Start || got.Events[0].UID != connectors.UIDOf(a.Chain) {
		t.Errorf("moved: %+v", got)
	}
}

func second[A, B any](_ A, b B) B { return b }

func TestTheAddressOfACalendarIsShownOnceAndEnds(t *testing.T) {
	c := newCounter(t)
	b := c.keeper()
	c.want("before", b.get(calendarOfOne), 200, "Il n'y a pas d'adresse.")
	for _, said := range []string{"liste", "x"} {
		if page := b.get(calendarOfOne + "?fait=" + said); strings.Contains(page.raw, `class="fait"`) {
			t.Errorf("an address makes the page say %s", said)
		}
	}
	c.want("the way there", b.get("/structure/lieux/lieu-1"), 200, "Les voir dans un autre agenda")
	first := b.calendarMade()
	page := b.get(calendarOfOne + "?fait=fini")
	c.want("afterwards", page, 200, "Vous l'avez faite")
	if strings.Contains(page.raw, `class="fait"`) {
		t.Error("an address makes the page say that there is none")
	}
	if strings.Contains(page.raw, strings.TrimSuffix(first[len("/calendriers/"):], ".ics")) {
		t.Error("the address is shown twice")
	}
	read := func(path string) int { answer, _ := c.subscribe(path, ""); return answer.StatusCode }
	if read(first) != 200 {
		t.Fatal("the address shows nothing")
	}
	next := b.calendarMade()
	if read(first) != 404 || read(next) != 200 {
		t.Errorf("replaced: the old one %d, the new one %d", read(first), read(next))
	}
	for _, other := range []string{strings.TrimSuffix(next, ".ics"), next + "x", "/calendriers/.ics", "/calendriers/x.ics", strings.ToUpper(next)} {
		if got := read(other); got != 404 {
			t.Errorf("%s: %d", other, got)
		}
	}
	for who, x := range map[string]*browser{"somebody else": c.signedIn("camille@mairie.exemple.fr"), "who answers for another": c.signedIn("mairie@lieu-2.exemple.fr")} {
		c.want(who, x.get(calendarOfOne), 404, "pas un de vos lieux")
		c.want(who, x.submit(x.get("/compte"), calendarOfOne, "adresse", "retirer"), 404, "pas un de vos lieux")
	}
	c.want("a form of another site's", b.do(http.MethodPost, calendarOfOne, nil), http.StatusForbidden, "plus valable")
	got := b.submit(b.get(calendarOfOne), calendarOfOne, "adresse", "retirer")
	c.want("ended", b.get(got.location), 200, "ne montre plus rien")
	if read(next) != 404 {
		t.Error("an address that was ended still shows something")
	}

	last := b.calendarMade()
	account := must(c.ledger.Accounts(context.Background()))[0]
	if err := c.ledger.AnswerForNoMore(t.Context(), account.ID, "lieu-1"); err != nil || read(last) != 404 {
		t.Errorf("who has made it answers no more for the place: %v, %d", err, read(last))
	}
}
