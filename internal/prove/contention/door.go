package contention

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
	_ "time/tzdata" // zones must not depend on the machine

	"passerelle/auth"
	"passerelle/booking"
	"passerelle/booking/api"
	"passerelle/booking/ledger"
	"passerelle/booking/volatile"
	"passerelle/connectors"
	"passerelle/connectors/all"
	"passerelle/internal/prove/gateway"
	"passerelle/internal/prove/parts"
)

// Diary is an agenda that is kept here, open all week, and the one place that it serves, which has the same id.
type Diary struct {
	ID     string
	Hours  string // OSM opening_hours
	Motifs []booking.Motif
}

// Options are what a Door is opened on.
type Options struct {
	Ledger  ledger.Options // where it is kept
	Diaries []Diary
	// Holds stands between the service and the ledger; nil is the ledger itself.
	Holds func(booking.Ledger) booking.Ledger
}

// Door is the API on real parts, with the clock of the machine, and one partner.
type Door struct {
	URL    string // of a server on loopback
	Ledger *ledger.Ledger
	Slots  *booking.SlotSigner // its key is the server's: any slot can be asked for
}

var partner = gateway.Partner{ID: "partenaire", Secret: "secret"}

// Zone is where all the places are.
func Zone() (*time.Location, error) { return time.LoadLocation("Europe/Paris") }

// Open serves until the test ends.
func Open(t testing.TB, o Options) *Door {
	t.Helper()
	zone, err := Zone()
	if err != nil {
		t.Fatal(err)
	}
	native, _ := all.Registry().Lookup("native")
	p := parts.Options{Now: time.Now, Kept: o.Ledger, Ledger: o.Holds, Connectors: []connectors.Connector{native}}
	for _, x := range o.Diaries {
		p.Places = append(p.Places, x.ID)
		p.Connections = append(p.Connections, booking.Connection{
			Connection: connectors.Connection{Connector: "native", Zone: zone}, Agenda: x.ID, Places: []string{x.ID},
			Hours: x.Hours, Motifs: x.Motifs, Notice: "accueil@example.org",
		})
	}
	service, kept := parts.Open(t, p)
	handler, err := door(t.Context(), service, kept)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &Door{URL: server.URL, Ledger: kept, Slots: parts.Slots(t)}
}

func door(ctx context.Context, service *booking.Service, kept *ledger.Ledger) (http.Handler, error) {
	keys, err := auth.NewKeyring(bytes.Repeat([]byte("clé de test "), 4))
	if err != nil {
		return nil, err
	}
	const public = "https://rdv.example.org"
	settings := auth.Settings{Keyring: keys, Generations: kept, Partners: kept, Issuer: public, Audience: public + "/v1", Now: time.Now, Random: rand.Reader}
	tokens, err := auth.NewTokenService(settings, volatile.NewMemory(time.Now, volatile.Limits{}))
	if err != nil {
		return nil, err
	}
	verifier, err := auth.NewVerifier(settings)
	if err != nil {
		return nil, err
	}
	err = kept.AddPartner(ctx, auth.Partner{
		ID: partner.ID, Name: partner.ID, Scopes: auth.AllScopes(), SecretHashes: [][]byte{keys.HashSecret(partner.Secret)}, CreatedAt: time.Now(),
	})
	if err != nil {
		return nil, err
	}
	return api.New(api.Options{
		Service: service, Tokens: tokens, Verifier: verifier, Ready: kept.Ready, Logger: slog.New(slog.DiscardHandler), PublicURL: public,
		Webhooks: kept,
		NewWebhook: func(string, string, bool) (booking.Webhook, error) {
			return booking.Webhook{}, errors.New("contention: there are no webhooks here")
		},
	})
}

// Caller is a tool of the partner's, with connections of its own until the test ends.
func (d *Door) Caller(t testing.TB) *gateway.Caller {
	c := gateway.NewCaller(partner)
	c.Turn(d.URL)
	t.Cleanup(c.Close)
	return c
}
