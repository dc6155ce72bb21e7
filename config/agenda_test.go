package config

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

const fullAgenda = `
id: atelier
connecteur: native
nom: Atelier du mardi
fuseau: Indian/Reunion
parametres:
  ouvertures: [{jour: mardi, de: "09:00"}]
  nombre: 9007199254740993
  part: 1.5
  actif: true
  rien:
lieux: [0012]
liens: ["https://rdv.example.org/atelier"]
horaires: Tu 09:00-12:00
avis: accueil@example.org
a_cote:
  - {connecteur: ics, adresse: "https://agenda.example.org/a.ics", parametres: {}}
motifs:
  - id: pas-a-pas
    libelle: Premiers pas
    services: [Devenir autonome dans les démarches administratives]
    duree_min: 45
    pas_min: 15m
    battement_min: 0
    modalite: telephone
    collectif: oui
    places: 6
    delai_min_h: 24
    horizon_j: 30
    annulable_jusqu_a_h: 90m
    validation: structure
    conditions: |
      Habiter la commune.
    consignes: Sonner.
    pieces_a_apporter: [Pièce d'identité]
    champs_requis: [telephone]
    accueil: [LSF]
    motif_source: "17"
`

func TestEveryKeyOfAnAgendaIsRead(t *testing.T) {
	zone, err := time.LoadLocation("Indian/Reunion")
	if err != nil {
		t.Fatal(err)
	}
	want := AgendaSeed{
		DiarySeed: DiarySeed{
			Connector: "native",
			Settings:  json.RawMessage(`{"actif":true,"nombre":9007199254740993,"ouvertures":[{"de":"09:00","jour":"mardi"}],"part":1.5,"rien":null}`),
		},
		ID: "atelier", Name: "Atelier du mardi", Zone: zone, Places: []string{"0012"},
		Links: []string{"https://rdv.example.org/atelier"}, Hours: "Tu 09:00-12:00", Notice: "accueil@example.org",
		Beside: []DiarySeed{{Connector: "ics", Address: "https://agenda.example.org/a.ics", Settings: json.RawMessage(`{}`)}},
		Motifs: []MotifSeed{{
			ID: "pas-a-pas", Label: "Premiers pas", Services: []string{"Devenir autonome dans les démarches administratives"},
			Duration: 45 * time.Minute, Step: 15 * time.Minute, Modality: "telephone", Group: true, Seats: 6,
			Notice: 24 * time.Hour, HorizonDays: 30, CancelUntil: 90 * time.Minute, Validation: "structure",
			Conditions: "Habiter la commune.", Instructions: "Sonner.", Bring: []string{"Pièce d'identité"},
			Required: []string{"telephone"}, Reception: []string{"LSF"}, Upstream: "17",
		}},
	}
	list := "- " + strings.ReplaceAll(strings.TrimSpace(fullAgenda), "\n", "\n  ")
	for name, text := range map[string]string{"alone": fullAgenda, "list": list, "under its key": "agendas:\n" + list} {
		got, err := ParseAgendas([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(got) != 1 || !reflect.DeepEqual(got[0].Motifs, want.Motifs) || !reflect.DeepEqual(got[0].Beside, want.Beside) ||
			string(got[0].Settings) != string(want.Settings) || !reflect.DeepEqual(got[0], want) {
			t.Errorf("%s: got %v %s %+v", name, got, got[0].Settings, got[0].Motifs)
		}
	}
}

func TestAgendaFilesThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, reason string }{
		"empty":         {"", "aucun agenda"},
		"empty list":    {"agendas: []", "aucun agenda"},
		"a word":        {"native", "agenda"},
		"another key":   {"agendas: []\nlieux: []", "clé inconnue"},
		"not YAML":      {"- [", "YAML"},
		"endless alias": {"{id: a, connecteur: x, lieux: [l], parametres: &p {a: *p, b: *p, c: *p}}", "imbriqués"},
		"many aliases": {"{id: a, connecteur: x, lieux: [l], parametres: {a: &a [1,1,1,1,1,1,1,1,1,1], b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]," +
			" c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b], d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c], e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d], f: [*e,*e,*e,*e]}}", "trop de valeurs"},
	} {
		if _, err := ParseAgendas([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: got %v, want a reason with %q", name, err, c.reason)
		}
	}
}

func TestMotifsAreSharedByAlias(t *testing.T) {
	agendas, err := ParseAgendas([]byte(`
- {id: a, connecteur: native, lieux: [l], motifs: &motifs [{id: m, duree_min: 30}]}
- {id: b, connecteur: native, lieux: [l], motifs: *motifs}
`))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(agendas[0].Motifs, agendas[1].Motifs) || agendas[1].Motifs[0].Duration != 30*time.Minute {
		t.Errorf("got %+v", agendas[1].Motifs)
	}
	if agendas[0].Zone != nil {
		t.Errorf("got zone %v although the file names none", agendas[0].Zone)
	}
}

func TestAddressesComeFromTheirFiles(t *testing.T) {
	agendas, err := ParseAgendas([]byte(`{id: a, connecteur: ics, adresse_fichier: un, lieux: [l], a_cote: [{connecteur: ics, adresse_fichier: deux}]}`))
	if err != nil {
		t.Fatal(err)
	}
	files := readerOf(map[string]string{"un": "https://example.org/1.ics\n", "deux": "\ufeffhttps://example.org/2.ics"})
	if err := ReadFiles(agendas, files); err != nil {
		t.Fatal(err)
	}
	if a := agendas[0]; a.Address != "https://example.org/1.ics" || a.Beside[0].Address != "https://example.org/2.ics" || a.AddressFile != "" {
		t.Errorf("got %q and %q", a.Address, a.Beside[0].Address)
	}
}

func TestSettingsMayComeFromAFile(t *testing.T) {
	const secret = "mot-de-passe-canari"
	for _, c := range []struct{ name, agenda, file, want, reason string }{
		{"beside those of the configuration", "parametres: {compte: accueil, n: 2}, ", "mot_de_passe: " + secret, `{"compte":"accueil","mot_de_passe":"` + secret + `","n":2}`, ""},
		{"alone", "", "mot_de_passe: " + secret + "\n", `{"mot_de_passe":"` + secret + `"}`, ""},
		{"a key at both places", "parametres: {mot_de_passe: a}, ", "mot_de_passe: " + secret, "", "mot_de_passe"},
		{"a word instead of keys", "", secret, "", "groupe de clés"},
		{"nothing", "", "", "", "groupe de clés"},
		{"no YAML", "", "a: [" + secret, "", "groupe de clés"},
	} {
		agendas, err := ParseAgendas([]byte("{id: a, connecteur: caldav, adresse: https://example.org/, " + c.agenda + "parametres_fichier: f, lieux: [l]}"))
		if err != nil {
			t.Fatal(err)
		}
		err = ReadFiles(agendas, readerOf(map[string]string{"f": c.file}))
		switch {
		case c.reason == "" && (err != nil || string(agendas[0].Settings) != c.want || agendas[0].SettingsFile != ""):
			t.Errorf("%s: %s, %v", c.name, agendas[0].Settings, err)
		case c.reason != "" && (err == nil || !strings.Contains(err.Error(), c.reason) || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), "parametres_fichier")):
			t.Errorf("%s: %v", c.name, err)
		}
	}
	agendas, _ := ParseAgendas([]byte("{id: a, connecteur: caldav, adresse: https://example.org/, parametres_fichier: absent, lieux: [l]}"))
	if err := ReadFiles(agendas, readerOf(nil)); err == nil || !strings.Contains(err.Error(), "n'existe pas") {
		t.Errorf("a file that is not there: %v", err)
	}
}

func FuzzParseAgendas(f *testing.F) {
	f.Add([]byte(fullAgenda))
	f.Add([]byte("agendas: [{id: a, connecteur: x, lieux: [&a [*a]]}]"))
	f.Add([]byte("? [a]\n: {<<: *b, c: !!int 1}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		agendas, err := ParseAgendas(data)
		if (err == nil) != (len(agendas) > 0) {
			t.Fatalf("%d agendas and error %v", len(agendas), err)
		}
		for _, a := range agendas {
			if a.ID == "" || a.Connector == "" || a.Settings != nil && !json.Valid(a.Settings) {
				t.Fatalf("an incomplete agenda is believed: %v", a)
			}
		}
	})
}
