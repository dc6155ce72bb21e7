package rdvsp

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/rdvsp/rdvsptest"
)

// two are the instances: organisations go from the old to the young one.
type two struct {
	*network
	old, young   *rdvsptest.Server
	leaving, new rdvsptest.Organisation
	left         rdvsptest.Motif // the last motif of the old organisation
}

const oldHost, oldTwin = "www.rdv-aide-numerique.fr", "www.rdv-solidarites.fr"

func newTwo(t *testing.T) *two {
	t.Helper()
	now := func() time.Time { return monday }
	w := &two{
		old:   rdvsptest.New(t, rdvsptest.Options{Now: now, FirstID: 1, PublicURL: "https://" + oldTwin, AddressSearch: true}),
		young: rdvsptest.New(t, rdvsptest.Options{Now: now, FirstID: 5000, PublicURL: "https://" + publicHost}),
	}
	w.network = &network{hosts: rdvsptest.Hosts{publicHost: w.young, oldHost: w.old, oldTwin: w.old}}
	w.new = w.young.AddOrganisation(rdvsptest.Organisation{PublicID: "roFEEt", Territory: "CN", ExternalID: "coop-1"})
	w.leaving = w.old.AddOrganisation(rdvsptest.Organisation{
		Territory: "CN", ExternalID: "coop-1", MigratedTo: fmt.Sprintf("https://%s/org/%s/mediatheque", publicHost, w.new.PublicID),
	})
	w.left = w.old.AddMotif(rdvsptest.Motif{Organisation: w.leaving.ID})
	return w
}

func (n *network) locate(t *testing.T, address string) (connectors.Resolution, error) {
	t.Helper()
	found, ok := resolve(t, address)
	if !ok {
		t.Fatalf("%s is not recognised", address)
	}
	return Connector.Locate(t.Context(), found, connectors.Env{HTTP: &http.Client{Transport: n}})
}

func TestEveryShapeIsLocated(t *testing.T) {
	w := newTwo(t)
	young := w.young.AddOrganisation(rdvsptest.Organisation{PublicID: "roFeEt", Territory: "26", CreatedAt: monday})
	ids := func(instance string, pairs ...string) map[string]string {
		m := map[string]string{"instance": instance}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	number := func(o rdvsptest.Organisation) string { return fmt.Sprint(o.ID) }
	for _, c := range []struct {
		name, address string
		asked         int // questions
		want          map[string]string
	}{
		{"base58", "https://" + publicHost + "/org/roFEEt", 2, ids(publicHost, "organisation", number(w.new), "departement", "CN")},
		{"base58, another case, a name", "https://" + publicHost + "/org/roFeEt/mairie", 2, ids(publicHost, "organisation", number(young), "departement", "26")},
		{"a number", "https://" + oldHost + "/org/" + number(w.leaving), 2, ids(oldTwin, "organisation", number(w.leaving), "departement", "CN")},
		{
			"an external identifier", "https://" + publicHost + "/org/ext/CN/coop-1/x", 2,
			ids(publicHost, "organisation", number(w.new), "departement", "CN", "territoire", "CN", "organisation_externe", "coop-1"),
		},
		{
			"a search that names its organisation", "https://" + publicHost + "/prendre_rdv?public_link_organisation_id=" + number(w.new) + "&motif_id=4", 1,
			ids(publicHost, "organisation", number(w.new), "motif", "4"),
		},
		{"a search by address", "https://" + oldTwin + "/?departement=03&city_code=03048", 1, ids(oldTwin, "departement", "03", "code_insee", "03048")},
		{"a slot", "https://" + publicHost + "/creneaux?motif_id=4&lieu_id=5", 0, ids(publicHost, "motif", "4", "lieu", "5")},
		{"the front page", "https://" + publicHost + "/", 0, ids(publicHost)},
		{"a page of no known form", "https://" + oldHost + "/book/0123", 0, ids(oldTwin)},
	} {
		before := len(w.asked)
		got, err := w.locate(t, c.address)
		if err != nil || !maps.Equal(got.IDs, c.want) || len(w.asked)-before != c.asked {
			t.Errorf("%s: %v, %v, asked %v; want %v", c.name, got.IDs, err, w.asked[before:], c.want)
		}
		if kept, _ := resolve(t, c.address); got.Link != kept.Link || got.Mode != kept.Mode {
			t.Errorf("%s: the link becomes %s", c.name, got.Link)
		}
	}
}

// The path of direct links to a motif is not confirmed; what is known is where they redirect to.
func TestALinkToAMotifIsLocated(t *testing.T) {
	n, hops := scripted(t, map[string]string{"/motif/aB3dE5fG/atelier": "/prendre_rdv?public_link_organisation_id=56&departement=26&motif_id=34"})
	got, err := n.locate(t, "https://"+publicHost+"/motif/aB3dE5fG/atelier")
	want := map[string]string{"instance": publicHost, "organisation": "56", "departement": "26", "motif": "34"}
	if err != nil || !maps.Equal(got.IDs, want) || *hops != 2 {
		t.Errorf("%v, %v after %d", got.IDs, err, *hops)
	}
}

func TestAnOrganisationThatMovedIsFoundThere(t *testing.T) {
	w := newTwo(t)
	w.old.RemoveMotif(w.left.ID)
	for _, address := range []string{
		fmt.Sprintf("https://%s/org/%d", oldHost, w.leaving.ID),
		fmt.Sprintf("https://%s/org/ext/CN/coop-1", oldTwin),
		fmt.Sprintf("https://%s/prendre_rdv?public_link_organisation_id=%d&lieu_id=7", oldHost, w.leaving.ID),
	} {
		before := len(w.asked)
		got, err := w.locate(t, address)
		want := map[string]string{"instance": publicHost, "organisation": fmt.Sprint(w.new.ID), "departement": "CN"}
		if err != nil || !maps.Equal(got.IDs, want) || got.Link != "https://"+publicHost+"/org/roFEEt" {
			t.Errorf("%s: %+v, %v", address, got, err)
		}
		if asked := len(w.asked) - before; asked > 3 {
			t.Errorf("%s: %d questions", address, asked)
		}
	}
}

func TestADeadLinkIsNotFound(t *testing.T) {
	w := newTwo(t)
	home := rdvsptest.New(t, rdvsptest.Options{Now: func() time.Time { return monday }, DeadLinksGoHome: true})
	w.hosts["demo.rdv.anct.gouv.fr"] = home
	for name, address := range map[string]string{
		"nobody":                      "https://" + publicHost + "/org/nobody",
		"another case":                "https://" + publicHost + "/org/rofeet",
		"a search of nobody":          "https://" + publicHost + "/prendre_rdv?public_link_organisation_id=99",
		"a search by address, closed": "https://" + publicHost + "/prendre_rdv?departement=26",
		"the front page":              "https://demo.rdv.anct.gouv.fr/org/nobody",
	} {
		found, err := w.locate(t, address)
		wantKind(t, name, err, connectors.NotFound)
		if kept, _ := resolve(t, address); found.Link != kept.Link {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

// scripted is a host of the software that redirects as it is told; other pages are there. It counts what it is asked.
func scripted(t *testing.T, redirects map[string]string) (*network, *int) {
	t.Helper()
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if to, there := redirects[r.URL.Path]; there {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
		}
	}))
	t.Cleanup(s.Close)
	to, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &network{front: to.Host}, &asked
}

func TestWhatARedirectMayLeadTo(t *testing.T) {
	const address = "https://" + publicHost + "/org/roFEEt"
	for name, c := range map[string]struct {
		to     string
		kind   connectors.Kind
		secret bool
		asked  int
	}{
		"somebody's invitation":     {to: "/prendre_rdv?public_link_organisation_id=1&invitation_token=S3CR3T", secret: true, asked: 1},
		"somebody's appointment":    {to: "https://" + publicHost + "/r/12/S3CR3T", secret: true, asked: 1},
		"a foreign host":            {to: "https://exemple.fr/prendre_rdv?public_link_organisation_id=1", kind: connectors.Unsupported, asked: 1},
		"a host of a like name":     {to: "https://" + publicHost + ".exemple.fr/prendre_rdv?public_link_organisation_id=1", kind: connectors.Unsupported, asked: 1},
		"another scheme":            {to: "file:///etc/passwd", kind: connectors.Unsupported, asked: 1},
		"another port":              {to: "https://" + publicHost + ":8443/prendre_rdv", kind: connectors.Unsupported, asked: 1},
		"a page to sign in":         {to: "/agents/sign_in", kind: connectors.Unsupported, asked: 1},
		"the front page":            {to: "/", kind: connectors.NotFound, asked: 1},
		"a search without anything": {to: "/prendre_rdv?utm_source=x", kind: connectors.NotFound, asked: 1},
		"nothing":                   {to: "", kind: connectors.Unavailable, asked: 1},
		"itself":                    {to: "/org/roFEEt", kind: connectors.Unavailable, asked: mostHops},
	} {
		n, asked := scripted(t, map[string]string{"/org/roFEEt": c.to})
		got, err := n.locate(t, address)
		switch {
		case c.secret:
			if err != nil || !got.Secret || got.Link != "" || got.IDs != nil || strings.Contains(fmt.Sprintf("%+v", got), "S3CR3T") {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		default:
			wantKind(t, name, err, c.kind)
			if strings.Contains(fmt.Sprint(err), "exemple.fr") {
				t.Errorf("%s: the address is told: %v", name, err)
			}
		}
		if *asked != c.asked {
			t.Errorf("%s: asked %d times, want %d", name, *asked, c.asked)
		}
	}
}

func TestWhatIsNotAnsweredIsNotDead(t *testing.T) {
	w := newTwo(t)
	const route = "GET /org/{organisation_id}"
	for status, kind := range map[int]connectors.Kind{
		403: connectors.Unavailable, 429: connectors.RateLimited, 500: connectors.Unavailable, 503: connectors.Unavailable, 410: connectors.NotFound,
	} {
		w.young.Break(route, rdvsptest.Status(status), 1)
		_, err := w.locate(t, "https://"+publicHost+"/org/roFEEt")
		wantKind(t, fmt.Sprint(status), err, kind)
		if e, ok := err.(*connectors.Error); kind == connectors.RateLimited && (!ok || e.RetryAfter == 0) {
			t.Errorf("it said when to come back: %v", err)
		}
	}
	w.young.Break(route, rdvsptest.Lose, 1)
	_, err := w.locate(t, "https://"+publicHost+"/org/roFEEt")
	wantKind(t, "no answer", err, connectors.Unavailable)
}

func TestAPersonalLinkIsNotAskedAbout(t *testing.T) {
	n := &network{}
	got, err := n.locate(t, "https://"+publicHost+"/r/12/S3CR3T")
	if err != nil || !got.Secret || len(n.asked) != 0 {
		t.Errorf("%+v, %v, asked %v", got, err, n.asked)
	}
}
