package gateway

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Options say what a site is.
type Options struct {
	Program  string // its path
	Reader   string // the path of what reads its ledger
	Folder   string // empty, and the site's alone
	Database string // postgres://…; empty is SQLite in the folder
	Places   int    // each with an agenda that is kept here and always open
	Minutes  int    // of a slot; default 15
	Groups   int    // of the places, so many have group sessions of GroupSeats instead of single appointments: the last ones

	Environment map[string]string // more of it, or instead: PASSERELLE_LIEUX and PASSERELLE_CONFIG for other places and agendas
}

// GroupSeats is how many come to a group session.
const GroupSeats = 8

// Site is what outlives a process: files, configuration, secret. One process at a time serves it.
type Site struct {
	Places  []string // ids
	Program string   // its path; the next process may be another build

	folder string
	reader string
	env    map[string]string
}

// NewSite writes the files of a site.
func NewSite(o Options) (*Site, error) {
	s := &Site{Program: o.Program, folder: o.Folder, reader: o.Reader}
	var places, agendas strings.Builder
	places.WriteString("id,nom,commune,code_postal,adresse,latitude,longitude,services\n")
	agendas.WriteString("agendas:\n")
	for i := range max(1, o.Places) {
		motif := fmt.Sprintf("duree_min: %d", cmp.Or(o.Minutes, 15))
		if i >= o.Places-o.Groups {
			motif += fmt.Sprintf(", collectif: true, places: %d", GroupSeats)
		}
		id := fmt.Sprintf("lieu-%d", i)
		s.Places = append(s.Places, id)
		fmt.Fprintf(&places, "%s,Lieu %d,Crest,26400,1 rue,44.7286,5.0222,Aide aux démarches administratives\n", id, i)
		fmt.Fprintf(&agendas, `- id: agenda-%d
  connecteur: native
  lieux: [%s]
  avis: accueil@example.org
  parametres: {ouvertures: [{jours: [lu, ma, me, je, ve, sa, di], de: "00:00", a: "24:00"}]}
  motifs: [{id: motif, libelle: Motif, %s}]
`, i, id, motif)
	}
	file, declared := filepath.Join(o.Folder, "lieux.csv"), filepath.Join(o.Folder, "passerelle.yaml")
	err := errors.Join(os.WriteFile(file, []byte(places.String()), 0o600), os.WriteFile(declared, []byte(agendas.String()), 0o600))
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	s.env = map[string]string{
		"PASSERELLE_CONFIG": declared, "PASSERELLE_LIEUX": file, "PASSERELLE_DONNEES": filepath.Join(o.Folder, "donnees"),
		"PASSERELLE_ECOUTE": "127.0.0.1:0", "PASSERELLE_URL_PUBLIQUE": "http://127.0.0.1",
		"PASSERELLE_SECRET": "un-secret-de-test-assez-long-pour-servir-0123456789",
	}
	for _, rate := range []string{"LECTURES", "ECRITURES", "JETONS", "PUBLIQUES", "INCONNUS"} { // a proof asks as fast as it can
		s.env["PASSERELLE_LIMITES_"+rate+"_PAR_MINUTE"] = "1000000"
	}
	if o.Database != "" {
		s.env["PASSERELLE_BASE"] = o.Database
	}
	maps.Copy(s.env, o.Environment)
	return s, nil
}

// Data is the folder of the SQLite files.
func (s *Site) Data() string { return s.env["PASSERELLE_DONNEES"] }

// Lookup is a variable of the site's environment, as os.LookupEnv is one of ours.
func (s *Site) Lookup(name string) (string, bool) { value, ok := s.env[name]; return value, ok }

// Launch starts the program on the site; more is added to its environment ("NAME=value"), and the words of before come
// before its own: a tracer.
func (s *Site) Launch(before []string, more ...string) (*Process, error) {
	words := append(slices.Clone(before), s.Program, "serve")
	return launch(s.folder, words[0], words[1:], append(s.environment(), more...))
}

// Serve is Launch, and returns once the program serves and is what the caller calls. One that does not serve is ended.
func (s *Site) Serve(c *Caller, before []string, more ...string) (*Process, error) {
	p, err := s.Launch(before, more...)
	if err != nil {
		return nil, err
	}
	url, err := p.Serves()
	if err != nil || url == "" {
		return nil, errors.Join(fmt.Errorf("gateway: it does not serve:\n%s", p.Log()), err, p.Kill())
	}
	c.Turn(url)
	return p, nil
}

func (s *Site) environment() []string {
	out := []string{"PATH=" + os.Getenv("PATH"), "TZ=UTC"}
	for name, value := range s.env {
		out = append(out, name+"="+value)
	}
	return out
}

// Partner is a platform that the site knows.
type Partner struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
}

// NewPartner enters a partner, as an operator would.
func (s *Site) NewPartner(ctx context.Context) (p Partner, err error) {
	out, err := s.Run(ctx, "partner", "add", "--json", "Plateforme d'essai")
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(out, &p); err != nil {
		return p, fmt.Errorf("gateway: partner add: %w", err)
	}
	return p, nil
}

// Run runs a command of the operator's beside the program, and gives what it wrote.
func (s *Site) Run(ctx context.Context, words ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, s.Program, words...)
	var complaint bytes.Buffer
	cmd.Env, cmd.Stderr = s.environment(), &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("gateway: %s: %w: %s", strings.Join(words, " "), err, &complaint)
	}
	return out, nil
}

// Prepare enters a partner, serves once to read the slots of the next days, and gives both. Nothing runs afterwards.
func (s *Site) Prepare(ctx context.Context, days int) (*Caller, []string, error) {
	partner, err := s.NewPartner(ctx)
	if err != nil {
		return nil, nil, err
	}
	c := NewCaller(partner)
	p, err := s.Serve(c, nil)
	if err != nil {
		return nil, nil, err
	}
	slots, err := c.Slots(ctx, time.Now(), days, s.Places...)
	return c, slots, errors.Join(err, p.Kill())
}
