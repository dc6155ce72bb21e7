package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strings"

	"passerelle/auth/signin"
	"passerelle/booking"
	"passerelle/connectors"
)

// reserving is the page on which an appointment is taken for somebody.
type reserving struct {
	ID                 string // of the hold
	When, Place, Motif string
	Conditions         []string
	Left               int // seconds that the slot is still kept
	Minutes            int
	Form               *form
	FormToken, Key     string
	Near               []choice // instead of a slot that is lost
	Lost, Twice, Ended bool     // the slot is; she has another appointment then; the session is
	Taken              bool     // somebody else has it
	Back               string   // the place's page
}

var (
	mayNotBook = page{http.StatusForbidden, "Vous ne pouvez pas encore réserver", []string{
		"L'exploitant de la passerelle doit d'abord approuver votre adresse. Vous pouvez chercher des lieux et voir leurs créneaux ; pour ce rendez-vous, téléphonez au lieu.",
	}}
	bookingFailed = page{http.StatusServiceUnavailable, "Service indisponible", []string{
		"Nous ne savons pas si votre réservation est enregistrée. Regardez « Mes rendez-vous » avant de recommencer.",
	}}
)

// aidant is the session of somebody who may book; false when it was answered what is missing.
func (p *pages) aidant(w http.ResponseWriter, r *http.Request) (signin.Session, bool) {
	s, ok := p.who(w, r)
	if !ok {
		return s, false
	}
	may, err := p.SignIn.Desk.MayBook(r.Context(), s.Account)
	switch {
	case err != nil:
		p.Logger.Error("what an account may do could not be read", "err", err)
		p.tell(w, r, unavailable)
	case !may:
		p.tell(w, r, mayNotBook, next{home, "Voir votre compte"})
	}
	return s, err == nil && may
}

// partnerOf is under whose name a person books on the pages: her own. So nobody else sees it, and her lists are hers.
func partnerOf(a signin.Account) string { return "compte:" + a.ID }

// newKey is an Idempotency-Key for a form: sent twice, it does its work once.
func newKey() string { return rand.Text() }

// call is a call of the domain that a form makes: its key, and all that it says.
func call(a signin.Account, form url.Values, what string) booking.Call {
	said := make(url.Values)
	for name, values := range form {
		if name != "formulaire" {
			said[name] = values
		}
	}
	return booking.Call{Partner: partnerOf(a), Key: keyOf(form, what), Request: []byte(what + "\n" + said.Encode())}
}

// keyOf is the key of a form for one thing that it does. It is a digest: what it does may be named at length.
func keyOf(form url.Values, what string) string {
	sum := sha256.Sum256([]byte(form.Get("cle") + "\x00" + what))
	return hex.EncodeToString(sum[:])
}

// choose is where a link to a slot leads: it says what would be booked. It changes nothing.
func (p *pages) choose(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("creneau")
	ref, place, o := p.bookable(id)
	if o.title != "" {
		p.tell(w, r, o, next{"/", "Chercher un lieu"})
		return
	}
	if _, ok := p.aidant(w, r); !ok {
		return
	}
	p.write(w, r, http.StatusOK, "choose", view{Title: "Réserver pour quelqu'un", Of: map[string]string{
		"When": booking.InWords(ref.StartTime(), place.Zone), "Place": nameOf(place, ref.Place), "Slot": id, "Key": newKey(),
		"FormToken": formToken(r), "Back": placePath(place.ID),
	}})
}

// hold keeps a slot while the form is filled in.
func (p *pages) hold(w http.ResponseWriter, r *http.Request) {
	s, ok := p.aidant(w, r)
	if !ok {
		return
	}
	form, ok := p.form(w, r, sessionCookie)
	if !ok {
		return
	}
	slot := form.Get("creneau")
	ref, place, o := p.bookable(slot)
	if o.title != "" {
		p.tell(w, r, o, next{"/", "Chercher un lieu"})
		return
	}
	done, err := p.Service.Hold(r.Context(), call(s.Account, form, "reservation "+slot), slot)
	if connectors.KindOf(err) == connectors.SlotTaken {
		if hers, ok := p.keeps(r, s.Account, place, ref); ok {
			p.redirect(w, r, formPath(hers.ID))
			return
		}
	}
	if err != nil {
		p.lost(w, r, place, err)
		return
	}
	p.redirect(w, r, formPath(done.Appointment.ID))
}

// lost says why a slot could not be kept, and which are near.
func (p *pages) lost(w http.ResponseWriter, r *http.Request, place *booking.Place, err error) {
	o := p.refused(err)
	onward := []next{{placePath(place.ID) + "#creneaux", "Voir les créneaux de ce lieu"}}
	if e, ok := errors.AsType[*booking.Error](err); ok {
		for _, x := range e.Near {
			line := slotOf(x, place.Zone)
			onward = append(onward, next{line.Path, "Réserver le " + line.Words})
		}
	}
	p.tell(w, r, o, onward...)
}

// refused is the page of a call that the domain refused; what is not the person's to mend is logged.
func (p *pages) refused(err error) page { return p.refusedOr(err, bookingFailed) }

// refusedOr says with failed that the gateway itself failed.
func (p *pages) refusedOr(err error, failed page) page {
	e, ok := errors.AsType[*booking.Error](err)
	switch kind := connectors.KindOf(err); {
	case ok && kind == connectors.SlotTaken:
		return page{http.StatusConflict, "Ce créneau vient d'être pris", []string{"Quelqu'un d'autre l'a réservé entre-temps. Rien n'a été réservé ; choisissez-en un autre."}}
	case ok && kind != connectors.Internal:
		p.Logger.Info("a call was refused", "err", err)
		return page{statusOf(kind), "Ce n'est pas possible", []string{refusedInWords(e)}}
	}
	p.Logger.Error("a call failed", "err", err)
	return failed
}

func statusOf(k connectors.Kind) int {
	switch k {
	case connectors.NotFound:
		return http.StatusNotFound
	case connectors.Invalid:
		return http.StatusUnprocessableEntity
	case connectors.Unavailable, connectors.RateLimited:
		return http.StatusServiceUnavailable
	case connectors.Misconfigured:
		return http.StatusBadGateway
	}
	return http.StatusConflict
}

// showHold is the form. What has become an appointment is shown as that: the back button leads here.
func (p *pages) showHold(w http.ResponseWriter, r *http.Request) {
	s, ok := p.aidant(w, r)
	if !ok {
		return
	}
	held, place, ok := p.held(w, r, s)
	if !ok {
		return
	}
	values := knownOf(s.Account)
	p.reserving(w, r, held, place, reserving{Form: p.newBookingForm(held.Motif, place, values), Key: newKey()}, "")
}

// knownOf is what a form may fill in by itself: who books, and what most answer.
func knownOf(a signin.Account) url.Values {
	first, last, _ := strings.Cut(a.Name, " ")
	return url.Values{
		"usager.contact": {string(booking.ByPrescriber)}, "nombre": {"1"}, "prescripteur.qualite": {"professionnel"},
		"prescripteur.prenom": {first}, "prescripteur.nom": {last}, "prescripteur.courriel": {a.Address},
	}
}

// held finds a hold of somebody's, and its place; false when it was answered.
func (p *pages) held(w http.ResponseWriter, r *http.Request, s signin.Session) (booking.Appointment, *booking.Place, bool) {
	a, err := p.Service.Ledger.Appointment(r.Context(), partnerOf(s.Account), r.PathValue("id"))
	if err != nil {
		p.tell(w, r, p.refused(err), next{"/mes-rendez-vous", "Mes rendez-vous"})
		return a, nil, false
	}
	refused := a.Status == booking.Refused && r.PostForm.Get("creneau") != "" // by its agenda; another slot was chosen since
	if !a.Taken.IsZero() && !refused {
		p.redirect(w, r, minePath(a.ID))
		return a, nil, false
	}
	place := p.Place(a.Place)
	if place == nil || place.Zone == nil {
		p.tell(w, r, unknownPlace, next{"/", "Chercher un lieu"})
		return a, nil, false
	}
	return a, place, true
}

// reserving writes the form of a hold; wrong says what to correct.
func (p *pages) reserving(w http.ResponseWriter, r *http.Request, held booking.Appointment, place *booking.Place, v reserving, wrong string) {
	v.ID, v.When, v.Place, v.Motif = held.ID, booking.InWords(held.StartTime(), place.Zone), nameOf(place, held.Place), motifInWords(held.Motif)
	v.Conditions = booking.Lines(held.Motif.Conditions)
	left := held.Expires.Sub(p.Now()).Seconds()
	v.Left = max(0, int(left))
	v.Minutes = max(1, int(math.Ceil(left/60)))
	v.Lost = v.Lost || held.Status == booking.Expired || left <= 0
	v.FormToken, v.Back = formToken(r), placePath(place.ID)+"#creneaux"
	status := http.StatusOK
	switch {
	case v.Ended:
		status = http.StatusUnauthorized
	case v.Taken || v.Twice:
		status = http.StatusConflict
	}
	p.write(w, r, status, "reserve", view{Title: "Réserver pour quelqu'un", Wrong: wrong, Of: &v})
}
