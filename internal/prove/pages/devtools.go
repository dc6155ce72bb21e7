package pages

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// run does something in the browser; it fails the test when that fails.
func run[T any](p *Page, what string, do chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	out, err := chromedp.Run(ctx, do)
	if err != nil {
		p.t.Fatalf("pages: %s: %v", what, err)
	}
	return out
}

// ask evaluates an expression in the page: with the debugging protocol, to which neither its Content-Security-Policy nor
// switched off scripts mean anything.
func ask[T any](p *Page, expression string) T {
	p.t.Helper()
	return run(p, expression, chromedp.Evaluate[T](expression))
}

// call is a command of the protocol.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[R] {
	return func(ctx context.Context, t *chromedp.Target) (R, error) { return cdp.Call(ctx, t, command, params) }
}

// must runs a command that answers nothing.
func (p *Page) must(what string, do chromedp.Action[cdp.Empty]) { p.t.Helper(); run(p, what, do) }
