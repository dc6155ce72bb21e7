package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"

	"passerelle/auth/signin"
)

// SignIn is what the pages of signing in need beside the desk.
type SignIn struct {
	Desk     *signin.Desk
	Operator string // mail address of who runs the gateway, for those who wait; may be empty
	// SendLink mails the link to sign in; SendPlaceLink the one by which an account, described by who, answers for a place.
	SendLink      func(ctx context.Context, to, link string) error
	SendPlaceLink func(ctx context.Context, to, link, who, place string) error
	// Allow takes one mail from those that somebody may have sent for a purpose, and that an address is sent.
	Allow func(ctx context.Context, p signin.Purpose, asker, to string) bool
}

// provider is what people call the provider; empty where there is none.
func (s SignIn) provider() string {
	if s.Desk.Provider == nil {
		return ""
	}
	return s.Desk.Provider.Name
}

// ways are the ways to sign in, as the page offers them.
type ways struct {
	Provider, Back, FormToken, Address string
	ByMail, Wrong                      bool
}

var (
	signInOff = page{http.StatusNotFound, "Connexion impossible", []string{
		"Cette passerelle n'a pas de connexion pour les personnes : ni fournisseur d'identité, ni serveur de courriel.", "Chercher un lieu ne demande pas de se connecter.",
	}}
	linkOver = page{http.StatusGone, "Ce lien n'est plus valable", []string{
		"Il a déjà servi, ou son délai est passé. Demandez-en un nouveau.",
	}}
	stateOver = page{http.StatusBadRequest, "La connexion n'a pas abouti", []string{
		"La réponse n'est pas celle que ce navigateur attendait, ou elle arrive trop tard. Recommencez.",
		"Si cela se répète, vérifiez que votre navigateur accepte les cookies.",
	}}
	signInDenied = page{http.StatusForbidden, "La connexion n'a pas abouti", []string{
		"La connexion a été refusée ou annulée. Vous pouvez recommencer, ou choisir une autre façon de vous connecter.",
	}}
	providerBroken = page{http.StatusBadGateway, "La connexion n'a pas abouti", []string{
		"Le fournisseur d'identité ne répond pas comme prévu. Réessayez dans quelques minutes ; l'exploitant de la passerelle peut voir pourquoi dans son journal.",
	}}
	linkNotSent = page{http.StatusServiceUnavailable, "Le courriel n'est pas parti", []string{
		"Le serveur de courriel ne l'a pas pris. Vérifiez l'adresse, ou réessayez dans quelques minutes.",
	}}
	formOver = page{http.StatusForbidden, "Ce formulaire n'est plus valable", []string{
		"Il vient d'une page trop ancienne, ou d'un autre site. Recommencez.",
		"Si cela se répète, vérifiez que votre navigateur accepte les cookies.",
	}}
	tooMany = page{http.StatusTooManyRequests, "Trop de courriels", []string{"Plusieurs liens viennent d'être envoyés. Servez-vous du dernier reçu, ou attendez une heure."}}
)

// offerSignIn shows the ways. Back is where one goes afterwards.
func (p *pages) offerSignIn(w http.ResponseWriter, r *http.Request) {
	p.showWays(w, r, backTo(r.URL.Query().Get("retour")), "", "")
}

func (p *pages) showWays(w http.ResponseWriter, r *http.Request, back, address, wrong string) {
	if p.SignIn.provider() == "" && !p.SignIn.Desk.ByMail {
		p.tell(w, r, signInOff)
		return
	}
	p.write(w, r, http.StatusOK, "signin", view{Title: "Se connecter", Wrong: wrong, Of: ways{
		Provider: p.SignIn.provider(), ByMail: p.SignIn.Desk.ByMail, Back: back, Address: address, FormToken: signin.FormToken(p.visit(w, r)), Wrong: wrong != "",
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
	back := backTo(r.URL.Query().Get("retour"))
	address, err := p.SignIn.Desk.ToProvider(r.Context(), p.visit(w, r), back)
	if err != nil {
		p.tell(w, r, p.signInFailed(err), signInAgain(back))
		return
	}
	p.redirect(w, r, address)
}

// fromProvider is where the provider sends the browser back to.
func (p *pages) fromProvider(w http.ResponseWriter, r *http.Request) {
	answer := r.URL.Query()
	session, back, err := p.SignIn.Desk.FromProvider(r.Context(), cookie(r, visitCookie), signin.Answer{
		State: answer.Get("state"), Code: answer.Get("code"), Issuer: answer.Get("iss"), Error: answer.Get("error"),
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
		p.showWays(w, r, back, form.Get("courriel"), "Cette adresse ne peut pas servir ici : vérifiez-la, elle s'écrit sans accent. Exemple : prenom.nom@example.org")
		return
	}
	if !p.SignIn.Allow(r.Context(), signin.SigningIn, caller(r), address) {
		p.tell(w, r, tooMany, signInAgain(back))
		return
	}
	token, err := p.SignIn.Desk.Invite(r.Context(), address, back)
	if err != nil {
		p.tell(w, r, p.signInFailed(err), signInAgain(back))
		return
	}
	if err := p.SignIn.SendLink(r.Context(), address, p.Public+"/connexion/lien/"+token); err != nil {
		p.Logger.Error("a link to sign in was not sent", "err", err)
		p.tell(w, r, linkNotSent, signInAgain(back))
		return
	}
	p.tell(w, r, linkSent(address), signInAgain(back))
}

func linkSent(address string) page {
	return page{http.StatusOK, "Regardez votre boîte de réception", []string{
		"Un lien vient d'être envoyé à " + address + ". Il est bon un quart d'heure, une seule fois.",
		"Il peut être ouvert sur un autre appareil : c'est celui-là qui sera connecté. Si rien n'arrive, regardez les indésirables, et si l'adresse est la bonne.",
	}}
}

// caller is where a call comes from: the address of the connection, or what who hands the pages their calls has put there.
func caller(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// signInAgain leads back to the ways to sign in, and from there to where one was going.
func signInAgain(back string) next {
	return next{"/connexion?retour=" + url.QueryEscape(backTo(back)), "Revenir à la page de connexion"}
}

// showLink asks whether to sign in. It changes nothing: programs open the links of mails before people do.
func (p *pages) showLink(w http.ResponseWriter, r *http.Request) {
	l, err := p.SignIn.Desk.Link(r.Context(), signin.SigningIn, r.PathValue("jeton"))
	if err != nil {
		p.tell(w, r, p.signInFailed(err), signInAgain(""))
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
	p.entered(w, r, session, back, err)
}

// entered gives the browser its session, in place of any that it had, and sends it to where it was going.
func (p *pages) entered(w http.ResponseWriter, r *http.Request, session, back string, err error) {
	if err != nil {
		p.tell(w, r, p.signInFailed(err), signInAgain(back))
		return
	}
	if old := cookie(r, sessionCookie); old != "" {
		if _, _, err := p.SignIn.Desk.SignOut(r.Context(), old); err != nil && !errors.Is(err, signin.ErrUnknown) {
			p.Logger.Warn("an older session was not ended", "err", err)
		}
	}
	setCookie(w, sessionCookie, session)
	p.redirect(w, r, backTo(back))
}

// leads redirects to a page.
func (p *pages) leads(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { p.redirect(w, r, to) }
}

// redirect always makes a GET of what follows.
func (p *pages) redirect(w http.ResponseWriter, r *http.Request, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	p.Logger.Info("page", "methode", r.Method, "page", "renvoi", "statut", http.StatusSeeOther)
}

func (p *pages) signInFailed(err error) page {
	switch {
	case errors.Is(err, signin.ErrUnknown):
		return linkOver
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
