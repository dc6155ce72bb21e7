package contention

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones must not depend on the machine

	"passerelle/auth"
	"passerelle/booking"
	"passerelle/booking/agendas"
	"passerelle/booking/api"
	"passerelle/booking/availability"
	"passerelle/booking/directory"
	"passerelle/booking/ledger"
	"passerelle/booking/volatile"
	"passerelle/connectors"
	"passerelle/connectors/all"
)

// Diary is an agenda that is kept here, open all week, and the one place that it serves, which has the same id.
type Diary struct {
	ID     string
	Hours  string // OSM opening_hours
	Motifs []booking.Motif
}

// Options are what a Door is opened on.
type Options struct {
	Ledger  ledger.Options // where it is kept; the keys are the door's
	Diaries []Diary
	Logger  *slog.Logger // default none
	// Holds stands between the service and the ledger; nil is the ledger itself.
	Holds func(booking.Ledger) booking.Ledger
}

// Door is the API on real parts, with the clock of the machine, and one partner.
type Door struct {
	Handler http.Handler
	URL     string // of a server on loopback
	Ledger  *ledger.Ledger
	Slots   *booking.SlotSigner // its key is the server's: any slot can be asked for

	issuer  *auth.Issuer
	partner auth.Partner
}

// Zone is where all the places are.
func Zone() (*time.Location, error) { return time.LoadLocation("Europe/Paris") }

// Open serves until the test ends.
func Open(t testing.TB, o Options) *Door {
	t.Helper()
	d, end, err := open(t.Context(), t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func open(ctx context.Context, folder string, o Options) (d *Door, end func() error, err error) {
	logger := o.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	keys, err := auth.NewKeyring(bytes.Repeat([]byte("clé de test "), 4))
	if err != nil {
		return nil, nil, err
	}
	o.Ledger.Keys = keys.Derive("registre")
	kept, err := ledger.Open(ctx, o.Ledger)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, kept.Close())
		}
	}()
	d = &Door{Ledger: kept}
	service, reader, err := d.service(ctx, folder, o, keys, logger)
	if err != nil {
		return nil, nil, err
	}
	if err := d.doors(ctx, service, keys, logger); err != nil {
		return nil, nil, err
	}
	server := httptest.NewServer(d.Handler)
	d.URL = server.URL
	return d, func() error {
		server.Close()
		reader.Close()
		return d.Ledger.Close()
	}, nil
}

func (d *Door) service(ctx context.Context, folder string, o Options, keys *auth.Keyring, logger *slog.Logger) (*booking.Service, *availability.Reader, error) {
	set, err := agendas.Open(ctx, agendas.Options{
		Store: d.Ledger, Registry: all.Registry(), Env: connectors.Env{HTTP: &http.Client{}, Logger: logger, Now: time.Now},
	})
	if err != nil {
		return nil, nil, err
	}
	zone, err := Zone()
	if err != nil {
		return nil, nil, err
	}
	if err := set.Seed(ctx, connections(o.Diaries, zone)); err != nil {
		return nil, nil, err
	}
	file := filepath.Join(folder, "lieux.csv")
	if err := os.WriteFile(file, placesFile(o.Diaries), 0o600); err != nil {
		return nil, nil, err
	}
	places, err := directory.Open(ctx, []string{file}, directory.Options{Now: time.Now, Logger: logger})
	if err != nil {
		return nil, nil, err
	}
	if d.Slots, err = booking.NewSlotSigner(keys.Derive("creneaux")...); err != nil {
		return nil, nil, err
	}
	reader := availability.New(availability.Options{Claims: d.Ledger, Logger: logger, HolidaysAsUsual: true})
	var kept booking.Ledger = d.Ledger
	if o.Holds != nil {
		kept = o.Holds(kept)
	}
	service, err := booking.New(booking.Options{
		Directory: places, Agendas: set, Availability: reader, Ledger: kept, Logger: logger,
		Slots: d.Slots, PersonKey: keys.Derive("personnes")[0],
	})
	return service, reader, err
}

func connections(diaries []Diary, zone *time.Location) []booking.Connection {
	out := make([]booking.Connection, len(diaries))
	for i, x := range diaries {
		out[i] = booking.Connection{
			Connection: connectors.Connection{Connector: "native", Zone: zone}, Agenda: x.ID, Places: []string{x.ID},
			Hours: x.Hours, Motifs: x.Motifs, Notice: "accueil@example.org",
		}
	}
	return out
}

func placesFile(diaries []Diary) []byte {
	var b strings.Builder
	b.WriteString("id,nom,commune,code_postal,adresse,latitude,longitude,services\n")
	for _, x := range diaries {
		fmt.Fprintf(&b, "%s,Lieu %s,Crest,26400,1 rue,44.7286,5.0222,Aide aux démarches administratives\n", x.ID, x.ID)
	}
	return []byte(b.String())
}

func (d *Door) doors(ctx context.Context, service *booking.Service, keys *auth.Keyring, logger *slog.Logger) error {
	const public = "https://rdv.example.org"
	settings := auth.Settings{Keyring: keys, Generations: d.Ledger, Partners: d.Ledger, Issuer: public, Audience: public + "/v1", Now: time.Now, Random: rand.Reader}
	tokens, err := auth.NewTokenService(settings, volatile.NewMemory(time.Now, volatile.Limits{}))
	if err != nil {
		return err
	}
	verifier, err := auth.NewVerifier(settings)
	if err != nil {
		return err
	}
	if d.issuer, err = auth.NewIssuer(settings); err != nil {
		return err
	}
	d.partner = auth.Partner{
		ID: "partenaire", Name: "partenaire", Scopes: auth.AllScopes(), SecretHashes: [][]byte{keys.HashSecret("secret")}, CreatedAt: time.Now(),
	}
	if err := d.Ledger.AddPartner(ctx, d.partner); err != nil {
		return err
	}
	d.Handler, err = api.New(api.Options{
		Service: service, Tokens: tokens, Verifier: verifier, Ready: d.Ledger.Ready, Logger: logger, PublicURL: public,
		Webhooks: d.Ledger,
		NewWebhook: func(string, string, bool) (booking.Webhook, error) {
			return booking.Webhook{}, errors.New("contention: there are no webhooks here")
		},
	})
	return err
}

// Token is a fresh token of the partner's, with every scope. It lives five minutes at most.
func (d *Door) Token() (string, error) {
	token, _, err := d.issuer.Issue(context.Background(), d.partner, auth.AllScopes(), auth.Behalf{})
	return token, err
}
