package booking

import (
	"context"
	"crypto/sha256"
	"net/http"

	"passerelle/connectors"
)

// Call is who calls and with which Idempotency-Key.
type Call struct {
	Partner string
	Key     string // the header's value
	Request []byte // route and body in a canonical form: what the key must come back with
}

// Result is what a call did. Replayed says that an earlier call with the same key had done it.
type Result struct {
	Appointment Appointment
	Status      int // HTTP status: 200, 201, or 202 while the outcome is unknown
	Replayed    bool
}

// maxKey bounds the header's value.
const maxKey = 255

func (c Call) record(status int) (*Key, error) {
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
	return &Key{Partner: c.Partner, Digest: sha256.Sum256([]byte(c.Key)), Request: sha256.Sum256(c.Request), Status: status}, nil
}

// once runs do unless the key did it before; then the earlier result is given again, with the appointment as it is
// now. do records the key in the transaction that does the work, so that the two are never apart.
func (s *Service) once(ctx context.Context, c Call, status int, do func(*Key) (Appointment, error)) (Result, error) {
	key, err := c.record(status)
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
		if r, found, again := s.replay(ctx, c, *key); found && (again == nil || again.Error() == inProgress().Error()) {
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
	if r.Request != key.Request {
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
	if a.Status == Sending && s.Now().Sub(a.Modified) < s.BookIn {
		return Result{}, true, inProgress()
	}
	out := result(a, r.Status)
	out.Replayed = true
	return out, true, nil
}

// result gives 202 to what is not settled, whatever the call would have answered.
func result(a Appointment, status int) Result {
	switch a.Status {
	case Sending, Uncertain, NeedsHuman, Cancelling:
		status = http.StatusAccepted
	}
	return Result{Appointment: a, Status: status}
}
