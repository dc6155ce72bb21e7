package search

import (
	"net/url"
	"strconv"
	"strings"
)

// question is one search: at a point, of a territory or by words, and for whom offers something.
type question struct {
	lat, lon, radiusKM       float64 // radiusKM 0: at no point
	postal, department, text string
	service, programme       string
}

// ask draws questions as aidants may ask them: most around a point, some of a territory, a few by words; half for a service,
// some for a programme.
func (c *country) ask(n int) []question {
	out := make([]question, n)
	for i := range out {
		q, p := &out[i], c.places[c.random.IntN(len(c.places))]
		t := c.towns[c.random.IntN(len(c.towns))]
		switch k := c.random.IntN(20); {
		case k < 11:
			q.lat, q.lon, q.radiusKM = rounded(t.lat), rounded(t.lon), []float64{5, 15, 15, 30}[c.random.IntN(4)]
		case k < 14:
			q.postal = t.postal
		case k < 17:
			q.department = t.department
		case k < 19:
			q.text = t.name
		default: // what it is, and where
			q.text = strings.TrimSpace(strings.SplitN(p.sample["nom"]+" ", " ", 2)[0] + " " + p.town.name)
		}
		if c.random.IntN(2) == 0 {
			q.service = services[c.random.IntN(len(services))]
		}
		if c.random.IntN(5) == 0 {
			q.programme = programmes[c.random.IntN(len(programmes))]
		}
	}
	return out
}

// questions are the same, as the program is asked them.
func (c *country) questions(n int) []string {
	var out []string
	for _, q := range c.ask(n) {
		out = append(out, q.url())
	}
	return out
}

func (q question) url() string {
	v := url.Values{"limite": {"20"}, "creneaux_par_lieu": {"3"}}
	if q.radiusKM > 0 {
		v.Set("lat", decimal(q.lat))
		v.Set("lon", decimal(q.lon))
		v.Set("rayon_km", decimal(q.radiusKM))
	}
	for name, value := range map[string]string{
		"code_postal": q.postal, "code_departement": q.department, "q": q.text,
		"services": q.service, "dispositif_programmes_nationaux": q.programme,
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return "/v1/creneaux?" + v.Encode()
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// rounded is a degree to the metre or ten.
func rounded(degrees float64) float64 { return float64(int(degrees*10_000)) / 10_000 }
