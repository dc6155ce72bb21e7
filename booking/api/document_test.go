package api

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestTheDocumentIsOneOfOpenAPI(t *testing.T) {
	if err := must[*openapi3.T](t)(load(document)).Validate(t.Context()); err != nil {
		t.Error(err)
	}
}

// What an integrator copies must work.
func TestExamplesAreWhatTheyAreExamplesOf(t *testing.T) {
	doc := must[*openapi3.T](t)(load(document))
	checked := 0
	check := func(where string, content openapi3.Content) {
		for kind, m := range content {
			if m.Example == nil {
				continue
			}
			checked++
			if err := m.Schema.Value.VisitJSON(m.Example, openapi3.EnableJSONSchema2020(), openapi3.MultiErrors()); err != nil {
				t.Errorf("%s %s: %v", where, kind, err)
			}
		}
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody != nil {
				check(method+" "+path, op.RequestBody.Value.Content)
			}
			for status, r := range op.Responses.Map() {
				check(method+" "+path+" "+status, r.Value.Content)
			}
		}
	}
	if checked < 8 {
		t.Errorf("only %d examples", checked)
	}
}

// Every operation that needs a token says all the ways in which it may be refused.
func TestRefusalsAreDeclared(t *testing.T) {
	doc := must[*openapi3.T](t)(load(document))
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if len(scopesOf(op)) == 0 {
				continue
			}
			want := []string{"401", "403", "413", "422", "429", "500", "503"}
			if strings.Contains(path, "{id}") {
				want = append(want, "404")
			}
			if op.Parameters.GetByInAndName(openapi3.ParameterInHeader, idempotencyKey) != nil {
				want = append(want, "400", "409")
			}
			for _, status := range want {
				if op.Responses.Value(status) == nil {
					t.Errorf("%s %s does not declare %s", method, path, status)
				}
			}
		}
	}
}

// An integrator has nothing but the document.
func TestEveryParameterIsDescribed(t *testing.T) {
	doc := must[*openapi3.T](t)(load(document))
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.Summary == "" || len(op.Tags) != 1 {
				t.Errorf("%s %s has no summary, or not one tag", method, path)
			}
			for _, p := range op.Parameters {
				if p.Value.Description == "" || p.Value.Schema.Value.Type == nil {
					t.Errorf("%s %s does not say what %s is", method, path, p.Value.Name)
				}
			}
		}
	}
}

// A place has the columns of the standard (v1.0.2), under their names.
func TestAPlaceHasTheColumnsOfTheStandard(t *testing.T) {
	doc := must[*openapi3.T](t)(load(document))
	lieu := doc.Components.Schemas["Lieu"].Value
	columns := strings.Fields(`id pivot nom commune code_postal code_insee adresse complement_adresse latitude longitude typologie telephone
		courriels site_web horaires presentation_resume presentation_detail source itinerance structure_parente date_maj services
		publics_specifiquement_adresses prise_en_charge_specifique frais_a_charge dispositif_programmes_nationaux formations_labels
		autres_formations_labels modalites_acces modalites_accompagnement fiche_acces_libre prise_rdv`)
	got := newDoor(t).do(ask{path: "/v1/lieux/a"}).json(t)
	for _, c := range columns {
		_, sent := got[c]
		if lieu.Properties[c] == nil || !slices.Contains(lieu.Required, c) || !sent {
			t.Errorf("a place has no %s, or not always", c)
		}
	}
	if len(columns) != 32 {
		t.Errorf("the standard has 32 columns, not %d", len(columns))
	}
}

// The document names every field of what is sent: one that it does not know is refused, not lost.
func TestRequestsAreClosed(t *testing.T) {
	doc := must[*openapi3.T](t)(load(document))
	var closed func(where string, ref *openapi3.SchemaRef)
	closed = func(where string, ref *openapi3.SchemaRef) {
		s := ref.Value
		if s.Type.Includes("object") && (s.AdditionalProperties.Has == nil || *s.AdditionalProperties.Has) {
			t.Errorf("%s takes fields that it does not know", where)
		}
		for name, p := range s.Properties {
			closed(where+"."+name, p)
		}
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody != nil && op.OperationID != "postToken" { // OAuth lets clients add what they like
				closed(method+" "+path, op.RequestBody.Value.Content["application/json"].Schema)
			}
		}
	}
}

var codeWritten = regexp.MustCompile(`(?:[cC]ode: |\.Code(?:, \w+\.Detail)? = )"([a-z_]+)"`)

// Every code that a problem can bear has its anchor on the page.
func TestEveryCodeIsExplained(t *testing.T) {
	page := newDoor(t).do(ask{path: "/docs", token: "-"})
	var explainedCodes []string
	for _, p := range problems {
		explainedCodes = append(explainedCodes, p.Code)
		if !strings.Contains(string(page.body), `id="`+p.Code+`"`) {
			t.Errorf("the page has no anchor for %s", p.Code)
		}
	}
	found := 0
	for _, folder := range []string{".", "..", "../ledger", "../availability"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range codeWritten.FindAllStringSubmatch(string(text), -1) {
				found++
				if !slices.Contains(explainedCodes, m[1]) {
					t.Errorf("%s uses the code %s, which the page does not explain", file, m[1])
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d codes were found in the source", found)
	}
}

// The links of the page lead somewhere on it.
func TestThePageHasWhatItLinksTo(t *testing.T) {
	page := string(newDoor(t).do(ask{path: "/docs", token: "-"}).body)
	for _, m := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page, -1) {
		anchor := must[string](t)(url.PathUnescape(m[1]))
		if !strings.Contains(page, `id="`+anchor+`"`) {
			t.Errorf("a link leads to #%s, which is not there", m[1])
		}
	}
}
