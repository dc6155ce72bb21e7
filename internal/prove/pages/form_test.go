package pages

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"testing"
)

const form = `<!doctype html><html lang="fr"><title>Formulaire</title><form method="post" action="/recu">
<label>Nom <input name="nom" value="à remplacer"></label><label>Jour <input type="date" name="jour"></label>
<label for="m">Message</label><textarea id="m" name="message"></textarea>
<label>Motif <select name="motif"><option value="0">Aucun</option><option value="7">Une démarche</option></select></label>
<label><input type="checkbox" name="accord" value="oui"> D'accord</label>
<label><input type="radio" name="qui" value="moi"> Moi</label><label><input type="radio" name="qui" value="elle"> Elle</label>
<button>Envoyer</button></form></html>`

// What people do to a page reaches the site, with scripts and without, with the mouse and with the keyboard alone.
func TestWhatIsFilledInIsSent(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			fmt.Fprint(w, form)
			return
		}
		w.WriteHeader(http.StatusUnprocessableEntity)
		_ = r.ParseForm()
		fmt.Fprint(w, "<!doctype html><p>"+html.EscapeString(r.PostForm.Encode()))
	}))
	t.Cleanup(server.Close)
	browser := StartBrowser(t)
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		p := browser.Page(t, server.URL)
		p.Scripts(scripts)
		for how, fill := range map[string]func(){
			"mouse": func() {
				p.Fill("Nom", "Zoé")
				p.Fill("Jour", "2026-12-01")
				p.Fill("Message", "Deux\nlignes")
				p.Fill("Motif", "Une démarche")
				p.Click("checkbox", "D'accord")
				p.Click("radio", "Elle")
				p.Follow("button", "Envoyer")
			},
			"keyboard": func() {
				p.Reach("textbox", "Nom")
				p.Press("Zoé", "Tab", "12012026") // the browser has no other language than English, in which the month is first
				p.Reach("textbox", "Message")
				p.Press("Deux", "Enter", "lignes", "Tab", "ArrowDown", "Tab", "Space", "Tab", "ArrowDown")
				p.Reach("button", "Envoyer")
				p.Press("Shift+Tab", "Tab")
				p.Leads(func() { p.Press("Enter") })
			},
		} {
			p.Open("/")
			fill()
			const want = "accord=oui&jour=2026-12-01&message=Deux%0D%0Alignes&motif=7&nom=Zo%C3%A9&qui=elle"
			if got := p.Text(); got != want || p.Status() != 422 || p.Path() != "/recu" || p.Has("button", "Envoyer") {
				t.Errorf("%s, %s: %d at %s: %s, want %s", name, how, p.Status(), p.Path(), got, want)
			}
		}
	}
	t.Run("cookies", func(t *testing.T) { cookiesOfEachPage(t, browser) })
}

// Cookies that are Secure and __Host- are kept, and no two pages have the same.
func cookiesOfEachPage(t *testing.T, browser *Browser) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("__Host-essai"); err == nil {
			fmt.Fprintf(w, sound, c.Value)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "__Host-essai", Value: "revenue", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		fmt.Fprintf(w, sound, "nouvelle")
	}))
	t.Cleanup(server.Close)
	for range 2 {
		p := browser.Page(t, server.URL)
		p.Open("/")
		p.Says("nouvelle")
		p.Open("/")
		p.Says("revenue")
	}
}
