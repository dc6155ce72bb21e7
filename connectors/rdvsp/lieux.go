package rdvsp

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"passerelle/connectors"
)

// lieux are an organisation's places, by where they are, as they were listed last.
type lieux struct {
	mu sync.Mutex
	at time.Time
	by map[string]int // lieu_id by folded address; zero where several are there
}

// lieuOf is the place as this software numbers it: by the settings, or else the only one of the organisation's whose
// address is, word for word, that of the standard's file. Zero: that is not known, and the person chooses on the page;
// a guess would send her to a closed door. Instances that do not list their places yet (404) know none.
func (c *consented) lieuOf(ctx context.Context, organisation int, r connectors.HandoffRequest) (int, error) {
	if lieu := c.places[r.Place]; lieu != 0 || r.Address == "" {
		return lieu, nil
	}
	c.lieux.mu.Lock()
	defer c.lieux.mu.Unlock()
	if c.lieux.by == nil || c.now().Sub(c.lieux.at) >= locatedFor {
		by, err := c.listLieux(ctx, organisation)
		if err != nil {
			return 0, err
		}
		c.lieux.by, c.lieux.at = by, c.now()
	}
	return c.lieux.by[folded(r.Address)], nil
}

func (c *consented) listLieux(ctx context.Context, organisation int) (map[string]int, error) {
	by := make(map[string]int)
	query := url.Values{"organisation_id": {strconv.Itoa(organisation)}}
	for page := 1; page != 0 && page <= mostPages; {
		answer, err := c.listed(ctx, "invite", "api/v1/lieux", query, page)
		switch {
		case connectors.StatusOf(err) == http.StatusNotFound:
			return by, nil
		case err != nil:
			return nil, err
		case answer.Lieux == nil:
			return nil, noList("invite")
		}
		for _, l := range *answer.Lieux {
			address := folded(l.Address)
			if _, twice := by[address]; twice {
				by[address] = 0
				continue
			}
			by[address] = l.ID
		}
		page = answer.Meta.Next
	}
	return by, nil
}

// folded is the words of an address, without case, accents and punctuation.
func folded(address string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, norm.NFD.String(address))
	return strings.Join(strings.Fields(plain), " ")
}
