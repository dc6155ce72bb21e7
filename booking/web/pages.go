package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"passerelle/booking"
)

// Options are the parts of the pages. All are needed but Evenings, Map, DSFR and Now.
type Options struct {
	Service     *booking.Service
	Register    Register
	Connections Connections
	Calendars   Calendars
	Codes       Codes
	Evenings    Evenings // nil: no mail is sent
	Requests    Decider
	// Read says which appointment a link is for: NotFound when the link is not ours, Refused when its time is over.
	Read  func(token string, now time.Time) (appointment string, err error)
	Place func(id string) *booking.Place // nil where it is unknown

	Consents    Consents
	ReadConsent func(token string, now time.Time) (agenda string, err error) // as Read
	ConsentLink func(agenda string) string                                   // the address of the page where its consent is asked for

	ReadPerson func(token string, now time.Time) (appointment string, err error) // of the person's own link; as Read

	SignIn SignIn
	Public string // address of the gateway, without a slash at its end
	Map    Map
	DSFR   DSFR

	Logger *slog.Logger
	Now    func() time.Time // default time.Now
}

// Map is where the tiles of the map come from; the zero value is none.
type Map struct {
	Tiles  string // address of a tile, with {z}, {x} and {y}
	Credit string
}

type pages struct {
	Options
	words  *template.Template // the pages, the layout and what they share: each file by its name
	assets map[string]asset
	dsfr   *dsfr  // nil: the pages have a style of their own
	tiles  string // what the policy allows for them: their origin
}

//go:embed pages
var pageWords embed.FS

// policy is the Content-Security-Policy of all pages: nothing comes from elsewhere, and nothing is run that does not stand in
// a file of ours.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// New makes the handler of the pages.
func New(o Options) (http.Handler, error) {
	for _, missing := range []bool{
		o.Service == nil, o.Register == nil, o.Connections == nil, o.Calendars == nil, o.Codes.Called == nil, o.Codes.Allow == nil, o.Requests == nil, o.Read == nil,
		o.Place == nil, o.Consents == nil, o.ReadConsent == nil, o.ConsentLink == nil, o.ReadPerson == nil, o.Public == "", o.SignIn.Desk == nil, o.Logger == nil,
	} {
		if missing {
			return nil, errors.New("web: a part of the pages is missing")
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &pages{Options: o}
	tiles, err := url.Parse(o.Map.Tiles)
	if err != nil {
		return nil, fmt.Errorf("web: tiles: %w", err)
	}
	if tiles.Host != "" {
		p.tiles = tiles.Scheme + "://" + tiles.Host
	}
	if p.assets, err = readAssets(); err != nil {
		return nil, err
	}
	if p.dsfr, err = readDSFR(o.DSFR); err != nil {
		return nil, err
	}
	if p.words, err = p.readPages(); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for pattern, page := range p.routes() {
		mux.HandleFunc(pattern, page)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { p.tell(w, r, unknownLink) })
	return p.headed(mux), nil
}

// readPages reads the pages, the parts that they share, and the layout that they stand in.
func (p *pages) readPages() (*template.Template, error) {
	words := template.New("pages").Funcs(template.FuncMap{
		"asset": func(name string) string { return p.assets[name].path },
		"dsfr":  func() *dsfr { return p.dsfr },
	})
	files, err := fs.Glob(pageWords, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	for _, file := range files {
		if err := p.parse(words, file); err != nil {
			return nil, err
		}
	}
	return words, nil
}

// parse adds a file of pages to a template.
func (p *pages) parse(t *template.Template, file string) error {
	text, err := pageWords.ReadFile(file)
	if err == nil {
		_, err = t.New(path.Base(file)).Parse(p.dsfr.dressed(string(text)))
	}
	if err != nil {
		return fmt.Errorf("web: %w", err)
	}
	return nil
}

// headed gives every answer its headers: no copy is kept, nothing foreign is run, and the link goes nowhere else.
func (p *pages) headed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", p.dsfr.policy())
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Robots-Tag", "noindex")
		next.ServeHTTP(w, r)
	})
}

// view is what a page shows.
type view struct {
	Main     template.HTML // the words of the page itself
	Title    string
	Wrong    string // what is to be corrected
	Of       any    // what the page of that name reads
	Wide     bool   // it has lists and tables
	SignedIn bool   // as far as the browser says
	Open     bool   // it holds no secret, and may be compressed
}

// write answers with the page of a name, and logs the answer without the link. Of one that says what is to be corrected, OK is 422.
func (p *pages) write(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	v.SignedIn = cookie(r, sessionCookie) != ""
	if v.Wrong != "" && status == http.StatusOK {
		status = http.StatusUnprocessableEntity
	}
	var b bytes.Buffer
	if err := p.lay(&b, name, v); err != nil {
		p.Logger.Error("a page could not be written", "page", v.Title, "err", err)
		status, b = http.StatusInternalServerError, bytes.Buffer{}
		b.WriteString("<!doctype html><html lang=\"fr\"><title>Erreur</title><p>Une erreur est survenue.</p></html>")
	}
	text := b.Bytes()
	if v.Open && takesGzip(w, r) {
		w.Header().Set("Content-Encoding", "gzip")
		text = compressed(text)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text)
	p.Logger.Info("page", "methode", r.Method, "page", v.Title, "statut", status)
}

// lay writes the page of a name within the layout.
func (p *pages) lay(to io.Writer, name string, v view) error {
	var main strings.Builder
	if err := p.words.ExecuteTemplate(&main, name+".html", v.Of); err != nil {
		return err
	}
	v.Main = template.HTML(main.String()) // #nosec G203 -- it was escaped a moment ago
	return p.words.ExecuteTemplate(to, "layout.html", v)
}
