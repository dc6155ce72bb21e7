package ledgertest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
)

func (g *Game) list(c Chance) {
	f := booking.AppointmentFilter{Limit: 1 + c.Pick("limit", 6), Offset: c.Pick("offset", 3)}
	partner := g.prefix + pick(c, "partner", partners)
	if r := g.row(c); r != nil && c.Pick("since", 2) == 0 {
		f.ModifiedSince = r.Modified
	}
	if c.Pick("by status", 3) == 0 {
		f.Statuses = []booking.Status{booking.Confirmed, pick(c, "status", booking.Statuses())}
	}
	if c.Pick("by reference", 3) == 0 {
		f.Reference = "ref1"
	}
	var found []*row
	for _, r := range g.model.rows {
		if r.Partner == partner && !r.Taken.IsZero() && !r.Modified.Before(f.ModifiedSince) &&
			(f.Statuses == nil || slices.Contains(f.Statuses, r.Status)) && (f.Reference == "" || r.Reference == f.Reference) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *row) int { return cmp.Or(a.Modified.Compare(b.Modified), cmp.Compare(a.ID, b.ID)) })
	total := len(found)
	found = found[min(f.Offset, total):min(f.Offset+f.Limit, total)]
	g.play(c, "list of "+partner, fmt.Sprintf("%d of %d\n%s", len(found), total, g.viewRows(found)), func(p *player) string {
		list, n, err := p.Appointments(context.Background(), partner, f)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%d of %d\n%s", len(list), n, g.viewAll(list))
	})
}

func (g *Game) viewRows(rows []*row) string {
	all := make([]booking.Appointment, len(rows))
	for i, r := range rows {
		all[i] = g.model.whole(r)
	}
	return g.viewAll(all)
}

func (g *Game) viewAll(list []booking.Appointment) string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = g.view(a)
	}
	return strings.Join(out, "\n")
}

func (g *Game) kept(c Chance) {
	agenda, from := g.prefix+pick(c, "agenda", agendas), g.begin().Add(time.Duration(c.Pick("from", 6))*tenth)
	var found []*row
	for _, r := range g.model.rows {
		if r.Agenda == agenda && r.Status == booking.Confirmed && r.Start >= from.Unix() && r.Standing().Upstream {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *row) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.ID, b.ID)) })
	g.play(c, "kept by "+agenda, g.viewRows(found), func(p *player) string {
		list, err := p.Kept(context.Background(), agenda, from)
		if err != nil {
			return err.Error()
		}
		return g.viewAll(list)
	})
}

func (g *Game) handedOn(c Chance) {
	agenda, since := g.prefix+pick(c, "agenda", agendas), g.model.now.Add(-time.Duration(c.Pick("since", 6))*tenth)
	stands := []booking.Status{booking.HandedOff, booking.Confirmed, booking.NeedsHuman, booking.Honoured, booking.Missed}
	var found []*row
	for _, r := range g.model.rows {
		if r.Guarantee == connectors.Handoff && r.Agenda == agenda && slices.Contains(stands, r.Status) && !r.Created.Before(since) && r.Standing().Upstream {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *row) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	g.play(c, "handed on to "+agenda, g.viewRows(found), func(p *player) string {
		list, err := p.HandedOn(context.Background(), agenda, since)
		if err != nil {
			return err.Error()
		}
		return g.viewAll(list)
	})
}

// lapsed compares the holds and requests whose time is over, as sets: of those of one instant none is first.
func (g *Game) lapsed(c Chance) {
	now := g.model.now
	var want []string
	for _, r := range g.model.rows {
		waits := r.Status == booking.Held || r.Status == booking.Requested || r.Status == booking.HandedOff
		if waits && !r.Expires.After(now) {
			want = append(want, r.ID)
		}
	}
	g.play(c, "lapsed", fmt.Sprint(g.mine(want)), func(p *player) string {
		list, err := p.Lapsed(context.Background(), now, unlimited)
		if err != nil {
			return err.Error()
		}
		ids := make([]string, len(list))
		for i, a := range list {
			ids[i] = a.ID
		}
		return fmt.Sprint(g.mine(ids))
	})
}
