package rdvsp

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"passerelle/connectors"
)

// Follow reads the appointments of each person who was invited, a question each. What counts is what became of her own
// part in one, not of the appointment: others may take part in it. Of several that were made since her invitation, on her
// page, one that stands goes before one that was ended, then the last that was made. Of several invitations of one person,
// a part is the last one's before it was made. What an agent makes is about something else.
//
// An appointment that is not listed any more, deleted or at the end of its time, says nothing. A link of another form,
// or of another instance, is left out.
//
// Who cannot be asked, or is not understood, is left out, with the error. After RateLimited or Misconfigured nobody else
// is asked: the next pass begins there.
func (c *consented) Follow(ctx context.Context, links []string) ([]connectors.Outcome, error) {
	people := make(map[int][]invitation)
	for _, link := range links {
		if i, ok := c.invitationOf(link); ok {
			people[i.user] = append(people[i.user], i)
		}
	}
	if len(people) == 0 {
		return nil, nil
	}
	to, err := c.where(ctx, "follow")
	if err != nil {
		return nil, err
	}
	works := sync.OnceValue(func() error { return c.works(ctx, "follow", to.organisation) })
	var outcomes []connectors.Outcome
	var failures []error
	for _, user := range c.inTurn(slices.Sorted(maps.Keys(people))) {
		parts, err := c.partsOf(ctx, to.organisation, people[user], works)
		if err == nil {
			outcomes = append(outcomes, c.outcomes(people[user], parts)...)
			continue
		}
		if same := func(f error) bool { return f.Error() == err.Error() }; !slices.ContainsFunc(failures, same) {
			failures = append(failures, err)
		}
		if kind := connectors.KindOf(err); kind == connectors.RateLimited || kind == connectors.Misconfigured || ctx.Err() != nil {
			c.next.Store(int64(user))
			break
		}
	}
	return outcomes, together(failures)
}

// inTurn begins with who ended the last pass that was cut short: otherwise the same people would be left out every time.
func (c *consented) inTurn(people []int) []int {
	i, _ := slices.BinarySearch(people, int(c.next.Load()))
	return slices.Concat(people[i:], people[:i])
}

// together is one error of several. It is of the kind of the last, which may have ended the pass.
func together(failures []error) error {
	if len(failures) == 0 {
		return nil
	}
	last := failures[len(failures)-1]
	e := &connectors.Error{Op: "follow", Kind: connectors.KindOf(last), Err: errors.Join(failures...)}
	if cause, ok := errors.AsType[*connectors.Error](last); ok {
		e.RetryAfter = cause.RetryAfter
	}
	return e
}

// partsOf are a person's parts that were made on her page. works says what an empty list is worth.
func (c *consented) partsOf(ctx context.Context, organisation int, hers []invitation, works func() error) ([]part, error) {
	first := slices.MinFunc(hers, invitation.compare)
	list, err := c.rdvs(ctx, "follow", ofPerson(organisation, first.user, first.since))
	switch {
	case err != nil:
		return nil, err
	case len(list) == 0:
		return nil, works()
	}
	var parts []part
	for _, r := range list {
		i := slices.IndexFunc(r.Participations, func(p participation) bool { return p.User.ID == first.user })
		if i < 0 || fates[r.Participations[i].Status] == 0 || !r.Participations[i].onHerPage() {
			continue
		}
		p, err := partIn(r, i)
		if err == nil && !p.workshop {
			p.created, err = moment(r.CreatedAt)
		}
		if err != nil {
			return nil, failed("follow", connectors.Unavailable, err)
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// outcomes are what became of a person's invitations.
func (c *consented) outcomes(hers []invitation, parts []part) (outcomes []connectors.Outcome) {
	for _, i := range hers {
		if own := i.own(hers, parts); len(own) > 0 {
			counts := slices.MaxFunc(own, part.compare)
			outcomes = append(outcomes, connectors.Outcome{Link: i.link, Appointment: c.appointment(counts), Fate: fates[counts.Status]})
		}
	}
	return outcomes
}
