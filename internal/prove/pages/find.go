package pages

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// fields are the roles of what is filled in.
var fields = []string{"textbox", "searchbox", "combobox", "spinbutton", "listbox", "slider", "Date", "DateTime", "InputTime", "ColorWell"}

// Click presses what has the role (ARIA's: button, link, checkbox) and the name, as who hears the page would call it: with
// the mouse, where it is. There must be one of that name.
func (p *Page) Click(role, name string) {
	p.t.Helper()
	x, y := p.whereIs(role, name)
	run(p, "click on "+name, chromedp.MouseClickXY(x, y))
}

// DoubleClick is Click, twice at once, as many do on everything.
func (p *Page) DoubleClick(role, name string) {
	p.t.Helper()
	x, y := p.whereIs(role, name)
	run(p, "double click on "+name, chromedp.Steps(chromedp.MouseClickXY(x, y), chromedp.MouseClickXY(x, y, chromedp.ClickCount(2))))
}

// whereIs is the middle of what has the role and the name, once it can be seen.
func (p *Page) whereIs(role, name string) (x, y float64) {
	p.t.Helper()
	id := p.find(name, role)
	p.must("scroll", call(dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{BackendNodeID: id}))
	quads := run(p, "the place of "+name, call(dom.GetContentQuads, dom.GetContentQuadsParams{BackendNodeID: id})).Quads
	if len(quads) == 0 {
		p.t.Fatalf("pages: the %s %q cannot be seen", role, name)
	}
	q := quads[0] // corners, x and y in turn
	return (q[0] + q[4]) / 2, (q[1] + q[5]) / 2
}

// Follow is Click on what leads to another page.
func (p *Page) Follow(role, name string) {
	p.t.Helper()
	p.Leads(func() { p.Click(role, name) })
}

// Fill writes into the field that is so labelled, instead of what is there. Of a list, it chooses the words; a date is
// 2026-12-01.
func (p *Page) Fill(label, value string) {
	p.t.Helper()
	id := p.find(label, fields...)
	node := run(p, label, call(dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: id})).Object.ObjectID
	how := run(p, "fill "+label, chromedp.CallFunctionOn[string](fill, func(c *runtime.CallFunctionOnParams) { c.ObjectID = node }, value))
	switch how {
	case "typed":
		p.must("type "+value, call(input.InsertText, input.InsertTextParams{Text: value}))
	case "not there":
		p.t.Fatalf("pages: %q is not among %q", value, label)
	}
}

// fill focuses a field, and fills in what is not typed.
const fill = `function(value) {
	this.focus()
	if (this.tagName == 'SELECT') {
		const option = [...this.options].find(o => o.text.trim() == value)
		if (!option) return 'not there'
		this.value = option.value
	} else if (['date', 'time', 'datetime-local', 'month', 'week', 'color', 'range'].includes(this.type)) {
		this.value = value
	} else {
		this.select()
		if (value) return 'typed'
		this.value = ''
	}
	this.dispatchEvent(new Event('input', {bubbles: true}))
	this.dispatchEvent(new Event('change', {bubbles: true}))
	return 'set'
}`

// Has reports whether there is something of the role and the name now.
func (p *Page) Has(role, name string) bool { p.t.Helper(); return len(p.named(name, role)) > 0 }

// find gives the one thing of the name and one of the roles.
func (p *Page) find(name string, roles ...string) (id cdp.BackendNodeID) {
	p.t.Helper()
	p.soon(func() error {
		found := p.named(name, roles...)
		if len(found) != 1 {
			return fmt.Errorf("%s has %d things %q called %q: %s", p.Path(), len(found), roles, name, p.Text())
		}
		id = found[0]
		return nil
	})
	return id
}

// First is the name of the first thing of a role whose name begins so: of which there is one for each slot, say.
func (p *Page) First(role, start string) string { p.t.Helper(); return p.All(role, start)[0] }

// All are the names of the things of a role whose names begin so, in the order of the page; there is one at least.
func (p *Page) All(role, start string) (all []string) {
	p.t.Helper()
	p.soon(func() error {
		nodes, err := p.tree(accessibility.QueryAXTreeParams{Role: role})
		all = nil
		for _, n := range nodes {
			var name string
			if !n.Ignored && n.Name != nil && json.Unmarshal(n.Name.Value, &name) == nil && strings.HasPrefix(name, start) {
				all = append(all, name)
			}
		}
		if len(all) > 0 {
			return nil
		}
		return errors.Join(err, fmt.Errorf("%s has no %s whose name begins with %q: %s", p.Path(), role, start, p.Text()))
	})
	return all
}

// Value is what stands in the field that is so labelled.
func (p *Page) Value(label string) string {
	p.t.Helper()
	node := run(p, label, call(dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: p.find(label, fields...)})).Object.ObjectID
	return run(p, label, chromedp.CallFunctionOn[string]("function() { return this.value }", func(c *runtime.CallFunctionOnParams) { c.ObjectID = node }))
}

func (p *Page) named(name string, roles ...string) (found []cdp.BackendNodeID) {
	p.t.Helper()
	nodes, _ := p.tree(accessibility.QueryAXTreeParams{AccessibleName: name}) // a page that goes has nothing: it is asked again
	for _, n := range nodes {
		if !n.Ignored && n.Role != nil && slices.ContainsFunc(roles, func(r string) bool { return string(n.Role.Value) == `"`+r+`"` }) {
			found = append(found, n.BackendDOMNodeID)
		}
	}
	return found
}

// tree asks what the page is to who hears it. It errs while one page takes the place of another.
func (p *Page) tree(q accessibility.QueryAXTreeParams) ([]*accessibility.Node, error) {
	p.t.Helper()
	q.BackendNodeID = run(p, "the document", call(dom.GetDocument, dom.GetDocumentParams{})).Root.BackendNodeID
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	found, err := chromedp.Run(ctx, call(accessibility.QueryAXTree, q))
	if err != nil {
		return nil, err
	}
	return found.Nodes, nil
}
