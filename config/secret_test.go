package config

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestMasterSecrets(t *testing.T) {
	random := make([]byte, 33)
	for i := range random {
		random[i] = byte(255 - 7*i)
	}
	cases := map[string]struct {
		text string
		want []byte // nil: refused
	}{
		"base64":                  {base64.StdEncoding.EncodeToString(random), random},
		"base64 without padding":  {base64.RawStdEncoding.EncodeToString(random[:32]), random[:32]},
		"base64 for URLs":         {base64.URLEncoding.EncodeToString(random[:32]), random[:32]},
		"text that is no base64":  {"é!" + goodSecret, []byte("é!" + goodSecret)},
		"32 characters":           {goodSecret[:32], []byte(goodSecret[:32])},
		"31 characters":           {goodSecret[:31], nil},
		"base64 of 16 bytes":      {base64.StdEncoding.EncodeToString(random[:16]), nil},
		"base64 of zeroes":        {base64.StdEncoding.EncodeToString(make([]byte, 32)), nil},
		"repeated word":           {strings.Repeat("secret", 10), nil},
		"with a blank in between": {goodSecret[:20] + " " + goodSecret[20:], nil},
	}
	for name, c := range cases {
		got, reason := parseMasterSecret(c.text)
		if !bytes.Equal(got, c.want) && c.want != nil || (reason == "") != (c.want != nil) {
			t.Errorf("%s: got %x (%s), want %x", name, []byte(got), reason, c.want)
		}
		if strings.Contains(reason, c.text) {
			t.Errorf("%s: the reason shows the secret", name)
		}
	}
}

// TestSecretsAreNeverShown prints a configuration in every way that a program prints, and refuses one that is wrong
// around its secrets.
func TestSecretsAreNeverShown(t *testing.T) {
	const tail = "TAIRE"
	secret := goodSecret + tail
	yaml := someMail + "sms: {adresse: \"https://sms.example.org/" + tail + "\", jeton: " + tail + ", expediteur: RDV}\nsecret: " + secret + "\nsecrets_precedents: [x" + secret + "]\nlieux: [\"https://example.org/lieux?token=" + tail + "\"]\n" +
		"agendas:\n- id: a\n  connecteur: ics\n  lieux: [l]\n  adresse: https://example.org/" + tail + "\n  parametres: {mot_de_passe: " + tail + "}\n" +
		"  a_cote: [{connecteur: ics, adresse: \"https://example.org/" + tail + "\"}]\n"
	c := mustLoad(t, yaml, nil, nil)
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("x", "c", c, "agendas", c.Agendas, "agenda", c.Agendas[0], "beside", c.Agendas[0].Beside,
			"secret", c.Secret, "previous", c.PreviousSecrets)
	}
	shown := log.String()
	for _, v := range []any{c, &c, c.Secret, c.PreviousSecrets, c.Agendas, c.Agendas[0], &c.Agendas[0], c.Agendas[0].Beside} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		shown += string(text) + fmt.Sprintf("%v %+v %#v %s %q %x %d", v, v, v, v, v, v, v)
	}
	hex := fmt.Sprintf("%x", tail)
	if strings.Contains(shown, tail) || strings.Contains(shown, hex) || strings.Contains(shown, base64.StdEncoding.EncodeToString(c.Secret)[:20]) {
		t.Errorf("a secret is shown: %s", shown)
	}
	if !strings.Contains(c.String(), "ecoute=127.0.0.1:8080") || !strings.Contains(c.String(), "agendas=[a]") {
		t.Errorf("got %s, want what is no secret", c)
	}

	for name, wrong := range map[string]string{
		"short":       "secret: " + tail,
		"blank":       "secret: " + secret + " x",
		"list":        "secret: [" + secret + "]",
		"twice":       "secret: " + secret + "\nsecrets_precedents: [" + secret + "]",
		"source":      "lieux: [\"http://example.org/?token=" + tail + "\"]",
		"not YAML":    "secret: \"" + secret + "\n",
		"bad address": "agendas: [{id: a, connecteur: x, lieux: [l], adresse: [" + tail + "]}]",
		"setting":     "agendas: [{id: a, connecteur: x, lieux: [l], parametres: {a: !t " + tail + "}}]",
	} {
		if _, err := load(t, wrong, nil, nil); err == nil || strings.Contains(err.Error(), tail) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
