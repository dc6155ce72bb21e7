package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/internal/held"
)

// The drill of docs/operations.md: a backup, a loss, an erasure in between, and everything that is promised comes back.
func TestARestoreDrill(t *testing.T) {
	x := newTerminal(t)
	x.env["PASSERELLE_LIEUX"] = x.file("lieux.csv", somePlaces)
	x.ok("agenda", "add", x.file("a.yaml", someAgendas))
	kept, erased := x.book("l1"), x.book("l3")
	copied := filepath.Join(t.TempDir(), "sauvegarde.db")
	x.ok("backup", copied)
	if code, _, err := x.run("backup", copied); code != 1 || err == "" {
		t.Error("a backup was written over another")
	}
	x.ok("erase", erased)
	after := x.ok("request", "show", erased)
	if strings.Contains(after, "canari") {
		t.Errorf("erased, and shown: %s", after)
	}

	ledger := filepath.Join(x.env["PASSERELLE_DONNEES"], ledgerFile)
	if err := os.Truncate(ledger, 100); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(ledger + "-wal"); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if code, _, _ := x.run("request", "list"); code != 1 {
		t.Error("a damaged ledger is read")
	}
	if code, _, err := x.run("restore", x.file("faux.db", "rien")); code != 1 || !strings.Contains(err, "rien n'a été changé") {
		t.Errorf("what is no backup: %d %q", code, err)
	}
	if out := x.ok("restore", copied); !strings.Contains(out, "2 rendez-vous") || !strings.Contains(out, "1 dont") {
		t.Errorf("restore: %s", out)
	}
	if out := x.ok("request", "show", kept); !strings.Contains(out, "Nom-canari") {
		t.Errorf("what was kept: %s", out)
	}
	if out := x.ok("request", "show", erased); strings.Contains(out, "canari") {
		t.Errorf("what was erased came back: %s", out)
	}
	old, err := filepath.Glob(ledger + ".avant-*")
	if err != nil || len(old) == 0 {
		t.Errorf("the ledger that was replaced is not kept: %v, %v", old, err)
	}
}

func TestADoctorsWord(t *testing.T) {
	x := newTerminal(t)
	x.ok("partner", "add", "P")
	code, out, _ := x.run("doctor")
	if code != 1 || !strings.Contains(out, "lieux") {
		t.Errorf("without places: %d %s", code, out)
	}
	x.env["PASSERELLE_LIEUX"] = x.file("lieux.csv", somePlaces)
	x.env["PASSERELLE_URL_PUBLIQUE"] = "https://rdv.example.org"
	x.ok("agenda", "add", x.file("a.yaml", someAgendas))
	x.book("l1")
	if out := x.ok("doctor"); !strings.Contains(out, "1 rendez-vous, aucun chevauchement") || !strings.Contains(out, "messages attendent") {
		t.Errorf("all is well: %s", out)
	}
	x.env["PASSERELLE_REDIS"] = "redis://127.0.0.1:1"
	if out := x.ok("doctor"); !strings.Contains(out, "il ne répond pas") {
		t.Errorf("without its Redis: %s", out)
	}
	if err := os.RemoveAll(filepath.Join(x.env["PASSERELLE_DONNEES"], keysFile)); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := x.run("doctor"); code != 1 || !strings.Contains(out, "plus de clé") {
		t.Errorf("without its keys: %d %s", code, out)
	}
}

func TestWhatHumansMustSettle(t *testing.T) {
	x := newTerminal(t)
	x.env["PASSERELLE_LIEUX"] = x.file("lieux.csv", somePlaces)
	x.ok("agenda", "add", x.file("a.yaml", someAgendas))
	id := x.book("l1")
	x.step(id, booking.GiveUp)
	l := lineOf[todoLine](t, x.ok("todo", "--json"))
	if start, err := time.Parse(time.RFC3339, l.Start); l.ID != id || l.Place != "l1" || err != nil || start.IsZero() {
		t.Errorf("todo: %+v", l)
	}
	if code, _, err := x.run("todo", "settle", id, "peut-etre"); code != 1 || !strings.Contains(err, "confirme") {
		t.Errorf("no outcome: %d %q", code, err)
	}
	if out := x.ok("todo", "settle", "--reason", "le lieu n'en sait rien", id, "annule"); out != id+" annule\n" {
		t.Errorf("settle: %q", out)
	}
	if out := x.ok("todo"); out != "" {
		t.Errorf("still to be settled: %s", out)
	}
	if code, _, _ := x.run("todo", "settle", id, "confirme"); code != 1 {
		t.Error("settled twice")
	}
}

// step takes an appointment a step further, past every rule but the machine's.
func (x *terminal) step(id string, e booking.Event) {
	x.t.Helper()
	var out, errs held.Text
	p := x.program(&out, &errs)
	c, err := p.configuration("")
	if err != nil {
		x.t.Fatal(err)
	}
	err = p.with(x.t.Context(), c, func(g *gateway) error {
		a, err := g.ledger.AnyAppointment(x.t.Context(), id)
		if err != nil {
			return err
		}
		_, err = g.ledger.Advance(x.t.Context(), id, a.Version, booking.Change{Event: e})
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
}

func TestASecretIsForgottenAfterARewrap(t *testing.T) {
	x := newTerminal(t)
	x.env["PASSERELLE_LIEUX"] = x.file("lieux.csv", somePlaces)
	x.ok("agenda", "add", x.file("a.yaml", someAgendas))
	id := x.book("l1")
	old := x.env["PASSERELLE_SECRET"]
	x.env["PASSERELLE_SECRET"], x.env["PASSERELLE_SECRETS_PRECEDENTS"] = "un-autre-secret-de-test-tout-aussi-long-0123456789", old
	x.ok("rewrap")
	delete(x.env, "PASSERELLE_SECRETS_PRECEDENTS")
	if out := x.ok("request", "show", id); !strings.Contains(out, "Nom-canari") {
		t.Errorf("%s", out)
	}
	var out, errs held.Text
	p := x.program(&out, &errs)
	c, err := p.configuration("")
	if err != nil {
		t.Fatal(err)
	}
	err = p.with(t.Context(), c, func(g *gateway) error { // she is found again by her partner's name of her
		kept, err := g.service.PersonKept(t.Context(), "p", "dossier-l1")
		if err == nil && (len(kept) != 1 || kept[0].ID != id) {
			err = fmt.Errorf("%d are found", len(kept))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	x.env["PASSERELLE_SECRET"] = old
	if code, _, _ := x.run("request", "show", id); code != 1 {
		t.Error("the old secret still opens it")
	}
}

func TestNothingIsRestoredUnderARunningGateway(t *testing.T) {
	x := newTerminal(t)
	x.env["PASSERELLE_LIEUX"] = x.file("lieux.csv", somePlaces)
	x.env["PASSERELLE_ECOUTE"], x.env["PASSERELLE_URL_PUBLIQUE"] = "127.0.0.1:0", "http://127.0.0.1"
	x.ok("agenda", "add", x.file("a.yaml", someAgendas))
	copied := filepath.Join(t.TempDir(), "sauvegarde.db")
	_, stop := x.start("the gateway serves", "serve")
	x.ok("backup", copied)
	if code, _, err := x.run("restore", copied); code != 1 || !strings.Contains(err, "sert déjà") {
		t.Errorf("restored under a running gateway: %d %q", code, err)
	}
	if code, _, err := x.run("serve"); code != 1 || !strings.Contains(err, "sert déjà") {
		t.Errorf("two serve one folder: %d %q", code, err)
	}
	stop()
	x.ok("restore", copied)
}
