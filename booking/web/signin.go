package web

import (
	"context"
	"errors"
	"net/http"

	"passerelle/auth/signin"
)

// SignIn is what the pages of signing in need beside the desk.
type SignIn struct {
	Desk     *signin.Desk
	Provider string // what people call the provider; empty: there is none
	ByMail   bool   // whether a link can be sent
	// SendLink mails the link to sign in; SendPlaceLink the one by which an account answers for a place. name is whom to
	// believe: what the account says of itself.
	SendLink      func(ctx context.Context, to, link string) error
	SendPlaceLink func(ctx context.Context, to, link, who, place string) error
	// Allow takes one mail from those that an address is sent in an hour.
	Allow func(ctx context.Context, address string) bool
}

// ways are the ways to sign in, as the page offers them.
type ways struct {
	Provider, Back, FormToken, Address string
	ByMail                             bool
}

var (
	signInOff = page{http.StatusNotFound, "Connexion impossible", []string{
		"Cette passerelle n'a pas de connexion pour les personnes : ni fournisseur d'identité, ni serveur de courriel.", "Chercher un lieu ne demande pas de se connecter.",
	}}
	linkOver = page{http.StatusGone, "Ce lien n'est plus valable", []string{
		"Il a déjà servi, ou son délai est passé. Demandez-en un nouveau : il suffit de recommencer.",
	}}
	stateOver = page{http.StatusBadRequest, "La connexion n'a pas abouti", []string{
		"La réponse n'est pas celle que ce navigateur attendait, ou elle arrive trop tard. Recommencez depuis la page de connexion.",
		"Si cela se répète, vérifiez que votre navigateur accepte les cookies.",
	}}
	signInDenied = page{http.StatusForbidden, "Vous n'êtes pas connecté", []string{
		"La connexion a été refusée ou annulée. Vous pouvez recommencer, ou choisir une autre façon de vous connecter.",
	}}
	providerBroken = page{http.StatusBadGateway, "La connexion n'a pas abouti", []string{
		"Le fournisseur d'identité ne répond pas comme prévu. Réessayez dans quelques minutes ; l'exploitant de la passerelle peut voir pourquoi dans son journal.",
	}}
	linkSent = page{http.StatusOK, "Regardez votre boîte de réception", []string{
		"Un lien vient d'être envoyé à cette adresse. Il est bon un quart d'heure, une seule fois.",
		"Il peut être ouvert sur un autre appareil : c'est celui-là qui sera connecté. Si rien n'arrive, regardez les indésirables.",
	}}
	linkNotSent = page{http.StatusServiceUnavailable, "Le courriel n'est pas parti", []string{
		"Le serveur de courriel ne l'a pas pris. Vérifiez l'adresse, ou réessayez dans quelques minutes.",
	}}
	formOver = page{http.StatusForbidden, "Ce formulaire n'est plus valable", []string{
		"Il vient d'une page trop ancienne, ou d'un autre site. Revenez à la page de connexion et recommencez.",
		"Si cela se répète, vérifiez que votre navigateur accepte les cookies.",
	}}
	tooMany = page{http.StatusTooManyRequests, "Trop de courriels", []string{"Plusieurs liens ont déjà été envoyés à cette adresse. Servez-vous du dernier, ou attendez une heure."}}
)

// offerSignIn shows the ways. Back is where one goes afterwards.
func (p *pages) offerSignIn(w http.ResponseWriter, r *http.Request) {
	p.showWays(w, r, backTo(r.URL.Query().Get("retour")), "", "")
}

func (p *pages) showWays(w http.ResponseWriter, r *http.Request, back, address, wrong string) {
	if p.SignIn.Provider == "" && !p.SignIn.ByMail {
		p.tell(w, r, signInOff)
		return
	}
	status := http.StatusOK
	if wrong != "" {
		status = http.StatusUnprocessableEntity
	}
	p.write(w, r, status, "signin", view{Title: "Se connecter", Wrong: wrong, Of: ways{
		Provider: p.SignIn.Provider, ByMail: p.SignIn.ByMail, Back: back, Address: address, FormToken: signin.FormToken(p.visit(w, r)),
	}})
}

// home is where one goes who was not on the way to anywhere.
const home = "/compte"

func backTo(path string) string {
	if path = signin.LocalPath(path); path == "" {
		return home
	}
	return path
}

// toProvider sends the browser to the provider. It is a link and no form: browsers hold back a form that leads elsewhere.
func (p *pages) toProvider(w http.ResponseWriter, r *http.Request) {
	address, err := p.SignIn.Desk.ToProvider(r.Context(), p.visit(w, r), backTo(r.URL.Query().Get("retour")))
	if err != nil {
		p.tell(w, r, p.signInFailed(err))
		return
	}
	p.redirect(w, r, address)
}

// fromProvider is where the provider sends the browser back to.
func (p *pages) fromProvider(w http.ResponseWriter, r *http.Request) {
	answer := r.URL.Query()
	session, back, err := p.SignIn.Desk.FromProvider(r.Context(), cookie(r, visitCookie), signin.Answer{
		State: answer.Get("state"), Code: answer.Get("code"), Issuer: answer.Get("iss"),
	})
	p.entered(w, r, session, back, err)
}

// sendLink mails the link. What it answers does not depend on who is known: everybody may ask.
func (p *pages) sendLink(w http.ResponseWriter, r *http.Request) {
	form, ok := p.form(w, r, visitCookie)
	if !ok {
		return
	}
	back := backTo(form.Get("retour"))
	address, err := signin.ParseAddress(form.Get("courriel"))
	if err != nil {
		p.showWays(w, r, back, form.Get("courriel"), "Cette adresse de courriel n'est pas complète. Exemple : prenom.nom@example.org")
		return
	}
	if !p.SignIn.Allow(r.Context(), address) {
		p.tell(w, r, tooMany)
		return
	}
	token, err := p.SignIn.Desk.Invite(r.Context(), address, back)
	if err != nil {
		p.tell(w, r, p.signInFailed(err))
		return
	}
	if err := p.SignIn.SendLink(r.Context(), address, p.Public+"/connexion/lien/"+token); err != nil {
		p.Logger.Error("a link to sign in was not sent", "err", err)
		p.tell(w, r, linkNotSent)
		return
	}
	p.tell(w, r, linkSent)
}

// showLink asks whether to sign in. It changes nothing: programs open the links of mails before people do.
func (p *pages) showLink(w http.ResponseWriter, r *http.Request) {
	l, err := p.SignIn.Desk.Link(r.Context(), signin.SigningIn, r.PathValue("jeton"))
	if err != nil {
		p.tell(w, r, p.linkFailed(err))
		return
	}
	p.write(w, r, http.StatusOK, "signin_link", view{Title: "Se connecter", Of: map[string]string{
		"Address": l.Address, "FormToken": signin.FormToken(p.visit(w, r)),
	}})
}

func (p *pages) takeLink(w http.ResponseWriter, r *http.Request) {
	if _, ok := p.form(w, r, visitCookie); !ok {
		return
	}
	session, back, err := p.SignIn.Desk.ByLink(r.Context(), r.PathValue("jeton"))
	if errors.Is(err, signin.ErrUnknown) {
		p.tell(w, r, linkOver)
		return
	}
	p.entered(w, r, session, back, err)
}

// entered gives the browser its session, in place of any that it had, and sends it to where it was going.
func (p *pages) entered(w http.ResponseWriter, r *http.Request, session, back string, err error) {
	if err != nil {
		p.tell(w, r, p.signInFailed(err))
		return
	}
	if old := cookie(r, sessionCookie); old != "" {
		if _, err := p.SignIn.Desk.SignOut(r.Context(), old); err != nil && !errors.Is(err, signin.ErrUnknown) {
			p.Logger.Warn("an older session was not ended", "err", err)
		}
	}
	setCookie(w, sessionCookie, session)
	dropCookie(w, visitCookie)
	p.redirect(w, r, backTo(back))
}

// redirect always makes a GET of what follows.
func (p *pages) redirect(w http.ResponseWriter, r *http.Request, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	p.Logger.Info("page", "methode", r.Method, "page", "renvoi", "statut", http.StatusSeeOther)
}

func (p *pages) signInFailed(err error) page {
	switch {
	case errors.Is(err, signin.ErrState):
		return stateOver
	case errors.Is(err, signin.ErrDenied):
		return signInDenied
	case errors.Is(err, signin.ErrOff):
		return signInOff
	case errors.Is(err, signin.ErrProvider):
		p.Logger.Error("the provider did not sign somebody in", "err", err)
		return providerBroken
	}
	p.Logger.Error("somebody could not sign in", "err", err)
	return unavailable
}

func (p *pages) linkFailed(err error) page {
	if errors.Is(err, signin.ErrUnknown) {
		return linkOver
	}
	return p.signInFailed(err)
}
