package pages

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"

	"passerelle/internal/testservers"
)

// Browser is a real Chromium. Each of its pages is another person's: with cookies of its own.
type Browser struct {
	ctx context.Context
	axe string

	devTools string // where its debugging protocol is spoken
}

// StartBrowser starts one that ends with the test.
func StartBrowser(t testing.TB) *Browser {
	t.Helper()
	axe := testservers.Axe(t)
	chromium := testservers.StartChromium(t)
	// Not of the test's context, which ends before what is cleaned up.
	allocator, end := remote.NewAllocator(context.Background(), chromium.DevTools, remote.NoModifyURL)
	ctx, leave := chromedp.NewContext(allocator, chromedp.WithErrorf(t.Logf))
	t.Cleanup(func() { leave(); end() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("pages: %v", err)
	}
	return &Browser{ctx, axe, chromium.DevTools}
}
