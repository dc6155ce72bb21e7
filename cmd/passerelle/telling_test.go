package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The whole way of the news, on the program as it is shipped: a request reaches the structure by mail, its link
// answers, the prescriber and the person hear, the partner's webhook and feed too, a move and a cancellation follow.
func TestEverybodyHears(t *testing.T) {
	x := newTerminal(t)
	x.now = time.Now()
	office, address := x.mailing(somePlaces)
	hooks := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var v struct{ Type string }
		if err := json.NewDecoder(r.Body).Decode(&v); err == nil {
			hooks <- v.Type
		}
	}))
	defer receiver.Close()
	x.ok("agenda", "add", x.file("a.yaml", someAgendas))
	partner := lineOf[newPartner](t, x.ok("partner", "add", "--json", "Plateforme"))
	_, stop := x.start("the gateway serves", "serve")
	defer stop()
	c := &partnerTool{t, "http://" + address, tokenFor(t, "http://"+address, partner.ID, partner.Secret)}
	if status, v := c.do("POST", "/v1/webhooks", "w1", `{"url":"`+receiver.URL+`/hook"}`); status != 201 {
		t.Fatalf("webhook: %d %v", status, v)
	}

	body := func(slot string) string {
		return `{"creneau_id":"` + slot + `","usager":{"prenom":"Prénom-canari","nom":"Nom-canari","contact":"courriel","courriel":"personne@example.org"},
		"prescripteur":{"prenom":"P","nom":"N","courriel":"aidant@example.org","qualite":"professionnel"},
		"besoin":{"services":["aide aux demarches administratives"]},"consentement":{"mode":"oral","recueilli_le":"2026-11-23T08:00:00+01:00"}}`
	}
	slots := c.startsInOrder("l3")
	status, asked := c.do("POST", "/v1/rendez-vous", "k1", body(slots[0]))
	if status != 201 || asked["statut"] != "demande" {
		t.Fatalf("%d %v", status, asked)
	}
	mails := office.Take(t, 2)
	if !strings.Contains(mails["accueil@example.org"], "Nom-canari") || mails["aidant@example.org"] == "" {
		t.Errorf("of a request: %v", mails)
	}
	link := regexp.MustCompile(`http://` + regexp.QuoteMeta(address) + `/demandes/[A-Za-z0-9_-]+`).FindString(mails["accueil@example.org"])
	if link == "" {
		t.Fatalf("no link in %s", mails["accueil@example.org"])
	}
	if page := get(t, link); !strings.Contains(page, "Accepter") {
		t.Errorf("the page of the link: %s", page)
	}
	if _, v := c.do("GET", "/v1/rendez-vous/"+asked["id"].(string), "", ""); v["statut"] != "demande" {
		t.Errorf("looking at the page decided: %v", v["statut"])
	}
	answer, err := http.PostForm(link, url.Values{"reponse": {"accepter"}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	mails = office.Take(t, 3)
	if answer.StatusCode != 200 || !strings.Contains(mails["personne@example.org"], "METHOD:REQUEST") {
		t.Errorf("%d; of a confirmation: %v", answer.StatusCode, mails)
	}

	hers := regexp.MustCompile(`http://` + regexp.QuoteMeta(address) + `/rv/[A-Za-z0-9_-]+`).FindString(mails["personne@example.org"])
	if page := get(t, hers); !strings.Contains(page, "Votre rendez-vous") || !strings.Contains(page, "Confirmé") {
		t.Errorf("the page of the person's link %s: %s", hers, page)
	}
	if strings.Contains(mails["aidant@example.org"]+mails["accueil@example.org"], "/rv/") {
		t.Error("somebody else has the person's link")
	}

	status, moved := c.do("POST", "/v1/rendez-vous/"+asked["id"].(string)+"/deplacement", "k2", `{"creneau_id":"`+c.startsInOrder("l3")[3]+`"}`)
	if status != 201 || moved["statut"] != "demande" || moved["remplace"] != asked["id"] {
		t.Fatalf("%d %v", status, moved)
	}
	office.Take(t, 2)
	x.ok("request", "accept", moved["id"].(string)) // by hand, in another process: the one that serves sends the mails
	if mails = office.Take(t, 3); !strings.Contains(mails["personne@example.org"], "SEQUENCE:") {
		t.Errorf("of a move: %v", mails)
	}
	if _, v := c.do("GET", "/v1/rendez-vous/"+asked["id"].(string), "", ""); v["statut"] != "deplace" || v["remplace_par"] != moved["id"] {
		t.Errorf("the old one: %v", v)
	}
	if status, v := c.do("POST", "/v1/rendez-vous/"+moved["id"].(string)+"/annulation", "k3", `{"raison":"empêchement","par":"usager"}`); status != 200 {
		t.Fatalf("%d %v", status, v)
	}
	if mails = office.Take(t, 3); !strings.Contains(mails["personne@example.org"], "METHOD:CANCEL") {
		t.Errorf("of a cancellation: %v", mails)
	}

	_, feed := c.do("GET", "/v1/evenements?apres=0", "", "")
	var want []string
	for _, raw := range feed["evenements"].([]any) {
		want = append(want, raw.(map[string]any)["type"].(string))
	}
	var got []string
	for range want {
		select {
		case h := <-hooks:
			got = append(got, h)
		case <-time.After(time.Minute):
			t.Fatalf("webhooks: %v of %v", got, want)
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") || want[0] != "rendez_vous.demande" || want[len(want)-1] != "rendez_vous.annule" {
		t.Errorf("the webhook heard %v, the feed says %v", got, want)
	}
}

func tokenFor(t *testing.T, base, id, secret string) string {
	t.Helper()
	resp, err := http.PostForm(base+"/oauth/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&token); err != nil || token.AccessToken == "" {
		t.Fatalf("no token: %v", err)
	}
	return token.AccessToken
}

func get(t *testing.T, address string) string {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// startsInOrder lists the ids of a place's slots, by start.
func (c *partnerTool) startsInOrder(place string) (ids []string) {
	c.t.Helper()
	_, v := c.do("GET", "/v1/lieux/"+place+"/creneaux", "", "")
	for _, raw := range v["creneaux"].([]any) {
		ids = append(ids, raw.(map[string]any)["id"].(string))
	}
	return ids
}
