package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
)

func TestAPersonMovesAndCancelsByHerLink(t *testing.T) {
	c := newCounter(t)
	b := c.aidant()
	sheet := b.taken(0)
	hers := "/rv/lien-" + strings.TrimPrefix(sheet, "/mes-rendez-vous/")
	x := c.browser()
	for _, words := range []string{"Confirmé", "Zoé Nomdefamille", "une pièce d'identité", "Annuler ce rendez-vous"} {
		c.want("her page", x.get(hers), 200, words)
	}
	if page := x.get(hers).body; strings.Contains(page, "retraite") || strings.Contains(page, "06 39 98") || strings.Contains(page, "Camille") {
		t.Errorf("her page says what she comes for, or who took it:\n%s", page)
	}
	if calendar := x.get(hers + "/rendez-vous.ics"); !strings.Contains(calendar.raw, "STATUS:CONFIRMED") {
		t.Errorf("her calendar: %s", calendar.raw)
	}
	slots := x.get(hers + "/creneaux?semaine=" + time.Now().AddDate(0, 0, 7).Format(time.DateOnly))
	c.want("other slots", slots, 200, "Vous déplacez un rendez-vous")
	all := slots.slots()
	if len(all) == 0 {
		t.Fatalf("no slot: %s", slots.body)
	}
	got := x.do(http.MethodPost, hers+"/deplacement", all[4])
	c.want("moved", x.get(got.location), 200, "C'est déplacé.")
	c.want("moved, for who took it", b.get(sheet), 200, "Déplacé")
	again := x.do(http.MethodPost, hers+"/deplacement", all[4])
	if again.location != got.location {
		t.Errorf("sent twice: %+v", again)
	}
	c.want("sent twice", x.get(hers), 200, "Confirmé")
	if _, total, err := c.service.Appointments(t.Context(), c.partner(), booking.AppointmentFilter{Limit: 10}); err != nil || total != 2 {
		t.Errorf("sent twice, there are %d appointments, %v", total, err)
	}
	got = x.submit(x.get(hers), hers+"/annulation")
	c.want("cancelled", x.get(got.location), 200, "C'est annulé.")
	c.want("cancelled twice", x.submit(x.get(hers), hers+"/annulation", "cle", "k"), http.StatusSeeOther, "")
	if len(x.cookies) > 0 {
		t.Error("a cookie for who has no account")
	}

	c.want("a link of nobody's", x.get("/rv/x"), 404, "Lien inconnu")
	c.want("a link whose time is over", x.get("/rv/vieux"), http.StatusGone, "est passé")
	c.want("a link of nobody's, that cancels", x.do(http.MethodPost, "/rv/x/annulation", nil), 404, "Lien inconnu")
	hold, _ := b.held(6)
	c.want("a link to a hold", x.get("/rv/lien-"+strings.TrimPrefix(hold, "/reservations/")), 404, "Lien inconnu")
}

// Where the place is asked first, nothing has moved yet.
func TestAMoveThatIsOnlyAskedForIsNotDone(t *testing.T) {
	c := newCounter(t, booking.Motif{ID: "m", Label: "Accompagnement", Duration: time.Hour, Validation: booking.ByStructure})
	b := c.aidant()
	sheet := b.taken(0)
	id := strings.TrimPrefix(sheet, "/mes-rendez-vous/")
	must(c.service.Decide(t.Context(), id, true, ""))
	hers, x := "/rv/lien-"+id, c.browser()
	slots := x.get(hers + "/creneaux?semaine=" + time.Now().AddDate(0, 0, 7).Format(time.DateOnly))
	got := x.do(http.MethodPost, hers+"/deplacement", slots.slots()[3])
	page := x.get(got.location)
	c.want("asked for", page, 200, "Vous avez demandé un autre moment")
	if strings.Contains(page.body, "C'est déplacé") {
		t.Errorf("what is asked for is done:\n%s", page.body)
	}
	old := b.get(sheet)
	c.want("the sheet", old, 200, "Un autre moment est demandé")
	_, after, _ := strings.Cut(old.raw, "est demandé, <a href=\"")
	link, _, _ := strings.Cut(after, "\"")
	c.want("what is asked for", b.get(link+"?fait=deplace"), 200, moveAsked)
	c.want("what is asked for", b.get(link), 200, `<a href="`+sheet+`">Voir le rendez-vous qu'il remplacera`)

	must(c.service.Decide(t.Context(), strings.TrimPrefix(link, "/mes-rendez-vous/"), true, ""))
	if page := x.get(hers); strings.Contains(page.body, "autre moment") {
		t.Errorf("what was accepted is still asked for:\n%s", page.body)
	}
}

// Her link outlasts the day that it was made for: it is her appointment as it is now that says whether it is over.
func TestAPersonSeesHerAppointmentUntilADayAfterIt(t *testing.T) {
	c := newCounter(t)
	id := strings.TrimPrefix(c.aidant().taken(0), "/mes-rendez-vous/")
	a := must(c.service.Ledger.AnyAppointment(t.Context(), id))
	hers, x := "/rv/lien-"+id, c.browser()
	c.later(time.Until(a.StartTime().Add(10 * time.Minute)))
	page := x.get(hers)
	c.want("begun", page, 200, "Passé")
	if strings.Contains(page.body, "Confirmé") {
		t.Errorf("what has begun is still to come:\n%s", page.body)
	}
	c.later(24 * time.Hour)
	c.want("the day after", x.get(hers), 200, "Passé")
	c.later(time.Hour)
	c.want("later", x.get(hers), http.StatusGone, "est passé")
	c.want("later, its calendar", x.get(hers+"/rendez-vous.ics"), http.StatusGone, "est passé")
}

// partner is under whose name the aidant of a counter books.
func (c *counter) partner() string {
	return partnerOf(signin.Account{ID: must(c.ledger.Accounts(c.t.Context()))[0].ID})
}
