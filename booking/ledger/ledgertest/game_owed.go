package ledgertest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

func leased(lease int, of any) string { return fmt.Sprint(lease, "/", of) }

func (g *Game) viewDebt(d booking.Debt) string {
	return fmt.Sprintf("{%s since %s attempts %d absences %d since %s of %s}", d.Do, g.instant(d.Since), d.Attempts, d.Absences, g.instant(d.AbsentSince), g.view(d.Appointment))
}

func (g *Game) takeDebts(c Chance) {
	lease, m := time.Duration(1+c.Pick("leased for", 3))*time.Minute, g.model
	before := make(map[string]owed)
	for _, r := range m.rows {
		if r.debt != nil {
			before[r.ID] = *r.debt
		}
	}
	rows, limit := m.takeDebts(lease, 1+c.Pick("limit", 8))
	t := grant{lease: m.leases, debts: make(map[string]owed)}
	var want []string
	for _, r := range rows {
		d := before[r.ID]
		t.debts[r.ID] = d
		want = append(want, g.viewDebt(booking.Debt{Appointment: m.whole(r), Do: d.do, Since: d.since, Attempts: d.attempts, Absences: d.absences, AbsentSince: d.absent}))
	}
	g.grants = append(g.grants, t)
	g.play(c, fmt.Sprint("take debts ", limit), strings.Join(want, " "), func(p *player) string {
		debts, err := p.TakeDebts(context.Background(), lease, limit)
		if err != nil {
			return err.Error()
		}
		slices.SortFunc(debts, func(a, b booking.Debt) int { return strings.Compare(a.Appointment.ID, b.Appointment.ID) })
		var got []string
		for _, d := range debts {
			p.debts[leased(t.lease, d.Appointment.ID)] = d
			got = append(got, g.viewDebt(d))
		}
		return strings.Join(got, " ")
	})
}

// round takes what is due and ends each debt, as a reconciler does.
func (g *Game) round(c Chance) {
	g.takeDebts(c)
	t := g.grants[len(g.grants)-1]
	for _, id := range sorted(t.debts) {
		g.end(c, id, t.lease, t.debts[id])
	}
}

// endDebt ends a debt that was taken at some time: whoever slept has lost it.
func (g *Game) endDebt(c Chance) {
	type one struct {
		lease int
		id    string
	}
	var all []one
	for _, t := range g.grants {
		for _, id := range sorted(t.debts) {
			all = append(all, one{t.lease, id})
		}
	}
	if len(all) == 0 {
		return
	}
	d := all[len(all)-1-c.Pick("debt", min(3, len(all)))]
	var was owed
	for _, t := range g.grants {
		if t.lease == d.lease {
			was = t.debts[d.id]
		}
	}
	g.end(c, d.id, d.lease, was)
}

// end postpones or forgives a debt.
func (g *Game) end(c Chance, id string, lease int, was owed) {
	if c.Pick("forgive", 6) == 0 {
		g.model.forgive(id, lease)
		g.play(c, "forgive "+id, "done", func(p *player) string {
			return kindOf(p.Forgive(context.Background(), p.debts[leased(lease, id)]))
		})
		return
	}
	due, absent := g.model.now.Add(time.Duration(c.Pick("later", 4))*time.Minute), c.Pick("absent", 3) > 0
	g.model.postpone(id, lease, was, due, absent)
	g.play(c, fmt.Sprintf("postpone %s absent %v", id, absent), "done", func(p *player) string {
		return kindOf(p.Postpone(context.Background(), p.debts[leased(lease, id)], due, absent))
	})
}

func (g *Game) takeNotices(c Chance) {
	lease, limit, m := time.Duration(1+c.Pick("leased for", 3))*time.Minute, 1+c.Pick("limit", 6), g.model
	t := grant{notices: m.takeNotices(lease, limit)}
	t.lease = m.leases
	g.grants = append(g.grants, t)
	var want []string
	for _, n := range t.notices {
		want = append(want, g.viewNotice(n)+" about "+g.view(m.whole(m.row(n.Appointment))))
	}
	g.play(c, fmt.Sprint("take notices ", limit), strings.Join(want, "\n"), func(p *player) string {
		told, err := p.TakeNotices(context.Background(), lease, limit)
		if err != nil {
			return err.Error()
		}
		var got []string
		for i, n := range told {
			if i < len(t.notices) {
				p.told[leased(t.lease, t.notices[i].ID)] = n
			}
			got = append(got, g.viewNotice(n.Notice)+" about "+g.view(n.Subject))
		}
		return strings.Join(got, "\n")
	})
}

func (g *Game) tell(c Chance) {
	type one struct {
		booking.Notice
		lease int
	}
	var all []one
	for _, t := range g.grants {
		for _, n := range t.notices {
			all = append(all, one{n, t.lease})
		}
	}
	if len(all) == 0 {
		return
	}
	n := all[len(all)-1-c.Pick("notice", min(4, len(all)))]
	state := pick(c, "state", []booking.NoticeState{booking.NoticeSent, booking.NoticeDue, booking.NoticeFailed})
	again := g.model.now.Add(time.Duration(c.Pick("again", 3)) * time.Minute)
	g.model.tell(n.Notice, n.lease, state, again)
	g.play(c, fmt.Sprintf("tell %d %s", n.ID, state), "done", func(p *player) string {
		return kindOf(p.Tell(context.Background(), p.told[leased(n.lease, n.ID)], state, again))
	})
	g.see(c, n.Appointment)
}

func (g *Game) entries(c Chance) { g.follow(c, pick(c, "partner", partners), 1+c.Pick("limit", 4)) }

// follow reads a partner's log on from where it was read before.
func (g *Game) follow(c Chance, partner string, limit int) {
	partner = g.prefix + partner
	var want []string
	seen := 0
	for _, e := range g.model.log {
		if !e.shown || e.Partner != partner {
			continue
		}
		if seen++; seen > g.cursors[partner] && len(want) < limit {
			want = append(want, g.viewEntry(e.Entry))
		}
	}
	g.cursors[partner] += len(want)
	g.play(c, "entries of "+partner, strings.Join(want, ", "), func(p *player) string {
		list, err := p.Entries(context.Background(), partner, p.cursors[partner], limit)
		if err != nil {
			return err.Error()
		}
		if _, err := p.Entries(context.Background(), partner, unlimited, limit); refusalOf(err) != "invalid position_inconnue" {
			return fmt.Sprintf("a position that was not given is answered %v", err)
		}
		var got []string
		for _, e := range list {
			if e.Position <= p.cursors[partner] {
				return fmt.Sprintf("position %d after %d", e.Position, p.cursors[partner])
			}
			p.cursors[partner] = e.Position
			got = append(got, g.viewEntry(e))
		}
		return strings.Join(got, ", ")
	})
}

func (g *Game) viewEntry(e booking.Entry) string {
	return fmt.Sprintf("%s %s v%d erased %v at %s", e.Appointment, e.Status, e.Version, e.Erased, g.instant(e.At))
}

func (g *Game) key(c Chance) {
	partner, value := g.prefix+pick(c, "partner", partners), fmt.Sprint("k", c.Pick("key", keys))
	name := keyName{partner, value}
	want := "nothing"
	if k, known := g.model.keys[name]; known {
		request := sha256.Sum256([]byte(k.request))
		if k.request == "" { // erased
			request = [32]byte{}
		}
		held, owns := g.model.carried(name)
		want = fmt.Sprintf("201 %s for %x refused %q carried out %v, asked by it %v", k.appointment, request, k.refusal, held, owns)
	}
	g.play(c, "key "+value+" of "+partner, want, func(p *player) string {
		r, found, err := p.ByKey(context.Background(), booking.Key{Partner: partner, Digest: sha256.Sum256([]byte(g.prefix + value))})
		switch {
		case err != nil:
			return err.Error()
		case !found:
			return "nothing"
		}
		refusal := ""
		if r.Refusal != nil {
			refusal = r.Refusal.Code
		}
		return fmt.Sprintf("%d %s for %x refused %q carried out %v, asked by it %v", r.Status, r.Appointment, r.Request, refusal, r.Held, r.Owns)
	})
}

func (g *Game) erase(c Chance) {
	r := g.row(c)
	if r == nil || c.Pick("really", 2) == 0 {
		return
	}
	id := r.ID
	want := kindOf(g.model.erase(id))
	g.play(c, "erase "+id, want, func(p *player) string { return kindOf(p.Erase(context.Background(), id, string(booking.TheGateway))) })
	g.see(c, id)
}

// note keeps the key of a call that found nothing to do.
func (g *Game) note(c Chance) {
	r := g.row(c)
	if r == nil {
		return
	}
	id := r.ID
	w, key := g.wanted(c, r.Partner)
	want := "done"
	if err := g.model.record(r.Partner, w, id); err != nil {
		want = refusalOf(err)
	}
	g.play(c, "note "+id, want, func(p *player) string {
		if err := p.Note(context.Background(), id, key); err != nil {
			return refusalOf(err)
		}
		return "done"
	})
}

func (g *Game) erasable(c Chance) {
	over := g.begin().Add(time.Duration(c.Pick("over", 12)) * tenth)
	never := g.model.now.Add(-time.Duration(c.Pick("never", 3)) * time.Hour)
	g.play(c, "erasable", fmt.Sprint(g.model.erasable(over, never)), func(p *player) string {
		ids, err := p.Erasable(context.Background(), over, never, unlimited)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint(g.mine(ids))
	})
}

func (g *Game) sight(c Chance) {
	r := g.row(c)
	if r == nil {
		return
	}
	id := r.ID
	if c.Pick("unsight", 3) == 0 {
		delete(g.model.sightings, id)
		g.play(c, "unsight "+id, "done", func(p *player) string { return kindOf(p.Unsight(context.Background(), id)) })
		return
	}
	as := pick(c, "as", []interval.Interval{{}, g.span(1, 1), g.span(2, 1)})
	g.play(c, fmt.Sprintf("sight %s %d+%d", id, as.Start, as.End-as.Start), g.instant(g.model.sight(id, as)), func(p *player) string {
		since, err := p.Sight(context.Background(), id, as)
		if err != nil {
			return err.Error()
		}
		return g.instant(since)
	})
}

func (g *Game) wait(c Chance) {
	d := pick(c, "for", []time.Duration{
		time.Second, 20 * time.Second, 70 * time.Second, 4 * time.Minute, 4 * time.Minute, tenth, time.Hour, 26 * time.Hour, -5 * time.Second,
	})
	g.model.now = g.model.now.Add(d)
	for _, p := range g.players {
		p.Clock.Add(d)
	}
}
