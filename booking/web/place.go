package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"passerelle/auth/signin"
	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// placePage is everything that is known of a place, and a week of its slots.
type placePage struct {
	Address    []string
	Facts      []fact
	Motifs     []choice
	Motif      string   // what the slots are for, in words
	Conditions []string // of the motif
	Days       []day
	Week       string // "du lundi 30 novembre au dimanche 6 décembre"
	Earlier    string // addresses of other weeks
	Later      string
	First      *next // the first slot after a week that has none
	State      string
	Next       *action
	FormToken  string // of who is signed in; empty: choosing a slot leads to signing in
	Key        string
	Moving     string // the appointment that is being moved
	Keep       []hiddenValue
	Updated    string
	NoPublic   bool
}

// fact is something that the standard's file says of a place.
type fact struct {
	Term  string
	Lines []string
}

type day struct {
	Label string
	Slots []slotLine
}

// hiddenValue is a part of the page's address that its forms keep.
type hiddenValue struct{ Name, Value string }

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
	v := placePage{Address: lines(place.AddressMore, place.Address, strings.TrimSpace(place.PostalCode+" "+place.Commune)), Facts: p.facts(place), NoPublic: !place.ReceivesPublic()}
	if day, err := time.Parse(time.DateOnly, place.UpdatedOn); err == nil {
		v.Updated = fmt.Sprintf("%s %d", booking.DayInWords(day, time.UTC), day.Year())
	}
	if err := p.week(r, &v, place, q); err != nil {
		p.Logger.Error("the slots of a place could not be listed", "lieu", place.ID, "err", err)
		p.tell(w, r, unavailable, next{placePath(place.ID), "Voir ce lieu"})
		return
	}
	if s, err := p.SignIn.Desk.Who(r.Context(), cookie(r, sessionCookie)); err == nil {
		if may, err := p.SignIn.Desk.MayBook(r.Context(), s.Account); err == nil && may {
			v.FormToken, v.Key = signin.FormToken(cookie(r, sessionCookie)), p.newKey()
		}
	}
	w.Header().Del("X-Robots-Tag")
	p.write(w, r, http.StatusOK, "place", view{Title: place.Name, Wide: true, Of: &v})
}

// week fills in a week of slots, of one motif. What a link asks for that is not there is not taken for an error: links live
// longer than motifs.
func (p *pages) week(r *http.Request, v *placePage, place *booking.Place, q url.Values) error {
	now := p.Now()
	start := midnight(now, place.Zone)
	if day, err := time.ParseInLocation(time.DateOnly, q.Get("semaine"), place.Zone); err == nil && day.After(start) && day.Before(start.AddDate(1, 0, 0)) {
		start = day
	}
	end := start.AddDate(0, 0, 7)
	from := booking.Bound{At: start}
	if start.Before(now) {
		from.At = now
	}
	offer, err := p.Service.SlotsOf(r.Context(), place.ID, &from, &booking.Bound{At: start.AddDate(0, 0, 14)}, "")
	if err != nil {
		return err
	}
	listing, err := p.Service.Place(r.Context(), place.ID)
	if err != nil {
		return err
	}
	motif, ok := motifOf(offer.Motifs, q)
	var slots []booking.Slot
	for _, x := range offer.Slots {
		if x.Motif.ID == motif.ID {
			slots = append(slots, x)
		}
	}
	v.State, v.Next = p.stateInWords(offer), p.action(place, listing.Next)
	if v.Moving = q.Get("deplacer"); v.Moving != "" {
		v.Keep = append(v.Keep, hiddenValue{"deplacer", v.Moving})
	}
	if !ok {
		return nil
	}
	v.Motif, v.Conditions = motifInWords(motif), lines(motif.Conditions)
	if len(offer.Motifs) > 1 {
		for _, m := range offer.Motifs {
			v.Motifs = append(v.Motifs, choice{Value: m.ID, Words: m.Label, Chosen: m.ID == motif.ID})
		}
	}
	v.days(slots, start, end, place.Zone)
	at := func(day time.Time) string {
		return placePath(place.ID) + "?" + with(q, "semaine", day.Format(time.DateOnly)).Encode() + "#creneaux"
	}
	if start.After(now) {
		v.Earlier = at(start.AddDate(0, 0, -7))
	}
	v.Later = at(end)
	if next7 := slices.IndexFunc(slots, func(x booking.Slot) bool { return x.Start >= end.Unix() }); len(v.Days) == 0 && next7 >= 0 {
		x := slotOf(slots[next7], place.Zone)
		v.First = &next{v.Later, x.Day + " à " + x.Hour}
	}
	return nil
}

// days groups slots by day; those of the week only.
func (v *placePage) days(slots []booking.Slot, start, end time.Time, zone *time.Location) {
	v.Week = "du " + booking.DayInWords(start, zone) + " au " + booking.DayInWords(end.Add(-time.Hour), zone)
	for _, x := range slots {
		if x.Start >= end.Unix() {
			return
		}
		line := slotOf(x, zone)
		if n := len(v.Days); n == 0 || v.Days[n-1].Label != line.Day {
			v.Days = append(v.Days, day{Label: line.Day})
		}
		last := &v.Days[len(v.Days)-1]
		last.Slots = append(last.Slots, line)
	}
}

func midnight(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}

// motifOf is the motif that is asked for, or the first for the services that are, or the first.
func motifOf(motifs []booking.Motif, q url.Values) (booking.Motif, bool) {
	for _, wanted := range []func(booking.Motif) bool{
		func(m booking.Motif) bool { return m.ID == q.Get("motif") },
		func(m booking.Motif) bool { return m.Serves(q["pour"]) },
		func(booking.Motif) bool { return true },
	} {
		if i := slices.IndexFunc(motifs, wanted); i >= 0 {
			return motifs[i], true
		}
	}
	return booking.Motif{}, false
}

var modalities = map[booking.Modality]string{
	booking.OnSite: "sur place", booking.ByPhone: "par téléphone", booking.ByVideo: "en visioconférence", booking.AtHome: "au domicile de la personne",
}

func motifInWords(m booking.Motif) string {
	s := m.Label + ", " + booking.LengthInWords(m.Duration) + ", " + cmp.Or(modalities[m.Modality], string(m.Modality))
	if m.Validation == booking.ByStructure {
		s += " ; le lieu doit accepter la demande"
	}
	return s
}

// facts are in the order in which an aidant asks.
func (p *pages) facts(place *booking.Place) []fact {
	var out []fact
	add := func(term string, text ...string) {
		if text = lines(text...); len(text) > 0 {
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
	start := midnight(p.Now(), place.Zone)
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

// lines are the texts that say something.
func lines(text ...string) []string {
	return slices.DeleteFunc(slices.Clone(text), func(s string) bool { return strings.TrimSpace(s) == "" })
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
