package rdvsp

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"passerelle/connectors"
)

var (
	_ connectors.Agenda    = (*consented)(nil)
	_ connectors.Handoffer = (*consented)(nil)
	_ connectors.Inviter   = (*consented)(nil)
	_ connectors.Follower  = (*consented)(nil)
	_ connectors.Canceler  = (*consented)(nil)
	_ connectors.Receiver  = (*consented)(nil)
	_ connectors.Consenter = (*consented)(nil)
	_ connectors.Guarantor = (*consented)(nil)
)

// consented is an organisation one of whose agents let the gateway in (OAuth 2). It still lists no slots: a person is
// invited to its page, books there herself, and the API tells what became of it. What the agent may do on the pages, the
// gateway may do. Until an agent has consented, and from when he takes it back, all that asks the API is Misconfigured.
type consented struct {
	*agenda // the page, for whoever is not invited
	api     api
	keys    *keys
	located whereabouts
	lieux   lieux
	secret  string // of the webhooks; empty: none is believed
	now     func() time.Time
	next    atomic.Int64 // whom the next pass of following begins with (inTurn)
}

func newConsented(page *agenda, found connectors.Resolution, s Settings, a api, env connectors.Env) *consented {
	return &consented{
		agenda: page, api: a, secret: s.WebhookSecret, now: env.Now,
		keys: &keys{
			api: a, id: s.ClientID, secret: s.ClientSecret, kept: env.Grant, now: env.Now, turn: make(chan struct{}, 1),
		},
		located: whereabouts{found: found, env: env},
	}
}

// instance is what tells the API's identifiers from those of another data base.
func (c *consented) instance() string { return c.ids[idInstance] }

// ask is a question that bears the agent's token. One that is refused for its token alone was not answered: it is asked
// once more with a new one.
func (c *consented) ask(ctx context.Context, q question, into any) error {
	token, err := c.keys.token(ctx, q.op, "")
	if err != nil {
		return err
	}
	err = c.bear(ctx, token, q, into)
	if connectors.StatusOf(err) != http.StatusUnauthorized {
		return err
	}
	if token, err = c.keys.token(ctx, q.op, token); err != nil {
		return err
	}
	return c.bear(ctx, token, q, into)
}

func (c *consented) bear(ctx context.Context, token string, q question, into any) error {
	q.header = http.Header{"Authorization": {"Bearer " + token}}
	return c.api.ask(ctx, q, into)
}

// target is what the address and the settings lead to, as the API calls it.
type target struct {
	organisation      int
	department, motif string // empty where it is not known
	category          string // of the motif; likewise
}

// where is the organisation, and what else is known of the address.
func (c *consented) where(ctx context.Context, op string) (target, error) {
	ids := c.ids
	if c.organisation == 0 {
		found, err := c.located.locate(ctx, op)
		if err != nil {
			return target{}, err
		}
		ids = found
	}
	to := target{organisation: c.organisation, department: c.department, category: ids[idMotifCategory]}
	if to.department == "" {
		to.department = ids[idDepartment]
	}
	if number.MatchString(ids[idMotif]) {
		to.motif = ids[idMotif]
	}
	if to.organisation == 0 {
		organisation, err := strconv.Atoi(ids[idOrganisation])
		if err != nil || organisation <= 0 {
			return target{}, failed(op, connectors.Misconfigured, errors.New("the address does not say of which organisation it is: organisation is missing"))
		}
		to.organisation = organisation
	}
	return to, nil
}

// name is an identifier of the API as others may keep it: with the instance that it is of.
func (c *consented) name(ids ...int) string {
	name := c.instance()
	for _, id := range ids {
		name += "/" + strconv.Itoa(id)
	}
	return name
}

// named takes such a name to pieces; false: it is not of this instance, or of another form.
func (c *consented) named(name string, ids ...*int) bool {
	parts := strings.Split(name, "/")
	if len(parts) != len(ids)+1 || parts[0] != c.instance() {
		return false
	}
	for i, id := range ids {
		n, err := strconv.Atoi(parts[i+1])
		if err != nil || n <= 0 {
			return false
		}
		*id = n
	}
	return true
}
