package main

import (
	"context"
	"log/slog"
	"slices"

	"passerelle/config"
)

// logged are the attributes that the log may bear: what names a thing, counts it or says what went wrong with it. A value
// of any other may be somebody's name: it is not written. They are in order.
var logged = []string{
	"agenda", "agendas", "bytes", "cause", "duration", "duree", "ecoute", "err", "error", "etat", "failing", "host", "kind", "lieu", "lieux", "message", "method",
	"methode", "metriques", "nom", "notes", "page", "partenaire", "partner", "pile", "places", "position", "rejected", "rendez_vous", "request_id", "route",
	"rows", "source", "status", "statut", "travail", "warnings", "webhook",
}

// listed is a handler that lets through the listed attributes only.
type listed struct{ slog.Handler }

// Handle implements slog.Handler.
func (h listed) Handle(ctx context.Context, r slog.Record) error {
	all := true
	r.Attrs(func(a slog.Attr) bool {
		all = a.Value.Kind() != slog.KindGroup && a.Value.Kind() != slog.KindLogValuer && mayBeLogged(a.Key)
		return all
	})
	if all {
		return h.Handler.Handle(ctx, r)
	}
	only := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		only.AddAttrs(listedOnly(a))
		return true
	})
	return h.Handler.Handle(ctx, only)
}

// WithAttrs implements slog.Handler.
func (h listed) WithAttrs(attrs []slog.Attr) slog.Handler {
	only := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		only[i] = listedOnly(a)
	}
	return listed{h.Handler.WithAttrs(only)}
}

// WithGroup implements slog.Handler.
func (h listed) WithGroup(name string) slog.Handler { return listed{h.Handler.WithGroup(name)} }

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

func (p program) logger(c config.Config) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.Log.Level}
	if c.Log.Format == "json" {
		return slog.New(listed{slog.NewJSONHandler(p.err, o)})
	}
	return slog.New(listed{slog.NewTextHandler(p.err, o)})
}
