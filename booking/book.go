package booking

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"passerelle/connectors"
)

// Booking is an appointment that is asked for: a slot or a hold, and the person it is for.
type Booking struct {
	SlotID    string // either this…
	HoldID    string // … or this
	Reference string // the partner's own
	Seats     int    // nombre; zero means one
	Again     bool   // doublon_accepte: the person may have another appointment at the same time
	Details   Details
}

// Book takes a slot, or turns a hold, into an appointment. It is confirmed if the agenda allows that, else asked of
// the structure, else in doubt; never refused when its effect is unknown.
func (s *Service) Book(ctx context.Context, c Call, b Booking) (Result, error) {
	if (b.SlotID == "") == (b.HoldID == "") {
		return Result{}, InvalidField("creneau_id", "donnez soit creneau_id, soit reservation_id")
	}
	b.Seats = max(1, b.Seats)
	var err error
	if b.Details.Need.Services, err = s.Directory.Services("besoin.services", b.Details.Need.Services); err != nil {
		return Result{}, err
	}
	return s.once(ctx, c, http.StatusCreated, func(key *Key) (Appointment, error) {
		if b.HoldID != "" {
			return s.bookHold(ctx, c, b, key)
		}
		return s.bookSlot(ctx, c, b, key)
	})
}

func (s *Service) bookSlot(ctx context.Context, c Call, b Booking, key *Key) (Appointment, error) {
	ref, p, err := s.slot(b.SlotID)
	if err != nil {
		return Appointment{}, err
	}
	made, agenda, err := s.claim(ctx, c.Partner, ref, p, wish{fill: func(claim *Claim, a *Agenda) (err error) {
		claim.Appointment.Seats, claim.Appointment.Reference, claim.Key = b.Seats, b.Reference, key
		claim.Change, err = s.taking(c, a, p, claim.Appointment, b)
		return err
	}})
	if err != nil {
		return Appointment{}, err
	}
	return s.send(ctx, agenda, p, made)
}

func (s *Service) bookHold(ctx context.Context, c Call, b Booking, key *Key) (Appointment, error) {
	held, err := s.hold(ctx, c.Partner, b.HoldID)
	if err != nil {
		return Appointment{}, err
	}
	p, err := s.place(held.Place)
	if err != nil {
		return Appointment{}, err
	}
	ref := SlotRef{Place: held.Place, Agenda: held.Agenda, Motif: held.Motif.ID, Interval: held.Interval}
	behind := s.behind(ref, p)
	if len(behind) == 0 || behind[0].Agenda != held.Agenda { // paused since, or nobody could be told any more
		return Appointment{}, s.notBookable(p)
	}
	agenda := behind[0]
	change, err := s.taking(c, agenda, p, held, b)
	if err != nil {
		return Appointment{}, err
	}
	q := AvailabilityQuery{Agenda: agenda, Place: p, Motifs: []Motif{held.Motif}, Except: held.ID, Held: true}
	if _, err := s.live(ctx, q, held.Interval); err != nil {
		if connectors.KindOf(err) == connectors.SlotTaken {
			err = s.taken(ctx, ref, p)
		}
		return Appointment{}, err
	}
	change.Key = key
	made, err := s.Ledger.Advance(ctx, held.ID, held.Version, *change)
	if err != nil {
		return Appointment{}, err
	}
	return s.send(ctx, agenda, p, made)
}

// taking is the change that gives a hold its person, by the way that the agenda allows; or why it cannot.
func (s *Service) taking(call Call, a *Agenda, p *Place, held Appointment, b Booking) (*Change, error) {
	if err := b.check(held.Motif); err != nil {
		return nil, err
	}
	c := &Change{
		By: call.by(), Details: &b.Details, Reference: b.Reference, Seats: b.Seats, Telling: s.tellingOf(a, p.Zone, b.Details),
		Person: s.person(held.Partner, b.Details.Beneficiary, b.Again),
	}
	switch a.Path(held.Motif) {
	case ByLedger:
		c.Event = Keep
	case BySending:
		c.Event, c.Lease = Send, s.leaseOfWrite()
	case ByAsking:
		c.Event = Ask
		c.Expires = s.Availability.WorkingDay(p, s.Now())
		if start := held.StartTime(); start.Before(c.Expires) {
			c.Expires = start
		}
	default:
		return nil, &Error{Kind: connectors.Unsupported, Code: "non_reservable", Detail: "Ce créneau ne se réserve pas par la passerelle."}
	}
	return c, nil
}

// check refuses, before anything is taken, what the motif does not allow.
func (b Booking) check(m Motif) error {
	if b.Seats > 1 && !m.Group {
		return InvalidField("nombre", "ce motif est individuel : une personne par rendez-vous")
	}
	if b.Seats > m.Seats {
		return InvalidField("nombre", "dépasse le nombre de places")
	}
	person := b.Details.Beneficiary
	missing := map[string]bool{"telephone": person.Phone == "", "courriel": person.Email == "", "adresse": person.Address == ""}
	for _, field := range m.Required {
		if missing[field] {
			return InvalidField("usager."+field, "ce motif le demande")
		}
	}
	if person.Contact == ByEmail && person.Email == "" {
		return InvalidField("usager.courriel", "obligatoire pour un contact par courriel")
	}
	if (person.Contact == BySMS || person.Contact == ByCall) && person.Phone == "" {
		return InvalidField("usager.telephone", "obligatoire pour un contact par téléphone")
	}
	for _, r := range b.Details.Reception {
		if !slices.ContainsFunc(m.Reception, func(have string) bool { return strings.EqualFold(have, r) }) {
			return InvalidField("accueil_demande", "ce lieu ne le propose pas", m.Reception...)
		}
	}
	return nil
}

func (s *Service) sheetOf(id string) string {
	if s.SheetOf == nil {
		return ""
	}
	return s.SheetOf(id)
}

// send writes to the agenda what the ledger has committed to send; other appointments are done already.
func (s *Service) send(ctx context.Context, a *Agenda, p *Place, made Appointment) (Appointment, error) {
	if made.Status != Sending {
		return made, nil
	}
	booker, ok := a.Diary.(connectors.Booker)
	if !ok {
		return made, errors.New("booking: agenda lost its capability to book")
	}
	// The caller may leave; the write and its outcome are still ours to finish.
	ctx = context.WithoutCancel(ctx)
	upstream, err := s.write(ctx, booker, connectors.Request{
		Reference: made.ID,
		Slot:      connectors.Slot{Interval: made.Interval, Motif: made.Motif.Upstream},
		Title:     made.Motif.Label,
		Location:  p.Name,
		Link:      s.sheetOf(made.ID),
		Person:    a.named(made.Details),
	})
	change := Change{Event: Lose, By: made.Partner, Lease: s.BookIn, Telling: s.telling(made)}
	switch {
	case err == nil:
		change.Event, change.Upstream, change.Lease = Accept, &upstream, 0
	case definiteNo(err):
		change.Event, change.Refusal = Refuse, refusal(err)
		if change.Refusal.Kind == connectors.Unsupported {
			change.Refusal.Link = s.Agendas.OfPlace(p).Page()
		}
	}
	settled, saveErr := s.settle(ctx, made, change)
	if saveErr != nil {
		s.Logger.Error("the outcome of a booking was not kept; the slot stays taken", "rendez_vous", made.ID, "err", saveErr)
		return made, nil
	}
	if settled.Status != Refused {
		return settled, nil
	}
	if connectors.KindOf(err) == connectors.SlotTaken {
		return Appointment{}, s.taken(ctx, SlotRef{Place: p.ID, Agenda: a.Agenda, Motif: made.Motif.ID, Interval: made.Interval}, p)
	}
	return Appointment{}, change.Refusal
}

// named is who comes, where the structure chose that its agenda shows it.
func (a *Agenda) named(d *Details) connectors.Person {
	if !a.NamesPerson || d == nil {
		return connectors.Person{}
	}
	return d.Beneficiary.outside()
}

// outside is a person as agendas know her.
func (b Beneficiary) outside() connectors.Person {
	return connectors.Person{FirstName: string(b.FirstName), LastName: string(b.LastName), Phone: string(b.Phone), Email: string(b.Email)}
}

func (s *Service) write(ctx context.Context, b connectors.Booker, r connectors.Request) (a connectors.Appointment, err error) {
	ctx, cancel := context.WithTimeout(connectors.Urgently(ctx, s.Now()), s.BookIn)
	defer cancel()
	defer unpanicked("book", &err)
	return b.Book(ctx, r)
}

// definiteNo tells a refusal from silence: what may have been applied is none.
func definiteNo(err error) bool {
	switch connectors.KindOf(err) {
	case connectors.SlotTaken, connectors.Invalid, connectors.Refused, connectors.Misconfigured, connectors.NotFound,
		connectors.Unsupported, connectors.RateLimited, connectors.Changed:
		return true
	}
	return false
}

// refusal is what the caller is told of an agenda's no, now and whenever the call is repeated.
func refusal(err error) *Error {
	e := &Error{Kind: connectors.KindOf(err), Code: "agenda_refuse", Detail: "L'agenda du lieu a refusé.", Err: err}
	if e.Kind == connectors.SlotTaken {
		e.Code, e.Detail = "creneau_pris", slotTaken().Detail
	}
	return e
}

// keepIn is what keeping an outcome may take.
const keepIn = 5 * time.Second

// settle keeps an outcome even if the deadline of the write is gone.
func (s *Service) settle(ctx context.Context, made Appointment, c Change) (Appointment, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepIn)
	defer cancel()
	return s.Ledger.Advance(ctx, made.ID, made.Version, c)
}
