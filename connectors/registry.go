package connectors

import (
	"context"
	"fmt"
	"net/url"
)

// Mode is what can be done with a booking URL. Its value is its wire name.
type Mode string

// The modes.
const (
	ByAPI     Mode = "api"         // the gateway books
	ByHandoff Mode = "orientation" // a link that a human follows
	ByContact Mode = "contact"     // call, write or come
)

// Resolution says what a booking URL is.
type Resolution struct {
	Connector string            // name; empty when no connector recognises the URL
	Mode      Mode              // what the URL alone allows
	Link      string            // canonical link; empty when there is none that may be shown
	IDs       map[string]string // identifiers found in it
	Home      bool              // the front page of a software that many use: it leads to no place in particular
	Secret    bool              // it holds a personal secret: it must be neither used nor shown
	Reason    string            // why, one sentence in French
}

// Registry is a list of connectors. Its order decides when several recognise a URL.
type Registry struct {
	ordered []Connector
	byName  map[string]Connector
}

// NewRegistry panics on a name that is empty or stands twice: that is a mistake in the program, not in its data.
func NewRegistry(list ...Connector) *Registry {
	r := &Registry{ordered: list, byName: make(map[string]Connector, len(list))}
	for _, c := range list {
		if _, twice := r.byName[c.Name]; twice || c.Name == "" {
			panic(fmt.Sprintf("connectors: name %q is empty or stands twice", c.Name))
		}
		r.byName[c.Name] = c
	}
	return r
}

// Lookup finds a connector by name.
func (r *Registry) Lookup(name string) (Connector, bool) {
	c, ok := r.byName[name]
	return c, ok
}

// Names lists the connectors in order.
func (r *Registry) Names() []string {
	names := make([]string, len(r.ordered))
	for i, c := range r.ordered {
		names[i] = c.Name
	}
	return names
}

// Budget is the first connector's that counts the requests to a host; zero where none does.
func (r *Registry) Budget(host string) (shared string, perMinute int) {
	for _, c := range r.ordered {
		if c.Budget == nil {
			continue
		}
		if shared, perMinute = c.Budget(host); perMinute > 0 {
			return shared, perMinute
		}
	}
	return "", 0
}

// Locate is Resolve, and then what the connector learns of it from the network (Connector.Locate). With an error, the
// resolution is that of the address alone.
func (r *Registry) Locate(ctx context.Context, raw string, env Env) (Resolution, error) {
	found := r.Resolve(raw)
	c, ok := r.byName[found.Connector]
	if !ok || c.Locate == nil || found.Secret || found.Link == "" {
		return found, nil
	}
	told, err := c.Locate(ctx, found, env)
	if err != nil {
		return found, err
	}
	return told, nil
}

// Recognise asks each connector in turn.
func (r *Registry) Recognise(u *url.URL) (Resolution, bool) {
	for _, c := range r.ordered {
		if c.Recognise == nil {
			continue
		}
		if found, ok := c.Recognise(u); ok {
			found.Connector = c.Name
			return found, true
		}
	}
	return Resolution{}, false
}
