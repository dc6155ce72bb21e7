package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/booking/directory"
	"passerelle/config"
	"passerelle/connectors"
	"passerelle/connectors/all"
	"passerelle/connectors/linkcheck"
	"passerelle/internal/held"
	"passerelle/internal/prove"
)

// door is a way by which strangers hand the program an address.
type door struct {
	name string
	try  func(t *testing.T, address string)
}

// doors are all of them but the webhooks', on one open gateway.
func (w *world) doors(t *testing.T, g *gateway) []door {
	agenda := func(connector, address, settings string) func(*testing.T) {
		return func(t *testing.T) { w.agenda(t, g, connector, address, settings) }
	}
	list := []door{
		{"source of places", w.source},
		{"source of places, redirected", func(t *testing.T, a string) { w.source(t, w.led("redirige", a)) }},
		{"published link", w.link},
		{"published link, redirected", func(t *testing.T, a string) { w.link(t, w.led("redirige", a)) }},
		{"setting of an agenda", func(t *testing.T, a string) {
			agenda("rdvsp", "https://rdv.anct.gouv.fr/org/1", fmt.Sprintf("{cle_partenaire: x, api: %q}", a))(t)
		}},
	}
	for _, connector := range []string{"ics", "freebusy", "caldav"} {
		list = append(list,
			door{connector, func(t *testing.T, a string) { agenda(connector, a, "{}")(t) }},
			door{connector + ", redirected", func(t *testing.T, a string) { agenda(connector, w.led("redirige", a), "{}")(t) }})
	}
	for _, how := range []string{"compte", "dossier"} {
		list = append(list, door{"caldav, its " + how, func(t *testing.T, a string) { agenda("caldav", w.led(how, a), "{}")(t) }})
	}
	return list
}

// source reads a file of places from an address, as the program does when it starts.
func (w *world) source(t *testing.T, address string) {
	client, err := client(w.config, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	_, _ = directory.Open(t.Context(), []string{address}, directory.Options{HTTP: client, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
}

// link is "check --links" on a file with one place.
func (w *world) link(t *testing.T, address string) {
	client, err := linkClient(w.config)
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	file := w.x.file("lieux.csv", "id,nom,commune,code_postal,adresse,prise_rdv\nl1,Lieu,Die,26150,1 rue,\""+strings.ReplaceAll(address, `"`, `""`)+"\"\n")
	_, _, err = w.x.checkLinks(t.Context(), linkcheck.Options{
		Client: client, Registry: all.Registry(), Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}, file)
	if err != nil {
		t.Errorf("%s: %v", address, err)
	}
}

// agenda is "agenda add" and then "agenda test": an address that is refused at once is not tried.
func (w *world) agenda(t *testing.T, g *gateway, connector, address, settings string) {
	seeds, err := config.ParseAgendas(fmt.Appendf(nil, "id: essai\nconnecteur: %s\nadresse: %q\nlieux: [l1]\navis: accueil@example.org\nparametres: %s\nmotifs: [{id: m, libelle: M, duree_min: 30}]\n",
		connector, address, settings))
	if err != nil {
		return
	}
	declared, err := g.connections(seeds)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := g.agendas.Put(t.Context(), declared[0])
	if err != nil {
		return
	}
	a, ok := g.agendas.ByID(kept)
	if !ok {
		t.Fatalf("%s is not kept", address)
	}
	_ = w.x.program(&held.Text{}, &held.Text{}).testAgenda(t.Context(), a)
}

// knockAt tries addresses at every door, and counts those after which somebody had knocked at the canary.
func (w *world) knockAt(t *testing.T, addresses []string) (tried, reached int) {
	t.Helper()
	g, err := w.x.program(&held.Text{}, &held.Text{}).founder().open(t.Context(), w.config)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for _, d := range w.doors(t, g) {
		at := 0
		for _, address := range addresses {
			before := w.canary.knocked.Load()
			d.try(t, address)
			tried++
			if w.canary.knocked.Load() > before {
				reached++
				at++
			}
		}
		t.Logf("%-30s %d of %d", d.name, at, len(addresses))
	}
	return tried, reached
}

// some are all addresses in a long run, and else so many, evenly taken.
func some(addresses []string, few int) (out []string) {
	n := min(prove.Size(few, len(addresses)), len(addresses))
	for i := range n {
		out = append(out, addresses[i*len(addresses)/n])
	}
	return out
}

func TestNoAddressLeadsIntoTheNetwork(t *testing.T) {
	w := openWorld(t, true)
	addresses, _ := payloads(w.canary.port)
	tried, reached := w.knockAt(t, addresses)
	if tried < 400 || reached != 0 {
		t.Errorf("%d of %d reached it", reached, tried)
	}
}

// Were this test to fail, the one above would prove nothing.
func TestWithoutTheJudgementManyAddressesLeadIntoTheNetwork(t *testing.T) {
	w := openWorld(t, false)
	addresses, _ := payloads(w.canary.port)
	tried, reached := w.knockAt(t, some(addresses, 40))
	if reached < 100 {
		t.Errorf("only %d of %d reached it", reached, tried)
	}
}

// A name of a known software is as good as its DNS: "resolve --ask" asks it.
func TestAKnownSoftwareDoesNotLeadIntoTheNetwork(t *testing.T) {
	for _, judged := range []bool{true, false} {
		t.Run(fmt.Sprint("judged ", judged), func(t *testing.T) {
			w := openWorld(t, judged)
			w.canary.listen(t, net.JoinHostPort(impostor, "443"))
			logger := slog.New(slog.DiscardHandler)
			client, err := client(w.config, logger, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			env := connectors.Env{HTTP: client, Logger: logger, Now: time.Now}
			found := located(t.Context(), all.Registry(), "https://www.rdv-solidarites.fr/org/12", env)
			if n := w.canary.knocked.Load(); (n == 0) != judged || found.Connector != "rdvsp" {
				t.Errorf("the canary was reached %d times; %+v", n, found)
			}
		})
	}
}

func TestNoWebhookLeadsIntoTheNetwork(t *testing.T) {
	for _, judged := range []bool{true, false} {
		w := openWorld(t, judged)
		addresses, _ := payloads(w.canary.port)
		addresses = some(addresses, 40)
		var redirected []string
		for _, a := range addresses {
			redirected = append(redirected, w.led("redirige", a))
		}
		made, delivered := w.deliver(t, addresses)
		before := w.canary.knocked.Load()
		_, _ = w.deliver(t, redirected[:10])
		if followed := w.canary.knocked.Load() - before; followed != 0 {
			t.Errorf("judged %t: %d redirections were followed", judged, followed)
		}
		if judged && before != 0 || !judged && before < int64(made)/2 {
			t.Errorf("judged %t: the canary was reached %d times", judged, before)
		}
		t.Logf("judged %t: of %d addresses %d made a webhook, %d were tried, %d reached the canary", judged, len(addresses), made, delivered, before)
	}
}

// deliver makes a webhook of each address by the API, has it told of a change, and deletes it.
func (w *world) deliver(t *testing.T, addresses []string) (made, tried int) {
	t.Helper()
	c := w.config
	c.DataDir, c.PublicURL = t.TempDir(), "http://127.0.0.1"
	w.x.env["PASSERELLE_DONNEES"], w.x.env["PASSERELLE_LIEUX"] = c.DataDir, c.Sources[0]
	w.x.ok("agenda", "add", w.x.file("a.yaml", someAgendas))
	who := lineOf[newPartner](t, w.x.ok("partner", "add", "--json", "Plateforme"))
	w.x.bookFor(who.ID, "l1")
	g, err := w.x.program(&held.Text{}, &held.Text{}).founder().open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.doors(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g.handler)
	ctx, stop := context.WithCancel(t.Context())
	g.work.Go(func() { g.telling.webhooks.Run(ctx) })
	defer func() {
		server.Close()
		stop()
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}()
	tool := &partnerTool{t, server.URL, tokenFor(t, server.URL, who.ID, who.Secret)}
	for some := range slices.Chunk(addresses, 10) {
		var ids []string
		for _, address := range some {
			status, v := tool.do("POST", "/v1/webhooks", fmt.Sprint("w-", made+len(ids)), fmt.Sprintf(`{"url":%q}`, address))
			if status == 201 {
				ids = append(ids, v["id"].(string))
			}
		}
		made += len(ids)
		for _, id := range ids {
			tool.do("POST", "/v1/webhooks/"+id+"/rejeu", "r-"+id, `{"depuis":"2026-11-01T00:00:00Z"}`)
		}
		for _, id := range ids {
			for told := 0; told == 0; time.Sleep(5 * time.Millisecond) { // go test's own time is the guard
				_, v := tool.do("GET", "/v1/webhooks/"+id+"/livraisons", "", "")
				told = len(v["items"].([]any))
			}
			tried++
		}
		for _, id := range ids {
			w.remove(t, tool, "/v1/webhooks/"+id)
		}
	}
	return made, tried
}

func (w *world) remove(t *testing.T, tool *partnerTool, path string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, tool.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+tool.token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil || resp.StatusCode != http.StatusNoContent {
		t.Fatalf("%s: %v, %v", path, resp, err)
	}
	_ = resp.Body.Close()
}
