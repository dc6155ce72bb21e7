package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"passerelle/internal/testservers"
)

// The limits of the configuration are those of the program; behind a trusted proxy each caller has its own; and without
// the Redis that instances share nobody is refused for that, while each instance goes on counting.
func TestLimitsAreThoseOfTheConfiguration(t *testing.T) {
	for name, redis := range map[string]string{"alone": "", "a Redis that does not answer": "redis://" + testservers.FreeAddress(t)} {
		t.Run(name, func(t *testing.T) {
			x := newTerminal(t) // whose clock stands still: nothing comes back
			address := testservers.FreeAddress(t)
			x.set(map[string]string{
				"LIEUX": x.file("lieux.csv", somePlaces), "ECOUTE": address, "PROXYS_DE_CONFIANCE": "127.0.0.1",
				"LIMITES_PUBLIQUES_PAR_MINUTE": "2", "LIMITES_JETONS_PAR_MINUTE": "1", "LIMITES_LECTURES_PAR_MINUTE": "3", "LIMITES_INCONNUS_PAR_MINUTE": "1",
			})
			if redis != "" {
				x.env["PASSERELLE_REDIS"] = redis
			}
			who := lineOf[newPartner](t, x.ok("partner", "add", "--json", "Plateforme"))
			_, stop := x.start("the gateway serves", "serve")
			defer stop()
			base := "http://" + address
			token := tokenFor(t, base, who.ID, who.Secret)
			form := url.Values{"grant_type": {"client_credentials"}, "client_id": {who.ID}, "client_secret": {who.Secret}}.Encode()
			for _, c := range []struct {
				method, path, from, token string
				want                      []int
			}{
				{"GET", "/docs", "198.51.100.1", "", []int{200, 200, 429, 429}},
				{"GET", "/docs", "198.51.100.2", "", []int{200, 200, 429}},
				{"GET", "/livez", "198.51.100.1", "", []int{200, 200, 200}},
				{"POST", "/oauth/token", "198.51.100.1", "", []int{200, 429}},
				{"GET", "/v1/lieux", "198.51.100.1", token, []int{200, 200, 200, 429}},
				{"GET", "/v1/lieux", "198.51.100.3", token, []int{429}},
				{"GET", "/v1/lieux", "198.51.100.4", "faux", []int{401, 429}},
			} {
				for n, want := range c.want {
					r, err := http.NewRequestWithContext(t.Context(), c.method, base+c.path, strings.NewReader(form))
					if err != nil {
						t.Fatal(err)
					}
					r.Header.Set("X-Forwarded-For", c.from)
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
					if c.token != "" {
						r.Header.Set("Authorization", "Bearer "+c.token)
					}
					got, err := http.DefaultClient.Do(r)
					if err != nil {
						t.Fatal(err)
					}
					got.Body.Close()
					if got.StatusCode != want || (want == 429) != (got.Header.Get("Retry-After") != "") {
						t.Errorf("%s %s from %s, call %d: %d, %v", c.method, c.path, c.from, n, got.StatusCode, got.Header)
					}
				}
			}
		})
	}
}
