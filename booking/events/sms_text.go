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
	w := smsWords{
		head: gsm(head + when), place: gsm(oneLine(p.Name)), phone: gsm(booking.PhoneInDigits(oneLine(p.Phone))),
		code: a.Code(), off: isOff(t.About),
	}
	w.street, w.commune = gsm(streetOf(a, p)), ""
	if whereabouts(a) == "" && a.Motif.Modality == booking.OnSite {
		w.commune = gsm(oneLine(p.PostalCode + " " + p.Commune))
	}
	return w.fit(), nil
}

// isOff reports whether a message says that somebody need not come.
func isOff(about booking.Topic) bool {
	return about == booking.AboutCancellation || about == booking.AboutRefusal || about == booking.AboutExpiry
}

func streetOf(a booking.Appointment, p *booking.Place) string {
	if where := whereabouts(a); where != "" {
		return where
	}
	switch a.Motif.Modality {
	case booking.ByPhone:
		return "par téléphone"
	case booking.ByVideo:
		return "en visioconférence"
	case booking.AtHome:
		return "chez vous"
	}
	return oneLine(p.Address)
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
