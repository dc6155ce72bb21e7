package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
)

// DSFR is the design system of the State, for its own sites: the operator has its files, and has accepted its terms. The
// zero value is none.
type DSFR struct {
	Files  fs.FS    // "dist" of the npm package @gouvfr/dsfr
	Entity []string // who speaks, as the State's mark writes it, a line each
}

// dsfrStyles are the parts of it that the pages have, in the order in which browsers read them.
var dsfrStyles = []string{
	"core/core.main.min.css", "component/link/link.main.min.css", "component/logo/logo.main.min.css", "component/header/header.main.min.css",
	"component/button/button.main.min.css", "component/form/form.main.min.css", "component/input/input.main.min.css", "component/select/select.main.min.css",
}

// dsfrClasses gives the elements of the pages the classes that the State's styles know them by; a choice keeps its own shape.
var dsfrClasses = strings.NewReplacer(
	`<label class="choix"><input`, `<label class="choix"><input`,
	`<input type="hidden"`, `<input type="hidden"`,
	`<input`, `<input class="fr-input"`,
	`<textarea`, `<textarea class="fr-input"`,
	`<select`, `<select class="fr-select"`,
	`<label for`, `<label class="fr-label" for`,
	`<button class="second petit"`, `<button class="fr-btn fr-btn--secondary fr-btn--sm"`,
	`<button class="second"`, `<button class="fr-btn fr-btn--secondary"`,
	`<button class="refuser"`, `<button class="fr-btn fr-btn--secondary"`,
	`<button`, `<button class="fr-btn"`,
	`<a class="bouton second"`, `<a class="fr-btn fr-btn--secondary"`,
	`<a class="bouton"`, `<a class="fr-btn"`,
)

// dsfr is what the pages have of it.
type dsfr struct {
	Entity []string
	Styles []string         // addresses
	files  map[string]asset // by their names in the package
}

// addressIn are the files that a style names, pictures within it apart.
var addressIn = regexp.MustCompile(`url\(["']?([^"')]+)["']?\)`)

// readDSFR takes the styles and what they name into memory, untouched: the terms ask for that. It is nil where there is none.
func readDSFR(o DSFR) (*dsfr, error) {
	if o.Files == nil {
		return nil, nil
	}
	d := &dsfr{Entity: o.Entity, files: make(map[string]asset)}
	for _, style := range dsfrStyles {
		text, err := fs.ReadFile(o.Files, style)
		if err != nil {
			return nil, fmt.Errorf("web: dsfr.dossier: %w", err)
		}
		d.files[style] = asset{text: text, packed: compressed(text)}
		for _, named := range addressIn.FindAllSubmatch(text, -1) {
			if err := d.add(o.Files, path.Join(path.Dir(style), string(named[1]))); err != nil {
				return nil, err
			}
		}
	}
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(d.files)) {
		sum.Write(d.files[name].text)
	}
	root := "/dsfr/" + hex.EncodeToString(sum.Sum(nil)[:6]) + "/"
	for name, a := range d.files {
		a.path = root + name
		d.files[name] = a
	}
	for _, style := range dsfrStyles {
		d.Styles = append(d.Styles, root+style)
	}
	return d, nil
}

// add takes a file that a style names. What is not there is not asked for by pages of ours: the styles name icons of all pages.
func (d *dsfr) add(files fs.FS, name string) error {
	if !fs.ValidPath(name) {
		return nil // "data:" among them
	}
	text, err := fs.ReadFile(files, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("web: dsfr.dossier: %w", err)
	}
	d.files[name] = asset{text: text, packed: compressed(text)}
	return nil
}

// dressed is the text of a page as it is, or with the State's classes.
func (d *dsfr) dressed(text string) string {
	if d == nil {
		return text
	}
	return dsfrClasses.Replace(text)
}

// policy lets the pages have what the State's styles bring: letters, and pictures within the styles.
func (d *dsfr) policy() string {
	if d == nil {
		return policy
	}
	return strings.Replace(policy, "img-src 'self'", "font-src 'self'; img-src 'self' data:", 1)
}

// dsfrFile serves a file of it.
func (p *pages) dsfrFile(w http.ResponseWriter, r *http.Request) {
	if p.dsfr == nil {
		http.NotFound(w, r)
		return
	}
	p.serveAsset(w, r, p.dsfr.files[r.PathValue("fichier")])
}
