package rdvsp

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"passerelle/connectors"
	"passerelle/connectors/interval"
)

var (
	_ connectors.Agenda    = (*partner)(nil)
	_ connectors.Booker    = (*partner)(nil)
	_ connectors.Canceler  = (*partner)(nil)
	_ connectors.Handoffer = (*partner)(nil)
	_ connectors.Guarantor = (*partner)(nil)
)

// daysAtOnce is the longest span that is answered, in days (Visioplainte: 31 between the two).
const daysAtOnce = 30

// partner is the API that RDV Service Public opens to one partner with a key (contract: Visioplainte). Slots are listed
// and booked there, for nobody in particular: no data of a person crosses. A booking has no name of ours, so one whose
// answer is lost cannot be found again.
type partner struct {
	*agenda // the page
	api     api
	key     string
	zone    *time.Location
}

// Guarantee is BestEffort: the software checks, then writes, and two bookings at once may both pass.
func (*partner) Guarantee() connectors.Guarantee { return connectors.BestEffort }

// creneau is a slot as it is listed.
type creneau struct {
	StartsAt string `json:"starts_at"`
	Minutes  int    `json:"duration_in_min"`
}

// Read lists the slots of the window, a month at a time.
func (p *partner) Read(ctx context.Context, q connectors.Query) (connectors.Reading, error) {
	r := connectors.Reading{Basis: connectors.Slots}
	first, last := p.day(q.Window.Start), p.day(q.Window.End-1)
	for from := first; !from.After(last); from = from.AddDate(0, 0, daysAtOnce+1) {
		to := from.AddDate(0, 0, daysAtOnce)
		if to.After(last) {
			to = last
		}
		var answer struct {
			List *[]creneau `json:"creneaux"`
		}
		query := url.Values{"date_debut": {from.Format(time.DateOnly)}, "date_fin": {to.Format(time.DateOnly)}}
		if err := p.ask(ctx, "read", http.MethodGet, "creneaux", query, nil, &answer); err != nil {
			return connectors.Reading{}, err
		}
		if answer.List == nil {
			return connectors.Reading{}, failed("read", connectors.Unavailable, errors.New("the answer lists no slots"))
		}
		for _, c := range *answer.List {
			slot, err := c.slot()
			if err != nil {
				return connectors.Reading{}, failed("read", connectors.Unavailable, err)
			}
			if slot.Overlaps(q.Window) {
				r.Slots = append(r.Slots, slot)
			}
		}
	}
	return r, nil
}

// day is the date in the agenda's zone, as a midnight there.
func (p *partner) day(unix int64) time.Time {
	year, month, day := time.Unix(unix, 0).In(p.zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, p.zone)
}

func (c creneau) slot() (connectors.Slot, error) {
	start, err := moment(c.StartsAt)
	if err != nil || c.Minutes <= 0 {
		return connectors.Slot{}, errMoment
	}
	return connectors.Slot{
		Interval: interval.Of(start, start.Add(time.Duration(c.Minutes)*time.Minute)), Seats: 1, Upstream: c.StartsAt,
	}, nil
}

// Book takes a slot. It is sent once: whoever sent it again would have two.
func (p *partner) Book(ctx context.Context, r connectors.Request) (connectors.Appointment, error) {
	body := map[string]string{"starts_at": r.Slot.StartTime().In(p.zone).Format(time.RFC3339)}
	var made rdv
	if err := p.ask(ctx, "book", http.MethodPost, "rdvs", nil, body, &made); err != nil {
		if connectors.StatusOf(err) == http.StatusUnprocessableEntity { // « Pas de créneau disponible à la date demandée »
			return connectors.Appointment{}, failed("book", connectors.SlotTaken, err)
		}
		return connectors.Appointment{}, err
	}
	if at, err := made.at(); made.ID == 0 || err != nil || at != r.Slot.Interval {
		another := errors.New("the answer is about another time")
		if made.ID != 0 && p.Cancel(ctx, connectors.Appointment{Upstream: strconv.Itoa(made.ID)}) == nil {
			return connectors.Appointment{}, failed("book", connectors.Refused, another)
		}
		return connectors.Appointment{}, failed("book", connectors.OutcomeUnknown, another)
	}
	return connectors.Appointment{Reference: r.Reference, Upstream: strconv.Itoa(made.ID), Interval: r.Slot.Interval}, nil
}

// Cancel frees the slot. One that is not there any more is free, if the API says so where it lists.
func (p *partner) Cancel(ctx context.Context, a connectors.Appointment) error {
	id, err := strconv.Atoi(a.Upstream)
	if err != nil {
		return failed("cancel", connectors.Unsupported, errors.New("the booking has no number there"))
	}
	var left rdv
	err = p.ask(ctx, "cancel", http.MethodPut, "rdvs/"+a.Upstream+"/cancel", nil, nil, &left)
	switch {
	case err == nil && (left.ID != id || !left.cancelled()):
		return failed("cancel", connectors.OutcomeUnknown, errors.New("the answer does not say that it is cancelled"))
	case connectors.StatusOf(err) == http.StatusNotFound:
		return p.gone(ctx, id)
	}
	return err
}

// gone succeeds where the API lists no such booking, or lists it as cancelled.
func (p *partner) gone(ctx context.Context, id int) error {
	var answer struct {
		List *[]rdv `json:"rdvs"`
	}
	err := p.ask(ctx, "cancel", http.MethodGet, "rdvs", url.Values{"ids[]": {strconv.Itoa(id)}}, nil, &answer)
	if err == nil && answer.List == nil {
		err = errors.New("the answer lists no bookings")
	}
	if err != nil {
		return failed("cancel", connectors.OutcomeUnknown, err)
	}
	for _, r := range *answer.List {
		if r.ID == id && !r.cancelled() {
			return failed("cancel", connectors.OutcomeUnknown, errors.New("the booking is still listed"))
		}
	}
	return nil
}

func (p *partner) ask(ctx context.Context, op, method, path string, query url.Values, body, into any) error {
	return p.api.ask(ctx, question{
		op: op, method: method, path: "api/visioplainte/" + path, query: query, body: body,
		header: http.Header{http.CanonicalHeaderKey("X-VISIOPLAINTE-API-KEY"): {p.key}},
	}, into)
}
