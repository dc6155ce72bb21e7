package connectors

import (
	"bytes"
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
}

// Define makes a connector whose settings are of type S. Settings with an unknown or mistyped field are refused
// with Invalid.
func Define[S any](name string, recognise func(*url.URL) (Resolution, bool), open func(Connection, S, Env) (Agenda, error)) Connector {
	return Connector{
		Name:      name,
		Recognise: recognise,
		Open: func(c Connection, env Env) (Agenda, error) {
			var settings S
			if len(c.Settings) > 0 {
				if err := decodeStrictly(c.Settings, &settings); err != nil {
					return nil, &Error{Op: "open", Kind: Invalid, Err: fmt.Errorf("%s settings: %w", name, err)}
				}
			}
			if c.Zone == nil {
				c.Zone = time.UTC
			}
			return open(c, settings, env)
		},
	}
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
