package events

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
)

// webhookQuestion is what the npm library is asked of one request.
type webhookQuestion struct {
	Secret    string `json:"secret"`
	ID        string `json:"id"`
	Timestamp string `json:"timestamp"`
	Signature string `json:"signature"`
	Body      string `json:"body"`
	Now       int64  `json:"now"`
}

func (m received) question(w booking.Webhook) webhookQuestion {
	return webhookQuestion{"whsec_" + base64.StdEncoding.EncodeToString(w.Secret), m.id, m.timestamp, m.signature, m.body, m.at.Unix()}
}

// standardWebhooks asks the npm package standardwebhooks, installed in the folder that PASSERELLE_ICALJS names. An
// empty answer is a yes.
func standardWebhooks(t *testing.T, list []webhookQuestion) []string {
	t.Helper()
	folder := os.Getenv("PASSERELLE_ICALJS")
	if folder == "" {
		t.Skip("PASSERELLE_ICALJS does not name a folder with the npm package standardwebhooks")
	}
	var in bytes.Buffer
	for _, q := range list {
		line, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	node := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "standardwebhooks.mjs"), folder)
	node.Stdin, node.Stderr = &in, os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []string
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var a struct{ Error string }
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a.Error)
	}
	if len(answers) != len(list) {
		t.Fatalf("%d answers to %d questions", len(answers), len(list))
	}
	return answers
}

// verifyV1a is what a partner would write with Go's own library alone.
func verifyV1a(public string, m received) error {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(public, "whpk_"))
	if err != nil || len(key) != ed25519.PublicKeySize || !strings.HasPrefix(public, "whpk_") {
		return fmt.Errorf("%q is no public key", public)
	}
	for _, one := range strings.Split(m.signature, " ") {
		if text, ok := strings.CutPrefix(one, "v1a,"); ok {
			signed, err := base64.StdEncoding.DecodeString(text)
			if err == nil && ed25519.Verify(key, []byte(m.id+"."+m.timestamp+"."+m.body), signed) {
				return nil
			}
		}
	}
	return fmt.Errorf("no signature v1a of %s verifies in %q", m.id, m.signature)
}

// The library is asked of true messages and of forged ones: a judge who says yes to all would prove nothing.
func TestAPartnersLibraryVerifiesWhatWeSign(t *testing.T) {
	w := booking.Webhook{ID: "ab", Secret: bytes.Repeat([]byte{7}, 32), Seed: bytes.Repeat([]byte{9}, 32)}
	at := time.Unix(1_772_442_000, 0)
	body := `{"type":"rendez_vous.confirme","data":{"statut":"confirmé"}}`
	m := received{id: "evt_ab_7", timestamp: unixSeconds(at), body: body, at: at}
	m.signature = signature(w, m.id, at, []byte(body))
	if err := verifyV1a(PublicKey(w), m); err != nil {
		t.Error(err)
	}
	cases := []struct {
		name  string
		alter func(*received)
		good  bool
	}{
		{"as it was sent", func(*received) {}, true},
		{"five minutes late", func(m *received) { m.at = at.Add(5 * time.Minute) }, true},
		{"later than that", func(m *received) { m.at = at.Add(5*time.Minute + time.Second) }, false},
		{"another body", func(m *received) { m.body = strings.Replace(body, "confirme", "annule", 1) }, false},
		{"another id", func(m *received) { m.id = "evt_ab_8" }, false},
		{"another time", func(m *received) { m.timestamp = unixSeconds(at.Add(time.Second)) }, false},
		{"v1a alone", func(m *received) { _, m.signature, _ = strings.Cut(m.signature, " ") }, false},
	}
	var list []webhookQuestion
	for _, c := range cases {
		altered := m
		c.alter(&altered)
		list = append(list, altered.question(w))
	}
	list = append(list, m.question(booking.Webhook{Secret: bytes.Repeat([]byte{8}, 32)}))
	answers := standardWebhooks(t, list)
	for i, c := range cases {
		if (answers[i] == "") != c.good {
			t.Errorf("%s: %q", c.name, answers[i])
		}
	}
	if answers[len(cases)] == "" {
		t.Error("another secret: accepted")
	}
}

// staleTransport sends the headers of the first attempt at a message again with the next: a fault.
type staleTransport struct {
	next  http.RoundTripper
	mu    sync.Mutex
	first map[string]http.Header
}

func (s *staleTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	id := r.Header.Get("webhook-id")
	s.mu.Lock()
	if s.first[id] == nil {
		s.first[id] = r.Header.Clone()
	}
	r = r.Clone(r.Context())
	r.Header = s.first[id].Clone()
	s.mu.Unlock()
	return s.next.RoundTrip(r)
}

func TestARetryIsSignedAnew(t *testing.T) {
	try := func(stale bool) string {
		s := newWebhookStore()
		s.jump = true
		r := newReceiver(t, s, "p", false, func(_ string, earlier int) string { // accepts after 5 minutes and 5 seconds
			return []string{"error", "error", ""}[min(earlier, 2)]
		})
		s.write("p", "a", booking.Confirmed, 1)
		d := newTestDispatcher(t, s, func(o *DispatcherOptions) {
			if stale {
				o.Client.Transport = &staleTransport{next: o.Client.Transport, first: make(map[string]http.Header)}
			}
		})
		untilQuiet(t, s, d)
		got := r.messages()
		if len(got) != 3 || got[0].id != got[2].id || !got[2].at.Equal(got[0].at.Add(5*time.Minute+5*time.Second)) {
			t.Fatalf("received %+v", got)
		}
		return standardWebhooks(t, []webhookQuestion{got[2].question(r.webhook)})[0]
	}
	if wrong := try(false); wrong != "" {
		t.Errorf("the third attempt is refused: %s", wrong)
	}
	if wrong := try(true); wrong == "" {
		t.Error("planted fault: the headers of the first attempt are accepted five minutes later")
	}
}
