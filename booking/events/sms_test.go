package events

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/booking"
)

// smsService is a real receiver: it keeps what it is handed, and answers as it is told.
type smsService struct {
	*httptest.Server
	mu     sync.Mutex
	answer func(n int) int // status of the nth call, from 1; nil: all are taken
	taken  []smsBody
	calls  []*http.Request
}

const smsToken = "jeton-du-service-de-sms"

func startSMSService(t *testing.T, answer func(n int) int) *smsService {
	t.Helper()
	s := &smsService{answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body smsBody
		in := json.NewDecoder(r.Body)
		in.DisallowUnknownFields()
		err := in.Decode(&body)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.calls = append(s.calls, r)
		status := http.StatusAccepted
		if s.answer != nil {
			status = s.answer(len(s.calls))
		}
		if err != nil {
			status = http.StatusBadRequest
		}
		if status == 0 { // it hangs up
			panic(http.ErrAbortHandler)
		}
		if status/100 == 2 {
			s.taken = append(s.taken, body)
		}
		if status/100 == 3 {
			w.Header().Set("Location", s.URL+"/ailleurs")
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte("non, " + secretWord + " +33612345678")) // what it says is not repeated
	}))
	t.Cleanup(s.Close)
	return s
}

// seen is what it was asked so far, and what it has taken.
func (s *smsService) seen() ([]*http.Request, []smsBody) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls, s.taken
}

// by makes a mailer hand short messages to it.
func (s *smsService) by(t *testing.T) func(*MailOptions) {
	return func(o *MailOptions) {
		client := *s.Client()
		client.Timeout = 10 * time.Second
		sms, err := NewSMS(SMSOptions{Address: s.URL + "/messages", Token: smsToken, Sender: "RDV", Client: &client})
		if err != nil {
			t.Fatal(err)
		}
		o.SMS = sms
	}
}

// oweSMS owes a short message to the person of an appointment.
func oweSMS(o *outbox, a *booking.Appointment, about booking.Topic) int64 {
	id := o.owe(a, booking.TheBeneficiary, about, 2, 0)
	o.rows[id-1].Channel = booking.SMSChannel
	return id
}

func TestAShortMessageIsHandedToItsService(t *testing.T) {
	service, mails, o := startSMSService(t, nil), startMailServer(t, nil), newOutbox(mailNow)
	a := mailSubject(hexID(1), booking.Confirmed)
	id := oweSMS(o, a, booking.AboutConfirmation)
	o.owe(a, booking.ThePrescriber, booking.AboutConfirmation, 2, 0)
	m, _, wake := newTestMailer(t, o, mails, service.by(t))
	o.drain(t, m, wake)
	calls, taken := service.seen()
	if o.state(id) != booking.NoticeSent || len(taken) != 1 || len(mails.all()) != 1 {
		t.Fatalf("%s, %d short messages, %d mails", o.state(id), len(taken), len(mails.all()))
	}
	got, call := taken[0], calls[0]
	want := smsBody{"+33612345678", "RDV", smsOf(t, mailPlace(t), booking.AboutConfirmation, func(a *booking.Appointment) { a.ID, a.Chain = hexID(1), hexID(1) }), "1.2." + hexID(1)}
	if got != want {
		t.Errorf("handed over %+v, want %+v", got, want)
	}
	if call.Method != http.MethodPost || call.URL.Path != "/messages" || call.Header.Get("Content-Type") != "application/json" || call.Header.Get("Authorization") != "Bearer "+smsToken {
		t.Errorf("%s %s %v", call.Method, call.URL, call.Header)
	}
}

func TestWhatTheAnswerOfTheServiceMeans(t *testing.T) {
	for _, c := range []struct {
		status int
		want   booking.NoticeState
	}{
		{200, booking.NoticeSent},
		{201, booking.NoticeSent},
		{202, booking.NoticeSent},
		{204, booking.NoticeSent},
		{400, booking.NoticeFailed},
		{401, booking.NoticeFailed},
		{404, booking.NoticeFailed},
		{422, booking.NoticeFailed},
		{429, booking.NoticeDue},
		{500, booking.NoticeDue},
		{502, booking.NoticeDue},
		{503, booking.NoticeDue},
		{302, booking.NoticeDue},
		{307, booking.NoticeDue},
		{0, booking.NoticeDue},
	} {
		service, o := startSMSService(t, func(int) int { return c.status }), newOutbox(mailNow)
		id := oweSMS(o, mailSubject(hexID(1), booking.Confirmed), booking.AboutConfirmation)
		m, written, _ := newTestMailer(t, o, &mailServer{host: "127.0.0.1", port: 2525}, service.by(t))
		stop := runMailer(t, m)
		o.until(t, "an attempt", func() bool { return o.rows[id-1].Attempts == 1 })
		stop()
		if calls, _ := service.seen(); o.state(id) != c.want || len(calls) != 1 {
			t.Errorf("%d makes it %s after %d calls, want %s", c.status, o.state(id), len(calls), c.want)
		}
		if c.want == booking.NoticeFailed && !strings.Contains(written.String(), "somebody was not told") {
			t.Errorf("%d: given up in silence: %s", c.status, written)
		}
		for _, word := range []string{smsToken, "RDV confirm", "Eurre"} {
			if strings.Contains(written.String(), word) {
				t.Errorf("%d: the log has %q: %s", c.status, word, written)
			}
		}
	}
}

// What was not taken is tried again with the same reference, by which the service knows it; by day.
func TestAShortMessageIsTriedAgainByItsName(t *testing.T) {
	service, o := startSMSService(t, func(n int) int { return []int{0, 503, 429, 202}[min(n-1, 3)] }), newOutbox(mailNow)
	id := oweSMS(o, mailSubject(hexID(1), booking.Confirmed), booking.AboutConfirmation)
	m, _, wake := newTestMailer(t, o, &mailServer{host: "127.0.0.1", port: 2525}, service.by(t))
	o.drain(t, m, wake)
	if calls, taken := service.seen(); o.state(id) != booking.NoticeSent || len(calls) != 4 || taken[0].Reference != "1.2."+hexID(1) {
		t.Errorf("%s after %d calls: %+v", o.state(id), len(calls), taken)
	}
}

func TestShortMessagesAreSentByDay(t *testing.T) {
	day := func(d, h, m int) time.Time { return time.Date(2026, 11, d, h-1, m, 0, 0, time.UTC) } // in Paris
	for name, c := range map[string]struct {
		now, start time.Time
		about      booking.Topic
		status     booking.Status
		sent       time.Time // zero: never
	}{
		"by day":                       {day(24, 8, 0), day(26, 10, 0), booking.AboutConfirmation, booking.Confirmed, day(24, 8, 0)},
		"in the evening":               {day(24, 19, 59), day(26, 10, 0), booking.AboutConfirmation, booking.Confirmed, day(24, 19, 59)},
		"late":                         {day(24, 20, 0), day(26, 10, 0), booking.AboutMove, booking.Confirmed, day(25, 8, 0)},
		"early":                        {day(24, 5, 0), day(26, 10, 0), booking.AboutReminder, booking.Confirmed, day(24, 8, 0)},
		"a cancellation that can wait": {day(24, 22, 0), day(25, 9, 0), booking.AboutCancellation, booking.Cancelled, day(25, 8, 0)},
		"a cancellation that cannot":   {day(24, 22, 0), day(25, 7, 30), booking.AboutCancellation, booking.Cancelled, day(24, 22, 0)},
		"a refusal that cannot":        {day(24, 22, 0), day(25, 7, 30), booking.AboutRefusal, booking.Refused, day(24, 22, 0)},
		"a cancellation of what has begun can wait": {day(24, 22, 0), day(24, 21, 0), booking.AboutCancellation, booking.Cancelled, day(25, 8, 0)},
		"what will have begun by day is not told":   {day(24, 22, 0), day(25, 7, 30), booking.AboutConfirmation, booking.Confirmed, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOutbox(c.now)
			var sent time.Time // under the service's lock
			service := startSMSService(t, func(int) int { sent = o.clock(); return 202 })
			a := mailSubject(hexID(1), c.status)
			a.Start, a.End = c.start.Unix(), c.start.Unix()+3600
			id := oweSMS(o, a, c.about)
			m, _, wake := newTestMailer(t, o, &mailServer{host: "127.0.0.1", port: 2525}, service.by(t))
			o.drain(t, m, wake)
			service.mu.Lock()
			defer service.mu.Unlock()
			if !sent.Equal(c.sent) {
				t.Errorf("sent at %v, want %v", sent, c.sent)
			}
			if got := o.state(id); (got == booking.NoticeSent) == c.sent.IsZero() {
				t.Errorf("it is %s", got)
			}
		})
	}
}

// Without a service, or a number, nobody is told; that is not kept quiet.
func TestAShortMessageWithoutAServiceOrANumber(t *testing.T) {
	o := newOutbox(mailNow)
	none := oweSMS(o, mailSubject(hexID(1), booking.Confirmed), booking.AboutConfirmation)
	m, written, wake := newTestMailer(t, o, &mailServer{host: "127.0.0.1", port: 2525}, nil)
	o.drain(t, m, wake)
	if o.state(none) != booking.NoticeFailed || !strings.Contains(written.String(), "no service is configured") {
		t.Errorf("%s: %s", o.state(none), written)
	}
	service := startSMSService(t, nil)
	o = newOutbox(mailNow)
	a := mailSubject(hexID(2), booking.Confirmed)
	a.Details.Beneficiary.Phone = ""
	id := oweSMS(o, a, booking.AboutConfirmation)
	m, _, wake = newTestMailer(t, o, &mailServer{host: "127.0.0.1", port: 2525}, service.by(t))
	o.drain(t, m, wake)
	if calls, _ := service.seen(); o.state(id) != booking.NoticeFailed || len(calls) > 0 {
		t.Errorf("without a number: %s, %d calls", o.state(id), len(calls))
	}
}

func TestAnSMSServiceWithoutItsPartsIsRefused(t *testing.T) {
	good := SMSOptions{Address: "https://sms.example.org/", Token: smsToken, Sender: "RDV", Client: &http.Client{Timeout: time.Second}}
	if _, err := NewSMS(good); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*SMSOptions){
		"no address": func(o *SMSOptions) { o.Address = "" }, "a path": func(o *SMSOptions) { o.Address = "/sms" },
		"no token": func(o *SMSOptions) { o.Token = "" }, "no sender": func(o *SMSOptions) { o.Sender = "" }, "no client": func(o *SMSOptions) { o.Client = nil },
		"a client that waits for ever": func(o *SMSOptions) { o.Client = &http.Client{} },
		"a client that waits too long": func(o *SMSOptions) { o.Client = &http.Client{Timeout: 2 * time.Minute} },
	} {
		o := good
		spoil(&o)
		if _, err := NewSMS(o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
