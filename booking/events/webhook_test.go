package events

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

func TestAnAddressThatWouldNotBeReachedIsRefusedAtOnce(t *testing.T) {
	cases := []struct {
		address string
		good    bool
	}{
		{"https://partenaire.example/rappels?cle=secret", true},
		{"https://partenaire.example:443/", true},
		{"https://partenaire.example:8443", true},
		{"https://rendez-vous.société.fr/rappels", true},
		{"http://essai.example:3000/rappels", true}, // named in allowHTTP
		{"https://essai.example:3000/rappels", true},
		{"http://[::1]:3000/", true},
		{"http://partenaire.example/rappels", false},
		{"https://partenaire.example:8080/", false},
		{"https://partenaire.example/#suite", false},
		{"https://nom:passe@partenaire.example/", false},
		{"https://nom@partenaire.example/", false},
		{"http://nom@essai.example/", false},
		{"https://127.0.0.1/", false},
		{"https://[::ffff:169.254.169.254]/", false},
		{"https://169.254.169.254/latest", false},
		{"https:///rappels", false},
		{"https:partenaire.example", false},
		{"//partenaire.example", false},
		{"partenaire.example", false},
		{"ftp://partenaire.example/", false},
		{"javascript:alert(1)", false},
		{"https://partenaire.example/\x00", false},
		{"https://partenaire.example/" + strings.Repeat("a", 2048), false},
		{"", false},
	}
	for _, c := range cases {
		w, err := NewWebhook("p", c.address, false, rand.NewChaCha8([32]byte{}), time.Unix(1_772_442_000, 0), "essai.example", "::1")
		if c.good {
			if err != nil || w.URL != c.address || w.Partner != "p" || w.Created.Unix() != 1_772_442_000 {
				t.Errorf("%q: %+v, %v", c.address, w, err)
			}
			continue
		}
		refused, ok := errors.AsType[*booking.Error](err)
		if !ok || refused.Kind != connectors.Invalid || len(refused.Fields) != 1 || refused.Fields[0].Name != "url" {
			t.Errorf("%q: %v", c.address, err)
		} else if strings.Contains(err.Error(), "passe@") {
			t.Errorf("the refusal quotes the address: %v", err)
		}
	}
}

func TestEachWebhookHasKeysOfItsOwn(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	seen := make(map[string]bool)
	for i := range 100 {
		w, err := NewWebhook("p", "https://partenaire.example/", i%2 == 0, random, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if id, err := hex.DecodeString(w.ID); err != nil || len(id) != 16 || len(w.Secret) != 32 || (len(w.Seed) == 32) != (i%2 == 0) {
			t.Fatalf("%+v", w)
		}
		for _, key := range []string{w.ID, string(w.Secret), string(w.Seed)} {
			if seen[key] && key != "" {
				t.Fatalf("%x twice", key)
			}
			seen[key] = true
		}
	}
	if _, err := NewWebhook("p", "https://partenaire.example/", true, bytes.NewReader(make([]byte, 60)), time.Time{}); err == nil {
		t.Error("made of too little randomness")
	}
}

func TestAMessageSaysWhatChangedAndNothingOfAPerson(t *testing.T) {
	at := time.Date(2026, 3, 2, 10, 0, 0, 250e6, time.FixedZone("", 3600))
	cases := []struct {
		entry booking.Entry
		want  string
	}{
		{
			booking.Entry{Position: 41, Partner: "p", Appointment: "a1", Status: booking.Confirmed, Version: 2, At: at},
			`{"type":"rendez_vous.confirme","timestamp":"2026-03-02T09:00:00.25Z",` +
				`"data":{"rendez_vous_id":"a1","statut":"confirme","version":2,"position":41}}`,
		},
		{
			booking.Entry{Position: 42, Appointment: "a1", Status: booking.Cancelling, Version: 3, At: at},
			`{"type":"rendez_vous.en_cours","timestamp":"2026-03-02T09:00:00.25Z",` +
				`"data":{"rendez_vous_id":"a1","statut":"en_cours","version":3,"position":42}}`,
		},
		{
			booking.Entry{Position: 43, Appointment: "a1", Status: booking.Honoured, Version: 4, Erased: true, At: at},
			`{"type":"rendez_vous.efface","timestamp":"2026-03-02T09:00:00.25Z",` +
				`"data":{"rendez_vous_id":"a1","statut":"honore","version":4,"position":43}}`,
		},
	}
	for _, c := range cases {
		if got, err := webhookBody(c.entry); err != nil || string(got) != c.want {
			t.Errorf("got  %s, %v\nwant %s", got, err, c.want)
		}
	}
}

func TestADispatcherWithoutItsPartsIsRefused(t *testing.T) {
	if _, err := NewDispatcher(DispatcherOptions{}); err == nil {
		t.Error("made of nothing")
	}
}
