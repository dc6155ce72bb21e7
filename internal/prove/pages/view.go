package pages

import (
	"strconv"

	"github.com/chromedp/cdproto/emulation"

	"passerelle/internal/prove"
)

// View is how a person sees a page.
type View struct {
	Width int  // of the window, in pixels of CSS
	Zoom  bool // four times as large, in a window of 1280 by 1024 pixels: 320 by 256 are left (WCAG 1.4.10). Width does not count
	Dark  bool // she prefers it
}

const height = 900 // of a window that is not enlarged

// zoomed is the window that WCAG 1.4.10 is about.
var zoomed = struct{ width, height int64 }{320, 256}

// Views are those in which every page is checked: a telephone, a tablet, a screen, an enlarged one, in light and dark. An
// ordinary run takes each width and each colour once.
func Views() (all []View) {
	for i, v := range []View{{Width: 360}, {Width: 768}, {Width: 1440}, {Zoom: true}} {
		for _, dark := range []bool{false, true} {
			if v.Dark = dark; prove.Long() || dark == (i%2 == 1) {
				all = append(all, v)
			}
		}
	}
	return all
}

// String is the name of a view in messages and of pictures.
func (v View) String() string {
	name := strconv.Itoa(v.Width)
	if v.Zoom {
		name = "zoom"
	}
	if v.Dark {
		name += "-sombre"
	}
	return name
}

// See makes the page, and all that follow it, be seen in another way.
func (p *Page) See(v View) {
	p.t.Helper()
	p.view = v
	m := emulation.SetDeviceMetricsOverrideParams{Width: int64(v.Width), Height: height, DeviceScaleFactor: 1}
	if v.Zoom {
		m.Width, m.Height, m.DeviceScaleFactor = zoomed.width, zoomed.height, 4
	}
	scheme := "light"
	if v.Dark {
		scheme = "dark"
	}
	p.must("the window", call(emulation.SetDeviceMetricsOverride, m))
	p.must("the colours", call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	}))
}
