package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"passerelle/connectors/rdvsp/rdvsptest"
	"passerelle/internal/testservers"
)

// The whole way of an invitation, on the program as it is shipped and a RDV Service Public made from its contract: the
// structure lets the gateway in, an aidant gets a page for the person beside her, the person books there, the software
// says so, she is cancelled from here.
func TestAnInvitationFromConsentToCancellation(t *testing.T) {
	x := newTerminal(t)
	x.now = time.Now()
	address := testservers.FreeAddress(t)
	public := "http://" + address
	software := rdvsptest.New(t, rdvsptest.Options{
		Now: time.Now, Unlimited: true, PublicURL: "https://rdv.anct.gouv.fr",
		Application: rdvsptest.Application{ID: "passerelle", Secret: "secret-d-application", RedirectURI: public + "/consentement"},
	})
	organisation := software.AddOrganisation(rdvsptest.Organisation{PublicID: "roFEEt", Territory: "26", Name: "Médiathèque"})
	agent := software.AddAgent(rdvsptest.Agent{Email: "agent@example.org", FirstName: "A", LastName: "AGENT", Organisations: []int{organisation.ID}, TerritorialAdmin: true})
	lieu := software.AddLieu(rdvsptest.Lieu{Organisation: organisation.ID, Name: "Médiathèque"})
	motif := software.AddMotif(rdvsptest.Motif{Organisation: organisation.ID, Name: "Accompagnement", Minutes: 30, MaxDelay: 90 * 24 * time.Hour})
	at := time.Now().Add(72 * time.Hour).Truncate(time.Hour)
	software.AddOpening(rdvsptest.Opening{Agent: agent.ID, Lieu: lieu.ID, Motifs: []int{motif.ID}, Start: at, End: at.Add(2 * time.Hour)})

	x.set(map[string]string{
		"LIEUX":  x.file("lieux.csv", "id,nom,commune,code_postal,prise_rdv\nl1,Médiathèque,Crest,26400,https://rdv.anct.gouv.fr/org/roFEEt\n"),
		"ECOUTE": address, "URL_PUBLIQUE": public, "EGRESS_HOTES_HTTP": "127.0.0.1", "EGRESS_ADRESSES_AUTORISEES": "127.0.0.1",
	})
	x.ok("agenda", "add", x.file("a.yaml", fmt.Sprintf(`
- id: mediatheque
  connecteur: rdvsp
  adresse: https://rdv.anct.gouv.fr/org/roFEEt
  lieux: [l1]
  fuseau: Europe/Paris
  parametres: {api: %q, client_id: passerelle, client_secret: secret-d-application, secret_webhook: secret-partage, organisation: %d, lieux: {l1: %d}}
`, software.URL, organisation.ID, lieu.ID)))
	partner := lineOf[newPartner](t, x.ok("partner", "add", "--json", "Plateforme"))
	_, stop := x.start("the gateway serves", "serve")
	defer stop()
	c := &partnerTool{t, public, tokenFor(t, public, partner.ID, partner.Secret)}

	const demand = `{"lieu_id":"l1","prescripteur":{"prenom":"P","nom":"N","courriel":"aidant@example.org","qualite":"professionnel"},
		"usager":{"prenom":"Prénom-canari","nom":"Nom-canari","telephone":"0639980001","contact":"sms"},
		"consentement":{"mode":"oral","recueilli_le":"2026-11-23T08:00:00+01:00"}}`
	if status, v := c.do("POST", "/v1/orientations", "trop tôt", demand); status != 502 || v["code"] != "agenda_mal_raccorde" {
		t.Fatalf("before anybody agreed: %d %v", status, v)
	}
	if code, out, _ := x.run("agenda", "test", "mediatheque"); code == 0 || !strings.Contains(out, "n'y est pas autorisée") {
		t.Errorf("before anybody agreed, the test says: %d %s", code, out)
	}
	link := strings.TrimSpace(x.ok("agenda", "consent", "mediatheque"))
	leadsTo := regexp.MustCompile(`class="bouton" href="([^"]+)"`).FindStringSubmatch(get(t, link))
	if leadsTo == nil {
		t.Fatal("the page of the consent leads nowhere")
	}
	software.SignIn(agent.ID)
	if page := get(t, strings.ReplaceAll(leadsTo[1], "&amp;", "&")); !strings.Contains(page, "C&#39;est fait") {
		t.Fatalf("after she agreed: %s", page)
	}
	if out := x.ok("agenda", "test", "mediatheque"); !strings.Contains(out, "y est autorisée") || !strings.Contains(out, "https://rdv.anct.gouv.fr/") {
		t.Errorf("after she agreed, the test says: %s", out)
	}
	listen(t, software, agent.ID, organisation.ID, public)

	status, v := c.do("POST", "/v1/orientations", "k1", demand)
	if status != 201 || v["statut"] != "a_finaliser" {
		t.Fatalf("%d %v", status, v)
	}
	made, err := software.Follow(v["url"].(string), at)
	if err != nil {
		t.Fatal(err)
	}
	software.Deliver()
	id := v["id"].(string)
	_, v = c.do("GET", "/v1/rendez-vous/"+id, "", "")
	slot, _ := v["creneau"].(map[string]any)
	if v["statut"] != "confirme" || slot == nil || !sameTime(t, slot["debut"], at) {
		t.Fatalf("she booked at %s, and the gateway says %v at %v", at, v["statut"], slot)
	}
	status, v = c.do("POST", "/v1/rendez-vous/"+id+"/annulation", "k2", `{"raison":"empêchement","par":"usager"}`)
	if status != 200 || v["statut"] != "annule" {
		t.Fatalf("%d %v", status, v)
	}
	if there, _ := software.Rdv(made.ID); there.Participations[0].Status != rdvsptest.Excused {
		t.Errorf("over there it is %s", there.Participations[0].Status)
	}
}

func sameTime(t *testing.T, text any, at time.Time) bool {
	t.Helper()
	got, err := time.Parse(time.RFC3339, fmt.Sprint(text))
	return err == nil && got.Equal(at)
}

// listen has the administrator of the territory send the gateway what happens.
func listen(t *testing.T, software *rdvsptest.Server, agent, organisation int, public string) {
	t.Helper()
	code, err := software.Consent(agent, url.Values{
		"client_id": {"passerelle"}, "redirect_uri": {public + "/consentement"}, "response_type": {"code"}, "scope": {"write"}, "state": {"x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.PostForm(software.URL+"/oauth/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"passerelle"}, "client_secret": {"secret-d-application"},
		"redirect_uri": {public + "/consentement"}, "code": {code},
	})
	if err != nil {
		t.Fatal(err)
	}
	var token struct {
		Access string `json:"access_token"`
	}
	err = json.NewDecoder(resp.Body).Decode(&token)
	resp.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, fmt.Sprintf("%s/api/v1/organisations/%d/webhook_endpoints", software.URL, organisation),
		strings.NewReader(`{"target_url":"`+public+`/notifications/mediatheque","secret":"secret-partage","subscriptions":["rdv"]}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token.Access)
	r.Header.Set("Content-Type", "application/json")
	if resp, err = http.DefaultClient.Do(r); err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", resp.StatusCode, text)
	}
}
