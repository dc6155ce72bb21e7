package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
	"passerelle/connectors"
)

// Calendars keeps the private addresses of places' calendars. Its methods are what can be done with one thing: the last is
// all that its reader needs, the others are one page's.
type Calendars interface {
	// OpenCalendar makes an address, in place of any that there was; its token is told once.
	OpenCalendar(ctx context.Context, place *booking.Place, by string) (token string, err error)
	CloseCalendar(ctx context.Context, place *booking.Place, by string) error
	// Calendar says who has made the address of a place, and when; an empty account where there is none.
	Calendar(ctx context.Context, place *booking.Place) (account string, since time.Time, err error)
	// OfCalendar finds the place of a token, and who has made it; NotFound where there is none.
	OfCalendar(ctx context.Context, token string) (place, account string, err error)
}

// A calendar goes from so many days ago to so many ahead, and may be kept for a while by who reads it.
const (
	calendarBack   = 30
	calendarAhead  = 180
	calendarMaxAge = "private, max-age=300"
	calendarEvery  = 5 * time.Minute
)

// calendarPage is the page of a place's private address.
type calendarPage struct {
	Place, Day, Action, FormToken string
	Address                       string // just made: it is not shown again
	Since, Done                   string
	Mine                          bool // who looks has made it
	List                          *eveningList
}

func (p *pages) showCalendar(w http.ResponseWriter, r *http.Request) {
	if s, place, ok := p.answersFor(w, r, r.PathValue("id")); ok {
		p.calendarPage(w, r, s, place, "", "")
	}
}

func (p *pages) calendarPage(w http.ResponseWriter, r *http.Request, s signin.Session, place *booking.Place, address, wrong string) {
	token := formToken(r)
	list, err := p.eveningList(r.Context(), place, token)
	by, since, err2 := p.Calendars.Calendar(r.Context(), place)
	if err != nil || err2 != nil {
		p.Logger.Error("how a place sees its appointments could not be read", "lieu", place.ID, "err", err, "cause", err2)
		p.tell(w, r, unavailable)
		return
	}
	v := calendarPage{
		Place: place.Name, Day: structurePath(place.ID), Action: CalendarPath(place.ID), FormToken: token,
		Address: address, Mine: by == s.Account.ID, Done: calendarDone(r.URL.Query().Get("fait"), by, list), List: list,
	}
	if by != "" {
		v.Since = booking.InWords(since, place.Zone)
	}
	p.write(w, r, http.StatusOK, "calendar", view{Title: "Calendrier du lieu", Wrong: wrong, Of: v})
}

// calendarDone is what was done just now, as far as it is so: the address of the page may be old, or another's.
func calendarDone(done, by string, list *eveningList) string {
	switch {
	case done == "fini" && by == "":
		return "L'adresse est retirée : elle ne montre plus rien."
	case done == "liste" && list != nil && list.Address != "" && !list.Lost:
		return "C'est noté : la liste viendra le soir."
	case done == "sans_liste" && list != nil && list.Address == "":
		return "C'est noté : la liste ne viendra plus."
	}
	return ""
}

// keepCalendar makes the address, or ends it. What is made is shown in the answer itself: no other page may hold it.
func (p *pages) keepCalendar(w http.ResponseWriter, r *http.Request) {
	s, place, form, ok := p.placeToChange(w, r)
	if !ok {
		return
	}
	var token string
	var err error
	switch form.Get("adresse") {
	case "faire":
		token, err = p.Calendars.OpenCalendar(r.Context(), place, s.Account.ID)
	case "retirer":
		err = p.Calendars.CloseCalendar(r.Context(), place, s.Account.ID)
	}
	switch {
	case err != nil:
		p.Logger.Error("the address of a calendar was not changed", "lieu", place.ID, "err", err)
		p.tell(w, r, unavailable, next{CalendarPath(place.ID), "Calendrier du lieu"})
	case token != "":
		p.calendarPage(w, r, s, place, p.Public+"/calendriers/"+token+".ics", "")
	default:
		p.redirect(w, r, CalendarPath(place.ID)+"?fait=fini")
	}
}

// serveCalendar is what stands at a place, for whoever has its address: when and what for, nobody's name.
func (p *pages) serveCalendar(w http.ResponseWriter, r *http.Request) {
	place, err := p.placeOfCalendar(r)
	var text []byte
	if err == nil {
		text, err = p.calendarOf(r.Context(), place)
	}
	switch {
	case connectors.KindOf(err) == connectors.NotFound:
		p.tell(w, r, unknownLink)
		return
	case err != nil:
		p.Logger.Error("the calendar of a place could not be written", "err", err)
		p.tell(w, r, unavailable)
		return
	}
	sum := sha256.Sum256(text)
	h := w.Header()
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Cache-Control", calendarMaxAge)
	h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text)) // which knows If-None-Match
	p.Logger.Info("page", "methode", r.Method, "page", "calendrier", "lieu", place.ID)
}

// placeOfCalendar is NotFound for every address that shows nothing. One is good while who has made it answers for the place.
func (p *pages) placeOfCalendar(r *http.Request) (*booking.Place, error) {
	token, ok := strings.CutSuffix(r.PathValue("jeton"), ".ics")
	if !ok {
		return nil, booking.Missing()
	}
	id, by, err := p.Calendars.OfCalendar(r.Context(), token)
	if err != nil {
		return nil, err
	}
	a, err := p.SignIn.Desk.Account(r.Context(), by)
	if errors.Is(err, signin.ErrUnknown) {
		return nil, booking.Missing()
	}
	if err != nil {
		return nil, err
	}
	place := p.Place(id)
	if place == nil || place.Zone == nil || !p.answers(a, place) {
		return nil, booking.Missing()
	}
	return place, nil
}
