package rdvsptest

import (
	"slices"
	"time"
)

// Webhooks are the ways in which they may arrive. The zero value is the best day: each once, in order, at once, and
// after the answer that caused it.
type Webhooks struct {
	Twice           bool          // each is sent twice
	Backwards       bool          // the last one first
	Delay           time.Duration // by the clock of the instance, before the first try
	BeforeTheAnswer bool          // they are delivered before the answer to the request that caused them leaves
	Without2026     bool          // as until 2025: no event_occurred_at nor payload_computed_at
	CategoryAsText  bool          // the category of a motif is its short name, as one receiver says that it saw
}

// SetWebhooks chooses how they arrive from now on.
func (s *Server) SetWebhooks(w Webhooks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webhooks = w
}

// happened makes the webhooks of an event of a rdv, with what it is now.
func (s *Server) happened(event string, r *Rdv, reason string) {
	for _, e := range sorted(s.endpoints) {
		if e.organisation == r.Organisation && slices.Contains(e.subscriptions, "rdv") {
			s.enqueue(e, "Rdv", event, s.rdvShape(r), reason)
		}
	}
}

// Emit makes the webhooks of an event of anything else that an organisation may be told of, with the data that the
// test gives: a PlageOuverture, say. The subscription is what endpoints call the model: "plage_ouverture".
func (s *Server) Emit(organisation int, subscription, model, event string, data any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range sorted(s.endpoints) {
		if e.organisation == organisation && slices.Contains(e.subscriptions, subscription) {
			s.enqueue(e, model, event, data, "")
		}
	}
}

func (s *Server) enqueue(e *endpoint, model, event string, data any, reason string) {
	now := s.now()
	meta := document{{"model", model}, {"event", event}, {"webhook_reason", textOrNil(reason)}, {"timestamp", s.stamp(now)}}
	if !s.webhooks.Without2026 {
		iso := now.Format(time.RFC3339)
		meta = append(meta, field{"event_occurred_at", iso}, field{"payload_computed_at", iso})
	}
	if shape, isResource := data.(resource); isResource && s.webhooks.CategoryAsText {
		flattenCategory(shape)
	}
	d := &delivery{
		endpoint: e.id, body: written(document{{"data", data}, {"meta", meta}}), due: now.Add(s.webhooks.Delay),
	}
	s.outbox = append(s.outbox, d)
	if s.webhooks.Twice {
		again := *d
		s.outbox = append(s.outbox, &again)
	}
}

// flattenCategory is of a shape that was just made and that nobody else has.
func flattenCategory(shape resource) {
	motif, _ := shape["motif"].(resource)
	if category, is := motif["motif_category"].(resource); is {
		motif["motif_category"] = category["short_name"]
	}
}

// replay sends all that is there to a new endpoint, as created. With absences among its subscriptions the job of the
// software fails, and nothing leaves.
func (s *Server) replay(e *endpoint) {
	if slices.Contains(e.subscriptions, "absence") {
		return
	}
	if slices.Contains(e.subscriptions, "rdv") {
		for _, r := range sorted(s.rdvs) {
			if r.Organisation == e.organisation {
				s.enqueue(e, "Rdv", "created", s.rdvShape(r), "")
			}
		}
	}
	if slices.Contains(e.subscriptions, "motif") {
		for _, m := range sorted(s.motifs) {
			if m.Organisation == e.organisation {
				s.enqueue(e, "Motif", "created", m.shape(), "")
			}
		}
	}
	if slices.Contains(e.subscriptions, "lieu") {
		for _, l := range sorted(s.lieux) {
			if l.Organisation == e.organisation {
				s.enqueue(e, "Lieu", "created", l.shape(), "")
			}
		}
	}
}
