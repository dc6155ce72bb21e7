package events

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"passerelle/booking"
)

// examples are the functions that docs/webhooks.md gives to partners, by language, and how each is asked: it reads the
// key, the headers and the body of one request as JSON, and prints whether it verifies.
var examples = map[string]struct {
	program, file string
	ask           string // put after the example
	asymmetric    bool   // it knows v1a too
}{
	"js": {"node", "exemple.mjs", `
import { readFileSync } from 'node:fs';
const q = JSON.parse(readFileSync(0));
console.log((q.key.startsWith('whpk_') ? signeParCle : signe)(q.key, q.headers, Buffer.from(q.body)) ? 'oui' : 'non');
`, true},
	"python": {"python3", "exemple.py", `
import json, sys
q = json.load(sys.stdin)
print("oui" if signe(q["key"], q["headers"], q["body"].encode()) else "non")
`, false},
	"php": {"php", "exemple.php", `
$q = json_decode(file_get_contents('php://stdin'), true);
echo signe($q['key'], $q['headers'], $q['body']) ? 'oui' : 'non';
`, false},
}

func TestTheExamplesForPartnersVerify(t *testing.T) {
	page, err := os.ReadFile("../../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	for language, e := range examples {
		t.Run(language, func(t *testing.T) {
			if _, err := exec.LookPath(e.program); err != nil {
				t.Skip(e.program + " is not installed: its example is not tried")
			}
			_, rest, found := strings.Cut(string(page), "\n```"+language+"\n")
			code, _, closed := strings.Cut(rest, "\n```\n")
			if !found || !closed {
				t.Fatal("docs/webhooks.md has no such example")
			}
			file := filepath.Join(t.TempDir(), e.file)
			if err := os.WriteFile(file, []byte(code+"\n"+e.ask), 0o600); err != nil {
				t.Fatal(err)
			}
			w := booking.Webhook{ID: "ab", Secret: bytes.Repeat([]byte{7}, 32), Seed: bytes.Repeat([]byte{9}, 32)}
			other := booking.Webhook{ID: "ab", Secret: bytes.Repeat([]byte{8}, 32), Seed: bytes.Repeat([]byte{6}, 32)}
			now := time.Now() // the example has no other clock
			askExample(t, e.program, file, Secret(w), w, now, "oui")
			askExample(t, e.program, file, Secret(other), w, now, "non")
			askExample(t, e.program, file, Secret(w), w, now.Add(-10*time.Minute), "non")
			if e.asymmetric {
				askExample(t, e.program, file, PublicKey(w), w, now, "oui")
				askExample(t, e.program, file, PublicKey(other), w, now, "non")
				askExample(t, e.program, file, PublicKey(w), w, now.Add(-10*time.Minute), "non")
			}
		})
	}
}

func askExample(t *testing.T, program, file, key string, w booking.Webhook, at time.Time, want string) {
	t.Helper()
	body := `{"type":"rendez_vous.annule","data":{"statut":"annulé"}}`
	question, err := json.Marshal(map[string]any{"key": key, "body": body, "headers": map[string]string{
		"webhook-id": "evt_ab_1", "webhook-timestamp": unixSeconds(at), "webhook-signature": signature(w, "evt_ab_1", at, []byte(body)),
	}})
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), program, file)
	run.Stdin, run.Stderr = bytes.NewReader(question), os.Stderr
	out, err := run.Output()
	if got := strings.TrimSpace(string(out)); err != nil || got != want {
		t.Errorf("%s of %s: %q, %v, not %q", key[:6], at, got, err, want)
	}
}
