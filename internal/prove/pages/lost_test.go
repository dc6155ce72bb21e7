package pages

import (
	"net/http"
	"strings"
	"testing"

	"passerelle/internal/prove"
	"passerelle/internal/prove/gateway"
)

// Whatever happens on the way to an appointment, nothing is lost, nothing is done twice, and nothing is typed twice.
func TestNothingIsLostOnTheWay(t *testing.T) {
	t.Parallel()
	s := Start(t, &programs)
	s.Run(t, "account", "approve", "@mairie.example.org")
	for name, journey := range map[string]func(*testing.T, *Page){
		"the slot goes before it is kept": s.slotTaken, "the session ends": s.sessionEnds, "back and again": backAndAgain,
		"a double click": doubleClick, "two tabs": twoTabs, "a reload": reload,
	} {
		for how, scripts := range map[string]bool{"": true, " without scripts": false} {
			if !scripts && name != "a double click" && !prove.Long() { // the others meet none on their way
				continue
			}
			t.Run(name+how, func(t *testing.T) {
				address := strings.ReplaceAll(name+how, " ", "-") + "@mairie.example.org"
				p := s.Page(t)
				p.Scripts(scripts)
				s.signIn(p, address)
				journey(t, p)
				s.want(t, address, "confirme")
			})
		}
	}
}

// slotTaken: another platform books the slot that is shown.
func (s *Site) slotTaken(t *testing.T, p *Page) {
	nextWeek(p, "mediatheque")
	shown := p.First("button", "Réserver le ")
	slot := p.slot()
	if answer, err := s.Caller.Book(t.Context(), gateway.Want(t.Name(), 0, slot)); err != nil || answer.Text("statut") != "confirme" {
		t.Fatal(answer, err)
	}
	p.Follow("button", shown)
	p.Says("Ce créneau vient d'être pris")
	if p.Status() != http.StatusConflict {
		t.Errorf("a slot that is gone: %d", p.Status())
	}
	checkOnce(p, "créneau pris")
	p.Follow("link", p.First("link", "Réserver le "))
	p.Follow("button", "Garder ce créneau et continuer")
	fillIn(p)
	p.Follow("button", "Prendre ce rendez-vous")
	p.Says("C'est fait.")
}

// sessionEnds while the form is filled in.
func (s *Site) sessionEnds(t *testing.T, p *Page) {
	held(p)
	fillIn(p)
	p.Forget()
	p.Follow("button", "Prendre ce rendez-vous")
	if p.Status() != http.StatusUnauthorized {
		t.Errorf("without a session: %d", p.Status())
	}
	p.Says("Rien n'est perdu")
	checkOnce(p, "session finie")
	stillFilledIn(p)
	address, _, _ := strings.Cut(strings.TrimPrefix(t.Name(), "TestNothingIsLostOnTheWay/"), "@")
	s.signIn(p.Tab(), strings.ReplaceAll(address, "_", "-")+"@mairie.example.org")
	p.Follow("button", "Prendre ce rendez-vous")
	p.Says("relisez, puis envoyez")
	stillFilledIn(p)
	p.Follow("button", "Prendre ce rendez-vous")
	p.Says("C'est fait.")
}

// backAndAgain: from the form to the slots and to the form again, and back to it once it has done its work.
func backAndAgain(t *testing.T, p *Page) {
	nextWeek(p, "mediatheque")
	slot := p.First("button", "Réserver le ")
	p.Follow("button", slot)
	form := p.Path()
	again := func(how string) {
		t.Helper()
		if p.Path() != form {
			t.Errorf("%s leads to %s instead of %s", how, p.Path(), form)
		}
		p.Back()
	}
	p.Back()
	if p.Has("button", slot) { // the browser has kept the page
		p.Follow("button", slot)
		again("the same slot")
	}
	p.Reload()
	if p.Has("button", slot) {
		t.Error("what is kept is offered")
	}
	checkOnce(p, "lieu, un créneau gardé")
	p.Follow("link", "reprendre sa réservation")
	fillIn(p)
	p.Follow("button", "Prendre ce rendez-vous")
	p.Says("C'est fait.")
	sheet, _, _ := strings.Cut(p.Path(), "?")
	p.Back()
	if p.Has("button", "Prendre ce rendez-vous") { // the browser has kept the form
		p.Follow("button", "Prendre ce rendez-vous")
	}
	p.Says("Zoé Nomdefamille")
	if p.Path() != sheet {
		t.Errorf("back from the sheet leads to %s", p.Path())
	}
}

// doubleClick on the slot, and on what takes the appointment.
func doubleClick(t *testing.T, p *Page) {
	nextWeek(p, "mediatheque")
	p.DoubleClick("button", p.First("button", "Réserver le "))
	p.Says("Ce créneau est gardé pour vous")
	fillIn(p)
	p.DoubleClick("button", "Prendre ce rendez-vous")
	p.Says("Qui est prévenu")
}

// twoTabs: the same slot is chosen in both, and both forms are filled in.
func twoTabs(t *testing.T, p *Page) {
	nextWeek(p, "mediatheque")
	tab := p.Tab()
	nextWeek(tab, "mediatheque")
	slot := p.First("button", "Réserver le ")
	for _, x := range []*Page{p, tab} {
		x.Follow("button", slot)
		x.Says("Ce créneau est gardé pour vous")
		fillIn(x)
	}
	p.Follow("button", "Prendre ce rendez-vous")
	p.Says("C'est fait.")
	tab.Follow("button", "Prendre ce rendez-vous")
	tab.Says("Confirmé")
	if sheet, _, _ := strings.Cut(p.Path(), "?"); tab.Path() != sheet {
		t.Errorf("the second tab is at %s, the first at %s", tab.Path(), sheet)
	}
}

// reload: of what confirms.
func reload(t *testing.T, p *Page) {
	held(p)
	p.Reload()
	fillIn(p)
	p.Follow("button", "Prendre ce rendez-vous")
	p.Says("C'est fait.")
	p.Reload()
	p.Says("Zoé Nomdefamille")
}
