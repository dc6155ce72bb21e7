package rdvsp

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"passerelle/connectors"
)

// locatedFor is how long it is believed where an address leads: organisations move once in their life.
const locatedFor = 3 * 24 * time.Hour

// whereabouts are where an address leads, asked when it is needed and kept in the agenda's memory.
type whereabouts struct {
	found connectors.Resolution // the address
	env   connectors.Env
}

// remembered is what the memory keeps.
type remembered struct {
	Link string            `json:"link"` // the address that it is of
	At   int64             `json:"at"`   // Unix time
	IDs  map[string]string `json:"ids"`
}

// locate gives the identifiers. Misconfigured: the address leads nowhere, or to another instance than the one that the
// gateway is known to.
func (p whereabouts) locate(ctx context.Context, op string) (map[string]string, error) {
	kept := p.load(ctx)
	if kept.Link != p.found.Link || p.env.Now().Sub(time.Unix(kept.At, 0)) >= locatedFor {
		to, err := locate(ctx, p.found, p.env)
		switch {
		case err != nil:
			return nil, unlocated(op, err)
		case to.Secret:
			return nil, failed(op, connectors.Misconfigured, errors.New("the address leads to somebody's own link"))
		}
		kept = remembered{Link: p.found.Link, At: p.env.Now().Unix(), IDs: to.IDs}
		p.save(ctx, kept)
	}
	if kept.IDs[idInstance] != p.found.IDs[idInstance] {
		return nil, failed(op, connectors.Misconfigured, errors.New("the organisation went to another instance: its address there is wanted, and an application there"))
	}
	return kept.IDs, nil
}

// unlocated: a link that is dead is nothing that the caller asked for, but something for the operator.
func unlocated(op string, err error) error {
	kind := connectors.KindOf(err)
	if kind == connectors.NotFound || kind == connectors.Unsupported {
		kind = connectors.Misconfigured
	}
	e := failed(op, kind, err)
	if cause, ok := errors.AsType[*connectors.Error](err); ok {
		e.RetryAfter = cause.RetryAfter
	}
	return e
}

// load gives nothing where nothing is kept that is understood: it is asked anew.
func (p whereabouts) load(ctx context.Context) (kept remembered) {
	if p.env.State == nil {
		return remembered{}
	}
	text, err := p.env.State.Load(ctx)
	if err != nil {
		p.log("the agenda's memory cannot be read", err)
		return remembered{}
	}
	if json.Unmarshal(text, &kept) != nil {
		return remembered{}
	}
	return kept
}

func (p whereabouts) save(ctx context.Context, kept remembered) {
	if p.env.State == nil {
		return
	}
	text, err := json.Marshal(kept)
	if err == nil {
		err = p.env.State.Save(ctx, text)
	}
	if err != nil {
		p.log("the agenda's memory cannot be written", err)
	}
}

func (p whereabouts) log(what string, err error) {
	if p.env.Logger != nil {
		p.env.Logger.Warn(what, "err", err)
	}
}
