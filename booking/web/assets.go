package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"time"
)

//go:generate node leaflet.mjs

//go:embed assets
var assetFiles embed.FS

// asset is a file that pages ask for by a name that changes with what is in it, so that browsers may keep it for ever.
type asset struct {
	path   string // as pages write it: /actifs/5ca1ab1e/style.css
	text   []byte
	packed []byte // the same, compressed
}

// readAssets reads them by the name of their file.
func readAssets() (map[string]asset, error) {
	all := make(map[string]asset)
	err := fs.WalkDir(assetFiles, "assets", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := assetFiles.ReadFile(file)
		sum, name := sha256.Sum256(text), path.Base(file)
		all[name] = asset{"/actifs/" + hex.EncodeToString(sum[:6]) + "/" + name, text, compressed(text)}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	return all, nil
}

// asset serves a file under the name that it has now. Under another it is not there: a page of before would get what it was
// not written for.
func (p *pages) asset(w http.ResponseWriter, r *http.Request) {
	p.serveAsset(w, r, p.assets[r.PathValue("nom")])
}

func (p *pages) serveAsset(w http.ResponseWriter, r *http.Request, a asset) {
	if r.URL.Path != a.path {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	text := a.text
	if takesGzip(w, r) && len(a.packed) < len(text) {
		w.Header().Set("Content-Encoding", "gzip")
		text = a.packed
	}
	http.ServeContent(w, r, a.path, time.Time{}, bytes.NewReader(text))
}
