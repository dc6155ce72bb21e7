package pages

import (
	"errors"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
)

// Tab opens another tab of the same person's: with the cookies of this one.
func (p *Page) Tab() *Page {
	p.t.Helper()
	tab := open(p.t, p.ctx, Page{axe: p.axe, base: p.base, watch: newWatch(p.watch.host)})
	tab.See(p.view)
	tab.Scripts(!p.noScript)
	return tab
}

// Back goes to the page before, as the browser's button does: as it was, where the browser has kept it.
func (p *Page) Back() {
	p.t.Helper()
	past := func() *page.GetNavigationHistoryResult {
		h := run(p, "the history", call(page.GetNavigationHistory, cdp.Empty{}))
		return &h
	}
	before := past().CurrentIndex - 1
	if before < 0 {
		p.t.Fatalf("pages: there is no page before %s", p.Path())
	}
	p.must("back", call(page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: past().Entries[before].ID}))
	p.soon(func() error {
		if past().CurrentIndex != before || !ask[bool](p, "document.readyState == 'complete'") {
			return errors.New("the page before does not come")
		}
		return nil
	})
}

// Reload asks for the page again.
func (p *Page) Reload() {
	p.t.Helper()
	p.Leads(func() { p.must("reload", call(page.Reload, page.ReloadParams{})) })
}

// Cookies are the names of those that the site has set.
func (p *Page) Cookies() (names []string) {
	p.t.Helper()
	for _, c := range run(p, "the cookies", call(network.GetCookies, network.GetCookiesParams{URLs: []string{p.base}})).Cookies {
		names = append(names, c.Name)
	}
	return names
}

// Forget removes all cookies, as when a session ends.
func (p *Page) Forget() {
	p.t.Helper()
	p.must("forget the cookies", call(network.ClearBrowserCookies, cdp.Empty{}))
}

// Weigh opens an address with nothing kept from before, and gives the bytes that came for it and all that it needs.
func (p *Page) Weigh(path string) int {
	p.t.Helper()
	p.must("no cache", call(network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}))
	_ = p.watch.weight()
	p.Open(path)
	ask[bool](p, "document.readyState == 'complete'") // what came before has been told when this is answered
	return p.watch.weight()
}
