package web

import (
	"context"
	"net/http"

	"passerelle/connectors"
)

// Consents is how a structure lets the gateway into its agenda (OAuth 2.0, RFC 6749 §4.1).
type Consents interface {
	// Consent is the page of the agenda's software; the browser comes back to back with the state.
	Consent(agenda, back, state string) (page string, err error)
	// Agree takes the code that the browser brings back. Refused: it is not, or no longer, good.
	Agree(ctx context.Context, agenda, back, code string) error
}

// The pages of consents.
var (
	consentGiven = page{http.StatusOK, "C'est fait", []string{
		"La passerelle peut maintenant préparer des rendez-vous dans votre logiciel. Vous pouvez fermer cette page.",
		"Vous pouvez retirer cette autorisation à tout moment dans votre logiciel, à la page des applications autorisées.",
	}}
	consentDenied = page{http.StatusOK, "Rien n'a changé", []string{
		"Vous n'avez pas donné l'autorisation : la passerelle n'a pas accès à votre logiciel.", "Si c'était une erreur, ouvrez de nouveau le lien qui vous a été envoyé.",
	}}
	consentOver = page{http.StatusGone, "Ce lien n'est plus valable", []string{
		"Il a expiré, l'autorisation a déjà servi, ou votre compte ne voit pas les rendez-vous de ce lieu. Rien n'a changé.",
		"Si la passerelle est déjà autorisée, vous n'avez rien à faire. Sinon, ouvrez de nouveau le lien avec un compte qui voit ces rendez-vous, ou demandez un nouveau lien à la personne qui vous l'a envoyé.",
	}}
	consentBroken = page{http.StatusServiceUnavailable, "Service indisponible", []string{
		"Votre logiciel n'a pas répondu, ou il a refusé la passerelle. Ouvrez de nouveau le lien dans quelques minutes.",
	}}
)

// offerConsent says what is asked, and leads to the page that asks it. It changes nothing.
func (p *pages) offerConsent(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("jeton")
	agenda, err := p.ReadConsent(token, p.Now())
	if err != nil {
		p.tell(w, r, p.consentFailed(err))
		return
	}
	to, err := p.Consents.Consent(agenda, p.Public+"/consentement", token)
	if err != nil {
		p.tell(w, r, p.consentFailed(err))
		return
	}
	p.write(w, r, http.StatusOK, "consent", view{Title: "Autoriser la passerelle", Of: to})
}

// takeConsent is where the browser comes back to.
func (p *pages) takeConsent(w http.ResponseWriter, r *http.Request) {
	answer := r.URL.Query()
	agenda, err := p.ReadConsent(answer.Get("state"), p.Now())
	switch {
	case err != nil:
		p.tell(w, r, p.consentFailed(err))
		return
	case answer.Get("code") == "": // RFC 6749 §4.1.2.1
		p.tell(w, r, consentDenied)
		return
	}
	if err := p.Consents.Agree(r.Context(), agenda, p.Public+"/consentement", answer.Get("code")); err != nil {
		p.tell(w, r, p.consentFailed(err))
		return
	}
	p.tell(w, r, consentGiven)
}

func (p *pages) consentFailed(err error) page {
	switch connectors.KindOf(err) {
	case connectors.NotFound:
		return unknownLink
	case connectors.Refused:
		return consentOver
	}
	p.Logger.Error("a consent was not taken", "err", err)
	return consentBroken
}
