package pages

import (
	"strings"
	"testing"
	"time"

	"passerelle/booking"
)

// newcomers are places that no agenda is known of, open every day. Each is the only one around its commune, which its id is
// enough to find.
const newcomers = `nyons,Maison de Nyons,Nyons,26110,1 rue,44.3606,5.1397,+33465710011,accueil@nyons.example.org,Mo-Su 09:00-12:00,,Aide aux démarches administratives,
montelimar,Maison de Montélimar,Montélimar,26200,1 rue,44.5569,4.7495,+33465710012,accueil@montelimar.example.org,Mo-Su 09:00-12:00,,Aide aux démarches administratives,
hauterives,Maison de Hauterives,Hauterives,26390,1 rue,45.2530,5.0260,+33465710013,accueil@hauterives.example.org,Mo-Su 09:00-12:00,,Aide aux démarches administratives,
valence,Maison de Valence,Valence,26000,1 rue,44.9334,4.8924,+33465710014,accueil@valence.example.org,Mo-Su 09:00-12:00,,Aide aux démarches administratives,
pierrelatte,Maison de Pierrelatte,Pierrelatte,26700,1 rue,44.3770,4.6950,+33465710015,accueil@pierrelatte.example.org,Mo-Su 09:00-12:00,,Aide aux démarches administratives,
remuzat,Maison de Rémuzat,Rémuzat,26510,1 rue,44.4153,5.3553,+33465710016,accueil@remuzat.example.org,Mo-Su 09:00-12:00,,Aide aux démarches administratives,
sederon,Maison de Séderon,Séderon,26560,1 rue,44.2050,5.5340,+33465710017,accueil@sederon.example.org,Mo-Su 09:00-12:00,,Aide aux démarches administratives,
`

// newcomer is one of them, and who connects its agenda: p is hers, aidant somebody's who looks for a slot there.
type newcomer struct {
	*Site
	p, aidant *Page
	place     string // its id
}

// begins opens the form of an agenda of a kind, from the place's own page.
func (n *newcomer) begins(kind string) {
	n.p.t.Helper()
	n.p.Open("/structure/lieux/" + n.place)
	n.p.Follow("link", "Agendas de ce lieu")
	n.p.Says("on ne peut pas encore réserver ici")
	n.p.Follow("link", kind)
}

// publishes presses the button, once the draft has been seen to be nobody else's.
func (n *newcomer) publishes() {
	n.p.t.Helper()
	n.p.Says("Brouillon : personne ne le voit encore")
	if found := n.finds(); len(found) > 0 {
		n.p.t.Errorf("a draft is offered: %q", found)
	}
	n.p.Follow("button", "Publier")
	n.p.Says("C'est publié : on peut réserver.")
	n.p.Says("Publié.")
}

// finds lists the slots that a search at the place's commune offers, as their links are called.
func (n *newcomer) finds() (slots []string) {
	n.p.t.Helper()
	n.aidant.Open("/?ou=" + n.place)
	n.aidant.Says("1 lieu")
	for _, name := range n.aidant.All("link", "") {
		if strings.Contains(name, " à ") && strings.HasSuffix(name, " h 00") {
			slots = append(slots, name)
		}
	}
	return slots
}

// week is what the place offers on the day a week from now: the hours of its slots.
func (n *newcomer) week() (hours []string) {
	n.p.t.Helper()
	day := nextDay()
	nextWeek(n.aidant, n.place)
	for _, name := range n.aidant.All("button", "Réserver le ") {
		if at, found := strings.CutPrefix(name, "Réserver le "+day+" à "); found {
			hours = append(hours, at)
		}
	}
	return hours
}

// opens gives hours on two days of the week: the day a week from now is one of them, the day after tomorrow the other.
func (n *newcomer) opens(write func(day string)) {
	week := []string{"Dimanche", "Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi"}
	for _, in := range []int{2, 7} {
		write(week[time.Now().In(paris).AddDate(0, 0, in).Weekday()] + " (facultatif)")
	}
}

var paris, _ = time.LoadLocation("Europe/Paris")

// nextDay is the day a week from now, in words.
func nextDay() string {
	return booking.DayInWords(time.Now().AddDate(0, 0, 7), paris)
}

// refused fails the test unless the page says that it has kept nothing, and why.
func refused(t *testing.T, p *Page, why string) {
	t.Helper()
	p.Says(why)
	if p.Status() != 422 {
		t.Errorf("%s: %d", why, p.Status())
	}
}
