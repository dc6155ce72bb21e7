package rdvsptest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestAPublicLinkLeadsToTheSearchOfItsOrganisation(t *testing.T) {
	w := newWorld(t, nil)
	search := func(o Organisation) string {
		return fmt.Sprintf("%s/prendre_rdv?public_link_organisation_id=%d&departement=%s", w.URL, o.ID, o.Territory)
	}
	for path, location := range map[string]string{
		"/org/roFEEt":                              search(w.mine),
		"/org/roFEEt/mediatheque":                  search(w.mine),
		"/org/roFeEt":                              search(w.foreign), // base58 minds its case
		fmt.Sprintf("/org/%d/x", w.mine.ID):        search(w.mine),
		"/org/ext/CN/coop-1":                       search(w.mine),
		"/org/ext/CN/coop-1/x":                     search(w.mine),
		"/org/ext/26/coop-1":                       search(w.foreign),
		"/prendre_rdv?address=Crest&departement=1": w.URL + "/",
	} {
		if r := w.ask("", "GET", path, nil); r.status != http.StatusFound || r.header.Get("Location") != location {
			t.Errorf("%s: %d %s, want %s", path, r.status, r.header.Get("Location"), location)
		}
	}
	for _, path := range []string{
		"/org/rofeet", "/org/999", "/org/ext/CN/coop-2", "/org/ext/cn/coop-1", "/prendre_rdv?public_link_organisation_id=999",
		fmt.Sprintf("/org/%d", w.foreign.ID), // too young for its number
	} {
		want(t, path, w.ask("", "GET", path, nil), http.StatusNotFound, "")
	}
	for _, path := range []string{"/", "/prendre_rdv?departement=C21", fmt.Sprintf("/prendre_rdv?public_link_organisation_id=%d", w.mine.ID)} {
		want(t, path, w.ask("", "GET", path, nil), http.StatusOK, "")
	}
}

func TestADeadLinkMayLeadHome(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.DeadLinksGoHome = true })
	if r := w.ask("", "GET", "/org/nobody", nil); r.status != http.StatusFound || r.header.Get("Location") != w.URL+"/" {
		t.Errorf("%d %s", r.status, r.header.Get("Location"))
	}
}

func TestAddressesAreSearchedWhereTheyAre(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.AddressSearch = true })
	want(t, "search", w.ask("", "GET", "/prendre_rdv?departement=03&city_code=03048", nil), http.StatusOK, "")
}

func TestRobotsAreKeptOut(t *testing.T) {
	r := newWorld(t, nil).ask("", "GET", "/robots.txt", nil)
	lines := strings.Split(string(r.body), "\n")
	if lines[1] != "Disallow: /" || lines[2] != "Allow: /$" || strings.Contains(string(r.body), "org") {
		t.Errorf("%s", r.body)
	}
}

// TestAMigratedOrganisationIsFoundOnTheOtherInstance goes from link to link over two instances behind three hosts.
func TestAMigratedOrganisationIsFoundOnTheOtherInstance(t *testing.T) {
	const newHost, oldHost, oldTwin = "rdv.anct.gouv.fr", "www.rdv-aide-numerique.fr", "www.rdv-solidarites.fr"
	young := New(t, Options{Now: func() time.Time { return monday }, FirstID: 5000, PublicURL: "https://" + newHost})
	there := young.AddOrganisation(Organisation{PublicID: "abcdef", Territory: "CN"})
	old := New(t, Options{Now: func() time.Time { return monday }, FirstID: 1, PublicURL: "https://" + oldTwin, AddressSearch: true})
	here := old.AddOrganisation(Organisation{Territory: "CN", MigratedTo: fmt.Sprintf("https://%s/org/%d/mediatheque", newHost, there.ID)})
	motif := old.AddMotif(Motif{Organisation: here.ID})
	hosts := Hosts{newHost: young, oldHost: old, oldTwin: old}

	follow := func(from string) (where []string) {
		for len(where) < 5 {
			q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, from, nil)
			if err != nil {
				t.Fatal(err)
			}
			r, err := send(q, hosts)
			if err != nil {
				t.Fatal(err)
			}
			if r.status != http.StatusFound {
				return where
			}
			from = r.header.Get("Location")
			where = append(where, from)
		}
		return where
	}
	search := func(host string, o Organisation) string {
		return fmt.Sprintf("https://%s/prendre_rdv?public_link_organisation_id=%d&departement=CN", host, o.ID)
	}
	start := fmt.Sprintf("https://%s/org/%d", oldHost, here.ID)
	if got := follow(start); len(got) != 1 || got[0] != search(oldHost, here) {
		t.Errorf("with a motif left: %v", got)
	}
	old.RemoveMotif(motif.ID)
	want := []string{search(oldHost, here), fmt.Sprintf("https://%s/org/%d/mediatheque", newHost, there.ID), search(newHost, there)}
	if got := follow(start); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("migrated: %v, want %v", got, want)
	}
	browser := &http.Client{Transport: hosts}
	q, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, start, nil)
	if r, err := browser.Do(q); err != nil || r.StatusCode != http.StatusOK || r.Request.URL.String() != search(newHost, there) {
		t.Errorf("a browser: %v, %v", r, err)
	} else {
		r.Body.Close()
	}
	if here.ID == there.ID {
		t.Error("the two instances share their identifiers")
	}
	if _, err := hosts.RoundTrip(&http.Request{URL: &url.URL{Scheme: "https", Host: "exemple.fr"}}); err == nil {
		t.Error("a host that is nobody's was asked")
	}
}
