package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// letter is a mail as the server took it.
type letter struct{ to, text string }

// postOffice is a real SMTP server on loopback that hands every mail on.
type postOffice struct{ mails chan letter }

func (p *postOffice) NewSession(*smtp.Conn) (smtp.Session, error) { return &counter{office: p}, nil }

type counter struct {
	office *postOffice
	to     string
}

func (c *counter) Mail(string, *smtp.MailOptions) error      { return nil }
func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error { c.to = to; return nil }
func (c *counter) Reset()                                    {}
func (c *counter) Logout() error                             { return nil }
func (c *counter) Data(r io.Reader) error {
	text, err := parts(r)
	c.office.mails <- letter{c.to, text}
	return err
}

// parts is the text of every part of a mail.
func parts(r io.Reader) (string, error) {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return "", err
	}
	media, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(media, "multipart/") {
		text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		return string(text), err
	}
	var all strings.Builder
	for each := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := each.NextPart() // which undoes quoted-printable
		if errors.Is(err, io.EOF) {
			return all.String(), nil
		}
		if err != nil {
			return "", err
		}
		var body io.Reader = part
		if part.Header.Get("Content-Transfer-Encoding") == "base64" {
			body = base64.NewDecoder(base64.StdEncoding, part)
		}
		if _, err := io.Copy(&all, body); err != nil {
			return "", err
		}
	}
}

func startPostOffice(t *testing.T) (*postOffice, string) {
	t.Helper()
	p := &postOffice{mails: make(chan letter, 100)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := smtp.NewServer(p)
	s.Domain = "localhost"
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(listener) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		_ = listener.Close() // Serve may not have taken it yet
		<-ended
	})
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return p, port
}

// next waits for mails to so many people; what was sent to each.
func (p *postOffice) next(t *testing.T, n int) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for range n {
		select {
		case m := <-p.mails:
			out[m.to] = m.text
		case <-time.After(time.Minute): // a guard against a hang
			t.Fatalf("%d of %d mails came: %v", len(out), n, out)
		}
	}
	return out
}

// The whole way of the news, on the program as it is shipped: a request reaches the structure by mail, its link
// answers, the prescriber and the person hear, the partner's webhook and feed too, a move and a cancellation follow.
func TestEverybodyHears(t *testing.T) {
	x := newTerminal(t)
	x.now = time.Now()
	office, port := startPostOffice(t)
	hooks := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var v struct{ Type string }
		if err := json.NewDecoder(r.Body).Decode(&v); err == nil {
			hooks <- v.Type
		}
	}))
	defer receiver.Close()
	address := freeAddress(t)
	for name, value := range map[string]string{
		"LIEUX": x.file("lieux.csv", somePlaces), "ECOUTE": address, "URL_PUBLIQUE": "http://" + address,
		"COURRIEL_SERVEUR": "127.0.0.1", "COURRIEL_PORT": port, "COURRIEL_SECURITE": "aucun", "COURRIEL_EXPEDITEUR": "rdv@example.org",
		"EGRESS_HOTES_HTTP": "127.0.0.1", "EGRESS_ADRESSES_AUTORISEES": "127.0.0.1",
	} {
		x.env["PASSERELLE_"+name] = value
	}
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
	mails := office.next(t, 2)
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
	mails = office.next(t, 3)
	if answer.StatusCode != 200 || !strings.Contains(mails["personne@example.org"], "METHOD:REQUEST") {
		t.Errorf("%d; of a confirmation: %v", answer.StatusCode, mails)
	}

	status, moved := c.do("POST", "/v1/rendez-vous/"+asked["id"].(string)+"/deplacement", "k2", `{"creneau_id":"`+c.startsInOrder("l3")[3]+`"}`)
	if status != 201 || moved["statut"] != "demande" || moved["remplace"] != asked["id"] {
		t.Fatalf("%d %v", status, moved)
	}
	office.next(t, 2)
	x.ok("request", "accept", moved["id"].(string)) // by hand, in another process: the one that serves sends the mails
	if mails = office.next(t, 3); !strings.Contains(mails["personne@example.org"], "SEQUENCE:") {
		t.Errorf("of a move: %v", mails)
	}
	if _, v := c.do("GET", "/v1/rendez-vous/"+asked["id"].(string), "", ""); v["statut"] != "deplace" || v["remplace_par"] != moved["id"] {
		t.Errorf("the old one: %v", v)
	}
	if status, v := c.do("POST", "/v1/rendez-vous/"+moved["id"].(string)+"/annulation", "k3", `{"raison":"empêchement","par":"usager"}`); status != 200 {
		t.Fatalf("%d %v", status, v)
	}
	if mails = office.next(t, 3); !strings.Contains(mails["personne@example.org"], "METHOD:CANCEL") {
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
