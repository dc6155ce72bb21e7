package arch

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// secrets are what no file may hold: keys, and tokens that their first letters give away, ours (prdv_, whsec_) too.
var secrets = regexp.MustCompile(`-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----` +
	`|\b(?:prdv_[\w-]{43}` + // a partner's secret: 256 bits
	`|whsec_[A-Za-z0-9+/]{32,}` + // a webhook's
	`|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}` + // a signed token
	`|gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,}|glpat-[\w-]{20}` + // forges
	`|npm_[A-Za-z0-9]{36}|dckr_pat_[\w-]{20,}` + // registries
	`|AKIA[0-9A-Z]{16}|AIza[\w-]{35}|xox[abprs]-[\w-]{10,}|[sr]k_live_\w{16,}|SG\.[\w-]{16,}\.[\w-]{16,})`)

// address is a mail address; its group is the domain.
var address = regexp.MustCompile(`[A-Za-z0-9._%+-]+@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})\b`)

// nobodys are the domains whose addresses stand for no person: those of RFC 2606, and the same words in French.
var nobodys = []string{"example", "test", "invalid", "localhost", "example.com", "example.net", "example.org", "exemple.fr", "exemple.net", "exemple.org"}

// known are the other domains, and why they may stand where they do.
var known = map[string]string{
	"rdv-service-public.fr": "the public address of the team that makes clients of RDV Service Public",
	"exemple.fr.ifb":        "a file of free and busy times, in an address",
}

func TestNoFileHoldsASecretOrAPersonsAddress(t *testing.T) {
	files := 0
	eachText(t, func(name, text string) {
		files++
		for _, wrong := range neverThere(text) {
			t.Errorf("%s: %s", name, wrong)
		}
	})
	if files < 500 {
		t.Errorf("only %d files were read", files)
	}
}

// TestPlantedSecretsAreSeen writes them in pieces: this file is read too.
func TestPlantedSecretsAreSeen(t *testing.T) {
	const letters, at = "Zq7WxK9vB2mT4pLcRd8sYf3hJn6gQeUa1bViOoX5tNzM", "@"
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"a private key":                {"-----BEGIN " + "PRIVATE KEY-----\nMC4", 1},
		"one of RSA":                   {"x\n-----BEGIN RSA " + "PRIVATE KEY-----", 1},
		"a public key":                 {"-----BEGIN " + "PUBLIC KEY-----", 0},
		"a partner's secret":           {"CLIENT_SECRET=prdv_" + letters[:43], 1},
		"a partner's secret, cut":      {"prdv_" + letters[:20], 0},
		"a webhook's secret":           {`"whsec_` + letters[:40] + `="`, 1},
		"one that is plainly invented": {"whsec_" + strings.Repeat("AQEB", 10), 0},
		"a prefix alone":               {`const secretPrefix = "prdv_"`, 0},
		"a signed token":               {"Bearer eyJ" + letters[:12] + ".eyJ" + letters[:20] + "." + letters[:30], 1},
		"a forge's token":              {"ghp_" + letters[:36], 1},
		"another forge's":              {"glpat-" + letters[:20], 1},
		"a cloud's":                    {"AKIA" + "Q7WXK9VB2MT4PLCR", 1},
		"two on a line":                {"npm_" + letters[:36] + " ghs_" + letters[:36], 2},
		"a person's address":           {"jeanne.dupont" + at + "orange.fr", 1},
		"one below an example":         {"a" + at + "rdv.example.org", 0},
		"one that only looks like one": {"a" + at + "notexample.org", 1},
		"an example in French":         {"a" + at + "exemple.fr", 0},
		"a password in an address":     {"https://jean:S3CR3T" + at + "rdv.gouv.fr/org", 0},
		"a version":                    {"ical.js" + at + "2.2.1", 0},
		"an address behind an address": {"https://exemple.fr/ jeanne" + at + "orange.fr", 1},
	} {
		if got := neverThere(c.text); len(got) != c.want {
			t.Errorf("%s: got %q, want %d", name, got, c.want)
		}
	}
}

// neverThere lists the secrets and the persons' addresses of a text. It repeats no secret.
func neverThere(text string) []string {
	var wrong []string
	for _, at := range secrets.FindAllStringIndex(text, -1) {
		if found := text[at[0]:at[1]]; strings.HasPrefix(found, "-") || letters(found) > 12 {
			wrong = append(wrong, fmt.Sprintf("line %d holds a secret that begins with %q", lineOf(text, at[0]), found[:4]))
		}
	}
	for _, at := range address.FindAllStringSubmatchIndex(text, -1) {
		domain := strings.ToLower(text[at[2]:at[3]])
		if _, why := known[domain]; why || isNobodys(domain) || inURL.MatchString(text[:at[0]]) {
			continue
		}
		wrong = append(wrong, fmt.Sprintf("line %d holds a mail address at %s", lineOf(text, at[0]), domain))
	}
	return wrong
}

// inURL is the start of an address up to the password in it.
var inURL = regexp.MustCompile(`://[^\s/@]*:$`)

// letters is how many different characters a text has: what a test invents by repeating has few.
func letters(s string) int {
	seen := make(map[rune]bool)
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

func isNobodys(domain string) bool {
	return slices.ContainsFunc(nobodys, func(n string) bool { return domain == n || strings.HasSuffix(domain, "."+n) })
}

func lineOf(text string, at int) int { return 1 + strings.Count(text[:at], "\n") }

// eachText calls do with every file of the tree that is text, by its name from the root with slashes. What git keeps
// for itself and what is installed in .cache are not of the tree.
func eachText(t *testing.T, do func(name, text string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{".git", ".cache"}, entry.Name()) {
			return filepath.SkipDir
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil || bytes.IndexByte(text, 0) >= 0 {
			return err
		}
		in, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		do(filepath.ToSlash(in), string(text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
