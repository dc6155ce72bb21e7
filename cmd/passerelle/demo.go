package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"passerelle/auth"
	"passerelle/booking"
	"passerelle/config"
)

// demoFiles are invented places around a real valley, their agendas, and the calendars that some keep elsewhere.
//
//go:embed demo
var demoFiles embed.FS

type demoLine struct {
	URL    string `json:"url"`
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
}

func (p program) demo(ctx context.Context, args []string) error {
	f := p.flags("demo", "[--addr hôte:port] [--json]", `Lance une passerelle complète sur cette machine : trente lieux inventés autour de la Drôme, leurs agendas,
un partenaire prêt. Tout est dans un dossier temporaire, effacé à la fin.`)
	addr := f.String("addr", "127.0.0.1:8080", "adresse d'écoute")
	asJSON := f.Bool("json", false, "écrit d'abord une ligne {url, client_id, client_secret}")
	if err := parse(f, args, 0, 0); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "passerelle-demo-")
	if err != nil {
		return err
	}
	return errors.Join(p.demoIn(ctx, folder, *addr, *asJSON), os.RemoveAll(folder))
}

func (p program) demoIn(ctx context.Context, folder, addr string, asJSON bool) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%w (une autre adresse : --addr 127.0.0.1:0)", err)
	}
	feeds, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	calendars := &http.Server{Handler: calendarFiles(), ReadHeaderTimeout: readHeaderIn}
	defer calendars.Close()
	go func() { _ = calendars.Serve(feeds) }() // ends with Close, which is all it can say
	c, err := demoConfig(folder, "http://"+listener.Addr().String(), "http://"+feeds.Addr().String())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	g, err := p.founder().open(ctx, c)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	g.terminal = p.out
	if err := p.greet(ctx, g, asJSON); err != nil {
		return errors.Join(err, listener.Close(), g.Close())
	}
	return g.listen(ctx, listener)
}

// calendarFiles serves the calendars that the demo's agendas read over loopback.
func calendarFiles() http.Handler {
	files, err := fs.Sub(demoFiles, "demo/calendriers")
	if err != nil {
		panic(err) // the files are part of the program
	}
	return http.FileServerFS(files)
}

// demoConfig is a whole configuration: its folder, its places, its agendas, a secret that nobody keeps.
func demoConfig(folder, url, feeds string) (config.Config, error) {
	secret := auth.NewSecret(randomness)
	places, err := demoFiles.ReadFile("demo/lieux.csv")
	if err != nil {
		return config.Config{}, err
	}
	file := filepath.Join(folder, "lieux.csv")
	if err := os.WriteFile(file, places, 0o600); err != nil {
		return config.Config{}, err
	}
	c, err := config.Load("", func(name string) (string, bool) { return secret, name == "PASSERELLE_SECRET" }, os.ReadFile)
	if err != nil {
		return c, err
	}
	declared, err := demoFiles.ReadFile("demo/agendas.yaml")
	if err != nil {
		return c, err
	}
	c.Agendas, err = config.ParseAgendas([]byte(strings.ReplaceAll(string(declared), "http://calendriers", feeds)))
	c.DataDir, c.PublicURL, c.Sources = folder, url, []string{file}
	c.Egress.AllowedAddresses, c.Egress.HTTPHosts = loopback(), []string{"127.0.0.1"}
	c.Log.Level = slog.LevelWarn
	return c, err
}

// greet makes the partner, opens the doors, and says what to try.
func (p program) greet(ctx context.Context, g *gateway, asJSON bool) error {
	if err := g.doors(ctx); err != nil {
		return err
	}
	partner, err := g.addPartner(ctx, auth.Partner{Name: "Démonstration", Scopes: auth.AllScopes()})
	if err != nil {
		return err
	}
	if asJSON {
		if err := p.line(demoLine{g.config.PublicURL, partner.ID, partner.Secret}); err != nil {
			return err
		}
	}
	desk, err := g.openDesk(ctx)
	if err == nil {
		err = g.ledger.Approve(ctx, desk.Approval("@"+demoDomain), "@"+demoDomain)
	}
	if err != nil {
		return err
	}
	slot, err := g.firstSlot(ctx)
	if err != nil {
		return err
	}
	token := fmt.Sprintf(`-H "Authorization: Bearer $(curl -s -u %s:%s -d grant_type=client_credentials %s/oauth/token | sed 's/.*"access_token":"\([^"]*\)".*/\1/')"`,
		partner.ID, partner.Secret, g.config.PublicURL)
	id := slot.ID()
	_, err = fmt.Fprintf(p.out, `Passerelle RDV : démonstration. Ctrl-C pour arrêter.

Les pages : %[1]s (cherchez « Crest »). Pour réserver, connectez-vous avec aidant@%[9]s : le lien s'écrira ici.

L'API : %[1]s/docs
CLIENT_ID=%[7]s
CLIENT_SECRET=%[8]s

1. Trouver un lieu près de Crest (Drôme) :

curl -s %[2]s '%[1]s/v1/lieux?lat=44.7286&lon=5.0222&rayon_km=10'

2. Voir ses créneaux libres :

curl -s %[2]s '%[1]s/v1/lieux/%[3]s/creneaux'

3. Réserver, pour quelqu'un d'autre :

curl -s %[2]s -H 'Content-Type: application/json' -H 'Idempotency-Key: essai-%[5]s' -d '{"creneau_id":"%[4]s","usager":{"prenom":"Prénom","nom":"Nom","telephone":"0639980001","contact":"par_prescripteur"},"prescripteur":{"prenom":"Prénom","nom":"Nom","courriel":"aidant@%[9]s","qualite":"professionnel"},"besoin":{"services":["Aide aux démarches administratives"]},"consentement":{"mode":"oral","recueilli_le":"%[6]s"}}' '%[1]s/v1/rendez-vous'

`, g.config.PublicURL, token, slot.Place, id, id[len(id)-8:], p.now().UTC().Format(time.RFC3339), partner.ID, partner.Secret, demoDomain)
	return err
}

// demoDomain is where the demo's aidants have their mail, which goes nowhere (RFC 2606).
const demoDomain = "demo.invalid"

// demoPlace is the place that the demo books at: its diary is shared with another place, and read beside a calendar.
const demoPlace = "demo-crest-mediatheque"

func (g *gateway) firstSlot(ctx context.Context) (booking.Slot, error) {
	calendar, err := g.service.SlotsOf(ctx, demoPlace, nil, nil, "")
	if err != nil {
		return booking.Slot{}, err
	}
	if len(calendar.Slots) == 0 {
		return booking.Slot{}, errors.Join(append(calendar.Errs, fmt.Errorf("%s n'a aucun créneau (%s)", demoPlace, calendar.State))...)
	}
	return calendar.Slots[0], nil
}
