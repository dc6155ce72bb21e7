package pages

import (
	"fmt"

	"passerelle/internal/prove"
)

// Check looks at the page as it is in all Views, and keeps a picture of each under a name: it fails the test, once for
// each fault, where axe-core finds one, where the page must be scrolled sideways, and where the keyboard alone does not
// lead to every control in order with the focus to be seen. Nothing is pressed or filled in. An ordinary run leaves out what
// takes the longest and differs the least: what axe-core says of an enlarged page, and some of the pictures.
func (p *Page) Check(name string) {
	p.t.Helper()
	before := p.view
	for _, v := range Views() {
		p.See(v)
		faults := p.sideways()
		if !v.Zoom || prove.Long() {
			faults = append(p.barriers(), faults...)
		}
		for _, fault := range faults {
			p.t.Errorf("%s, %v: %s", name, v, fault)
		}
		if !v.Zoom && !v.Dark || prove.Long() {
			p.Capture(name)
		}
	}
	for _, fault := range p.unreached() {
		p.t.Errorf("%s, with the keyboard: %s", name, fault)
	}
	p.See(before)
}

// sideways lists what makes the page wider than its window.
func (p *Page) sideways() []string {
	p.t.Helper()
	wide := ask[[]string](p, `(() => {
	const page = document.scrollingElement, width = page.clientWidth
	if (page.scrollWidth <= width) return []
	const out = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right + scrollX > width + 1)
	return [page.scrollWidth + ' pixels in ' + width, ...out.slice(0, 3).map(e => e.outerHTML.slice(0, 120))]
})()`)
	if len(wide) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("it must be scrolled sideways: %q", wide)}
}
