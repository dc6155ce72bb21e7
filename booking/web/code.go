package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"passerelle/auth/signin"
	"passerelle/booking"
)

// Codes finds what a person calls about, who says her code and her name at the telephone.
type Codes struct {
	// Called lists what has a code that begins so, with details.
	Called func(ctx context.Context, start string) ([]booking.Appointment, error)
	// Allow takes one try from those of an account, and from those of a code.
	Allow func(ctx context.Context, account, start string) bool
}

// codeAnswer is what was found: when and where, and what can be done for her.
type codeAnswer struct {
	Status, When, Where, Place, Phone string
	Action, ID, Proof, FormToken, Key string
	MayCancel                         bool
}

var (
	codeUnknown = page{http.StatusNotFound, "Aucun rendez-vous trouvé", []string{
		"Ce code et ce nom ne vont pas ensemble, ou il n'y a rien ici pour eux. Faites répéter les huit caractères, et épeler le nom de famille.",
	}}
	codeTooMany = page{http.StatusTooManyRequests, "Trop d'essais", []string{"Attendez une heure, ou retrouvez le rendez-vous autrement."}}
)

// codeForm is where a code is asked for on other pages.
type codeForm struct{ Action, FormToken string }

func (p *pages) codeForm(r *http.Request, action string) codeForm {
	return codeForm{action, formToken(r)}
}

// codeAtPlace is for who answers for a place, of what is taken there.
func (p *pages) codeAtPlace(w http.ResponseWriter, r *http.Request) {
	if s, place, ok := p.answersFor(w, r, r.PathValue("id")); ok {
		p.code(w, r, s, structurePath(place.ID), func(a booking.Appointment) bool { return slices.Contains(place.Names(), a.Place) })
	}
}

// codeOfAny is for who may book, of whatever was taken anywhere: a person calls whom she knows.
func (p *pages) codeOfAny(w http.ResponseWriter, r *http.Request) {
	s, ok := p.who(w, r)
	if !ok {
		return
	}
	may, err := p.SignIn.Desk.MayBook(r.Context(), s.Account)
	if err != nil || !may {
		p.tell(w, r, codeUnknown, next{"/mes-rendez-vous", "Mes rendez-vous"})
		return
	}
	p.code(w, r, s, "/mes-rendez-vous", func(booking.Appointment) bool { return true })
}

func (p *pages) code(w http.ResponseWriter, r *http.Request, s signin.Session, back string, here func(booking.Appointment) bool) {
	form, ok := p.form(w, r, sessionCookie)
	if !ok {
		return
	}
	if form.Has("preuve") {
		p.cancelCalled(w, r, form.Get("rendez_vous"), back, here)
		return
	}
	start, readable := booking.ReadCode(form.Get("code"))
	if !p.Codes.Allow(r.Context(), s.Account.ID, start) { // before it is looked for: a refusal says nothing of it
		p.tell(w, r, codeTooMany, next{back, "Revenir"})
		return
	}
	var found []booking.Appointment
	var err error
	if readable {
		found, err = p.Codes.Called(r.Context(), start)
	}
	if err != nil {
		p.Logger.Error("what has a code could not be read", "err", err)
		p.tell(w, r, unavailable, next{back, "Revenir"})
		return
	}
	for _, a := range found {
		if here(a) && a.Details != nil && a.Details.Beneficiary.IsCalled(form.Get("nom")) {
			p.showCalled(w, r, a, back)
			return
		}
	}
	p.tell(w, r, codeUnknown, next{back, "Revenir"})
}

// showCalled says when and where, and nothing else of her: who answers the telephone is not always who took it.
func (p *pages) showCalled(w http.ResponseWriter, r *http.Request, a booking.Appointment, back string) {
	v := p.sheet(a)
	p.write(w, r, http.StatusOK, "code", view{Title: "Rendez-vous", Of: codeAnswer{
		Status: p.statusForHer(a), When: v.When, Where: strings.Join(v.Where, ", "), Place: v.Place, Phone: v.Phone, MayCancel: v.MayCancel,
		Action: strings.TrimSuffix(r.URL.Path, "/"), ID: a.ID, Proof: signin.Proof(cookie(r, sessionCookie), shown(a.ID)), FormToken: formToken(r), Key: newKey(),
	}})
}

// shown is what a proof of the appointment is of: it may then be cancelled without the code being said again.
func shown(id string) string { return "rendez-vous " + id }

func (p *pages) cancelCalled(w http.ResponseWriter, r *http.Request, id, back string, here func(booking.Appointment) bool) {
	a, err := p.Service.Ledger.AnyAppointment(r.Context(), id)
	if err != nil || !here(a) || !signin.CheckProof(cookie(r, sessionCookie), shown(id), r.PostForm.Get("preuve")) {
		p.tell(w, r, codeUnknown, next{back, "Revenir"})
		return
	}
	_, err = p.Service.Cancel(r.Context(), callFor(a, booking.TheBeneficiary, r.PostForm, "annulation "+a.ID), a.ID, booking.Ending{By: booking.TheBeneficiary})
	if err != nil {
		p.tell(w, r, p.refused(err), next{back, "Revenir"})
		return
	}
	p.tell(w, r, page{http.StatusOK, "C'est annulé", []string{"Le rendez-vous est annulé, à la demande de la personne. Le lieu et l'aidant sont prévenus comme d'habitude."}}, next{back, "Revenir"})
}
