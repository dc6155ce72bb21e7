package pages

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// keys are those that have a name instead of a letter.
var keys = map[string]string{
	"Tab": kb.Tab, "Enter": kb.Enter, "Escape": kb.Escape, "Space": " ", "Home": kb.Home, "End": kb.End,
	"ArrowDown": kb.ArrowDown, "ArrowUp": kb.ArrowUp, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight,
}

// Press presses keys, one after the other: by their name (Tab, Enter, Escape, Space, Home, End, ArrowDown…), with Shift+
// before it or not, or as the letters that they write.
func (p *Page) Press(names ...string) {
	p.t.Helper()
	for _, name := range names {
		var with []chromedp.KeyOption
		bare, shift := strings.CutPrefix(name, "Shift+")
		if shift {
			with = append(with, chromedp.KeyModifiers(kb.ModifierShift))
		}
		key, named := keys[bare]
		if !named {
			key = bare
		}
		run(p, "press "+name, chromedp.KeyEvent(key, with...))
	}
}

// Reach presses Tab until the focus is on what has the role and the name, as somebody does who has no mouse.
func (p *Page) Reach(role, name string) {
	p.t.Helper()
	node := run(p, name, call(dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: p.find(name, role)})).Object.ObjectID
	on := func(c *runtime.CallFunctionOnParams) { c.ObjectID = node }
	for range 1 + ask[int](p, controls+".reduce((stops, e) => stops + (e.matches('"+inParts+"') ? 9 : 1), 0)") {
		if run(p, name, chromedp.CallFunctionOn[bool]("function() { return this == document.activeElement }", on)) {
			return
		}
		p.Press("Tab")
	}
	p.t.Fatalf("pages: %s: no key leads to the %s %q", p.Path(), role, name)
}

// inParts are the fields in which the key Tab stops several times: at the day, at the month…, nine times at most.
const inParts = "[type=date], [type=time], [type=datetime-local], [type=month], [type=week]"

// controls lists what a person who has no mouse must reach, in the order of the page; of radio buttons, one of a group.
const controls = `(() => {
	const groups = new Set()
	return [...document.querySelectorAll('a[href], button, input, select, textarea, summary, iframe, [contenteditable], [tabindex]')].filter(e => {
		if (e.matches(':disabled, [type=hidden]') || e.tabIndex < 0 || !e.checkVisibility({visibilityProperty: true})) return false
		if (e.type != 'radio') return true
		const group = [...document.getElementsByName(e.name)].filter(r => r.form == e.form)
		return e.checked || e == group[0] && !group.some(r => r.checked)
	})
})()`

// focus says where it is, among the controls, and whether that can be seen; -1 is on none.
const focus = `(() => {
	const e = document.activeElement, s = e && getComputedStyle(e)
	return {at: ` + controls + `.indexOf(e), what: e ? e.outerHTML.slice(0, 120) : '', parts: !!e && e.matches('` + inParts + `'), seen: !!s && s.outlineStyle != 'none' && parseFloat(s.outlineWidth) > 0}
})()`

type focused struct {
	At    int    `json:"at"`
	What  string `json:"what"`
	Parts bool   `json:"parts"`
	Seen  bool   `json:"seen"`
}

// unreached goes through the page with the key Tab, from its start, and lists where that is not what it should be.
func (p *Page) unreached() (faults []string) {
	p.t.Helper()
	all := ask[[]string](p, controls+".map(e => e.outerHTML.slice(0, 120))")
	// The start of the page, wherever the focus was, and whatever part of it the address names.
	ask[bool](p, "(() => { const b = document.body; b.tabIndex = -1; b.focus({preventScroll: true}); b.removeAttribute('tabindex'); return true })()")
	for i, control := range all {
		p.Press("Tab")
		f := ask[focused](p, focus)
		for part := 1; f.Parts && f.At == i-1 && part < 9; part++ { // it is in the field before, one part on
			p.Press("Tab")
			f = ask[focused](p, focus)
		}
		if f.At != i {
			return append(faults, fmt.Sprintf("Tab leads to %s instead of %s", f.What, control))
		}
		if !f.Seen {
			faults = append(faults, "the focus is not to be seen on "+control)
		}
	}
	return faults
}
