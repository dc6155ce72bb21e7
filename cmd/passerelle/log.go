package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"passerelle/config"
)

// logged are the attributes that the log may bear: what names a thing, counts it or says what went wrong with it. A value
// of any other may be somebody's name: it is not written. They are in order.
var logged = []string{
	"agenda", "agendas", "bytes", "cause", "duration", "duree", "ecoute", "err", "error", "etat", "failing", "host", "kind", "lieu", "lieux", "message", "method",
	"methode", "metriques", "nom", "notes", "page", "partenaire", "partner", "pile", "places", "position", "rejected", "rendez_vous", "request_id", "route",
	"rows", "source", "status", "statut", "travail", "warnings", "webhook",
}

// listed is a handler that lets through the listed attributes only. What is worth a warning is not gathered.
type listed struct {
	slog.Handler
	lines *lines
}

// Handle implements slog.Handler.
func (h listed) Handle(ctx context.Context, r slog.Record) error {
	all := true
	r.Attrs(func(a slog.Attr) bool {
		all = a.Value.Kind() != slog.KindGroup && a.Value.Kind() != slog.KindLogValuer && mayBeLogged(a.Key)
		return all
	})
	if !all {
		only := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
		r.Attrs(func(a slog.Attr) bool {
			only.AddAttrs(listedOnly(a))
			return true
		})
		r = only
	}
	err := h.Handler.Handle(ctx, r)
	if r.Level > slog.LevelInfo {
		err = errors.Join(err, h.lines.flush())
	}
	return err
}

// WithAttrs implements slog.Handler.
func (h listed) WithAttrs(attrs []slog.Attr) slog.Handler {
	only := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		only[i] = listedOnly(a)
	}
	return listed{h.Handler.WithAttrs(only), h.lines}
}

// WithGroup implements slog.Handler.
func (h listed) WithGroup(name string) slog.Handler {
	return listed{h.Handler.WithGroup(name), h.lines}
}

// listedOnly is an attribute as it may be written. That something was left out is said.
func listedOnly(a slog.Attr) slog.Attr {
	a.Value = a.Value.Resolve()
	switch {
	case a.Value.Kind() == slog.KindGroup:
		inside := a.Value.Group()
		only := make([]slog.Attr, len(inside))
		for i, b := range inside {
			only[i] = listedOnly(b)
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(only...)}
	case !mayBeLogged(a.Key):
		return slog.String(a.Key, "[redacted]")
	}
	return a
}

func mayBeLogged(attribute string) bool {
	_, found := slices.BinarySearch(logged, attribute)
	return found
}

// logger writes lines, which may be gathered.
func (p program) logger(c config.Config) (*slog.Logger, *lines) {
	o, to := &slog.HandlerOptions{Level: c.Log.Level}, &lines{to: p.err}
	if c.Log.Format == "json" {
		return slog.New(listed{slog.NewJSONHandler(to, o), to}), to
	}
	return slog.New(listed{slog.NewTextHandler(to, o), to}), to
}

// What is gathered of the log waits no longer, and is no more.
const (
	gatherFor  = 100 * time.Millisecond
	gatherMost = 64 << 10 // bytes
)

// lines are those of the log. While they are gathered they are written together: each call has one, and to write it by itself was a
// fortieth of a search (measured).
type lines struct {
	to io.Writer

	mu      sync.Mutex
	gathers bool
	held    []byte
}

// Write implements io.Writer.
func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.gathers {
		return l.to.Write(line)
	}
	if len(l.held) == 0 {
		time.AfterFunc(gatherFor, func() { _ = l.flush() })
	}
	l.held = append(l.held, line...)
	if len(l.held) < gatherMost {
		return len(line), nil
	}
	return len(line), l.write()
}

// gather begins to gather lines, until it is called off.
func (l *lines) gather() (stop func() error) {
	set := func(gathers bool) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.gathers = gathers
		return l.write()
	}
	_ = set(true)
	return func() error { return set(false) }
}

// flush writes what is held.
func (l *lines) flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.write()
}

func (l *lines) write() error {
	if len(l.held) == 0 {
		return nil
	}
	_, err := l.to.Write(l.held)
	l.held = l.held[:0]
	return err
}
