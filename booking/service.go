package booking

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"passerelle/connectors"
)

// Service is the gateway without its doors: every call of the API, of the pages and of the command line ends in
// one of its methods. It is safe for concurrent use and keeps nothing of its own.
type Service struct {
	Options
}

// Options are the parts of a Service. All are needed but those with a default.
type Options struct {
	Directory    Directory
	Agendas      Agendas
	Availability Availability
	Ledger       Ledger
	Slots        *SlotSigner
	Logger       *slog.Logger
	Now          func() time.Time               // default time.Now
	Random       io.Reader                      // default crypto/rand
	HoldFor      time.Duration                  // default 10 minutes
	AnswerIn     time.Duration                  // what a search waits for its slowest agenda; default 1.5 seconds
	BookIn       time.Duration                  // what a booking waits for its agenda; default 8 seconds
	Demand       *Demand                        // where searches are counted; nil: they are not
	PersonKey    []byte                         // 32 bytes: by what a partner's second appointment of one person is seen
	SheetOf      func(id string) string         // address of the page where the structure sees an appointment; nil: agendas are given none
	Operator     bool                           // the operator has an address to be told at
	SMS          bool                           // short messages are sent
	Breakers     func(hosts []string) []Breaker // of each host, in order; default: all are closed
	KeepFor      time.Duration                  // personal data, after the appointment; default 30 days
	KeepRefused  time.Duration                  // and after a refusal; default 7 days
}

// Limits of the questions that a Service answers.
const (
	MaxWindow     = 62 * 24 * time.Hour // between debut and fin
	DefaultWindow = 14 * 24 * time.Hour
	MaxPageSize   = 1000
	MaxPlaceIDs   = 100
	readers       = 16 // agendas read at once for one answer
)

// New checks the parts and fills in the defaults.
func New(o Options) (*Service, error) {
	if o.Directory == nil || o.Agendas == nil || o.Availability == nil || o.Ledger == nil || o.Slots == nil || o.Logger == nil {
		return nil, errors.New("booking: a part of the service is missing")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.HoldFor == 0 {
		o.HoldFor = 10 * time.Minute
	}
	if o.AnswerIn == 0 {
		o.AnswerIn = 1500 * time.Millisecond
	}
	if o.BookIn == 0 {
		o.BookIn = 8 * time.Second
	}
	if o.KeepFor == 0 {
		o.KeepFor = 30 * 24 * time.Hour
	}
	if o.KeepRefused == 0 {
		o.KeepRefused = 7 * 24 * time.Hour
	}
	if o.Breakers == nil {
		o.Breakers = func(hosts []string) []Breaker { return slices.Repeat([]Breaker{BreakerClosed}, len(hosts)) }
	}
	if len(o.PersonKey) < 32 {
		return nil, errors.New("booking: the key of persons has fewer than 32 bytes")
	}
	return &Service{o}, nil
}

// Resolve says what a booking URL is.
func (s *Service) Resolve(raw string) connectors.Resolution { return s.Agendas.Resolve(raw) }

func (s *Service) newID() (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(s.Random, b[:]); err != nil {
		return "", err
	}
	return hex.EncodeToString(b[:]), nil
}

func (s *Service) place(id string) (*Place, error) {
	if found := s.Directory.Places(id); len(found) == 1 && found[0] != nil {
		return found[0], nil
	}
	return nil, &Error{
		Kind: connectors.NotFound, Code: "lieu_inconnu",
		Detail: "Ce lieu n'est pas connu de la passerelle.",
		Fields: []FieldError{{Name: "lieu_id", Reason: "aucun lieu ne porte cet identifiant"}},
	}
}

// each runs f for every index below n, readers at a time, and waits for all of them. Each of them steps back first: Go lets
// the goroutines that wake each other on a processor go before those that the network wakes (all but one time in 61), so
// that under load calls would wait for seconds before they are even read (docs/decisions/0027).
func each(ctx context.Context, n int, f func(context.Context, int)) {
	if n == 1 { // whoever waits for it may as well do it
		f(ctx, 0)
		return
	}
	var wg sync.WaitGroup
	gate := make(chan struct{}, readers)
	for i := range n {
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			runtime.Gosched() // behind whatever the network has woken meanwhile: see each
			f(ctx, i)
		})
	}
	wg.Wait()
}
