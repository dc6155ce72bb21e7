package main

import (
	"strings"
	"testing"
	"time"
)

// Over HTTP, by pages and by API, on the program as it is shipped: each search raises one number, the program's end keeps
// it, and it is read once its month is over; of what names a place nothing is counted.
func TestWhatWasSoughtIsRead(t *testing.T) {
	x := newTerminal(t)
	_, address := x.mailing(somePlaces)
	base := "http://" + address
	x.ok("agenda", "add", x.file("a.yaml", someAgendas))
	who := lineOf[newPartner](t, x.ok("partner", "add", "--json", "Plateforme"))
	_, stop := x.start("the gateway serves", "serve")
	tool := &partnerTool{t, base, tokenFor(t, base, who.ID, who.Secret)}
	const around = "/v1/creneaux?lat=44.7286&lon=5.0222&rayon_km=15"
	for _, path := range []string{
		around, around, around, around + "&creneaux_par_lieu=1", // four
		around + "&page=2", "/v1/creneaux?lieu_id=l1", "/v1/lieux/l1/creneaux", "/v1/lieux?code_commune=26108", // none
		"/v1/creneaux?code_commune=26362&services=Aide%20aux%20d%C3%A9marches%20administratives",
	} {
		if status, answer := tool.do("GET", path, "", ""); status != 200 {
			t.Fatalf("%s: %d %v", path, status, answer)
		}
	}
	if page := get(t, base+"/?lat=44.7286&lon=5.0222&rayon=15"); !strings.Contains(page, "1 lieu") { // the fifth
		t.Errorf("the page finds nothing: %s", page)
	}
	get(t, base+"/")
	stop()

	if code, _, err := x.run("demand", "--from", "2026-11", "--to", "2026-12"); code != 1 || !strings.Contains(err, "to") {
		t.Errorf("a month under way: %d %q", code, err)
	}
	x.now = time.Date(2026, 12, 2, 9, 0, 0, 0, time.UTC)
	const want = `mois,code_epci,epci,service,resultat,delai,nombre
2026-11,200040509,CC du Crestois et de Pays de Saillans Coeur de Drôme,,creneau,0-1j,5
2026-11,200068781,CA Valence Romans Agglo,Aide aux démarches administratives,aucun_lieu,,<5
`
	for _, args := range [][]string{{"demand", "--csv"}, {"demand", "--csv", "--from", "2026-11-01", "--to", "2026-12-01"}} {
		if got := x.ok(args...); got != want {
			t.Errorf("%v:\n%s", args, got)
		}
	}
	if got := x.ok("demand"); !strings.Contains(got, "Crestois") || !strings.Contains(got, "creneau 0-1j  5\n") || strings.Count(got, "\n") != 2 {
		t.Errorf("in words:\n%s", got)
	}
	if got := x.ok("demand", "--csv", "--from", "2026-10", "--to", "2026-11"); strings.Count(got, "\n") != 1 {
		t.Errorf("a month in which nobody searched:\n%s", got)
	}
	for _, args := range [][]string{{"--from", "2026-11-15"}, {"--to", "hier"}, {"--from", "2026-11", "--to", "2026-11"}, {"--to", "2027-01"}} {
		if code, _, err := x.run(append([]string{"demand"}, args...)...); code != 1 || err == "" {
			t.Errorf("%v: %d %q", args, code, err)
		}
	}
}
