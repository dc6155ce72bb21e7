package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/internal/testservers"
)

// platform is a partner that signs.
type platform struct {
	t       *testing.T
	id, url string
	now     time.Time // of the gateway
	key     ed25519.PrivateKey
}

// newKey writes the public part of a new key.
func (x *terminal) newKey(kid string) (key ed25519.PrivateKey, file string) {
	x.t.Helper()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		x.t.Fatal(err)
	}
	return key, x.file(kid+".jwk", `{"kty":"OKP","crv":"Ed25519","kid":"`+kid+`","x":"`+encoded(public)+`"}`)
}

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// ask gives the status, and the token.
func (p platform) ask(kid string) (status int, token string) {
	p.t.Helper()
	claims, err := json.Marshal(map[string]any{"iss": p.id, "sub": p.id, "aud": p.url, "jti": rand.Text(), "exp": p.now.Add(30 * time.Second).Unix()})
	if err != nil {
		p.t.Fatal(err)
	}
	text := encoded([]byte(`{"alg":"EdDSA","typ":"JWT","kid":"`+kid+`"}`)) + "." + encoded(claims)
	return p.post(url.Values{
		"client_assertion": {text + "." + encoded(ed25519.Sign(p.key, []byte(text)))}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	})
}

func (p platform) post(form url.Values) (status int, token string) {
	p.t.Helper()
	form.Set("grant_type", "client_credentials")
	r, err := http.PostForm(p.url+"/oauth/token", form)
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	var given struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &given); err != nil {
		p.t.Fatalf("%s: %v", body, err)
	}
	return r.StatusCode, given.Token
}

// opens gives the status of a call with a token.
func (p platform) opens(token string) int {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.url+"/v1/lieux", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	a.Body.Close()
	return a.StatusCode
}

// Credentials change under a gateway that serves, by commands of their own, and nothing is restarted.
func TestCredentialsAreReplacedWhileTheGatewayServes(t *testing.T) {
	x := newTerminal(t)
	x.env["PASSERELLE_LIEUX"] = x.file("lieux.csv", somePlaces)
	address := testservers.FreeAddress(t)
	x.env["PASSERELLE_ECOUTE"] = address
	p := platform{t: t, url: "http://" + address, now: x.now}
	var file string
	p.key, file = x.newKey("une")
	p.id = lineOf[newPartner](t, x.ok("partner", "add", "--json", "--key", file, "Plateforme")).ID
	_, stop := x.start("the gateway serves", "serve")

	status, token := p.ask("une")
	if status != 200 || p.opens(token) != 200 {
		t.Fatalf("%d: a partner without secret gets nothing", status)
	}
	if l := lineOf[partnerLine](t, x.ok("partner", "list", "--json")); l.Secrets != 0 || !slices.Equal(l.Keys, []string{"une"}) {
		t.Errorf("got %+v", l)
	}
	if code, _, err := x.run("partner", "key", "remove", p.id, "une"); code != 1 || !strings.Contains(err, "s'identifier") {
		t.Errorf("its last key is removed: %d %s", code, err)
	}
	private := x.file("privee.jwk", `{"kty":"OKP","crv":"Ed25519","x":"AA","d":"tresor"}`)
	if code, _, err := x.run("partner", "key", "add", p.id, private); code != 1 || !strings.Contains(err, "clé privée") || strings.Contains(err, "tresor") {
		t.Errorf("a private key: %d %s", code, err)
	}

	first := lineOf[newSecret](t, x.ok("partner", "secret", "add", "--json", p.id)).Secret
	second := lineOf[newSecret](t, x.ok("partner", "secret", "add", "--json", p.id)).Secret
	knows := func(secret string) int {
		status, _ := p.post(url.Values{"client_id": {p.id}, "client_secret": {secret}})
		return status
	}
	if code, _, err := x.run("partner", "secret", "add", p.id); code != 1 || !strings.Contains(err, "retirez-en") {
		t.Errorf("a third secret: %d %s", code, err)
	}
	if knows(first) != 200 || knows(second) != 200 {
		t.Error("of two secrets, one is refused")
	}
	x.ok("partner", "secret", "remove", p.id)
	if knows(first) != 401 || knows(second) != 200 {
		t.Error("the wrong secret was removed")
	}
	x.ok("partner", "key", "remove", p.id, "une")
	if status, _ := p.ask("une"); status != 401 {
		t.Errorf("%d: a key that was removed still signs", status)
	}
	if code, _, err := x.run("partner", "key", "add", "personne", file); code != 1 || !strings.Contains(err, "aucun partenaire") {
		t.Errorf("nobody's key: %d %s", code, err)
	}

	x.ok("partner", "revoke", "--tokens", p.id)
	stop()
	x.now = x.now.Add(2 * time.Second)
	_, stop = x.start("the gateway serves", "serve")
	defer stop()
	if got := p.opens(token); got != 401 {
		t.Errorf("%d: a token from before still opens", got)
	}
	if status, token := p.post(url.Values{"client_id": {p.id}, "client_secret": {second}}); status != 200 || p.opens(token) != 200 {
		t.Errorf("%d: no token after", status)
	}
}

func TestAKeyIsRotatedByACommand(t *testing.T) {
	x := newTerminal(t)
	x.ok("partner", "add", "P")
	states := func() (states []string, kids []string) {
		for line := range strings.Lines(x.ok("keys", "list", "--json")) {
			l := lineOf[keyLine](t, line)
			states, kids = append(states, l.State), append(kids, l.KID)
		}
		return states, kids
	}
	if got, _ := states(); !slices.Equal(got, []string{"signe"}) {
		t.Errorf("at first: %v", got)
	}
	x.ok("keys", "rotate", "--delay", "48h")
	if code, _, err := x.run("keys", "rotate"); code != 1 || !strings.Contains(err, "déjà prévue") {
		t.Errorf("a second rotation: %d %s", code, err)
	}
	if code, _, err := x.run("keys", "rotate", "--delay", "10s"); code != 1 || !strings.Contains(err, "une minute") {
		t.Errorf("a hurried rotation: %d %s", code, err)
	}
	for _, c := range []struct {
		after time.Duration
		want  []string
	}{
		{0, []string{"signe", "a_venir"}},
		{48*time.Hour - time.Second, []string{"signe", "a_venir"}},
		{48 * time.Hour, []string{"publiee", "signe"}},
		{48*time.Hour + 10*time.Minute, []string{"publiee", "signe"}},
		{49 * time.Hour, []string{"retiree", "signe"}},
	} {
		x.now = monday.Add(c.after)
		got, kids := states()
		if !slices.Equal(got, c.want) || kids[0] == kids[1] {
			t.Errorf("%s after: %v %v, want %v", c.after, got, kids, c.want)
		}
	}
	if out := x.ok("keys", "list"); !strings.Contains(out, "ne vaut plus") || !strings.Contains(out, "signe à partir du 2026-11-25") {
		t.Errorf("for people: %s", out)
	}
	x.ok("keys", "rotate")
}

// The page for partners, pasted into a shell: a key, an assertion, a token.
func TestThePageOnTokensWorksAsWritten(t *testing.T) {
	for _, tool := range []string{"openssl", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not here")
		}
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "jetons.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d blocks", len(blocks))
	}
	x := newTerminal(t)
	x.env["PASSERELLE_LIEUX"] = x.file("lieux.csv", somePlaces)
	address := testservers.FreeAddress(t)
	x.env["PASSERELLE_ECOUTE"] = address
	folder := t.TempDir()
	date := filepath.Dir(x.file("date", fmt.Sprintf("#!/bin/sh\necho %d\n", x.now.Unix()))) // the gateway's clock
	if err := os.Chmod(filepath.Join(date, "date"), 0o700); err != nil {
		t.Fatal(err)
	}
	shell := func(text string, env ...string) []byte {
		t.Helper()
		c := exec.CommandContext(t.Context(), "sh", "-euc", text)
		c.Dir, c.Env = folder, append(os.Environ(), append(env, "PATH="+date+":"+os.Getenv("PATH"))...)
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		return out
	}
	shell(blocks[0][1])
	id := lineOf[newPartner](t, x.ok("partner", "add", "--json", "--key", filepath.Join(folder, "cle.jwk"), "Plateforme")).ID
	_, stop := x.start("the gateway serves", "serve")
	defer stop()
	p := platform{t: t, url: "http://" + address}
	for range 2 { // each assertion is another one
		given := lineOf[map[string]any](t, string(shell(blocks[1][1], "CLIENT_ID="+id, "URL="+p.url)))
		token, _ := given["access_token"].(string)
		if token == "" || p.opens(token) != 200 || given["expires_in"] != 300.0 {
			t.Errorf("got %v", given)
		}
	}
}
