package ledger

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"passerelle/auth"
	"passerelle/internal/testservers"
)

// A key on each curve: the examples of RFC 8037, appendix A.2, and of RFC 7517, appendix A.1.
var jwks = []string{
	`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"edwards"}`,
	`{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"sig","kid":"nist"}`,
}

func partnerKeys(t *testing.T) []auth.PartnerKey {
	t.Helper()
	var keys []auth.PartnerKey
	for _, text := range jwks {
		k, err := auth.ParsePartnerKey([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	return keys
}

func TestKeysOfAPartnerAreKept(t *testing.T) {
	onBoth(t, func(t *testing.T, l *Ledger) {
		keys := partnerKeys(t)
		if err := l.AddPartner(t.Context(), auth.Partner{ID: "p", Name: "x", Scopes: auth.AllScopes(), Keys: keys[:1], CreatedAt: epoch}); err != nil {
			t.Fatal(err)
		}
		at := epoch.Add(time.Hour)
		err := l.ChangePartner(t.Context(), "p", func(p *auth.Partner) error {
			p.NotBefore = at
			return errors.Join(p.AddKey(keys[1]), p.AddSecret([]byte{1}))
		})
		if err != nil {
			t.Fatal(err)
		}
		p, err := l.Partner(t.Context(), "p")
		if err != nil || !reflect.DeepEqual(p.Keys, keys) || len(p.SecretHashes) != 1 || !p.NotBefore.Equal(at) {
			t.Errorf("got %+v, %v", p, err)
		}
		refusal := errors.New("no")
		if err := l.ChangePartner(t.Context(), "p", func(p *auth.Partner) error { p.Keys = nil; return refusal }); !errors.Is(err, refusal) {
			t.Errorf("got %v", err)
		}
		if p, err = l.Partner(t.Context(), "p"); err != nil || len(p.Keys) != 2 {
			t.Errorf("a change that failed was kept: %+v, %v", p, err)
		}
		if err := l.ChangePartner(t.Context(), "nobody", func(*auth.Partner) error { return nil }); !errors.Is(err, auth.ErrUnknownPartner) {
			t.Errorf("got %v", err)
		}
	})
}

// Both changes of two operators at once are kept, or one is refused: none is lost.
func TestNoChangeOfAPartnerIsLost(t *testing.T) {
	onBoth(t, func(t *testing.T, l *Ledger) {
		if err := l.AddPartner(t.Context(), auth.Partner{ID: "p", CreatedAt: epoch}); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if err := l.ChangePartner(t.Context(), "p", func(p *auth.Partner) error {
					p.SecretHashes = append(p.SecretHashes, []byte{byte(i)})
					return nil
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if p, err := l.Partner(t.Context(), "p"); err != nil || len(p.SecretHashes) != 8 {
			t.Errorf("%d secrets are kept, %v", len(p.SecretHashes), err)
		}
	})
}

func TestRotationsAreKeptOneAfterTheOther(t *testing.T) {
	onBoth(t, func(t *testing.T, l *Ledger) {
		if list, err := l.Generations(t.Context()); err != nil || len(list) != 0 {
			t.Fatalf("got %+v, %v", list, err)
		}
		rotate := func(now time.Time) (auth.Generation, error) {
			return l.Rotate(t.Context(), func(list []auth.Generation) (auth.Generation, error) {
				return auth.NextGeneration(list, now, time.Hour)
			})
		}
		var wg sync.WaitGroup
		made := make(chan auth.Generation, 4)
		for range 4 {
			wg.Go(func() {
				if g, err := rotate(epoch); err == nil {
					made <- g
				}
			})
		}
		wg.Wait()
		close(made)
		if n := len(made); n != 1 {
			t.Errorf("%d rotations at once", n)
		}
		want := []auth.Generation{<-made}
		next, err := rotate(epoch.Add(2 * time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, next)
		list, err := l.Generations(t.Context())
		if err != nil || fmt.Sprint(list) != fmt.Sprint(want) || !slices.IsSortedFunc(list, func(a, b auth.Generation) int { return a.Number - b.Number }) {
			t.Errorf("got %+v, want %+v, %v", list, want, err)
		}
	})
}

// onBoth tries both databases.
func onBoth(t *testing.T, do func(*testing.T, *Ledger)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		l, _ := newLedger(t)
		do(t, l)
	})
	t.Run("postgres", func(t *testing.T) {
		l, _ := opened(t, Options{URL: testservers.StartPostgres(t, "fsync=off").NewDatabase(t)})
		do(t, l)
	})
}
