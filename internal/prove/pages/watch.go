package pages

import (
	"fmt"
	"net/url"
	"slices"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// watch keeps what a page does that no page of ours does. The browser tells it, from a goroutine of its own.
type watch struct {
	host string // where pages and all they need come from
	also string // another that the page may ask, whether it answers or not; "" is none

	mu        sync.Mutex
	documents map[network.RequestID]bool
	faults    []string
	bytes     float64 // that have come
}

func newWatch(host string) *watch {
	return &watch{host: host, documents: make(map[network.RequestID]bool)}
}

// found lists the faults since the last time.
func (w *watch) found() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	faults := slices.Compact(w.faults)
	w.faults = nil
	return faults
}

// weight is how many bytes have come since the last time, with the headers before them.
func (w *watch) weight() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	bytes := w.bytes
	w.bytes = 0
	return int(bytes)
}

// MayAsk lets a page ask another host for something, which need not answer.
func (p *Page) MayAsk(host string) {
	p.watch.mu.Lock()
	defer p.watch.mu.Unlock()
	p.watch.also = host
}

func (w *watch) take(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		w.documents[e.RequestID] = e.Type == network.ResourceTypeDocument
		if to, err := url.Parse(e.Request.URL); err != nil || to.Host != w.host && (to.Host != w.also || w.also == "") && to.Scheme != "data" && to.Scheme != "about" {
			w.fault("%s asks for %s", e.DocumentURL, e.Request.URL)
		}
	case *network.EventLoadingFinished:
		w.bytes += e.EncodedDataLength
	case *log.EventEntryAdded: // what the browser complains of: its policy above all
		refusal := w.documents[e.Entry.NetworkRequestID]          // the page itself, answered with 404 or the like
		unnamed := e.Entry.URL == "http://"+w.host+"/favicon.ico" // what browsers ask for of themselves
		from, err := url.Parse(e.Entry.URL)
		elsewhere := err == nil && w.also != "" && from.Host == w.also
		if !refusal && !unnamed && !elsewhere && (e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning) {
			w.fault("the browser: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled: // what a script says
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			said := ""
			for _, a := range e.Args {
				said += " " + string(a.Value) + a.Description
			}
			w.fault("the console:%s", said)
		}
	case *runtime.EventExceptionThrown:
		w.fault("a script: %s", e.ExceptionDetails.Text)
	}
}

func (w *watch) fault(format string, args ...any) {
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}
