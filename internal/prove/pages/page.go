package pages

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

const (
	patience = 30 * time.Second      // a guard: until the browser has done what it was asked
	appearIn = 5 * time.Second       // until what a script may still be writing is there
	askEvery = 20 * time.Millisecond // whether it is
)

// Page is what one person has open. What fails fails the test at once, but for what Check finds and what the page does
// unasked. Its methods are called from one goroutine.
type Page struct {
	t        testing.TB
	ctx      context.Context
	axe      string
	base     string
	watch    *watch
	view     View
	noScript bool
	status   int
}

// Page opens an empty page on a site, whose address has no slash at its end, until the test ends.
func (b *Browser) Page(t testing.TB, base string) *Page {
	t.Helper()
	address, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, b.ctx, Page{axe: b.axe, base: base, watch: newWatch(address.Host)}, chromedp.WithNewBrowserContext())
	p.See(View{Width: 1440})
	return p
}

// open opens a page in the browser of a context, until the test ends.
func open(t testing.TB, in context.Context, p Page, how ...chromedp.ContextOption) *Page {
	t.Helper()
	ctx, leave := chromedp.NewContext(in, append(how, chromedp.WithListener(p.watch.take))...)
	p.t, p.ctx = t, ctx
	if err := chromedp.Do(ctx); err != nil { // it lives as long as what is done first may take
		t.Fatalf("pages: %v", err)
	}
	t.Cleanup(func() {
		for _, fault := range p.unasked() {
			t.Error(fault)
		}
		leave()
	})
	return &p
}

// unasked lists what the page has done that no page of ours does.
func (p *Page) unasked() []string {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	_, _ = chromedp.Run(ctx, chromedp.Evaluate[int]("1")) // what happened before has been told when this is answered
	return p.watch.found()
}

// Open opens an address of the site, which begins with a slash.
func (p *Page) Open(path string) {
	p.t.Helper()
	p.leads(path, chromedp.Navigate(p.base+path))
}

// Leads does what leads to another page, and waits for that.
func (p *Page) Leads(how func()) {
	p.t.Helper()
	p.leads("what was done", chromedp.Func(func(context.Context, *chromedp.Target) error { how(); return nil }))
}

func (p *Page) leads(what string, do chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	answer, err := chromedp.RunResponse(ctx, do)
	if err != nil {
		p.t.Fatalf("pages: %s leads to no page: %v", what, err)
	}
	if p.status = 0; answer != nil {
		p.status = int(answer.Status)
	}
}

// Scripts says whether the pages that are opened from now on may run scripts, as they may at first.
func (p *Page) Scripts(on bool) {
	p.t.Helper()
	p.noScript = !on
	p.must("scripts", call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}))
}

// Status is what the page was answered with.
func (p *Page) Status() int { return p.status }

// Path is where the person is, from the slash on.
func (p *Page) Path() string {
	p.t.Helper()
	return ask[string](p, "location.pathname + location.search + location.hash")
}

// Title is the title of the page.
func (p *Page) Title() string { p.t.Helper(); return ask[string](p, "document.title") }

// Text is what can be read on the page, its words one space apart.
func (p *Page) Text() string {
	p.t.Helper()
	return strings.Join(strings.Fields(ask[string](p, "document.body ? document.body.innerText : ''")), " ")
}

// Says fails the test unless the page says the words, at once or soon.
func (p *Page) Says(words string) {
	p.t.Helper()
	p.soon(func() error {
		if text := p.Text(); !strings.Contains(text, words) {
			return fmt.Errorf("%s does not say %q: %s", p.Path(), words, text)
		}
		return nil
	})
}

// soon asks again until there is no error, and fails the test with it when there still is one.
func (p *Page) soon(ask func() error) {
	p.t.Helper()
	for end := time.Now().Add(appearIn); ; time.Sleep(askEvery) {
		err := ask()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("pages: %v", err)
		}
	}
}
