package rdvsp

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"passerelle/connectors"
)

// Invite makes the person known to the organisation and gives the search of it that knows her: she, or her aidant, books
// there without an account, among the motifs that are open to invited people. How she is told of her appointment, that
// software decides.
//
// The link works for ever and says who she is. Upstream names her and what there was before (invitation), so that it is
// not taken for what became of this one.
func (c *consented) Invite(ctx context.Context, r connectors.HandoffRequest, who connectors.Person) (connectors.Link, error) {
	to, err := c.where(ctx, "invite")
	if err != nil {
		return connectors.Link{}, err
	}
	lieu, err := c.lieuOf(ctx, to.organisation, r)
	if err != nil {
		return connectors.Link{}, err
	}
	since := c.now()
	user, known, err := c.makeKnown(ctx, to.organisation, who)
	if err != nil {
		return connectors.Link{}, err
	}
	last := 0
	if known {
		if last, err = c.lastPart(ctx, to.organisation, user, since); err != nil {
			return connectors.Link{}, err
		}
	}
	token, err := c.invitationToken(ctx, user)
	if err != nil {
		return connectors.Link{}, err
	}
	return connectors.Link{URL: c.invitation(to, lieu, r.Motif, token), Upstream: c.invited(user, since, last, r.Reference)}, nil
}

// invitation is the link. organisation_ids[] is what the search of an invited person is limited to; without
// public_link_organisation_id some hosts lead to their front page instead.
func (c *consented) invitation(to target, lieu int, motif, token string) string {
	organisation := strconv.Itoa(to.organisation)
	query := url.Values{
		"organisation_ids[]": {organisation}, "public_link_organisation_id": {organisation}, "invitation_token": {token},
	}
	set := func(name, value string) {
		if value != "" {
			query.Set(name, value)
		}
	}
	set("departement", to.department)
	switch {
	case number.MatchString(motif):
		set("motif_id", motif)
	case motif != "":
		set("motif_category_short_name", motif)
	default:
		set("motif_id", to.motif)
		set("motif_category_short_name", to.category)
	}
	if lieu != 0 {
		set("lieu_id", strconv.Itoa(lieu))
	}
	link := url.URL{Scheme: c.link.Scheme, Host: c.link.Host, Path: search, RawQuery: query.Encode()}
	return link.String()
}

// makeKnown gives the number of the person over there, and whether she was known already. An e-mail is of one person in all the
// instance; where it is taken, the refusal says whose it is. She is taken for the same only if the agent may see her and
// she has the same name: nobody gets a link to somebody else's account for an e-mail alone, nor is anybody of another
// organisation made known to this one. Otherwise she is made known without the e-mail.
func (c *consented) makeKnown(ctx context.Context, organisation int, who connectors.Person) (user int, known bool, err error) {
	user, taken, err := c.createUser(ctx, organisation, who)
	if err == nil || !taken.is {
		return user, false, err
	}
	if taken.by > 0 {
		same, err := c.isSame(ctx, taken.by, who)
		if err != nil {
			return 0, false, err
		}
		if same {
			return taken.by, true, nil
		}
	}
	who.Email = ""
	user, _, err = c.createUser(ctx, organisation, who)
	return user, false, err
}

// taken is what a refusal says of an e-mail.
type taken struct {
	is bool
	by int // zero where it does not say
}

// user is how the API takes and gives a person.
type user struct {
	ID            int    `json:"id,omitempty"`
	Organisations []int  `json:"organisation_ids,omitempty"`
	FirstName     string `json:"first_name"`
	LastName      string `json:"last_name"`
	Phone         string `json:"phone_number,omitempty"`
	Email         string `json:"email,omitempty"`
}

func (c *consented) createUser(ctx context.Context, organisation int, who connectors.Person) (int, taken, error) {
	var answer struct {
		User user `json:"user"`
	}
	var refusal struct {
		Errors struct {
			Email []struct {
				Error string `json:"error"`
				ID    int    `json:"id"`
			} `json:"email"`
		} `json:"errors"`
	}
	err := c.askToInvite(ctx, question{method: http.MethodPost, path: "api/v1/users", refusal: &refusal, body: user{
		Organisations: []int{organisation}, FirstName: who.FirstName, LastName: who.LastName, Phone: who.Phone, Email: who.Email,
	}}, &answer)
	switch {
	case err == nil && answer.User.ID <= 0:
		return 0, taken{}, failed("invite", connectors.Unavailable, errors.New("the answer does not say who was made known"))
	case err != nil && who.Email != "":
		for _, wrong := range refusal.Errors.Email {
			if wrong.Error == "taken" {
				return 0, taken{is: true, by: wrong.ID}, err
			}
		}
	}
	return answer.User.ID, taken{}, err
}

// isSame reports whether somebody is known to the agent under that name.
func (c *consented) isSame(ctx context.Context, id int, who connectors.Person) (bool, error) {
	var answer struct {
		User user `json:"user"`
	}
	err := c.askToInvite(ctx, question{method: http.MethodGet, path: "api/v1/users/" + strconv.Itoa(id)}, &answer)
	switch status := connectors.StatusOf(err); {
	case status == http.StatusForbidden, status == http.StatusNotFound:
		return false, nil
	case err != nil:
		return false, err
	}
	is := func(theirs, ours string) bool {
		return strings.EqualFold(strings.TrimSpace(theirs), strings.TrimSpace(ours))
	}
	return answer.User.ID == id && is(answer.User.FirstName, who.FirstName) && is(answer.User.LastName, who.LastName), nil
}

func (c *consented) invitationToken(ctx context.Context, id int) (string, error) {
	var answer struct {
		Token string `json:"invitation_token"`
	}
	path := "api/v1/users/" + strconv.Itoa(id) + "/rdv_invitation_token"
	err := c.askToInvite(ctx, question{method: http.MethodPost, path: path}, &answer)
	if err == nil && answer.Token == "" {
		err = failed("invite", connectors.Unavailable, errors.New("the answer holds no invitation"))
	}
	return answer.Token, err
}

// askToInvite: nothing is booked by it, and a person or a page that is not there is not something that the caller named.
func (c *consented) askToInvite(ctx context.Context, q question, into any) error {
	q.op, q.harmless = "invite", true
	err := c.ask(ctx, q, into)
	if kind := connectors.KindOf(err); err != nil && (kind == connectors.NotFound || kind == connectors.Changed) {
		return failed(q.op, connectors.Unavailable, err)
	}
	return err
}
