package booking

import (
	"context"
	"time"
)

// Webhook is an address of a partner's that is told of each entry of its log.
type Webhook struct {
	ID       string
	Partner  string
	URL      string // it may hold a secret of the partner's: never logged
	Secret   []byte // 32 bytes, of the signature v1 (HMAC-SHA-256)
	Seed     []byte // of the signature v1a (Ed25519); nil unless asked for
	Created  time.Time
	Position int64     // of the last entry that is done with
	Attempts int       // made at the next one
	Failing  time.Time // since when nothing gets through; zero when all is well
	Disabled time.Time // when it was given up, or said 410; zero while it is served
	Lease    string    // of whoever serves it now
}

// Delivery is one attempt, as the partner may look it up. It holds no content.
type Delivery struct {
	Position int64
	At       time.Time
	Status   int    // HTTP; 0 when there was no answer
	Outcome  string // wire name: remis, echec, abandonne
	Took     time.Duration
}

// Webhooks is where addresses and their progress are kept. It is more than three methods: partners manage them, and the
// dispatcher (package events) takes and reports, of the same rows.
type Webhooks interface {
	AddWebhook(ctx context.Context, w Webhook) error
	// Webhook finds one of a partner's; another's is NotFound, exactly as a missing one. WebhooksOf lists them.
	Webhook(ctx context.Context, partner, id string) (Webhook, error)
	WebhooksOf(ctx context.Context, partner string) ([]Webhook, error)
	DeleteWebhook(ctx context.Context, partner, id string) error
	// Rewind makes the next entry the first that was logged at or after since, and serves a disabled webhook again.
	Rewind(ctx context.Context, partner, id string, since time.Time) (Webhook, error)
	// Deliveries lists the last attempts, the newest first.
	Deliveries(ctx context.Context, partner, id string, limit int) ([]Delivery, error)
	// TakeWebhooks leases those that have an entry to be told of, are due, and are held by nobody.
	TakeWebhooks(ctx context.Context, lease time.Duration, limit int) ([]Webhook, error)
	// Served keeps an attempt and what came of it: w's Position, Attempts, Failing and Disabled. Nothing more is done
	// for it before due. Changed when w's lease is another's by now.
	Served(ctx context.Context, w Webhook, d Delivery, due time.Time) error
	// Entries lists a partner's log after a position.
	Entries(ctx context.Context, partner string, after int64, limit int) ([]Entry, error)
}

// Outbox is what people are to be told; package events consumes it.
type Outbox interface {
	// TakeNotices leases the messages that are due, in order for each appointment and recipient: none is given while
	// an earlier one to the same waits. What cannot be read is in the error; the others are given all the same.
	TakeNotices(ctx context.Context, lease time.Duration, limit int) ([]Told, error)
	// Tell keeps what became of one: its State, or, if that is still NoticeDue, when it is tried again.
	Tell(ctx context.Context, t Told, state NoticeState, again time.Time) error
}

// Told is a message with what it is about.
type Told struct {
	Notice
	Subject Appointment // with its details; as it is now, not as it was when the message became due
	Lease   string      // of whoever sends it
}
