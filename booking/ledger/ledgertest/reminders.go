package ledgertest

import (
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/connectors"
	"passerelle/connectors/interval"
)

// minutes of five days: what begins then is reminded of on the third.
const days5 = 5 * 24 * 60

// reminded takes a slot for a person of whom everybody is told by mail, and whose prescriber is reminded.
func reminded(t *testing.T, l Ledger, id string, from int) booking.Appointment {
	t.Helper()
	c := at(id, "agenda", from, from+60)
	c.Change = taking(booking.Keep)
	c.Change.Telling = byMail()
	return claim(t, l, c)
}

func byMail() booking.Telling {
	return booking.Telling{
		Channels: map[booking.Actor]booking.Channel{
			booking.TheStructure: booking.MailChannel, booking.ThePrescriber: booking.MailChannel, booking.TheBeneficiary: booking.MailChannel,
		},
		Reminder: booking.Reminder{To: booking.ThePrescriber, Channel: booking.MailChannel, Zone: time.UTC},
	}
}

// remindersOf lists the reminders of an appointment.
func remindersOf(t *testing.T, l Ledger, id string) (out []booking.Notice) {
	t.Helper()
	a, err := l.AnyAppointment(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range a.Notices {
		if n.About == booking.AboutReminder {
			out = append(out, n)
		}
	}
	return out
}

// told takes what is due and says that it was sent.
func told(t *testing.T, l Ledger) (out []booking.Told) {
	t.Helper()
	out, err := l.TakeNotices(t.Context(), time.Minute, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range out {
		if err := l.Tell(t.Context(), n, booking.NoticeSent, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func advance(t *testing.T, l Ledger, a booking.Appointment, c booking.Change) booking.Appointment {
	t.Helper()
	a, err := l.Advance(t.Context(), a.ID, a.Version, c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func aReminderWaitsWhileTheAppointmentIsAsItWas(t *testing.T, open Open) {
	l, clock := start(t, open)
	a := reminded(t, l, "a", days5)
	due := Epoch.Add(3 * 24 * time.Hour)
	list := remindersOf(t, l, "a")
	if len(list) != 1 || list[0].To != booking.ThePrescriber || list[0].State != booking.NoticeDue || !list[0].Due.Equal(due) {
		t.Fatalf("reminders %+v, want one at %s", list, due)
	}
	told(t, l)
	a = advance(t, l, a, booking.Change{Event: booking.Clash, Telling: byMail()})
	if got := told(t, l); len(got) != 2 {
		t.Errorf("a reminder that waits holds up news: %+v", got)
	}
	advance(t, l, a, booking.Change{Event: booking.Learn, Upstream: &connectors.Appointment{Reference: "r"}, Telling: byMail()})
	if got := remindersOf(t, l, "a"); len(got) != 1 || got[0] != list[0] {
		t.Fatalf("after changes that leave it as it was: %+v, want %+v", got, list)
	}
	clock.Set(due.Add(-time.Second))
	if early := told(t, l); len(early) != 0 {
		t.Errorf("told before its time: %+v", early)
	}
	clock.Set(due)
	if got := told(t, l); len(got) != 1 || got[0].About != booking.AboutReminder {
		t.Errorf("told at its time: %+v", got)
	}

	// It is at another time, as the agenda's own page says: so is its reminder.
	b := reminded(t, l, "b", days5+3*24*60)
	advance(t, l, b, booking.Change{Event: booking.Learn, During: later2(b.Interval), Telling: byMail()})
	if got := remindersOf(t, l, "b"); len(got) != 2 || got[0].State != booking.NoticeDropped || !got[1].Due.Equal(got[0].Due.Add(2*24*time.Hour)) {
		t.Errorf("of what is two days later now: %+v", got)
	}
}

// later2 is two days later.
func later2(i interval.Interval) interval.Interval {
	const days = 2 * 24 * 3600
	return interval.Interval{Start: i.Start + days, End: i.End + days}
}

func aReminderGoesWithTheAppointment(t *testing.T, open Open) {
	l, clock := start(t, open)
	for i, c := range []struct {
		event booking.Event
		waits bool
	}{{booking.Cancel, false}, {booking.Recall, false}, {booking.GiveUp, false}, {booking.Attend, false}, {booking.Miss, false}, {booking.Excuse, false}, {booking.Clash, true}} {
		id := string(rune('a' + i))
		advance(t, l, reminded(t, l, id, days5+100*i), booking.Change{Event: c.event, Telling: byMail()})
		if got := remindersOf(t, l, id); len(got) != 1 || (got[0].State == booking.NoticeDue) != c.waits {
			t.Errorf("after %q: %+v", c.event, got)
		}
	}

	reminded(t, l, "old", days5+2000)
	next := move("new", "old", "autre", days5+4000, days5+4060)
	next.Change = taking(booking.Keep)
	next.Change.Telling = byMail()
	claim(t, l, next)
	if got := remindersOf(t, l, "old"); len(got) != 1 || got[0].State != booking.NoticeDropped {
		t.Errorf("of what was moved away: %+v", got)
	}
	if got := remindersOf(t, l, "new"); len(got) != 1 || got[0].State != booking.NoticeDue {
		t.Errorf("of what it was moved to: %+v", got)
	}

	back := advance(t, l, reminded(t, l, "back", days5+6000), booking.Change{Event: booking.Recall})
	advance(t, l, back, booking.Change{Event: booking.Refuse, Telling: byMail()})
	if got := remindersOf(t, l, "back"); len(got) != 2 || got[0].State != booking.NoticeDropped || got[1].State != booking.NoticeDue {
		t.Errorf("of what stands after all: %+v", got)
	}

	late := at("late", "autre", 60, 120) // it begins within a day
	late.Change = taking(booking.Keep)
	late.Change.Telling = byMail()
	claim(t, l, late)
	request := at("request", "autre", days5+200, days5+260)
	request.Change = taking(booking.Ask)
	request.Change.Telling = byMail()
	request.Change.Expires = clock.Now().Add(time.Hour)
	claim(t, l, request)
	if got := append(remindersOf(t, l, "late"), remindersOf(t, l, "request")...); len(got) != 0 {
		t.Errorf("of what begins soon, and of what is only asked for: %+v", got)
	}
}

func aReminderHoldsUpNothing(t *testing.T, open Open) {
	l, clock := start(t, open)
	a := reminded(t, l, "a", days5)
	first, err := l.TakeNotices(t.Context(), time.Minute, 100)
	if err != nil || len(first) != 3 {
		t.Fatalf("took %+v, %v", first, err)
	}
	for _, n := range first { // no server listens
		if err := l.Tell(t.Context(), n, booking.NoticeDue, clock.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	clock.Add(time.Minute)
	if again := told(t, l); len(again) != 3 {
		t.Errorf("a reminder that waits made old what was tried again: %+v", again)
	}
	clock.Set(Epoch.Add(3 * 24 * time.Hour))
	list, err := l.TakeNotices(t.Context(), time.Minute, 100)
	if err != nil || len(list) != 1 {
		t.Fatalf("took %+v, %v", list, err)
	}
	cancel := func() booking.Appointment {
		return advance(t, l, a, booking.Change{Event: booking.Cancel, Telling: byMail()})
	}
	a = advance(t, l, a, booking.Change{Event: booking.Clash, Telling: byMail()})
	if err := l.Tell(t.Context(), list[0], booking.NoticeDue, clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := remindersOf(t, l, "a"); got[0].State != booking.NoticeDue {
		t.Errorf("other news made a reminder old: %+v", got)
	}
	clock.Add(time.Hour)
	told(t, l)

	a = reminded(t, l, "b", days5+3*24*60)
	told(t, l)
	clock.Set(Epoch.Add(6 * 24 * time.Hour))
	if list, err = l.TakeNotices(t.Context(), time.Minute, 100); err != nil || len(list) != 1 {
		t.Fatalf("took %+v, %v", list, err)
	}
	cancel()
	for _, n := range told(t, l) {
		if n.To == booking.ThePrescriber {
			t.Errorf("news overtook a reminder that is being sent: %+v", n)
		}
	}
	clock.Add(time.Minute) // whoever sent it is gone
	if got := told(t, l); len(got) != 1 || got[0].About != booking.AboutReminder {
		t.Errorf("then comes %+v", got)
	}
	if got := told(t, l); len(got) != 1 || got[0].About != booking.AboutCancellation {
		t.Errorf("then comes %+v", got)
	}
}
