package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"passerelle/auth/signin"
	"passerelle/booking"
)

// account is the page of who is signed in.
type account struct {
	Who, Address, FormToken           string
	MayBook, Operator, MayRun, ByMail bool
	Contact                           string   // mail address of who runs the gateway
	Places                            []string // names
	Sent                              string   // where a link was just sent, not in full
	Place                             string   // what was written into the form
	Wrong                             bool
}

var (
	signedOut    = page{http.StatusOK, "La connexion est fermée", []string{"Ce navigateur n'est plus connecté à la passerelle."}}
	placeNotSent = page{http.StatusServiceUnavailable, "Le courriel n'est pas parti", []string{
		"Le serveur de courriel n'a pas pris le message pour l'adresse que ce lieu publie. Réessayez dans quelques minutes, ou demandez à l'exploitant de la passerelle.",
	}}
	tooManyForPlaces = page{http.StatusTooManyRequests, "Trop de demandes", []string{"Plusieurs demandes viennent d'être envoyées. Attendez la réponse, ou demandez à l'exploitant de la passerelle."}}
	placeOver        = page{http.StatusGone, "Ce lien n'est plus valable", []string{
		"Il a déjà servi, son délai est passé, ou le lieu ne publie plus cette adresse. La personne peut refaire sa demande.",
	}}
	placeGiven = page{http.StatusOK, "C'est fait", []string{
		"Ce compte répond maintenant de ce lieu. Si c'était une erreur, écrivez à l'exploitant de la passerelle.", "Vous pouvez fermer cette page.",
	}}
	sessionOver = page{http.StatusUnauthorized, "Rien n'a été fait", []string{
		"Votre connexion était terminée : ce que vous avez demandé n'a pas été fait. Connectez-vous dans un autre onglet, puis revenez à la page précédente et recommencez.",
	}}
	unavailable = page{http.StatusServiceUnavailable, "Service indisponible", []string{"Rien n'a changé. Réessayez dans quelques minutes."}}
)

// who is the session of a browser; false when it was sent to sign in, or told that this is not known now.
func (p *pages) who(w http.ResponseWriter, r *http.Request) (signin.Session, bool) {
	s, err := p.SignIn.Desk.Who(r.Context(), cookie(r, sessionCookie))
	switch {
	case errors.Is(err, signin.ErrUnknown):
		if r.Method != http.MethodGet {
			p.tell(w, r, sessionOver, next{"/connexion", "Se connecter"})
			return s, false
		}
		p.redirect(w, r, "/connexion?retour="+url.QueryEscape(backTo(r.URL.RequestURI())))
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
		p.account(w, r, s, account{Place: r.URL.Query().Get("lieu")}, "")
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
	a.ByMail, a.Contact, a.Wrong = p.SignIn.Desk.ByMail, p.SignIn.Operator, wrong != ""
	a.FormToken = formToken(r)
	for _, id := range s.Account.Places {
		a.Places = append(a.Places, nameOf(p.Place(id), id))
	}
	p.write(w, r, http.StatusOK, "account", view{Title: "Votre compte", Wrong: wrong, Of: a})
}

func nameOf(place *booking.Place, id string) string {
	if place == nil {
		return id
	}
	return place.Name + ", " + place.Commune
}

// askForPlace sends a link to each address that the place publishes: who reads one says whether this account is one that
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
	var addresses []string
	if place != nil {
		addresses = published(place)
	}
	switch {
	case place == nil:
		p.account(w, r, s, account{Place: asked}, "Aucun lieu ne porte cet identifiant.")
		return
	case p.described(s.Account) == "":
		p.account(w, r, s, account{Place: asked}, "Ce compte n'a ni nom ni adresse : personne ne pourrait dire qui demande. Adressez-vous à l'exploitant de la passerelle.")
		return
	case len(addresses) == 0:
		p.account(w, r, s, account{Place: asked}, "Ce lieu ne publie pas d'adresse de courriel : demandez à l'exploitant de la passerelle, qui vérifiera autrement.")
		return
	}
	account := account{Sent: masked(addresses)}
	for _, address := range addresses {
		if !p.SignIn.Allow(r.Context(), signin.APlace, s.Account.ID, address) {
			p.tell(w, r, tooManyForPlaces, next{home, "Revenir à votre compte"})
			return
		}
		if err := p.sendPlaceLink(r.Context(), s.Account, place, address); err != nil {
			p.Logger.Error("a link for a place was not sent", "lieu", place.ID, "err", err)
			p.tell(w, r, placeNotSent, next{home, "Revenir à votre compte"})
			return
		}
	}
	p.account(w, r, s, account, "")
}

// mostAddresses are those of a place that are written to: it has one, or two.
const mostAddresses = 3

// published are the addresses of a place that mail can be sent to.
func published(place *booking.Place) (addresses []string) {
	for _, text := range place.Emails {
		address, err := signin.ParseAddress(text)
		if err == nil && !slices.Contains(addresses, address) && len(addresses) < mostAddresses {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

func (p *pages) sendPlaceLink(ctx context.Context, a signin.Account, place *booking.Place, address string) error {
	token, err := p.SignIn.Desk.AskForPlace(ctx, a.ID, place.ID, address)
	if err != nil {
		return err
	}
	return p.SignIn.SendPlaceLink(ctx, address, p.Public+"/compte/lien/"+token, p.described(a), nameOf(place, place.ID))
}

// described is an account in words, for who must know it again; empty where nobody could. What a provider says of a person
// is the provider's word.
func (p *pages) described(a signin.Account) string {
	words := a.Name
	if a.Address != "" {
		words = strings.TrimSpace(words + " <" + a.Address + ">")
	}
	if words != "" && a.Issuer != "" {
		words += ", d'après " + p.SignIn.provider()
	}
	return words
}

// masked is addresses of which one knows again what one knew.
func masked(addresses []string) string {
	out := make([]string, len(addresses))
	for i, a := range addresses {
		name, domain, _ := strings.Cut(a, "@")
		out[i] = name[:1] + "…@" + domain
	}
	return strings.Join(out, ", ")
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
		"Who": p.described(asks), "Place": nameOf(p.Place(l.Place), l.Place), "FormToken": signin.FormToken(p.visit(w, r)),
	}})
}

func (p *pages) takePlaceLink(w http.ResponseWriter, r *http.Request) {
	if _, ok := p.form(w, r, visitCookie); !ok {
		return
	}
	if err := p.SignIn.Desk.GrantPlace(r.Context(), r.PathValue("jeton")); err != nil {
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
	provider, farewell, err := p.SignIn.Desk.SignOut(r.Context(), cookie(r, sessionCookie))
	if err != nil && !errors.Is(err, signin.ErrUnknown) {
		p.Logger.Error("a session was not ended", "err", err)
		p.tell(w, r, unavailable)
		return
	}
	dropCookie(w, sessionCookie)
	r.Header.Del("Cookie") // what follows is for a stranger
	if !provider {
		p.tell(w, r, signedOut)
		return
	}
	name := p.SignIn.provider()
	if name == "" {
		name = "votre fournisseur d'identité"
	}
	p.write(w, r, http.StatusOK, "signed_out", view{Title: signedOut.title, Of: map[string]string{"Provider": name, "Farewell": farewell}})
}
