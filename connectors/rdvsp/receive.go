package rdvsp

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"passerelle/connectors"
)

// signature is the header that signs a webhook: the HMAC-SHA256 of the body as it is, in hexadecimal.
const signature = "X-Lapin-Signature"

// Receive names the people of the appointment that the webhook is about, as their links begin. Webhooks come twice, late
// and out of order, and each shows the state of when it was sent, not of what happened: nothing of it is believed but
// who. The end of the time that an appointment is kept for ("rgpd") is no event. Invalid: it is signed, and no webhook.
func (c *consented) Receive(_ context.Context, h http.Header, body []byte) ([]string, error) {
	if !c.signed(h.Get(signature), body) {
		return nil, failed("receive", connectors.Refused, errors.New("the call is not signed"))
	}
	var call struct {
		Data json.RawMessage `json:"data"`
		Meta struct {
			Model  string `json:"model"`
			Event  string `json:"event"`
			Reason string `json:"webhook_reason"`
		} `json:"meta"`
	}
	if json.Unmarshal(body, &call) != nil || call.Meta.Model == "" {
		return nil, failed("receive", connectors.Invalid, errors.New("the call is no webhook"))
	}
	if call.Meta.Model != "Rdv" || call.Meta.Event == "destroyed" && call.Meta.Reason == "rgpd" {
		return nil, nil
	}
	var about struct { // and no more: other fields differ between webhooks and answers
		Participations []participation `json:"participations"`
	}
	if json.Unmarshal(call.Data, &about) != nil {
		return nil, failed("receive", connectors.Invalid, errors.New("the webhook is not understood"))
	}
	var people []string
	for _, p := range about.Participations {
		if name := c.name(p.User.ID); p.User.ID > 0 && !slices.Contains(people, name) {
			people = append(people, name)
		}
	}
	return people, nil
}

// signed compares in constant time. Without a secret of ours, nothing is signed.
func (c *consented) signed(given string, body []byte) bool {
	sum, err := hex.DecodeString(given)
	if c.secret == "" || err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(c.secret))
	mac.Write(body)
	return hmac.Equal(sum, mac.Sum(nil))
}
