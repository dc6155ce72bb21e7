package config

import (
	"encoding/json"
	"time"
)

// DiarySeed is how one diary is reached.
type DiarySeed struct {
	Connector    string          `key:"connecteur"`
	Address      string          `key:"adresse"`            // it may be somebody's secret: never print it
	AddressFile  string          `key:"adresse_fichier"`    // path of a file that holds the address
	Settings     json.RawMessage `key:"parametres"`         // the connector's own; it may hold a password; nil when absent
	SettingsFile string          `key:"parametres_fichier"` // path of a file that holds more of them
}

// AgendaSeed is an agenda as the file declares it. It prints as its id and connector only.
type AgendaSeed struct {
	ID string `key:"id"` // permanent
	DiarySeed
	Name        string         `key:"nom"`
	Zone        *time.Location `key:"fuseau"`                             // nil when the file does not say: that of its places then
	Places      []string       `key:"lieux"`                              // ids of places
	Links       []string       `key:"liens"`                              // values of prise_rdv whose places it serves
	Hours       string         `key:"horaires"`                           // OSM opening_hours, instead of the places' own
	Notice      string         `key:"avis"`                               // e-mail address of the structure
	Tells       string         `key:"previent" oneof:"passerelle source"` // who tells the structure and the person
	NamesPerson bool           `key:"nomme_usager"`                       // what is written to the agenda names the person
	Beside      []DiarySeed    `key:"a_cote"`                             // other diaries of the same person, read for busy time only
	Motifs      []MotifSeed    `key:"motifs"`
}

// MotifSeed is what can be booked in an agenda. A zero field means that the file does not say, and that the domain's
// default holds. A duration is written with its unit ("45m") or as a whole number in the unit that ends its key.
type MotifSeed struct {
	ID           string        `key:"id"` // permanent
	Label        string        `key:"libelle"`
	Services     []string      `key:"services"` // labels of the standard
	Duration     time.Duration `key:"duree_min" bounds:"5m..12h"`
	Step         time.Duration `key:"pas_min" bounds:"5m..24h"`
	Buffer       time.Duration `key:"battement_min" bounds:"0m..12h"`
	Modality     string        `key:"modalite" oneof:"sur_place telephone visio domicile"`
	Group        bool          `key:"collectif"`
	Seats        int           `key:"places" bounds:"1..1000"`
	Notice       time.Duration `key:"delai_min_h" bounds:"0h..8760h"`
	HorizonDays  int           `key:"horizon_j" bounds:"1..366"`
	CancelUntil  time.Duration `key:"annulable_jusqu_a_h" bounds:"0h..8760h"`
	Validation   string        `key:"validation" oneof:"automatique structure"`
	Conditions   string        `key:"conditions"`
	Instructions string        `key:"consignes"`
	Bring        []string      `key:"pieces_a_apporter"`
	Required     []string      `key:"champs_requis" oneof:"telephone courriel adresse"`
	Reception    []string      `key:"accueil"`
	Upstream     string        `key:"motif_source"` // the agenda's own name of the motif
}

// ParseAgendas reads agendas from YAML (or JSON, which is YAML): a list, one agenda alone, or the key "agendas" as
// in the configuration file. What stands in files of their own is not read: see ReadFiles. The error
// is an *Error.
func ParseAgendas(data []byte) ([]AgendaSeed, error) {
	r := newReader()
	var agendas []AgendaSeed
	if root, ok := r.document(data); ok {
		r.agendas(root, &agendas)
	}
	if len(agendas) == 0 && len(r.problems) == 0 {
		r.report("", "le fichier ne contient aucun agenda")
	}
	r.checkAgendas(agendas)
	if err := r.err(""); err != nil {
		return nil, err
	}
	return agendas, nil
}

// ReadFiles reads what agendas keep in files of their own: it replaces each AddressFile by the address that the file
// holds, and adds what each SettingsFile holds to the settings. The error is an *Error and shows nothing of a file.
func ReadFiles(agendas []AgendaSeed, readFile func(string) ([]byte, error)) error {
	r := newReader()
	r.readFiles(agendas, readFile)
	return r.err("")
}

func (r *reader) readFiles(agendas []AgendaSeed, readFile func(string) ([]byte, error)) {
	for i := range agendas {
		path := index("agendas", i)
		r.readDiary(path, &agendas[i].DiarySeed, readFile)
		for j := range agendas[i].Beside {
			r.readDiary(index(path+".a_cote", j), &agendas[i].Beside[j], readFile)
		}
	}
}

func (r *reader) readDiary(path string, d *DiarySeed, readFile func(string) ([]byte, error)) {
	r.readAddress(path, d, readFile)
	r.readSettings(path, d, readFile)
}

func (r *reader) readAddress(path string, d *DiarySeed, readFile func(string) ([]byte, error)) {
	if d.AddressFile == "" || r.wrong[path+".adresse_fichier"] {
		return
	}
	words, reason := wordsOfFile(d.AddressFile, readFile)
	if reason == "" && len(words) != 1 {
		reason = "le fichier doit contenir une adresse, et rien d'autre"
	}
	if reason != "" {
		r.report(path+".adresse_fichier", reason)
		return
	}
	d.Address, d.AddressFile = words[0], ""
}

// readSettings adds the settings of a file to those that stand in the configuration: a password need not.
func (r *reader) readSettings(path string, d *DiarySeed, readFile func(string) ([]byte, error)) {
	if d.SettingsFile == "" || r.wrong[path+".parametres_fichier"] {
		return
	}
	data, err := readFile(d.SettingsFile)
	if err != nil {
		r.report(path+".parametres_fichier", reasonOfFile(d.SettingsFile, err))
		return
	}
	other := newReader()
	var more, all map[string]json.RawMessage
	if root, ok := other.document(data); ok {
		_ = json.Unmarshal(other.settings("", root), &more) // nothing is left when the reader has refused it
	}
	if len(other.problems) > 0 || len(more) == 0 {
		r.report(path+".parametres_fichier", "le fichier "+quote(d.SettingsFile)+" doit contenir un groupe de clés YAML (« mot_de_passe: … »)")
		return
	}
	_ = json.Unmarshal(d.Settings, &all) // it is an object, or nothing
	for key, value := range more {
		if _, twice := all[key]; twice {
			r.report(path+".parametres_fichier", "la clé « "+key+" » est dans « parametres » aussi : gardez l'une des deux")
			return
		}
		if all == nil {
			all = make(map[string]json.RawMessage)
		}
		all[key] = value
	}
	joined, err := json.Marshal(all)
	if err != nil {
		r.report(path+".parametres_fichier", "ces paramètres ne peuvent pas être transmis au connecteur")
		return
	}
	d.Settings, d.SettingsFile = joined, ""
}
