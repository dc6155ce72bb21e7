package pages

import (
	"os"
	"path/filepath"
	"regexp"

	"github.com/chromedp/cdproto/page"
)

// awkward is what a file's name has not.
var awkward = regexp.MustCompile(`[^\pL\pN]+`)

// Capture keeps a picture of the whole page in .cache/captures, named after the test, the page and the view.
func (p *Page) Capture(name string) {
	p.t.Helper()
	beyond, fast := true, true
	picture := run(p, "a picture", call(page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &beyond, OptimizeForSpeed: &fast})).Data
	folder := filepath.Join(root(p), ".cache", "captures")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		p.t.Fatal(err)
	}
	file := awkward.ReplaceAllString(p.t.Name()+"-"+name+"-"+p.view.String(), "-") + ".png"
	if err := os.WriteFile(filepath.Join(folder, file), picture, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// root is the folder of the module, above the test's own.
func root(p *Page) string {
	folder, err := os.Getwd()
	if err != nil {
		p.t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		above := filepath.Dir(folder)
		if above == folder {
			p.t.Fatal("pages: no go.mod above the test")
		}
		folder = above
	}
}
