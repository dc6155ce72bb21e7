package pages

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// inspection asks axe-core for WCAG 2.0 and 2.1, A and AA, and for what it calls good practice. What it cannot decide, such
// as the contrast over a picture, it does not tell.
const inspection = `axe.run(document, {
	runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'], resultTypes: ['violations'],
}).then(found => found.violations)`

// atOnce is for axe-core, which pauses between its rules: where scripts are off, no clock runs.
const atOnce = "self.setTimeout = (then, later) => { if (!later) Promise.resolve().then(then) };"

// violation is a rule of axe-core that a page breaks, and where.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// barriers lists what axe-core finds in the page. It runs in a world of its own: no script of the page's sees it, and the
// page's policy does not hold for it.
func (p *Page) barriers() (found []string) {
	p.t.Helper()
	if p.noScript { // axe-core passes over what stands there for want of them
		ask[bool](p, "document.querySelectorAll('noscript').forEach(n => n.replaceWith(...n.childNodes)); true")
	}
	frame := run(p, "the frame", call(page.GetFrameTree, struct{}{})).FrameTree.Frame.ID
	world := run(p, "a world", call(page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: frame, WorldName: "axe"})).ExecutionContextID
	in := func(e *runtime.EvaluateParams) { e.ContextID = world }
	if !run(p, "axe", chromedp.Evaluate[bool]("'axe' in self", in)) {
		run(p, "axe", chromedp.Evaluate[bool](atOnce+p.axe+";true", in))
	}
	for _, v := range run(p, "axe", chromedp.Evaluate[[]violation](inspection, in, chromedp.EvalAwaitPromise)) {
		for _, n := range v.Nodes {
			found = append(found, fmt.Sprintf("%s (%s): %s: %s", v.Help, v.ID, n.HTML, strings.Join(strings.Fields(n.Summary), " ")))
		}
	}
	return found
}
