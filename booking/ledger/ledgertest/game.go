package ledgertest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

// Chance is where the moves of a game come from. A run that failed is made small by whoever gives them.
type Chance interface {
	Pick(what string, n int) int // from 0 to n-1
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Game makes the same random calls of one or more ledgers at once, and of a model in memory: all must answer alike,
// whatever database keeps it. A game has names of its own, so that many are played on one ledger, one after the other.
type Game struct {
	model   *model
	players []*player
	prefix  string
	made    int      // ids given
	doubles []string // who was expected already, at the last refusal
	cursors map[string]int
	grants  []grant
}

// player is a ledger at play, and what it gave.
type player struct {
	*Fixture
	cursors map[string]int64
	debts   map[string]booking.Debt // by lease of the model and appointment
	told    map[string]booking.Told // by lease of the model and number of the message
}

// grant is what one call took, as the model has it.
type grant struct {
	lease   int
	debts   map[string]owed
	notices []booking.Notice
}

const (
	origin    = 100 * 24 * time.Hour // from one game to the next: no lease lasts that long
	unlimited = 1 << 20
)

// NewGame begins the number-th game on some ledgers. What is owed of the one before is settled.
func NewGame(number int, ledgers ...*Fixture) (*Game, error) {
	begin := Epoch.Add(time.Duration(number) * origin)
	g := &Game{model: newModel(begin), prefix: fmt.Sprintf("g%d-", number), cursors: make(map[string]int)}
	for _, f := range ledgers {
		f.Clock.Set(begin)
		if err := settled(f); err != nil {
			return nil, err
		}
		g.players = append(g.players, &player{f, make(map[string]int64), make(map[string]booking.Debt), make(map[string]booking.Told)})
	}
	return g, nil
}

func settled(f *Fixture) error {
	ctx := context.Background()
	for more := true; more; {
		debts, err := f.TakeDebts(ctx, time.Hour, unlimited)
		if err != nil {
			return err
		}
		notices, err := f.TakeNotices(ctx, time.Hour, 500)
		if err != nil {
			return err
		}
		for _, d := range debts {
			err = errors.Join(err, f.Forgive(ctx, d))
		}
		for _, n := range notices {
			err = errors.Join(err, f.Tell(ctx, n, booking.NoticeSent, time.Time{}))
		}
		if err != nil {
			return err
		}
		more = len(debts)+len(notices) > 0
	}
	return nil
}

// Moves are the moves of a game, by name.
func (g *Game) Moves() map[string]func(Chance) {
	return map[string]func(Chance){
		"claim": g.claim, "claim again": g.claim, "advance": g.advance, "advance again": g.advance, "advance more": g.advance,
		"prolong": g.prolong, "take debts": g.takeDebts, "end a debt": g.endDebt, "reconcile": g.round, "take notices": g.takeNotices, "tell": g.tell,
		"entries": g.entries, "key": g.key, "erase": g.erase, "note": g.note, "erasable": g.erasable, "sight": g.sight, "kept": g.kept, "handed on": g.handedOn,
		"look": g.look, "list": g.list, "lapsed": g.lapsed, "claimed": g.claimed, "wait": g.wait, "wait again": g.wait,
	}
}

// End compares all that is there.
func (g *Game) End(c Chance) {
	for _, r := range g.model.rows {
		g.see(c, r.ID)
	}
	for _, partner := range partners {
		g.follow(c, partner, unlimited)
	}
	for _, agenda := range agendas {
		g.seeClaimed(c, agenda, 0, 200, "")
	}
}

// play compares what a call answers with what the model says.
func (g *Game) play(c Chance, what, want string, call func(*player) string) {
	short := strings.NewReplacer(g.prefix, "").Replace
	c.Logf("%s: %s → %s", g.clock(), short(what), short(want))
	for i, p := range g.players {
		if got := call(p); got != want {
			c.Fatalf("%s: ledger %d says\n\t%s\nthe model says\n\t%s", short(what), i+1, short(got), short(want))
		}
	}
}

func (g *Game) clock() string { return g.model.now.Format("02.01 15:04:05") }

// instant is a time in seconds of the game; nothing for never.
func (g *Game) instant(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return fmt.Sprint(t.Unix() - Epoch.Unix())
}

// answer is what a call that changes one appointment answers.
func (g *Game) answer(a booking.Appointment, err error) string {
	if err != nil {
		return g.refusal(err)
	}
	return g.view(a)
}

// refusal names who is expected already, where more than one is: any of them will do.
func (g *Game) refusal(err error) string {
	if e, ok := errors.AsType[*booking.Error](err); ok && e.Appointment != "" && !slices.Contains(g.doubles, e.Appointment) {
		return refusalOf(err) + " because of " + e.Appointment
	}
	return refusalOf(err)
}

// refusalOf is an error as far as callers act on it.
func refusalOf(err error) string {
	if errors.Is(err, booking.ErrKeyUsed) {
		return "key used"
	}
	e, ok := errors.AsType[*booking.Error](err)
	if !ok {
		return fmt.Sprint(err)
	}
	return e.Kind.String() + " " + e.Code
}

// view is all of an appointment that callers see.
func (g *Game) view(a booking.Appointment) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s at %s %d+%d ×%d: %s v%d ref %q made %s taken %s changed %s until %s extended %v", a.ID, a.Partner, a.Agenda,
		a.Start-Epoch.Unix(), a.End-a.Start, a.Seats, a.Status, a.Version, a.Reference, g.instant(a.Created), g.instant(a.Taken),
		g.instant(a.Modified), g.instant(a.Expires), a.Extended)
	fmt.Fprintf(&b, " chain %s after %q (%v) before %q upstream %q %q by %q", a.Chain, a.Replaces, a.Replacing, a.ReplacedBy,
		a.Upstream.Reference, a.Upstream.Version, a.Ended.By)
	if a.Details != nil {
		fmt.Fprintf(&b, " for %q because %q", string(a.Details.Beneficiary.LastName), string(a.Ended.Reason))
	}
	for _, n := range a.Notices {
		b.WriteString(g.viewNotice(n))
	}
	return b.String()
}

func (g *Game) viewNotice(n booking.Notice) string {
	return fmt.Sprintf(" [%s %s %s v%d %s %s due %s tried %d]", n.To, n.About, n.Channel, n.Version, n.State, g.instant(n.Created), g.instant(n.Due), n.Attempts)
}

// pick gives one of a list.
func pick[T any](c Chance, what string, list []T) T { return list[c.Pick(what, len(list))] }

// mine leaves out what other games left in a ledger.
func (g *Game) mine(ids []string) []string {
	ids = slices.DeleteFunc(ids, func(id string) bool { return !strings.HasPrefix(id, g.prefix) })
	slices.Sort(ids)
	return ids
}

func sorted[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func kindOf(err error) string {
	if err == nil {
		return "done"
	}
	return connectors.KindOf(err).String() + ": " + err.Error()
}
