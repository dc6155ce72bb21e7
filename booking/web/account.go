package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"passerelle/auth/signin"
	"passerelle/booking"
)

// account is the page of who is signed in.
type account struct {
	Who, Address, FormToken   string
	MayBook, Operator, MayRun bool
	Places                    []string // names
	Sent                      string   // where a link was just sent, not in full
	Place                     string   // what was written into the form
}

var (
	signedOut = page{http.StatusOK, "Vous êtes déconnecté", []string{"Ce navigateur n'est plus connecté à la passerelle."}}
	placeOver = page{http.StatusGone, "Ce lien n'est plus valable", []string{
		"Il a déjà servi, son délai est passé, ou le lieu ne publie plus cette adresse. La personne peut refaire sa demande.",
	}}
	placeGiven = page{http.StatusOK, "C'est fait", []string{
		"Ce compte répond maintenant de ce lieu. Si c'était une erreur, écrivez à l'exploitant de la passerelle.", "Vous pouvez fermer cette page.",
	}}
	unavailable = page{http.StatusServiceUnavailable, "Service indisponible", []string{"Rien n'a changé. Réessayez dans quelques minutes."}}
)

// who is the session of a browser; false when it was sent to sign in, or told that this is not known now.
func (p *pages) who(w http.ResponseWriter, r *http.Request) (signin.Session, bool) {
	s, err := p.SignIn.Desk.Who(r.Context(), cookie(r, sessionCookie))
	switch {
	case errors.Is(err, signin.ErrUnknown):
		p.redirect(w, r, "/connexion?retour="+url.QueryEscape(home))
		return s, false
	case err != nil:
		p.Logger.Error("a session could not be read", "err", err)
		p.tell(w, r, unavailable)
		return s, false
	}
	return s, true
}

func (p *pages) showAccount(w http.ResponseWriter, r *http.Request) {
	if s, ok := p.who(w, r); ok {
		p.account(w, r, s, account{}, "")
	}
}

func (p *pages) account(w http.ResponseWriter, r *http.Request, s signin.Session, a account, wrong string) {
	var err error
	if a.MayBook, err = p.SignIn.Desk.MayBook(r.Context(), s.Account); err != nil {
		p.Logger.Error("what an account may do could not be read", "err", err)
		p.tell(w, r, unavailable)
		return
	}
	a.Who, a.Address, a.Operator, a.MayRun = s.Account.Name, s.Account.Address, s.Account.Operator, s.MayRun()
	a.FormToken = signin.FormToken(cookie(r, sessionCookie))
	for _, id := range s.Account.Places {
		a.Places = append(a.Places, nameOf(p.Place(id), id))
	}
	status := http.StatusOK
	if wrong != "" {
		status = http.StatusUnprocessableEntity
	}
	p.write(w, r, status, "account", view{Title: "Votre compte", Wrong: wrong, Of: a})
}

func nameOf(place *booking.Place, id string) string {
	if place == nil {
		return id
	}
	return place.Name + ", " + place.Commune
}

// askForPlace sends a link to the address that the place publishes: who reads it says whether this account is one that
// answers for the place.
func (p *pages) askForPlace(w http.ResponseWriter, r *http.Request) {
	s, ok := p.who(w, r)
	if !ok {
		return
	}
	form, ok := p.form(w, r, sessionCookie)
	if !ok {
		return
	}
	asked := strings.TrimSpace(form.Get("lieu"))
	place := p.Place(asked)
	if place == nil {
		p.account(w, r, s, account{Place: asked}, "Aucun lieu ne porte cet identifiant. C'est celui de la colonne « id » du fichier des lieux.")
		return
	}
	for _, published := range place.Emails {
		address, err := signin.ParseAddress(published)
		if err != nil {
			continue
		}
		if !p.SignIn.Allow(r.Context(), address) {
			p.tell(w, r, tooMany)
			return
		}
		if err := p.sendPlaceLink(r.Context(), s.Account, place, address); err != nil {
			p.Logger.Error("a link for a place was not sent", "lieu", place.ID, "err", err)
			p.tell(w, r, linkNotSent)
			return
		}
		p.account(w, r, s, account{Sent: masked(address)}, "")
		return
	}
	p.account(w, r, s, account{Place: asked}, "Ce lieu ne publie pas d'adresse de courriel : demandez à l'exploitant de la passerelle, qui vérifiera autrement.")
}

func (p *pages) sendPlaceLink(ctx context.Context, a signin.Account, place *booking.Place, address string) error {
	if !p.SignIn.ByMail {
		return signin.ErrOff
	}
	token, err := p.SignIn.Desk.AskForPlace(ctx, a.ID, place.ID, address)
	if err != nil {
		return err
	}
	return p.SignIn.SendPlaceLink(ctx, address, p.Public+"/compte/lien/"+token, described(a), nameOf(place, place.ID))
}

// described is an account in words, for who must know it again.
func described(a signin.Account) string { return strings.TrimSpace(a.Name + " " + a.Address) }

// masked is an address of which one knows again what one knew.
func masked(address string) string {
	name, domain, _ := strings.Cut(address, "@")
	return name[:1] + "…@" + domain
}

// showPlaceLink asks. It changes nothing.
func (p *pages) showPlaceLink(w http.ResponseWriter, r *http.Request) {
	l, err := p.SignIn.Desk.Link(r.Context(), signin.APlace, r.PathValue("jeton"))
	if err != nil {
		p.tell(w, r, p.placeLinkFailed(err))
		return
	}
	asks, err := p.SignIn.Desk.Account(r.Context(), l.Account)
	if err != nil {
		p.tell(w, r, p.placeLinkFailed(err))
		return
	}
	p.write(w, r, http.StatusOK, "account_link", view{Title: "Qui répond de ce lieu ?", Of: map[string]string{
		"Who": described(asks), "Place": nameOf(p.Place(l.Place), l.Place), "FormToken": signin.FormToken(p.visit(w, r)),
	}})
}

func (p *pages) takePlaceLink(w http.ResponseWriter, r *http.Request) {
	if _, ok := p.form(w, r, visitCookie); !ok {
		return
	}
	if _, err := p.SignIn.Desk.GrantPlace(r.Context(), r.PathValue("jeton")); err != nil {
		p.tell(w, r, p.placeLinkFailed(err))
		return
	}
	p.tell(w, r, placeGiven)
}

func (p *pages) placeLinkFailed(err error) page {
	if errors.Is(err, signin.ErrUnknown) {
		return placeOver
	}
	p.Logger.Error("a link for a place could not be read", "err", err)
	return unavailable
}

// signOut ends the session, and leads to where the provider's own is ended.
func (p *pages) signOut(w http.ResponseWriter, r *http.Request) {
	if _, ok := p.form(w, r, sessionCookie); !ok {
		return
	}
	farewell, err := p.SignIn.Desk.SignOut(r.Context(), cookie(r, sessionCookie))
	if err != nil && !errors.Is(err, signin.ErrUnknown) {
		p.Logger.Error("a session was not ended", "err", err)
		p.tell(w, r, unavailable)
		return
	}
	dropCookie(w, sessionCookie)
	if farewell == "" {
		p.tell(w, r, signedOut)
		return
	}
	p.write(w, r, http.StatusOK, "signed_out", view{Title: signedOut.title, Of: map[string]string{"Provider": p.SignIn.Provider, "Farewell": farewell}})
}
