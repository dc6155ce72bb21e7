package rdvsp

import (
	"errors"
	"maps"
	"net/url"
	"strings"
	"testing"

	"passerelle/connectors"
)

func resolve(t *testing.T, raw string) (connectors.Resolution, bool) {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return recognise(u)
}

func TestRecognisesEveryPublicShape(t *testing.T) {
	const (
		old  = "https://www.rdv-solidarites.fr"
		aide = "https://www.rdv-aide-numerique.fr"
		anct = "https://rdv.anct.gouv.fr"
	)
	ids := func(instance string, pairs ...string) map[string]string {
		m := map[string]string{"instance": instance}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	for _, c := range []struct {
		name, raw, link string
		ids             map[string]string
	}{
		{"organisation by number", aide + "/org/2981", aide + "/org/2981", ids("www.rdv-solidarites.fr", "organisation", "2981")},
		{"organisation in base58, slug", anct + "/org/roFEEt/aidants", anct + "/org/roFEEt", ids("rdv.anct.gouv.fr", "organisation", "roFEEt")},
		{"http and capitals in the host", "http://RDV.ANCT.gouv.fr/org/roFEEt/", anct + "/org/roFEEt", ids("rdv.anct.gouv.fr", "organisation", "roFEEt")},
		{"without www", "https://rdv-aide-numerique.fr/org/7", aide + "/org/7", ids("www.rdv-solidarites.fr", "organisation", "7")},
		{"with www too many", "https://www.rdv.numerique.gouv.fr/org/7", "https://rdv.numerique.gouv.fr/org/7", ids("rdv.numerique.gouv.fr", "organisation", "7")},
		{"demo", "https://demo.rdv.anct.gouv.fr/org/7", "https://demo.rdv.anct.gouv.fr/org/7", ids("demo.rdv-solidarites.fr", "organisation", "7")},
		{"staging", "https://staging.rdv-service-public.fr/org/7", "https://staging.rdv-service-public.fr/org/7", ids("staging.rdv-service-public.fr", "organisation", "7")},
		{"organisation by external id", old + "/org/ext/CN/62ab-x/slug", old + "/org/ext/CN/62ab-x", ids("www.rdv-solidarites.fr", "territoire", "CN", "organisation_externe", "62ab-x")},
		{"motif", anct + "/motif/aB3dE5fG/accompagnement", anct + "/motif/aB3dE5fG/accompagnement", ids("rdv.anct.gouv.fr", "motif", "aB3dE5fG")},
		{
			"search", old + "/prendre_rdv?departement=03&city_code=03048&street_ban_id=&latitude=46.6&address=C%C3%A9rilly%2C+03350&button=&prescripteur=1&utm_source=x",
			old + "/prendre_rdv?address=C%C3%A9rilly%2C+03350&city_code=03048&departement=03&latitude=46.6",
			ids("www.rdv-solidarites.fr", "departement", "03", "code_insee", "03048"),
		},
		{
			"search by organisation", anct + "/prendre_rdv?public_link_organisation_id=12&user_selected_organisation_id=13&motif_id=4&service_id=5&lieu_id=6&motif_name_with_location_type=atelier-public_office&motif_category_short_name=num",
			anct + "/prendre_rdv?lieu_id=6&motif_category_short_name=num&motif_id=4&motif_name_with_location_type=atelier-public_office&public_link_organisation_id=12&service_id=5&user_selected_organisation_id=13",
			ids("rdv.anct.gouv.fr", "organisation", "12", "motif", "4", "service", "5", "lieu", "6", "motif_nom", "atelier-public_office", "motif_categorie", "num"),
		},
		{
			"search by several organisations", old + "/?organisation_ids[]=1&organisation_ids[]=2&external_organisation_ids[]=a",
			old + "/?external_organisation_ids%5B%5D=a&organisation_ids%5B%5D=1&organisation_ids%5B%5D=2",
			ids("www.rdv-solidarites.fr", "organisation", "1,2", "organisation_externe", "a"),
		},
		{"search for prescribers", old + "/prendre_rdv_prescripteur?departement=62", old + "/prendre_rdv?departement=62", ids("www.rdv-solidarites.fr", "departement", "62")},
		{
			"slot", anct + "/creneaux?starts_at=2026-12-01 09:00&lieu_id=12&motif_id=34&public_link_organisation_id=56&duration=30",
			anct + "/creneaux?duration=30&lieu_id=12&motif_id=34&public_link_organisation_id=56&starts_at=2026-12-01+09%3A00",
			ids("rdv.anct.gouv.fr", "debut", "2026-12-01 09:00", "lieu", "12", "motif", "34", "organisation", "56", "duree_min", "30"),
		},
		{"slot for prescribers", anct + "/prescripteur/start?rdv_collectif_id=9&departement=62", anct + "/prescripteur/start?departement=62&rdv_collectif_id=9", ids("rdv.anct.gouv.fr", "rdv_collectif", "9", "departement", "62")},
		{"slot in the wizard", anct + "/users/rdv_wizard_step/new?motif_id=1", anct + "/users/rdv_wizard_step/new?motif_id=1", ids("rdv.anct.gouv.fr", "motif", "1")},
		{"several external ids", old + "/resin/a,b", old + "/resin/a,b", ids("www.rdv-solidarites.fr", "territoire", "CN", "organisation_externe", "a,b")},
		{"home page", old, old + "/", ids("www.rdv-solidarites.fr")},
		{"home page with a trace of a mailing", old + "/?utm_source=x", old + "/", ids("www.rdv-solidarites.fr")},
		{"unknown page", aide + "/book/0123456789abcdef01234567", aide + "/book/0123456789abcdef01234567", ids("www.rdv-solidarites.fr")},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := resolve(t, c.raw)
			if !ok || got.Mode != connectors.ByHandoff || got.Link != c.link || got.Secret || got.Reason == "" {
				t.Errorf("recognise(%s) = %v %+v, want %s", c.raw, ok, got, c.link)
			}
			if !maps.Equal(got.IDs, c.ids) {
				t.Errorf("IDs = %v, want %v", got.IDs, c.ids)
			}
			if again, _ := resolve(t, got.Link); again.Link != got.Link {
				t.Errorf("a canonical link is read as another: %s", again.Link)
			}
		})
	}
}

func TestRefusesPersonalLinks(t *testing.T) {
	for _, path := range []string{
		"/prdv?tkn=S3CR3T", "/r/12/S3CR3T", "/r/12/cr", "/users/rdvs/12?invitation_token=S3CR3T", "/users/rdvs/S3CR3T", "/invitation",
		"/prendre_rdv?departement=03&invitation_token=S3CR3T", "/?invitation_token=S3CR3T", "/org/12?tkn=S3CR3T", "/i/r/S3CR3T", "/calendrier/jean-S3CR3T.ics",
	} {
		got, ok := resolve(t, "https://rdv.anct.gouv.fr"+path)
		if !ok || !got.Secret || got.Link != "" || got.IDs != nil || got.Mode != connectors.ByContact || strings.Contains(got.Reason, "S3CR3T") {
			t.Errorf("recognise(%s) = %v %+v", path, ok, got)
		}
	}
}

func TestRefusesCredentials(t *testing.T) {
	if got, ok := resolve(t, "https://jean:S3CR3T@rdv.anct.gouv.fr/org/12"); !ok || !got.Secret || got.Link != "" {
		t.Errorf("recognise = %v %+v", ok, got)
	}
}

func TestWarnsOfPagesThatAreNotPublic(t *testing.T) {
	for path, organisation := range map[string]string{"/admin/organisations/297/rdvs": "297", "/agents/edit": "", "/admin": "", "/users/sign_in": ""} {
		got, ok := resolve(t, "https://www.rdv-solidarites.fr"+path)
		if !ok || got.Secret || got.Link != "" || got.Mode != connectors.ByContact || got.Reason == "" || got.IDs["organisation"] != organisation {
			t.Errorf("recognise(%s) = %v %+v", path, ok, got)
		}
	}
}

func TestLeavesOtherSitesAlone(t *testing.T) {
	for _, raw := range []string{
		"https://www.rdv-solidarites.fr.exemple.fr/org/1", "https://exemple.fr/www.rdv-solidarites.fr/org/1", "https://faux-rdv-solidarites.fr/org/1",
		"https://aide.rdv-service-public.fr/org/1", "https://anct.gouv.fr/org/1", "https://www.rdv-solidarites.fr:8443/org/1", "ftp://www.rdv-solidarites.fr/org/1",
		"https://exemple.fr/?u=https://www.rdv-solidarites.fr/org/1",
	} {
		if got, ok := resolve(t, raw); ok {
			t.Errorf("recognise(%s) = %+v", raw, got)
		}
	}
}

func mustOpen(t *testing.T, address string) connectors.Agenda {
	t.Helper()
	a, err := Connector.Open(connectors.Connection{Address: address}, connectors.Env{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestHandsOverToThePageForWhoeverAsks(t *testing.T) {
	const org = "https://rdv.anct.gouv.fr/org/roFEEt"
	for _, c := range []struct {
		name, address string
		request       connectors.HandoffRequest
		want          string
	}{
		{"anybody", org, connectors.HandoffRequest{}, org},
		{"an aidant", org, connectors.HandoffRequest{Prescriber: true}, org + "?prescripteur=1"},
		{"an aidant, parameters there", "https://www.rdv-solidarites.fr/prendre_rdv?departement=03&prescripteur=0", connectors.HandoffRequest{Prescriber: true}, "https://www.rdv-solidarites.fr/prendre_rdv?departement=03&prescripteur=1"},
		{"nobody's prescriber", "https://www.rdv-solidarites.fr/prendre_rdv?departement=03&prescripteur=1", connectors.HandoffRequest{}, "https://www.rdv-solidarites.fr/prendre_rdv?departement=03"},
		{"a motif in a search", "https://www.rdv-solidarites.fr/prendre_rdv?departement=03&motif_id=1", connectors.HandoffRequest{Motif: "8841"}, "https://www.rdv-solidarites.fr/prendre_rdv?departement=03&motif_id=8841"},
		{"a motif that a page cannot take", org, connectors.HandoffRequest{Motif: "8841"}, org},
		{"a page for prescribers already", "https://www.rdv-solidarites.fr/resin/a,b", connectors.HandoffRequest{Prescriber: true}, "https://www.rdv-solidarites.fr/resin/a,b"},
		{"never our reference", org, connectors.HandoffRequest{Reference: "rdv_1"}, org},
	} {
		got, err := mustOpen(t, c.address).(connectors.Handoffer).Handoff(t.Context(), c.request)
		if err != nil || got.URL != c.want {
			t.Errorf("%s: %v, %v; want %s", c.name, got, err, c.want)
		}
	}
}

func TestOneLinkServesManyWithoutMixing(t *testing.T) {
	a := mustOpen(t, "https://rdv.anct.gouv.fr/org/roFEEt").(connectors.Handoffer)
	first, _ := a.Handoff(t.Context(), connectors.HandoffRequest{Prescriber: true})
	second, _ := a.Handoff(t.Context(), connectors.HandoffRequest{})
	if first.URL == second.URL {
		t.Errorf("the second caller got the link of the first: %s", second.URL)
	}
}

func TestClaimsNothing(t *testing.T) {
	a := mustOpen(t, "https://rdv.anct.gouv.fr/org/roFEEt")
	if g := connectors.GuaranteeOf(a); g != connectors.Handoff {
		t.Errorf("guarantee = %s", g)
	}
	if c := connectors.CapabilitiesOf(a); c != (connectors.Capabilities{Handoff: true}) {
		t.Errorf("capabilities = %+v", c)
	}
	if r, err := a.Read(t.Context(), connectors.Query{}); connectors.KindOf(err) != connectors.Unsupported || r.Basis != 0 {
		t.Errorf("Read = %+v, %v", r, err)
	}
}

func TestOpenRefusesWhatLeadsNowhere(t *testing.T) {
	for _, address := range []string{"", "https://exemple.fr/", "https://rdv.anct.gouv.fr/r/12/S3CR3T", "https://rdv.anct.gouv.fr/agents/edit", "http://[::1"} {
		_, err := Connector.Open(connectors.Connection{Address: address}, connectors.Env{})
		if connectors.KindOf(err) != connectors.Invalid || errors.Unwrap(err) == nil || strings.Contains(err.Error(), "S3CR3T") {
			t.Errorf("Open(%s) = %v", address, err)
		}
	}
	if _, err := Connector.Open(connectors.Connection{Address: "https://rdv.anct.gouv.fr/org/1", Settings: []byte(`{"x":1}`)}, connectors.Env{}); connectors.KindOf(err) != connectors.Invalid {
		t.Errorf("unknown settings: %v", err)
	}
}

func FuzzRecognise(f *testing.F) {
	f.Add("/org/roFEEt/x", "prescripteur=1&a=%zz")
	f.Add("//org//ext/CN/%2F", "organisation_ids[]=1&;")
	f.Add("/prendre_rdv", "utm_x=1&address=+&=")
	f.Fuzz(func(t *testing.T, path, query string) {
		u := &url.URL{Scheme: "https", Host: "rdv.anct.gouv.fr", Path: "/" + path, RawQuery: query}
		got, ok := recognise(u)
		if !ok || got.Mode == "" || got.Reason == "" || got.Secret && got.Link != "" {
			t.Fatalf("recognise(%q, %q) = %v %+v", path, query, ok, got)
		}
		if got.Link == "" {
			return
		}
		link, err := url.Parse(got.Link)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := recognise(link); again.Link != got.Link || link.Host != u.Host || !maps.Equal(again.IDs, got.IDs) {
			t.Fatalf("recognise(%q) = %+v", got.Link, again)
		}
	})
}
