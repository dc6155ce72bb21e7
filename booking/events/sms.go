package events

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"passerelle/booking"
)

// SMSOptions are the parts of an SMS. All are needed.
type SMSOptions struct {
	Address string       // of the adapter, as docs/sms.md describes it
	Token   string       // by which it knows us
	Sender  string       // whom messages are from, as telephones show it
	Client  *http.Client // of package egress; it waits no more than 90 seconds
}

// SMS hands short messages to the service that carries them.
type SMS struct{ SMSOptions }

// NewSMS checks the parts. It asks no network.
func NewSMS(o SMSOptions) (*SMS, error) {
	u, err := url.Parse(o.Address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("events: the SMS service has no address")
	}
	if o.Token == "" || o.Sender == "" || o.Client == nil {
		return nil, errors.New("events: a part of the SMS service is missing")
	}
	if o.Client.Timeout <= 0 || o.Client.Timeout > maxMailTimeout {
		return nil, errors.New("events: the SMS service is waited for longer than a lease lasts")
	}
	client := *o.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // the token is for one address
	o.Client = &client
	return &SMS{o}, nil
}

// smsBody is a message on the wire.
type smsBody struct {
	To        string `json:"destinataire"` // E.164
	From      string `json:"expediteur"`
	Text      string `json:"message"`
	Reference string `json:"reference"` // the same at every attempt
}

// send makes one attempt. Its errors are *postError: no number, no text, and not the service's own words, which may
// repeat them.
func (s *SMS) send(ctx context.Context, to booking.Phone, text, reference string) error {
	body, err := json.Marshal(smsBody{string(to), s.Sender, text, reference})
	if err != nil {
		return &postError{stage: "sms", cause: "it cannot be written"}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Address, bytes.NewReader(body))
	if err != nil {
		return &postError{stage: "sms", cause: "its address is none"}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+s.Token)
	response, err := s.Client.Do(request)
	if err != nil {
		return &postError{stage: "sms", cause: "no answer"} // why is in the log of package egress
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer)
	if v := judge(response); !v.accepted {
		return &postError{stage: "sms", code: v.status, permanent: v.status/100 == 4 && v.status != http.StatusTooManyRequests}
	}
	return nil
}
