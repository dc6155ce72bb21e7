package rdvsp

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"passerelle/connectors"
)

// Cancel ends a person's part in an appointment in her name; that software tells her, and the structure. One that was
// ended is no error. Refused: it is over, or the agent may not. Changed: it was put at another time. NotFound: she has no
// part in it any more. OutcomeUnknown: it is not listed any more, be it that it was deleted or that the agent, who went to
// another service, does not see it: it may stand, and a human must look.
//
// It is looked at first: the same call would make an "excused" of a "she came".
func (c *consented) Cancel(ctx context.Context, a connectors.Appointment) error {
	var id, own int
	if !c.named(a.Upstream, &id, &own) {
		return failed("cancel", connectors.Unsupported, errors.New("the appointment is none of this instance"))
	}
	held, err := c.partOf(ctx, id, own)
	switch {
	case err != nil:
		return err
	case ended(held.Status):
		return nil
	case held.Status != standing:
		return failed("cancel", connectors.Refused, errors.New("it was said already whether she came"))
	case a.Version != "" && c.appointment(held).Version != a.Version:
		return failed("cancel", connectors.Changed, errors.New("the appointment was changed meanwhile"))
	}
	return c.excuse(ctx, own)
}

// partOf is one part as it is now.
func (c *consented) partOf(ctx context.Context, id, own int) (part, error) {
	to, err := c.where(ctx, "cancel")
	if err != nil {
		return part{}, err
	}
	list, err := c.rdvs(ctx, "cancel", url.Values{"id": {strconv.Itoa(id)}})
	if err == nil && len(list) == 0 {
		err = c.works(ctx, "cancel", to.organisation)
	}
	if err != nil {
		return part{}, err
	}
	listed := slices.IndexFunc(list, func(r rdv) bool { return r.ID == id })
	if listed < 0 {
		return part{}, failed("cancel", connectors.OutcomeUnknown, errors.New("the appointment is not listed any more: it may stand"))
	}
	r := list[listed]
	i := slices.IndexFunc(r.Participations, func(p participation) bool { return p.ID == own })
	if i < 0 {
		return part{}, failed("cancel", connectors.NotFound, errors.New("she has no part in the appointment any more"))
	}
	p, err := partIn(r, i)
	if err != nil {
		return part{}, failed("cancel", connectors.Unavailable, err)
	}
	return p, nil
}

func (c *consented) excuse(ctx context.Context, own int) error {
	var answer struct {
		Rdv rdv `json:"rdv"`
	}
	err := c.ask(ctx, question{
		op: "cancel", method: http.MethodPatch, path: "api/v1/participations/" + strconv.Itoa(own),
		body: map[string]any{"participation": map[string]string{"status": excused}},
	}, &answer)
	switch connectors.StatusOf(err) {
	case http.StatusForbidden, http.StatusUnprocessableEntity:
		return failed("cancel", connectors.Refused, err)
	case http.StatusNotFound: // it was listed a moment ago
		return failed("cancel", connectors.OutcomeUnknown, err)
	}
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(answer.Rdv.Participations, func(p participation) bool { return p.ID == own && p.Status == excused }) {
		return failed("cancel", connectors.OutcomeUnknown, errors.New("the answer does not say that it is ended"))
	}
	return nil
}
