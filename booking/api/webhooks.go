package api

import (
	"context"
	"time"

	"passerelle/booking"
)

// GetWebhooks lists the partner's.
func (s *server) GetWebhooks(ctx context.Context, _ GetWebhooksRequestObject) (GetWebhooksResponseObject, error) {
	found, err := s.Webhooks.WebhooksOf(ctx, partner(ctx))
	if err != nil {
		return nil, err
	}
	out := GetWebhooks200JSONResponse{Items: make([]Webhook, len(found))}
	for i, w := range found {
		out.Items[i] = webhook(w)
	}
	return out, nil
}

// PostWebhook makes one, unless the key did.
func (s *server) PostWebhook(ctx context.Context, r PostWebhookRequestObject) (PostWebhookResponseObject, error) {
	w, fresh, err := s.subscribe(ctx, subscription{
		partner: partner(ctx), key: r.Params.IdempotencyKey, url: r.Body.Url, asymmetric: value(r.Body.Signature) == PostWebhookJSONBodySignatureV1a,
	})
	if err != nil {
		return nil, err
	}
	out := PostWebhook201JSONResponse{Body: created(w), Headers: PostWebhook201ResponseHeaders{Location: text("/v1/webhooks/" + w.ID)}}
	if fresh {
		out.Body.Secret, out.Body.ClePublique = text(secret(w)), text(publicKey(w))
	} else {
		out.Headers.IdempotencyReplayed = text("true")
	}
	return out, nil
}

// GetWebhook reads one.
func (s *server) GetWebhook(ctx context.Context, r GetWebhookRequestObject) (GetWebhookResponseObject, error) {
	w, err := s.Webhooks.Webhook(ctx, partner(ctx), r.Id)
	if err != nil {
		return nil, err
	}
	return GetWebhook200JSONResponse(webhook(w)), nil
}

// DeleteWebhook ends one.
func (s *server) DeleteWebhook(ctx context.Context, r DeleteWebhookRequestObject) (DeleteWebhookResponseObject, error) {
	if err := s.Webhooks.DeleteWebhook(ctx, partner(ctx), r.Id); err != nil {
		return nil, err
	}
	return DeleteWebhook204Response{}, nil
}

// PostRejeu tells it all again from an instant.
func (s *server) PostRejeu(ctx context.Context, r PostRejeuRequestObject) (PostRejeuResponseObject, error) {
	if r.Body.Depuis.After(s.Now().Add(clockSkew)) {
		return nil, booking.InvalidField("depuis", "est dans l'avenir")
	}
	w, err := s.Webhooks.Rewind(ctx, partner(ctx), r.Id, r.Body.Depuis)
	if err != nil {
		return nil, err
	}
	return PostRejeu200JSONResponse(webhook(w)), nil
}

// GetLivraisons lists the last attempts.
func (s *server) GetLivraisons(ctx context.Context, r GetLivraisonsRequestObject) (GetLivraisonsResponseObject, error) {
	made, err := s.Webhooks.Deliveries(ctx, partner(ctx), r.Id, *r.Params.Limite)
	if err != nil {
		return nil, err
	}
	out := GetLivraisons200JSONResponse{Items: make([]Livraison, len(made))}
	for i, d := range made {
		out.Items[i] = Livraison{
			Position: d.Position, Le: in(d.At, time.UTC), CodeHttp: d.Status, Resultat: LivraisonResultat(d.Outcome), DureeMs: d.Took.Milliseconds(),
		}
	}
	return out, nil
}

// webhook leaves its keys out: they are shown when it is made, and never again.
func webhook(w booking.Webhook) Webhook {
	out := Webhook{
		Id: w.ID, Url: w.URL, Signature: SignatureDeWebhookV1, CreeLe: in(w.Created, time.UTC), Etat: EtatDeWebhookActif,
		EnEchecDepuis: when(w.Failing, time.UTC), Position: w.Position,
	}
	if asymmetric(w) {
		out.Signature = SignatureDeWebhookV1a
	}
	switch {
	case !w.Disabled.IsZero():
		out.Etat = EtatDeWebhookDesactive
	case !w.Failing.IsZero():
		out.Etat = EtatDeWebhookEnEchec
	}
	return out
}

// created is one as its creation answers it, still without its keys.
func created(w booking.Webhook) WebhookCree {
	v := webhook(w)
	return WebhookCree{
		Id: v.Id, Url: v.Url, Signature: v.Signature, CreeLe: v.CreeLe, Etat: v.Etat, EnEchecDepuis: v.EnEchecDepuis, Position: v.Position,
	}
}
