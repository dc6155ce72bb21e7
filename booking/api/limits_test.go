package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"passerelle/auth"
	"passerelle/booking/volatile"
)

// wide is limits that a test does not reach, counted as the program counts them.
func (d *door) wide() Limits {
	tally := volatile.NewTally(volatile.NewMemory(d.now, volatile.Limits{}), []byte("clé"), slog.New(slog.DiscardHandler), d.now)
	return Limits{
		Reads: 1000, Writes: 1000, Checks: 1000, Tokens: 1000, Public: 1000, Unknown: 1000,
		Allow: func(ctx context.Context, what string, perMinute int) Verdict {
			return Verdict(tally.Allow(ctx, what, volatile.Rate{Count: perMinute, Per: time.Minute, Burst: perMinute}))
		},
	}
}

// limited makes the API anew, with limits.
func (d *door) limited(change func(*Limits)) {
	d.t.Helper()
	d.parts.Limits = d.wide()
	change(&d.parts.Limits)
	d.handler = must[http.Handler](d.t)(New(d.parts))
}

func (d *door) tokenRequest(client, secret string, header http.Header) ask {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {client}, "client_secret": {secret}}
	return ask{method: "POST", path: "/oauth/token", token: "-", body: form.Encode(), contentType: "application/x-www-form-urlencoded", header: header}
}

func TestEveryRateEndsIn429(t *testing.T) {
	const most = 3
	for _, c := range []struct {
		name, policy string
		change       func(*Limits)
		ask          func(d *door, n int) ask
		other        func(d *door) ask // counted otherwise: still answered
	}{
		{
			"reading, of a partner", "lectures",
			func(l *Limits) { l.Reads = most },
			func(_ *door, n int) ask {
				return ask{path: []string{"/v1/lieux", "/v1/lieux/a", "/v1/evenements"}[n%3]}
			},
			func(d *door) ask {
				return ask{method: "POST", path: "/v1/reservations", key: "k", body: `{"creneau_id":"x"}`}
			},
		},
		{
			"writing, of a partner", "ecritures",
			func(l *Limits) { l.Writes = most },
			func(_ *door, n int) ask {
				return ask{method: "POST", path: []string{"/v1/reservations", "/v1/rendez-vous", "/v1/orientations"}[n%3], key: "k", body: `{}`}
			},
			func(*door) ask { return ask{path: "/v1/lieux"} },
		},
		{
			"slots looked at again, of a partner", "verifications",
			func(l *Limits) { l.Checks = most },
			func(*door, int) ask { return verify("x") },
			func(*door) ask { return ask{path: "/v1/creneaux"} },
		},
		{
			"reading, of another partner", "lectures",
			func(l *Limits) { l.Reads = most },
			func(*door, int) ask { return ask{path: "/v1/lieux"} },
			func(d *door) ask {
				return ask{path: "/v1/lieux", token: d.tokenOf(d.newPartner("deux", auth.AllScopes()), auth.AllScopes())}
			},
		},
		{
			"what a token does not allow", "lectures",
			func(l *Limits) { l.Reads = most },
			func(d *door, _ int) ask {
				return ask{path: "/v1/lieux", token: d.tokenOf(d.partner, auth.Scopes{auth.ReadSlots})}
			},
			func(*door) ask { return ask{path: "/docs", token: "-"} },
		},
		{
			"writing more than is read", "ecritures",
			func(l *Limits) { l.Writes = most },
			func(*door, int) ask {
				return ask{method: "POST", path: "/v1/reservations", key: "k", body: strings.Repeat("x", maxBody+1)}
			},
			func(*door) ask { return ask{path: "/v1/lieux"} },
		},
		{
			"tokens, of an address", "jetons",
			func(l *Limits) { l.Tokens = most },
			func(d *door, n int) ask { return d.tokenRequest(fmt.Sprint("inconnu-", n), "x", nil) },
			func(*door) ask { return ask{path: "/v1/lieux"} },
		},
		{
			"public addresses", "publiques",
			func(l *Limits) { l.Public = most },
			func(_ *door, n int) ask {
				return ask{path: []string{"/demandes/x", "/connexion", "/v1/disponibilites.json", "/v1/disponibilites.csv", "/nulle-part"}[n%5], token: "-"}
			},
			func(*door) ask { return ask{path: "/v1/lieux"} },
		},
		{
			"notifications", "publiques",
			func(l *Limits) { l.Public = most },
			func(_ *door, n int) ask {
				return ask{method: "POST", path: "/notifications/x", token: "-", body: strings.Repeat("x", n%2*(maxNotification+1))}
			},
			func(*door) ask { return ask{path: "/livez", token: "-"} },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor(t)
			d.limited(c.change)
			for n := range most {
				got := d.do(c.ask(d, n))
				if got.status == http.StatusTooManyRequests {
					t.Fatalf("call %d of %d is refused", n, most)
				}
				want := fmt.Sprintf(`"%s";r=%d;t=%d`, c.policy, most-n-1, 20*(n+1))
				if p, r := got.header.Get("RateLimit-Policy"), got.header.Get("RateLimit"); p != fmt.Sprintf(`"%s";q=%d;w=60`, c.policy, most) || r != want {
					t.Errorf("call %d: %s, %s; want %s", n, p, r, want)
				}
			}
			refused := d.do(c.ask(d, most))
			d.problem(refused, 429, "trop_de_demandes", "")
			if refused.header.Get("Retry-After") != "20" || refused.header.Get("RateLimit") != `"`+c.policy+`";r=0;t=60` {
				t.Errorf("refused: %v", refused.header)
			}
			if got := d.do(c.other(d)); got.status == http.StatusTooManyRequests {
				t.Errorf("something else is refused: %s", got.body)
			}
			d.wait(20 * time.Second)
			if got := d.do(c.ask(d, 0)); got.status == http.StatusTooManyRequests {
				t.Errorf("after Retry-After it is refused: %v", got.header)
			}
			if log := d.log.String(); strings.Contains(log, "192.0.2.1") {
				t.Error("the address of a caller is in the log")
			}
		})
	}
}

// A client_id has a limit of its own, wherever its calls come from; one address cannot use it up.
func TestAClientIDHasALimitOfItsOwn(t *testing.T) {
	d := newDoor(t)
	d.parts.TrustedProxies = []string{"192.0.2.0/24"} // of httptest
	d.limited(func(l *Limits) { l.Tokens = 4 })
	from := func(n int) http.Header { return http.Header{"X-Forwarded-For": {fmt.Sprintf("198.51.100.%d", n)}} }
	for range 6 {
		d.do(d.tokenRequest(d.partner.ID, "faux", from(0)))
	}
	if got := d.do(d.tokenRequest(d.partner.ID, "secret-un", from(1))); got.status != 200 {
		t.Fatalf("one address has used up what a partner has: %d %s", got.status, got.body)
	}
	for n := range 4 * tokensOfClient {
		d.do(d.tokenRequest(d.partner.ID, "faux", from(10+n)))
	}
	refused := d.do(d.tokenRequest(d.partner.ID, "faux", from(100)))
	d.problem(refused, 429, "trop_de_demandes", "")
	if p := strings.Join(refused.header.Values("RateLimit-Policy"), ", "); p != `"jetons";q=4;w=60, "jetons-client";q=20;w=60` {
		t.Errorf("RateLimit-Policy: %s", p)
	}
}

// Who signs need not say its client_id: it is counted by what the signature says, and nobody else can use that up.
func TestWhoSignsIsCountedBySignature(t *testing.T) {
	d := newDoor(t)
	d.limited(func(l *Limits) { l.Tokens = 1000 })
	one, other := d.newSigning("signe", auth.AllScopes()), d.newSigning("signe-aussi", auth.AllScopes())
	left := func(s *signing) string {
		t.Helper()
		got := d.show(s.assertion(t, auth.EdDSA, issuer, d.now()))
		if got.status != 200 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		return got.header.Values("RateLimit")[1]
	}
	for range 3 {
		d.show("faux", "client_id", one.id)
		for _, claimed := range []string{one.id, "signé/" + one.id, "jetons-signes/" + one.id} {
			d.do(d.tokenRequest(claimed, "faux", nil))
		}
	}
	if got := left(one); !strings.Contains(got, "r=4999;") {
		t.Errorf("what others sent in its name was counted: %s", got)
	}
	if got := left(other); !strings.Contains(got, "r=4999;") {
		t.Errorf("two who sign are one: %s", got)
	}
	if got := left(one); !strings.Contains(got, "r=4998;") {
		t.Errorf("the second token was not counted: %s", got)
	}
}

func TestAnAddressIsThatOfTheCaller(t *testing.T) {
	for _, c := range []struct {
		name, proxies string
		one, other    string // X-Forwarded-For
		same          bool
	}{
		{"nobody is trusted", "", "198.51.100.1", "198.51.100.2", true},
		{"behind a trusted proxy", "192.0.2.0/24", "198.51.100.1", "198.51.100.2", false},
		{"an entry that the caller wrote itself", "192.0.2.0/24", "203.0.113.1, 198.51.100.1", "203.0.113.2, 198.51.100.1", true},
		{"one network of IPv6", "192.0.2.0/24", "2001:db8:1:2::1", "2001:db8:1:2:ffff::2", true},
		{"another network of IPv6", "192.0.2.0/24", "2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"IPv4 written as IPv6", "192.0.2.0/24", "::ffff:198.51.100.1", "198.51.100.1", true},
		{"IPv4 written as IPv6, apart", "192.0.2.0/24", "::ffff:198.51.100.1", "::ffff:198.51.100.2", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor(t)
			if c.proxies != "" {
				d.parts.TrustedProxies = []string{c.proxies}
			}
			d.limited(func(l *Limits) { l.Public = 1 })
			get := func(from string) int {
				return d.do(ask{path: "/docs", token: "-", header: http.Header{"X-Forwarded-For": {from}}}).status
			}
			if got := get(c.one); got != 200 {
				t.Fatalf("the first: %d", got)
			}
			if got := get(c.other); (got == 429) != c.same {
				t.Errorf("the second: %d", got)
			}
		})
	}
}

func TestGuessingIsSlowed(t *testing.T) {
	d := newDoor(t)
	d.limited(func(l *Limits) { l.Unknown = 3 })
	id := d.booked("a", "09:00")
	other := d.tokenOf(d.newPartner("deux", auth.AllScopes()), auth.AllScopes())
	own := ask{method: "POST", path: "/v1/rendez-vous", key: "k", body: demand(d.slot("a", "10:00")), token: other}
	own = ask{path: "/v1/rendez-vous/" + d.do(own).json(t)["id"].(string), token: other}
	guess := func(n int) ask {
		return []ask{
			{path: "/v1/rendez-vous/" + strconv.Itoa(n), token: other},
			{path: "/v1/rendez-vous/" + id, token: other},
			{path: "/v1/rendez-vous/x.ics", token: other},
			{method: "DELETE", path: "/v1/reservations/x", token: other},
			{method: "POST", path: "/v1/rendez-vous/x/annulation", key: fmt.Sprint(n), body: `{"raison":"x","par":"usager"}`, token: other},
			{path: "/v1/webhooks/x", token: other},
		}[n%6]
	}
	for n := range 3 {
		d.problem(d.do(guess(n)), 404, "rendez_vous_inconnu", "")
	}
	for n := 3; n < 12; n++ {
		if refused := d.do(guess(n)); refused.header.Get("Retry-After") != "20" {
			t.Errorf("guess %d: %v", n, refused.header)
		} else {
			d.problem(refused, 429, "trop_de_demandes", "")
		}
	}
	d.problem(d.do(own), 429, "trop_de_demandes", "") // a right guess looks like a wrong one
	for _, path := range []string{"/v1/rendez-vous", "/v1/lieux/a", "/v1/lieux/inconnu", "/v1/creneaux?lieu_id=a"} {
		if got := d.do(ask{path: path, token: other}); got.status == 429 {
			t.Errorf("%s is refused to who guesses", path)
		}
	}
	d.wait(20 * time.Second)
	d.problem(d.do(guess(0)), 404, "rendez_vous_inconnu", "")
	if got := d.do(own); got.status != 200 {
		t.Errorf("its own, afterwards: %d", got.status)
	}
}

func TestWhoReadsItsOwnIsNotHurt(t *testing.T) {
	d := newDoor(t)
	d.limited(func(l *Limits) { l.Unknown = 2 })
	id, hook := d.booked("a", "09:00"), d.hooked("k")
	other := d.tokenOf(d.newPartner("deux", auth.AllScopes()), auth.AllScopes())
	for range 5 { // somebody else guesses, with its token and with none
		d.do(ask{path: "/v1/rendez-vous/x", token: other})
		d.do(ask{path: "/v1/rendez-vous/x", token: "abc"})
	}
	for range 20 {
		for _, path := range []string{"/v1/rendez-vous/" + id, "/v1/rendez-vous/" + id + ".ics", "/v1/webhooks/" + hook, "/v1/lieux/inconnu"} {
			if got := d.do(ask{path: path}); got.status == 429 {
				t.Fatalf("%s: %s", path, got.body)
			}
		}
	}
}

func TestRefusedTokensAreSlowed(t *testing.T) {
	d := newDoor(t)
	d.limited(func(l *Limits) { l.Unknown = 2 })
	for _, token := range []string{"-", "abc"} {
		d.problem(d.do(ask{path: "/v1/lieux", token: token}), 401, "jeton_invalide", "")
	}
	refused := d.do(ask{path: "/v1/lieux", token: "abcd"})
	d.problem(refused, 429, "trop_de_demandes", "")
	if refused.header.Get("WWW-Authenticate") != "" || refused.header.Get("Retry-After") != "30" {
		t.Errorf("%v", refused.header)
	}
	if got := d.do(ask{path: "/v1/lieux"}); got.status != 200 {
		t.Errorf("a good token from the same address: %d", got.status)
	}
}

func TestProbesAreAlwaysAnswered(t *testing.T) {
	d := newDoor(t)
	d.limited(func(l *Limits) { l.Reads, l.Public, l.InFlight = 1, 1, 1 })
	for range 10 {
		for _, path := range []string{"/livez", "/readyz", "/livez?x=1"} { // who watches may add to the address
			if got := d.do(ask{path: path, token: "-", body: strings.Repeat("x", maxBody+1)}); got.status != 200 || got.header.Get("RateLimit") != "" {
				t.Fatalf("%s: %d %s", path, got.status, got.body)
			}
		}
	}
}
