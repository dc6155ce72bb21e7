package web

import (
	"context"
	"net/http"
	"slices"

	"passerelle/booking"
)

// Evenings keeps which places want the list of the next day by mail.
type Evenings interface {
	// KeepEvening keeps where a place wants it; an empty address ends it.
	KeepEvening(ctx context.Context, place *booking.Place, address, by string) error
	// Evening is what a place has asked for; the zero value where it never has.
	Evening(ctx context.Context, place *booking.Place) (booking.Evening, error)
}

// eveningList is the part of a page about the list of the next day.
type eveningList struct {
	Action, FormToken, Address string
	Addresses                  []choice // that it can go to
	Lost                       bool     // the address is the place's no more
}

// CalendarPath is the page where a place says how else it wants to see its appointments.
func CalendarPath(place string) string { return structurePath(place) + "/calendrier" }

// eveningList is nil where no mail is sent.
func (p *pages) eveningList(ctx context.Context, place *booking.Place, formToken string) (*eveningList, error) {
	if p.Evenings == nil {
		return nil, nil
	}
	e, err := p.Evenings.Evening(ctx, place)
	if err != nil {
		return nil, err
	}
	all := p.Service.AddressesOf(place)
	v := &eveningList{Action: CalendarPath(place.ID) + "/liste", FormToken: formToken, Address: e.Address, Lost: e.Address != "" && !slices.Contains(all, e.Address)}
	for i, address := range all {
		v.Addresses = append(v.Addresses, choice{Value: address, Words: address, Chosen: address == e.Address || i == 0 && (e.Address == "" || v.Lost)})
	}
	return v, nil
}

// keepEvening takes one of the addresses that were offered, or ends the list. Persons are named in it: it goes nowhere else.
func (p *pages) keepEvening(w http.ResponseWriter, r *http.Request) {
	s, place, form, ok := p.placeToChange(w, r)
	if !ok {
		return
	}
	if p.Evenings == nil {
		p.tell(w, r, unknownLink)
		return
	}
	address, done := form.Get("courriel"), "liste"
	switch {
	case form.Get("liste") == "arreter":
		address, done = "", "sans_liste"
	case !slices.Contains(p.Service.AddressesOf(place), address):
		p.calendarPage(w, r, s, place, "", "Choisissez une des adresses du lieu. Rien n'a changé.")
		return
	}
	if err := p.Evenings.KeepEvening(r.Context(), place, address, s.Account.ID); err != nil {
		p.Logger.Error("whether a place wants lists was not kept", "lieu", place.ID, "err", err)
		p.tell(w, r, unavailable, next{CalendarPath(place.ID), "Revenir"})
		return
	}
	p.redirect(w, r, CalendarPath(place.ID)+"?fait="+done)
}
