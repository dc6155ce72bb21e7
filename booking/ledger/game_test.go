package ledger

import (
	flags "flag"
	"fmt"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"passerelle/booking/ledger/ledgertest"
	"passerelle/booking/volatile/volatiletest"
	"passerelle/internal/prove"
	"passerelle/internal/testservers"
)

// dice gives the moves of a game.
type dice struct{ *rapid.T }

func (d dice) Pick(what string, n int) int { return rapid.IntRange(0, n-1).Draw(d.T, what) }

// each is how many moves a game has, on average; perPart is how many are played on one ledger.
const (
	each    = 50
	perPart = 1000
)

// play plays some games on the same ledgers, one after the other.
func play(t testing.TB, moves int, ledgers ...*ledgertest.Fixture) {
	t.Helper()
	set(t, "rapid.steps", fmt.Sprint(each))
	set(t, "rapid.checks", fmt.Sprint(max(1, moves/each)))
	number := 0
	rapid.Check(t, func(t *rapid.T) {
		number++
		g, err := ledgertest.NewGame(number, ledgers...)
		if err != nil {
			t.Fatal(err)
		}
		all := make(map[string]func(*rapid.T))
		for name, move := range g.Moves() {
			all[name] = func(t *rapid.T) { move(dice{t}) }
		}
		t.Repeat(all)
		g.End(dice{t})
	})
}

// moves are how many are made in all.
func moves() int { return prove.Size(300, 10_000) }

func set(t testing.TB, name, value string) {
	t.Helper()
	old := flags.Lookup(name).Value.String()
	if err := flags.Set(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flags.Set(name, old) })
}

// onSQLite does not wait for the disk: what is compared is what a ledger answers, not what outlives the power.
func onSQLite(t testing.TB) *ledgertest.Fixture {
	l, c := opened(t, Options{Path: filepath.Join(t.TempDir(), "registre.db"), synchronous: "OFF"})
	return fixture(l, c, "DROP TRIGGER no_overlap")
}

// inParts plays so many moves, each part on ledgers of its own.
func inParts(t *testing.T, open func(testing.TB) []*ledgertest.Fixture) {
	for part, left := 1, moves(); left > 0; part, left = part+1, left-perPart {
		t.Run(fmt.Sprint("part ", part), func(t *testing.T) { play(t, min(left, perPart), open(t)...) })
	}
}

func TestSQLiteIsWhatTheModelSays(t *testing.T) {
	inParts(t, func(t testing.TB) []*ledgertest.Fixture { return []*ledgertest.Fixture{onSQLite(t)} })
}

func TestBothEnginesAnswerAlike(t *testing.T) {
	server := testservers.StartPostgres(t, "fsync=off", "synchronous_commit=off")
	inParts(t, func(t testing.TB) []*ledgertest.Fixture {
		l, c := opened(t, Options{URL: server.NewDatabase(t)})
		return []*ledgertest.Fixture{onSQLite(t), fixture(l, c, "ALTER TABLE claims DROP CONSTRAINT no_overlap")}
	})
}

// TestTheGameSeesFaults plays against ledgers that are broken: the tests above must be able to fail.
func TestTheGameSeesFaults(t *testing.T) {
	set(t, "rapid.nofailfile", "true")
	set(t, "rapid.shrinktime", "0s")
	for _, fault := range ledgertest.Faults() {
		t.Run(fault.Name, func(t *testing.T) {
			f := onSQLite(t)
			fault.Break(t, f)
			if len(volatiletest.Record(t, func(t testing.TB) { play(t, 20_000, f) })) == 0 {
				t.Error("the game does not see it")
			}
		})
	}
}
