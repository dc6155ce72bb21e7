package events

import (
	"context"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"

	"passerelle/booking"
	"passerelle/internal/prove"
)

// mailCount is how many messages are delivered.
func mailCount() int { return prove.Size(300, 1000) }

// oweMany owes about n messages of every kind. Every seventh appointment's recipients refuse all mail for good.
func oweMany(o *outbox, n int) []*booking.Appointment {
	var list []*booking.Appointment
	everybody := []booking.Actor{booking.TheStructure, booking.ThePrescriber, booking.TheBeneficiary}
	for i := 0; len(o.rows) < n; i++ {
		a := mailSubject(hexID(i), booking.Confirmed)
		a.Chain = hexID(i + 1_000_000) // it was moved before
		list = append(list, a)
		if i%7 == 3 {
			a.Details.Prescriber.Email, a.Details.Beneficiary.Email = "refuse."+a.Details.Prescriber.Email, "refuse."+a.Details.Beneficiary.Email
		}
		switch i % 5 {
		case 0, 1:
			for _, to := range everybody {
				o.owe(a, to, booking.AboutConfirmation, 2, 0)
			}
			if i%5 == 1 { // two to each, which must come in order
				for _, to := range everybody {
					o.owe(a, to, booking.AboutMove, 5, 0)
				}
			}
		case 2:
			a.Status = booking.Cancelled
			for _, to := range everybody {
				a.Notices = append(a.Notices, booking.Notice{To: to, Version: 2, About: booking.AboutConfirmation, State: booking.NoticeSent})
				o.owe(a, to, booking.AboutCancellation, 4, 0)
			}
		case 3:
			a.Status = booking.Requested
			o.owe(a, booking.TheStructure, booking.AboutRequest, 2, 0)
			o.owe(a, booking.ThePrescriber, booking.AboutRequest, 2, 0)
		case 4:
			a.Status = booking.NeedsHuman
			o.owe(a, booking.ThePrescriber, booking.AboutDoubt, 4, 0)
			o.owe(a, booking.TheStructure, booking.AboutDoubt, 4, 15*time.Minute)
			o.owe(a, booking.TheOperator, booking.AboutDoubt, 4, 24*time.Hour)
		}
	}
	return list
}

// inEffect says what is wrong with what came of the messages: each that could be delivered is to be there once in
// effect, in order for its reader. Mail software shows one of two mails that have the same Message-ID.
func inEffect(o *outbox, got []mailTaken, read func(raw string) mailRead) (lost, twice, disorder int, firsts map[int64]mailRead) {
	shown := make(map[string][]mailRead) // by recipient and reference
	seen := make(map[string]bool)
	for _, m := range got {
		r := read(m.raw)
		if seen[r.id] {
			continue
		}
		seen[r.id] = true
		key := m.to + " " + referenceIn(r.text)
		shown[key] = append(shown[key], r)
	}
	firsts = make(map[int64]mailRead)
	owed := make(map[string][]*outboxRow)
	for _, r := range o.rows {
		if to := addressOf(r.subject, r.To); !strings.HasPrefix(to, "refuse") {
			owed[to+" "+r.Appointment] = append(owed[to+" "+r.Appointment], r)
		}
	}
	for key, rows := range owed {
		mails := shown[key]
		lost += max(0, len(rows)-len(mails))
		twice += max(0, len(mails)-len(rows))
		for i, r := range rows[:min(len(rows), len(mails))] {
			firsts[r.ID] = mails[i]
			if c := mails[i].calendar; c != "" && !strings.Contains(c, fmt.Sprintf("\nSEQUENCE:%d\r\n", r.Version)) {
				disorder++
			}
		}
		delete(shown, key)
	}
	for _, mails := range shown { // to nobody to whom anything was owed
		twice += len(mails)
	}
	return lost, twice, disorder, firsts
}

func referenceIn(text string) string {
	_, after, _ := strings.Cut(text, "\nRéférence : ")
	reference, _, _ := strings.Cut(after, "\n")
	return reference
}

func TestEveryMessageIsDeliveredOnceInEffect(t *testing.T) {
	seed := mathrand.Uint64()
	t.Logf("seed %d", seed)
	server, o := startMailServer(t, rough(seed)), newOutbox(mailNow)
	oweMany(o, mailCount())
	r := mathrand.New(mathrand.NewPCG(seed, 1))
	for range len(o.rows) / 20 { // what became of these is lost on the way to the disk
		o.unkept[int64(1+r.IntN(len(o.rows)))] = 1
	}
	m, written, wake := newTestMailer(t, o, server, nil)
	o.drain(t, m, wake)

	attempts := 0
	for _, r := range o.rows {
		want := booking.NoticeSent
		if strings.HasPrefix(addressOf(r.subject, r.To), "refuse") {
			want = booking.NoticeFailed
		}
		if r.State != want {
			t.Errorf("message %d is %s after %d attempts, want %s", r.ID, r.State, r.Attempts, want)
		}
		if r.State == booking.NoticeFailed && !strings.Contains(written.String(), fmt.Sprintf("message=%d ", r.ID)) {
			t.Errorf("nothing says that message %d was given up", r.ID)
		}
		attempts += r.Attempts
	}
	got := server.all()
	lost, twice, disorder, mails := inEffect(o, got, func(raw string) mailRead { return readMail(t, raw) })
	t.Logf("%d messages, %d attempts, %d mails taken, %d sessions, %v passed", len(o.rows), attempts, len(got), server.sessions, o.now.Sub(mailNow))
	if lost+twice+disorder > 0 {
		t.Errorf("%d lost, %d twice in effect, %d out of order", lost, twice, disorder)
	}
	if len(got) == len(mails) {
		t.Error("no mail was sent again: the plan was too kind to prove anything")
	}
	checkInvitations(t, o, mails)
}

// checkInvitations has ical.js read every calendar part.
func checkInvitations(t *testing.T, o *outbox, mails map[int64]mailRead) {
	t.Helper()
	var rows []*outboxRow
	var texts []string
	for _, r := range o.rows {
		m, ok := mails[r.ID]
		if !ok {
			continue
		}
		want := map[booking.Topic]string{booking.AboutConfirmation: methodRequest, booking.AboutMove: methodRequest, booking.AboutCancellation: methodCancel}[r.About]
		if m.method != want || (m.calendar == "") != (want == "") {
			t.Errorf("message %d (%s to %s) has the method %q, want %q", r.ID, r.About, r.To, m.method, want)
		}
		if want != "" {
			rows, texts = append(rows, r), append(texts, m.calendar)
		}
		if strings.Contains(m.calendar, "Camille") || strings.Count(m.calendar, secretWord) > 1 { // once: its reader's own address
			t.Errorf("message %d names persons in its calendar:\n%s", r.ID, m.calendar)
		}
	}
	for i, c := range readCalendars(t, texts) {
		checkInvitation(t, c, rows[i].Notice, rows[i].subject, mails[rows[i].ID].method)
	}
	t.Logf("%d invitations read by ical.js", len(texts))
}

// A mailer that says sent before the server has answered loses messages: the check above sees it.
func TestAMailerThatDoesNotWaitForTheAnswerIsSeen(t *testing.T) {
	seed := mathrand.Uint64()
	t.Logf("seed %d", seed)
	server, o := startMailServer(t, rough(seed)), newOutbox(mailNow)
	oweMany(o, 200)
	m, _, wake := newTestMailer(t, o, server, nil)
	post := m.post
	m.post = func(ctx context.Context, msg *gomail.Msg) error {
		_ = post(ctx, msg)
		return nil
	}
	o.drain(t, m, wake)
	if lost, _, _, _ := inEffect(o, server.all(), func(raw string) mailRead { return readMail(t, raw) }); lost == 0 {
		t.Error("nothing is seen to be lost")
	}
}

// A mailer that gives each attempt a name of its own delivers twice in effect: the check above sees it.
func TestAMailerWithANewNameForEachAttemptIsSeen(t *testing.T) {
	seed := mathrand.Uint64()
	t.Logf("seed %d", seed)
	server, o := startMailServer(t, rough(seed)), newOutbox(mailNow)
	oweMany(o, 200)
	m, _, wake := newTestMailer(t, o, server, nil)
	m.name = func(booking.Notice) string { return rand.Text() + "@passerelle.example" }
	o.drain(t, m, wake)
	if _, twice, _, _ := inEffect(o, server.all(), func(raw string) mailRead { return readMail(t, raw) }); twice == 0 {
		t.Error("nothing is seen twice")
	}
}
