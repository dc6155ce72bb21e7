package main

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/internal/held"
	"passerelle/internal/testservers"
)

// monday is a working day at 08:00 in Paris, outside any holiday.
var monday = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)

// terminal runs commands one after the other, with one environment.
type terminal struct {
	t   *testing.T
	env map[string]string
	now time.Time // zero: the real clock

	clock *held.Clock // instead of now, for what moves it while a command runs
}

func newTerminal(t *testing.T) *terminal {
	return &terminal{t: t, now: monday, env: map[string]string{
		"PASSERELLE_SECRET":  "un-secret-de-test-assez-long-pour-servir-0123456789",
		"PASSERELLE_DONNEES": t.TempDir(),
	}}
}

// set gives variables of the program, without what all their names begin with.
func (x *terminal) set(variables map[string]string) {
	for name, value := range variables {
		x.env["PASSERELLE_"+name] = value
	}
}

// mailing has the program serve at a free address with a list of places, and a mail server beside it.
func (x *terminal) mailing(places string) (office *testservers.PostOffice, address string) {
	office, address = testservers.StartPostOffice(x.t), testservers.FreeAddress(x.t)
	maps.Copy(x.env, office.Environment())
	x.set(map[string]string{
		"LIEUX": x.file("lieux.csv", places), "ECOUTE": address, "URL_PUBLIQUE": "http://" + address,
		"EGRESS_HOTES_HTTP": "127.0.0.1", "EGRESS_ADRESSES_AUTORISEES": "127.0.0.1",
	})
	return office, address
}

func (x *terminal) program(out, err *held.Text) program {
	return program{
		env: func(name string) (string, bool) { v, ok := x.env[name]; return v, ok },
		out: out, err: err, now: func() time.Time {
			if x.clock != nil {
				return x.clock.Now()
			}
			if x.now.IsZero() {
				return time.Now()
			}
			return x.now
		},
	}
}

// run gives the exit code and what was written.
func (x *terminal) run(args ...string) (code int, out, err string) {
	x.t.Helper()
	var o, e held.Text
	code = x.program(&o, &e).run(x.t.Context(), args)
	return code, o.String(), e.String()
}

// ok runs a command that must succeed.
func (x *terminal) ok(args ...string) string {
	x.t.Helper()
	code, out, err := x.run(args...)
	if code != 0 {
		x.t.Fatalf("passerelle %s: exit %d\n%s%s", strings.Join(args, " "), code, out, err)
	}
	return out
}

func (x *terminal) file(name, text string) string {
	x.t.Helper()
	path := filepath.Join(x.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		x.t.Fatal(err)
	}
	return path
}

// start runs a command that goes on, until stop; it returns once the command has written want.
func (x *terminal) start(want string, args ...string) (out *held.Text, stop func()) {
	x.t.Helper()
	ctx, cancel := context.WithCancel(x.t.Context())
	out = &held.Text{}
	var errs held.Text
	ended := make(chan int, 1)
	go func() { ended <- x.program(out, &errs).run(ctx, args) }()
	for !strings.Contains(out.String()+errs.String(), want) {
		select {
		case code := <-ended:
			x.t.Fatalf("passerelle %s ended with %d:\n%s%s", strings.Join(args, " "), code, out, &errs)
		case <-time.After(10 * time.Millisecond):
		}
	}
	return out, func() {
		x.t.Helper()
		cancel()
		if code := <-ended; code != 0 {
			x.t.Errorf("passerelle %s ended with %d:\n%s", strings.Join(args, " "), code, &errs)
		}
	}
}

func lineOf[T any](t *testing.T, text string) (v T) {
	t.Helper()
	first, _, _ := strings.Cut(text, "\n")
	if err := json.Unmarshal([]byte(first), &v); err != nil {
		t.Fatalf("%q: %v", first, err)
	}
	return v
}

// The three lines that the demo prints, pasted into a shell.
func TestTheDemoWorksAsPrinted(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not here")
	}
	x := newTerminal(t)
	x.now = time.Now() // curl's tokens are checked against the same clock
	out, stop := x.start("consentement", "demo", "--addr", "127.0.0.1:0", "--json")
	defer stop()
	who := lineOf[demoLine](t, out.String())
	if who.URL == "" || who.ID == "" || who.Secret == "" {
		t.Fatalf("first line: %+v", who)
	}
	var answers []map[string]any
	for _, line := range regexp.MustCompile(`(?m)^curl .*$`).FindAllString(out.String(), -1) {
		shell, err := exec.CommandContext(t.Context(), "sh", "-c", line).Output()
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		var v map[string]any
		if err := json.Unmarshal(shell, &v); err != nil {
			t.Fatalf("%s: %v", shell, err)
		}
		answers = append(answers, v)
	}
	if len(answers) != 3 || answers[0]["total"].(float64) < 3 || len(answers[1]["creneaux"].([]any)) == 0 || answers[2]["statut"] != "confirme" {
		t.Errorf("the three lines answer %v", answers)
	}
}

const somePlaces = `id,nom,commune,code_postal,adresse,latitude,longitude,horaires,prise_rdv
l1,Lieu,Crest,26400,1 rue,44.7286,5.0222,"Mo-Fr 09:00-12:00",
l2,Lieu,Die,26150,1 rue,44.7531,5.3703,,https://www.rdv-aide-numerique.fr/org/99990001
,Sans id,Die,26150,1 rue,44.7531,5.3703,,
l3,Lieu,Die,26150,1 rue,44.7531,5.3703,,https://lieu.example.org/rdv
l4,Lieu,Die,26150,1 rue,44.7531,5.3703,,https://www.rdv-solidarites.fr/users/rdvs/1?invitation_token=CANARI99
`

func TestCheck(t *testing.T) {
	x := newTerminal(t)
	file := x.file("lieux.csv", somePlaces)
	got := lineOf[checked](t, x.ok("check", "--json", file))
	if got.Places != 4 || got.Rejected != 1 || got.Booking != 3 || got.Connectors["rdvsp"] != 2 || got.Connectors["link"] != 1 {
		t.Errorf("%+v", got)
	}
	if r := got.Rejections; len(r) != 1 || r[0].Line != 4 || r[0].Column != "id" || r[0].Reason == "" {
		t.Errorf("rejected: %+v", r)
	}
	for _, args := range [][]string{{"check", file}, {"check", "--json", file}} {
		if out := x.ok(args...); strings.Contains(out, "CANARI99") {
			t.Errorf("%v shows a personal link:\n%s", args, out)
		}
	}
	if code, _, _ := x.run("check", "--strict", file); code != 1 {
		t.Errorf("--strict with a rejected row: exit %d", code)
	}
	if code, _, err := x.run("check", x.file("x.csv", "a;b\n1;2\n")); code != 1 || err == "" {
		t.Errorf("a file without a usable header: exit %d, %q", code, err)
	}
}

func TestResolve(t *testing.T) {
	x := newTerminal(t)
	out := x.ok("resolve", "--json", "https://www.rdv-aide-numerique.fr/org/2981", "non", "https://www.rdv-solidarites.fr/prdv?tkn=CANARI99")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 3 || strings.Contains(out, "CANARI99") {
		t.Fatalf("%s", out)
	}
	first, last := lineOf[resolved](t, lines[0]), lineOf[resolved](t, lines[2])
	if *first.Connector != "rdvsp" || first.Mode != "orientation" || first.IDs["organisation"] != "2981" || first.Secret {
		t.Errorf("%+v", first)
	}
	if !last.Secret || last.Link != nil || last.Mode != "contact" || len(last.IDs) != 0 {
		t.Errorf("%+v", last)
	}
}

const feed = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//FR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n" +
	"DTSTART:20261123T090000Z\r\nDTEND:20261123T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

func TestSlotsOfAnAddress(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere.ics" {
			http.Redirect(w, r, "http://192.168.0.1/a.ics", http.StatusFound)
			return
		}
		if r.URL.Path != "/a.ics" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(feed))
	}))
	defer server.Close()
	x := newTerminal(t)
	args := func(address string) []string { // flags may follow the address
		return []string{"slots", address, "--json", "--days", "1", "--hours", "Mo-Fr 09:00-12:00", "--duration", "60"}
	}
	out := x.ok(args(server.URL + "/a.ics")...)
	if want := []string{"T09:00:00+01:00", "T11:00:00+01:00"}; strings.Count(out, "\n") != 2 || !strings.Contains(out, want[0]) || !strings.Contains(out, want[1]) {
		t.Errorf("%s", out)
	}
	if code, _, _ := x.run(args(server.URL + "/none.ics")...); code != 1 {
		t.Errorf("a feed that is not there: exit %d", code)
	}
	for _, address := range []string{server.URL + "/elsewhere.ics", "https://192.168.0.1/a.ics", "http://agenda.example.org/a.ics"} {
		if code, _, err := x.run(args(address)...); code != 1 || strings.Contains(err, ".ics") {
			t.Errorf("%s: exit %d, %q", address, code, err)
		}
	}
}

const someAgendas = `
- id: bureau
  connecteur: native
  lieux: [l1]
  avis: accueil@example.org
- id: valide
  connecteur: native
  lieux: [l3]
  horaires: Mo-Fr 14:00-16:00
  avis: accueil@example.org
  motifs: [{id: m, libelle: M, validation: structure}]
`

// An operator's day: a partner, agendas, a booking, a request that the structure accepts, the outbox.
func TestAnOperatorsDay(t *testing.T) {
	x := newTerminal(t)
	x.now = time.Now()
	partner := lineOf[newPartner](t, x.ok("partner", "add", "--json", "Plateforme d'essai"))
	declared := x.file("a.yaml", someAgendas)
	if code, _, err := x.run("agenda", "add", declared); code != 1 || !strings.Contains(err, "fuseau") {
		t.Errorf("neither a zone nor a known place: exit %d, %q", code, err)
	}
	x.env["PASSERELLE_LIEUX"] = x.file("lieux.csv", somePlaces)
	if out := x.ok("agenda", "add", declared); out != "bureau\nvalide\n" {
		t.Fatalf("agenda add: %q", out)
	}
	x.env["PASSERELLE_ECOUTE"] = "127.0.0.1:0"
	x.env["PASSERELLE_URL_PUBLIQUE"] = "http://127.0.0.1"
	_, stop := x.start("the gateway serves", "serve")
	stop()

	if out := x.ok("agenda", "test", "bureau"); !strings.Contains(out, "native : lu") {
		t.Errorf("agenda test: %s", out)
	}
	x.ok("agenda", "pause", "bureau")
	if l := lineOf[agendaLine](t, x.ok("agenda", "list", "--json")); l.ID != "bureau" || !l.Paused || l.Version != 2 {
		t.Errorf("after a pause: %+v", l)
	}
	x.ok("agenda", "resume", "bureau")
	if out := x.ok("outbox") + x.ok("request", "list"); out != "" {
		t.Errorf("nothing happened yet, and there is %q", out)
	}
	if code, _, _ := x.run("request", "accept", "nobody"); code != 1 {
		t.Error("a request that there is not was accepted")
	}
	if l := lineOf[partnerLine](t, x.ok("partner", "list", "--json")); l.ID != partner.ID || l.Revoked != nil {
		t.Errorf("partner list: %+v", l)
	}
	if out := x.ok("partner", "list"); !strings.Contains(out, "agit : partout") {
		t.Errorf("partner list: %s", out)
	}
	x.ok("partner", "territory", "--departements", "26,2A", "--lieux", "lieu-1", partner.ID)
	if l := lineOf[partnerLine](t, x.ok("partner", "list", "--json")); !slices.Equal(l.Territory.Departments, []string{"26", "2A"}) || !slices.Equal(l.Territory.Places, []string{"lieu-1"}) {
		t.Errorf("partner list: %+v", l)
	}
	if out := x.ok("partner", "list"); !strings.Contains(out, "agit : 26, 2A, lieu-1") {
		t.Errorf("partner list: %s", out)
	}
	if code, _, err := x.run("partner", "territory", "--departements", "26", "nobody"); code != 1 || !strings.Contains(err, "aucun partenaire") {
		t.Errorf("a partner that there is not: %d %s", code, err)
	}
	if code, _, err := x.run("partner", "territory", "--departements", "Drôme", partner.ID); code != 2 || !strings.Contains(err, "code de département") {
		t.Errorf("a département by its name: %d %s", code, err)
	}
	x.ok("partner", "revoke", partner.ID)
	if l := lineOf[partnerLine](t, x.ok("partner", "list", "--json")); l.Revoked == nil {
		t.Error("the partner is not revoked")
	}
	if out := x.ok("partner", "list"); strings.Contains(out, partner.Secret) {
		t.Error("the secret is shown again")
	}
}

func TestWrongCallsSayHow(t *testing.T) {
	x := newTerminal(t)
	for _, args := range [][]string{{"nothing"}, {"check"}, {"resolve"}, {"partner"}, {"agenda", "burn"}, {"slots", "--days"}} {
		if code, out, err := x.run(args...); code != 2 || out != "" || !strings.Contains(err, "passerelle") {
			t.Errorf("%v: exit %d, %q, %q", args, code, out, err)
		}
	}
	for _, args := range [][]string{{}, {"help"}, {"check", "-h"}, {"agenda", "-h"}} {
		if code, out, err := x.run(args...); code != 0 || out+err == "" {
			t.Errorf("%v: exit %d", args, code)
		}
	}
	help := x.ok("help")
	for _, c := range commands() {
		if !strings.Contains(help, "  "+c.name+" ") {
			t.Errorf("the help does not name %s", c.name)
		}
	}
}

func TestServeSaysWhatIsMissing(t *testing.T) {
	x := newTerminal(t)
	delete(x.env, "PASSERELLE_SECRET")
	if code, _, err := x.run("serve"); code != 1 || !strings.Contains(err, "PASSERELLE_SECRET") {
		t.Errorf("without a secret: exit %d, %q", code, err)
	}
	x = newTerminal(t)
	if code, _, err := x.run("serve"); code != 1 || !strings.Contains(err, "lieux") {
		t.Errorf("without places: exit %d, %q", code, err)
	}
	x.env["PASSERELLE_RESERVATION"] = "3h"
	if code, _, err := x.run("serve"); code != 1 || !strings.Contains(err, "RESERVATION") {
		t.Errorf("with a wrong variable: exit %d, %q", code, err)
	}
}

// The demo's files are what the rest of the program can read without a word to say.
func TestTheDemosFilesAreClean(t *testing.T) {
	text, err := demoFiles.ReadFile("demo/lieux.csv")
	if err != nil {
		t.Fatal(err)
	}
	x := newTerminal(t)
	got := lineOf[checked](t, x.ok("check", "--json", x.file("lieux.csv", string(text))))
	if got.Places != 30 || got.Rejected != 0 || len(got.Warnings) != 0 {
		t.Errorf("%+v", got)
	}
	if got.Connectors["rdvsp"] != 3 || got.Connectors["link"] != 2 {
		t.Errorf("connectors: %v", got.Connectors)
	}
}

func TestHours(t *testing.T) {
	x := newTerminal(t)
	out := x.ok("hours", "--from", "2026-11-23", "--to", "2026-11-24", "Mo-Fr 09:00-12:00", "sur rendez-vous")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if want := `{"valeur":"Mo-Fr 09:00-12:00","lu":"tout","ouvert":[[1795420800,1795431600]],"raison":""}`; len(lines) != 2 || lines[0] != want {
		t.Errorf("got %s\nwant %s", out, want)
	}
	if l := lineOf[readHours](t, lines[1]); l.Understood == "tout" || len(l.Open) != 0 || l.Reason == "" {
		t.Errorf("free text: %+v", l)
	}
	if code, _, err := x.run("hours", "--zone", "Paris", "24/7"); code != 1 || !strings.Contains(err, "zone") {
		t.Errorf("a wrong zone: %d %q", code, err)
	}
}

func TestCalendarCommands(t *testing.T) {
	x := newTerminal(t)
	file := x.file("a.ics", feed)
	code, out, err := x.run("calendar", "events", "--from", "2026-11-23", "--to", "2026-11-24", file)
	if want := `{"start":1795424400,"end":1795428000,"uid":"1","summary":"","transparent":false}` + "\n"; code != 0 || out != want || !strings.HasPrefix(err, "complete") {
		t.Errorf("%d %s %s", code, out, err)
	}
	if out := x.ok("calendar", "explain", "--from", "2026-11-23T00:00:00Z", "--to", "2026-11-24", file); !strings.Contains(out, "10:00") || !strings.Contains(out, "occupé") {
		t.Errorf("%s", out)
	}
	if code, _, err := x.run("calendar", "events", x.file("b.ics", "<html>")); code != 1 || err == "" {
		t.Errorf("a page: %d %q", code, err)
	}
}

// One server holds the calendars of many: an account and a calendar's name tell them apart, an address alone does not.
func TestCalendarsOfOneServerAreNotOneAgenda(t *testing.T) {
	x := newTerminal(t)
	x.env["PASSERELLE_LIEUX"] = x.file("lieux.csv", somePlaces)
	declare := func(id, settings string) string {
		t.Helper()
		out := x.ok("agenda", "add", x.file(id+".yaml", "- id: "+id+"\n  connecteur: caldav\n  adresse: https://nuage.example.org/\n  parametres: "+settings+"\n  lieux: [l3]\n  horaires: Mo-Fr 14:00-16:00\n"))
		return strings.TrimSpace(out)
	}
	for _, c := range []struct{ id, settings, want string }{
		{"accueil", "{compte: accueil, mot_de_passe: a}", "accueil"},
		{"camille", "{compte: camille, mot_de_passe: a}", "camille"},
		{"ateliers", "{compte: accueil, mot_de_passe: a, calendrier: Ateliers}", "ateliers"},
		{"encore", "{compte: accueil, mot_de_passe: a}", "accueil"}, // the same one, declared twice
	} {
		if got := declare(c.id, c.settings); got != c.want {
			t.Errorf("%s is kept as %q, want %q", c.id, got, c.want)
		}
	}
}

// A request made by a partner reaches the structure through the operator, and its answer comes back.
func TestARequestAndItsAnswer(t *testing.T) {
	x := newTerminal(t)
	x.env["PASSERELLE_LIEUX"] = x.file("lieux.csv", somePlaces)
	x.ok("agenda", "add", x.file("a.yaml", someAgendas))
	id := x.book("l3")

	waiting := lineOf[requestLine](t, x.ok("request", "list", "--json"))
	if waiting.ID != id || waiting.Place != "l3" || waiting.Motif != "M" || !strings.HasSuffix(waiting.Start, "+01:00") {
		t.Errorf("request list: %+v", waiting)
	}
	if out := x.ok("request", "show", id); !strings.Contains(out, "Nom-canari") || !strings.Contains(out, "accueil@example.org") {
		t.Errorf("request show: %s", out)
	}
	if out := x.ok("request", "list") + x.ok("outbox", "--all"); strings.Contains(out, "canari") {
		t.Errorf("a list shows personal data: %s", out)
	}
	if due := lineOf[outboxLine](t, x.ok("outbox", "--json")); due.To != "structure" || due.About != "demande" || due.Appointment != id {
		t.Errorf("outbox: %+v", due)
	}
	if out := x.ok("request", "accept", id); out != id+" confirme\n" {
		t.Errorf("request accept: %q", out)
	}
	if code, _, err := x.run("request", "refuse", id); code != 1 || err == "" {
		t.Errorf("refused after it was accepted: exit %d", code)
	}
	x.env["PASSERELLE_SECRET"] = "un-autre-secret-de-test-tout-aussi-long-0123456789"
	if code, _, err := x.run("outbox"); code != 1 || !strings.Contains(err, "secret") {
		t.Errorf("with another secret: exit %d, %q", code, err)
	}
}

// book takes the first slot of a place, as a partner's call would.
func (x *terminal) book(place string) string { return x.bookFor("p", place) }

func (x *terminal) bookFor(partner, place string) string {
	x.t.Helper()
	var out, errs held.Text
	p := x.program(&out, &errs)
	c, err := p.configuration("")
	if err != nil {
		x.t.Fatal(err)
	}
	var made booking.Result
	err = p.with(x.t.Context(), c, func(g *gateway) error {
		o, err := g.service.SlotsOf(x.t.Context(), place, nil, nil, "")
		if err != nil {
			return err
		}
		made, err = g.service.Book(x.t.Context(), booking.Call{Partner: partner, Key: place}, booking.Booking{
			SlotID: o.Slots[0].ID(), Details: booking.Details{Beneficiary: booking.Beneficiary{FirstName: "P", LastName: "Nom-canari", Reference: "dossier-" + place}},
		})
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return made.Appointment.ID
}
