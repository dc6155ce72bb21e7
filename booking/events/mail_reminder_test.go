package events

import (
	"testing"
	"time"

	"passerelle/booking"
)

// A reminder that is late waits for the day, on the clock of the place; one of what has begun, or is over, is dropped.
func TestAReminderIsSentByDayAndInTime(t *testing.T) {
	start := mailSubject(hexID(1), booking.Confirmed).StartTime() // Tuesday 1 December, 10 h
	for name, c := range map[string]struct {
		now    time.Time
		status booking.Status
		want   booking.NoticeState
		due    time.Time // if it waits
	}{
		"by day":                  {start.Add(-48 * time.Hour), booking.Confirmed, booking.NoticeSent, time.Time{}},
		"before 8 h":              {start.Add(-51 * time.Hour), booking.Confirmed, booking.NoticeDue, start.Add(-50 * time.Hour)},
		"after 20 h":              {start.Add(-37 * time.Hour), booking.Confirmed, booking.NoticeDue, start.Add(-26 * time.Hour)},
		"it has begun":            {start, booking.Confirmed, booking.NoticeDropped, time.Time{}},
		"it was cancelled":        {start.Add(-48 * time.Hour), booking.Cancelled, booking.NoticeDropped, time.Time{}},
		"somebody must see to it": {start.Add(-48 * time.Hour), booking.NeedsHuman, booking.NoticeDropped, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			server, o := startMailServer(t, nil), newOutbox(c.now)
			id := o.owe(mailSubject(hexID(1), c.status), booking.TheBeneficiary, booking.AboutReminder, 2, 0)
			m, _, _ := newTestMailer(t, o, server, nil)
			stop := runMailer(t, m)
			o.until(t, "a decision", func() bool { return o.rows[id-1].Attempts == 1 })
			stop()
			if got := o.state(id); got != c.want {
				t.Errorf("it is %s, want %s", got, c.want)
			}
			if !c.due.IsZero() && !o.rows[id-1].Due.Equal(c.due) {
				t.Errorf("it waits until %s, want %s", o.rows[id-1].Due, c.due)
			}
			if sent := len(server.all()); (sent == 1) != (c.want == booking.NoticeSent) {
				t.Errorf("%d mails", sent)
			}
		})
	}
}
