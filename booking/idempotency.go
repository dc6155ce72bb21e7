package booking

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"net/http"

	"passerelle/connectors"
)

// Call is who calls and with which Idempotency-Key.
type Call struct {
	Partner    string
	Prescriber string // the pseudonym that the partner gives to who acts; empty when it does not say
	Actor      Actor  // who acts on what the partner made, where it is not the partner: the person, the structure
	Key        string // the header's value
	Request    []byte // route and body in a canonical form: what the key must come back with
}

// by is who calls, for the audit.
func (c Call) by() string {
	if c.Actor != "" {
		return string(c.Actor)
	}
	if c.Prescriber == "" {
		return c.Partner
	}
	return c.Partner + "/" + c.Prescriber
}

// Result is what a call did. Replayed says that an earlier call with the same key had done it.
type Result struct {
	Appointment Appointment
	Status      int // HTTP status: 200, 201, or 202 while the outcome is unknown
	Replayed    bool
}

// maxKey bounds the header's value.
const maxKey = 255

// record is the key of a call as the ledger keeps it. The digest of the body is keyed: it names a person, and could else be
// tried against names, in a backup that is older than her erasure.
func (s *Service) record(c Call, status int) (*Key, error) {
	switch {
	case c.Key == "":
		return nil, &Error{
			Kind: connectors.Invalid, Code: "cle_manquante",
			Detail: "L'en-tête Idempotency-Key est obligatoire : il permet de répéter l'appel sans rien faire deux fois.",
			Fields: []FieldError{{Name: "Idempotency-Key", Reason: "absent"}},
		}
	case len(c.Key) > maxKey:
		return nil, &Error{
			Kind: connectors.Invalid, Code: "cle_invalide",
			Detail: "L'en-tête Idempotency-Key dépasse 255 caractères.",
			Fields: []FieldError{{Name: "Idempotency-Key", Reason: "plus de 255 caractères"}},
		}
	}
	mac := hmac.New(sha256.New, s.PersonKey)
	mac.Write([]byte("request\x00"))
	mac.Write(c.Request)
	return &Key{Partner: c.Partner, Digest: sha256.Sum256([]byte(c.Key)), Request: [32]byte(mac.Sum(nil)), Status: status}, nil
}

// once runs do unless the key did it before; then the earlier result is given again, with the appointment as it is
// now. do records the key in the transaction that does the work, so that the two are never apart.
func (s *Service) once(ctx context.Context, c Call, status int, do func(*Key) (Appointment, error)) (Result, error) {
	key, err := s.record(c, status)
	if err != nil {
		return Result{}, err
	}
	if r, found, err := s.replay(ctx, c, *key); found || err != nil {
		return r, err
	}
	a, err := do(key)
	if err != nil {
		// The same call may have run at the same time and been first: what refuses this one is its own twin. If it
		// was not, this is the first answer, and says more than its record.
		if r, found, again := s.replay(ctx, c, *key); found && (again == nil || again.Error() == inProgress().Error() || errors.Is(err, ErrKeyUsed)) {
			return r, again
		}
		return Result{}, err
	}
	return result(a, status), nil
}

func inProgress() *Error {
	return &Error{
		Kind: connectors.Refused, Code: "demande_en_cours",
		Detail: "La même demande est en cours de traitement : répétez l'appel dans quelques secondes.",
	}
}

func (s *Service) replay(ctx context.Context, c Call, key Key) (Result, bool, error) {
	r, found, err := s.Ledger.ByKey(ctx, key)
	if err != nil || !found {
		return Result{}, false, err
	}
	if r.Request != key.Request && r.Request != ([32]byte{}) { // what was asked is erased with the person
		return Result{}, true, &Error{
			Kind: connectors.Invalid, Code: "cle_reutilisee",
			Detail: "Cette clé Idempotency-Key a déjà servi pour une autre demande.",
			Fields: []FieldError{{Name: "Idempotency-Key", Reason: "déjà utilisée avec un autre contenu"}},
		}
	}
	if r.Refusal != nil {
		return Result{}, true, r.Refusal
	}
	a, err := s.Ledger.Appointment(ctx, c.Partner, r.Appointment)
	if err != nil {
		return Result{}, true, err
	}
	switch {
	case a.Status == Sending && r.Held && r.Owns:
		return Result{}, true, inProgress()
	case a.Status == Sending && !r.Held: // whoever sent it is gone, and with it the answer: what was done goes on from there
		if a, err = s.orphaned(ctx, a); err != nil {
			return Result{}, true, err
		}
	case s.uninvited(a):
		if a, err = s.inviteAgain(ctx, a); err != nil {
			return Result{}, true, err
		}
	}
	out := result(a, r.Status)
	out.Replayed = true
	return out, true, nil
}

// orphaned takes a booking whose sender is gone to the state in which its outcome is looked for.
func (s *Service) orphaned(ctx context.Context, a Appointment) (Appointment, error) {
	lost, err := s.advance(ctx, a, Change{Event: Lose, Lease: s.BookIn, Telling: s.telling(a)})
	if connectors.KindOf(err) == connectors.Changed { // somebody else was first
		return s.Ledger.Appointment(ctx, a.Partner, a.ID)
	}
	return lost, err
}

// result gives 202 to what is not settled, whatever the call would have answered.
func result(a Appointment, status int) Result {
	if a.Status.Doubtful() {
		status = http.StatusAccepted
	}
	return Result{Appointment: a, Status: status}
}
