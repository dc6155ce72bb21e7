package rdvsp

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// invitation is one link that was given to a person.
type invitation struct {
	link string // its Upstream
	user int
	// since, in whole seconds, and last say what there was when she was invited: last is the highest number of a part of
	// hers in an appointment that was to come. Parts are numbered as they are made.
	since time.Time
	last  int
}

// invited names an invitation: whom, "@", since and last, and something of our reference: two of one second are not one.
func (c *consented) invited(user int, since time.Time, last int, reference string) string {
	sum := sha256.Sum256([]byte(reference))
	return fmt.Sprintf("%s@%d.%d.%x", c.name(user), since.Unix(), last, sum[:4])
}

func (c *consented) invitationOf(link string) (invitation, bool) {
	i := invitation{link: link}
	whom, rest, _ := strings.Cut(link, "@")
	said := strings.Split(rest, ".")
	if len(said) != 3 || !c.named(whom, &i.user) {
		return i, false
	}
	seconds, errSince := strconv.ParseInt(said[0], 10, 64)
	last, errLast := strconv.Atoi(said[1])
	i.since, i.last = time.Unix(seconds, 0), last
	return i, errSince == nil && errLast == nil
}

// lastPart is the highest number of a person's parts in what is to come; zero: she has none.
func (c *consented) lastPart(ctx context.Context, organisation, user int, now time.Time) (last int, err error) {
	list, err := c.rdvs(ctx, "invite", ofPerson(organisation, user, now))
	for _, r := range list {
		for _, p := range r.Participations {
			if p.User.ID == user {
				last = max(last, p.ID)
			}
		}
	}
	return last, err
}

// compare: the later one, or another of the same second.
func (i invitation) compare(other invitation) int {
	return cmp.Or(i.since.Compare(other.since), cmp.Compare(i.link, other.link))
}

// before reports whether she was invited before she made that part.
func (i invitation) before(p part) bool {
	if p.workshop {
		return p.ID > i.last
	}
	return !p.created.Before(i.since)
}

// own are the parts that this invitation is the last one before.
func (i invitation) own(hers []invitation, parts []part) (own []part) {
	for _, p := range parts {
		later := func(other invitation) bool { return other.compare(i) > 0 && other.before(p) }
		if i.before(p) && !slices.ContainsFunc(hers, later) {
			own = append(own, p)
		}
	}
	return own
}
