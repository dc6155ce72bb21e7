package web

import (
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"passerelle/booking"
)

// placeLine is a place in a list.
type placeLine struct {
	Path, Name, Where, Distance, State string
	Point                              *booking.Point // nil where the place has none
	Slots                              []slotLine
	Later                              *next // its first slot after two weeks without
	Next                               *action
}

// slotLine is a slot as it is offered.
type slotLine struct {
	ID, Path  string // what it is booked by, and the page where that begins
	Day, Hour string
	Words     string // day, hour and motif, for who only hears it
	Seats     int    // left, of a group session; zero: nobody counts them
	Books     bool
}

// action is what to do where nothing can be booked here.
type action struct {
	Words string
	Link  any // a string of others', or an address of ours
	Label string
}

// placePath is the page of a place, which stays the same for as long as the place keeps its id.
func placePath(id string) string { return "/lieux/" + url.PathEscape(id) }

// placeFor is the page of a place, for somebody who comes for some services.
func placeFor(id string, services []string) string {
	if len(services) == 0 {
		return placePath(id)
	}
	return placePath(id) + "?" + url.Values{"pour": services}.Encode()
}

func (p *pages) placeLine(l booking.SlotResult, services []string) placeLine {
	line := placeLine{Path: placeFor(l.Place.ID, services), Name: l.Place.Name, Point: l.Place.Point, Where: strings.Join(l.Place.Postal(), ", "), State: p.stateInWords(&l.Offer), Next: p.action(l.Place, l.Next)}
	line.Later = laterOf(l.Later, l.Place.Zone, func(day time.Time) string {
		return placePath(l.Place.ID) + "?" + url.Values{"pour": services, "semaine": {day.Format(time.DateOnly)}}.Encode() + "#creneaux"
	})
	if l.DistanceKM != nil {
		line.Distance = "à " + kilometres(*l.DistanceKM)
	}
	for _, x := range l.Slots {
		if x.Books {
			line.Slots = append(line.Slots, slotOf(x, l.Place.Zone))
		}
	}
	return line
}

func slotOf(x booking.Slot, zone *time.Location) slotLine {
	id := x.ID()
	s := slotLine{
		ID: id, Path: "/reserver?creneau=" + url.QueryEscape(id), Books: x.Books,
		Day: booking.DayInWords(x.StartTime(), zone), Hour: booking.HourInWords(x.StartTime(), zone),
	}
	s.Words = s.Day + " à " + s.Hour
	if x.Motif.Group {
		s.Seats = x.Seats
		s.Words += fmt.Sprintf(", %d places", x.Seats)
	}
	return s
}

// kilometres is a distance as it is said: to the hundred metres below ten kilometres.
func kilometres(km float64) string {
	if km < 10 {
		return strings.Replace(fmt.Sprintf("%.1f km", km), ".", ",", 1)
	}
	return fmt.Sprintf("%.0f km", km)
}

// action says what to do about a place; nil where a slot can be booked.
func (p *pages) action(place *booking.Place, n booking.NextAction) *action {
	switch n.Type {
	case booking.ToBook:
		return nil
	case booking.ToFollow:
		return &action{"Les rendez-vous se prennent sur le site du lieu :", n.Value, "ouvrir la page de réservation"}
	case booking.ToCall:
		return &action{"Téléphonez au", telephone(n.Value), booking.PhoneInDigits(n.Value)}
	case booking.ToWrite:
		return &action{"Écrivez à", letterTo(place, n.Value), n.Value}
	case booking.ToCome:
		return &action{Words: "Sans rendez-vous : ouvert " + booking.InWords(n.When, place.Zone) + "."}
	}
	return &action{Words: "Ce lieu ne publie aucun moyen de le joindre."}
}

// telephone is the address that dials a number. It is of digits alone, and said to be safe: html/template lets no other "tel:"
// through.
func telephone(number string) template.URL {
	return template.URL("tel:" + strings.Map(func(r rune) rune { // #nosec G203 -- digits
		if r != '+' && (r < '0' || r > '9') {
			return -1
		}
		return r
	}, number))
}

// letterTo is a mail with its text prepared; it names nobody.
func letterTo(place *booking.Place, to string) string {
	text := "Bonjour,\n\nJ'accompagne une personne qui souhaite être aidée avec le numérique, chez vous (" + place.Name + "). " +
		"Pouvez-vous me proposer un rendez-vous ?\n\nSes disponibilités : \nMon téléphone : \n\nMerci."
	escaped := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") } // a "&" ends it, a "+" is no blank (RFC 6068)
	return "mailto:" + url.PathEscape(to) + "?subject=" + escaped("Demande de rendez-vous") + "&body=" + escaped(text)
}

// stateInWords says how well a place's slots are known, and why there is none; empty where there is nothing to know.
func (p *pages) stateInWords(o *booking.Offer) string {
	seen := ""
	if !o.ObservedAt.IsZero() {
		seen = "Agenda lu " + booking.AgoInWords(p.Now().Sub(o.ObservedAt)) + "."
	}
	switch o.State {
	case booking.NoAgenda:
		return ""
	case booking.Unknown:
		return "Son agenda ne répond pas en ce moment : ses créneaux ne sont pas connus."
	case booking.Stale:
		seen = strings.TrimSuffix(seen, ".") + ", et il ne répond plus depuis : un créneau choisi sera d'abord vérifié."
	}
	if why := emptyInWords(o.Empty); why != "" {
		return why + " " + seen
	}
	return seen
}

func emptyInWords(e booking.EmptyReason) string {
	switch e {
	case booking.Full:
		return "Tout est pris dans les deux semaines."
	case booking.Closed:
		return "Pas d'ouverture dans les deux semaines."
	case booking.TooSoon:
		return "Il est trop tard pour réserver les prochaines ouvertures."
	case booking.TooFar:
		return "Les réservations ne sont pas encore ouvertes si loin."
	case booking.SourceFailed:
		return "Son agenda ne répond pas."
	}
	return ""
}
