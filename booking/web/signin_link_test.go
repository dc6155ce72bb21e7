package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestLinksAreGoodOnceAndForOneThing(t *testing.T) {
	h := newHouse(t, false, nil)
	b := h.signedIn("camille@mairie.exemple.fr")
	used := h.last().link
	h.want("a link that was used", b.get(used), http.StatusGone, "déjà servi")
	h.want("a link that was used, sent again", h.browser().submit(b.get("/connexion"), used), http.StatusForbidden, "")
	x := h.browser()
	h.want("a link that was used, in a form", x.submit(x.get("/connexion"), used), http.StatusGone, "déjà servi")
	if x.cookies[sessionCookie] != "" {
		t.Error("a link signs in twice")
	}
	x.submit(x.get("/connexion"), "/connexion/courriel", "courriel", "x@exemple.fr")
	late := h.last().link
	h.later(15 * time.Minute)
	h.want("a link that comes late", x.submit(x.get("/connexion"), late), http.StatusGone, "")

	b = h.signedIn("camille@mairie.exemple.fr")
	b.submit(b.get("/compte"), "/compte/lieux", "lieu", "lieu-1")
	place := h.last()
	if place.to != "accueil@lieu-1.exemple.fr" || place.who != "<camille@mairie.exemple.fr>" || place.place != "Médiathèque, Eurre" {
		t.Fatalf("%+v", place)
	}
	token := place.link[strings.LastIndexByte(place.link, '/')+1:]
	h.want("a place's link to sign in with", x.get("/connexion/lien/"+token), http.StatusGone, "")
	h.want("a place's link to sign in with", x.submit(x.get("/connexion"), "/connexion/lien/"+token), http.StatusGone, "")
	x.submit(x.get("/connexion"), "/connexion/courriel", "courriel", "x@exemple.fr")
	signIn := h.last().link
	h.want("a sign-in's link for a place", x.submit(x.get("/connexion"), "/compte/lien/"+signIn[strings.LastIndexByte(signIn, '/')+1:]), http.StatusGone, "")

	at := h.browser() // at the place
	h.want("the place's link", at.get(place.link), 200, "Médiathèque, Eurre")
	h.want("the place's link", at.get(place.link), 200, "camille@mairie.exemple.fr")
	h.want("before", b.get("/compte"), 200, "Pas encore")
	h.want("accepting", at.submit(at.get(place.link), place.link), 200, "répond maintenant de ce lieu")
	h.want("after", b.get("/compte"), 200, "Médiathèque, Eurre")
	h.want("after", b.get("/compte"), 200, "Réserver pour quelqu'un</dt><dd>Oui")
	h.want("accepting twice", at.submit(at.get("/connexion"), place.link), http.StatusGone, "")
	if at.cookies[sessionCookie] != "" {
		t.Error("who accepts is signed in")
	}
}

func TestAPlaceThatPublishesAnotherAddressSinceThen(t *testing.T) {
	emails := []string{"accueil@lieu-1.exemple.fr"}
	h := newHouse(t, false, nil)
	h.desk.Publishes = func(_, address string) bool { return len(emails) > 0 && address == emails[0] }
	b := h.signedIn("camille@mairie.exemple.fr")
	b.submit(b.get("/compte"), "/compte/lieux", "lieu", "lieu-1")
	link := h.last().link
	emails = nil
	x := h.browser()
	h.want("a link to an address of before", x.submit(x.get(link), link), http.StatusGone, "ne publie plus")
	h.want("her account", b.get("/compte"), 200, "Pas encore")
}

func TestWhatCannotBeSentIsSaid(t *testing.T) {
	h := newHouse(t, false, nil)
	b := h.signedIn("camille@mairie.exemple.fr")
	account := b.get("/compte")
	h.want("an unknown place", b.submit(account, "/compte/lieux", "lieu", "lieu-9"), 422, "Aucun lieu")
	h.want("a place without address", b.submit(account, "/compte/lieux", "lieu", "lieu-3"), 422, "ne publie pas")
	h.want("a place with half an address", b.submit(account, "/compte/lieux", "lieu", "lieu-2"), 200, "a…@lieu-2.exemple.fr")
	h.full = true
	h.want("too many mails", b.submit(account, "/compte/lieux", "lieu", "lieu-1"), http.StatusTooManyRequests, "Attendez la réponse")
	x := h.browser()
	h.want("too many mails", x.submit(x.get("/connexion"), "/connexion/courriel", "courriel", "x@exemple.fr"), http.StatusTooManyRequests, "attendez une heure")
	h.full, h.noMail = false, errors.New("no mail today")
	h.want("no mail", b.submit(account, "/compte/lieux", "lieu", "lieu-1"), http.StatusServiceUnavailable, "n'est pas parti")
	h.want("no mail", x.submit(x.get("/connexion"), "/connexion/courriel", "courriel", "x@exemple.fr"), http.StatusServiceUnavailable, "n'est pas parti")
}

func TestWhoAsksForAMailIsCounted(t *testing.T) {
	h := newHouse(t, false, nil)
	b := h.signedIn("camille@mairie.exemple.fr")
	h.want("two addresses", b.submit(b.get("/compte"), "/compte/lieux", "lieu", "lieu-2"), 200, "a…@lieu-2.exemple.fr, m…@lieu-2.exemple.fr")
	id := must(h.ledger.Accounts(t.Context()))[0].ID
	want := []string{"connexion 127.0.0.1 camille@mairie.exemple.fr", "lieu " + id + " accueil@lieu-2.exemple.fr", "lieu " + id + " mairie@lieu-2.exemple.fr"}
	if strings.Join(h.asked, "\n") != strings.Join(want, "\n") {
		t.Errorf("counted: %q, want %q", h.asked, want)
	}
	if h.last().to != "mairie@lieu-2.exemple.fr" || len(h.sent) != 3 {
		t.Errorf("%+v", h.sent)
	}
}
