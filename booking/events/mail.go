package events

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/mail"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"

	"passerelle/booking"
)

// MailOptions are the parts of a Mailer. All are needed but those with a default.
type MailOptions struct {
	Outbox   booking.Outbox
	Place    func(id string) *booking.Place          // nil where it is unknown
	Agenda   func(id string) (*booking.Agenda, bool) // as booking.Agendas.ByID
	Answers  *LinkSigner                             // makes the links of requests
	Persons  *LinkSigner                             // makes the link of a person to her appointment; nil: letters have none
	Sender   mail.Address                            // whom mails are from, and who invites
	Operator string                                  // mail address; without one the operator's messages fail, and say so
	SMTP     SMTP
	Lists    *Lists // of the evening; nil: none is sent
	SMS      *SMS   // carries short messages; nil: those that are owed wait, and fail
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
	Logger   *slog.Logger
	Now      func() time.Time // default time.Now
	Wake     <-chan struct{}  // a message may be due; default none
	Poll     time.Duration    // how often to look without that; default 5 seconds
	Workers  int              // mails sent at once; default 4
}

// Mailer sends the letters and the short messages that people are due. A mail that the server has taken is told to the outbox after that, and
// so may be sent again where the answer, or the outbox, was lost: both bear the same Message-ID, and mail software
// shows one of them.
type Mailer struct {
	MailOptions
	letters letters
	name    func(booking.Notice) string                    // the Message-ID, without brackets
	post    func(ctx context.Context, m *gomail.Msg) error // *postError, or the server has taken it
}

const (
	mailLease   = 2 * time.Minute // of a message: longer than its sending may take
	tellTimeout = 10 * time.Second
)

// NewMailer checks the parts and fills in the defaults. It asks no network.
func NewMailer(o MailOptions) (*Mailer, error) {
	if o.Outbox == nil || o.Place == nil || o.Agenda == nil || o.Answers == nil || o.Dial == nil || o.Logger == nil {
		return nil, errors.New("events: a part of the mailer is missing")
	}
	if _, ok := booking.ParseEmail(o.Sender.Address); !ok {
		return nil, errors.New("events: the sender has no mail address")
	}
	if _, ok := booking.ParseEmail(o.Operator); !ok && o.Operator != "" {
		return nil, errors.New("events: the operator's address is none")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Poll <= 0 {
		o.Poll = 5 * time.Second
	}
	if o.Workers <= 0 {
		o.Workers = 4
	}
	l, err := readLetters()
	if err != nil {
		return nil, err
	}
	m := &Mailer{MailOptions: o, letters: l}
	host := hostOf(o.Sender.Address)
	m.name = func(n booking.Notice) string { return mailName(n, host) }
	m.post, err = newPost(o.SMTP, o.Dial, host)
	return m, err
}

// Run sends what is due until ctx ends; a mail that is under way then is cut off, and due again when its lease is over.
// All that it has started has ended when it returns.
func (m *Mailer) Run(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	poll := time.NewTicker(m.Poll)
	defer poll.Stop()
	sent, busy := make(chan struct{}, m.Workers), 0
	for ctx.Err() == nil {
		for _, t := range m.take(ctx, m.Workers-busy) {
			busy++
			work.Go(func() {
				defer func() { sent <- struct{}{} }()
				m.deliver(ctx, t)
			})
		}
		select {
		case <-ctx.Done():
		case <-sent: // what waited behind it may be due
			busy--
		case <-m.Wake:
		case <-poll.C:
		}
	}
}

// take leases no more than can be sent at once: a lease runs from here.
func (m *Mailer) take(ctx context.Context, n int) []booking.Told {
	if n == 0 {
		return nil
	}
	list, err := m.Outbox.TakeNotices(ctx, mailLease, n)
	if err != nil && ctx.Err() == nil {
		m.Logger.Error("the messages that are due could not be read", "err", err)
	}
	return list
}

func hostOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }
