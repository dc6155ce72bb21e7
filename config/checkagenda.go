package config

import "regexp"

// identifier is what may name an agenda or a motif for ever: it stands in addresses and in logs.
var identifier = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

func (r *reader) checkAgendas(agendas []AgendaSeed) {
	first := make(map[string]string)
	for i := range agendas {
		path, a := index("agendas", i), &agendas[i]
		if r.wrong[path] {
			continue
		}
		r.checkID(path+".id", a.ID, first)
		r.checkDiary(path, a.DiarySeed)
		if len(a.Places) == 0 && len(a.Links) == 0 && !r.wrong[path+".lieux"] && !r.wrong[path+".liens"] {
			r.report(path+".lieux", "obligatoire, à moins de donner « liens » : sans l'un ni l'autre l'agenda ne sert aucun lieu")
		}
		r.checkDistinct(path+".lieux", a.Places)
		r.checkDistinct(path+".liens", a.Links)
		r.checkAddress(path+".avis", a.Notice, "accueil@example.org")
		for j, d := range a.Beside {
			r.checkBeside(index(path+".a_cote", j), d)
		}
		r.checkMotifs(path, a)
	}
}

// checkID wants an identifier that no other of the same list bears.
func (r *reader) checkID(path, id string, first map[string]string) {
	switch {
	case r.wrong[path]:
	case id == "":
		r.report(path, "obligatoire : un identifiant qui ne changera jamais")
	case !identifier.MatchString(id):
		r.report(path, quote(id)+" n'est pas un identifiant : lettres sans accent, chiffres, « . », « _ » et « - », 100 au plus, sans commencer par un signe")
	case first[id] != "":
		r.report(path, quote(id)+" est déjà l'identifiant de "+first[id])
	default:
		first[id] = parent(path)
	}
}

func (r *reader) checkDiary(path string, d DiarySeed) {
	if d.Connector == "" && !r.wrong[path+".connecteur"] {
		r.report(path+".connecteur", "obligatoire : le nom d'un connecteur, par exemple native ou ics")
	}
	if d.Address != "" && d.AddressFile != "" {
		r.report(path+".adresse_fichier", "« adresse » est donnée aussi : gardez l'une des deux")
	}
}

// checkBeside wants an address: what is kept here is no other diary.
func (r *reader) checkBeside(path string, d DiarySeed) {
	if r.wrong[path] {
		return
	}
	r.checkDiary(path, d)
	if !r.given(path+".adresse") && !r.given(path+".adresse_fichier") {
		r.report(path+".adresse", "obligatoire, à moins de donner « adresse_fichier »")
	}
}

func (r *reader) checkDistinct(path string, values []string) {
	seen := make(map[string]bool)
	for i, value := range values {
		if seen[value] && value != "" {
			r.report(index(path, i), "cette valeur est donnée deux fois")
		}
		seen[value] = true
	}
}

func (r *reader) checkMotifs(path string, a *AgendaSeed) {
	first := make(map[string]string)
	for i, m := range a.Motifs {
		at := index(path+".motifs", i)
		if r.wrong[at] {
			continue
		}
		r.checkID(at+".id", m.ID, first)
		r.checkDistinct(at+".champs_requis", m.Required)
		if m.Group && !r.given(at+".places") {
			r.report(at+".places", "obligatoire quand « collectif » est vrai : le nombre de personnes d'une séance")
		}
		if m.Seats > 1 && !m.Group && !r.wrong[at+".collectif"] {
			r.report(at+".places", "plusieurs places ne vont qu'avec « collectif: true »")
		}
		if m.Validation == "structure" && a.Notice == "" && !r.wrong[path+".avis"] {
			r.report(at+".validation", "la structure ne peut pas valider sans être prévenue : donnez « avis » à l'agenda")
		}
	}
}
