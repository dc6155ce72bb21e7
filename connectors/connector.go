package connectors

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// Connector is one kind of agenda software. It is a value, made by Define.
type Connector struct {
	Name string
	// Recognise says what a booking URL is, if it is this connector's. It asks no network.
	Recognise func(*url.URL) (Resolution, bool)
	// Open makes an agenda of a connection. It asks no network: an agenda that is down must not stop the gateway.
	Open func(Connection, Env) (Agenda, error)
	// Budget is how many requests a host of the software allows one caller a minute, and the name under which its hosts
	// share that; zero for other hosts. Nil where the software counts none.
	Budget func(host string) (shared string, perMinute int)
	// Locate asks the network, in a few questions that read no page, what a resolution of its own leads to: it adds to IDs
	// what the address does not say, and follows an organisation that went elsewhere. NotFound: it leads nowhere any more.
	// Nil where an address says all there is.
	Locate func(context.Context, Resolution, Env) (Resolution, error)
	// Diary is what tells apart the diaries that are reached at one address: an account, the name of a calendar. Nil
	// where an address is one diary.
	Diary func(Connection) string
}

// Connection is how an agenda is reached, as its connector needs to know it.
type Connection struct {
	Connector string          // name of the connector
	Address   string          // canonical URL; empty for an agenda that is kept here
	Settings  json.RawMessage // the connector's own, opaque to everyone else; empty means defaults
	Zone      *time.Location  // of the agenda's wall clock
}

// Env is everything that a connector may use of the outside world.
type Env struct {
	HTTP   *http.Client // already limited in size, time, redirects and destinations
	Logger *slog.Logger // already bears the agenda's id
	Now    func() time.Time
	State  State // of this agenda; nil: nothing is kept
	// Grant is what the structure's consent has given (Consenter): kept for good, and the same for every instance of the
	// program; nil: there is none.
	Grant State
	// Version is the program's: another may understand otherwise what State keeps.
	Version string
	// Desks are those of all agendas together; nil: each document is read at one of its own.
	Desks *Desks
}

// State is what an agenda remembers from one run of the program to the next, encrypted at rest: sync tokens, ETags,
// intervals, never text of a calendar. It may be lost at any time, and costs then a full reading.
type State interface {
	// Load gives what was saved last; nil when there is nothing.
	Load(ctx context.Context) ([]byte, error)
	Save(ctx context.Context, state []byte) error
}

// Define makes a connector whose settings are of type S. Settings with an unknown or mistyped field are refused
// with Invalid. Where S has a method Diary() string, that is the connector's Diary.
func Define[S any](name string, recognise func(*url.URL) (Resolution, bool), open func(Connection, S, Env) (Agenda, error)) Connector {
	c := Connector{
		Name:      name,
		Recognise: recognise,
		Open: func(c Connection, env Env) (Agenda, error) {
			settings, err := settingsOf[S](c)
			if err != nil {
				return nil, &Error{Op: "open", Kind: Invalid, Err: fmt.Errorf("%s settings: %w", name, err)}
			}
			if c.Zone == nil {
				c.Zone = time.UTC
			}
			return open(c, settings, env)
		},
	}
	if _, ok := any(*new(S)).(interface{ Diary() string }); ok {
		c.Diary = func(c Connection) string {
			settings, err := settingsOf[S](c)
			if err != nil {
				return "" // Open refuses them
			}
			return any(settings).(interface{ Diary() string }).Diary()
		}
	}
	return c
}

func settingsOf[S any](c Connection) (settings S, err error) {
	if len(c.Settings) > 0 {
		err = decodeStrictly(c.Settings, &settings)
	}
	return settings, err
}

func decodeStrictly(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the settings")
	}
	return nil
}
