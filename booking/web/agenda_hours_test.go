package web

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// An operator may say more of an agenda than its structure's page shows: what is not changed there stays.
func TestWhatAPageCannotShowStays(t *testing.T) {
	c := newCounter(t)
	b := c.keeper()
	seasons := `{"ouvertures":[{"jours":["lu","ma"],"de":"09:00","a":"12:00","au":"2030-06-30"},{"jours":["sa"],"de":"09:00","a":"12:00"}]}`
	for words, x := range map[string]booking.Connection{
		"lundi, mardi : 09:00-12:00, jusqu'au dimanche 30 juin 2030": {Agenda: "saisons", Connection: connectors.Connection{Connector: "native", Settings: []byte(seasons)}},
		"Mo-Fr 09:00-12:00; PH off":                                  {Agenda: "semaine", Connection: connectors.Connection{Connector: "ics", Address: "http://127.0.0.1:1/a.ics"}, Hours: "Mo-Fr 09:00-12:00; PH off"},
	} {
		x.Places, x.Notice = []string{"lieu-1"}, "accueil@lieu-1.exemple.fr"
		x.Motifs = []booking.Motif{{ID: "m", Label: "Atelier", Duration: time.Hour, Step: 15 * time.Minute, Notice: 45 * time.Minute}}
		if _, err := c.set().Put(t.Context(), x); err != nil {
			t.Fatal(err)
		}
		before, path := c.agenda(x.Agenda).Connection, agendasOfPlace+"/"+x.Agenda
		page := b.get(path)
		c.want(x.Agenda, page, 200, words)
		form := page.settings()
		form.Set("libelle", "Permanence")
		if got := b.do(http.MethodPost, path, form); got.status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", x.Agenda, got.status, got.body)
		}
		after := c.agenda(x.Agenda).Connection
		if m := after.Motifs[0]; after.Hours != before.Hours || string(after.Settings) != string(before.Settings) || m.Step != 15*time.Minute || m.Notice != 45*time.Minute || m.Label != "Permanence" {
			t.Errorf("%s: was\n%+v, is\n%+v", x.Agenda, before, after)
		}
	}
}

func TestClosuresAtOnceAreAllKept(t *testing.T) {
	c := newCounter(t)
	b := c.keeper()
	path, form := agendasOfPlace+"/guichet", b.get("/compte").fields().Get("formulaire")
	var group sync.WaitGroup
	for i := range 12 {
		group.Go(func() {
			x := &browser{b.h, maps.Clone(b.cookies)}
			day := time.Now().AddDate(0, 0, 3+i).Format(time.DateOnly)
			if got := x.do(http.MethodPost, path+"/heures", url.Values{"formulaire": {form}, "debut": {day + "T09:00"}, "fin": {day + "T10:30"}}); got.status != http.StatusSeeOther {
				t.Errorf("%d: %d", i, got.status)
			}
		})
	}
	group.Wait()
	if n := strings.Count(b.get(path).raw, `name="rouvrir"`); n != 12 {
		t.Errorf("of 12 closures %d are kept", n)
	}
}

// What its structure has paused it takes up again; the configuration file does not undo that.
func TestAPausedAgendaIsTakenUpAgain(t *testing.T) {
	c := newCounter(t)
	b := c.keeper()
	path, form := agendasOfPlace+"/guichet", b.get("/compte").fields().Get("formulaire")
	week := "/lieux/lieu-1?semaine=" + time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	for _, x := range []struct {
		press  string
		paused bool
	}{{"pause", true}, {"publier", false}, {"publier", false}, {"pause", true}} {
		b.do(http.MethodPost, path+"/etat", url.Values{"formulaire": {form}, "etat": {x.press}})
		if a := c.agenda("guichet"); a.Paused != x.paused || a.Origin != booking.FromStructure {
			t.Errorf("%s: paused %t, by %q", x.press, a.Paused, a.Origin)
		}
		if books := slotLink.MatchString(c.browser().get(week).raw); books == x.paused {
			t.Errorf("%s: anybody may book: %t", x.press, books)
		}
	}
}

// set keeps the agendas of the counter.
func (c *counter) set() Connections { return c.service.Agendas.(Connections) }

func (c *counter) agenda(id string) *booking.Agenda {
	c.t.Helper()
	a, ok := c.service.Agendas.ByID(id)
	if !ok {
		c.t.Fatalf("there is no agenda %q", id)
	}
	return a
}
