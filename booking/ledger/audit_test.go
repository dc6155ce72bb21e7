package ledger

import (
	"context"
	"testing"

	"passerelle/internal/testservers"
)

// Who did what is written once: whoever has the ledger's own connection cannot write it anew.
func TestTheAuditIsNeverChanged(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) *Ledger{
		"sqlite":   func(t *testing.T) *Ledger { l, _ := newLedger(t); return l },
		"postgres": func(t *testing.T) *Ledger { l, _ := opened(t, Options{URL: testservers.Postgres(t)}); return l },
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t)
			namedCanari(t, l, "a")
			count := func(query string) (n int) {
				if _, err := l.read.first(context.Background(), []any{&n}, query); err != nil {
					t.Fatal(err)
				}
				return n
			}
			if count("SELECT count(*) FROM audit") == 0 {
				t.Fatal("nothing was audited")
			}
			err := l.write(t.Context(), func(s *session) error {
				_, err := s.ExecContext(t.Context(), "UPDATE audit SET who = 'un autre'")
				return err
			})
			if err == nil || count("SELECT count(*) FROM audit WHERE who = 'un autre'") != 0 {
				t.Errorf("the audit was changed, %v", err)
			}
		})
	}
}
