package web

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"passerelle/booking"
	"passerelle/connectors"
)

// searchSize is how many places a page of results has; searchSlots how many slots of each.
const (
	searchSize  = 10
	searchSlots = 3
)

// needs are the standard's services, as people say what they come for.
var needs = []choice{
	{Value: "Aide aux démarches administratives", Words: "Faire une démarche en ligne (impôts, CAF, retraite, carte grise…)"},
	{Value: "Maîtrise des outils numériques du quotidien", Words: "Apprendre à se servir d'un ordinateur, d'un téléphone, d'une messagerie"},
	{Value: "Insertion professionnelle via le numérique", Words: "Chercher un emploi ou une formation sur internet"},
	{Value: "Utilisation sécurisée du numérique", Words: "Se protéger des arnaques et des virus"},
	{Value: "Parentalité et éducation avec le numérique", Words: "Suivre la scolarité de ses enfants, les accompagner sur les écrans"},
	{Value: "Loisirs et créations numériques", Words: "Photos, vidéos, création, loisirs"},
	{Value: "Compréhension du monde numérique", Words: "Comprendre internet et le numérique"},
	{Value: "Accès internet et matériel informatique", Words: "Utiliser un ordinateur, une imprimante ou internet sur place"},
	{Value: "Acquisition de matériel informatique à prix solidaire", Words: "Acheter du matériel à prix solidaire"},
}

// choice is something that can be ticked.
type choice struct {
	Value, Words string
	Count        int
	Chosen       bool
}

// choices are those of one column of the standard.
type choices struct {
	Legend, Name string
	List         []choice
}

// filters are the columns that a search can be narrowed by, under the names that the page's address has for them.
var filters = []struct {
	name, legend, column string
	of                   func(*booking.PlaceFilter) *[]string
}{
	{"besoin", "Besoin particulier", "prise_en_charge_specifique", func(f *booking.PlaceFilter) *[]string { return &f.SpecialCare }},
	{"public", "Public accueilli spécialement", "publics_specifiquement_adresses", func(f *booking.PlaceFilter) *[]string { return &f.Publics }},
	{"frais", "Frais", "frais_a_charge", func(f *booking.PlaceFilter) *[]string { return &f.Fees }},
	{"forme", "Forme de l'aide", "modalites_accompagnement", func(f *booking.PlaceFilter) *[]string { return &f.SupportModes }},
}

// radii are the distances that can be chosen, in kilometres.
var radii = []float64{5, 15, 30, 50, 100}

const usualRadius = 15

// searchPage is the page where places are looked for, and found.
type searchPage struct {
	Where         string
	Lat, Lon      string
	Radii, Needs  []choice
	Filters       []choices
	Narrowed      bool // by a filter
	OpenNeeds     bool // what for is shown without asking
	Homonyms      []next
	Asked         bool // something was looked for
	Found         string
	Nearest       *near  // where none that was found has a slot
	Whole         string // the département that was searched, because nothing is known of the commune
	Places        []placeLine
	Earlier, More string // addresses of the other pages of results
	Wrong         bool
	Map           *Map // nil: there is none, or nothing to show on it
}

func (p *pages) search(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	s := searchPage{Where: strings.TrimSpace(q.Get("ou")), Needs: chosen(needs, q["pour"])}
	f := booking.PlaceFilter{Services: q["pour"]}
	for _, of := range filters {
		*of.of(&f) = q[of.name]
		s.Narrowed = s.Narrowed || len(q[of.name]) > 0
	}
	radius := radiusOf(q.Get("rayon"))
	for _, km := range radii {
		s.Radii = append(s.Radii, choice{Value: fmt.Sprint(km), Words: fmt.Sprintf("%g km", km), Chosen: km == radius})
	}
	f, wrong := p.where(&s, f, q, radius)
	if wrong == "" && s.Asked {
		var err error
		if wrong, err = p.find(r, &s, f, q); err != nil {
			p.Logger.Error("a search failed", "err", err)
			p.tell(w, r, unavailable)
			return
		}
	}
	s.OpenNeeds = !s.Asked || len(q["pour"]) > 0
	s.Wrong = wrong != ""
	w.Header().Del("X-Robots-Tag")
	if p.tiles != "" && len(s.Places) > 0 {
		s.Map = &p.Map
		w.Header().Set("Content-Security-Policy", strings.Replace(p.dsfr.policy(), "img-src 'self'", "img-src 'self' "+p.tiles, 1))
	}
	p.write(w, r, http.StatusOK, "search", view{Title: "Trouver de l'aide avec le numérique", Wrong: wrong, Wide: true, Open: true, Of: &s})
}

// where reads where to look: around a point that the browser knows, or in what a name means.
func (p *pages) where(s *searchPage, f booking.PlaceFilter, q url.Values, radius float64) (booking.PlaceFilter, string) {
	lat, errLat := strconv.ParseFloat(q.Get("lat"), 64)
	lon, errLon := strconv.ParseFloat(q.Get("lon"), 64)
	switch {
	case s.Where != "":
		areas := p.Service.Directory.Areas(s.Where)
		if len(areas) == 0 {
			return f, "Aucune commune ne s'appelle « " + s.Where + " ». Vérifiez son nom, ou écrivez son code postal."
		}
		for _, a := range areas[1:] {
			s.Homonyms = append(s.Homonyms, next{"/?" + with(q, "ou", a.Label).Encode(), a.Label})
		}
		s.Asked, s.Where = true, areas[0].Label
		if areas[0].Near == nil && areas[0].Label != areas[0].Department {
			s.Whole = areas[0].Department
		}
		return f.In(areas[0], radius), ""
	case errLat == nil && errLon == nil && math.Abs(lat) <= 90 && math.Abs(lon) <= 180:
		s.Asked, s.Lat, s.Lon = true, q.Get("lat"), q.Get("lon")
		f.Near, f.RadiusKM = &booking.Point{Latitude: lat, Longitude: lon}, radius
	case len(q) > 0:
		return f, "Dites où chercher : une commune, un code postal ou un département."
	}
	return f, ""
}

func radiusOf(text string) float64 {
	km, err := strconv.ParseFloat(text, 64)
	if err != nil || !slices.Contains(radii, km) {
		return usualRadius
	}
	return km
}

// find fills in the results; what the person can mend is said in words.
func (p *pages) find(r *http.Request, s *searchPage, f booking.PlaceFilter, q url.Values) (wrong string, err error) {
	number := 1
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 1 && n < 10_000 {
		number = n
	}
	found, err := p.Service.SearchSlots(r.Context(), booking.SlotSearch{PlaceFilter: f, PerPlace: searchSlots, Page: number, Size: searchSize})
	if connectors.KindOf(err) == connectors.Invalid {
		return "Cette recherche n'est pas comprise : choisissez de nouveau.", nil
	}
	if err != nil {
		return "", err
	}
	for _, of := range filters {
		counts, err := p.Service.Directory.Counts(f, of.column)
		if err != nil {
			return "", err
		}
		list := choices{Legend: of.legend, Name: of.name}
		for _, c := range counts {
			list.List = append(list.List, choice{Value: c.Value, Words: c.Value, Count: c.Places, Chosen: slices.Contains(*of.of(&f), c.Value)})
		}
		s.Filters = append(s.Filters, list)
	}
	s.Found, s.Nearest = foundInWords(found.Total, found.States), nearOf(found.Nearest, q["pour"])
	for _, x := range found.Items {
		s.Places = append(s.Places, p.placeLine(x, q["pour"]))
	}
	if number > 1 {
		s.Earlier = "/?" + with(q, "page", strconv.Itoa(number-1)).Encode()
	}
	if number < found.Pages() {
		s.More = "/?" + with(q, "page", strconv.Itoa(number+1)).Encode()
	}
	return "", nil
}

func foundInWords(total int, states map[booking.State]int) string {
	if total == 0 {
		return "Aucun lieu ne correspond."
	}
	s := "1 lieu"
	if total > 1 {
		s = fmt.Sprintf("%d lieux", total)
	}
	if n := states[booking.Fresh] + states[booking.Stale]; n > 0 {
		s += fmt.Sprintf(", dont %d avec un agenda en ligne", n)
	}
	return s + "."
}

// with is a query with one value changed; another search begins at its first page.
func with(q url.Values, name, value string) url.Values {
	out := make(url.Values, len(q)+1)
	for k, v := range q {
		if k != "page" {
			out[k] = v
		}
	}
	out.Set(name, value)
	return out
}

func chosen(all []choice, values []string) []choice {
	out := slices.Clone(all)
	for i := range out {
		out[i].Chosen = slices.Contains(values, out[i].Value)
	}
	return out
}
