package rdvsp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"passerelle/connectors"
)

func TestSettingsThatCannotBe(t *testing.T) {
	env := connectors.Env{HTTP: http.DefaultClient, Now: time.Now}
	const app = `"client_id":"a","client_secret":"S3CR3T"`
	for _, settings := range []string{
		`{"cle_partenaire":"a\r\nb"}`, `{"cle_partenaire":"a","api":"ftp://exemple.fr"}`, `{"cle_partenaire":"a","api":"https://u:S3CR3T@exemple.fr"}`, `{"cle":"a"}`,
		`{"cle_partenaire":"a",` + app + `}`, `{"client_id":"a"}`, `{"client_secret":"S3CR3T"}`, `{"secret_webhook":"S3CR3T"}`,
		`{` + app + `,"organisation":-1}`, `{` + app + `,"organisation":"12"}`, `{` + app + `,"lieux":{"a":0}}`, `{` + app + `,"departement":"2 6"}`,
	} {
		_, err := Connector.Open(connectors.Connection{Address: publicPage, Settings: json.RawMessage(settings)}, env)
		if connectors.KindOf(err) != connectors.Invalid || strings.Contains(fmt.Sprint(err), "S3CR3T") {
			t.Errorf("%s: %v", settings, err)
		}
	}
	if _, err := Connector.Open(connectors.Connection{Address: publicPage, Settings: json.RawMessage(`{` + app + `}`)}, env); err != nil {
		t.Errorf("the application is enough: %v", err)
	}
}

// The page of an organisation leads to its search. Where the settings know which, people are sent to the right place of
// it at once; what they do not know is left to the software.
func TestThePageAndThePlace(t *testing.T) {
	const org, search = "https://rdv.anct.gouv.fr/org/roFEEt", "https://rdv.anct.gouv.fr/prendre_rdv"
	for _, c := range []struct {
		name, address, settings string
		request                 connectors.HandoffRequest
		want                    string
	}{
		{
			"all is known", org, `{"organisation":12,"departement":"26","lieux":{"a":7}}`,
			connectors.HandoffRequest{Place: "a", Motif: "34", Prescriber: true},
			search + "?departement=26&lieu_id=7&motif_id=34&prescripteur=1&public_link_organisation_id=12",
		},
		{"a place of no number", org, `{"organisation":12,"departement":"26","lieux":{"a":7}}`, connectors.HandoffRequest{Place: "b"}, search + "?departement=26&public_link_organisation_id=12"},
		{"no department", org, `{"organisation":12,"lieux":{"a":7}}`, connectors.HandoffRequest{Place: "a"}, org},
		{"no organisation", org, `{"departement":"26","lieux":{"a":7}}`, connectors.HandoffRequest{Place: "a"}, org},
		{"nothing", org, `{}`, connectors.HandoffRequest{Place: "a"}, org},
		{"a search", search + "?departement=26&public_link_organisation_id=12", `{"lieux":{"a":7}}`, connectors.HandoffRequest{Place: "a"}, search + "?departement=26&lieu_id=7&public_link_organisation_id=12"},
		{"a search of nobody", search + "?departement=26", `{"organisation":12,"lieux":{"a":7}}`, connectors.HandoffRequest{Place: "a"}, search + "?departement=26&lieu_id=7&public_link_organisation_id=12"},
		{"several organisations", search + "?organisation_ids[]=1&organisation_ids[]=2", `{"organisation":12}`, connectors.HandoffRequest{}, search + "?organisation_ids%5B%5D=1&organisation_ids%5B%5D=2"},
		{"a link to a motif", "https://rdv.anct.gouv.fr/motif/aB3dE5fG", `{"organisation":12,"departement":"26","lieux":{"a":7}}`, connectors.HandoffRequest{Place: "a"}, "https://rdv.anct.gouv.fr/motif/aB3dE5fG"},
	} {
		a, err := Connector.Open(connectors.Connection{Address: c.address, Settings: json.RawMessage(c.settings)}, connectors.Env{})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second caller gets what the first got
			got, err := a.(connectors.Handoffer).Handoff(t.Context(), c.request)
			if err != nil || got.URL != c.want {
				t.Errorf("%s: %v, %v; want %s", c.name, got.URL, err, c.want)
			}
		}
	}
}
