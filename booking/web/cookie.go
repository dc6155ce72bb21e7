package web

import (
	"net/http"
	"net/url"

	"passerelle/auth/signin"
)

// The cookies. The prefix __Host- has browsers refuse one that is not Secure, or that another site of the same domain has
// set (RFC 6265bis §4.1.3.2). SameSite=Lax, and not Strict: one comes back from the provider by a link of another site.
const (
	visitCookie   = "__Host-visite"
	sessionCookie = "__Host-session"
)

// setCookie lasts until the browser is closed: computers are shared.
func setCookie(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
}

func dropCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
}

// cookie is a value, or "". Of two with one name none is believed: somebody has added one.
func cookie(r *http.Request, name string) string {
	found := r.CookiesNamed(name)
	if len(found) != 1 {
		return ""
	}
	return found[0].Value
}

// visit is the cookie of a browser that has not signed in, which is given one if it has none.
func (p *pages) visit(w http.ResponseWriter, r *http.Request) string {
	value := cookie(r, visitCookie)
	if !signin.IsVisit(value) {
		value = signin.NewVisit()
		setCookie(w, visitCookie, value)
	}
	return value
}

// formToken is what the forms of who is signed in hold.
func formToken(r *http.Request) string { return signin.FormToken(cookie(r, sessionCookie)) }

// form reads one that a page of ours has given to this browser (CSRF); false when it was answered that it is none.
func (p *pages) form(w http.ResponseWriter, r *http.Request, of string) (url.Values, bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil || !signin.CheckFormToken(cookie(r, of), r.PostForm.Get("formulaire")) {
		p.tell(w, r, formOver, signInAgain(""))
		return nil, false
	}
	return r.PostForm, true
}
