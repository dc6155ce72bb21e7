package config

import (
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

const goodSecret = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF" // 42 characters

// load reads a configuration made of the texts alone. A file of the map that says "!" exists and may not be read.
func load(t *testing.T, yaml string, env, files map[string]string) (Config, error) {
	t.Helper()
	files = maps.Clone(files)
	if files == nil {
		files = make(map[string]string)
	}
	path := ""
	if yaml != "" {
		path = "passerelle.yaml"
		files[path] = yaml
	}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	return Load(path, lookup, readerOf(files))
}

func readerOf(files map[string]string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		switch text, ok := files[name]; {
		case !ok:
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		case text == "!":
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
		default:
			return []byte(text), nil
		}
	}
}

func mustLoad(t *testing.T, yaml string, env, files map[string]string) Config {
	t.Helper()
	c, err := load(t, yaml, env, files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func problemsOf(t *testing.T, err error) []Problem {
	t.Helper()
	if err == nil {
		return nil
	}
	refusal, ok := errors.AsType[*Error](err)
	if !ok || len(refusal.Problems) == 0 {
		t.Fatalf("got error %v (%T), want an *Error with problems", err, err)
	}
	return refusal.Problems
}

func TestNothingGivenIsTheDefaults(t *testing.T) {
	want := defaults()
	want.PublicURL = "http://127.0.0.1:8080"
	for name, yaml := range map[string]string{"no file": "", "only comments": "# rien\n", "a byte order mark": "\ufeffdonnees: ./donnees\n", "keys that say nothing": "lieux:\njournal:\nreservation:\n"} {
		if got := mustLoad(t, yaml, nil, nil); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestEveryKeyIsRead(t *testing.T) {
	c := mustLoad(t, `
ecoute: ":9000"
url_publique: https://rdv.exemple.gouv.fr/
secret: `+goodSecret+`
secrets_precedents: [`+strings.ToLower(goodSecret)+`]
donnees: /var/lib/passerelle
lieux: [lieux.csv, "https://example.org/lieux.json"]
relecture: 30m
reservation: 20m
fraicheur: 90s
peremption: 1h
journal: {niveau: avertissement, format: json}
egress:
  hotes_http: [Agenda.Example.org, localhost]
  adresses_autorisees: [10.1.2.3/8, "fd00::1"]
proxys_de_confiance: [192.0.2.1]
jours_feries_fermes: non
base: postgres://p:canari@127.0.0.1/passerelle
redis: redis://127.0.0.1:6379
conservation: {rendez_vous_j: 60, refus_j: 3}
limites:
  lectures_par_minute: 11
  ecritures_par_minute: 12
  verifications_par_minute: 17
  jetons_par_minute: 13
  publiques_par_minute: 14
  inconnus_par_minute: 15
  simultanees: 16
courriel:
  serveur: smtp.example.org
  port: 465
  securite: tls
  utilisateur: rdv
  mot_de_passe: canari
  expediteur: rdv@example.org
  nom: Rendez-vous
  exploitant: exploitant@example.org
sms: {adresse: "https://sms.example.org/messages", jeton: canari, expediteur: Mon RDV}
carte: {tuiles: "https://tuiles.example.org/{z}/{x}/{y}.png", mention: Exemple}
dsfr: {dossier: /opt/dsfr/dist, intitule: Ministère|de l'exemple}
fournisseur:
  emetteur: https://identite.example.org
  client_id: passerelle
  client_secret: canari
  nom: Identité
  reponse_signee: false
`, nil, nil)
	want := Config{
		Listen: ":9000", PublicURL: "https://rdv.exemple.gouv.fr",
		Secret: MasterSecret(goodSecret), PreviousSecrets: []MasterSecret{MasterSecret(strings.ToLower(goodSecret))},
		DataDir: "/var/lib/passerelle", Sources: []string{"lieux.csv", "https://example.org/lieux.json"},
		Reread: 30 * time.Minute, HoldFor: 20 * time.Minute, Fresh: 90 * time.Second, Stale: time.Hour,
		Log: Log{Level: slog.LevelWarn, Format: "json"},
		Egress: Egress{
			HTTPHosts:        []string{"agenda.example.org", "localhost"},
			AllowedAddresses: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::1/128")},
		},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")},
		Database:       "postgres://p:canari@127.0.0.1/passerelle", Redis: "redis://127.0.0.1:6379",
		Keep:   Keep{Appointments: 60, Refusals: 3},
		Limits: Limits{Reads: 11, Writes: 12, Checks: 17, Tokens: 13, Public: 14, Unknown: 15, InFlight: 16},
		Mail: Mail{
			Host: "smtp.example.org", Port: 465, Security: "tls", User: "rdv", Password: "canari", Sender: "rdv@example.org",
			Name: "Rendez-vous", Operator: "exploitant@example.org",
		},
		Map:      Map{Tiles: "https://tuiles.example.org/{z}/{x}/{y}.png", Credit: "Exemple"},
		DSFR:     DSFR{Folder: "/opt/dsfr/dist", Entity: "Ministère|de l'exemple"},
		SMS:      SMS{Address: "https://sms.example.org/messages", Token: "canari", Sender: "Mon RDV"},
		Provider: Provider{Issuer: "https://identite.example.org", ID: "passerelle", Secret: "canari", Name: "Identité"},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %#v\nwant %#v", fieldsText(c), fieldsText(want))
	}
}

// fieldsText shows what Config refuses to print.
func fieldsText(c Config) []any {
	var list []any
	for _, f := range fieldsOf(reflect.ValueOf(c)) {
		list = append(list, f.key, f.value.Interface())
	}
	return list
}

func TestVariablesOverrideTheFile(t *testing.T) {
	c := mustLoad(t, "ecoute: 127.0.0.1:1\nlieux: [a.csv, b.csv]\njournal: {niveau: debug, format: json}\nrelecture: 2h\n", map[string]string{
		"PASSERELLE_ECOUTE":         "127.0.0.1:2",
		"PASSERELLE_LIEUX":          " c.csv  https://example.org/d.csv\n",
		"PASSERELLE_JOURNAL_NIVEAU": "erreur",
		"PASSERELLE_SECRET_FILE":    "/run/secret",
		"PASSERELLE_AGENDAS":        "ignored: agendas have no variable",
	}, map[string]string{"/run/secret": goodSecret + "\n"})
	if c.Listen != "127.0.0.1:2" || c.Log.Level != slog.LevelError || c.Log.Format != "json" || c.Reread != 2*time.Hour {
		t.Errorf("got %v", c)
	}
	if want := []string{"c.csv", "https://example.org/d.csv"}; !slices.Equal(c.Sources, want) {
		t.Errorf("sources: got %q, want %q", c.Sources, want)
	}
	if string(c.Secret) != goodSecret {
		t.Error("the secret of the file was not read")
	}
}

// TestProblemsNameTheKey gives one fault each: the only problem is the key that bears it, at its line.
func TestProblemsNameTheKey(t *testing.T) {
	agenda := func(lines string) string {
		return "agendas:\n- id: a\n  connecteur: ics\n  lieux: [l]\n" + lines
	}
	motif := func(line string) string { return agenda("  motifs:\n  - id: m\n    " + line + "\n") }
	cases := map[string]struct {
		yaml, key string
		line      int
		reason    string // part of it
	}{
		"unknown key":                 {"a: 1", "a", 1, "clé inconnue"},
		"unknown key inside":          {"journal:\n  format: json\n  couleur: 1\n", "journal.couleur", 3, "niveau, format"},
		"key written twice":           {"donnees: a\ndonnees: b\n", "donnees", 2, "deux fois"},
		"not YAML":                    {"donnees: \"a\nlieux: [", "", 1, "plus du YAML"},
		"two documents":               {"donnees: a\n---\ndonnees: b\n", "", 3, "plusieurs documents"},
		"root is a list":              {"- a\n", "", 1, "groupe de clés"},
		"list for a value":            {"donnees: [a]", "donnees", 1, "valeur simple"},
		"value for a list":            {"lieux: a.csv", "lieux", 1, "liste"},
		"value for a group":           {"journal: json", "journal", 1, "groupe de clés"},
		"value for an agenda":         {"agendas: [a]", "agendas[0]", 1, "groupe de clés"},
		"empty element":               {"lieux:\n- a.csv\n-\n", "lieux[1]", 3, "vide"},
		"empty text":                  {"donnees: ''", "donnees", 1, "vide"},
		"tag":                         {"donnees: !!str a", "donnees", 1, "étiquettes"},
		"alias of nothing":            {"donnees: *a", "donnees", 1, "alias"},
		"merge":                       {"journal: {<<: 1}", "journal.<<", 1, "fusion"},
		"database that is none":       {"base: mysql://a:canari@b/c", "base", 1, "postgres://"},
		"redis that is none":          {"redis: localhost", "redis", 1, "redis://"},
		"mail without a sender":       {"courriel: {serveur: smtp.example.org}", "courriel.expediteur", 1, "obligatoire"},
		"tiles over http":             {"carte: {tuiles: 'http://tuiles.example.org/{z}/{x}/{y}', mention: X}", "carte.tuiles", 1, "https://"},
		"tiles that are all one":      {"carte: {tuiles: 'https://tuiles.example.org/{z}/{x}', mention: X}", "carte.tuiles", 1, "{y}"},
		"tiles of nobody's":           {"carte: {tuiles: 'https://tuiles.example.org/{z}/{x}/{y}'}", "carte.mention", 1, "obligatoire"},
		"whose map, and no map":       {"carte: {mention: X}", "carte.tuiles", 1, "obligatoire"},
		"the State's mark elsewhere":  {"url_publique: https://rdv.example.org\ndsfr: {dossier: x, intitule: X}", "dsfr.dossier", 2, ".gouv.fr"},
		"the State's mark, nearly":    {"url_publique: https://rdv-gouv.fr\ndsfr: {dossier: x, intitule: X}", "dsfr.dossier", 2, ".gouv.fr"},
		"the State's mark of nobody":  {"dsfr: {dossier: x, intitule: ' | '}", "dsfr.intitule", 1, "obligatoire"},
		"the State's mark, no folder": {"dsfr: {intitule: X}", "dsfr.dossier", 1, "obligatoire"},
		"SMS without mail":            {"sms: {adresse: 'https://sms.example.org', jeton: x, expediteur: RDV}", "sms.adresse", 1, "courriel.serveur"},
		"SMS over http":               {someMail + "sms: {adresse: 'http://sms.example.org', jeton: x, expediteur: RDV}", "sms.adresse", 2, "https://"},
		"SMS without a token":         {someMail + "sms: {adresse: 'https://sms.example.org', expediteur: RDV}", "sms.jeton", 2, "obligatoire"},
		"SMS from nobody":             {someMail + "sms: {adresse: 'https://sms.example.org', jeton: x}", "sms.expediteur", 2, "obligatoire"},
		"SMS from too long a name":    {someMail + "sms: {adresse: 'https://sms.example.org', jeton: x, expediteur: Passerelle RDV}", "sms.expediteur", 2, "11 lettres"},
		"a token without SMS":         {"sms: {jeton: x}", "sms.adresse", 1, "obligatoire"},
		"a provider over http":        {"fournisseur: {emetteur: 'http://identite.example.org', client_id: x, client_secret: y}", "fournisseur.emetteur", 1, "https://"},
		"a provider without secret":   {"fournisseur: {emetteur: 'https://identite.example.org', client_id: x}", "fournisseur.client_secret", 1, "obligatoire"},
		"a secret without provider":   {"fournisseur: {client_id: x, client_secret: y}", "fournisseur.emetteur", 1, "obligatoire"},
		"mail from a name":            {"courriel: {expediteur: Moi}", "courriel.expediteur", 1, "adresse de courriel"},
		"kept for no day":             {"conservation: {refus_j: 0}", "conservation.refus_j", 1, "entre 1 et 365"},
		"who tells is not known":      {agenda("  previent: tous\n"), "agendas[0].previent", 5, "passerelle, source"},
		"listen without port":         {"ecoute: localhost", "ecoute", 1, ":8080"},
		"metrics without port":        {"metriques: localhost", "metriques", 1, "127.0.0.1:9464"},
		"metrics for the public":      {"metriques: 127.0.0.1:8080", "metriques", 1, "public"}, // where the API is by default
		"listen port too big":         {"ecoute: ':65536'", "ecoute", 1, ":8080"},
		"public URL without scheme":   {"url_publique: rdv.example.org", "url_publique", 1, "http(s)"},
		"public URL with query":       {"url_publique: https://example.org/?a=1", "url_publique", 1, "« ? »"},
		"public URL with a path":      {"url_publique: https://example.org/rdv", "url_publique", 1, "chemin"},
		"public URL with a user":      {"url_publique: https://jean:x@example.org", "url_publique", 1, "http(s)"},
		"long value":                  {"relecture: " + strings.Repeat("x", 100), "relecture", 1, "« " + strings.Repeat("x", 60) + "… »"},
		"short secret":                {"secret: court", "secret", 1, "trop court"},
		"secret of one letter":        {"secret: " + strings.Repeat("a", 40), "secret", 1, "hasard"},
		"secret with a blank":         {"secret: " + goodSecret + " x", "secret", 1, "espace"},
		"secret given twice":          {"secret: " + goodSecret + "\nsecrets_precedents: [" + goodSecret + "]", "secrets_precedents[0]", 2, "déjà"},
		"previous secret alone":       {"secrets_precedents: [" + goodSecret + "]", "secrets_precedents", 1, "remplace"},
		"source over http":            {"lieux: [\"http://example.org/a.csv\"]", "lieux[0]", 1, "https"},
		"duration without unit":       {"relecture: 60", "relecture", 1, "15m"},
		"hold too long":               {"reservation: 21m", "reservation", 1, "20m"},
		"stale before not fresh":      {"fraicheur: 5m\nperemption: 2m", "peremption", 2, "fraîcheur"},
		"fresh beyond default stale":  {"peremption: 1m\nfraicheur: 1m1s", "peremption", 1, "fraîcheur"},
		"unknown level":               {"journal: {niveau: warn}", "journal.niveau", 1, "avertissement"},
		"unknown format":              {"journal: {format: xml}", "journal.format", 1, "texte, json"},
		"host with a scheme":          {"egress: {hotes_http: ['http://example.org']}", "egress.hotes_http[0]", 1, "sans http"},
		"every address":               {"egress: {adresses_autorisees: ['::/0']}", "egress.adresses_autorisees[0]", 1, "toutes"},
		"trust in everyone":           {"proxys_de_confiance: [0.0.0.0/0]", "proxys_de_confiance[0]", 1, "toutes"},
		"not a boolean":               {"jours_feries_fermes: peut-être", "jours_feries_fermes", 1, "true"},
		"agenda without id":           {"agendas:\n- connecteur: ics\n  lieux: [l]\n", "agendas[0].id", 2, "obligatoire"},
		"agenda without connector":    {"agendas:\n- id: a\n  lieux: [l]\n", "agendas[0].connecteur", 2, "obligatoire"},
		"agenda of no place":          {"agendas:\n- id: a\n  connecteur: ics\n", "agendas[0].lieux", 2, "liens"},
		"id with an accent":           {"agendas:\n- id: é\n  connecteur: ics\n  lieux: [l]\n", "agendas[0].id", 2, "accent"},
		"id used twice":               {agenda("- id: a\n  connecteur: ics\n  lieux: [l]\n"), "agendas[1].id", 5, "agendas[0]"},
		"place twice":                 {agenda("  liens: [x, x]\n"), "agendas[0].liens[1]", 5, "deux fois"},
		"zone of the machine":         {agenda("  fuseau: Local\n"), "agendas[0].fuseau", 5, "Indian/Reunion"},
		"notice is no mail":           {agenda("  avis: Accueil <a@example.org>\n"), "agendas[0].avis", 5, "courriel"},
		"two addresses":               {agenda("  adresse: https://example.org/a.ics\n  adresse_fichier: f\n"), "agendas[0].adresse_fichier", 6, "l'une des deux"},
		"address file is missing":     {agenda("  adresse_fichier: absent\n"), "agendas[0].adresse_fichier", 5, "n'existe pas"},
		"address file is closed":      {agenda("  adresse_fichier: fermé\n"), "agendas[0].adresse_fichier", 5, "droits"},
		"address file of two lines":   {agenda("  adresse_fichier: deux\n"), "agendas[0].adresse_fichier", 5, "une adresse"},
		"settings are a list":         {agenda("  parametres: [1]\n"), "agendas[0].parametres", 5, "groupe de clés"},
		"setting twice":               {agenda("  parametres: {a: 1, a: 2}\n"), "agendas[0].parametres.a", 5, "deux fois"},
		"setting has no number":       {agenda("  parametres: {a: !!x 1}\n"), "agendas[0].parametres.a", 5, "étiquettes"},
		"beside without address":      {agenda("  a_cote:\n  - connecteur: ics\n"), "agendas[0].a_cote[0].adresse", 6, "adresse_fichier"},
		"motif without id":            {agenda("  motifs:\n  - libelle: x\n"), "agendas[0].motifs[0].id", 6, "obligatoire"},
		"duration of zero":            {motif("duree_min: 0"), "agendas[0].motifs[0].duree_min", 7, "entre 5m et 12h"},
		"duration of a half":          {motif("duree_min: 45.5"), "agendas[0].motifs[0].duree_min", 7, "45m"},
		"negative notice":             {motif("delai_min_h: -1"), "agendas[0].motifs[0].delai_min_h", 7, "entre 0h"},
		"horizon too far":             {motif("horizon_j: 367"), "agendas[0].motifs[0].horizon_j", 7, "366"},
		"horizon with a unit":         {motif("horizon_j: 60j"), "agendas[0].motifs[0].horizon_j", 7, "entier"},
		"unknown modality":            {motif("modalite: vélo"), "agendas[0].motifs[0].modalite", 7, "sur_place"},
		"seats of one person":         {motif("places: 5"), "agendas[0].motifs[0].places", 7, "collectif"},
		"group without seats":         {motif("collectif: true"), "agendas[0].motifs[0].places", 6, "obligatoire"},
		"nobody can validate":         {motif("validation: structure"), "agendas[0].motifs[0].validation", 7, "avis"},
		"unknown required field":      {motif("champs_requis: [nom]"), "agendas[0].motifs[0].champs_requis[0]", 7, "telephone"},
	}
	files := map[string]string{"fermé": "!", "deux": "https://example.org/a https://example.org/b"}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, c.yaml, nil, files)
			problems := problemsOf(t, err)
			if len(problems) != 1 {
				t.Fatalf("got %d problems, want one: %v", len(problems), err)
			}
			p := problems[0]
			if p.Key != c.key || p.Line != c.line || p.Column == 0 || !strings.Contains(p.Reason, c.reason) {
				t.Errorf("got %v, want key %q, line %d, a reason with %q", p, c.key, c.line, c.reason)
			}
		})
	}
}

func TestProblemsNameTheVariable(t *testing.T) {
	cases := map[string]struct {
		env              map[string]string
		variable, reason string
	}{
		"wrong value":        {map[string]string{"PASSERELLE_RELECTURE": "60"}, "PASSERELLE_RELECTURE", "15m"},
		"empty value":        {map[string]string{"PASSERELLE_DONNEES": ""}, "PASSERELLE_DONNEES", "vide"},
		"empty list":         {map[string]string{"PASSERELLE_LIEUX": " "}, "PASSERELLE_LIEUX", "vide"},
		"wrong element":      {map[string]string{"PASSERELLE_LIEUX": "a.csv ftp://example.org"}, "PASSERELLE_LIEUX", "https"},
		"found by the check": {map[string]string{"PASSERELLE_ECOUTE": "x"}, "PASSERELLE_ECOUTE", "écoute"},
		"nested":             {map[string]string{"PASSERELLE_JOURNAL_FORMAT": "x"}, "PASSERELLE_JOURNAL_FORMAT", "json"},
		"secret file absent": {map[string]string{"PASSERELLE_SECRET_FILE": "absent"}, "PASSERELLE_SECRET_FILE", "n'existe pas"},
		"secret file closed": {map[string]string{"PASSERELLE_SECRET_FILE": "fermé"}, "PASSERELLE_SECRET_FILE", "droits"},
		"secret file empty":  {map[string]string{"PASSERELLE_SECRET_FILE": "vide"}, "PASSERELLE_SECRET_FILE", "vide"},
		"two secrets in it":  {map[string]string{"PASSERELLE_SECRET_FILE": "deux"}, "PASSERELLE_SECRET_FILE", "une seule"},
		"secret and file":    {map[string]string{"PASSERELLE_SECRET_FILE": "bon", "PASSERELLE_SECRET": goodSecret}, "PASSERELLE_SECRET", "PASSERELLE_SECRET_FILE"},
	}
	files := map[string]string{"fermé": "!", "vide": "\n", "bon": goodSecret, "deux": goodSecret + "\n" + goodSecret}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			// The list of the file must lend its lines to no problem of a variable.
			_, err := load(t, "lieux: [a.csv, b.csv]\n", c.env, files)
			problems := problemsOf(t, err)
			if len(problems) != 1 || problems[0].Key != c.variable || problems[0].Line != 0 || !strings.Contains(problems[0].Reason, c.reason) {
				t.Errorf("got %v, want %s alone, a reason with %q", err, c.variable, c.reason)
			}
		})
	}
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	c, err := load(t, "inconnue: 1\nsecret: court\nrelecture: demain\necoute: x\nagendas:\n- connecteur: ics\n",
		map[string]string{"PASSERELLE_JOURNAL_NIVEAU": "fort"}, nil)
	var keys []string
	for _, p := range problemsOf(t, err) {
		keys = append(keys, p.Key)
	}
	want := []string{"inconnue", "secret", "relecture", "PASSERELLE_JOURNAL_NIVEAU", "ecoute", "agendas[0].id", "agendas[0].lieux"}
	if !slices.Equal(keys, want) {
		t.Errorf("got %q, want %q", keys, want)
	}
	if !reflect.DeepEqual(c, Config{}) {
		t.Error("a refused configuration is returned")
	}
	if text := err.Error(); !strings.Contains(text, "passerelle.yaml") || strings.Count(text, "\n") != len(want) {
		t.Errorf("got %s", text)
	}
}

func TestProblemsAreBounded(t *testing.T) {
	_, err := load(t, "agendas: ["+strings.Repeat("{x: 1},", 1000)+"]", nil, nil)
	if n := len(problemsOf(t, err)); n != mostProblems+1 {
		t.Errorf("got %d problems", n)
	}
}

func TestMissingFileIsAProblem(t *testing.T) {
	for file, reason := range map[string]string{"absent.yaml": "n'existe pas", "fermé.yaml": "droits"} {
		_, err := Load(file, func(string) (string, bool) { return "", false }, readerOf(map[string]string{"fermé.yaml": "!"}))
		if problems := problemsOf(t, err); len(problems) != 1 || !strings.Contains(problems[0].Reason, reason) {
			t.Errorf("%s: got %v", file, err)
		}
	}
}

func TestServingNeedsASecretAndAnAddress(t *testing.T) {
	cases := map[string]struct {
		yaml string
		want []string
	}{
		"local, no secret":      {"ecoute: localhost:8080", []string{"secret"}},
		"local":                 {"secret: " + goodSecret, nil},
		"local IPv6":            {"ecoute: '[::1]:80'\nsecret: " + goodSecret, nil},
		"any port":              {"ecoute: 127.0.0.1:0\nsecret: " + goodSecret, []string{"url_publique"}},
		"everywhere":            {"ecoute: :8080\nsecret: " + goodSecret, []string{"url_publique"}},
		"everywhere, no secret": {"ecoute: 0.0.0.0:8080", []string{"secret", "url_publique"}},
		"everywhere, named":     {"ecoute: :8080\nurl_publique: https://rdv.example.org\nsecret: " + goodSecret, nil},
	}
	for name, c := range cases {
		var keys []string
		for _, p := range problemsOf(t, mustLoad(t, c.yaml, nil, nil).CheckServe()) {
			keys = append(keys, p.Key)
		}
		if !slices.Equal(keys, c.want) {
			t.Errorf("%s: got %q, want %q", name, keys, c.want)
		}
	}
}

func TestSampleIsLoadedWithoutProblem(t *testing.T) {
	files := map[string]string{"/etc/passerelle/agenda-atelier.adresse": "https://agenda.example.org/prive.ics"}
	read := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return os.ReadFile(name)
	}
	env := map[string]string{"PASSERELLE_SECRET": goodSecret}
	c, err := Load("../docs/passerelle.exemple.yaml", func(name string) (string, bool) { v, ok := env[name]; return v, ok }, read)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CheckServe(); err != nil {
		t.Error(err)
	}
	if len(c.Agendas) < 2 || len(c.Sources) == 0 {
		t.Errorf("the sample shows %d agendas and %d sources", len(c.Agendas), len(c.Sources))
	}
}

// someMail is what SMS ask for.
const someMail = "courriel: {serveur: smtp.example.org, expediteur: rdv@example.org}\n"
