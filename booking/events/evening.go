package events

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"sync"
	"time"

	"passerelle/booking"
	"passerelle/connectors/interval"
)

// Evenings is who wants the list of the next day, and who has had it. It is one interface: a list is taken, made, ended.
type Evenings interface {
	Evenings(ctx context.Context) ([]booking.Evening, error)
	// TakeEvening reports whether the list of a day is the caller's to send; others may try again at an instant.
	TakeEvening(ctx context.Context, place, day string, again time.Time) (bool, error)
	// EndEvening keeps that the list of a day has gone, or that it was given up.
	EndEvening(ctx context.Context, place, day string, gone bool) error
	// AtPlace lists what was taken at a place, under any of its names, and overlaps a time, of some statuses; by start, with details.
	AtPlace(ctx context.Context, names []string, w interval.Interval, of ...booking.Status) ([]booking.Appointment, error)
}

// Lists is what the lists of the evening are made of. All parts are needed.
type Lists struct {
	Evenings
	Addresses func(*booking.Place) []string   // that a place may be written to
	Sheet     func(appointment string) string // the page of an appointment
	Switch    func(place string) string       // the page where a place says whether it wants lists
}

// listAgain is when a list that was not sent is tried again: longer than a mail may take.
const listAgain = 10 * time.Minute

// SendLists sends the lists that are due. It is called every minute, by several instances: the ledger says whose a list is. One
// that was sent, and not known to be, is sent again under the same Message-ID, as all mail is.
func (m *Mailer) SendLists(ctx context.Context) error {
	all, err := m.Lists.Evenings.Evenings(ctx)
	if err != nil {
		return err
	}
	var work sync.WaitGroup
	busy, errs := make(chan struct{}, m.Workers), make([]error, len(all))
	for i, e := range all {
		busy <- struct{}{}
		work.Go(func() {
			errs[i] = m.list(ctx, e)
			<-busy
		})
	}
	work.Wait()
	return errors.Join(errs...)
}

// list sends the list of a place, if it is due.
func (m *Mailer) list(ctx context.Context, e booking.Evening) error {
	p := m.Place(e.Place)
	if p == nil || p.Zone == nil { // it may come back
		return ctx.Err()
	}
	day, due := booking.ListDue(m.Now(), p.Zone)
	name := day.Format(time.DateOnly)
	if !due || e.Told >= name {
		return ctx.Err()
	}
	mine, err := m.Lists.TakeEvening(ctx, e.Place, name, m.Now().Add(listAgain))
	if err != nil || !mine {
		return err
	}
	found, err := m.Lists.AtPlace(ctx, p.Names(), interval.Of(day, day.AddDate(0, 0, 1)), booking.Occupying()...)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		err = m.sendList(ctx, e, p, day, found)
	}
	switch refusal, _ := errors.AsType[*postError](err); {
	case err == nil:
	case refusal != nil && refusal.permanent:
		m.Logger.Error("the list of a day was given up: a place was not told", "lieu", p.ID, "err", err)
	default:
		m.Logger.Warn("the list of a day could not be sent yet", "lieu", p.ID, "err", err)
		return nil
	}
	return m.Lists.EndEvening(context.WithoutCancel(ctx), e.Place, name, err == nil)
}

// listSheet is what the letter of a list may say: who comes, and not what for.
type listSheet struct {
	Day, Place, Switch string
	Lines              []listLine
}

type listLine struct {
	Hour, Label, Person, Phone, State, Link string
	Seats                                   int
}

func (m *Mailer) sendList(ctx context.Context, e booking.Evening, p *booking.Place, day time.Time, found []booking.Appointment) error {
	if !slices.Contains(m.Lists.Addresses(p), e.Address) {
		return &postError{stage: "address", cause: "it is not the place's any more", permanent: true}
	}
	l, err := m.listLetter(p, day, found)
	if err != nil {
		return &postError{stage: "letter", cause: err.Error()}
	}
	sum := sha256.Sum256([]byte("liste\x00" + e.Place + "\x00" + day.Format(time.DateOnly)))
	msg, err := m.message(e.Address, hex.EncodeToString(sum[:16])+"@"+hostOf(m.Sender.Address), l)
	if err != nil {
		return &postError{stage: "letter", cause: err.Error()}
	}
	return m.post(ctx, msg)
}

func (m *Mailer) listLetter(p *booking.Place, day time.Time, found []booking.Appointment) (letter, error) {
	s := listSheet{Day: booking.DayInWords(day, p.Zone), Place: booking.OneLine(p.Name), Switch: m.Lists.Switch(p.ID)}
	links := []string{s.Switch}
	for _, a := range found {
		x := listLine{Hour: booking.HourInWords(a.StartTime(), p.Zone), Label: booking.OneLine(a.Motif.Label), Seats: a.Seats, Link: m.Lists.Sheet(a.ID)}
		if d := a.Details; d != nil {
			x.Person, x.Phone = d.Beneficiary.Called(), booking.PhoneInDigits(booking.OneLine(string(d.Beneficiary.Phone)))
		}
		switch {
		case a.Status == booking.Requested:
			x.State = "demandé, à accepter ou à refuser"
		case a.Status.Doubtful():
			x.State = "à vérifier dans votre agenda"
		}
		s.Lines, links = append(s.Lines, x), append(links, x.Link)
	}
	return m.letters.fill("liste.txt", s, links...)
}
