package events

import (
	"fmt"
	"strings"

	"passerelle/booking"
)

// smsHeads are how short messages begin. None says what the person comes for: a telephone lies on a table.
var smsHeads = map[booking.Topic]string{
	booking.AboutConfirmation: "RDV confirmé : ",
	booking.AboutMove:         "RDV déplacé, nouvelle date : ",
	booking.AboutReminder:     "Rappel de votre RDV : ",
	booking.AboutCancellation: "RDV annulé : ",
	booking.AboutRefusal:      "RDV refusé par le lieu : ",
	booking.AboutExpiry:       "RDV sans réponse du lieu : ",
}

// smsWords are what a short message is made of, each in the alphabet of short messages.
type smsWords struct {
	head, place, street, commune, phone, code string
	off                                       bool // it does not take place
}

// smsText writes the short message of a message to the person. There is never more than one.
func smsText(t booking.Told, p *booking.Place) (string, error) {
	head, ok := smsHeads[t.About]
	if !ok {
		return "", fmt.Errorf("events: no short message about %s", t.About)
	}
	a := t.Subject
	when := inWords(a, p)
	if !a.Interval.Empty() {
		when = booking.InFewWords(a.StartTime(), p.Zone)
	}
	street, commune := goesTo(a, p)
	w := smsWords{
		head: gsm(head + when), place: gsm(booking.OneLine(p.Name)), phone: gsm(booking.PhoneInDigits(booking.OneLine(p.Phone))),
		street: gsm(street), commune: gsm(commune), code: a.Code(), off: isOff(t.About),
	}
	return w.fit(), nil
}

// isOff reports whether a message says that somebody need not come.
func isOff(about booking.Topic) bool {
	return about == booking.AboutCancellation || about == booking.AboutRefusal || about == booking.AboutExpiry
}

// goesTo is where the person goes, and the postal code and the commune where that is the place.
func goesTo(a booking.Appointment, p *booking.Place) (street, commune string) {
	w := a.Whereabouts(p)
	switch {
	case w.Elsewhere != "":
		return w.Elsewhere, ""
	case w.How != "" && a.Motif.Modality == booking.AtHome: // it is she who reads it
		return "chez vous", ""
	case w.How != "":
		return w.How, ""
	}
	return booking.OneLine(p.Address), p.Locality()
}

// longestPlace is how much of a place's name is kept where there is not room for all.
const longestPlace = 30

// fit shortens, always in this order, until one message holds it: the postal code and the commune, the end of the
// place's name, the code, the address, the telephone number. When it is stays.
func (w smsWords) fit() string {
	for _, shorten := range []func(){
		func() {},
		func() { w.commune = "" },
		func() { w.place = cutTo(w.place, longestPlace) },
		func() { w.code = "" },
		func() { w.street = "" },
		func() { w.phone = "" },
	} {
		shorten()
		if text := w.text(); septets(text) <= smsSeptets {
			return text
		}
	}
	return cutTo(w.text(), smsSeptets)
}

func (w smsWords) text() string {
	var where []string
	for _, s := range []string{w.head, w.place, w.street, w.commune} {
		if s != "" {
			where = append(where, s)
		}
	}
	text := strings.Join(where, ", ") + "."
	switch {
	case w.off && w.phone != "":
		text += " Il n'aura pas lieu. Tél. " + w.phone
	case w.off:
		text += " Il n'aura pas lieu."
	case w.phone != "" && w.code != "":
		text += " Annuler : " + w.phone + ", code " + w.code
	case w.phone != "":
		text += " Annuler : " + w.phone
	}
	return text
}
