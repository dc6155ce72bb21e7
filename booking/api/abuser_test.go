package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// abuser makes requests from the document. All of its choices are those of one random source.
type abuser struct {
	random *rand.Rand
	doc    *openapi3.T
	paths  []string
	pool   map[string][]string
	keys   int
}

func newAbuser(doc *openapi3.T, pool map[string][]string, random *rand.Rand) *abuser {
	return &abuser{random: random, doc: doc, pool: pool, paths: slices.Sorted(maps.Keys(doc.Paths.Map()))}
}

func one[T any](a *abuser, list []T) T { return list[a.random.IntN(len(list))] }

func (a *abuser) in(n int) bool { return a.random.IntN(n) == 0 } // once in n

// learn keeps what was made, to ask for it again.
func (a *abuser) learn(got answer) {
	kind, id, ok := strings.Cut(strings.TrimPrefix(got.header.Get("Location"), "/v1/"), "/")
	if name := map[string]string{"rendez-vous": "appointment", "reservations": "hold", "webhooks": "webhook"}[kind]; ok && name != "" {
		a.pool[name] = append(a.pool[name], id)
	}
}

// request is a valid one, often made a little wrong, sometimes very.
func (a *abuser) request() ask {
	path := one(a, a.paths)
	item := a.doc.Paths.Find(path)
	method := one(a, slices.Sorted(maps.Keys(item.Operations())))
	op := item.Operations()[method]
	query := a.query(op)
	r := ask{method: method, path: placeholder.ReplaceAllLiteralString(path, a.id(path)), header: http.Header{}}
	if scopesOf(op) != nil {
		r.header.Set("Authorization", "Bearer "+one(a, a.pool["token"]))
	}
	if op.Parameters.GetByInAndName(openapi3.ParameterInHeader, idempotencyKey) != nil {
		if !a.in(5) {
			a.keys++
		}
		r.header.Set(idempotencyKey, fmt.Sprint("cle-", a.keys))
	}
	var body any
	if op.RequestBody != nil {
		for kind, media := range op.RequestBody.Value.Content {
			r.header.Set("Content-Type", kind)
			body = a.value("", media.Schema, 0)
		}
	}
	wrong := a.random.IntN(10)
	if wrong < 4 {
		body = a.spoil(query, body)
	}
	r.body = encoded(r.header.Get("Content-Type"), body)
	if len(query) > 0 {
		r.path += "?" + query.Encode()
	}
	if wrong >= 4 && wrong < 7 {
		a.hostile(&r)
	}
	return r
}

func encoded(kind string, body any) string {
	if body == nil {
		return ""
	}
	if fields, ok := body.(map[string]any); ok && kind == "application/x-www-form-urlencoded" {
		form := url.Values{}
		for k, v := range fields {
			form.Set(k, fmt.Sprint(v))
		}
		return form.Encode()
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // it is made of what JSON has
	}
	return string(text)
}

// placeholder is where a path of the document has an id.
var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func (a *abuser) id(path string) string {
	if a.in(6) {
		return url.PathEscape(one(a, texts))
	}
	for start, name := range map[string]string{
		"/v1/lieux": "place", "/v1/reservations": "hold", "/v1/webhooks": "webhook", "/v1/rendez-vous": "appointment", "/v1/orientations": "appointment",
		"/v1/usagers": "person",
	} {
		if strings.HasPrefix(path, start) {
			return one(a, a.pool[name])
		}
	}
	return "x"
}

func (a *abuser) query(op *openapi3.Operation) url.Values {
	out := url.Values{}
	for _, p := range op.Parameters {
		if p.Value.In != openapi3.ParameterInQuery || !p.Value.Required && !a.in(5) {
			continue
		}
		switch v := a.value(p.Value.Name, p.Value.Schema, 0).(type) {
		case []any:
			for _, x := range v {
				out.Add(p.Value.Name, fmt.Sprint(x))
			}
		default:
			out.Set(p.Value.Name, fmt.Sprint(v))
		}
	}
	return out
}

// hints are values that mean something, by the name of their field.
var hints = map[string][]string{
	"services": {"Aide aux démarches administratives", "Utilisation sécurisée du numérique"}, "telephone": {"06 39 98 00 01", "+33465710001"},
	"courriel": {"aidant@example.org"}, "siret": {"73282932000074", "35600000000048"}, "url": {"https://partenaire.example/x", "https://www.rdv-aide-numerique.fr/org/1"},
	"lien": {"https://www.rdv-aide-numerique.fr/org/99990001"}, "modalites_acces": {"Téléphoner"}, "frais_a_charge": {"Gratuit"},
	"reference":  {"u-1", "u-2"},
	"grant_type": {"client_credentials"}, "client_id": {"partenaire_un"}, "client_secret": {"secret-un"}, "scope": {"lieux:lire"}, "accueil_demande": {"LSF"},
}

// shaped are texts of which one fits each pattern of the document.
var shaped = []string{
	"26108", "26400", "26", "974", "2A", "73282932000074", "2026-11-23", "2026-11-24", "2026-11-23T09:00:00+01:00", "2026-11-23T09:00:00Z", "2026-02-30T99",
}

// texts are what no form expects.
var texts = []string{
	"", " ", "x", "a\x00b", "é\u202e", "\xff\xfe", "../../etc/passwd", "a/b", "%2e%2e", "' OR 1=1 --", "<script>alert(1)</script>", "😀", "\u2028", "null", "-1", "1e400",
	"9223372036854775808", "NaN", "{{7*7}}", "\r\nX-Injected: 1", strings.Repeat("é", 300), strings.Repeat("9", 5000), ".ics", ".", "..", "0", "true", "٣", "\ufeff", "a\u0301",
}

func (a *abuser) value(name string, ref *openapi3.SchemaRef, depth int) any {
	s := ref.Value
	if known := a.known(name); known != "" && s.Type.Includes(openapi3.TypeString) && !a.in(10) {
		return known
	}
	switch {
	case len(s.Enum) > 0:
		return one(a, s.Enum)
	case len(s.AllOf) > 0:
		return a.value(name, one(a, s.AllOf), depth)
	case len(s.OneOf) > 0:
		return a.value(name, one(a, s.OneOf), depth)
	case s.Type == nil || s.Type.Includes("null") && a.in(6):
		return nil
	case s.Type.Includes(openapi3.TypeObject):
		return a.object(s, depth)
	case s.Type.Includes(openapi3.TypeArray):
		list := []any{}
		for range a.random.IntN(3) {
			list = append(list, a.value(name, s.Items, depth+1))
		}
		return list
	case s.Type.Includes(openapi3.TypeBoolean):
		return a.in(2)
	case s.Type.Includes(openapi3.TypeInteger), s.Type.Includes(openapi3.TypeNumber):
		return a.number(s)
	}
	return a.text(s)
}

func (a *abuser) known(name string) string {
	from := map[string]string{"creneau_id": "slot", "reservation_id": "hold", "lieu_id": "place"}[name]
	switch {
	case from != "" && len(a.pool[from]) > 0:
		return one(a, a.pool[from])
	case len(hints[name]) > 0:
		return one(a, hints[name])
	}
	return ""
}

func (a *abuser) object(s *openapi3.Schema, depth int) any {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if slices.Contains(s.Required, name) || depth < 5 && a.in(3) || strings.HasPrefix(name, "client_") || name == "creneau_id" && a.in(2) {
			out[name] = a.value(name, s.Properties[name], depth+1)
		}
	}
	return out
}

func (a *abuser) number(s *openapi3.Schema) any {
	low, high := 0.0, 100.0
	if s.Min != nil {
		low = *s.Min
	}
	if s.Max != nil {
		high = min(*s.Max, low+100)
	}
	if s.Type.Includes(openapi3.TypeInteger) {
		return int(low) + a.random.IntN(int(high-low)+1)
	}
	return low + a.random.Float64()*(high-low)
}

func (a *abuser) text(s *openapi3.Schema) any {
	if s.Format == "date-time" {
		return one(a, []string{"2026-11-22T10:00:00+01:00", "2026-11-22T11:00:00Z", "2026-12-01T10:00:00.123456789+14:00", "2026-12-01T11:00:00Z"})
	}
	if s.Pattern != "" {
		if fit := slices.DeleteFunc(slices.Clone(shaped), func(x string) bool { return !regexp.MustCompile(s.Pattern).MatchString(x) }); len(fit) > 0 {
			return one(a, fit)
		}
	}
	return one(a, []string{"Nom", "Prénom", "é à ü", "x", "Une phrase, avec des signes."})
}

// anything is a value of any type.
func (a *abuser) anything() any {
	return one(a, []any{nil, true, -1, 0, 1 << 40, 1.5, "", one(a, texts), []any{}, []any{nil}, map[string]any{}, map[string]any{"x": []any{1}}})
}

// spoil makes one thing wrong.
func (a *abuser) spoil(query url.Values, body any) any {
	fields, ok := body.(map[string]any)
	for ok && a.in(2) { // somewhere inside
		inner, deeper := fields[one(a, append(slices.Sorted(maps.Keys(fields)), ""))].(map[string]any)
		if !deeper {
			break
		}
		fields = inner
	}
	if !ok || len(fields) == 0 || a.in(3) {
		switch names := slices.Sorted(maps.Keys(query)); {
		case len(names) == 0 || a.in(4):
			query.Set(one(a, []string{"x", "page", "é", "lat", strings.Repeat("n", 200)}), one(a, texts))
		case a.in(2):
			query.Set(one(a, names), one(a, texts))
		default:
			query.Add(one(a, names), one(a, texts))
		}
		return body
	}
	name := one(a, slices.Sorted(maps.Keys(fields)))
	switch a.random.IntN(4) {
	case 0:
		delete(fields, name)
	case 1:
		fields[one(a, append([]string{"x"}, texts...))] = a.anything()
	default:
		fields[name] = a.anything()
	}
	return body
}

// bodies that no tool of a partner sends.
var hostileBodies = []string{
	"", "null", "[]", "{", "{}{}", "\xff\xfe", "\x00", strings.Repeat("[", 30_000), strings.Repeat(`{"a":`, 10_000), `{"a":1e400}`, `{"a":` + strings.Repeat("9", 10_000) + "}",
	`{"creneau_id":"x","creneau_id":"y"}`, `{"__proto__":{"x":1}}`, `"\ud800"`, `{"creneau_id":"\ud800"}`, strings.Repeat(" ", maxBody+1), `{"x":"` + strings.Repeat("x", maxBody) + `"}`,
	"grant_type=client_credentials&grant_type=x", "grant_type=%zz", "<?xml version='1.0'?><a/>", `{"depuis":"2026-11-22T11:00:00+01:00"}`,
}

// hostile changes what a request is made of.
func (a *abuser) hostile(r *ask) {
	switch a.random.IntN(8) {
	case 0:
		r.body = one(a, hostileBodies)
	case 1:
		r.header.Set("Content-Type", one(a, []string{"", "text/plain", "application/json; charset=latin1", "application/json;;", "multipart/form-data", "é"}))
	case 2:
		r.header.Set("Authorization", one(a, []string{"", "Bearer", "Bearer ", "Bearer x.y.z", "Basic eDp5", "bearer " + one(a, a.pool["token"]), "Bearer " + strings.Repeat("x", 5000)}))
	case 3:
		r.method = one(a, []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"})
	case 4:
		r.path += one(a, []string{"/", "//", "/x", "?", "?%zz", "?a;b", "%00", "%2F..%2F..", "?" + strings.Repeat("a=1&", 2000), ".ics", "/%C3%28", "#x"})
	case 5:
		r.path = one(a, []string{"/", "//", "/v1", "/v1/", "/docs", "/docs/", "/openapi.yaml", "/notifications/x", "/notifications/guichet", "/demandes/x", "/consentement", "/connexion", "/compte", "/deconnexion", "/V1/lieux", "/v1/rendez-vous/..%2f", "/*"})
	case 6:
		for _, name := range one(a, [][]string{{idempotencyKey}, {"X-Request-Id"}, {"Accept", "Range"}, {"X-Forwarded-For"}, {"X-Http-Method-Override"}, {"Content-Encoding"}}) {
			r.header[name] = []string{strings.Map(printable, one(a, texts))}
		}
	case 7:
		r.header[idempotencyKey] = one(a, [][]string{{}, {""}, {"a", "b"}, {strings.Repeat("k", 256)}, {"é"}, {" "}})
	}
}

// printable is what a client lets into a header.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}
