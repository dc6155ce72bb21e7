package rdvsp

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"passerelle/connectors"
)

// mostPages is how many pages are asked for one list, all its readings together. The software answers fifty questions a
// minute.
const mostPages = 40

// listing is one page of a list. It shows a hundred.
type listing struct {
	Rdvs          *[]rdv `json:"rdvs"`
	Organisations *[]struct {
		ID int `json:"id"`
	} `json:"organisations"`
	Lieux *[]struct {
		ID      int    `json:"id"`
		Address string `json:"address"`
	} `json:"lieux"`
	Meta *struct {
		Next  int `json:"next_page"` // zero after the last
		Total int `json:"total_count"`
	} `json:"meta"`
}

func (c *consented) listed(ctx context.Context, op, path string, query url.Values, page int) (listing, error) {
	asked := maps.Clone(query)
	if page > 1 {
		asked.Set("page", strconv.Itoa(page))
	}
	var answer listing
	err := c.ask(ctx, question{op: op, method: http.MethodGet, path: path, query: asked}, &answer)
	if err == nil && answer.Meta == nil {
		err = noList(op)
	}
	if connectors.KindOf(err) == connectors.NotFound { // the API, not what is looked for
		err = failed(op, connectors.Misconfigured, err)
	}
	return answer, err
}

func noList(op string) error {
	return failed(op, connectors.Unavailable, errors.New("the answer is no list"))
}

// rdvs reads a list of an organisation's appointments whole. It has no order, so that its pages may overlap and leave
// some out: it is read again until as many are known as it says that there are. Unavailable: that many did not show. One
// that is empty says nothing yet (works).
func (c *consented) rdvs(ctx context.Context, op string, query url.Values) ([]rdv, error) {
	known := make(map[int]rdv)
	for page, asked := 1, 1; asked <= mostPages; asked++ {
		answer, err := c.listed(ctx, op, "api/v1/rdvs", query, page)
		switch {
		case err != nil:
			return nil, err
		case answer.Rdvs == nil:
			return nil, noList(op)
		}
		for _, r := range *answer.Rdvs {
			known[r.ID] = r
		}
		if len(known) >= answer.Meta.Total {
			return slices.Collect(maps.Values(known)), nil
		}
		page = max(answer.Meta.Next, 1)
	}
	return nil, failed(op, connectors.Unavailable, errors.New("the list of appointments does not hold still, or is too long"))
}

// ofPerson is the query for a person's appointments in an organisation, of that day and later.
func ofPerson(organisation, user int, since time.Time) url.Values {
	return url.Values{
		"organisation_id": {strconv.Itoa(organisation)}, "user_id": {strconv.Itoa(user)}, "starts_after": {since.UTC().Format(time.DateOnly)},
	}
}

// errElsewhere is of an agent who may not speak for the organisation.
var errElsewhere = errors.New("the agent who let the gateway in does not work in the organisation")

// works fails unless the agent who consented works in the organisation: to others, its lists are empty and say nothing.
func (c *consented) works(ctx context.Context, op string, organisation int) error {
	for page := 1; page != 0 && page <= mostPages; {
		answer, err := c.listed(ctx, op, "api/v1/organisations", nil, page)
		switch {
		case err != nil:
			return err
		case answer.Organisations == nil:
			return noList(op)
		}
		for _, o := range *answer.Organisations {
			if o.ID == organisation {
				return nil
			}
		}
		page = answer.Meta.Next
	}
	return failed(op, connectors.Misconfigured, errElsewhere)
}
