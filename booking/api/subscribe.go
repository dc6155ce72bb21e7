package api

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"

	"passerelle/booking"
	"passerelle/connectors"
)

// Bounds of what a partner may ask for.
const (
	maxWebhooks = 10
	maxKey      = 255 // of Idempotency-Key, as the domain has it
)

// subscription is a webhook that is asked for.
type subscription struct {
	partner, key, url string
	asymmetric        bool
}

// id is the webhook's, and the same whenever the call is repeated: keys of calls are kept with appointments, and here
// there is none. Whoever knows it has no more than a name.
func (w subscription) id() string {
	sum := sha256.Sum256([]byte("webhook\x00" + w.partner + "\x00" + w.key))
	return hex.EncodeToString(sum[:16])
}

// subscribe makes a webhook, or finds the one that the key has made already; fresh says which.
func (s *server) subscribe(ctx context.Context, asked subscription) (w booking.Webhook, fresh bool, err error) {
	if len(asked.key) > maxKey {
		return w, false, errLongKey
	}
	if w, err = s.again(ctx, asked); connectors.KindOf(err) != connectors.NotFound {
		return w, false, err
	}
	if _, err = s.few(ctx, asked.partner, maxWebhooks-1); err != nil {
		return w, false, err
	}
	made, err := s.NewWebhook(asked.partner, asked.url, asked.asymmetric)
	if err != nil {
		return w, false, err
	}
	made.ID = asked.id()
	if failed := s.Webhooks.AddWebhook(ctx, made); failed != nil {
		// The same call may have run at the same time, and been first.
		if w, err = s.again(ctx, asked); connectors.KindOf(err) == connectors.NotFound {
			err = failed
		}
		return w, false, err
	}
	// So may others with other keys: whoever then sees too many takes its own back. All of them may, but too many never stay.
	have, err := s.few(ctx, asked.partner, maxWebhooks)
	if err != nil {
		if failed := s.Webhooks.DeleteWebhook(context.WithoutCancel(ctx), asked.partner, made.ID); failed != nil {
			err = fmt.Errorf("api: a webhook too many is left: %w", failed)
		}
		return w, false, err
	}
	if i := slices.IndexFunc(have, func(w booking.Webhook) bool { return w.ID == made.ID }); i >= 0 {
		made.Position = have[i].Position
	}
	return made, true, nil
}

// again finds what the key has made. NotFound if it has made nothing.
func (s *server) again(ctx context.Context, asked subscription) (booking.Webhook, error) {
	w, err := s.Webhooks.Webhook(ctx, asked.partner, asked.id())
	if err != nil {
		return w, err
	}
	if w.URL != asked.url || asymmetric(w) != asked.asymmetric {
		return booking.Webhook{}, errOtherUse
	}
	return w, nil
}

// few lists a partner's webhooks, if they are no more than most.
func (s *server) few(ctx context.Context, partner string, most int) ([]booking.Webhook, error) {
	have, err := s.Webhooks.WebhooksOf(ctx, partner)
	if err == nil && len(have) > most {
		err = errTooManyWebhooks
	}
	return have, err
}

// errLongKey, errOtherUse and errTooManyWebhooks are what a creation is refused for, but for its address.
var (
	errLongKey = &refusal{
		status: http.StatusBadRequest, code: "cle_invalide", detail: "L'en-tête Idempotency-Key dépasse 255 caractères.",
		fields: []booking.FieldError{{Name: idempotencyKey, Reason: "plus de 255 caractères"}},
	}
	errOtherUse = &refusal{
		status: http.StatusUnprocessableEntity, code: "cle_reutilisee", detail: "Cette clé Idempotency-Key a déjà servi pour une autre demande.",
		fields: []booking.FieldError{{Name: idempotencyKey, Reason: "déjà utilisée avec un autre contenu"}},
	}
	errTooManyWebhooks = &refusal{
		status: http.StatusConflict, code: "trop_de_webhooks", detail: "Ce partenaire a déjà dix webhooks : supprimez-en un d'abord.",
	}
)

// asymmetric reports whether messages bear the signature v1a too.
func asymmetric(w booking.Webhook) bool { return len(w.Seed) == ed25519.SeedSize }

// secret and publicKey write keys as Standard Webhooks does; publicKey is empty where there is none.
func secret(w booking.Webhook) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(w.Secret)
}

func publicKey(w booking.Webhook) string {
	if !asymmetric(w) {
		return ""
	}
	public := ed25519.NewKeyFromSeed(w.Seed).Public().(ed25519.PublicKey)
	return "whpk_" + base64.StdEncoding.EncodeToString(public)
}
