package web

import (
	"context"
	"html"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/booking"
)

// actionAsWritten is what a page says to do about a place.
func actionAsWritten(t *testing.T, place *booking.Place, n booking.NextAction) string {
	t.Helper()
	p := &pages{}
	words, err := p.readPages()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := words.ExecuteTemplate(&b, "next", p.action(place, n)); err != nil {
		t.Fatal(err)
	}
	return html.UnescapeString(b.String())
}

func TestALinkOfAPlaceLeadsToIt(t *testing.T) {
	place := &booking.Place{Name: "Médiathèque"}
	for value, want := range map[string]struct {
		to   booking.ActionType
		href string
	}{
		"+33475412345":                 {booking.ToCall, `href="tel:+33475412345"`},
		"+33 4 75 41 23 45\"><script>": {booking.ToCall, `href="tel:+33475412345"`},
		"https://rdv.example.org/?a=1": {booking.ToFollow, `href="https://rdv.example.org/?a=1"`},
		"javascript:alert(1)":          {booking.ToFollow, `href="#ZgotmplZ"`},
	} {
		if got := actionAsWritten(t, place, booking.NextAction{Type: want.to, Value: value}); !strings.Contains(got, want.href) {
			t.Errorf("%s: %s", value, got)
		}
	}
}

func TestALetterToAPlaceIsWhole(t *testing.T) {
	place := &booking.Place{Name: "Café & Cie + #1"}
	written := actionAsWritten(t, place, booking.NextAction{Type: booking.ToWrite, Value: "accueil@exemple.org"})
	_, after, _ := strings.Cut(written, `href="`)
	href, _, _ := strings.Cut(after, `"`)
	u, err := url.Parse(href)
	if err != nil {
		t.Fatal(err)
	}
	if body := u.Query().Get("body"); !strings.Contains(body, "(Café & Cie + #1)") || !strings.HasSuffix(body, "Merci.") || strings.Contains(href, "+") || u.Opaque != "accueil@exemple.org" {
		t.Errorf("%s\n%s", href, body)
	}
}

// asked counts how often agendas may be read for their slots.
type asked struct {
	booking.Availability
	times *atomic.Int32
}

func (a asked) Of(ctx context.Context, q booking.AvailabilityQuery) booking.Availabilities {
	if !q.Known {
		a.times.Add(1)
	}
	return a.Availability.Of(ctx, q)
}

// An agenda that is slow is waited for once: the slots of a place, and what to do where it has none, are of one reading.
func TestThePageOfAPlaceAsksItsAgendaOnce(t *testing.T) {
	c := newCounter(t)
	var times atomic.Int32
	c.service.Availability = asked{c.service.Availability, &times}
	b := c.browser()
	c.want("a week with slots", b.get("/lieux/lieu-1?semaine="+time.Now().AddDate(0, 0, 7).Format(time.DateOnly)), 200, "Accompagnement")
	if got := times.Load(); got != 1 {
		t.Errorf("its agenda was asked %d times", got)
	}
	if page := b.get("/lieux/lieu-1"); strings.Contains(page.body, "Téléphonez au") {
		t.Error("a place where one can book says to call it")
	}
	c.want("a year ahead, when nothing can be booked", b.get("/lieux/lieu-1?semaine="+time.Now().AddDate(0, 11, 0).Format(time.DateOnly)), 200, "Téléphonez au")
}
