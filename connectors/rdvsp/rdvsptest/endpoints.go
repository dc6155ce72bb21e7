package rdvsptest

import (
	"net/url"
	"slices"
)

// endpoint is where an organisation wants its webhooks sent.
type endpoint struct {
	id, organisation int
	target, secret   string
	subscriptions    []string
}

// subscribable are the models that an endpoint may be told of.
var subscribable = []string{
	"rdv", "absence", "plage_ouverture", "user", "user_profile", "organisation", "motif", "lieu", "agent", "agent_role",
	"referent_assignation",
}

func (e *endpoint) shape() resource { // never with the secret
	return resource{"id": e.id, "organisation_id": e.organisation, "subscriptions": e.subscriptions, "target_url": e.target}
}

// listEndpoints is for every agent of the organisation; to write, he must be an administrator of the territory.
func (s *Server) listEndpoints(c *call) answer {
	var list []resource
	for _, e := range sorted(s.endpoints) {
		if e.organisation == c.id("organisation_id") && c.can(e.organisation) && (c.text("target_url") == "" || c.text("target_url") == e.target) {
			list = append(list, e.shape())
		}
	}
	return listed(c, "webhook_endpoints", list)
}

func (s *Server) createEndpoint(c *call) answer {
	organisation := c.id("organisation_id")
	if !c.can(organisation) || !c.agent.TerritorialAdmin {
		return forbidden()
	}
	return s.saveEndpoint(c, &endpoint{organisation: organisation, subscriptions: subscribable[:3]})
}

func (s *Server) updateEndpoint(c *call) answer {
	e, there := s.endpoints[c.id("webhook_endpoint_id")]
	switch {
	case !there || !c.can(e.organisation) || e.organisation != c.id("organisation_id"):
		return notFound("WebhookEndpoint")
	case !c.agent.TerritorialAdmin:
		return forbidden()
	}
	return s.saveEndpoint(c, e)
}

// saveEndpoint keeps what was given, and replays what is there, whatever "trigger" says: it cannot be turned off.
func (s *Server) saveEndpoint(c *call, old *endpoint) answer {
	e := *old
	if c.given["target_url"] != nil {
		e.target = c.text("target_url")
	}
	if c.given["secret"] != nil {
		e.secret = c.text("secret")
	}
	if c.given["subscriptions"] != nil {
		e.subscriptions = c.texts("subscriptions")
	}
	if wrong := s.wrongEndpoint(e); len(wrong) > 0 {
		return unprocessable(wrong...)
	}
	s.identify(&e.id)
	s.endpoints[e.id] = &e
	s.replay(&e)
	return ok(document{{"webhook_endpoint", e.shape()}})
}

func (s *Server) wrongEndpoint(e endpoint) []fieldError {
	var wrong []fieldError
	switch u, err := url.Parse(e.target); {
	case e.target == "":
		wrong = append(wrong, blank("target_url"))
	case err != nil || u.Host == "":
		wrong = append(wrong, fieldError{"target_url", "n'est pas valide", resource{"error": "invalid"}})
	}
	if e.secret == "" {
		wrong = append(wrong, blank("secret"))
	}
	for _, other := range s.endpoints {
		if other.id != e.id && other.organisation == e.organisation && other.target == e.target {
			wrong = append(wrong, fieldError{"target_url", "est déjà utilisé", resource{"error": "taken"}})
		}
	}
	const unknown = "la liste des abonnements choisis contient une ou plusieurs valeurs incorrectes"
	if slices.ContainsFunc(e.subscriptions, func(m string) bool { return !slices.Contains(subscribable, m) }) {
		wrong = append(wrong, fieldError{"base", unknown, resource{"error": unknown}})
	}
	return wrong
}
