package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	_ "time/tzdata"

	"passerelle/booking"
	"passerelle/connectors"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const header = "id,nom,commune,code_postal,adresse"

func readText(t *testing.T, text string) ([]*booking.Place, Report) {
	t.Helper()
	places, report, err := Read(strings.NewReader(text), "essai")
	if err != nil {
		t.Fatal(err)
	}
	return places, report
}

func readSample(t *testing.T, name string) ([]*booking.Place, Report) {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	places, report, err := Read(file, name)
	if err != nil {
		t.Fatal(err)
	}
	return places, report
}

func ids(places []*booking.Place) []string {
	var list []string
	for _, p := range places {
		list = append(list, p.ID)
	}
	return list
}

// dump shows every field, the zone by its name.
func dump(t *testing.T, places []*booking.Place, report Report) []byte {
	t.Helper()
	type shown struct {
		*booking.Place
		Zone string
	}
	var list []shown
	for _, p := range places {
		list = append(list, shown{p, p.Zone.String()})
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(struct {
		Places []shown
		Report Report
	}{list, report}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEverythingInTheSampleIsAsInTheGoldenFile(t *testing.T) {
	places, report := readSample(t, "lieux.csv")
	got := dump(t, places, report)
	const golden = "testdata/lieux.golden.json"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("differs from %s; run with -update and look at what changed:\n%s", golden, got)
	}
}

func TestEveryColumnOfTheStandardReachesThePlace(t *testing.T) {
	places, _ := readSample(t, "lieux.csv")
	first := reflect.ValueOf(*places[0])
	for i := range first.NumField() {
		name := first.Type().Field(i).Name
		if !slices.Contains([]string{"INSEEDeduced", "OutsideSources", "Number"}, name) && first.Field(i).IsZero() {
			t.Errorf("%s is empty though every column of the first row is filled", name)
		}
	}
}

func TestJSONHoldsTheSamePlacesAsCSV(t *testing.T) {
	fromCSV, csvReport := readSample(t, "lieux.csv")
	fromJSON, jsonReport := readSample(t, "lieux.json")
	if a, b := dump(t, fromCSV, Report{}), dump(t, fromJSON, Report{}); !bytes.Equal(a, b) {
		t.Errorf("CSV:\n%s\nJSON:\n%s", a, b)
	}
	if csvReport.Rows != jsonReport.Rows || len(csvReport.Rejected) != len(jsonReport.Rejected) {
		t.Errorf("CSV %d rows, %d rejected; JSON %d rows, %d rejected", csvReport.Rows, len(csvReport.Rejected), jsonReport.Rows, len(jsonReport.Rejected))
	}
}

func TestOlderFilesReadLikeNewOnes(t *testing.T) {
	now, _ := readSample(t, "lieux.csv")
	old, _ := readSample(t, "lieux-v0.csv")
	if !slices.Equal(ids(now), ids(old)) {
		t.Fatalf("places %q, want %q", ids(old), ids(now))
	}
	for i, p := range now {
		// What v0.1 had no column for.
		p.Mobility, p.SpecialCare, p.Labels, p.AccessModes = nil, nil, nil, nil
		if !reflect.DeepEqual(fmt.Sprint(strip(*p)), fmt.Sprint(strip(*old[i]))) {
			t.Errorf("v0.1 %+v\nv1.0 %+v", strip(*old[i]), strip(*p))
		}
	}
}

// strip takes the pointers away, so that places can be compared as text.
func strip(p booking.Place) booking.Place {
	p.Point, p.Zone = nil, nil
	return p
}

func TestFormsOfAFile(t *testing.T) {
	const place = "id,nom,commune,code_postal,adresse\nx1,Lieu,Die,26150,1 rue A\n"
	for name, text := range map[string]string{
		"comma":                place,
		"semicolon":            strings.ReplaceAll(place, ",", ";"),
		"tab":                  strings.ReplaceAll(place, ",", "\t"),
		"byte order mark":      "\ufeff" + place,
		"CRLF":                 strings.ReplaceAll(place, "\n", "\r\n"),
		"no last line end":     strings.TrimSpace(place),
		"blank lines":          "\n\n" + strings.ReplaceAll(place, "\n", "\n\n,,,,\n"),
		"header in capitals":   strings.Replace(place, "id,nom,commune,code_postal", "ID,Nom,COMMUNE,Code postal", 1),
		"quoted header":        strings.Replace(place, "id,nom", `"id","nom"`, 1),
		"array":                `[{"id":"x1","nom":"Lieu","commune":"Die","code_postal":26150,"adresse":"1 rue A"}]`,
		"array in an object":   ` {"total":1,"lieux":[{"id":"x1","nom":"Lieu","commune":"Die","code_postal":"26150","adresse":"1 rue A"}]}`,
		"numbers for an id":    strings.ReplaceAll(place, "x1", " x1 "),
		"surplus blank fields": strings.Replace(place, "1 rue A", "1 rue A,,,", 1),
	} {
		t.Run(name, func(t *testing.T) {
			places, report := readText(t, text)
			if len(places) != 1 || len(report.Rejected) > 0 || len(report.Warnings) > 0 || report.Rows != 1 || report.Places != 1 {
				t.Fatalf("%d places, %+v", len(places), report)
			}
			p := places[0]
			if p.ID != "x1" || p.Name != "Lieu" || p.PostalCode != "26150" || p.Address != "1 rue A" || p.INSEE != "26113" || !p.INSEEDeduced {
				t.Errorf("%+v", p)
			}
		})
	}
}

func TestWindows1252IsReadAndReportedOnce(t *testing.T) {
	text := header + "\nx1,M\xe9diath\xe8que \x96 \x80,Di\xe9,26150,A\nx2,\xc9cole,Die,26150,A\n"
	places, report := readText(t, text)
	if len(places) != 2 || places[0].Name != "Médiathèque – €" {
		t.Fatalf("%+v", places)
	}
	if len(report.Warnings) != 1 || report.Warnings[0].Line != 2 || !strings.Contains(report.Warnings[0].Reason, "Windows-1252") {
		t.Errorf("%+v", report.Warnings)
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	for name, test := range map[string]struct{ text, says string }{
		"empty":             {"", "vide"},
		"blank":             {" \n \n", "vide"},
		"no header":         {"x1,Lieu,Die,26150,A\n", "en-tête"},
		"no id column":      {"nom,commune\nLieu,Die\n", "en-tête"},
		"header not quoted": {`"id,nom` + "\nx1,Lieu\n", "guillemets"},
		"web page":          {"<!doctype html><title>404</title>", "page web"},
		"UTF-16":            {"\xff\xfei\x00d\x00", "UTF-16"},
		"zip":               {"PK\x03\x04....", "compressé"},
		"truncated JSON":    {`[{"id":"x1","nom":"L"},` + "\n" + `{"id":"x2"`, "JSON"},
		"trailing comma":    {`[{"id":"x1","nom":"L"},` + "\n]", "ligne"},
		"other JSON":        {`{"message":"not found"}`, "tableau"},
		"wrapper of text":   {`{"lieux":"none"}`, "tableau"},
		"other objects":     {`[{"name":"x"},{"name":"y"}]`, "« id »"},
	} {
		t.Run(name, func(t *testing.T) {
			places, _, err := Read(strings.NewReader(test.text), "essai.csv")
			refused, ok := errors.AsType[*booking.Error](err)
			if !ok || refused.Kind != connectors.Invalid || !strings.Contains(refused.Detail, test.says) || !strings.Contains(refused.Detail, "essai.csv") {
				t.Errorf("error %v, %+v; want one that says %q", err, refused, test.says)
			}
			if places != nil {
				t.Errorf("places %v of a refused file", places)
			}
		})
	}
}

type brokenReader struct{ text *strings.Reader }

func (b brokenReader) Read(p []byte) (int, error) {
	if b.text.Len() == 0 {
		return 0, errors.New("connection reset")
	}
	return b.text.Read(p)
}

func TestAReadingThatBreaksOffIsNotAShortFile(t *testing.T) {
	for _, text := range []string{header + "\nx1,Lieu,Die,26150,A\nx2,Li", `[{"id":"x1","nom":"L"}`, ""} {
		_, _, err := Read(brokenReader{strings.NewReader(text)}, "essai")
		if connectors.KindOf(err) != connectors.Unavailable {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTooLargeAFileIsRefused(t *testing.T) {
	text := header + "\nx1,Lieu,Die,26150,A\n"
	if _, _, err := read(strings.NewReader(text), "essai", int64(len(text))); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	if _, _, err := read(strings.NewReader(text), "essai", int64(len(text)-1)); !errors.Is(err, errTooLarge) {
		t.Errorf("beyond the limit: %v", err)
	}
}

func TestRowsThatAreRejected(t *testing.T) {
	const good = "ok,Bon lieu,Die,26150,A\n"
	for name, test := range map[string]struct {
		row  string
		want Rejection
	}{
		"no id":          {",Lieu,Die,26150,A\n", Rejection{Line: 3, Column: "id"}},
		"no name":        {"x1,\u00a0,Die,26150,A\n", Rejection{Line: 3, Column: "nom"}},
		"same id":        {"avant,Autre,Die,26150,A\n", Rejection{Line: 3, Column: "id", Value: "avant"}},
		"shifted row":    {"x1,Lieu,Die,A\n", Rejection{Line: 3, Value: "x1"}},
		"too long":       {"x1,Lieu,Die,26150,A,B\n", Rejection{Line: 3, Value: "x1"}},
		"stray quote":    {"x1,\"Lieu\" de vie,Die,26150,A\n", Rejection{Line: 3, Value: `x1,"Lieu" de vie,Die,26150,A`}},
		"quote not shut": {"x1,\"Lieu,Die,26150,A\n", Rejection{Line: 3, Value: `x1,"Lieu,Die,26150,A`}},
	} {
		t.Run(name, func(t *testing.T) {
			places, report := readText(t, header+"\navant,Lieu,Die,26150,A\n"+test.row+good)
			if !slices.Equal(ids(places), []string{"avant", "ok"}) {
				t.Errorf("places %q", ids(places))
			}
			if len(report.Rejected) != 1 || report.Rows != 3 {
				t.Fatalf("%+v", report)
			}
			got := report.Rejected[0]
			if got.Reason == "" {
				t.Error("no reason")
			}
			if got.Reason = ""; got != test.want {
				t.Errorf("rejection %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestLinesAreThoseOfTheFile(t *testing.T) {
	text := header + "\n\nx1,\"Un\nnom\nlong\",Die,26150,A\n,Lieu,Die,26150,A\n"
	_, report := readText(t, text)
	if len(report.Rejected) != 1 || report.Rejected[0].Line != 6 {
		t.Errorf("CSV: %+v", report.Rejected)
	}
	text = "[\n {\n  \"id\": \"x1\", \"nom\": \"L\", \"commune\": \"Die\", \"code_postal\": 26150, \"adresse\": \"A\"\n },\n\n {\n  \"id\": \"x2\"\n },\n 3\n]"
	_, report = readText(t, text)
	if len(report.Rejected) != 2 || report.Rejected[0].Line != 6 || report.Rejected[1].Line != 9 {
		t.Errorf("JSON: %+v", report.Rejected)
	}
}

func TestValuesThatAreRepairedOrLeftOut(t *testing.T) {
	for name, test := range map[string]struct {
		column, value string
		field         func(booking.Place) any
		want          any
		warned        bool
	}{
		"postal code with its zero lost": {"code_postal", "1000", func(p booking.Place) any { return p.PostalCode }, "01000", true},
		"postal code as a decimal":       {"code_postal", "26150.0", func(p booking.Place) any { return p.PostalCode }, "26150", true},
		"postal code with a space":       {"code_postal", "26 150", func(p booking.Place) any { return p.PostalCode }, "26150", true},
		"no postal code":                 {"code_postal", "Drôme", func(p booking.Place) any { return p.PostalCode }, "", true},
		"INSEE code of Corsica":          {"code_insee", "2a004", func(p booking.Place) any { return p.INSEE }, "2A004", true},
		"INSEE code of nowhere":          {"code_insee", "?", func(p booking.Place) any { return p.INSEE }, "26113", true},
		"date":                           {"date_maj", "2026-01-02", func(p booking.Place) any { return p.UpdatedOn }, "2026-01-02", false},
		"date with a time":               {"date_maj", "2026-01-02T03:04:05Z", func(p booking.Place) any { return p.UpdatedOn }, "2026-01-02", false},
		"date by the day":                {"date_maj", "31/01/2026", func(p booking.Place) any { return p.UpdatedOn }, "2026-01-31", false},
		"date that is none":              {"date_maj", "hier", func(p booking.Place) any { return p.UpdatedOn }, "", true},
		"list of today":                  {"services", "Aide aux démarches administratives|Utilisation sécurisée du numérique", func(p booking.Place) any { return len(p.Services) }, 2, false},
		"list of before":                 {"services", "Aide aux démarches administratives; Utilisation sécurisée du numérique", func(p booking.Place) any { return len(p.Services) }, 2, false},
		"label in capitals":              {"services", "AIDE AUX DEMARCHES ADMINISTRATIVES", func(p booking.Place) any { return p.Services[0] }, "Aide aux démarches administratives", false},
		"label without its space":        {"formations_labels", "Étapes numériques(La Poste)", func(p booking.Place) any { return p.Labels[0] }, "Étapes numériques (La Poste)", false},
		"label of v0.1 with its meaning": {"conditions_acces", "Payant : l'accès est payant", func(p booking.Place) any { return p.Fees[0] }, "Payant", false},
		"label of nobody":                {"services", "Tricot", func(p booking.Place) any { return p.Services[0] }, "Tricot", true},
		"curly apostrophe":               {"modalites_acces", "Ce lieu n’accueille pas de public", func(p booking.Place) any { return p.ReceivesPublic() }, false, false},
		"semicolon in hours":             {"horaires", "Mo 09:00-12:00; Tu off", func(p booking.Place) any { return p.Hours }, "Mo 09:00-12:00; Tu off", false},
		"semicolon in text":              {"presentation_resume", "a;b|c", func(p booking.Place) any { return p.Summary }, "a;b|c", false},
		"semicolon in an address":        {"site_web", "https://a.example/?x;y", func(p booking.Place) any { return len(p.Sites) }, 1, false},
		"addresses with a semicolon":     {"site_web", "https://a.example; http://b.example", func(p booking.Place) any { return len(p.Sites) }, 2, false},
		"booking link as written":        {"prise_rdv", " HTTP://A.example/B ", func(p booking.Place) any { return p.BookingURL }, "HTTP://A.example/B", false},
	} {
		t.Run(name, func(t *testing.T) {
			row := map[string]string{"id": "x1", "nom": "L", "commune": "Die", "code_postal": "26150", "adresse": "A"}
			row[test.column] = test.value
			text, err := json.Marshal([]any{row})
			if err != nil {
				t.Fatal(err)
			}
			places, report := readText(t, string(text))
			if len(places) != 1 {
				t.Fatalf("%+v", report)
			}
			if got := test.field(*places[0]); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
			warned := slices.ContainsFunc(report.Warnings, func(w Rejection) bool {
				return w.Column == test.column && w.Value == test.value && w.Line == 1 && w.Reason != ""
			})
			if warned != test.warned {
				t.Errorf("warnings %+v, want one: %t", report.Warnings, test.warned)
			}
		})
	}
}

func TestCoordinates(t *testing.T) {
	die := &booking.Point{Latitude: 44.75, Longitude: 5.37}
	for name, test := range map[string]struct {
		latitude, longitude string
		want                *booking.Point
		warned              bool
	}{
		"in order":        {"44.75", "5.37", die, false},
		"with commas":     {"44,75", "5,37", die, false},
		"swapped":         {"5.37", "44.75", die, true},
		"Réunion":         {"-20.88", "55.45", &booking.Point{Latitude: -20.88, Longitude: 55.45}, false},
		"Réunion swapped": {"55.45", "-20.88", &booking.Point{Latitude: -20.88, Longitude: 55.45}, true},
		"Nouméa swapped":  {"166.45", "-22.27", &booking.Point{Latitude: -22.27, Longitude: 166.45}, true},
		"off the globe":   {"95", "181", nil, true},
		"null island":     {"0", "0", nil, true},
		"not a number":    {"NaN", "5.37", nil, true},
		"text":            {"nord", "5.37", nil, true},
		"only one":        {"44.75", "", nil, true},
		"neither":         {"", "", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			places, report := readText(t, header+",latitude,longitude\nx1,L,Die,26150,A,\""+test.latitude+"\",\""+test.longitude+"\"\n")
			if len(places) != 1 {
				t.Fatalf("the place is lost: %+v", report)
			}
			if got := places[0].Point; !reflect.DeepEqual(got, test.want) {
				t.Errorf("point %v, want %v", got, test.want)
			}
			if warned := len(report.Warnings) == 1; warned != test.warned {
				t.Errorf("warnings %+v, want one: %t", report.Warnings, test.warned)
			}
		})
	}
}

func TestColumnsThatAreNotAsTheyShould(t *testing.T) {
	places, report := readText(t, "nom,zzz,id,courriel,courriels,id\nL,1,x1,old@example.org,new@example.org,x2\nL2,1,x3,o@example.org,,x4\n")
	if !slices.Equal(ids(places), []string{"x1", "x3"}) || places[0].Emails[0] != "new@example.org" {
		t.Fatalf("%+v", places)
	}
	var columns []string
	for _, w := range report.Warnings {
		columns = append(columns, w.Column)
	}
	if want := []string{"zzz", "id", "courriel", "commune", "code_postal", "adresse"}; !slices.Equal(columns, want) {
		t.Errorf("reported %q, want %q", columns, want)
	}
}

func TestARowThatEndsEarlyIsKeptWhenNothingCanHaveShifted(t *testing.T) {
	places, report := readText(t, header+",horaires,services\nx1,L,Die,26150,A,24/7\n")
	if len(places) != 1 || places[0].Hours != "24/7" || len(report.Warnings) != 1 {
		t.Errorf("%+v, %+v", places, report)
	}
}

func TestAnUnknownValueIsReportedOnce(t *testing.T) {
	_, report := readText(t, header+",services\nx1,L,Die,26150,A,Tricot\nx2,L,Die,26150,A,Tricot|Poterie\n")
	if len(report.Warnings) != 2 || report.Warnings[0].Value != "Tricot" || report.Warnings[1].Value != "Poterie" {
		t.Errorf("%+v", report.Warnings)
	}
}

func TestReportsQuoteNoMoreThanALine(t *testing.T) {
	_, report := readText(t, header+"\n,"+strings.Repeat("é", 500)+",Die,26150,A\n\"x,"+strings.Repeat("é", 500)+"\n")
	for _, r := range report.Rejected {
		if len(r.Value) > 130 || !strings.Contains(strings.ToValidUTF8(r.Value, "?"), r.Value) {
			t.Errorf("%d bytes: %q", len(r.Value), r.Value)
		}
	}
}

func TestLabels(t *testing.T) {
	if got := Labels("frais_a_charge"); !slices.Equal(got, []string{"Gratuit", "Gratuit sous condition", "Payant"}) {
		t.Errorf("%q", got)
	}
	if Labels("typologie") != nil || Labels("rien") != nil {
		t.Error("an open list has labels")
	}
	Labels("frais_a_charge")[0] = "x"
	if Labels("frais_a_charge")[0] != "Gratuit" {
		t.Error("a caller changed the standard")
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"lieux.csv", "lieux-v0.csv", "lieux.json"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("id;nom\n\"a\"\"b\";\"\nc\"\n\""))
	f.Add([]byte(`{"data":[{"id":[1,null,true],"nom":{"a":1}}]}`))
	communesTable() // or the first execution would seem slower and richer than any other
	f.Fuzz(func(t *testing.T, text []byte) {
		places, report, err := read(bytes.NewReader(text), "fuzz", 1<<16)
		if err != nil {
			return
		}
		if len(places) != report.Places || report.Places+len(report.Rejected) != report.Rows {
			t.Errorf("%d places, report %+v", len(places), report)
		}
		seen := map[string]bool{}
		for _, p := range places {
			if p.ID == "" || p.Name == "" || p.Zone == nil || seen[p.ID] {
				t.Errorf("%+v", p)
			}
			seen[p.ID] = true
		}
		x := newIndex(places, nil)
		for i := range places {
			if found := x.find(places[i].ID); found == nil || found.ID != places[i].ID {
				t.Errorf("%q finds %v", places[i].ID, found)
			}
		}
	})
}
