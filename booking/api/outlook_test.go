package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/connectors"
)

// outlook asks for the public file, as anybody does.
func (d *door) outlook(query string) (Disponibilites, answer) {
	d.t.Helper()
	got := d.do(ask{path: "/v1/disponibilites.json" + query, token: "-"})
	var v Disponibilites
	if err := json.Unmarshal(got.body, &v); got.status != 200 || err != nil {
		d.t.Fatalf("%d %s %v", got.status, got.body, err)
	}
	return v, got
}

// Every line says what the API says of its place at the same time, whatever has happened to it.
func TestThePublicFileSaysWhatSearchesSay(t *testing.T) {
	d := newDoor(t)
	silent := func(context.Context) (connectors.Reading, error) { return connectors.Reading{}, errors.New("rien") }
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"all is free", func() {}},
		{"a morning is booked", func() {
			for _, hour := range []string{"09:00", "10:00", "11:00"} {
				d.booked("a", hour)
			}
		}},
		{"a slot is held", func() { d.held("g", "09:00") }},
		{"an agenda fails", func() { d.diary.read = silent }},
		{"it has failed for long", func() { d.wait(20 * time.Minute) }},
		{"a week has passed", func() { d.diary.read = nil; d.wait(7 * 24 * time.Hour) }},
	} {
		step.do()
		d.wait(editionEvery)
		d.token = d.tokenOf(d.partner, d.partner.Scopes)
		d.do(ask{path: "/v1/lieux?size=1000"}) // all are read
		items := d.do(ask{path: "/v1/lieux?size=1000"}).json(t)["items"].([]any)
		file, _ := d.outlook("")
		if len(file.Lieux) != len(items) || !file.Complet {
			t.Errorf("%s: %d lines of %d places", step.name, len(file.Lieux), len(items))
		}
		states := map[string]bool{}
		for _, l := range file.Lieux {
			var lieu Lieu
			if err := json.Unmarshal(d.do(ask{path: "/v1/lieux/" + strings.TrimPrefix(*l.Page, "https://rdv.example.org/lieux/")}).body, &lieu); err != nil {
				t.Fatal(err)
			}
			states[string(l.Etat)] = true
			want := Disponibilite{Id: lieu.Id, Alias: lieu.Alias, Etat: DisponibiliteEtat(lieu.Agenda.Etat), ObserveLe: lieu.Agenda.ObserveLe, Page: l.Page}
			action := DisponibiliteProchaineAction(lieu.ProchaineAction.Type)
			if want.ProchaineAction = &action; action == DisponibiliteProchaineActionReserver {
				want.ProchainCreneau = lieu.ProchaineAction.Quand
			}
			if got, want := encodedLine(t, l), encodedLine(t, want); got != want {
				t.Errorf("%s:\n%s\nwant\n%s", step.name, got, want)
			}
			if l.Etat == DisponibiliteEtatInconnu && l.ProchainCreneau != nil {
				t.Errorf("%s: a slot of what is not known: %+v", step.name, l)
			}
		}
		if !states["sans_agenda"] || !states["a_jour"] || states["inconnu"] != (step.name == "it has failed for long") {
			t.Errorf("%s: the states are %v", step.name, states)
		}
	}
}

func encodedLine(t *testing.T, d Disponibilite) string {
	t.Helper()
	return string(must[[]byte](t)(json.Marshal(d)))
}

// Nobody's secret is in it, nothing that books, and no agenda is read for it.
func TestThePublicFileHoldsNoSecret(t *testing.T) {
	d := newDoor(t)
	var read bool
	d.diary.read = func(context.Context) (connectors.Reading, error) {
		read = true
		return connectors.Reading{Basis: connectors.Busy}, nil
	}
	first, _ := d.outlook("")
	for _, l := range first.Lieux {
		if l.Id == "d" && (l.Etat != DisponibiliteEtatInconnu || l.ProchainCreneau != nil) {
			t.Errorf("never read: %+v", l)
		}
	}
	if read {
		t.Error("an agenda was read for it")
	}
	slot := d.slot("a", "09:00")
	d.booked("a", "10:00")
	d.wait(editionEvery)
	_, asJSON := d.outlook("")
	for _, got := range []answer{asJSON, d.do(ask{path: "/v1/disponibilites.csv", token: "-"})} {
		for _, secret := range []string{"CANARI", slot, slot[:20], "+33465710001", "anari", "prescripteur", "rdv-aide-numerique"} {
			if bytes.Contains(got.body, []byte(secret)) {
				t.Errorf("it holds %q", secret)
			}
		}
		if got.header.Get("Access-Control-Allow-Origin") != "*" || got.header.Get("Cache-Control") != "public, max-age=60" {
			t.Errorf("%v", got.header)
		}
	}
}

// A map on another site is told when to ask again: its script may read that too.
func TestTheRefusalOfThePublicFileIsReadFromAnySite(t *testing.T) {
	for _, path := range []string{"/v1/disponibilites.json", "/v1/disponibilites.csv"} {
		d := newDoor(t)
		d.limited(func(l *Limits) { l.Public = 1 })
		for _, status := range []int{200, 429} {
			got := d.do(ask{path: path, token: "-"})
			may, told := got.header.Get("Access-Control-Allow-Origin"), got.header.Get("Access-Control-Expose-Headers")
			if got.status != status || may != "*" || !strings.Contains(told, "Retry-After") {
				t.Errorf("%s: %d, not %d; %q may read it, %q too", path, got.status, status, may, told)
			}
		}
		if got := d.do(ask{path: "/v1/lieux"}); got.header.Get("Access-Control-Allow-Origin") != "" {
			t.Error("scripts of any site may read what a token is for")
		}
	}
}

// An edition stands for a minute, for all; who has it is told so.
func TestAnEditionStandsForAMinute(t *testing.T) {
	d := newDoor(t)
	d.do(ask{path: "/v1/lieux?size=1000"})
	first, got := d.outlook("")
	tag := got.header.Get("ETag")
	asked := func(path, tag string) int {
		return d.do(ask{path: path, token: "-", header: http.Header{"If-None-Match": {tag}}}).status
	}
	d.booked("a", "09:00")
	d.wait(editionEvery - time.Second)
	if again, _ := d.outlook(""); again.Position != first.Position || !again.GenereLe.Equal(first.GenereLe) {
		t.Error("it is made anew within its minute")
	}
	for _, path := range []string{"/v1/disponibilites.json", "/v1/disponibilites.csv"} {
		for tag, want := range map[string]int{tag: 304, strings.TrimPrefix(tag, "W/"): 304, `"x", ` + tag: 304, "*": 304, `"x"`: 200, "": 200} {
			if got := asked(path, tag); got != want {
				t.Errorf("%s, %s: %d", path, tag, got)
			}
		}
	}
	d.wait(time.Second)
	if got := asked("/v1/disponibilites.json", tag); got != 200 {
		t.Errorf("after it: %d", got)
	}
	changed, _ := d.outlook("?apres=" + first.Position)
	if changed.Complet || len(changed.Lieux) == 0 || len(changed.Lieux) == len(first.Lieux) || changed.Lieux[0].Id != "a" {
		t.Errorf("what has changed: %+v", changed)
	}
	if none, _ := d.outlook("?apres=" + changed.Position); none.Complet || len(none.Lieux) != 0 {
		t.Errorf("nothing has: %+v", none)
	}
	if other, _ := d.outlook("?apres=AAAAAAAA-1"); !other.Complet || len(other.Lieux) != len(first.Lieux) {
		t.Errorf("of another process: %+v", other)
	}
	d.problem(d.do(ask{path: "/v1/disponibilites.csv?apres=" + first.Position, token: "-"}), 422, "champ_invalide", "apres")
}

// The table and the compressed forms say the same.
func TestThePublicFileInItsForms(t *testing.T) {
	d := newDoor(t)
	d.do(ask{path: "/v1/lieux?size=1000"})
	file, plain := d.outlook("")
	table := d.do(ask{path: "/v1/disponibilites.csv", token: "-"})
	rows := must[[][]string](t)(csv.NewReader(bytes.NewReader(table.body)).ReadAll())
	if got := strings.Join(rows[0], " "); got != "id alias etat observe_le prochain_creneau prochaine_action page" || len(rows) != len(file.Lieux)+1 {
		t.Fatalf("%q, %d rows", got, len(rows))
	}
	for i, l := range file.Lieux {
		if got, want := strings.Join(rows[i+1], ";"), strings.Join(cells(l), ";"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for path, want := range map[string][]byte{"/v1/disponibilites.json": plain.body, "/v1/disponibilites.csv": table.body} {
		for accepted, coded := range map[string]bool{"gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false, "identity": false} {
			r := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
			r.Header.Set("Accept-Encoding", accepted)
			w := recorded(d.handler, r)
			var body io.Reader = w.Body
			if (w.Header().Get("Content-Encoding") == "gzip") != coded {
				t.Errorf("%s, %s: %v", path, accepted, w.Header())
			} else if coded {
				body = must[*gzip.Reader](t)(gzip.NewReader(w.Body))
			}
			if got := must[[]byte](t)(io.ReadAll(body)); !bytes.Equal(got, want) {
				t.Errorf("%s, %s: %.100s", path, accepted, got)
			}
		}
	}
}

// However many ask at once, it is made once.
func TestAnEditionIsMadeOnce(t *testing.T) {
	d := newDoor(t)
	for range 3 {
		positions := sync.Map{}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/disponibilites.json", nil)
				if err != nil {
					t.Error(err)
					return
				}
				positions.Store(recorded(d.handler, r).Header().Get("ETag"), true)
			})
		}
		all.Wait()
		n := 0
		positions.Range(func(any, any) bool { n++; return true })
		if n != 1 {
			t.Errorf("%d editions", n)
		}
		d.wait(editionEvery)
	}
}
