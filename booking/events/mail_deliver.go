package events

import (
	"context"
	"errors"
	"fmt"
	"time"

	"passerelle/booking"
)

// mailWaits are between two attempts at a message: a day of them in all. Then it is given up.
var mailWaits = [...]time.Duration{
	time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour,
	4 * time.Hour, 4 * time.Hour, 4 * time.Hour, 4 * time.Hour, 4 * time.Hour,
}

// deliver does what is due for one message and says what became of it.
func (m *Mailer) deliver(ctx context.Context, t booking.Told) {
	state, again := booking.NoticeDropped, m.awake(t)
	switch {
	case pointless(t, m.Now()):
	case again.After(m.Now()):
		state = booking.NoticeDue
	default:
		err := m.send(ctx, t)
		if err != nil && ctx.Err() != nil {
			return // we were told to stop: that says nothing of the message
		}
		state, again = m.outcome(t, err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tellTimeout)
	defer cancel()
	if err := m.Outbox.Tell(ctx, t, state, again); err != nil {
		m.Logger.Error("what became of a message was not kept; it may be sent again", "rendez_vous", t.Appointment, "message", t.ID, "etat", state, "err", err)
	}
}

// pointless reports whether a message has lost its object at now: its news is old, or there is nobody left to speak of.
func pointless(t booking.Told, now time.Time) bool {
	status := t.Subject.Status
	switch t.About {
	case booking.AboutDoubt:
		if status != booking.NeedsHuman {
			return true
		}
	case booking.AboutClash:
		if status != booking.Confirmed {
			return true
		}
	case booking.AboutRequest:
		if status != booking.Requested {
			return true
		}
	case booking.AboutReminder:
		if status != booking.Confirmed || !now.Before(t.Subject.StartTime()) {
			return true
		}
	case booking.AboutConfirmation, booking.AboutMove:
		if !status.Occupies() || t.Channel == booking.SMSChannel && !now.Before(t.Subject.StartTime()) { // it waited for the day
			return true
		}
	}
	return t.Subject.Details == nil && t.To != booking.TheOperator
}

// awake is from when on a message may be sent. A short message waits for the day, and so does a reminder that is late, or
// tried again; but nobody is left to set out in the morning for what is cancelled.
func (m *Mailer) awake(t booking.Told) time.Time {
	p := m.Place(t.Subject.Place)
	if t.About != booking.AboutReminder && t.Channel != booking.SMSChannel || p == nil || p.Zone == nil {
		return time.Time{}
	}
	now, start := m.Now(), t.Subject.StartTime()
	at := booking.Awake(now, p.Zone)
	if isOff(t.About) && now.Before(start) && start.Before(at) {
		return now
	}
	return at
}

// send writes the message and hands it to who carries it. Its errors are *postError: no address, no text of anybody's.
func (m *Mailer) send(ctx context.Context, t booking.Told) error {
	p := m.Place(t.Subject.Place)
	if p == nil || p.Zone == nil {
		return &postError{stage: "place", cause: "the place is unknown, so its clock is too"}
	}
	if t.Channel == booking.SMSChannel {
		return m.sendSMS(ctx, t, p)
	}
	to, err := m.address(t)
	if err != nil {
		return err
	}
	msg, err := m.compose(t, p, to)
	if err != nil {
		return &postError{stage: "letter", cause: err.Error()}
	}
	return m.post(ctx, msg)
}

// sendSMS is send for who is told by short message: the person, at her own number.
func (m *Mailer) sendSMS(ctx context.Context, t booking.Told, p *booking.Place) error {
	to := t.Subject.Details.Beneficiary.Phone
	switch {
	case m.SMS == nil:
		return &postError{stage: "sms", cause: "no service is configured"}
	case to == "":
		return &postError{stage: "address", cause: "there is none", permanent: true}
	}
	text, err := smsText(t, p)
	if err != nil {
		return &postError{stage: "sms", cause: err.Error()}
	}
	return m.SMS.send(ctx, to, text, messageName(t.Notice))
}

// address is where a recipient reads mail. An agenda that is not there may come back.
func (m *Mailer) address(t booking.Told) (string, error) {
	var to string
	switch t.To {
	case booking.TheStructure:
		agenda, ok := m.Agenda(t.Subject.Agenda)
		if !ok {
			return "", &postError{stage: "address", cause: "the agenda is unknown"}
		}
		to = agenda.Notice
	case booking.ThePrescriber:
		to = string(t.Subject.Details.Prescriber.Email)
	case booking.TheBeneficiary:
		to = string(t.Subject.Details.Beneficiary.Email)
	case booking.TheOperator:
		to = m.Operator
	}
	if to == "" {
		return "", &postError{stage: "address", cause: "there is none", permanent: true}
	}
	if _, ok := booking.ParseEmail(to); !ok {
		return "", &postError{stage: "address", cause: "it is none", permanent: true}
	}
	return to, nil
}

// outcome is what an attempt makes of a message. One that nobody will read is said aloud: somebody was to be told.
func (m *Mailer) outcome(t booking.Told, err error) (booking.NoticeState, time.Time) {
	if err == nil {
		return booking.NoticeSent, t.Due
	}
	about := []any{"rendez_vous", t.Appointment, "message", t.ID, "a", t.To, "objet", t.About, "essai", t.Attempts + 1, "err", err}
	p, known := errors.AsType[*postError](err)
	if known && p.permanent || t.Attempts >= len(mailWaits) {
		m.Logger.Error("a message was given up: somebody was not told", about...)
		return booking.NoticeFailed, t.Due
	}
	again := m.Now().Add(mailWaits[t.Attempts])
	m.Logger.Warn("a message could not be sent yet", append(about, "de_nouveau", again)...)
	return booking.NoticeDue, again
}

// mailName is the Message-ID of a message: the same at every attempt, and nobody else's.
func mailName(n booking.Notice, host string) string { return messageName(n) + "@" + host }

func messageName(n booking.Notice) string {
	return fmt.Sprintf("%d.%d.%s", n.ID, n.Version, n.Appointment)
}
