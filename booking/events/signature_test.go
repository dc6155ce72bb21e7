package events

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"passerelle/booking"
)

// The examples that the libraries of Standard Webhooks are tested with.
func TestSignaturesAreThoseOfTheStandard(t *testing.T) {
	secret, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	w := booking.Webhook{Secret: secret, Seed: []byte("TESTSIGNINGKEYDONOTUSETHISFORANY")}
	got := signature(w, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" +
		" v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	w.Seed = nil
	if got := signature(w, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)); got != want[:47] {
		t.Errorf("without a seed: %s", got)
	}
}

func TestKeysAreWrittenAsTheStandardSays(t *testing.T) {
	seed := bytes.Repeat([]byte{3}, 32)
	w := booking.Webhook{Secret: bytes.Repeat([]byte{1}, 32), Seed: seed}
	if got := Secret(w); got != "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=" {
		t.Error(got)
	}
	public := ed25519.NewKeyFromSeed(seed)[32:]
	if got := PublicKey(w); got != "whpk_"+base64.StdEncoding.EncodeToString(public) || strings.Contains(got, base64.StdEncoding.EncodeToString(seed)) {
		t.Error(got)
	}
	if got := PublicKey(booking.Webhook{Secret: w.Secret}); got != "" {
		t.Errorf("a webhook without a seed has the public key %s", got)
	}
}

func TestASecretThatCannotBeDrawnIsAnError(t *testing.T) {
	if s, err := NewSecret(strings.NewReader("fewer than 32 bytes")); err == nil {
		t.Errorf("drawn from too little: %x", s)
	}
	if _, err := NewSecret(iotest.ErrReader(iotest.ErrTimeout)); err == nil {
		t.Error("drawn from nothing")
	}
	if s, err := NewSecret(bytes.NewReader(bytes.Repeat([]byte{5}, 64))); err != nil || len(s) != 32 {
		t.Errorf("%d bytes, %v", len(s), err)
	}
}

var signatureHeader = regexp.MustCompile(`^v1,[A-Za-z0-9+/]{43}=( v1a,[A-Za-z0-9+/]{86}==)?$`)

func FuzzSignature(f *testing.F) {
	f.Add([]byte("secret"), []byte(nil), int64(0), []byte("{}"))
	f.Add(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32), int64(1_772_442_000), []byte(`{"type":"rendez_vous.annule"}`))
	f.Fuzz(func(t *testing.T, secret, seed []byte, at int64, body []byte) {
		if len(seed) != 0 {
			seed = append(seed, make([]byte, 32)...)[:32]
		}
		w := booking.Webhook{ID: "00ff", Secret: secret, Seed: seed}
		m := received{id: webhookMessageID(w.ID, 12), timestamp: unixSeconds(time.Unix(at, 0)), body: string(body)}
		m.signature = signature(w, m.id, time.Unix(at, 0), body)
		if !signatureHeader.MatchString(m.signature) {
			t.Fatalf("header %q", m.signature)
		}
		if strings.Count(m.id+"."+m.timestamp, ".") != 1 {
			t.Fatalf("%s and %s can be read otherwise", m.id, m.timestamp)
		}
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(m.id + "." + m.timestamp + "." + m.body))
		if !strings.HasPrefix(m.signature, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil))) {
			t.Fatalf("v1 of %q", m.signature)
		}
		if len(seed) == 0 {
			return
		}
		if err := verifyV1a(PublicKey(w), m); err != nil {
			t.Fatal(err)
		}
		m.body += " "
		if verifyV1a(PublicKey(w), m) == nil {
			t.Fatal("another body verifies")
		}
	})
}
