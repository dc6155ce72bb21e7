package events

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"passerelle/booking"
)

// maxAnswer is how much of an answer's body is read, and thrown away: enough for the connection to be used again after
// a short one. A long one is cut.
const maxAnswer = 4 << 10

// send makes one attempt, which begins at now. Why there was no answer is not said: errors of net/http hold the address, which may hold a
// secret of the partner's; package egress logs what may be known.
func (d *Dispatcher) send(ctx context.Context, w booking.Webhook, e booking.Entry, now time.Time) verdict {
	body, err := webhookBody(e)
	if err != nil {
		return verdict{}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return verdict{}
	}
	id := webhookMessageID(w.ID, e.Position)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(headerID, id)
	request.Header.Set(headerTimestamp, unixSeconds(now))
	request.Header.Set(headerSignature, signature(w, id, now, body))
	response, err := d.client.Do(request)
	if err != nil {
		return verdict{}
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer) // its head was the answer
	return judge(response)
}
