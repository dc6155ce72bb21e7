package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// placePage is everything that is known of a place, and a week of its slots.
type placePage struct {
	Address  []string
	Facts    []fact
	Week     week
	Next     *action
	Updated  string
	NoPublic bool
	Orient   string // where an aidant begins an orientation that is followed
	Claim    string // where somebody says that she answers for it
}

// fact is something that the standard's file says of a place.
type fact struct {
	Term  string
	Lines []string
}

var unknownPlace = page{http.StatusNotFound, "Lieu inconnu", []string{
	"Aucun lieu ne porte ce nom ici. Il a peut-être quitté le fichier national : cherchez-le par sa commune.",
}}

// showPlace is a public page, which tools may link to.
func (p *pages) showPlace(w http.ResponseWriter, r *http.Request) {
	place := p.Place(r.PathValue("id"))
	if place == nil || place.Zone == nil {
		p.tell(w, r, unknownPlace, next{"/", "Chercher un lieu"})
		return
	}
	q := r.URL.Query()
	v := placePage{Address: place.Postal(), Facts: p.facts(place), NoPublic: !place.ReceivesPublic(), Claim: "/compte?" + url.Values{"lieu": {place.ID}}.Encode()}
	if day, err := time.Parse(time.DateOnly, place.UpdatedOn); err == nil {
		v.Updated = fmt.Sprintf("%s %d", booking.DayInWords(day, time.UTC), day.Year())
	}
	var offer *booking.Offer
	var err error
	if v.Week, offer, err = p.week(r.Context(), place, q, placePath(place.ID)); err != nil {
		p.Logger.Error("the slots of a place could not be listed", "lieu", place.ID, "err", err)
		p.tell(w, r, unavailable, next{placePath(place.ID), "Voir ce lieu"})
		return
	}
	todo := p.Service.Next(offer)
	if v.Next = p.action(place, todo); todo.Type == booking.ToCall {
		v.Week.Instead.Phone = "" // said once
	}
	if slices.Contains(offer.Capacities(), booking.CanHandOn) {
		v.Orient = "/orienter?" + url.Values{"lieu": {place.ID}}.Encode()
	}
	if s, err := p.SignIn.Desk.Who(r.Context(), cookie(r, sessionCookie)); err == nil {
		if may, err := p.SignIn.Desk.MayBook(r.Context(), s.Account); err == nil && may {
			v.Week.Action, v.Week.FormToken, v.Week.Key = "/reservations", formToken(r), newKey()
			v.Week.Kept = p.keptLines(r, s.Account, place)
		}
	}
	if id := q.Get("deplacer"); id != "" {
		if _, _, ok := p.ownOf(w, r, id); !ok { // whoever follows the link is asked who she is, and shown no more than her own
			return
		}
		v.Week.move(minePath(id), hiddenValue{"deplacer", id})
	}
	w.Header().Del("X-Robots-Tag")
	p.write(w, r, http.StatusOK, "place", view{Title: place.Name, Wide: true, Open: v.Week.FormToken == "", Of: &v})
}

func motifInWords(m booking.Motif) string {
	s := m.Label + ", " + booking.LengthInWords(m.Duration) + ", " + m.Modality.InWords()
	if m.Validation == booking.ByStructure {
		s += " ; le lieu doit accepter la demande"
	}
	return s
}

// facts are in the order in which an aidant asks.
func (p *pages) facts(place *booking.Place) []fact {
	var out []fact
	add := func(term string, text ...string) {
		if text = booking.Lines(text...); len(text) > 0 {
			out = append(out, fact{term, text})
		}
	}
	add("Horaires", p.openingWeek(place)...)
	if place.Phone != "" {
		add("Téléphone", booking.PhoneInDigits(place.Phone))
	}
	add("Courriel", place.Emails...)
	add("Frais", place.Fees...)
	add("Services", place.Services...)
	add("Accueil", place.AccessModes...)
	add("Forme de l'aide", place.SupportModes...)
	add("Prise en charge", place.SpecialCare...)
	add("Publics accueillis spécialement", place.Publics...)
	add("Programmes", place.Programmes...)
	add("Présentation", place.Summary)
	return out
}

// openingWeek says the opening hours of the seven days to come, where all of them can be read; else they are shown as the file
// has them, so that somebody may make sense of them.
func (p *pages) openingWeek(place *booking.Place) []string {
	if place.Hours == "" {
		return nil
	}
	start := booking.Midnight(p.Now(), place.Zone)
	open, known := p.Service.Availability.Opening(place, interval.Of(start, start.AddDate(0, 0, 7)))
	if !known {
		return []string{place.Hours + " (tel que le lieu l'a écrit)"}
	}
	var out []string
	for i := range 7 {
		day := start.AddDate(0, 0, i)
		var spans []string
		for _, o := range open {
			if x := o.Clip(interval.Of(day, day.AddDate(0, 0, 1))); !x.Empty() {
				spans = append(spans, clock(x.StartTime(), place.Zone)+"–"+clock(x.EndTime(), place.Zone))
			}
		}
		out = append(out, booking.DayInWords(day, place.Zone)+" : "+cmp.Or(strings.Join(spans, ", "), "fermé"))
	}
	return out
}

// clock is an hour as it stands on a door: "9 h", "17 h 30"; the end of a day is midnight.
func clock(t time.Time, zone *time.Location) string {
	return strings.TrimSuffix(booking.HourInWords(t, zone), " 00")
}

// bookable finds a slot by its id, and the place that it is at; a page that has a title says why there is none.
func (p *pages) bookable(id string) (booking.SlotRef, *booking.Place, page) {
	ref, err := p.Service.Slots.Ref(id)
	if err != nil || connectors.KindOf(err) == connectors.Invalid {
		return ref, nil, unknownSlot
	}
	place := p.Place(ref.Place)
	if place == nil || place.Zone == nil {
		return ref, nil, unknownPlace
	}
	return ref, place, page{}
}

var unknownSlot = page{http.StatusNotFound, "Créneau inconnu", []string{"Ce lien ne désigne aucun créneau : il est peut-être incomplet. Cherchez de nouveau."}}
